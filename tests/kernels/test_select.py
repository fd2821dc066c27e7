"""Which interactions and customers: each kernel against a line of plain Python."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.kernels import select
from journeygraph.kernels.tiny import read_only
from tests.kernels.widths import CODE_TYPES

MISSING = np.iinfo(np.int64).min
SKIPPED = 254

rows = st.lists(st.integers(0, 3), max_size=12)
tables = st.lists(st.booleans(), min_size=4, max_size=4)
ranges = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=5)


def written(n: int) -> npt.NDArray[np.uint8]:
    return np.zeros(n, np.uint8)


@pytest.mark.parametrize("item_type", CODE_TYPES)
@pytest.mark.parametrize("code_type", CODE_TYPES)
def test_items_are_looked_up(code_type: type, item_type: type) -> None:
    codes = read_only([2, 0, 1, 2], code_type)
    items: npt.NDArray[np.integer] = np.zeros(4, item_type)
    select.label_rows(codes, read_only([7, 8, 9], item_type), items)
    assert items.tolist() == [9, 7, 8, 9]


@given(codes=rows, keeps=tables)
def test_what_a_table_does_not_keep_is_skipped(codes: list[int], keeps: list[bool]) -> None:
    items = written(len(codes))
    select.skip_rows(read_only(codes, np.uint8), read_only(keeps, np.bool_), items, SKIPPED)
    assert items.tolist() == [0 if keeps[code] else SKIPPED for code in codes]


@given(at=rows, since=st.integers(-1, 4))
def test_what_is_earlier_is_skipped(at: list[int], since: int) -> None:
    items = written(len(at))
    select.skip_before(read_only(at), since, items, SKIPPED)
    assert items.tolist() == [SKIPPED if one < since else 0 for one in at]


@given(
    values=st.lists(st.sampled_from([MISSING, MISSING + 1, -1, 0, 1, 5, 2**63 - 1])),
    least=st.sampled_from([MISSING + 1, 0, 1]),
    most=st.sampled_from([1, 5, 2**63 - 1]),
)
def test_values_outside_and_missing_are_skipped(values: list[int], least: int, most: int) -> None:
    items = written(len(values))
    select.skip_values(read_only(values), least, most, items, SKIPPED)
    assert items.tolist() == [
        0 if value != MISSING and least <= value <= most else SKIPPED for value in values
    ]


@given(customers=st.lists(rows.map(sorted), max_size=5), until=st.integers(-1, 5))
def test_rows_end_before_a_moment(customers: list[list[int]], until: int) -> None:
    starts = np.cumsum([0, *map(len, customers)])
    at = [one for times in customers for one in times]
    ends = select.end_rows(read_only(starts), read_only(at), until)
    assert ends.tolist() == [
        first + sum(one < until for one in times)
        for first, times in zip(starts[:-1].tolist(), customers, strict=True)
    ]


@given(codes=st.lists(st.integers(0, 3), min_size=12, max_size=12), wanted=tables, parts=ranges)
def test_customers_with_something_wanted_are_marked(
    codes: list[int], wanted: list[bool], parts: list[tuple[int, int]]
) -> None:
    marks = np.ones(len(parts), np.bool_)
    select.mark_customers(
        read_only(codes, np.uint16),
        read_only(wanted, np.bool_),
        read_only([first for first, _ in parts]),
        read_only([last for _, last in parts]),
        marks,
    )
    assert marks.tolist() == [any(wanted[c] for c in codes[first:last]) for first, last in parts]


@given(codes=rows)
@pytest.mark.parametrize("kind", CODE_TYPES)
def test_codes_that_occur_are_marked(codes: list[int], kind: type) -> None:
    seen = np.zeros(4, np.bool_)
    select.mark_codes(np.array(codes, kind), seen)
    assert np.flatnonzero(seen).tolist() == sorted(set(codes))


@given(marks=st.lists(st.sampled_from([0, 0, 0, 1]), max_size=40), first=st.integers(0, 2**40))
def test_marked_rows_are_listed(marks: list[int], first: int) -> None:
    listed = select.list_marked(np.array(marks, np.uint8), first)
    assert listed.tolist() == [first + row for row, mark in enumerate(marks) if mark]


@given(marks=st.lists(st.sampled_from([0, 0, 0, 1]), max_size=40), data=st.data())
@pytest.mark.parametrize("kind", CODE_TYPES)
def test_rows_with_a_code_are_listed(marks: list[int], data: st.DataObject, kind: type) -> None:
    first = data.draw(st.integers(0, len(marks)))
    last = data.draw(st.integers(first, len(marks)))
    codes = read_only([200 if mark else 3 for mark in marks], kind)
    listed = select.list_code(codes.view(np.uint8), codes.itemsize, 200, first, last)
    assert listed.tolist() == [row for row in range(first, last) if marks[row]]


def test_very_many_rows_are_listed() -> None:
    codes = read_only(np.random.default_rng(5).integers(0, 3, 20_011), np.uint8)
    listed = select.list_code(codes, 1, 2, 7, len(codes) - 1)
    expected = [row for row in range(7, len(codes) - 1) if codes[row] == 2]
    assert listed.tolist() == expected
    marks = (codes[7:-1] == 2).view(np.uint8)
    assert select.list_marked(marks, 7).tolist() == expected


ascending = st.lists(st.integers(-5, 30), max_size=20).map(sorted)


@given(rows=ascending, bounds=ascending)
def test_rows_below_each_bound(rows: list[int], bounds: list[int]) -> None:
    counts = select.count_below(np.array(rows, np.int64), np.array(bounds, np.int64))
    assert counts.tolist() == [sum(row < bound for row in rows) for bound in bounds]
