"""Patterns with gaps, every way of choosing items tried, as docs/patterns.md words it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.naive.journeys import Interaction, Journey, Kept, Unit, value_of
from tests.naive.paths import Facts, Path, after

__all__ = ["Limits", "contains", "kept", "pattern_facts", "patterns_of"]


@dataclass(frozen=True)
class Limits:
    """Most items between two elements, most microseconds between two, most over all."""

    gap: int | None = None
    gap_us: int | None = None
    span_us: int | None = None

    def allow(self, chosen: list[int], items: list[Kept]) -> bool:
        """Whether items may be the elements of a pattern."""
        steps = list(zip(chosen[:-1], chosen[1:], strict=True))
        return (
            all(self.gap is None or last - first - 1 <= self.gap for first, last in steps)
            and all(
                self.gap_us is None or items[last].start - items[first].start <= self.gap_us
                for first, last in steps
            )
            and (
                self.span_us is None
                or items[chosen[-1]].start - items[chosen[0]].start <= self.span_us
            )
        )


@dataclass
class Held:
    """What a unit has of a pattern: how many journeys, and the first occurrence."""

    first: tuple[Kept, Kept]
    journeys: int = 1


@dataclass
class PatternFacts(Facts):
    holders: list[int] = field(default_factory=list)


def choices(
    items: list[Kept], chosen: list[int], length: int, limits: Limits
) -> Iterator[list[int]]:
    """All ways of choosing up to so many items, in their order, within the limits."""
    if chosen and not limits.allow(chosen, items):
        return  # further elements only make it longer
    if chosen:
        yield chosen
    if len(chosen) < length:
        for place in range(chosen[-1] + 1 if chosen else 0, len(items)):
            yield from choices(items, [*chosen, place], length, limits)


def patterns_in(journey: Journey, length: int, limits: Limits) -> dict[Path, tuple[Kept, Kept]]:
    """First and last item of the first occurrence of each: ends first, then begins first."""
    first: dict[Path, tuple[int, int]] = {}
    for chosen in choices(journey.items, [], length, limits):
        pattern = tuple(journey.items[place].item for place in chosen)
        extent = (chosen[-1], chosen[0])
        first[pattern] = min(first.get(pattern, extent), extent)
    return {
        pattern: (journey.items[start], journey.items[end])
        for pattern, (end, start) in first.items()
    }


def patterns_of(unit: Unit, length: int, limits: Limits) -> dict[Path, Held]:
    held: dict[Path, Held] = {}
    for journey in unit.journeys:
        for pattern, first in patterns_in(journey, length, limits).items():
            if pattern in held:
                held[pattern].journeys += 1
            else:
                held[pattern] = Held(first)
    return held


def pattern_facts(
    units: list[Unit], length: int, limits: Limits, is_outcome: Callable[[Interaction], bool]
) -> dict[Path, PatternFacts]:
    """Of every pattern that any unit has."""
    found: dict[Path, PatternFacts] = {}
    for number, unit in enumerate(units):
        for pattern, held in patterns_of(unit, length, limits).items():
            first, last = held.first
            entry = found.setdefault(pattern, PatternFacts())
            entry.units += 1
            entry.count += held.journeys
            entry.outcome_units += any(is_outcome(one) for one in after(unit, last))
            entry.value += value_of(unit)
            entry.durations.append(last.end - first.start)
            entry.holders.append(number)
    return found


def contains(longer: Path, shorter: Path) -> bool:
    """Whether one is the other with one item left out."""
    return any(longer[:out] + longer[out + 1 :] == shorter for out in range(len(longer)))


def kept(found: dict[Path, PatternFacts], least: int, keep: str) -> set[Path]:
    """Of the frequent patterns all, the closed or the maximal ones."""
    frequent = {pattern: facts.units for pattern, facts in found.items() if facts.units >= least}
    return {
        pattern
        for pattern, units in frequent.items()
        if keep == "all"
        or not any(
            contains(longer, pattern) and (keep == "maximal" or frequent[longer] == units)
            for longer in frequent
        )
    }
