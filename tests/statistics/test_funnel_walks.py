"""Funnels with conditions: any cut equals the whole equals the twin, which tries everything."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.cohorts import Where
from journeygraph.journeys import Journeys
from journeygraph.kernels import funnel_walks as kernels
from journeygraph.statistics.base import total
from journeygraph.statistics.funnel import FUNNEL, Steps
from journeygraph.statistics.funnel_plan import FunnelPlan, PlannedExclusion, PlannedStep
from journeygraph.statistics.funnel_walks import (
    FUNNEL_WALKS,
    Fate,
    StepCounts,
    WalkGroups,
    counts_of,
    units_with_fate,
    walk_times,
)
from tests.journeys.views import cases
from tests.naive import funnel_walks as naive
from tests.naive import journeys as naive_journeys
from tests.statistics.sequences import Case, assert_any_cut_is_the_whole, view_and_units
from tests.strategies import DAY_US

ENTRIES = {"best": kernels.BEST, "first": kernels.FIRST, "every": kernels.EVERY}
LIMITS = st.sampled_from([naive.FAR, naive.FAR, 3, DAY_US // 24, DAY_US, 7 * DAY_US, 30 * DAY_US])
WHERES: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [{}, {}, {}, {"channels": ["unknown"]}, {"min_value": 1}]
)


def some(view: Journeys) -> st.SearchStrategy[set[str]]:
    return st.sets(st.sampled_from(view.items), min_size=1, max_size=3)


@st.composite
def plans(draw: st.DrawFn, view: Journeys) -> naive.Plan:
    size = draw(st.integers(1, 4))
    steps = [
        naive.Step(
            items=draw(some(view)),
            where=draw(WHERES),
            is_next=number > 0 and draw(st.sampled_from([False, False, True])),
            within=draw(LIMITS) if number else naive.FAR,
            optional=0 < number < size - 1 and draw(st.booleans()),
        )
        for number in range(size)
    ]
    required = [number for number, step in enumerate(steps) if not step.optional]
    exclusions = []
    for _ in range(draw(st.integers(0, 2)) if size > 1 else 0):
        after = draw(st.sampled_from(required[:-1]))
        before = draw(st.sampled_from([number for number in required if number > after]))
        exclusions.append(
            naive.Exclusion(
                items=draw(some(view)), after=after, before=before, where=draw(WHERES),
                leaves=draw(st.booleans()),
            )
        )  # fmt: skip
    is_any = draw(st.sampled_from([False, False, True]))
    if is_any:
        steps = [naive.Step(items=step.items, where=step.where) for step in steps]
    return naive.Plan(
        steps=steps,
        window=draw(LIMITS),
        is_any=is_any,
        entry=draw(st.sampled_from(sorted(ENTRIES))),
        exclusions=[] if is_any else exclusions,
        session=draw(st.sampled_from([None, None, "session"])),
        gap=draw(st.sampled_from([None, None, DAY_US, 3])),
        held=draw(st.sampled_from([(), (), (), ("channel",), ("channel", "session")])),
    )


def limit(length: int) -> int | None:
    return None if length == naive.FAR else length


def where(given: dict[str, Any]) -> Where | None:
    return Where(**given) if given else None


def coded(view: Journeys, plan: naive.Plan) -> FunnelPlan:
    def codes(names: set[str]) -> tuple[int, ...]:
        return tuple(view.items.index(name) for name in sorted(names))

    return FunnelPlan(
        steps=tuple(
            PlannedStep(
                codes=codes(step.items), where=where(step.where), is_next=step.is_next,
                within_us=limit(step.within), is_optional=step.optional,
            )
            for step in plan.steps
        ),
        window_us=limit(plan.window),
        is_any=plan.is_any,
        entry=ENTRIES[plan.entry],
        exclusions=tuple(
            PlannedExclusion(
                codes=codes(one.items), after=one.after, before=one.before,
                where=where(one.where), leaves=one.leaves,
            )
            for one in plan.exclusions
        ),
        session_column=plan.session,
        session_gap_us=plan.gap,
        held=tuple(plan.held),
    )  # fmt: skip


def asked(case: Case, data: st.DataObject) -> tuple[Journeys, list[naive.Unit], naive.Plan] | None:
    view, units = view_and_units(case)
    if not view.items:
        return None
    found = [
        naive.unit_of(unit, naive_journeys.is_open(unit, view.as_of_us, view.inactivity_us))
        for unit in units
    ]
    if max([len(journey) for unit in found for journey in unit.journeys], default=0) > 12:
        return None  # the twin lists every choice
    return view, found, data.draw(plans(view))


@given(case=cases(simultaneous=True, extreme_times=True), data=st.data(), at_most=st.integers(1, 5))
def test_any_cut_gives_what_trying_everything_gives(
    case: Case, data: st.DataObject, at_most: int
) -> None:
    drawn = asked(case, data)
    if drawn is None:
        return
    view, units, plan = drawn
    walks = naive.walks_of(units, plan, view.as_of_us)
    steps = coded(view, plan)
    table = assert_any_cut_is_the_whole(FUNNEL_WALKS, view, at_most, plan=steps)
    found = counts_of(table, len(steps))
    assert found.left == sum(walk.left for walk in walks)
    times = walk_times(view, steps)
    for number, (expected, (previous, first)) in enumerate(
        zip(naive.counts(walks, plan), times, strict=True)
    ):
        assert found.reached[number] == expected["reached"]
        assert (found.open[number], found.gone[number]) == (expected["open"], expected["gone"])
        assert sorted(previous.tolist()) == expected["previous"]
        assert sorted(first.tolist()) == expected["first"]
        assert found.since_previous[number].sum() == len(expected["previous"])
        reached = sorted({walk.unit for walk in walks if not walk.left and number in walk.reached})
        assert units_with_fate(view, steps, Fate.REACHED, number + 1).tolist() == reached


def reached(view: Journeys, plan: naive.Plan) -> StepCounts:
    steps = coded(view, plan)
    return counts_of(total(FUNNEL_WALKS, view, plan=steps), len(steps))


@given(case=cases(simultaneous=True), data=st.data(), strict=st.booleans(), window=LIMITS)
def test_without_conditions_it_is_the_plain_funnel(
    case: Case, data: st.DataObject, strict: bool, window: int
) -> None:
    view, _units = view_and_units(case)
    if not view.items:
        return
    names = data.draw(st.lists(some(view), min_size=1, max_size=4))
    plan = naive.Plan(
        steps=[naive.Step(items=step, is_next=strict) for step in names], window=window
    )
    steps = coded(view, plan)
    plain = Steps(
        codes=tuple(step.codes for step in steps.steps), window_us=limit(window), strict=strict
    )
    rows = FUNNEL.finish(total(FUNNEL, view, steps=plain), len(plain))
    ours = reached(view, plan)
    assert ours.reached.tolist() == rows["units"].to_pylist()
    assert ours.open.tolist() == rows["open"].to_pylist()
    assert ours.gone.tolist() == rows["dropped"].to_pylist()


@given(case=cases(simultaneous=True), data=st.data())
def test_what_asks_less_never_loses_a_unit(case: Case, data: st.DataObject) -> None:
    drawn = asked(case, data)
    if drawn is None:
        return
    view, _units, plan = drawn
    plan = replace(plan, entry="best")
    before = reached(view, plan)
    if plan.exclusions:
        fewer = replace(plan, exclusions=plan.exclusions[1:])
        assert (reached(view, fewer).reached >= before.reached).all()
    counting = [replace(one, leaves=False) for one in plan.exclusions]
    gentle = replace(plan, exclusions=counting)
    kept = reached(view, gentle).reached
    assert (kept >= before.reached).all()
    assert (reached(view, replace(gentle, window=naive.FAR)).reached >= kept).all()
    loose = [replace(step, within=naive.FAR) for step in plan.steps]
    assert (reached(view, replace(gentle, steps=loose)).reached >= kept).all()
    eventual = [replace(step, is_next=False) for step in plan.steps]
    assert (reached(view, replace(gentle, steps=eventual)).reached >= kept).all()
    required = [replace(step, optional=False) for step in plan.steps]
    assert (reached(view, replace(gentle, steps=required)).reached <= kept).all()
    first = reached(view, replace(gentle, entry="first")).reached
    every = reached(view, replace(gentle, entry="every")).reached
    assert (first <= kept).all()
    assert first[0] == kept[0] <= every[0]


@given(case=cases(simultaneous=True), data=st.data())
def test_who_goes_in_order_goes_in_any_order(case: Case, data: st.DataObject) -> None:
    drawn = asked(case, data)
    if drawn is None:
        return
    view, _units, plan = drawn
    plain = [naive.Step(items=step.items) for step in plan.steps]
    ordered = naive.Plan(steps=plain, window=plan.window)
    some_order = reached(view, replace(ordered, is_any=True)).reached
    assert (some_order >= reached(view, ordered).reached).all()
    turned = replace(ordered, is_any=True, steps=plain[::-1])
    assert reached(view, turned).reached.tolist() == some_order.tolist()


@given(case=cases(simultaneous=True), data=st.data())
def test_sessions_are_what_a_split_makes(case: Case, data: st.DataObject) -> None:
    world, options = case
    bare = {key: value for key, value in options.items() if key not in ("split", "rules")}
    whole, _units = view_and_units((world, {**bare, "unit": "customer"}))
    cut, _units = view_and_units(
        (world, {**bare, "unit": "customer", "split": {"inactivity_us": DAY_US}})
    )
    if not whole.items:
        return
    plan = replace(data.draw(plans(whole)), session=None, gap=None, held=())
    within = replace(plan, gap=DAY_US)
    ours, theirs = reached(whole, within), reached(cut, plan)
    assert ours.reached.tolist() == theirs.reached.tolist()
    assert (ours.left, ours.open.tolist()) == (theirs.left, theirs.open.tolist())


@given(case=cases(simultaneous=True), data=st.data(), step=st.sampled_from([-1, 0]))
def test_groups_add_up_to_the_whole(case: Case, data: st.DataObject, step: int) -> None:
    drawn = asked(case, data)
    if drawn is None:
        return
    view, _units, plan = drawn
    steps = coded(view, plan)
    whole = counts_of(total(FUNNEL_WALKS, view, plan=steps), len(steps))
    second = np.arange(view.n_units) % 2 == 0
    for groups in (
        WalkGroups(column="channel", step=step),
        WalkGroups(column="touchpoint", step=len(steps) - 1),
        WalkGroups(since_us=5),
        WalkGroups(in_second=second),
    ):
        table = total(FUNNEL_WALKS, view, plan=steps, groups=groups)
        found = [
            counts_of(table, len(steps), {group})
            for group in sorted(set(table["group"].to_pylist()))
        ]
        for name in ("reached", "open", "gone", "since_previous", "since_first"):
            added = sum((getattr(one, name) for one in found), np.zeros_like(getattr(whole, name)))
            assert (added == getattr(whole, name)).all()
        assert sum(one.left for one in found) == whole.left


@pytest.mark.parametrize("threads", ["1", "2", "3"])
def test_any_number_of_threads_gives_the_same(
    threads: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.strategies import World

    rows = [
        (str(customer), 1_000 * place, "abc"[(customer * place) % 3], None, None, None)
        for customer in range(3_000)
        for place in range(1, 40)
    ]
    view = World(rows=rows).graph.journeys()
    plan = naive.Plan(
        steps=[naive.Step({"a"}), naive.Step({"b"}, within=3_000), naive.Step({"c"})],
        window=9_000,
    )
    monkeypatch.setenv("JOURNEYGRAPH_THREADS", "1")
    one = total(FUNNEL_WALKS, view, plan=coded(view, plan))
    monkeypatch.setenv("JOURNEYGRAPH_THREADS", threads)
    assert total(FUNNEL_WALKS, view, plan=coded(view, plan)).equals(one)
