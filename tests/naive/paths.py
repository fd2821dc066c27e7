"""Whole paths, n-grams and transitions, one unit after the other, as DEFINITIONS.md words it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.naive.journeys import Interaction, Journey, Kept, Unit, value_of

__all__ = ["Facts", "Path", "facts", "ngrams_of", "transition_times", "units_holding", "whole_of"]

Path = tuple[str, ...]
Occurrences = Callable[[Unit], list[tuple[Journey, list[Kept]]]]


@dataclass
class Facts:
    units: int = 0
    count: int = 0
    outcome_units: int = 0
    value: int = 0
    durations: list[int] = field(default_factory=list)


def whole_of(unit: Unit) -> list[tuple[Journey, list[Kept]]]:
    """Each journey is one path."""
    return [(journey, journey.items) for journey in unit.journeys]


def ngrams_of(length: int) -> Occurrences:
    """Every run of that many items within a journey."""

    def of(unit: Unit) -> list[tuple[Journey, list[Kept]]]:
        return [
            (journey, journey.items[start : start + length])
            for journey in unit.journeys
            for start in range(len(journey.items) - length + 1)
        ]

    return of


def names(items: list[Kept]) -> Path:
    return tuple(kept.item for kept in items)


def facts(
    units: list[Unit], occurrences: Occurrences, is_outcome: Callable[[Interaction], bool]
) -> dict[Path, Facts]:
    found: dict[Path, Facts] = {}
    for unit in units:
        for path in {names(items): None for _, items in occurrences(unit)}:
            mine = [pair for pair in occurrences(unit) if names(pair[1]) == path]
            first = mine[0][1]
            if occurrences is whole_of:
                succeeded = any(is_outcome(one) for journey, _ in mine for one in journey.extent)
            else:
                succeeded = any(is_outcome(one) for one in after(unit, first[-1]))
            entry = found.setdefault(path, Facts())
            entry.units += 1
            entry.count += len(mine)
            entry.outcome_units += succeeded
            entry.value += value_of(unit)
            entry.durations.append(first[-1].end - first[0].start)
    return found


def after(unit: Unit, item: Kept) -> Iterator[Interaction]:
    """The history strictly after an item ends, in its order."""
    arrivals = [one.arrival for one in unit.history]
    yield from unit.history[arrivals.index(item.last) + 1 :]


def units_holding(units: list[Unit], occurrences: Occurrences, paths: set[Path]) -> list[int]:
    return [
        number
        for number, unit in enumerate(units)
        if any(names(items) in paths for _, items in occurrences(unit))
    ]


def transition_times(units: list[Unit]) -> dict[Path, list[int]]:
    """Every time from the start of one item to the start of the next."""
    times: dict[Path, list[int]] = {}
    for unit in units:
        for _, (source, target) in ngrams_of(2)(unit):
            times.setdefault((source.item, target.item), []).append(target.start - source.start)
    return times
