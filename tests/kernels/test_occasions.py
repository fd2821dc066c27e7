"""Occasions, and what is later than so long after them, against looking at every row."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.kernels.occasions import find_later_rows, list_occasions
from tests.kernels.views import view_of

ITEMS = "abc"

moments = st.tuples(st.integers(0, 4), st.sampled_from([*ITEMS, None]))
units = st.lists(
    st.lists(moments, max_size=6).map(lambda rows: [sorted(rows, key=lambda row: row[0])]),
    max_size=5,
)


@given(view=units.map(lambda drawn: view_of(drawn, ITEMS)), later=st.integers(0, 5))
def test_occasions_and_the_rows_behind_them(view, later):
    starts, ends = view.journey_starts, view.journey_ends
    listed = list_occasions(view.item_codes, view.n_items, *view.ranges)
    expected = []
    for start, end, unit in zip(starts.tolist(), ends.tolist(), view.journey_units, strict=True):
        rows = [row for row in range(start, end) if view.item_codes[row] < view.n_items]
        expected += [
            (row, unit, place, following)
            for place, (row, following) in enumerate(zip(rows, [*rows[1:], -1], strict=False))
        ]
    assert list(zip(*(column.tolist() for column in listed), strict=True)) == expected
    rows, of, _positions, _next_rows = listed
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
