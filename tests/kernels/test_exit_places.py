"""First meetings, budgets and last places against counting them one unit after the other."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.kernels.after_drop import count_within_budgets, find_budget_ends
from journeygraph.kernels.conversion_times import find_first_behind
from journeygraph.kernels.exit_places import find_last_places, list_meetings
from tests.kernels.views import view_of
from tests.naive.exit_hazards import placed

ITEMS = "abc"
AS_POSITIONS = 0

journeys = st.lists(st.sampled_from([*ITEMS, None]), max_size=6).map(
    lambda names: list(enumerate(names))
)
views = st.lists(st.lists(journeys, max_size=3), max_size=5).map(
    lambda units: view_of(units, ITEMS)
)

# the times of each journey written out begin anew: one for each unit, where times count
views_in_time = st.lists(st.lists(journeys, max_size=1), max_size=5).map(
    lambda units: view_of(units, ITEMS)
)


def rows_of(view):
    """The leading arguments of these kernels."""
    return view.item_codes, view.n_items, view.at_us, *view.ranges


def meetings_of(view):
    """By unit the rows of its items."""
    found = [[] for _unit in view.units]
    bounds = zip(view.journey_units, view.journey_starts, view.journey_ends, strict=True)
    for unit, start, end in bounds:
        found[unit] += [row for row in range(start, end) if view.item_codes[row] < view.n_items]
    return found


@given(view=views, wanted=st.lists(st.booleans(), min_size=3, max_size=3), data=st.data())
def test_the_first_wanted_item_behind_a_row(view, wanted, data):
    behind = np.array([data.draw(st.integers(-1, 8)) for _unit in view.units], np.int64)
    found = find_first_behind(
        view.item_codes, np.array(wanted), *view.ranges, *view.block(), behind
    )
    assert found.tolist() == [
        next((row for row in rows if row > after and wanted[view.item_codes[row]]), -1)
        for rows, after in zip(meetings_of(view), behind.tolist(), strict=True)
    ]


@given(view=views, width=st.integers(0, 3))
def test_places_of_items(view, width):
    if len(view.journey_units) > len(set(view.journey_units.tolist())):
        width = AS_POSITIONS  # the times of each journey written out begin anew
    places, items = find_last_places(*rows_of(view), *view.block(), width)
    lives = [placed(unit, width or None) for unit in view.units]
    assert places.tolist() == [life[-1][0] if life else -1 for life in lives]
    assert items.tolist() == [ITEMS.index(life[-1][1]) if life else -1 for life in lives]
    codes, _n_items, *times_and_ranges = rows_of(view)
    is_wanted = np.array([name == "b" for name in ITEMS])
    units, met = list_meetings(codes, is_wanted, *times_and_ranges, *view.block()[:2], width)
    assert list(zip(units.tolist(), met.tolist(), strict=True)) == [
        (unit, place) for unit, life in enumerate(lives) for place, name in life if name == "b"
    ]


@given(view=views_in_time, n_next=st.integers(1, 3), within=st.integers(0, 4))
def test_what_is_in_a_budget(view, n_next, within):
    rows = meetings_of(view)
    anchors = np.array([of[0] if of else -1 for of in rows], np.int64)
    ends, found = find_budget_ends(*rows_of(view), *view.block(), anchors, n_next, within)
    groups = np.array([number % 3 for number in range(len(rows))], np.int8)
    counts = count_within_budgets(
        view.item_codes, view.n_items, *view.ranges, *view.block()[:3], anchors, ends, groups
    )
    expected = np.zeros((view.n_items, 2), np.int64)
    for unit, of in enumerate(rows):
        budget = []
        for row in of[1:]:
            if len(budget) == n_next or view.at_us[row] - view.at_us[of[0]] > within:
                break
            budget.append(row)
        assert found[unit] == len(budget)
        for item in {int(view.item_codes[row]) for row in budget}:
            if groups[unit] < 2:
                expected[item, groups[unit]] += 1
    assert counts.tolist() == expected.tolist()
