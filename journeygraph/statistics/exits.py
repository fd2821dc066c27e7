"""Where units are last seen, and how many were there at all. Mergeable.

A unit that met the outcome never exits, and one that was seen lately may still go on: both are
counted apart. Every unit is last seen at one item, so that exits, open and completed units add up
to all units.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.conditions import ranks, rows_at
from journeygraph.kernels import exits as kernels
from journeygraph.statistics.base import MergeableStatistic, blocks_or_nothing
from journeygraph.statistics.block_rows import rows_of
from journeygraph.statistics.finders import Finder
from journeygraph.statistics.refresh import Refresh
from journeygraph.statistics.view_changes import Limit
from journeygraph.threads import on_threads

if TYPE_CHECKING:
    from journeygraph.journeys import Block, Journeys

__all__ = [
    "COMPLETED_UNITS",
    "EXITS",
    "GONE_UNITS",
    "OPEN_UNITS",
    "UNITS_OPEN_AT",
    "UNITS_THAT_EXIT",
    "UNITS_THAT_VISIT",
    "exits_by_unit",
    "fates_of",
    "units_open_at",
    "units_that_exit",
    "units_that_visit",
]

Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


def partial(block: Block, inactivity_us: int | None = None) -> pa.Table:
    """Of each item that units of one block met: visits, exits, open, completed.

    Parameters
    ----------
    inactivity_us
        A unit seen less than this before the end of the data is open; by default the journeys'
        own limit.
    """
    journeys = block.journeys
    visits, last_items = _visits_and_last_items(block)
    is_open, is_completed = fates_of(block, inactivity_us)
    gone = ~is_open & ~is_completed
    measures = {
        "visits": visits,
        "exits": _by_item(last_items[gone], journeys.n_items),
        "open": _by_item(last_items[is_open], journeys.n_items),
        "completed": _by_item(last_items[is_completed], journeys.n_items),
    }
    met = np.flatnonzero(visits)
    return pa.table({"item": met, **{name: column[met] for name, column in measures.items()}})


def _open_limit(journeys: Journeys, inactivity_us: int | None = None) -> Limit:
    limit_us = journeys.inactivity_us if inactivity_us is None else inactivity_us
    return Limit(limit_us, since_last_seen=True)


EXITS = MergeableStatistic(
    name="exits",
    keys=("item",),
    measures={"visits": "sum", "exits": "sum", "open": "sum", "completed": "sum"},
    partial=partial,
    refresh=Refresh(item_keys=("item",), limit=_open_limit),
)


def units_that_exit(journeys: Journeys, item: int, inactivity_us: int | None = None) -> Int64Array:
    """Which units exit at an item."""

    def find(block: Block) -> Int64Array:
        is_open, is_completed = fates_of(block, inactivity_us)
        exits = (_visits_and_last_items(block)[1] == item) & ~is_open & ~is_completed
        return np.flatnonzero(exits) + block.unit_lo

    return np.concatenate(on_threads(find, blocks_or_nothing(journeys)))


def units_open_at(journeys: Journeys, item: int, inactivity_us: int | None = None) -> Int64Array:
    """Which open units were last seen at an item."""

    def find(block: Block) -> Int64Array:
        is_open, _is_completed = fates_of(block, inactivity_us)
        return np.flatnonzero((_visits_and_last_items(block)[1] == item) & is_open) + block.unit_lo

    return np.concatenate(on_threads(find, blocks_or_nothing(journeys)))


def units_that_visit(journeys: Journeys, item: int) -> Int64Array:
    """Which units meet an item."""

    def find(block: Block) -> Int64Array:
        within = slice(block.journey_lo, block.journey_hi)
        starts, ends = journeys.journey_starts[within], journeys.journey_ends[within]
        if not len(starts):
            return np.zeros(0, np.int64)
        rows = rows_at(journeys.item_codes, item, int(starts[0]), int(ends[-1]))
        visits = ranks(rows, ends) > ranks(rows, starts)
        return np.unique(journeys.journey_units[within][visits]).astype(np.int64, copy=False)

    return np.concatenate(on_threads(find, blocks_or_nothing(journeys)))


def _open(journeys: Journeys, inactivity_us: int | None = None) -> Int64Array:
    """Which units are open."""
    return np.flatnonzero(journeys.unit_is_open(inactivity_us))


def _completed(journeys: Journeys, inactivity_us: int | None = None) -> Int64Array:
    """Which closed units had the outcome."""
    had = journeys.unit_last_outcome >= 0
    return np.flatnonzero(~journeys.unit_is_open(inactivity_us) & had)


def _gone(journeys: Journeys, inactivity_us: int | None = None) -> Int64Array:
    """Which closed units had not."""
    had = journeys.unit_last_outcome >= 0
    return np.flatnonzero(~journeys.unit_is_open(inactivity_us) & ~had)


UNITS_THAT_EXIT = Finder(name="units that exit", units=units_that_exit)
UNITS_OPEN_AT = Finder(name="units open at an item", units=units_open_at)
UNITS_THAT_VISIT = Finder(name="units that visit", units=units_that_visit)
OPEN_UNITS = Finder(name="open units", units=_open)
COMPLETED_UNITS = Finder(name="completed units", units=_completed)
GONE_UNITS = Finder(name="gone units", units=_gone)


def exits_by_unit(
    journeys: Journeys, inactivity_us: int | None = None
) -> tuple[Int64Array, BoolArray, BoolArray]:
    """By unit the last item, whether it is open there, and whether it exits there."""

    def find(block: Block) -> tuple[Int64Array, BoolArray, BoolArray]:
        is_open, is_completed = fates_of(block, inactivity_us)
        return _visits_and_last_items(block)[1], is_open, ~is_open & ~is_completed

    last_items, is_open, exits = zip(*on_threads(find, blocks_or_nothing(journeys)), strict=True)
    return np.concatenate(last_items), np.concatenate(is_open), np.concatenate(exits)


def _visits_and_last_items(block: Block) -> tuple[Int64Array, Int64Array]:
    """How many units of a block meet each item, and the last item of each unit."""
    visits, last_items = kernels.survey_visits(
        *rows_of(block), block.journeys.journey_units, block.unit_lo, block.unit_hi
    )
    return visits, last_items


def fates_of(block: Block, inactivity_us: int | None) -> tuple[BoolArray, BoolArray]:
    """Which units are open, and which are closed and have the outcome."""
    journeys, units = block.journeys, slice(block.unit_lo, block.unit_hi)
    starts, ends = journeys.unit_starts[units], journeys.unit_ends[units]
    limit_us = journeys.inactivity_us if inactivity_us is None else inactivity_us
    is_open = journeys.as_of_us - journeys.graph.at_us[ends - 1] < limit_us
    rows = journeys.outcome_rows
    return is_open, ~is_open & (ranks(rows, ends) > ranks(rows, starts))


def _by_item(items: Int64Array, n_items: int) -> Int64Array:
    return np.bincount(items, minlength=n_items).astype(np.int64, copy=False)
