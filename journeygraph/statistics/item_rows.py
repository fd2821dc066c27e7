"""The rows of a block that are an item, and those that a collapsed run took in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.kernels.item_rows import list_item_rows

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
        journeys, last = block.journeys, block.journey_hi - 1
        starts, ends = journeys.journey_starts, journeys.journey_ends
        first, end = (starts[block.journey_lo], ends[last]) if block.journey_lo <= last else (0, 0)
        codes = journeys.item_codes[first:end].astype(np.uint32)
        listed = list_item_rows(
            codes, int(first), journeys.n_items, journeys.repeated_code, starts, ends,
            journeys.journey_units, block.journey_lo, block.journey_hi,
        )  # fmt: skip
        return cls(journeys, *listed)
