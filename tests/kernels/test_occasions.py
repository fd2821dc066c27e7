"""Occasions, and what is later than so long after them, against looking at every row."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph.kernels.occasions import (
    MOST_POSITION,
    are_any_at_most,
    count_occasions,
    find_later_rows,
    find_marked_rows,
    list_occasions,
    moments_of,
    sum_rows,
)
from tests.kernels.views import view_of

ITEMS = "abc"

moments = st.tuples(st.integers(0, 4), st.sampled_from([*ITEMS, None]))
units = st.lists(
    st.lists(moments, max_size=6).map(lambda rows: [sorted(rows, key=lambda row: row[0])]),
    max_size=5,
)


def listed(view, within_us):
    """Rows, units, positions, items and next items of all occasions."""
    n_occasions = count_occasions(view.item_codes, view.n_items, *view.ranges[:2])
    types = (np.int32, np.int32, np.uint8, view.item_codes.dtype, view.item_codes.dtype)
    columns = [np.empty(n_occasions, one) for one in types]
    list_occasions(view.item_codes, view.n_items, *view.ranges, view.at_us, within_us, *columns)
    return columns


@given(view=units.map(lambda drawn: view_of(drawn, ITEMS)), later=st.integers(0, 5))
def test_occasions_and_the_rows_behind_them(view, later):
    starts, ends = view.journey_starts, view.journey_ends
    codes, at_us = view.item_codes.tolist(), view.at_us.tolist()
    expected = []
    for start, end, unit in zip(starts.tolist(), ends.tolist(), view.journey_units, strict=True):
        rows = [row for row in range(start, end) if codes[row] < view.n_items]
        for place, row in enumerate(rows):
            soon = [one for one in rows[place + 1 : place + 2] if at_us[one] - at_us[row] <= later]
            expected.append((row, unit, place, codes[row], *[codes[one] for one in soon]))
            expected[-1] += () if soon else (view.n_items,)
    columns = listed(view, later)
    assert list(zip(*(column.tolist() for column in columns), strict=True)) == expected
    rows, of = columns[0].astype(np.int64), columns[1]
    assert moments_of(columns[0], view.at_us).tolist() == [at_us[row] for row in rows.tolist()]
    unit_starts, unit_ends = np.zeros(view.n_units, np.int64), np.zeros(view.n_units, np.int64)
    unit_starts[view.journey_units], unit_ends[view.journey_units] = starts, ends
    found = find_later_rows(rows, of, unit_starts, unit_ends, view.at_us, later)
    for row, unit, behind in zip(rows.tolist(), of.tolist(), found.tolist(), strict=True):
        after = [
            one
            for one in range(row + 1, int(unit_ends[unit]))
            if view.at_us[one] > view.at_us[row] + later
        ]
        assert behind == (after[0] if after else unit_ends[unit])


def test_a_position_stays_what_its_type_holds():
    view = view_of([[[(0, "a")] * 300]], ITEMS)
    assert listed(view, 0)[2].tolist() == [min(place, MOST_POSITION) for place in range(300)]


@settings(max_examples=30)
@given(
    numbers=st.lists(st.integers(0, 3), max_size=8), cuts=st.lists(st.integers(0, 8), max_size=6)
)
def test_what_ranges_of_rows_hold(numbers, cuts):
    cuts = sorted(min(cut, len(numbers)) for cut in cuts)
    pairs = list(pairwise(cuts))
    starts, ends = np.array(pairs, np.int64).reshape(-1, 2).T.copy()
    rows, parts = np.array(numbers, np.int64), [numbers[start:end] for start, end in pairs]
    marked = find_marked_rows(starts, ends, rows == 2)
    assert marked.tolist() == [
        start + part.index(2) if 2 in part else -1
        for (start, _end), part in zip(pairs, parts, strict=True)
    ]
    assert are_any_at_most(starts, ends, rows, 1).tolist() == [
        any(number <= 1 for number in part) for part in parts
    ]
    assert sum_rows(starts, ends, rows, 3).tolist() == [
        sum(number for number in part if number != 3) for part in parts
    ]
