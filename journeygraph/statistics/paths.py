"""Whole paths: how many units and journeys took each.

Mergeable as data, but not small: nearly every long journey is a path of its own. So here the
threads share one view and split the paths by number instead of merging tables of lists; the
partials of blocks are for engines that cannot share memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.kernels import paths as kernels
from journeygraph.statistics.base import MergeableStatistic, blocks_or_nothing
from journeygraph.statistics.block_rows import rows_of
from journeygraph.statistics.refresh import Refresh
from journeygraph.statistics.sequences import JourneyCounts
from journeygraph.threads import evenly, on_threads

if TYPE_CHECKING:
    from journeygraph.journeys import Block, Journeys

__all__ = ["PATHS", "count_paths", "number_base"]

Int64Array = npt.NDArray[np.int64]

_MOST_BUCKET_BITS = 12
_PATHS_OF_BUCKET = 1 << 12
_ITEMS_OF_SPARE = 16


def count_paths(journeys: Journeys, base: int | None = None) -> JourneyCounts:
    """Every distinct whole path, its units and its journeys.

    Parameters
    ----------
    base
        Of the numbers of paths, where they are to be those of other paths; one that is too small
        makes them collide, and only costs time.
    """
    return _counted(journeys, blocks_or_nothing(journeys), base)


def partial(block: Block) -> pa.Table:
    """The whole paths of one block by their list of item codes."""
    return _counted(block.journeys, [block]).to_table("path")


PATHS = MergeableStatistic(
    name="paths",
    keys=("path",),
    measures={"units": "sum", "count": "sum"},
    partial=partial,
    refresh=Refresh(item_keys=("path",)),
)


def number_base(n_items: int) -> int:
    """The base of the numbers of paths: odd, and with room for some items that come later."""
    return (n_items + n_items // _ITEMS_OF_SPARE + 2) | 1


def _counted(journeys: Journeys, blocks: Sequence[Block], base: int | None = None) -> JourneyCounts:
    base = number_base(journeys.n_items) if base is None else base
    n_journeys, lo = blocks[-1].journey_hi, blocks[0].journey_lo
    wanted = ((n_journeys - lo) // _PATHS_OF_BUCKET).bit_length()
    bucket_bits = max(1, min(_MOST_BUCKET_BITS, wanted))
    bucketed, members, bucket_ends = _in_buckets(journeys, blocks, base, bucket_bits)
    each_a_unit = journeys.n_units == journeys.n_journeys
    units_of = journeys.journey_units[:0] if each_a_unit else journeys.journey_units
    codes = journeys.item_codes
    parts = on_threads(
        lambda part: kernels.collect_paths(
            codes.view(np.uint8), codes.itemsize, journeys.n_items, journeys.journey_starts,
            journeys.journey_ends, units_of, bucketed, members, bucket_ends, part.start, part.stop,
        ),
        evenly(np.diff(bucket_ends, prepend=0)) or [slice(0, 0)],
    )  # fmt: skip
    firsts, counts, units, numbers, is_long = (
        np.concatenate(columns) for columns in zip(*parts, strict=True)
    )
    return JourneyCounts(
        firsts=firsts,
        units=counts if each_a_unit else units,
        counts=counts,
        numbers=numbers,
        is_long=is_long,
        base=base,
        journey_starts=journeys.journey_starts,
        journey_ends=journeys.journey_ends,
        item_codes=codes,
        n_items=journeys.n_items,
    )


def _in_buckets(
    journeys: Journeys, blocks: Sequence[Block], base: int, bucket_bits: int
) -> tuple[npt.NDArray[np.uint64], Int64Array, Int64Array]:
    """The number of each path and its journey by bucket, and where each bucket ends."""
    most = _items_with_own_number(base, journeys.n_items)
    numbers = np.empty(journeys.n_journeys, np.uint64)
    is_long = np.empty(journeys.n_journeys, np.bool_)

    def number(block: Block) -> Int64Array:
        with np.errstate(over="ignore"):  # long paths wrap around
            sizes: Int64Array = kernels.number_paths(
                *rows_of(block), np.uint64(base), most, bucket_bits, numbers, is_long
            )
        return sizes

    sizes = np.stack(on_threads(number, blocks))
    ends = np.cumsum(sizes.T.ravel())  # by bucket, and in a bucket by block
    places = (ends - sizes.T.ravel()).reshape(-1, len(blocks)).T.copy()
    bucketed, members = np.empty(int(ends[-1]), np.uint64), np.empty(int(ends[-1]), np.int64)

    def fill(given: tuple[Block, Int64Array]) -> None:
        block, places_of = given
        extent = block.journey_lo, block.journey_hi
        kernels.bucket_paths(numbers, is_long, *extent, bucket_bits, places_of, bucketed, members)

    on_threads(fill, list(zip(blocks, places, strict=True)))
    return bucketed, members, ends[len(blocks) - 1 :: len(blocks)].copy()


def _items_with_own_number(base: int, n_items: int) -> int:
    """How long paths may be for none of them to share a number."""
    most = 0
    while base > n_items and base ** (most + 1) <= 1 << 64:
        most += 1
    return most
