"""How many units, or entries, go through the steps of a funnel with conditions. Mergeable.

One table holds it all, as for the plain funnel, by group: the value that a walk is broken down
by, or the population it belongs to. Each walk is in one group, so that groups add up to the
whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.kernels import funnel_walks as kernels
from journeygraph.statistics.base import MergeableStatistic, blocks_or_nothing
from journeygraph.statistics.coded_rows import codes_in_rows
from journeygraph.statistics.finders import Finder
from journeygraph.statistics.funnel_plan import FunnelPlan, previous_required
from journeygraph.statistics.funnel_records import records_of
from journeygraph.statistics.quantiles import N_BUCKETS, bucket_edges
from journeygraph.threads import on_threads

if TYPE_CHECKING:
    from journeygraph.journeys import Block, Journeys

__all__ = [
    "FUNNEL_WALKS",
    "Fate",
    "StepCounts",
    "WalkGroups",
    "Walks",
    "all_walks",
    "counts_of",
    "UNITS_WITH_FATE",
    "units_with_fate",
    "walk_times",
    "walks_with_fate",
]

Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


class Fate(IntEnum):
    """What becomes of a walk at a step, counted from 1; LEFT is of the whole walk, at step 0."""

    REACHED = 0
    OPEN = 1  # of those that reached the last step before that is not optional, not this one
    GONE = 2  # the others of those: dropped, or at an optional step, passed over
    LEFT = 3


_SINCE_PREVIOUS, _SINCE_FIRST = 4, 5
_N_MEASURES = 6


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class WalkGroups:
    """What walks are grouped by: one of a column, an attribute, a moment, or a population.

    Attributes
    ----------
    column, step
        The value that the interaction of a step has; steps count from 0, -1 is the last one met.
    attribute
        The value that the customer has.
    since_us
        Group 1 began at this moment or later, group 0 before.
    in_second
        By unit, whether it is of group 1.
    """

    column: str | None = None
    step: int = 0
    attribute: str | None = None
    since_us: int | None = None
    in_second: BoolArray | None = None

    def of(self, journeys: Journeys, units: Int64Array, met_rows: Int64Array) -> Int64Array:
        """The group of each walk, -1 where its value is not said or its step was not met."""
        graph = journeys.graph
        if self.attribute is not None:
            return graph.attribute_codes(self.attribute)[0][journeys.unit_customers[units]]
        if self.in_second is not None:
            return self.in_second[units].astype(np.int64)
        if self.since_us is not None:
            return (graph.at_us[met_rows[:, 0]] >= self.since_us).astype(np.int64)
        assert self.column is not None
        rows = met_rows.max(axis=1) if self.step < 0 else met_rows[:, self.step]
        codes = codes_in_rows(graph, self.column, np.maximum(rows, 0))
        return np.where(rows >= 0, codes, -1)


@dataclass(frozen=True, eq=False, slots=True)
class Walks:
    """Walks of some units; see `kernels.funnel_walks.follow_walks`."""

    plan: FunnelPlan
    units: Int64Array
    reached: Int64Array
    alive: Int64Array
    left: BoolArray
    met_rows: Int64Array
    groups: Int64Array

    def with_fate(self, fate: Fate, step: int) -> BoolArray:
        """Which of them fare so at a step, counted from 1."""
        if fate is Fate.LEFT:
            return self.left
        here = self.reached >> (step - 1) & 1 != 0
        if fate is Fate.REACHED:
            return here & ~self.left
        before = previous_required(self.plan.steps, step - 1) if step > 1 else 0
        came = (self.reached >> before & 1 != 0) & ~here & ~self.left
        still = self.alive & ((1 << (step - 1)) - (1 << before)) != 0
        if self.plan.steps[step - 1].is_optional:
            still = np.zeros(len(still), np.bool_)
        return came & (still if fate is Fate.OPEN else ~still)

    def elapsed(self, journeys: Journeys, step: int) -> tuple[Int64Array, Int64Array, Int64Array]:
        """Walks that met a step, µs since the step that each met before, and since the first."""
        walks = np.flatnonzero((self.met_rows[:, step - 1] >= 0) & ~self.left)
        if step == 1:
            return walks[:0], walks[:0], walks[:0]
        at_us = journeys.graph.at_us
        met = self.met_rows[walks]
        now = at_us[met[:, step - 1]]
        return walks, now - at_us[met[:, : step - 1].max(axis=1)], now - at_us[met[:, 0]]


def _walks(block: Block, plan: FunnelPlan, groups: WalkGroups | None) -> Iterator[Walks]:
    """Of the units of a block, a few thousand at a time."""
    journeys = block.journeys
    passages, leaving = _sealed(plan.passages()), plan.leaving()
    leaving.flags.writeable = False
    is_open = journeys.unit_is_open()
    for part in block.parts():
        records = records_of(part, plan)
        unit_open = is_open[part.unit_lo : part.unit_hi]
        unit_open.flags.writeable = False
        units, reached, alive, left, met_rows = kernels.follow_walks(
            records.rows,
            (records.at_us, records.steps, records.exclusions, records.places),
            records.part_starts, records.part_units, part.unit_lo, unit_open, passages,
            len(plan), plan.limit_us, journeys.as_of_us, plan.entry, plan.is_any,
            plan.every_exclusion, leaving,
        )  # fmt: skip
        of = np.zeros_like(units) if groups is None else groups.of(journeys, units, met_rows)
        yield Walks(plan, units, reached, alive, left, met_rows, of)


def _sealed(arrays: tuple[npt.NDArray[np.generic], ...]) -> tuple[npt.NDArray[np.generic], ...]:
    for array in arrays:
        array.flags.writeable = False
    return arrays


def partial(block: Block, plan: FunnelPlan, groups: WalkGroups | None = None) -> pa.Table:
    """What the walks of one block do at each step, by group."""
    parts = [_rows(np.zeros(0, np.int64), 0, 0, np.zeros(0, np.int64))]
    for walks in _walks(block, plan, groups):
        parts.append(_rows(walks.groups[walks.left], 0, Fate.LEFT))
        for step in range(1, len(plan) + 1):
            for fate in (Fate.REACHED, Fate.OPEN, Fate.GONE):
                parts.append(_rows(walks.groups[walks.with_fate(fate, step)], step, fate))
            found, previous, first = walks.elapsed(block.journeys, step)
            for measure, elapsed in ((_SINCE_PREVIOUS, previous), (_SINCE_FIRST, first)):
                buckets = np.searchsorted(bucket_edges(), elapsed, side="right") - 1
                parts.append(_rows(walks.groups[found], step, measure, buckets))
    counted = pa.concat_tables(parts).group_by(_KEYS, use_threads=False)
    table = counted.aggregate([("units", "sum")]).rename_columns([*_KEYS, "units"])
    return table.sort_by([(key, "ascending") for key in _KEYS])


_KEYS = ["group", "step", "measure", "bucket"]


def _rows(
    groups: Int64Array, step: int, measure: int, buckets: Int64Array | None = None
) -> pa.Table:
    """One row for each group and bucket, and how many walks there are."""
    if buckets is None:
        buckets = np.zeros_like(groups)
    pairs, counts = np.unique(np.stack([groups, buckets]), axis=1, return_counts=True)
    same = np.ones(len(counts), np.int64)
    columns = [pairs[0], same * step, same * measure, pairs[1], counts.astype(np.int64)]
    return pa.table(dict(zip([*_KEYS, "units"], map(np.ascontiguousarray, columns), strict=True)))


FUNNEL_WALKS = MergeableStatistic(
    name="funnel_walks",
    keys=tuple(_KEYS),
    measures={"units": "sum"},
    partial=partial,
)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class StepCounts:
    """Of some groups: walks that left, and by step, counted from 0, all else.

    Attributes
    ----------
    since_previous, since_first
        (n_steps, N_BUCKETS) times by bucket.
    """

    left: int
    reached: Int64Array
    open: Int64Array
    gone: Int64Array
    since_previous: Int64Array
    since_first: Int64Array


def counts_of(table: pa.Table, n_steps: int, groups: Collection[int] | None = None) -> StepCounts:
    """The counts of some groups together, of all without `groups`."""
    counts = np.zeros((_N_MEASURES, n_steps + 1, N_BUCKETS), np.int64)
    group, step, measure, bucket = (table[key].to_numpy() for key in _KEYS)
    meant = np.ones(len(group), np.bool_)
    if groups is not None:
        meant = np.isin(group, sorted(groups))
    np.add.at(
        counts, (measure[meant], step[meant], bucket[meant]), table["units"].to_numpy()[meant]
    )
    single = counts[:, :, 0]
    return StepCounts(
        left=int(single[Fate.LEFT, 0]),
        reached=single[Fate.REACHED, 1:],
        open=single[Fate.OPEN, 1:],
        gone=single[Fate.GONE, 1:],
        since_previous=counts[_SINCE_PREVIOUS, 1:],
        since_first=counts[_SINCE_FIRST, 1:],
    )


def all_walks(journeys: Journeys, plan: FunnelPlan, groups: WalkGroups | None) -> list[Walks]:
    """Every walk, in the order of the units."""
    found = on_threads(lambda block: list(_walks(block, plan, groups)), blocks_or_nothing(journeys))
    return [walks for part in found for walks in part]


def _meant(walks: Walks, groups: Collection[int] | None) -> BoolArray:
    if groups is None:
        return np.ones(len(walks.units), np.bool_)
    return np.isin(walks.groups, sorted(groups))


def units_with_fate(
    journeys: Journeys,
    plan: FunnelPlan,
    fate: Fate,
    step: int,
    grouping: WalkGroups | None = None,
    groups: Collection[int] | None = None,
) -> Int64Array:
    """Units of which a walk, of some groups, fares so at a step, counted from 1; ascending."""
    return np.unique(walks_with_fate(journeys, plan, fate, step, grouping, groups))


def walks_with_fate(
    journeys: Journeys,
    plan: FunnelPlan,
    fate: Fate,
    step: int,
    grouping: WalkGroups | None = None,
    groups: Collection[int] | None = None,
) -> Int64Array:
    """The same, with the unit of each such walk: as often as it has one."""
    found = [
        walks.units[walks.with_fate(fate, step) & _meant(walks, groups)]
        for walks in all_walks(journeys, plan, grouping)
    ]
    return np.concatenate([np.zeros(0, np.int64), *found])


UNITS_WITH_FATE = Finder(name="units with a fate", units=units_with_fate)


def walk_times(
    journeys: Journeys,
    plan: FunnelPlan,
    grouping: WalkGroups | None = None,
    groups: Collection[int] | None = None,
) -> Iterator[tuple[Int64Array, Int64Array]]:
    """Of each step every time since the step met before and since the first, µs."""
    walks = all_walks(journeys, plan, grouping)
    for step in range(1, len(plan) + 1):
        previous, first = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for part in walks:
            found, since_previous, since_first = part.elapsed(journeys, step)
            meant = _meant(part, groups)[found]
            previous.append(since_previous[meant])
            first.append(since_first[meant])
        yield np.concatenate(previous), np.concatenate(first)
