"""At which place of their journeys units exit: as which item, or how long after the first.

A place is a position among the items of a unit, or a stretch of time since its first item.
Mergeable: every unit is last seen at one place, so that counts of blocks add up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.kernels.exit_places import find_last_places, list_meetings
from journeygraph.statistics.base import MergeableStatistic, blocks_or_nothing
from journeygraph.statistics.finders import Finder
from journeygraph.threads import on_threads

if TYPE_CHECKING:
    from journeygraph.journeys import Block, Journeys

__all__ = [
    "EXIT_PLACES",
    "FATES",
    "UNITS_AT_PLACE",
    "UNITS_LAST_AT_PLACE",
    "units_at_place",
    "units_last_at_place",
]

Int64Array = npt.NDArray[np.int64]

FATES = ("exits", "open", "completed")
"""What becomes of a unit: closed without the outcome, open, closed with it."""


def partial(block: Block, items: tuple[int, ...] | None = None, width_us: int = 0) -> pa.Table:
    """By place: units of one block that meet the item there, and fates of those last seen there.

    Parameters
    ----------
    items
        Only units last seen at one of these items count; None for all, and then nothing is met.
    width_us
        How long a place is; 0 where each item is a place.
    """
    last_places, fates = _last(block, items, width_us)
    met = np.zeros(0, np.int64) if items is None else _meetings(block, items, width_us)[1]
    is_last = last_places >= 0
    places, row_of = np.unique(np.concatenate([last_places[is_last], met]), return_inverse=True)
    n_last = int(np.count_nonzero(is_last))

    def count(rows: Int64Array) -> Int64Array:
        return np.bincount(rows, minlength=len(places)).astype(np.int64, copy=False)

    counted = {
        name: count(row_of[:n_last][fates[is_last] == number]) for number, name in enumerate(FATES)
    }
    return pa.table({"place": places, "met": count(row_of[n_last:]), **counted})


EXIT_PLACES = MergeableStatistic(
    name="exit_places",
    keys=("place",),
    measures={"met": "sum", **dict.fromkeys(FATES, "sum")},
    partial=partial,
)


def units_at_place(
    journeys: Journeys, items: tuple[int, ...] | None, width_us: int, place: int
) -> Int64Array:
    """Units that meet an item at a place; without an item, those not last seen before it."""

    def find(block: Block) -> Int64Array:
        if items is None:
            last_places, _fates = _last(block, None, width_us)
            return np.flatnonzero(last_places >= place) + block.unit_lo
        units, places = _meetings(block, items, width_us)
        return units[places == place]

    return np.concatenate(on_threads(find, blocks_or_nothing(journeys)))


def units_last_at_place(
    journeys: Journeys, items: tuple[int, ...] | None, width_us: int, place: int, fate: str
) -> Int64Array:
    """Units of a fate that are last seen at a place, at an item if one is given."""

    def find(block: Block) -> Int64Array:
        last_places, fates = _last(block, items, width_us)
        chosen = (last_places == place) & (fates == FATES.index(fate))
        return np.flatnonzero(chosen) + block.unit_lo

    return np.concatenate(on_threads(find, blocks_or_nothing(journeys)))


UNITS_AT_PLACE = Finder(name="units at a place", units=units_at_place)
UNITS_LAST_AT_PLACE = Finder(name="units last at a place", units=units_last_at_place)


def _last(
    block: Block, items: tuple[int, ...] | None, width_us: int
) -> tuple[Int64Array, npt.NDArray[np.int8]]:
    """By unit of a block its last place, -1 where it is not last seen at the items; its fate."""
    journeys = block.journeys
    units = slice(block.unit_lo, block.unit_hi)
    places, last_items = find_last_places(
        journeys.item_codes, journeys.n_items, journeys.graph.at_us, journeys.journey_starts,
        journeys.journey_ends, journeys.journey_units, block.journey_lo, block.journey_hi,
        block.unit_lo, block.unit_hi, width_us,
    )  # fmt: skip
    if items is not None:
        places = np.where(np.isin(last_items, items), places, -1)
    is_open = journeys.unit_is_open()[units]
    fates = np.where(is_open, 1, np.where(journeys.unit_last_outcome[units] >= 0, 2, 0))
    return places, fates.astype(np.int8)


def _meetings(block: Block, items: tuple[int, ...], width_us: int) -> tuple[Int64Array, Int64Array]:
    """Units of a block and the places at which they meet some items, ascending, each once."""
    journeys = block.journeys
    is_wanted = np.zeros(journeys.n_items, np.bool_)
    is_wanted[list(items)] = True
    units, places = list_meetings(
        journeys.item_codes, is_wanted, journeys.graph.at_us, journeys.journey_starts,
        journeys.journey_ends, journeys.journey_units, block.journey_lo, block.journey_hi,
        width_us,
    )  # fmt: skip
    # a unit meets them at a place once, however often
    is_new = (np.diff(units, prepend=-1) != 0) | (np.diff(places, prepend=-1) != 0)
    return units[is_new], places[is_new]
