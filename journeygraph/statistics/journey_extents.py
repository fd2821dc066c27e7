"""How long each journey is: in items, and from the first of them to the end of the last."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from journeygraph.statistics.base import blocks_or_nothing
from journeygraph.threads import on_threads

if TYPE_CHECKING:
    from journeygraph.journeys import Block, Journeys

__all__ = ["JourneyExtents", "extents_of"]

Int64Array = npt.NDArray[np.int64]


class JourneyExtents(NamedTuple):
    """By journey: how many items, and microseconds from the first to the end of the last."""

    items: Int64Array
    elapsed_us: Int64Array


def extents_of(journeys: Journeys) -> JourneyExtents:
    """Of every journey; a collapsed run is one item, which ends with the last of its repeats."""

    def of(block: Block) -> list[JourneyExtents]:
        return [_extents(part) for part in block.parts()]

    parts = [part for found in on_threads(of, blocks_or_nothing(journeys)) for part in found]
    return JourneyExtents(
        np.concatenate([part.items for part in parts]),
        np.concatenate([part.elapsed_us for part in parts]),
    )


def _extents(block: Block) -> JourneyExtents:
    journeys, within = block.journeys, slice(block.journey_lo, block.journey_hi)
    starts, ends = journeys.journey_starts[within], journeys.journey_ends[within]
    low, high = (int(starts[0]), int(ends[-1])) if len(starts) else (0, 0)
    codes = journeys.item_codes[low:high]
    is_item = codes < journeys.n_items
    items, kept = _before(is_item), _before(is_item | (codes == journeys.repeated_code))
    at_us = journeys.graph.at_us[low:high]
    first = np.flatnonzero(is_item)[items[starts - low]]
    last = np.flatnonzero(np.diff(kept))[kept[ends - low] - 1]
    return JourneyExtents(items[ends - low] - items[starts - low], at_us[last] - at_us[first])


def _before(marked: npt.NDArray[np.bool_]) -> Int64Array:
    """How many are marked before each place; one more than there are places."""
    return np.concatenate([[0], np.cumsum(marked, dtype=np.int64)])
