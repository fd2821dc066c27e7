"""Rows of items, against a loop that remembers the last item of each journey."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.kernels.item_rows import list_item_rows

N_ITEMS, SKIPPED, REPEATED = 3, 254, 255
codes = st.sampled_from([0, 1, 2, SKIPPED, REPEATED])
journeys = st.lists(
    st.tuples(
        st.integers(0, 2),  # rows that are of no journey
        st.sampled_from([0, 1, 2]),  # an item first: else there is nothing to repeat
        st.lists(codes, max_size=6),
        st.booleans(),  # whether a new unit begins
    ),
    max_size=8,
)


@given(journeys, st.integers(0, 8), st.integers(0, 8))
def test_rows_of_items_and_their_repeats(given_journeys: list[Any], low: int, high: int) -> None:
    rows: list[int] = []
    starts: list[int] = []
    ends: list[int] = []
    units: list[int] = []
    for gap, first, further, is_new in given_journeys:
        rows += [SKIPPED] * gap
        starts.append(len(rows))
        rows += [first, *further]
        ends.append(len(rows))
        units.append(units[-1] + is_new if units else 0)
    low, high = sorted(min(place, len(starts)) for place in (low, high))
    first_row = starts[low] if low < high else 0
    found = list_item_rows(
        np.array(rows[first_row : ends[high - 1] if low < high else 0], np.uint32), first_row,
        N_ITEMS, REPEATED, np.array(starts, np.int64), np.array(ends, np.int64),
        np.array(units, np.int32), low, high,
    )  # fmt: skip
    expected = []
    for journey in range(low, high):
        anchor = None
        for row in range(starts[journey], ends[journey]):
            if rows[row] < N_ITEMS:
                anchor = row
            if rows[row] < N_ITEMS or rows[row] == REPEATED:
                expected.append((row, anchor, units[journey], journey))
    assert list(zip(*(column.tolist() for column in found), strict=True)) == expected
