"""Whole paths: how many units and journeys took each.

Mergeable as data, but not small: nearly every long journey is a path of its own. So here the
threads share one view and split the paths by hash instead of merging tables of lists; the
partials of blocks are for engines that cannot share memory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.kernels import paths as kernels
from journeygraph.kernels.sequences import MULTIPLIER
from journeygraph.statistics.base import MergeableStatistic, blocks_or_nothing
from journeygraph.statistics.refresh import Refresh
from journeygraph.statistics.sequences import FoundCounts
from journeygraph.threads import on_threads

if TYPE_CHECKING:
    from journeygraph.journeys import Block, Journeys

__all__ = ["PATHS", "count_paths"]


def count_paths(journeys: Journeys, multiplier: np.uint64 = MULTIPLIER) -> FoundCounts:
    """Every distinct whole path, its units and its journeys.

    Parameters
    ----------
    multiplier
        Of the hash; another one only to make hashes collide.
    """
    blocks = blocks_or_nothing(journeys)
    hashes = np.empty(journeys.n_journeys, np.uint64)
    on_threads(lambda block: _hash(block, hashes, multiplier), blocks)
    n_parts = len(blocks)

    def collect(part: int) -> npt.NDArray[np.uint64]:
        return _collect(journeys, (0, journeys.n_journeys), hashes, part, n_parts)

    entries = np.concatenate(on_threads(collect, range(n_parts)))
    return FoundCounts(entries, journeys.item_codes, journeys.n_items)


def partial(block: Block) -> pa.Table:
    """The whole paths of one block by their list of item codes."""
    journeys = block.journeys
    hashes = np.empty(journeys.n_journeys, np.uint64)
    _hash(block, hashes, MULTIPLIER)
    entries = _collect(journeys, (block.journey_lo, block.journey_hi), hashes, 0, 1)
    return FoundCounts(entries, journeys.item_codes, journeys.n_items).to_table("path")


PATHS = MergeableStatistic(
    name="paths",
    keys=("path",),
    measures={"units": "sum", "count": "sum"},
    partial=partial,
    refresh=Refresh(item_keys=("path",)),
)


def _hash(block: Block, hashes: npt.NDArray[np.uint64], multiplier: np.uint64) -> None:
    journeys = block.journeys
    with np.errstate(over="ignore"):  # hashes wrap around
        kernels.hash_paths(
            journeys.item_codes, journeys.n_items, journeys.journey_starts, journeys.journey_ends,
            block.journey_lo, block.journey_hi, multiplier, hashes,
        )  # fmt: skip


def _collect(
    journeys: Journeys,
    extent: tuple[int, int],
    hashes: npt.NDArray[np.uint64],
    part: int,
    n_parts: int,
) -> npt.NDArray[np.uint64]:
    return kernels.collect_paths(
        journeys.item_codes, journeys.n_items, journeys.journey_starts, journeys.journey_ends,
        journeys.journey_units, *extent, hashes, part, n_parts,
    )  # fmt: skip
