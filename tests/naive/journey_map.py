"""The journey map counted one unit after the other, as docs/journey-map.md words it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.naive.journeys import Interaction, Unit, is_open, outcomes_of
from tests.strategies import World

__all__ = ["NaivePlace", "Place", "Rated", "places"]

Place = tuple[str, str | None]
"""A stage and an item, or a stage and None for all that is met in it; ("", None) for everything."""


@dataclass(frozen=True)
class Rated:
    """An interaction, whose it is, and what it says; None where it says nothing."""

    unit: int
    rating: int | None


@dataclass
class NaivePlace:
    units: set[int] = field(default_factory=set)
    count: int = 0
    exits: set[int] = field(default_factory=set)
    open: set[int] = field(default_factory=set)
    with_outcome: set[int] = field(default_factory=set)
    rated: dict[str, list[Rated]] = field(default_factory=lambda: defaultdict(list))


def places(
    units: Sequence[Unit], world: World, rule: Any, as_of: int, limit_us: int
) -> dict[Place, NaivePlace]:
    """Every place that somebody meets."""
    found: dict[Place, NaivePlace] = defaultdict(NaivePlace)
    for number, unit in enumerate(units):
        last: list[Place] = []
        for item, met in items_of(unit):
            last = [(met[0].stage, item), (met[0].stage, None), ("", None)]
            for place in last:
                found[place].units.add(number)
                found[place].count += 1
                for name in ("emotion", "gap"):
                    said = [Rated(number, rating(one, world, name)) for one in met]
                    found[place].rated[name].extend(said)
        if is_open(unit, as_of, limit_us):
            fate = "open"
        else:
            fate = "with_outcome" if outcomes_of(unit, rule, world) else "exits"
        for place in last:
            getattr(found[place], fate).add(number)
    return dict(found)


def items_of(unit: Unit) -> Iterator[tuple[str, list[Interaction]]]:
    """Each item of a unit with the interactions that it stands for, in order."""
    for journey in unit.journeys:
        kept = iter([one for one in journey.extent if one.arrival in journey.kept])
        for item in journey.items:
            met = [next(kept)]
            while met[-1].arrival != item.last:
                met.append(next(kept))
            yield item.item, met


def rating(one: Interaction, world: World, name: str) -> int | None:
    def said(column: str) -> int | None:
        columns = world.columns
        return columns[column][one.arrival] if column in columns else None

    if name == "emotion":
        return said("emotion")
    expected, lived = said("expectation"), said("experience")
    return None if expected is None or lived is None else lived - expected
