"""Funnels with conditions by trying everything: every choice of occurrences, as the page words it.

Valid on small data only: all choices of all steps are listed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from tests.naive import journeys as naive

__all__ = ["Exclusion", "Item", "Plan", "Step", "Unit", "Walk", "counts", "unit_of", "walks_of"]

FAR = 1 << 62


@dataclass(frozen=True)
class Item:
    row: int  # in the total order of the customer
    at: int
    name: str
    facts: naive.Interaction
    members: tuple[naive.Interaction, ...] = ()  # of a set, the first too

    def meets(self, where: dict[str, Any]) -> bool:
        """Whether an interaction of it does."""
        return any(naive.meets(one, where) for one in self.members or (self.facts,))


@dataclass(frozen=True)
class Step:
    items: set[str]
    where: dict[str, Any] = field(default_factory=dict)
    is_next: bool = False
    within: int = FAR
    optional: bool = False

    def met_by(self, item: Item) -> bool:
        return item.name in self.items and item.meets(self.where)


@dataclass(frozen=True)
class Exclusion:
    items: set[str]
    after: int
    before: int
    where: dict[str, Any] = field(default_factory=dict)
    leaves: bool = False

    def met_by(self, item: Item) -> bool:
        return item.name in self.items and item.meets(self.where)


@dataclass(frozen=True)
class Plan:
    steps: Sequence[Step]
    window: int = FAR
    is_any: bool = False
    entry: str = "best"
    exclusions: Sequence[Exclusion] = ()
    session: str | None = None
    gap: int | None = None
    held: Sequence[str] = ()


@dataclass(frozen=True)
class Unit:
    customer: str
    journeys: list[list[Item]]
    is_open: bool


@dataclass
class Walk:
    unit: int
    reached: set[int]
    alive: set[int]
    left: bool
    met: dict[int, Item]


Choice = list[tuple[int, int]]
"""(position in the part, step) of each step met."""


def unit_of(unit: naive.Unit, is_open: bool) -> Unit:
    rows = {one.arrival: row for row, one in enumerate(unit.history)}
    journeys = []
    for journey in unit.journeys:
        kept = iter([one for one in journey.extent if one.arrival in journey.kept])
        items = []
        for run in journey.items:
            first = last = next(kept)
            while last.arrival != run.last:
                last = next(kept)
            members = tuple(one for _, one in run.members)
            items.append(Item(rows[first.arrival], run.start, run.item, first, members))
        journeys.append(items)
    return Unit(unit.customer, journeys, is_open)


def value_in(item: Item, column: str) -> Any:
    if column in ("channel", "stage"):
        said = getattr(item.facts, column)
        return None if said == "unknown" else said
    return item.facts.groups[column]


def parts(unit: Unit, plan: Plan) -> list[list[Item]]:
    found: list[list[Item]] = []
    for journey in unit.journeys:
        by_value: dict[Any, list[Item]] = {}
        session = 0
        for before, item in pairwise([None, *journey]):
            assert item is not None
            if before and plan.gap is not None and item.at - before.at >= plan.gap:
                session += 1
            held = tuple(value_in(item, column) for column in plan.held)
            if None not in held:
                of = value_in(item, plan.session) if plan.session else None
                by_value.setdefault((session, of, held), []).append(item)
        found += by_value.values()
    return found


def choices(
    part: list[Item], start: int, plan: Plan, active: Sequence[Exclusion]
) -> Iterator[Choice]:
    """Every choice that begins at a position; whatever it begins is one as well."""

    def longer(choice: Choice) -> Iterator[Choice]:
        yield choice
        before, source = choice[-1]
        for after in range(before + 1, len(part)):
            for target in range(source + 1, len(plan.steps)):
                step = plan.steps[target]
                if not all(one.optional for one in plan.steps[source + 1 : target]):
                    break
                between = part[before + 1 : after]
                if (
                    step.met_by(part[after])
                    and part[after].at - part[start].at <= plan.window
                    and part[after].at - part[before].at <= step.within
                    and (not step.is_next or after == before + 1)
                    and not any(
                        one.after <= source and target <= one.before and one.met_by(item)
                        for one in active
                        for item in between
                    )
                ):
                    yield from longer([*choice, (after, target)])

    if plan.steps[0].met_by(part[start]):
        yield from longer([(start, 0)])


def until(part: list[Item], choice: Choice, plan: Plan) -> int:
    """Up to when something may be the next step of a choice."""
    place, step = choice[-1]
    return min(part[choice[0][0]].at + plan.window, part[place].at + longest(step, plan))


def targets(step: int, plan: Plan) -> list[Step]:
    found = []
    for target in plan.steps[step + 1 :]:
        found.append(target)
        if not target.optional:
            break
    return found


def longest(step: int, plan: Plan) -> int:
    return max([one.within for one in targets(step, plan)], default=FAR)


def is_alive(part: list[Item], choice: Choice, plan: Plan, unit: Unit, as_of: int) -> bool:
    if plan.window == FAR and longest(choice[-1][1], plan) == FAR:
        return unit.is_open
    return as_of < until(part, choice, plan)


def offends(part: list[Item], choice: Choice, one: Exclusion, plan: Plan) -> bool:
    place, step = choice[-1]
    limit = part[choice[0][0]].at + plan.window
    return step == one.after and any(
        one.met_by(item) and item.at <= limit for item in part[place + 1 :]
    )


def walk_of(
    number: int, unit: Unit, tried: list[tuple[list[Item], int, int | None]], plan: Plan, as_of: int
) -> Walk | None:
    """The walk of some starts: (part, start, whether it ends there)."""
    walk = Walk(number, set(), set(), False, {})
    best: Any = None
    for part, start, last in tried:
        shown = part[:last]
        for choice in choices(shown, start, plan, plan.exclusions):
            end, furthest = choice[-1]
            walk.reached.add(furthest)
            if is_alive(shown, choice, plan, unit, as_of):
                walk.alive.add(furthest)
            rows = [(shown[place].row, step) for place, step in choice]
            key = (-furthest, shown[start].row, shown[end].row, rows)
            if best is None or key < best:
                best = key
                walk.met = {step: shown[place] for place, step in choice}
    for one in [one for one in plan.exclusions if one.leaves]:
        offended = clean = False
        for part, start, last in tried:
            shown = part if last is None else part[: end_of(part, start, plan, [one])]
            for choice in choices(shown, start, plan, [one]):
                offended |= offends(shown, choice, one, plan)
                clean |= choice[-1][1] == one.before
        walk.left |= offended and not clean
    return walk if walk.reached else None


def end_of(part: list[Item], start: int, plan: Plan, active: Sequence[Exclusion]) -> int:
    """Where an entry has ended: behind its last step, or where nothing can go on with it."""
    found = list(choices(part, start, plan, active))
    for place in range(start, len(part)):
        met = [choice for choice in found if choice[-1][0] < place]
        if met and not any(could_go_on(part, choice, place, plan) for choice in met):
            return place
        if any(choice[-1] == (place, len(plan.steps) - 1) for choice in found):
            return place + 1
    return len(part)


def could_go_on(part: list[Item], choice: Choice, place: int, plan: Plan) -> bool:
    before, step = choice[-1]
    following = targets(step, plan)
    next_only = bool(following) and all(one.is_next for one in following)
    return part[place].at <= until(part, choice, plan) and (not next_only or place == before + 1)


def any_order(part: list[Item], start: int, plan: Plan) -> list[Item]:
    """The items at which one step more was met, in any order, from a start on."""
    masks: set[int] = set()
    met: list[Item] = []
    for place in range(start, len(part)):
        if part[place].at - part[start].at > plan.window:
            break
        mine = [number for number, step in enumerate(plan.steps) if step.met_by(part[place])]
        old = masks or {0}
        masks = (masks if place > start else set()) | {
            mask | 1 << number for mask in old for number in mine if not mask >> number & 1
        }
        if not masks:
            break
        if max(mask.bit_count() for mask in masks) > len(met):
            met.append(part[place])
    return met


def any_walk(
    number: int, unit: Unit, tried: list[tuple[list[Item], int, int | None]], plan: Plan, as_of: int
) -> Walk | None:
    found = [(part[start], any_order(part, start, plan)) for part, start, _ in tried]
    found = [(start, met) for start, met in found if met]
    if not found:
        return None
    start, met = min(found, key=lambda one: (-len(one[1]), one[0].row))
    still = any(
        unit.is_open if plan.window == FAR else as_of < first.at + plan.window
        for first, other in found
        if len(other) == len(met)
    )
    return Walk(
        unit=number,
        reached=set(range(len(met))),
        alive={len(met) - 1} if still else set(),
        left=False,
        met=dict(enumerate(met)),
    )


def starts_here(item: Item, plan: Plan) -> bool:
    steps = plan.steps if plan.is_any else plan.steps[:1]
    return any(step.met_by(item) for step in steps)


def walks_of(units: list[Unit], plan: Plan, as_of: int) -> list[Walk]:
    make = any_walk if plan.is_any else walk_of
    found = []
    for number, unit in enumerate(units):
        of_unit = parts(unit, plan)
        if plan.entry == "every":
            for part in sorted(of_unit, key=lambda part: part[0].row):
                place = 0
                while place < len(part):
                    end = place + 1
                    if starts_here(part[place], plan):
                        end = (
                            end_any(part, place, plan)
                            if plan.is_any
                            else end_of(part, place, plan, plan.exclusions)
                        )
                        found.append(make(number, unit, [(part, place, end)], plan, as_of))
                    place = end
            continue
        tried: list[tuple[list[Item], int, int | None]] = [
            (part, place, None)
            for part in of_unit
            for place, item in enumerate(part)
            if starts_here(item, plan)
        ]
        if plan.entry == "first":
            tried = sorted(tried, key=lambda one: one[0][one[1]].row)[:1]
        found.append(make(number, unit, tried, plan, as_of))
    return [walk for walk in found if walk is not None]


def end_any(part: list[Item], start: int, plan: Plan) -> int:
    met = any_order(part, start, plan)
    if len(met) == len(plan.steps):
        return part.index(met[-1]) + 1
    later = [place for place, item in enumerate(part) if item.at > part[start].at + plan.window]
    return min([place for place in later if place > start], default=len(part))


def counts(walks: list[Walk], plan: Plan) -> list[dict[str, Any]]:
    """Of each step: reached, open, gone, and the times."""
    rows = []
    for number, step in enumerate(plan.steps):
        before = max(number - 1, 0)
        while plan.steps[before].optional:
            before -= 1
        mine = [walk for walk in walks if not walk.left]
        here = [walk for walk in mine if number in walk.reached]
        missing = [w for w in mine if before in w.reached and number not in w.reached]
        still = [w for w in missing if w.alive & set(range(before, number))]
        times = [
            (walk.met[number].at - max(one.at for k, one in walk.met.items() if k < number),
             walk.met[number].at - walk.met[0].at)
            for walk in mine
            if number in walk.met and number > 0
        ]  # fmt: skip
        rows.append(
            {
                "reached": len(here),
                "open": 0 if step.optional else len(still),
                "gone": len(missing) - (0 if step.optional else len(still)),
                "previous": sorted(time for time, _ in times),
                "first": sorted(time for _, time in times),
            }
        )
    return rows
