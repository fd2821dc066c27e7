"""Walks through steps with conditions against every choice of occurrences there is."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.kernels.funnel_walks import BEST, EVERY, FIRST, follow_walks
from journeygraph.kernels.tiny import read_only
from journeygraph.statistics.funnel_plan import FunnelPlan, PlannedExclusion, PlannedStep
from tests.naive import funnel_walks as naive
from tests.naive.journeys import Interaction

ITEMS = "abcd"
AS_OF = 12
ENTRIES = {"best": BEST, "first": FIRST, "every": EVERY}
classes = st.sets(st.sampled_from(ITEMS), min_size=1, max_size=3)
lengths = st.sampled_from([naive.FAR, naive.FAR, 0, 1, 3, 6])
parts = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(ITEMS)), max_size=8)


@st.composite
def units(draw):
    """Units of up to two journeys each: (after so long, item), and whether they are open."""
    found, row = [], 0
    for number in range(draw(st.integers(0, 3))):
        journeys = []
        for _ in range(draw(st.integers(1, 2))):
            at, items = 0, []
            for wait, name in draw(parts):
                at += wait
                one = Interaction(row, at, 0, name, "web", "unknown", "unknown", None, {})
                items.append(naive.Item(row, at, name, one))
                row += 1
            journeys.append(items)
        found.append(naive.Unit(str(number), journeys, draw(st.booleans())))
    return found


@st.composite
def plans(draw):
    size, is_any = draw(st.integers(1, 4)), draw(st.sampled_from([False, False, True]))
    steps = [
        naive.Step(
            items=draw(classes),
            is_next=not is_any and number > 0 and draw(st.booleans()),
            within=draw(lengths) if number and not is_any else naive.FAR,
            optional=not is_any and 0 < number < size - 1 and draw(st.booleans()),
        )
        for number in range(size)
    ]
    required = [number for number, step in enumerate(steps) if not step.optional]
    exclusions = []
    if not is_any and size > 1:
        for _ in range(draw(st.integers(0, 2))):
            after = draw(st.sampled_from(required[:-1]))
            before = draw(st.sampled_from([number for number in required if number > after]))
            exclusions.append(
                naive.Exclusion(items=draw(classes), after=after, before=before,
                                leaves=draw(st.booleans()))
            )  # fmt: skip
    return naive.Plan(
        steps=steps, window=draw(lengths), is_any=is_any,
        entry=draw(st.sampled_from(sorted(ENTRIES))), exclusions=exclusions,
    )  # fmt: skip


def limit(length):
    return None if length == naive.FAR else length


def planned(plan):
    return FunnelPlan(
        steps=tuple(
            PlannedStep(codes=(), is_next=step.is_next, within_us=limit(step.within),
                        is_optional=step.optional)
            for step in plan.steps
        ),
        window_us=limit(plan.window), is_any=plan.is_any, entry=ENTRIES[plan.entry],
        exclusions=tuple(
            PlannedExclusion(codes=(), after=one.after, before=one.before, leaves=one.leaves)
            for one in plan.exclusions
        ),
    )  # fmt: skip


def bits(asked, item):
    return sum(1 << number for number, one in enumerate(asked) if one.met_by(item))


@given(units=units(), plan=plans())
def test_walks_are_what_trying_everything_finds(units, plan):
    every = [
        (number, [
            (item, place, bits(plan.steps, item), bits(plan.exclusions, item))
            for place, item in enumerate(part)
            if bits(plan.steps, item) or bits(plan.exclusions, item)
        ])
        for number, unit in enumerate(units) for part in unit.journeys
    ]  # fmt: skip
    every = [(number, part) for number, part in every if part]
    records = [record for _, part in every for record in part]
    coded = planned(plan)
    passages = tuple(read_only(array, array.dtype) for array in coded.passages())
    numbers, reached, alive, left, met_rows = follow_walks(
        read_only([item.row for item, *_ in records]),
        (
            read_only([item.at for item, *_ in records]),
            read_only([steps for _, _, steps, _ in records]),
            read_only([exclusions for *_, exclusions in records]),
            read_only([place for _, place, *_ in records]),
        ),
        read_only(np.cumsum([0, *(len(part) for _, part in every)])),
        read_only([number for number, _ in every]), 0,
        read_only([unit.is_open for unit in units], np.bool_), passages, len(coded),
        coded.limit_us, AS_OF, coded.entry, coded.is_any, coded.every_exclusion,
        read_only(coded.leaving()),
    )  # fmt: skip
    walks = naive.walks_of(units, plan, AS_OF)
    assert numbers.tolist() == [walk.unit for walk in walks]
    assert reached.tolist() == [sum(1 << step for step in walk.reached) for walk in walks]
    assert left.tolist() == [walk.left for walk in walks]
    for walk, still, rows in zip(walks, alive.tolist(), met_rows.tolist(), strict=True):
        assert still == sum(1 << step for step in walk.alive)
        met = [walk.met.get(step) for step in range(len(plan.steps))]
        assert rows == [-1 if item is None else item.row for item in met]
