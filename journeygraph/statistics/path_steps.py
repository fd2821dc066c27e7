"""The first steps of paths: as a tree of prefixes, or as a grid of what is taken at each step.

Both take the same steps and differ in one thing: a tree asks where a path came from and a grid
does not. Each place has at most so many items, those that most units take; the others are one
more place. So nothing is lost: what is at a place goes on to the places behind it, stops there,
or is beyond the last step, and these add up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from journeygraph.errors import InvalidOptionError
from journeygraph.kernels import path_steps as kernels
from journeygraph.statistics.path_facts import Facts, facts_of
from journeygraph.statistics.sequences import ranks_of_names, read_only
from journeygraph.threads import n_threads, on_threads

if TYPE_CHECKING:
    from journeygraph.statistics.anchors import PathRanges

__all__ = ["EXIT", "MAX_PLACES", "OPEN", "OTHER", "WITH_OUTCOME", "Flows", "PathSteps", "StepRule",
           "take_steps"]  # fmt: skip

Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

MAX_PLACES = 100_000
"""The most places that a tree may have."""

OTHER = -1
"""In place of an item: all those that have no place of their own."""

OPEN, WITH_OUTCOME, EXIT = range(3)
"""What becomes of a path that stops: the columns of `PathSteps.fates`."""

_DENSE = 1 << 22


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRule:
    """How far to go, and what gets a place of its own.

    Attributes
    ----------
    steps
        How many.
    rows
        Most items behind one place (of a tree) or at one step (of a grid).
    at_least
        Units that an item needs.
    as_tree
        Whether places behind different places are different.
    """

    steps: int
    rows: int
    at_least: int
    as_tree: bool


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Flows:
    """Paths and units that go from one place of a grid to one of the next step."""

    sources: Int64Array
    targets: Int64Array
    counts: Int64Array
    units: Int64Array


@dataclass(eq=False, kw_only=True)
class PathSteps:
    """The places of a tree or of a grid, those of a step after those of the step before.

    Attributes
    ----------
    steps, parents, items
        By place: from 1 on; the place before it (-1 at the first step, and in a grid); and the
        item, or `OTHER`.
    merged
        How many items a place of others stands for.
    counts, units
        Paths and units there.
    fates
        (n_places, 3) paths that stop there, by what became of them.
    groups
        By step: the place of each path, -1 where it has none.
    stops, path_fates
        By path: the place where it stops, -1 where it stops at none; and what becomes of it.
    """

    paths: PathRanges
    rule: StepRule
    steps: Int64Array = field(default_factory=lambda: np.zeros(0, np.int64))
    parents: Int64Array = field(default_factory=lambda: np.zeros(0, np.int64))
    items: Int64Array = field(default_factory=lambda: np.zeros(0, np.int64))
    merged: Int64Array = field(default_factory=lambda: np.zeros(0, np.int64))
    counts: Int64Array = field(default_factory=lambda: np.zeros(0, np.int64))
    units: Int64Array = field(default_factory=lambda: np.zeros(0, np.int64))
    fates: Int64Array = field(default_factory=lambda: np.zeros((0, 3), np.int64))
    groups: list[Int64Array] = field(default_factory=list)
    stops: Int64Array = field(default_factory=lambda: np.zeros(0, np.int64))
    path_fates: Int64Array = field(default_factory=lambda: np.zeros(0, np.int64))

    def __len__(self) -> int:
        return len(self.steps)

    @property
    def beyond(self) -> Int64Array:
        """By place: paths that go on, but to no place: behind the last step, or behind others."""
        goes_on = self.counts - self.fates.sum(axis=1)
        if not self.rule.as_tree:
            return np.where(self.steps == self.rule.steps, goes_on, 0)
        inner = self.parents >= 0
        placed = np.bincount(self.parents[inner], self.counts[inner], len(self))
        return goes_on - placed.astype(np.int64)

    def units_at(self, place: int) -> Int64Array:
        """The units of a place, ascending."""
        at_place = self.groups[self.steps[place] - 1] == place
        return self.paths.units_of(at_place)

    def units_that_stop(self, place: int, fate: int | None = None) -> Int64Array:
        """The units with a path that stops at a place, of one fate or of any, ascending."""
        stops = self.stops == place
        if fate is not None:
            stops &= self.path_fates == fate
        return self.paths.units_of(stops)

    def units_stopped_before(self, step: int, fate: int | None = None) -> Int64Array:
        """The units with a path that has stopped before a step, ascending."""
        stops = np.append(self.steps < step, False)[self.stops]  # the last where there is none
        if fate is not None:
            stops &= self.path_fates == fate
        return self.paths.units_of(stops)

    def units_at_step(self, step: int) -> Int64Array:
        """The units with a path that has a place at a step, ascending."""
        return self.paths.units_of(self.groups[step - 1] >= 0)

    def units_beyond(self, place: int) -> Int64Array:
        """The units with a path that goes on from a place to none, ascending; see `beyond`."""
        step = int(self.steps[place])
        goes_on = (self.groups[step - 1] == place) & (self.stops != place)
        if step < self.rule.steps:
            goes_on &= self.groups[step] < 0
        return self.paths.units_of(goes_on)

    def units_from_to(self, source: int, target: int) -> Int64Array:
        """The units with a path from a place to one of the next step, ascending."""
        step = int(self.steps[source])
        flows = (self.groups[step - 1] == source) & (self.groups[step] == target)
        return self.paths.units_of(flows)

    def units_at_any(self, places: Sequence[int]) -> tuple[Int64Array, int]:
        """The units that are at any of some places, ascending, and the paths."""
        wanted = np.zeros(len(self) + 1, np.bool_)  # the last for paths without a place
        wanted[list(places)] = True
        taken = np.zeros(len(self.paths), np.bool_)
        for groups in self.groups:
            taken |= wanted[groups]
        return self.paths.units_of(taken), int(taken.sum())

    def facts(self, places: Sequence[int]) -> list[Facts]:
        """What goes with some places, in their order: a second walk, up to the last of them."""
        found: dict[int, Facts] = {}
        walk = _Walk(self.paths)
        last = max((int(self.steps[place]) for place in places), default=0)
        for first in range(1, last + 1, n_threads()):  # a few at a time: each takes memory
            numbers = range(first, min(first + n_threads(), last + 1))
            taken = [(number, walk.take()) for number in numbers]
            for of_step in on_threads(lambda part: self._facts_of(places, *part), taken):
                found.update(of_step)
        return [found[place] for place in places]

    def _facts_of(self, places: Sequence[int], number: int, taken: _Taken) -> dict[int, Facts]:
        """What goes with those of the places that are at a step."""
        at_step = [place for place in places if self.steps[place] == number]
        local = np.full(len(self) + 1, -1, np.int64)
        local[at_step] = np.arange(len(at_step))
        groups = local[self.groups[number - 1]]
        facts = facts_of(
            self.paths.journeys, groups, len(at_step), self.paths.units, taken.elapsed_us,
            taken.has_outcome,
        )  # fmt: skip
        return dict(zip(at_step, facts, strict=True))

    def flows(self) -> Iterator[Flows]:
        """From each step to the next; paths that stop are not among them."""
        for sources, targets in zip(self.groups[:-1], self.groups[1:], strict=True):
            keys = np.where((sources >= 0) & (targets >= 0), sources * len(self) + targets, -1)
            kinds, groups = _numbered(keys)
            counts, units, _ = kernels.count_groups(groups, self.paths.units, len(kinds))
            yield Flows(
                sources=kinds // max(len(self), 1), targets=kinds % max(len(self), 1),
                counts=counts, units=units,
            )  # fmt: skip


def take_steps(paths: PathRanges, rule: StepRule) -> PathSteps:
    """Walk all paths so far, and give each step its places.

    Raises
    ------
    InvalidOptionError
        Where a tree would have more than 100,000 places.
    """
    fates = _fates(paths)
    stops = np.full(len(paths), -1, np.int64)
    taken = PathSteps(paths=paths, rule=rule, stops=stops, path_fates=fates)
    walk = _Walk(paths)
    branches = np.zeros(len(paths), np.int64)
    before = np.array([-1], np.int64)
    groups = np.full(len(paths), -1, np.int64)
    names = ranks_of_names(paths.journeys.items)
    for number in range(1, rule.steps + 1):
        walk.step()
        _note_stops(taken, groups, walk, fates)
        groups, is_followed = _place(taken, number, walk.items, branches, before, names)
        if rule.as_tree:
            before = np.flatnonzero(is_followed) + len(taken) - len(is_followed)
            local = np.full(len(taken) + 1, -1, np.int64)
            local[before] = np.arange(len(before))
            branches = local[groups]
        if len(taken) > MAX_PLACES:
            expected = f"more, or fewer steps or rows: a tree has {MAX_PLACES:,} places at most"
            raise InvalidOptionError("at_least", rule.at_least, expected)
    walk.step()
    _note_stops(taken, groups, walk, fates)
    return taken


class _Taken(NamedTuple):
    """By path: how long its steps so far took, and whether its unit has the outcome behind them."""

    elapsed_us: Int64Array
    has_outcome: BoolArray


class _Walk:
    """All paths at the same step."""

    def __init__(self, paths: PathRanges) -> None:
        self._paths = paths
        self._places = (paths.ends if paths.backwards else paths.starts).copy()
        self.items = np.zeros(len(paths), np.int64)
        self._first_rows = self._places.copy()
        self._last_rows = paths.ends - 1
        self._begun: Int64Array | None = None

    def step(self) -> None:
        """Take the next item of each path."""
        paths, codes = self._paths, self._paths.journeys.item_codes
        view = codes.view(np.uint8), codes.itemsize, paths.journeys.n_items
        if paths.backwards:
            starts = read_only(paths.starts)
            kernels.step_back(*view, starts, self._places, self.items, self._first_rows)
            return
        kernels.step_on(
            *view, paths.journeys.repeated_code, self._places, read_only(paths.ends),
            self.items, self._first_rows, self._last_rows,
        )  # fmt: skip
        if self._begun is None:
            self._begun = self._first_rows.copy()

    @property
    def has_item(self) -> BoolArray:
        """Whether each path has an item at this step."""
        return self.items < self._paths.journeys.n_items

    def take(self) -> _Taken:
        """Take a step, and say what goes with those taken so far."""
        self.step()
        first_rows = self._first_rows if self._begun is None else self._begun
        journeys, at_us = self._paths.journeys, self._paths.journeys.graph.at_us
        return _Taken(
            elapsed_us=at_us[self._last_rows] - at_us[first_rows],
            has_outcome=journeys.unit_last_outcome[self._paths.units] > self._last_rows,
        )


def _fates(paths: PathRanges) -> Int64Array:
    """What becomes of each path where it stops; like drop-off, with journeys for units."""
    journeys = paths.journeys
    if not len(paths):
        return np.zeros(0, np.int64)
    is_last = np.diff(journeys.journey_units, append=journeys.n_units) > 0
    is_open = (journeys.unit_is_open()[journeys.journey_units] & is_last)[paths.of_journeys]
    has_outcome = journeys.journey_has_outcome[paths.of_journeys]
    return np.where(is_open, OPEN, np.where(has_outcome, WITH_OUTCOME, EXIT))


def _note_stops(taken: PathSteps, groups: Int64Array, walk: _Walk, fates: Int64Array) -> None:
    """Count the paths that have no further item, at the place where they were."""
    stops = ~walk.has_item & (groups >= 0)
    taken.stops[stops] = groups[stops]
    keys = groups[stops] * 3 + fates[stops]
    n_places = len(taken)
    counted = np.bincount(keys, minlength=3 * n_places).astype(np.int64).reshape(n_places, 3)
    known = len(taken.fates)
    taken.fates = np.concatenate([taken.fates, np.zeros((n_places - known, 3), np.int64)]) + counted


def _place(
    taken: PathSteps,
    number: int,
    items: Int64Array,
    branches: Int64Array,
    before: Int64Array,
    names: Int64Array,
) -> tuple[Int64Array, BoolArray]:
    """Make the places of a step; give that of each path, and which new ones are of one item.

    Parameters
    ----------
    branches
        By path the number of the place, among those of `before`, that it goes on from; or -1.
    names
        Rank of each item's name.
    """
    n_items, units = taken.paths.journeys.n_items, taken.paths.units
    keys = np.where((items < n_items) & (branches >= 0), branches * n_items + items, -1)
    kinds, groups = _numbered(keys)
    counts, n_units, _ = kernels.count_groups(groups, units, len(kinds))
    parents, codes = kinds // max(n_items, 1), kinds % max(n_items, 1)
    order = np.lexsort((names[codes], -counts, -n_units, parents))
    begins = np.searchsorted(parents[order], parents[order])
    keeps = (np.arange(len(order)) - begins < taken.rule.rows) & (
        n_units[order] >= taken.rule.at_least
    )
    place_of, places = _numbers(order, keeps, parents)
    groups = np.where(groups >= 0, np.append(place_of, -1)[groups], -1)
    counts, n_units, _ = kernels.count_groups(groups, units, len(places))
    base, is_own = len(taken), places >= 0
    own = places[is_own]
    of_kinds, of_items = -1 - places, np.full(len(places), OTHER)
    of_kinds[is_own], of_items[is_own] = parents[own], codes[own]
    taken.steps = np.append(taken.steps, np.full(len(places), number))
    taken.parents = np.append(taken.parents, before[of_kinds])
    taken.items = np.append(taken.items, of_items)
    taken.merged = np.append(
        taken.merged, np.where(is_own, 0, np.bincount(place_of, minlength=len(places)))
    )
    taken.counts = np.append(taken.counts, counts)
    taken.units = np.append(taken.units, n_units)
    groups = np.where(groups >= 0, groups + base, -1)
    taken.groups.append(groups)
    return groups, is_own


def _numbers(
    order: Int64Array, keeps: BoolArray, parents: Int64Array
) -> tuple[Int64Array, Int64Array]:
    """The place of each kind, and by place its kind, or for others -1 less their parent.

    The places of a parent follow each other, that of the others last.
    """
    place_of = np.empty(len(order), np.int64)
    places: list[int] = []
    for kind, kept in zip(order.tolist(), keeps.tolist(), strict=True):
        parent = int(parents[kind])
        if kept or not places or places[-1] != -1 - parent:
            places.append(kind if kept else -1 - parent)
        place_of[kind] = len(places) - 1
    return place_of, np.array(places, np.int64)


def _numbered(keys: Int64Array) -> tuple[Int64Array, Int64Array]:
    """The distinct keys, ascending, and the number of each; below 0 is none."""
    largest = int(keys.max(initial=-1))
    if largest < _DENSE:
        seen = np.bincount(keys[keys >= 0], minlength=largest + 1) > 0
        kinds = np.flatnonzero(seen)
        table = np.full(largest + 2, -1, np.int64)
        table[kinds] = np.arange(len(kinds))
        return kinds, table[keys]
    kinds, numbers = np.unique(keys, return_inverse=True)
    n_without = int(np.searchsorted(kinds, 0))
    return kinds[n_without:], np.where(keys >= 0, numbers - n_without, -1)
