"""Visits and exits: any cut equals the whole equals the naive twin."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from journeygraph.statistics.base import total
from journeygraph.statistics.exits import EXITS, units_that_exit, units_that_visit
from tests.journeys.views import cases
from tests.naive.exits import NaiveExit, exits
from tests.statistics.sequences import Case, assert_any_cut_is_the_whole, view_and_units
from tests.statistics.walkers import DAY_US, walkers

limits = st.none() | st.sampled_from([1, DAY_US, 30 * DAY_US])


@given(
    case=cases(simultaneous=True, many_touchpoints=True), at_most=st.integers(1, 5), limit=limits
)
def test_any_cut_gives_the_naive_count(case: Case, at_most: int, limit: int | None) -> None:
    view, units = view_and_units(case)
    whole = assert_any_cut_is_the_whole(EXITS, view, at_most, inactivity_us=limit)
    assert {
        view.items[row["item"]]: NaiveExit(row["visits"], row["exits"], row["open"])
        for row in whole.to_pylist()
    } == exits(walkers(case, view, units, limit))


@given(case=cases(simultaneous=True), limit=limits)
def test_the_units_behind_a_number_are_the_units_counted(case: Case, limit: int | None) -> None:
    view, _units = view_and_units(case)
    for row in total(EXITS, view, inactivity_us=limit).to_pylist():
        assert len(units_that_visit(view, row["item"])) == row["visits"]
        assert len(units_that_exit(view, row["item"], limit)) == row["exits"]


@given(case=cases(simultaneous=True), limit=limits)
def test_every_unit_is_last_seen_once(case: Case, limit: int | None) -> None:
    view, _units = view_and_units(case)
    counts = total(EXITS, view, inactivity_us=limit)
    fates = [sum(counts[name].to_pylist()) for name in ("exits", "open", "completed")]
    assert sum(fates) == view.n_units
