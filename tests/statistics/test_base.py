"""Merging: distinct keys in order, measures by their rule, whatever the cut and the keys."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.statistics.base import MergeableStatistic, merge
from journeygraph.statistics.grouping import group_rows

STATISTIC = MergeableStatistic(
    name="examples",
    keys=("key", "further"),
    measures={"added": "sum", "least": "min", "most": "max"},
    partial=lambda block: block,
)
numbers = st.integers(-(2**40), 2**40)
rows = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), numbers, numbers, numbers))


def table_of(rows: list[Any], key: pa.DataType) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * 5
    keys = [[1] * one for one in columns[0]] if pa.types.is_nested(key) else columns[0]
    arrays = [pa.array(keys, key), *(pa.array(column, pa.int64()) for column in columns[1:])]
    return pa.table(arrays, names=STATISTIC.columns)


def naive(rows: list[Any]) -> list[Any]:
    groups: dict[tuple[int, int], list[Any]] = {}
    for row in rows:
        groups.setdefault(row[:2], []).append(row)
    return [
        (*key, sum(row[2] for row in group), min(row[3] for row in group),
         max(row[4] for row in group))
        for key, group in sorted(groups.items())
    ]  # fmt: skip


@pytest.mark.parametrize("key", [pa.uint32(), pa.int64(), pa.large_list(pa.uint32())], ids=str)
@given(rows=rows, cuts=st.lists(st.integers(0, 20), max_size=3))
def test_any_cut_merges_to_the_naive_sum(key: pa.DataType, rows: Any, cuts: list[int]) -> None:
    bounds = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    parts = [rows[start:end] for start, end in zip(bounds[:-1], bounds[1:], strict=True)]
    merged = merge(STATISTIC, [table_of(part, key) for part in parts])
    assert merged.equals(table_of(naive(rows), key))
    assert merge(STATISTIC, [merged]).equals(merged)


KINDS: tuple[type[np.integer[Any]], ...] = (np.int8, np.uint8, np.int64, np.uint64)


@st.composite
def keyed(draw: st.DrawFn) -> tuple[list[np.ndarray], list[int]]:
    """Columns of keys, some with the ends of their types, and a measure."""
    n_rows = draw(st.integers(0, 100))
    keys = []
    for kind in draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=3)):
        ends = np.iinfo(kind)
        one = st.sampled_from([0, 1, 2, int(ends.min), int(ends.max)])
        keys.append(np.array(draw(st.lists(one, min_size=n_rows, max_size=n_rows)), kind))
    return keys, draw(st.lists(numbers, min_size=n_rows, max_size=n_rows))


@given(keyed())
def test_keys_of_any_type_and_range_are_grouped_as_python_groups_them(
    given: tuple[list[np.ndarray], list[int]],
) -> None:
    keys, values = given
    names = [f"key {place}" for place in range(len(keys))]
    table = pa.table([*keys, pa.array(values, pa.int64())], names=[*names, "measure"])
    columns = dict(zip(table.column_names, table.columns, strict=True))
    found = group_rows(columns, names, {"measure": "sum"})
    assert not columns
    sums: dict[tuple[int, ...], int] = {}
    for *key, value in zip(*(column.tolist() for column in keys), values, strict=True):
        sums[tuple(key)] = sums.get(tuple(key), 0) + value
    expected = [(*key, value) for key, value in sorted(sums.items())]
    assert list(zip(*(column.to_pylist() for column in found.columns), strict=True)) == expected
    assert found.schema.types == table.schema.types
