"""Units held against a plan one by one, as docs/journey-map.md words it."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import Any

from tests.naive.journey_map import items_of, rating
from tests.naive.journeys import Interaction, Unit, is_open, outcomes_of
from tests.strategies import DAY_US, World

__all__ = ["NaiveMark", "Step", "align", "marks"]


@dataclass(frozen=True, kw_only=True)
class Step:
    touchpoint: str
    channel: str | None = None
    optional: bool = False
    repeats: bool = False
    within_days: int | None = None
    stage: int = 0


@dataclass
class NaiveMark:
    units: set[int] = field(default_factory=set)
    closed: set[int] = field(default_factory=set)
    completed: set[int] = field(default_factory=set)
    count: int = 0
    ratings: list[int] = field(default_factory=list)  # of closed units
    interactions: int = 0


def align(
    fits: Sequence[Sequence[bool]], plan: Sequence[Step], is_open: bool
) -> tuple[int, tuple[int | None, ...]]:
    """The least cost, and the step that takes up each item: the earliest there is, item by item."""
    n_steps = len(plan)
    unmet = [0 if step.optional else 1 for step in plan]

    @cache
    def best(item: int, step: int, may_repeat: bool) -> tuple[int, tuple[float, ...]]:
        if item == len(fits):
            return 0 if is_open else sum(unmet[step:]), ()
        cost, rest = best(item + 1, step, may_repeat)
        ways = [(cost + 1, (math.inf, *rest))]
        for taken in range(step, n_steps):
            if fits[item][taken]:
                cost, rest = best(item + 1, taken + 1, plan[taken].repeats)
                ways.append((cost + sum(unmet[step:taken]), (taken, *rest)))
        if may_repeat and fits[item][step - 1]:
            cost, rest = best(item + 1, step, True)
            ways.append((cost, (step - 1, *rest)))
        return min(ways)

    cost, taken = best(0, 0, False)
    return cost, tuple(None if step == math.inf else int(step) for step in taken)


def marks(
    units: Sequence[Unit],
    world: World,
    plan: Sequence[Step],
    stage_days: Sequence[int | None],
    rule: Any,
    as_of: int,
    limit_us: int,
) -> dict[tuple[str, Any], NaiveMark]:
    """By what is said and where: the units of whom it is, and what the closed ones felt."""
    found: dict[tuple[str, Any], NaiveMark] = defaultdict(NaiveMark)
    for number, unit in enumerate(units):
        unit_is_open = is_open(unit, as_of, limit_us)
        met = list(items_of(unit))
        said = [rating(one, world, "emotion") for _, parts in met for one in parts]
        for key, times in _said(met, plan, stage_days, unit_is_open):
            mark = found[key]
            mark.count += times
            mark.units.add(number)
            if not unit_is_open:
                mark.closed.add(number)
                mark.ratings.extend(one for one in said if one is not None)
                mark.interactions += len(said)
                if outcomes_of(unit, rule, world):
                    mark.completed.add(number)
    return dict(found)


Met = list[tuple[str, list[Interaction]]]


def _said(
    met: Met, plan: Sequence[Step], stage_days: Sequence[int | None], unit_is_open: bool
) -> list[tuple[tuple[str, Any], int]]:
    """What is said of a unit, and how often."""
    items = [(name, parts[0]) for name, parts in met]
    fits = [
        [name == step.touchpoint and step.channel in (None, one.channel) for step in plan]
        for name, one in items
    ]
    cost, taken = align(fits, plan, unit_is_open)
    by_step = [
        [items[item][1] for item, of in enumerate(taken) if of == step] for step in range(len(plan))
    ]
    left = [
        any(fits[item][step] for item, of in enumerate(taken) if of is None)
        for step in range(len(plan))
    ]
    said = [
        ("UNIT", None),
        *_steps(by_step, left, unit_is_open),
        *_times(by_step, plan),
        *_stages(by_step, plan, stage_days),
    ]
    if cost == 0 and not {"LATE", "STAGE_LATE"} & {name for name, _ in said}:
        said.append(("FOLLOWS", 0 if unit_is_open else 1))
    most = len(items) + (0 if unit_is_open else sum(not step.optional for step in plan))
    said += [("FITNESS", (cost, most)), ("BAND", int(4 * Fraction(most - cost, most)))]
    extras = [(name, one.stage) for item, (name, one) in enumerate(items) if not any(fits[item])]
    counted = [(("EXTRA", place), times) for place, times in Counter(extras).items()]
    return [*((key, 0) for key in said), *counted]


def _steps(
    by_step: list[list[Interaction]], left: list[bool], unit_is_open: bool
) -> Iterator[tuple[str, Any]]:
    last_met = max((step for step, ones in enumerate(by_step) if ones), default=-1)
    for step, ones in enumerate(by_step):
        if ones:
            yield "MET", step
            if left[step]:
                yield "REPEATED", step
        elif left[step]:
            yield "OUT_OF_ORDER", step
        else:
            yield "NOT_YET" if unit_is_open and step > last_met else "SKIPPED", step


def _times(by_step: list[list[Interaction]], plan: Sequence[Step]) -> Iterator[tuple[str, Any]]:
    last = None
    for step, (ones, planned) in enumerate(zip(by_step, plan, strict=True)):
        if ones and last is not None and planned.within_days is not None:
            yield "TIMED", step
            if ones[0].at - last.at > planned.within_days * DAY_US:
                yield "LATE", step
        last = ones[-1] if ones else last


def _stages(
    by_step: list[list[Interaction]], plan: Sequence[Step], stage_days: Sequence[int | None]
) -> Iterator[tuple[str, Any]]:
    for stage, days in enumerate(stage_days):
        ones = [one for step, ones in enumerate(by_step) if plan[step].stage == stage
                for one in ones]  # fmt: skip
        if ones:
            yield "STAGE_MET", stage
        if ones and days is not None:
            yield "STAGE_TIMED", stage
            if ones[-1].at - ones[0].at > days * DAY_US:
                yield "STAGE_LATE", stage
