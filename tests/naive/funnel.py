"""The funnel by trying everything: every choice of occurrences, as DEFINITIONS.md words it.

Valid on small data only: a journey of n items has n over k choices for k steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

__all__ = ["NaiveStep", "Unit", "Walk", "answer", "best_walk"]

Item = tuple[int, str]
"""When it began, and what it is."""


@dataclass(frozen=True)
class Unit:
    """A customer with journeys, or one journey, each in total order."""

    journeys: list[list[Item]]
    is_open: bool = False
    has_outcome: bool = False


@dataclass(frozen=True)
class Walk:
    """How far a unit came: when each step was met, and the latest start that came as far."""

    met_at: list[int]
    latest_start: int


@dataclass(frozen=True)
class NaiveStep:
    units: int
    dropped: int
    open: int
    since_previous: list[int]
    since_first: list[int]


def choices(
    journey: list[Item], steps: Sequence[set[str]], window: int | None, strict: bool
) -> Iterator[tuple[int, ...]]:
    """Every choice of occurrences that meets the first steps, as positions in the journey."""
    for length in range(1, len(steps) + 1):
        for chosen in combinations(range(len(journey)), length):
            items = [journey[position] for position in chosen]
            if not all(name in step for (_at, name), step in zip(items, steps, strict=False)):
                continue
            if window is not None and items[-1][0] - items[0][0] > window:
                continue
            if strict and chosen != tuple(range(chosen[0], chosen[0] + length)):
                continue
            yield chosen


def best_walk(
    unit: Unit, steps: Sequence[set[str]], window: int | None, strict: bool
) -> Walk | None:
    """Most steps, then the earliest start, then each later step at its earliest occurrence."""
    found = [
        (number, chosen)
        for number, journey in enumerate(unit.journeys)
        for chosen in choices(journey, steps, window, strict)
    ]
    if not found:
        return None
    most = max(len(chosen) for _number, chosen in found)
    longest = [(number, chosen) for number, chosen in found if len(chosen) == most]
    number, chosen = min(longest)
    return Walk(
        met_at=[unit.journeys[number][position][0] for position in chosen],
        latest_start=max(unit.journeys[number][chosen[0]][0] for number, chosen in longest),
    )


def could_still(unit: Unit, walk: Walk, window: int | None, as_of: int) -> bool:
    return unit.is_open if window is None else as_of < walk.latest_start + window


def answer(
    units: list[Unit], steps: Sequence[set[str]], window: int | None, strict: bool, as_of: int
) -> list[NaiveStep]:
    """What the funnel shows, step by step."""
    walks = [(unit, best_walk(unit, steps, window, strict)) for unit in units]
    rows = []
    for number in range(1, len(steps) + 1):
        here = [walk for _unit, walk in walks if walk and len(walk.met_at) >= number]
        lost = [(unit, walk) for unit, walk in walks if walk and len(walk.met_at) == number - 1]
        still = sum(could_still(unit, walk, window, as_of) for unit, walk in lost)
        later = here if number > 1 else []
        rows.append(
            NaiveStep(
                units=len(here),
                dropped=len(lost) - still,
                open=still,
                since_previous=sorted(w.met_at[number - 1] - w.met_at[number - 2] for w in later),
                since_first=sorted(w.met_at[number - 1] - w.met_at[0] for w in later),
            )
        )
    return rows
