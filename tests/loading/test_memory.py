"""A file several times as large as the memory that its load may take more is loaded."""

import subprocess
import sys
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet
import pytest

from tests.loading.reading import write

ALLOWED_MIB = 128
FILE_MIB = 3 * ALLOWED_MIB

LOAD = """
import sys
from journeygraph.loading.load import load

def mib(name):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) >> 10 for line in status if line.startswith(name))

load(sys.argv[1], [sys.argv[2]])  # imports and compiled code are there now
with open("/proc/self/clear_refs", "w") as peak:
    peak.write("5")
before = mib("VmRSS")
report = load(sys.argv[1], [sys.argv[3]])
print(report.accepted, mib("VmHWM") - before)
"""


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """Rows of about a KiB each, no two alike, nearly all of it kept with the row."""
    path = tmp_path_factory.mktemp("large") / "large.csv"
    filling = "".join(chr(65 + number * number % 57) for number in range(900)).replace("\\", "/")
    n_rows = 0
    with path.open("w") as file:
        file.write("customer,at,touchpoint,page\n")
        while file.tell() < FILE_MIB << 20:
            for number in range(n_rows, n_rows + 1000):
                at = f"2024-01-{number % 28 + 1:02}T{number % 24:02}:00:{number % 60:02}Z"
                file.write(f"c{number % 5000},{at},t{number % 7},{number}{filling}\n")
            n_rows += 1000
    return path, n_rows


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="asks Linux for the peak")
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_file_larger_than_its_memory_is_loaded(tmp_path, large, ending):
    path, n_rows = large
    small = write(tmp_path, "customer,at,touchpoint,page\nc1,2024-01-01,a,b\n", "small.csv")
    if ending == "parquet":
        path = as_parquet(path, tmp_path / "large.parquet")
    ended = subprocess.run(
        [sys.executable, "-c", LOAD, str(tmp_path / "store"), str(small), str(path)],
        capture_output=True,
        check=True,
        text=True,
    )
    accepted, grown_mib = map(int, ended.stdout.split())
    assert accepted == n_rows
    assert grown_mib < ALLOWED_MIB


def as_parquet(path, target):
    with (
        pyarrow.csv.open_csv(path) as batches,
        pyarrow.parquet.ParquetWriter(target, batches.schema, compression="none") as writer,
    ):
        for batch in batches:
            writer.write_batch(batch)
    return target
