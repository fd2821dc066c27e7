"""Tasks of Spark's workers, without Spark: whole customers from batches that end anywhere."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.backends.spark_tasks import whole_customers

SIZES = st.lists(st.integers(1, 9), max_size=8)


def batches(customers: list[int], cuts: list[int]) -> list[pa.RecordBatch]:
    """Rows of customers, cut anywhere, empty batches included."""
    bounds = sorted({0, len(customers), *(cut for cut in cuts if cut < len(customers))})
    bounds = sorted([*bounds, *bounds[:2]])
    rows = list(range(len(customers)))
    return [
        pa.record_batch(
            {"customer": pa.array(customers[lo:hi], "int64"), "row": pa.array(rows[lo:hi], "int64")}
        )
        for lo, hi in zip(bounds, bounds[1:], strict=False)
    ]


@given(sizes=SIZES, cuts=st.lists(st.integers(0, 60)), at_least=st.integers(1, 12))
def test_no_customer_is_torn_and_no_row_is_lost(
    sizes: list[int], cuts: list[int], at_least: int
) -> None:
    customers = [3 * number for number, size in enumerate(sizes) for _ in range(size)]
    parts = list(whole_customers(batches(customers, cuts), at_least))
    rows: list[Any] = [row for part in parts for row in part["row"].to_pylist()]
    assert rows == list(range(len(customers)))
    seen = [set(part["customer"].to_pylist()) for part in parts]
    assert sum(map(len, seen)) == len(set(customers))


def test_one_customer_of_very_many_batches_is_looked_at_seldom() -> None:
    one = [pa.record_batch({"customer": np.zeros(1, np.int64)}) for _ in range(3000)]
    [part] = whole_customers(iter(one), 10)
    assert len(part) == 3000
