"""Funnels: any cut equals the whole equals the naive twin, which tries everything."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.journeys import Journeys
from journeygraph.statistics.base import total
from journeygraph.statistics.funnel import (
    FUNNEL,
    Steps,
    funnel_times,
    units_that_drop,
    units_that_reach,
)
from journeygraph.statistics.quantiles import exact_quantile_us
from tests.journeys.views import cases
from tests.naive import funnel as naive
from tests.statistics.sequences import Case, assert_any_cut_is_the_whole, view_and_units
from tests.statistics.walkers import steps_of, walkers, windows


def coded(view: Journeys, names: list[set[str]], window: int | None, strict: bool) -> Steps:
    codes = tuple(tuple(view.items.index(name) for name in sorted(step)) for step in names)
    return Steps(codes=codes, window_us=window, strict=strict)


@given(
    case=cases(simultaneous=True, extreme_times=True, many_touchpoints=True),
    data=st.data(),
    window=windows,
    strict=st.booleans(),
    at_most=st.integers(1, 5),
)
def test_any_cut_gives_what_trying_everything_gives(
    case: Case, data: st.DataObject, window: int | None, strict: bool, at_most: int
) -> None:
    view, units = view_and_units(case)
    if not view.items:
        return
    names = steps_of(data, view)
    steps = coded(view, names, window, strict)
    expected = naive.answer(walkers(case, view, units), names, window, strict, view.as_of_us)
    table = assert_any_cut_is_the_whole(FUNNEL, view, at_most, steps=steps)
    rows = FUNNEL.finish(table, len(steps)).to_pylist()
    times = funnel_times(view, steps)
    for row, step, (previous, first) in zip(rows, expected, times, strict=True):
        assert (row["units"], row["dropped"], row["open"]) == (step.units, step.dropped, step.open)
        assert sorted(previous.tolist()) == step.since_previous
        assert sorted(first.tolist()) == step.since_first
        assert_median(row["median_us"], step.since_previous)
        assert_median(row["median_from_first_us"], step.since_first)


def assert_median(median: float | None, times: list[int]) -> None:
    exact = exact_quantile_us(np.array(times, np.int64), 50)
    if exact is None:
        assert median is None
    else:
        assert median is not None
        assert math.isclose(median, exact, rel_tol=0.022)


@given(case=cases(simultaneous=True), data=st.data(), window=windows, strict=st.booleans())
def test_the_units_behind_a_number_are_the_units_counted(
    case: Case, data: st.DataObject, window: int | None, strict: bool
) -> None:
    view, _units = view_and_units(case)
    if not view.items:
        return
    steps = coded(view, steps_of(data, view), window, strict)
    rows = FUNNEL.finish(total(FUNNEL, view, steps=steps), len(steps)).to_pylist()
    before: set[int] = set()
    for number, row in enumerate(rows, start=1):
        reached = set(units_that_reach(view, steps, number).tolist())
        dropped = set(units_that_drop(view, steps, number).tolist())
        assert (len(reached), len(dropped)) == (row["units"], row["dropped"])
        assert not reached & dropped
        if number > 1:
            assert reached | dropped <= before
            assert len(before) - len(reached) == row["dropped"] + row["open"]
        before = reached
