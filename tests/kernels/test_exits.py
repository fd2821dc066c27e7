"""Visits and last items against counting them one unit after the other."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.kernels.exits import survey_visits
from journeygraph.kernels.tiny import read_only
from tests.kernels.views import view_of
from tests.kernels.widths import CODE_TYPES
from tests.naive import exits as naive

ITEMS = "abc"

journeys = st.lists(st.sampled_from([*ITEMS, None]), max_size=6).map(
    lambda names: list(enumerate(names))
)
views = st.lists(st.lists(journeys, max_size=3), max_size=5).map(
    lambda units: view_of(units, ITEMS)
)


@given(view=views, cut=st.integers(0, 5), kind=st.sampled_from(CODE_TYPES))
def test_visits_count_each_unit_once_and_its_last_item(view, cut, kind):
    cut = min(cut, view.n_units)
    codes = read_only(view.item_codes, kind)
    visits, last_items = np.zeros(view.n_items, np.int64), []
    for units in ((0, cut), (cut, view.n_units)):
        journeys_lo, journeys_hi, *unit_bounds = view.block(units)
        starts, ends, journey_units = view.ranges
        part, of_units = survey_visits(
            codes.view(np.uint8), codes.itemsize, view.n_items, starts, ends,
            journeys_lo, journeys_hi, journey_units, *unit_bounds,
        )  # fmt: skip
        visits += part
        last_items.extend(of_units.tolist())
    assert visits.tolist() == [
        sum(naive.meets(unit, name) for unit in view.units) for name in ITEMS
    ]
    names = [None if code < 0 else ITEMS[code] for code in last_items]
    assert names == [naive.last_item(unit) for unit in view.units]
