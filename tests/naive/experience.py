"""Experience, peaks, ends and turns, one interaction after the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from tests.naive.journey_map import items_of
from tests.naive.journeys import Interaction, Unit, is_open, outcomes_of
from tests.strategies import World

__all__ = ["Felt", "Group", "Turned", "felt", "groups", "moments", "turn_of", "turns"]


@dataclass(frozen=True)
class Felt:
    """An interaction in its journey: whose it is, what it is, and what it says, in thousandths."""

    unit: int
    journey: int
    item: str
    at: int
    columns: dict[str, Any]


@dataclass
class Group:
    units: set[int] = field(default_factory=set)
    count: int = 0
    said: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))


def felt(units: Sequence[Unit], world: World) -> list[Felt]:
    """Every interaction that is an item or repeats one."""
    found, journey = [], 0
    for number, unit in enumerate(units):
        for one in unit.journeys:
            alone = Unit(unit.customer, unit.history, [one])
            for item, met in items_of(alone):
                found += [
                    Felt(number, journey, item, each.at, _columns(each, world)) for each in met
                ]
            journey += 1
    return found


def _columns(one: Interaction, world: World) -> dict[str, Any]:
    said = {name: entries[one.arrival] for name, entries in world.columns.items()}
    phases = {"inquiry": "before", "comparison": "before", "purchase": "during", "support": "after"}
    return {
        **said,
        "touchpoint": one.touchpoint,
        "channel": one.channel,
        "stage": one.stage,
        "phase": phases.get(one.stage, "unknown"),
    }


def groups(interactions: Sequence[Felt], *by: Any) -> dict[tuple[str, ...], Group]:
    """Interactions by columns; "item" is the item, and a function is asked for the moment."""
    found: dict[tuple[str, ...], Group] = defaultdict(Group)
    for one in interactions:
        group = found[tuple(_name(one, column) for column in by)]
        group.units.add(one.unit)
        group.count += 1
        emotion, expected, lived = (
            one.columns.get(name) for name in ("emotion", "expectation", "experience")
        )
        said = {"emotion": emotion, "expectation": expected, "experience": lived}
        if expected is not None and lived is not None:
            said |= {"gap": lived - expected, "met": 1000 if lived >= expected else 0}
        for name, value in said.items():
            if value is not None:
                group.said[name].append((one.unit, value))
    return dict(found)


def _name(one: Felt, column: Any) -> str:
    if callable(column):
        return str(column(one.at))
    return one.item if column == "item" else one.columns.get(column) or "unknown"


def _emotions(interactions: Sequence[Felt]) -> dict[int, list[Felt]]:
    found = defaultdict(list)
    for one in interactions:
        if one.columns.get("emotion") is not None:
            found[one.journey].append(one)
    return found


def moments(
    interactions: Sequence[Felt], units: Sequence[Unit], world: World, rule: Any, as_of: int,
    limit_us: int,
) -> dict[str, list[tuple[int, int, str]]]:  # fmt: skip
    """Of each journey with an emotion its peak and its end: (unit, emotion, the unit's fate)."""
    found: dict[str, list[tuple[int, int, str]]] = {"PEAK": [], "END": []}
    for rated in _emotions(interactions).values():
        unit = units[rated[0].unit]
        has_outcome = bool(outcomes_of(unit, rule, world))
        fate = "completed" if has_outcome else "gone"
        if is_open(unit, as_of, limit_us):
            fate = "open"
        peak = max(rated, key=lambda one: abs(one.columns["emotion"]))  # the first of equals
        for name, one in (("PEAK", peak), ("END", rated[-1])):
            found[name].append((one.unit, one.columns["emotion"], fate))
    return found


@dataclass(frozen=True)
class Turned:
    unit: int
    item: str
    change: Fraction


def turn_of(values: Sequence[int]) -> int | None:
    """Where the second segment begins: the first of the cuts with the least squared error."""

    def error(segment: Sequence[int]) -> Fraction:
        mean = Fraction(sum(segment), len(segment))
        return sum(((value - mean) ** 2 for value in segment), Fraction(0))

    if len(set(values)) < 2:
        return None
    return min(range(1, len(values)), key=lambda cut: error(values[:cut]) + error(values[cut:]))


def turns(interactions: Sequence[Felt]) -> tuple[int, list[Turned]]:
    """How many journeys have three emotions, and those that turn."""
    found, rated_enough = [], 0
    for rated in _emotions(interactions).values():
        values = [one.columns["emotion"] for one in rated]
        if len(values) < 3:
            continue
        rated_enough += 1
        cut = turn_of(values)
        if cut is not None:
            before, behind = values[:cut], values[cut:]
            change = Fraction(sum(behind), len(behind)) - Fraction(sum(before), len(before))
            found.append(Turned(rated[cut].unit, rated[cut].item, change))
    return rated_enough, found
