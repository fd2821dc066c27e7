"""Whole paths, n-grams and transitions, one unit after the other, as DEFINITIONS.md words it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.naive.journeys import Interaction, Journey, Kept, Unit, value_of

__all__ = [
    "Facts", "Path", "Place", "Ranged", "anchored", "facts", "grid", "ngrams_of", "tree",
    "transition_times", "units_holding", "whole_facts", "whole_of",
]  # fmt: skip

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


@dataclass
class Ranged:
    """A path: items `first` to `last` of a journey, read backwards or not."""

    unit: Unit
    journey: Journey
    first: int
    last: int
    backwards: bool = False

    @property
    def items(self) -> list[Kept]:
        return self.journey.items[self.first : self.last + 1]

    @property
    def steps(self) -> list[Kept]:
        return self.items[::-1] if self.backwards else self.items

    def outcome_after(self, n_steps: int, is_outcome: Callable[[Interaction], bool]) -> bool:
        last = self.items[-1] if self.backwards else self.items[n_steps - 1]
        return any(is_outcome(one) for one in after(self.unit, last))

    def elapsed(self, n_steps: int) -> int:
        taken = self.steps[:n_steps]
        return max(kept.end for kept in taken) - min(kept.start for kept in taken)

    def extent(self) -> list[Interaction]:
        """What happened from the first item on, kept or not, to the end of the journey."""
        begin = arrivals_of_starts(self.journey)[self.first]
        arrivals = [one.arrival for one in self.journey.extent]
        return self.journey.extent[arrivals.index(begin) if self.first else 0 :]


def arrivals_of_starts(journey: Journey) -> list[int]:
    """The arrival of the first interaction of each item."""
    kept = [one.arrival for one in journey.extent if one.arrival in journey.kept]
    ends = [kept.index(item.last) + 1 for item in journey.items]
    return [kept[start] for start in [0, *ends[:-1]]]


def anchored(
    units: list[Unit],
    kind: str | None,
    classes: tuple[set[str], ...],
    where: Callable[[str, Interaction], bool],
    occurrence: str,
) -> list[list[Ranged]]:
    """The paths of each unit; `where(end, interaction)` is asked of anchors."""
    chosen = {"first": slice(0, 1), "last": slice(-1, None), "every": slice(None)}[occurrence]
    found = []
    for unit in units:
        paths = [
            Ranged(unit, journey, first, last, kind == "ends_at")
            for journey in unit.journeys
            for first, last in anchored_places(journey, kind, classes, where)
        ]
        found.append(paths if kind is None else paths[chosen])
    return found


def anchored_places(
    journey: Journey,
    kind: str | None,
    classes: tuple[set[str], ...],
    where: Callable[[str, Interaction], bool],
) -> list[tuple[int, int]]:
    """The first and the last item of each path of a journey."""
    by_arrival = {one.arrival: one for one in journey.extent}
    starts = [by_arrival[arrival] for arrival in arrivals_of_starts(journey)]
    places = range(len(journey.items))

    def meant(number: int, end: str) -> list[int]:
        return [
            place
            for place in places
            if journey.items[place].item in classes[number] and where(end, starts[place])
        ]

    whole = [(0, len(places) - 1)]
    if kind == "starts_at":
        return [(place, len(places) - 1) for place in meant(0, "start")]
    if kind == "ends_at":
        return [(0, place) for place in meant(0, "end")]
    if kind == "through":
        return whole if meant(0, "") else []
    if kind == "between":
        begins, stops = meant(0, "start"), meant(1, "end")
        return [
            (begin, stop)
            for stop in stops
            for begin in begins
            if begin < stop and not any(begin < place < stop for place in begins + stops)
        ]
    return whole


@dataclass
class Place:
    """A place of a tree or grid: its paths by unit, and what becomes of them."""

    items: Path
    step: int
    is_other: bool
    merged: int
    paths: list[list[Ranged]]
    parent_units: int
    behind: int = 0  # paths at the places behind it

    @property
    def units(self) -> int:
        return sum(bool(mine) for mine in self.paths)

    @property
    def all_paths(self) -> list[Ranged]:
        return [path for mine in self.paths for path in mine]

    @property
    def stopped(self) -> list[Ranged]:
        return [path for path in self.all_paths if len(path.items) == self.step]

    def facts(self, is_outcome: Callable[[Interaction], bool]) -> Facts:
        firsts = [mine[0] for mine in self.paths if mine]
        return Facts(
            units=len(firsts),
            count=len(self.all_paths),
            outcome_units=sum(path.outcome_after(self.step, is_outcome) for path in firsts),
            value=sum(value_of(path.unit) for path in firsts),
            durations=[path.elapsed(self.step) for path in firsts],
        )


def places_behind(
    paths: list[list[Ranged]], items: Path, step: int, rows: int, at_least: int
) -> list[Place]:
    """What is taken at a step by these paths, most units first, others last."""
    before = sum(bool(mine) for mine in paths)
    names = {
        path.steps[step - 1].item for mine in paths for path in mine if len(path.items) >= step
    }

    def taking(wanted: set[str]) -> list[list[Ranged]]:
        return [
            [p for p in mine if len(p.items) >= step and p.steps[step - 1].item in wanted]
            for mine in paths
        ]

    found = [Place((*items, name), step, False, 0, taking({name}), before) for name in names]
    found.sort(key=lambda place: (-place.units, -len(place.all_paths), place.items[-1]))
    kept = [place for place in found[:rows] if place.units >= at_least]
    others = {place.items[-1] for place in found[len(kept) :]}
    if others:
        kept.append(Place(items, step, True, len(others), taking(others), before))
    return kept


def tree(
    paths: list[list[Ranged]], steps: int, rows: int, at_least: int, items: Path = (), step: int = 1
) -> list[Place]:
    """Every place, and behind it those that follow it."""
    if step > steps:
        return []
    found = []
    for place in places_behind(paths, items, step, rows, at_least):
        behind: list[Place] = []
        if not place.is_other:
            behind = tree(place.paths, steps, rows, at_least, place.items, step + 1)
        place.behind = sum(len(p.all_paths) for p in behind if p.step == step + 1)
        found += [place, *behind]
    return found


def grid(paths: list[list[Ranged]], steps: int, rows: int, at_least: int) -> list[Place]:
    """The places of each step, wherever they are come from."""
    found = []
    for step in range(1, steps + 1):
        for place in places_behind(paths, (), step, rows, at_least):
            place.parent_units = sum(bool(mine) for mine in paths)
            if step < steps:
                place.behind = len(place.all_paths) - len(place.stopped)
            found.append(place)
    return found


def whole_facts(
    paths: list[list[Ranged]], runs_on: bool, is_outcome: Callable[[Interaction], bool]
) -> dict[Path, Facts]:
    """Whole anchored paths: the outcome is in one that runs on, or behind the first that ends."""
    found: dict[Path, Facts] = {}
    for mine in paths:
        for path in {names(ranged.items): None for ranged in mine}:
            taken = [ranged for ranged in mine if names(ranged.items) == path]
            first = taken[0]
            if runs_on:
                succeeded = any(is_outcome(one) for ranged in taken for one in ranged.extent())
            else:
                succeeded = first.outcome_after(len(first.items), is_outcome)
            entry = found.setdefault(path, Facts())
            entry.units += 1
            entry.count += len(taken)
            entry.outcome_units += succeeded
            entry.value += value_of(first.unit)
            entry.durations.append(first.elapsed(len(first.items)))
    return found
