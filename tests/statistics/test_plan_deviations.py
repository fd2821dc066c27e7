"""Journeys held against plans: the naive twin says the same, and any cut is the whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph.statistics.base import total
from journeygraph.statistics.plan_codes import PlanCodes
from journeygraph.statistics.plan_deviations import PLAN_DEVIATIONS, Mark, units_marked
from journeygraph.vocabulary import STAGES
from tests.journeys.views import cases
from tests.naive.planned_map import Step, marks
from tests.statistics.sequences import Case, assert_any_cut_is_the_whole, view_and_units
from tests.strategies import CHANNELS, DAY_US, TOUCHPOINTS

limits = st.none() | st.sampled_from([1, DAY_US, 30 * DAY_US])
days = st.none() | st.integers(0, 3)


@st.composite
def plans(draw: st.DrawFn) -> list[Step]:
    steps = st.builds(
        Step,
        touchpoint=st.sampled_from([*TOUCHPOINTS[:5], "nowhere"]),
        channel=st.none() | st.sampled_from([*CHANNELS[:2], "unknown", "no channel"]),
        optional=st.booleans(), repeats=st.booleans(), within_days=days, stage=st.integers(0, 1),
    )  # fmt: skip
    return sorted(draw(st.lists(steps, min_size=1, max_size=4)), key=lambda step: step.stage)


def by_touchpoint(case: Case) -> Case:
    """Rules are about the names of another kind of item: they go with it."""
    world, options = case
    if options.get("by", "touchpoint") == "touchpoint":
        return case
    return world, {**options, "by": "touchpoint", "rules": {}}


@dataclass(frozen=True)
class Held:
    view: Any
    codes: PlanCodes
    units: Any


def held(case: Case, plan: list[Step], stage_days: list[int | None]) -> Held:
    view, units = view_and_units(case)
    items = list(view.items)
    channels = list(view.graph.channels)

    def in_us(limit: int | None) -> int | None:
        return None if limit is None else limit * DAY_US

    codes = PlanCodes(
        items=tuple(items.index(one.touchpoint) if one.touchpoint in items else -1 for one in plan),
        channels=tuple(
            None if one.channel is None
            else channels.index(one.channel) if one.channel in channels else -1
            for one in plan
        ),
        optional=tuple(one.optional for one in plan),
        repeats=tuple(one.repeats for one in plan),
        within_us=tuple(in_us(one.within_days) for one in plan),
        stages=tuple(one.stage for one in plan),
        stage_within_us=tuple(in_us(limit) for limit in stage_days),
    )  # fmt: skip
    return Held(view, codes, units)


asked = {
    "case": cases(many_touchpoints=False).map(by_touchpoint),
    "plan": plans(),
    "stage_days": st.lists(days, min_size=2, max_size=2),
    "limit": limits,
}


@settings(max_examples=12)
@given(**asked)
def test_every_mark_is_that_of_the_naive_twin(
    case: Case, plan: list[Step], stage_days: list[int | None], limit: int | None
) -> None:
    found = held(case, plan, stage_days)
    view, (world, options) = found.view, case
    limit_us = view.inactivity_us if limit is None else limit
    expected = marks(
        found.units, world, plan, stage_days, options.get("outcome"), view.as_of_us, limit_us
    )
    table = total(PLAN_DEVIATIONS, view, plan=found.codes, inactivity_us=limit)
    rows = {_named(view, row): row for row in table.to_pylist()}
    assert rows.keys() == expected.keys()
    for key, row in rows.items():
        mark = expected[key]
        assert (row["units"], row["closed"]) == (len(mark.units), len(mark.closed))
        assert (row["completed"], row["count"]) == (len(mark.completed), mark.count)
        assert (row["ratings"], row["rating_sum"]) == (len(mark.ratings), sum(mark.ratings))
        assert row["interactions"] == mark.interactions
        place = row["place"], row["stage"]
        units = units_marked(view, found.codes, Mark(row["mark"]), *place, inactivity_us=limit)
        if row["mark"] != Mark.FITNESS:
            assert set(units.tolist()) == mark.units


def _named(view: Any, row: dict[str, int]) -> tuple[str, Any]:
    mark = Mark(row["mark"])
    if mark is Mark.UNIT:
        return mark.name, None
    if mark is Mark.FITNESS:
        return mark.name, (row["place"], row["stage"])
    if mark is Mark.EXTRA:
        stage = STAGES[row["stage"] - 1] if row["stage"] else "unknown"
        return mark.name, (view.items[row["place"]], stage)
    assert row["stage"] == -1
    return mark.name, row["place"]


@settings(max_examples=5)
@given(**asked, at_most=st.integers(1, 5))
def test_any_cut_is_the_whole(
    case: Case, plan: list[Step], stage_days: list[int | None], limit: int | None, at_most: int
) -> None:
    found = held(case, plan, stage_days)
    whole = assert_any_cut_is_the_whole(
        PLAN_DEVIATIONS, found.view, at_most, plan=found.codes, inactivity_us=limit
    )
    assert whole.num_rows or not found.view.n_units
