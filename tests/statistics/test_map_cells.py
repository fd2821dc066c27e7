"""Cells of the journey map and ratings: any cut equals the whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.statistics.base import total
from journeygraph.statistics.map_cells import (
    FATES,
    MAP_CELLS,
    units_last_in_cell,
    units_that_meet_cell,
)
from journeygraph.statistics.ratings import RATINGS, Rating
from tests.journeys.views import cases
from tests.statistics.sequences import Case, assert_any_cut_is_the_whole, view_and_units
from tests.statistics.walkers import DAY_US

limits = st.none() | st.sampled_from([1, DAY_US, 30 * DAY_US])


@given(case=cases(many_touchpoints=True), at_most=st.integers(1, 5), limit=limits)
def test_cells_of_any_cut_are_the_whole(case: Case, at_most: int, limit: int | None) -> None:
    view, _units = view_and_units(case)
    whole = assert_any_cut_is_the_whole(MAP_CELLS, view, at_most, inactivity_us=limit)
    assert whole.num_rows or not view.n_units


@pytest.mark.parametrize("by", [(), ("stage",), ("item",), ("stage", "item")])
@given(case=cases(), at_most=st.integers(1, 5), rating=st.sampled_from(Rating))
def test_ratings_of_any_cut_are_the_whole(
    by: tuple[str, ...], case: Case, at_most: int, rating: Rating
) -> None:
    view, _units = view_and_units(case)
    whole = assert_any_cut_is_the_whole(RATINGS, view, at_most, rating=rating, by=by)
    alone = total(RATINGS, view, rating=rating)
    for name in ("interactions", "ratings", "rating_sum"):
        assert sum(whole[name].to_pylist()) == sum(alone[name].to_pylist())


@given(case=cases(), limit=limits)
def test_the_units_behind_a_number_are_the_units_counted(case: Case, limit: int | None) -> None:
    view, _units = view_and_units(case)
    for row in total(MAP_CELLS, view, inactivity_us=limit).to_pylist():
        place = row["stage"], None if row["item"] < 0 else row["item"]
        assert len(units_that_meet_cell(view, *place)) == row["units"]
        for fate in FATES:
            assert len(units_last_in_cell(view, *place, fate, limit)) == row[fate]
