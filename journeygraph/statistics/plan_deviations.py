"""Journeys held against a planned one: met, skipped, out of order, late, extra. Mergeable.

Every unit's items are aligned with the steps of the plan (`kernels.plan_alignment`); what each
unit did is then a set of marks, as "skipped step 3". The table counts the units of each mark, how
many of them are closed and have the outcome, and what the closed ones felt, in sums of integers.
"""

from __future__ import annotations

from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.kernels.plan_alignment import align_plan
from journeygraph.kernels.ratings import sum_tallies
from journeygraph.statistics.base import MergeableStatistic, blocks_or_nothing
from journeygraph.statistics.exits import fates_of
from journeygraph.statistics.finders import Finder
from journeygraph.statistics.item_rows import ItemRows
from journeygraph.statistics.plan_codes import PlanCodes, limits_of, symbols_of
from journeygraph.statistics.ratings import RATED_SUMS, Rating, ratings_of
from journeygraph.statistics.sequences import read_only
from journeygraph.threads import on_threads

if TYPE_CHECKING:
    from journeygraph.journeys import Block, Journeys

__all__ = [
    "BANDS",
    "PLAN_DEVIATIONS",
    "UNITS_MARKED",
    "Mark",
    "units_marked",
]

Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

BANDS = 4
"""Fitness is counted in so many equal bands, and 1 by itself."""

_NONE = np.zeros(0, np.int64)


class Mark(IntEnum):
    """What can be said of a unit; `place` is a step, if nothing else is said, and `stage` -1."""

    UNIT = 0
    """Every unit; the place is -1."""
    MET = 1
    OUT_OF_ORDER = 2
    """Not met, although an item that it could be is left over."""
    SKIPPED = 3
    NOT_YET = 4
    """The unit is open, and met no step behind it."""
    REPEATED = 5
    """Met, and an item that it could be is left over."""
    TIMED = 6
    """Met behind another step, where a time is planned."""
    LATE = 7
    STAGE_MET = 8
    """The place is a stage of the plan."""
    STAGE_TIMED = 9
    STAGE_LATE = 10
    EXTRA = 11
    """The place is an item that no step is, the stage that of the interaction."""
    FOLLOWS = 12
    """Nothing but what is planned, in time; the place is 1 for closed and 0 for open units."""
    FITNESS = 13
    """The place is the cost of the alignment, the stage the most that it could be."""
    BAND = 14
    """The place is the band of the fitness, `BANDS` where it is 1."""


def partial(block: Block, plan: PlanCodes, inactivity_us: int | None = None) -> pa.Table:
    """Of each mark that units of one block have: units, those that are closed, and their sums.

    Parameters
    ----------
    plan
        What is planned.
    inactivity_us
        A unit seen less than this before the end of the data is open; by default the journeys'
        own limit.
    """
    parts = block.parts()
    return pa.concat_tables([_counted(_Held(part, plan, inactivity_us)) for part in parts])


PLAN_DEVIATIONS = MergeableStatistic(
    name="plan_deviations",
    keys=("mark", "place", "stage"),
    measures=dict.fromkeys(
        ("units", "count", "closed", "completed", "interactions", *RATED_SUMS), "sum"
    ),
    partial=partial,
)


def units_marked(
    journeys: Journeys,
    plan: PlanCodes,
    mark: Mark,
    place: int,
    stage: int = -1,
    inactivity_us: int | None = None,
) -> Int64Array:
    """Units that have a mark at a place."""

    def find(block: Block) -> Int64Array:
        found = [_NONE]
        for part in block.parts():
            marked = _Held(part, plan, inactivity_us).marked(mark)
            is_meant = (marked.places == place) & (marked.stages == stage)
            found.append(marked.units[is_meant] + part.unit_lo)
        return np.concatenate(found)

    return np.concatenate(on_threads(find, blocks_or_nothing(journeys)))


UNITS_MARKED = Finder(name="units marked by a plan", units=units_marked)


class _Marked(NamedTuple):
    """Distinct units at places, and how often; units from the first of the block on."""

    units: Int64Array
    places: Int64Array
    stages: Int64Array
    counts: Int64Array

    @classmethod
    def at(cls, units: Int64Array, places: Int64Array) -> _Marked:
        return cls(units, places, np.full(len(units), -1), np.zeros(len(units), np.int64))

    @classmethod
    def all_of(cls, units: BoolArray, place: int = -1) -> _Marked:
        chosen = np.flatnonzero(units)
        return cls.at(chosen, np.full(len(chosen), place))


class _Taken(NamedTuple):
    """Runs of items that one step, or one stage, took up; in the order of their units."""

    units: Int64Array
    places: Int64Array
    first_at_us: Int64Array
    last_at_us: Int64Array


class _Held:
    """The units of a block, held against a plan."""

    def __init__(self, block: Block, plan: PlanCodes, inactivity_us: int | None) -> None:
        self.plan = plan
        self.n_units = block.unit_hi - block.unit_lo
        self.n_steps = len(plan.items)
        self.graph = block.journeys.graph
        self.are_open, self.are_completed = fates_of(block, inactivity_us)
        found = ItemRows.of(block)
        values, are_rated = ratings_of(block.journeys, found.rows, Rating.EMOTION)
        all_units = found.units - block.unit_lo
        self.interactions = np.bincount(all_units, minlength=self.n_units)
        self.ratings = np.bincount(all_units[are_rated], minlength=self.n_units)
        sums = np.bincount(all_units[are_rated], values[are_rated], self.n_units)
        self.rating_sums = sums.astype(np.int64)  # exact: below 2^53
        are_items = found.rows == found.anchors
        self.rows, self.units = found.rows[are_items], all_units[are_items]
        self.items = block.journeys.item_codes[self.rows].astype(np.int64)
        self._align()

    def _align(self) -> None:
        """Which step takes up each item that one could be, and the cost of each unit."""
        symbols, matches = symbols_of(self.plan, self.items, self.graph.channel_codes[self.rows])
        could_be = np.append(matches.any(axis=1), False)[symbols]
        self.are_extra = ~could_be
        self.planned_rows, self.planned_units = self.rows[could_be], self.units[could_be]
        bounds = np.searchsorted(self.planned_units, np.arange(self.n_units + 1))
        self.fits = matches[symbols[could_be]]
        self.steps, costs = align_plan(
            read_only(symbols[could_be]), read_only(bounds), matches, read_only(self.required),
            np.array(self.plan.repeats, np.bool_), self.are_open,
        )  # fmt: skip
        self.costs = costs + np.bincount(self.units[self.are_extra], minlength=self.n_units)

    @property
    def required(self) -> Int64Array:
        """1 for a step that may not be left out, else 0."""
        return 1 - np.array(self.plan.optional, np.int64)

    @property
    def most_costs(self) -> Int64Array:
        """By unit, the cost if no item were taken up, and every step that has to be is not."""
        unmet = np.where(self.are_open, 0, self.required.sum())
        return np.bincount(self.units, minlength=self.n_units) + unmet

    @cached_property
    def met(self) -> BoolArray:
        """(n_units, n_steps) whether a step took up an item."""
        return self._by_step(self.planned_units[self.steps >= 0], self.steps[self.steps >= 0])

    @cached_property
    def left(self) -> BoolArray:
        """(n_units, n_steps) whether an item that a step could be is left over."""
        rows, steps = np.nonzero(self.fits & (self.steps < 0)[:, None])
        return self._by_step(self.planned_units[rows], steps)

    @property
    def not_yet(self) -> BoolArray:
        """(n_units, n_steps) whether a step may still come."""
        is_behind = ~np.logical_or.accumulate(self.met[:, ::-1], axis=1)[:, ::-1]
        return self.are_open[:, None] & is_behind & ~self.left

    def _by_step(self, units: Int64Array, steps: Int64Array) -> BoolArray:
        found = np.zeros((self.n_units, self.n_steps), np.bool_)
        found[units, steps] = True
        return found

    def _taken(self, places_of_steps: Int64Array) -> _Taken:
        """Runs of what is taken up, by the place that each step has."""
        are_taken = self.steps >= 0
        units, places = self.planned_units[are_taken], places_of_steps[self.steps[are_taken]]
        at_us = self.graph.at_us[self.planned_rows[are_taken]]
        is_new = (np.diff(units, prepend=-1) != 0) | (np.diff(places, prepend=-1) != 0)
        firsts = np.flatnonzero(is_new)
        lasts = np.append(firsts[1:], len(units))[: len(firsts)] - 1
        return _Taken(units[firsts], places[firsts], at_us[firsts], at_us[lasts])

    def marked(self, mark: Mark) -> _Marked:
        """The units that have a mark."""
        if mark in _OF_STEPS:
            return _Marked.at(*np.nonzero(_OF_STEPS[mark](self)))
        if mark in (Mark.TIMED, Mark.LATE):
            return self._timed_steps(mark is Mark.LATE)
        if mark in (Mark.STAGE_MET, Mark.STAGE_TIMED, Mark.STAGE_LATE):
            return self._stages(mark)
        if mark is Mark.EXTRA:
            return self._extras()
        if mark is Mark.FOLLOWS:
            follow = self._follow()
            parts = [_Marked.all_of(follow & (self.are_open == (not place)), place)
                     for place in (0, 1)]  # fmt: skip
            return _Marked(*(np.concatenate(column) for column in zip(*parts, strict=True)))
        units = np.arange(self.n_units)
        if mark is Mark.FITNESS:
            return _Marked.at(units, self.costs)._replace(stages=self.most_costs)
        if mark is Mark.BAND:
            met = self.most_costs - self.costs
            return _Marked.at(units, BANDS * met // self.most_costs)
        return _Marked.all_of(np.ones(self.n_units, np.bool_))

    def _timed_steps(self, are_late: bool) -> _Marked:
        taken = self._taken(np.arange(self.n_steps))
        limits = limits_of(self.plan.within_us)[taken.places]
        is_timed = (np.diff(taken.units, prepend=-1) == 0) & (limits >= 0)
        elapsed = np.diff(taken.first_at_us, prepend=0)
        elapsed[1:] = taken.first_at_us[1:] - taken.last_at_us[:-1]
        chosen = is_timed & (elapsed > limits) if are_late else is_timed
        return _Marked.at(taken.units[chosen], taken.places[chosen])

    def _stages(self, mark: Mark) -> _Marked:
        taken = self._taken(np.array(self.plan.stages, np.int64))
        limits = limits_of(self.plan.stage_within_us)[taken.places]
        chosen = np.ones(len(limits), np.bool_) if mark is Mark.STAGE_MET else limits >= 0
        if mark is Mark.STAGE_LATE:
            chosen &= taken.last_at_us - taken.first_at_us > limits
        return _Marked.at(taken.units[chosen], taken.places[chosen])

    def _extras(self) -> _Marked:
        rows, units = self.rows[self.are_extra], self.units[self.are_extra]
        stages = self.graph.stage_codes[rows].astype(np.int64)
        place = np.stack([units, self.items[self.are_extra], stages])
        order = np.lexsort(place[::-1])
        place = place[:, order]
        is_new = np.append(True, (np.diff(place, axis=1) != 0).any(axis=0))[: place.shape[1]]
        firsts = np.flatnonzero(is_new)
        counts = np.diff(np.append(firsts, place.shape[1]))
        return _Marked(place[0, firsts], place[1, firsts], place[2, firsts], counts)

    def _follow(self) -> BoolArray:
        follow = self.costs == 0
        for mark in (Mark.LATE, Mark.STAGE_LATE):
            follow[self.marked(mark).units] = False
        return follow


_OF_STEPS = {
    Mark.MET: lambda held: held.met,
    Mark.OUT_OF_ORDER: lambda held: ~held.met & held.left,
    Mark.SKIPPED: lambda held: ~held.met & ~held.left & ~held.not_yet,
    Mark.NOT_YET: lambda held: held.not_yet,
    Mark.REPEATED: lambda held: held.met & held.left,
}


def _counted(held: _Held) -> pa.Table:
    """The table of one part."""
    columns = [(mark, held.marked(mark)) for mark in Mark]
    marks = np.concatenate([np.full(len(marked.units), mark) for mark, marked in columns])
    units, places, stages, counts = (
        np.concatenate(column) for column in zip(*(marked for _, marked in columns), strict=True)
    )
    order = np.lexsort((units, stages, places, marks))
    keys = np.stack([marks, places, stages])[:, order]
    units, counts = units[order], counts[order]
    is_new = np.append(True, (np.diff(keys, axis=1) != 0).any(axis=0))[: len(units)]
    groups, n_groups = np.cumsum(is_new) - 1, int(is_new.sum())
    closed = ~held.are_open[units]
    of_closed, closed_groups = units[closed], groups[closed]
    sums = sum_tallies(
        read_only(closed_groups), read_only(held.ratings[of_closed]),
        read_only(held.rating_sums[of_closed]), read_only(of_closed), n_groups,
    )  # fmt: skip
    added = {
        "units": np.ones(len(units), np.int64),
        "count": counts,
        "closed": closed,
        "completed": held.are_completed[units],
        "interactions": np.where(closed, held.interactions[units], 0),
    }
    return pa.table({
        **dict(zip(("mark", "place", "stage"), keys[:, is_new], strict=True)),
        **{name: _sums(values, groups, n_groups) for name, values in added.items()},
        **{name: sums[:, number] for number, name in enumerate(RATED_SUMS)},
    })  # fmt: skip


def _sums(values: npt.NDArray[np.generic], groups: Int64Array, n_groups: int) -> Int64Array:
    sums = np.zeros(n_groups, np.int64)
    np.add.at(sums, groups, values.astype(np.int64))
    return sums
