"""Exits by place, one unit after the other, as docs/drop-off.md words it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tests.naive.funnel import Unit

__all__ = ["NaivePlace", "places"]


@dataclass(frozen=True)
class NaivePlace:
    at_risk: int
    exits: int
    open: int
    with_outcome: int


def places(units: Sequence[Unit], item: str | None, width: int | None) -> list[NaivePlace]:
    """Every place up to the last at which a unit is last seen, or meets the item."""
    lives = [(unit, placed(unit, width)) for unit in units]
    lasts = [(unit, life[-1][0]) for unit, life in lives if life and item in {None, life[-1][1]}]
    meetings = [
        {place for place, name in life if name == item}
        if item is not None
        else set(range(life[-1][0] + 1))
        for _unit, life in lives
        if life
    ]
    n_places = 1 + max((place for met in meetings for place in met), default=-1)
    return [
        NaivePlace(
            at_risk=sum(place in met for met in meetings),
            exits=sum(
                last == place and not unit.is_open and not unit.has_outcome for unit, last in lasts
            ),
            open=sum(last == place and unit.is_open for unit, last in lasts),
            with_outcome=sum(
                last == place and not unit.is_open and unit.has_outcome for unit, last in lasts
            ),
        )
        for place in range(n_places)
    ]


def placed(unit: Unit, width: int | None) -> list[tuple[int, str]]:
    """The items of a unit with their places, from 0."""
    items = [item for journey in unit.journeys for item in journey]
    if width is None:
        return [(place, name) for place, (_at, name) in enumerate(items)]
    return [((at - items[0][0]) // width, name) for at, name in items]
