"""Visits and last items against counting them one unit after the other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from journeygraph.kernels.exits import count_visits, find_last_items, find_visitors
from tests.kernels.views import view_of
from tests.naive import exits as naive

ITEMS = "abc"

journeys = st.lists(st.sampled_from([*ITEMS, None]), max_size=6).map(
    lambda names: list(enumerate(names))
)
views = st.lists(st.lists(journeys, max_size=3), max_size=5).map(
    lambda units: view_of(units, ITEMS)
)


@given(view=views)
def test_visits_count_each_unit_once(view):
    visits = count_visits(view.item_codes, view.n_items, *view.ranges, *view.block()[:2])
    assert visits.tolist() == [
        sum(naive.meets(unit, name) for unit in view.units) for name in ITEMS
    ]


@given(view=views)
def test_the_last_item_of_each_unit(view):
    last_items = find_last_items(view.item_codes, view.n_items, *view.ranges, *view.block())
    names = [None if code < 0 else ITEMS[code] for code in last_items]
    assert names == [naive.last_item(unit) for unit in view.units]


@given(view=views, cut=st.integers(0, 5))
def test_the_visitors_of_an_item_in_two_blocks(view, cut):
    cut = min(cut, view.n_units)
    for code, name in enumerate(ITEMS):
        found = []
        for units in ((0, cut), (cut, view.n_units)):
            part = find_visitors(view.item_codes, *view.ranges, *view.block(units), code)
            found.extend(part.tolist())
        assert found == [naive.meets(unit, name) for unit in view.units]
