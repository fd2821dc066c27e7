"""Preferences, one interaction after the other, as docs/preferences.md words it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from tests.naive.experience import Felt
from tests.naive.journeys import Unit, is_open

__all__ = ["NaiveItem", "items", "pairs"]


@dataclass
class NaiveItem:
    initiated: list[bool] = field(default_factory=list)
    chosen: int = 0
    could_choose: int = 0
    even: Fraction = Fraction(0)
    met: set[int] = field(default_factory=set)
    returned: set[int] = field(default_factory=set)
    unknown: set[int] = field(default_factory=set)


def items(
    interactions: Sequence[Felt], units: Sequence[Unit], as_of: int, limit_us: int
) -> dict[str, NaiveItem]:
    """Every item that somebody meets."""
    found: dict[str, NaiveItem] = defaultdict(NaiveItem)
    for one in interactions:
        initiator = one.columns.get("initiator")
        if initiator is not None:
            found[one.item].initiated.append(initiator == "customer")
    _choose(interactions, found)
    for number, unit in enumerate(units):
        runs = [
            item.item
            for journey in unit.journeys
            for place, item in enumerate(journey.items)
            if place == 0 or journey.items[place - 1].item != item.item
        ]
        for name in set(runs):
            found[name].met.add(number)
            if runs.count(name) > 1:
                found[name].returned.add(number)
            elif is_open(unit, as_of, limit_us):
                found[name].unknown.add(number)
    return dict(found)


def _choose(interactions: Sequence[Felt], found: dict[str, NaiveItem]) -> None:
    places = defaultdict(list)
    for one in interactions:
        if one.columns.get("initiator") in (None, "customer") and one.columns["stage"] != "unknown":
            places[one.journey, one.columns["stage"]].append(one.item)
    for met in places.values():
        for name in set(met) if len(set(met)) > 1 else ():
            found[name].chosen += met.count(name)
            found[name].could_choose += len(met)
            found[name].even += Fraction(len(met), len(set(met)))


def pairs(
    interactions: Sequence[Felt], rating: str, overall: str, stated: str | None = None
) -> dict[str, list[tuple[float, float]]]:
    """By item, of each unit: its rating of the item, and its overall satisfaction."""
    by_unit = defaultdict(list)
    for one in interactions:
        if one.columns.get(rating) is not None:
            by_unit[one.unit].append((one.item, one.columns[rating]))
    found = defaultdict(list)
    for rated in by_unit.values():
        for name in {item for item, _value in rated}:
            own = [value for item, value in rated if item == name]
            others = [value for item, value in rated if item != name]
            if overall == "last":
                others = [] if rated[-1][0] == name else [rated[-1][1]]
            elif overall == "stated":
                others = [value for item, value in rated if item == stated != name]
            if others:
                found[name].append((sum(own) / len(own), sum(others) / len(others)))
    return dict(found)
