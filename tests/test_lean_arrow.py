"""pandas is imported when it is wanted, not when an array is made."""

import subprocess
import sys

import pytest

USE = """
import sys
from journeygraph.lean_arrow import leave_pandas_out

leave_pandas_out()
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

column = pc.fill_null(pa.array(np.arange(3)), 0)
pq.write_table(pa.table({"n": column}), sys.argv[1])
assert pq.read_table(sys.argv[1])["n"].to_numpy().sum() == 3
assert "pandas" not in sys.modules
"""
LOAD = """
import sys
from journeygraph.lean_arrow import leave_pandas_out
from journeygraph.loading.load import load

leave_pandas_out()
load(sys.argv[1] + ".store", [sys.argv[1] + ".csv"])
assert "pandas" not in sys.modules
"""
LATER = """
frame = pq.read_table(sys.argv[1]).to_pandas()
assert frame["n"].tolist() == [0, 1, 2]
import pandas
assert pa.Table.from_pandas(frame)["n"].to_pylist() == [0, 1, 2]
assert pa.array(pandas.Series([1.0, None])).to_pylist() == [1.0, None]
"""
FROM_PANDAS_FIRST = """
import pandas
assert pa.Table.from_pandas(pandas.DataFrame({"n": [1]}))["n"].to_pylist() == [1]
"""


def run(code, path):
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)


@pytest.mark.parametrize("code", [USE, USE + LATER, USE + FROM_PANDAS_FIRST, LOAD])
def test_pandas_comes_when_it_is_wanted(tmp_path, code):
    (tmp_path / "data.csv").write_text("customer,at,touchpoint\nc1,2024-01-01,a\n")
    run(code, tmp_path / "data")


def test_where_pandas_is_it_stays(tmp_path):
    here = USE.replace('assert "pandas" not in sys.modules', 'assert "pandas" in sys.modules')
    run("import pandas\n" + here, tmp_path / "data")
