"""The rows of a block that are an item, and those that a collapsed run took in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from journeygraph.journeys import Block, Journeys

__all__ = ["ItemRows"]

Int64Array = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class ItemRows:
    """Rows of a block that are an item or repeat one, ascending; (n,) int64 each.

    Attributes
    ----------
    journeys
        Whose rows they are.
    rows
        Rows of the graph.
    anchors
        The row of the item that each is or repeats.
    units
        Whose they are.
    numbers
        The journey of each, by its number in the view.
    """

    journeys: Journeys
    rows: Int64Array
    anchors: Int64Array
    units: Int64Array
    numbers: Int64Array

    @classmethod
    def of(cls, block: Block) -> ItemRows:
        """Of the journeys of a block."""
        journeys, within = block.journeys, slice(block.journey_lo, block.journey_hi)
        starts = journeys.journey_starts[within]
        lengths = journeys.journey_ends[within] - starts
        before = np.cumsum(lengths) - lengths
        rows = np.arange(int(lengths.sum())) + np.repeat(starts - before, lengths)
        numbers = np.repeat(np.arange(block.journey_lo, block.journey_hi), lengths)
        units = journeys.journey_units[numbers].astype(np.int64, copy=False)
        codes = journeys.item_codes[rows]
        is_item = codes < journeys.n_items
        is_meant = is_item | (codes == journeys.repeated_code)
        # what repeats an item stands behind it, in the same journey
        anchors = rows[np.maximum.accumulate(np.where(is_item, np.arange(len(rows)), 0))]
        return cls(journeys, rows[is_meant], anchors[is_meant], units[is_meant], numbers[is_meant])
