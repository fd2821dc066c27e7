"""The interactions that a funnel looks at, part by part: those that are a step or an exclusion.

A part is what all steps must lie in: a journey, or of it one session, or what has the same value
of some columns. So neither sessions nor columns that are held constant are anything to the kernel
that follows the steps, and both mean what a journey means: the next item is the next one there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.cohorts import Where, conditions_of
from journeygraph.statistics.coded_rows import codes_in_rows
from journeygraph.statistics.set_members import first_rows_met

if TYPE_CHECKING:
    from journeygraph.journeys import Block, Journeys
    from journeygraph.statistics.funnel_plan import FunnelPlan, PlannedExclusion, PlannedStep

__all__ = ["FunnelRecords", "records_of"]

Int64Array = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class FunnelRecords:
    """Records of some units; see `kernels.funnel_walks.follow_walks`."""

    rows: Int64Array
    at_us: Int64Array
    steps: Int64Array
    exclusions: Int64Array
    places: Int64Array
    part_starts: Int64Array
    part_units: Int64Array


def records_of(block: Block, plan: FunnelPlan) -> FunnelRecords:
    """The records of the units of a block."""
    rows, journeys_of = _items(block)
    rows, journeys_of, parts = _parts(block.journeys, rows, journeys_of, plan)
    places = np.arange(len(rows)) - _first_of_part(parts)
    steps = _bits(block, rows, plan.steps)
    exclusions = _bits(block, rows, plan.exclusions)
    kept = np.flatnonzero(steps | exclusions)
    begins = np.flatnonzero(np.diff(parts[kept], prepend=-1))
    of_parts = block.journey_lo + journeys_of[kept[begins]]
    return FunnelRecords(
        rows=_sealed(rows[kept]),
        at_us=_sealed(block.journeys.graph.at_us[rows[kept]]),
        steps=_sealed(steps[kept]),
        exclusions=_sealed(exclusions[kept]),
        places=_sealed(places[kept]),
        part_starts=_sealed(np.append(begins, len(kept))),
        part_units=_sealed(block.journeys.journey_units[of_parts].astype(np.int64)),
    )


def _items(block: Block) -> tuple[Int64Array, Int64Array]:
    """The rows of items, ascending, and the journey of each, counted from 0."""
    journeys = block.journeys
    within = slice(block.journey_lo, block.journey_hi)
    starts, ends = journeys.journey_starts[within], journeys.journey_ends[within]
    sizes = ends - starts
    rows = np.arange(sizes.sum()) + np.repeat(starts - (np.cumsum(sizes) - sizes), sizes)
    journeys_of = np.repeat(np.arange(len(sizes)), sizes)
    is_item = journeys.item_codes[rows] < journeys.n_items
    return rows[is_item], journeys_of[is_item]


def _parts(
    journeys: Journeys, rows: Int64Array, journeys_of: Int64Array, plan: FunnelPlan
) -> tuple[Int64Array, Int64Array, Int64Array]:
    """Rows and their journeys in the order of parts, and the part of each, counted from 0."""
    keys: list[npt.NDArray[Any]] = []
    if plan.session_gap_us is not None:
        is_gap = np.diff(journeys.graph.at_us[rows], prepend=0) >= plan.session_gap_us
        keys.append(np.cumsum(is_gap))
    if plan.session_column is not None:
        keys.append(codes_in_rows(journeys.graph, plan.session_column, rows))
    for column in plan.held:
        keys.append(codes_in_rows(journeys.graph, column, rows))
    if keys:
        said = np.ones(len(rows), np.bool_)
        for codes in keys[len(keys) - len(plan.held) :]:
            said &= codes >= 0
        chosen = np.flatnonzero(said)
        order = chosen[np.lexsort([*(key[chosen] for key in keys), journeys_of[chosen]])]
        rows, journeys_of, keys = rows[order], journeys_of[order], [key[order] for key in keys]
    begins = np.zeros(len(rows), np.bool_)
    for key in (journeys_of, *keys):
        begins |= np.diff(key.astype(np.int64), prepend=-2) != 0
    return rows, journeys_of, np.cumsum(begins) - 1


def _first_of_part(parts: Int64Array) -> Int64Array:
    begins = np.flatnonzero(np.diff(parts, prepend=-1))
    return begins[parts] if len(parts) else begins


def _bits(
    block: Block, rows: Int64Array, asked: Sequence[PlannedStep | PlannedExclusion]
) -> Int64Array:
    """Of each row the bits of what it meets."""
    journeys = block.journeys
    table = np.zeros(journeys.n_items, np.int64)
    for number, one in enumerate(asked):
        table[list(one.codes)] |= 1 << number
    bits = table[journeys.item_codes[rows]]
    for number, one in enumerate(asked):
        if one.where is not None and len(rows):
            met = _meet(block, rows, one.where, one.pairs)
            bits &= ~((~met).astype(np.int64) << number)
    return bits


def _meet(
    block: Block, rows: Int64Array, where: Where, pairs: tuple[int, ...] | None
) -> npt.NDArray[np.bool_]:
    """Which of the rows meet a condition; of a set, by any of its interactions that is meant."""
    journeys = block.journeys
    conditions = conditions_of(journeys.graph, where, None)

    def meets(piece: slice) -> npt.NDArray[np.bool_]:
        hits = np.ones(piece.stop - piece.start, np.uint8)
        conditions.skip(piece, hits, 0)
        return hits.view(np.bool_)

    if journeys.sets is not None:
        part = slice(block.journey_lo, block.journey_hi)
        return np.isin(rows, first_rows_met(journeys, part, meets, pairs))
    piece = slice(int(rows.min()), int(rows.max()) + 1)
    return meets(piece)[rows - piece.start]


def _sealed(array: npt.NDArray[Any]) -> Int64Array:
    """As int64 that nobody writes to: kernels are compiled for one kind."""
    sealed = np.ascontiguousarray(array, np.int64)
    sealed = sealed.view()
    sealed.flags.writeable = False
    return sealed
