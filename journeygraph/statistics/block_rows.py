"""The journeys of a block in the form that `kernels.chunks` reads.

Codes of items go as bytes, so that a kernel is compiled once for all widths of codes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from journeygraph.journeys import Block

__all__ = ["BlockRows", "rows_of"]

Int64Array = npt.NDArray[np.int64]
BlockRows = tuple[npt.NDArray[np.uint8], int, int, Int64Array, Int64Array, int, int]
"""The bytes, bytes of a code, items, starts and ends of journeys, and which of these."""


def rows_of(block: Block) -> BlockRows:
    """What the kernels that read chunks are given first."""
    journeys = block.journeys
    codes = journeys.item_codes
    return (
        codes.view(np.uint8), codes.itemsize, journeys.n_items, journeys.journey_starts,
        journeys.journey_ends, block.journey_lo, block.journey_hi,
    )  # fmt: skip
