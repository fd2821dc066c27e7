"""Exits counted one unit after the other, as DEFINITIONS.md words it."""

from __future__ import annotations

from dataclasses import dataclass

from tests.naive.funnel import Unit

__all__ = ["NaiveExit", "exits"]


@dataclass(frozen=True)
class NaiveExit:
    visits: int
    exits: int
    open: int


def exits(units: list[Unit]) -> dict[str, NaiveExit]:
    """Visits, exits and open units of every item that anybody meets."""
    names = sorted({name for unit in units for journey in unit.journeys for _at, name in journey})
    return {
        name: NaiveExit(
            visits=sum(meets(unit, name) for unit in units),
            exits=sum(
                last_item(unit) == name and not unit.is_open and not unit.has_outcome
                for unit in units
            ),
            open=sum(last_item(unit) == name and unit.is_open for unit in units),
        )
        for name in names
    }


def meets(unit: Unit, name: str) -> bool:
    return any(name == met for journey in unit.journeys for _at, met in journey)


def last_item(unit: Unit) -> str | None:
    names = [name for journey in unit.journeys for _at, name in journey]
    return names[-1] if names else None
