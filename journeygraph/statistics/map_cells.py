"""Stages by items: who meets an item in a stage, and who is last seen there. Mergeable.

A cell is an item in a stage, so that the units and fates of cells are counted as those of items
are (`exits`), by the same kernel. Every unit is last seen in one cell: the fates of all cells add
up to all units, and those of an item over the stages to the item's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.kernels.exits import survey_visits
from journeygraph.statistics.base import MergeableStatistic, blocks_or_nothing
from journeygraph.statistics.exits import fates_of
from journeygraph.statistics.finders import Finder
from journeygraph.statistics.item_rows import ItemRows
from journeygraph.statistics.sequences import read_only
from journeygraph.threads import on_threads
from journeygraph.vocabulary import STAGES

if TYPE_CHECKING:
    from journeygraph.journeys import Block, Journeys

__all__ = [
    "FATES",
    "MAP_CELLS",
    "UNITS_LAST_IN_CELL",
    "UNITS_THAT_MEET_CELL",
    "units_last_in_cell",
    "units_that_meet_cell",
]

Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

FATES = ("exits", "open", "completed")
"""What becomes of a unit: closed without the outcome, open, closed with it."""


def partial(block: Block, inactivity_us: int | None = None) -> pa.Table:
    """Of each cell, and of each stage, that units of one block met: units, items, fates.

    A stage that is not said is 0; the rows of a stage as a whole have the item -1. Units are
    counted once, fates where they are last seen.

    Parameters
    ----------
    inactivity_us
        A unit seen less than this before the end of the data is open; by default the journeys'
        own limit.
    """
    n_items = max(1, block.journeys.n_items)
    n_stages = len(STAGES) + 1
    of_cells = np.zeros((2 + len(FATES), n_stages * n_items), np.int64)
    of_stages = np.zeros((2 + len(FATES), n_stages), np.int64)
    for part in block.parts(at_least=n_stages * n_items):
        cells = _Cells.of(part)
        fates = _fates(part, inactivity_us)
        of_cells += _measured(cells.cells, cells, fates, n_stages * n_items)
        of_stages += _measured(cells.cells // n_items, cells, fates, n_stages)
    tables = []
    for sums, width in ((of_cells, n_items), (of_stages, 1)):
        met = np.flatnonzero(sums[0])
        items = met % width if sums is of_cells else np.full(len(met), -1)
        measures = dict(zip(MAP_CELLS.measures, sums[:, met], strict=True))
        tables.append(pa.table({"stage": met // width, "item": items, **measures}))
    return pa.concat_tables(tables)


MAP_CELLS = MergeableStatistic(
    name="map_cells",
    keys=("stage", "item"),
    measures={"units": "sum", "count": "sum", **dict.fromkeys(FATES, "sum")},
    partial=partial,
)


def units_that_meet_cell(journeys: Journeys, stage: int, item: int | None) -> Int64Array:
    """Units that meet an item in a stage; without an item, the stage."""

    def find(block: Block) -> Int64Array:
        cells = _Cells.of(block)
        return np.unique(cells.units[cells.are(stage, item)])

    return _of_parts(journeys, find)


def units_last_in_cell(
    journeys: Journeys, stage: int, item: int | None, fate: str, inactivity_us: int | None = None
) -> Int64Array:
    """Units of a fate that are last seen at an item in a stage; without an item, in the stage."""

    def find(block: Block) -> Int64Array:
        cells = _Cells.of(block)
        is_last = np.diff(cells.units, append=-1) != 0
        units = cells.units[is_last & cells.are(stage, item)]
        has_fate = _fates(block, inactivity_us)[FATES.index(fate)]
        return units[has_fate[units - block.unit_lo]]

    return _of_parts(journeys, find)


UNITS_THAT_MEET_CELL = Finder(name="units that meet a cell", units=units_that_meet_cell)
UNITS_LAST_IN_CELL = Finder(name="units last seen in a cell", units=units_last_in_cell)


def _of_parts(journeys: Journeys, find: Callable[[Block], Int64Array]) -> Int64Array:
    def of(block: Block) -> Int64Array:
        parts = [find(part) for part in block.parts()]
        return np.concatenate([np.zeros(0, np.int64), *parts])

    return np.concatenate(on_threads(of, blocks_or_nothing(journeys)))


@dataclass(frozen=True, eq=False, slots=True)
class _Cells:
    """The cell of each item of a block, and whose it is, ascending."""

    block: Block
    cells: Int64Array
    units: Int64Array

    @classmethod
    def of(cls, block: Block) -> _Cells:
        found, journeys = ItemRows.of(block), block.journeys
        is_item = found.rows == found.anchors
        rows = found.rows[is_item]
        stages = journeys.graph.stage_codes[rows].astype(np.int64)
        cells = stages * journeys.n_items + journeys.item_codes[rows]
        return cls(block, cells, found.units[is_item])

    def are(self, stage: int, item: int | None) -> BoolArray:
        n_items = self.block.journeys.n_items
        if item is None:
            return self.cells // n_items == stage
        return self.cells == stage * n_items + item


def _measured(
    cells: Int64Array, of: _Cells, fates: tuple[BoolArray, ...], n_cells: int
) -> Int64Array:
    """(2 + fates, n_cells) units, items, and the units of each fate last seen in each cell."""
    firsts = np.flatnonzero(np.diff(of.units, prepend=-1))
    units_met = of.units[firsts].astype(of.block.journeys.journey_units.dtype)  # as compiled for
    codes = read_only(cells.astype(np.uint32))
    units, last_cells = survey_visits(
        codes.view(np.uint8), codes.itemsize, n_cells, read_only(firsts),
        read_only(np.append(firsts[1:], len(cells))), 0, len(firsts), read_only(units_met),
        of.block.unit_lo, of.block.unit_hi,
    )  # fmt: skip
    counted = [np.bincount(last_cells[fate], minlength=n_cells) for fate in fates]
    return np.stack([units, np.bincount(cells, minlength=n_cells), *counted])


def _fates(block: Block, inactivity_us: int | None) -> tuple[BoolArray, BoolArray, BoolArray]:
    is_open, is_completed = fates_of(block, inactivity_us)
    return ~is_open & ~is_completed, is_open, is_completed
