"""Runs of n items: how many units have each, and how often each occurs. Exactly mergeable.

A run of two is a transition. Three ways of counting, the same numbers: a table of all possible
runs where these are few, sorting where the codes of a run fit into 64 bits, and a verified hash
table beyond.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.kernels import long_ngrams
from journeygraph.kernels import ngrams as kernels
from journeygraph.kernels.sequences import MULTIPLIER
from journeygraph.statistics.base import MergeableStatistic, blocks_or_nothing
from journeygraph.statistics.sequences import FoundCounts, PackedCounts, SequenceCounts
from journeygraph.threads import n_threads, on_threads

if TYPE_CHECKING:
    from journeygraph.journeys import Block, Journeys

__all__ = ["NGRAMS", "count_ngrams"]

Int64Array = npt.NDArray[np.int64]

_MOST_CELLS = 1 << 20
_FEWEST_CELLS = 1 << 12
_ROWS_PER_SORT = 1 << 23


def bits_of(n_items: int) -> int:
    """Bits that hold any item's code."""
    return max(1, (n_items - 1).bit_length())


def count_ngrams(journeys: Journeys, length: int) -> SequenceCounts:
    """Every run of `length` items within a journey, its units and its occurrences."""
    if length * bits_of(journeys.n_items) > 64:
        return _found(journeys, blocks_or_nothing(journeys, 1)[0], length, n_threads())
    n_rows = int(np.sum(journeys.journey_ends - journeys.journey_starts))
    blocks = blocks_or_nothing(journeys)
    if n_rows > _ROWS_PER_SORT * len(blocks) and not _few_cells(journeys, length, n_rows):
        blocks = journeys.blocks(n_rows // _ROWS_PER_SORT + 1)
    parts = on_threads(lambda block: _packed(block, length), blocks)
    while len(parts) > 1:
        pairs = list(zip(parts[::2], parts[1::2], strict=False))
        merged = on_threads(lambda pair: _merged(*pair), pairs)
        parts = merged + parts[2 * len(pairs) :]
    return parts[0]


def partial(block: Block, length: int) -> pa.Table:
    """The runs of one block by their list of item codes."""
    if length * bits_of(block.journeys.n_items) > 64:
        return _found(block.journeys, block, length, 1).to_table("path")
    return _packed(block, length).to_table("path")


NGRAMS = MergeableStatistic(
    name="ngrams", keys=("path",), measures={"units": "sum", "count": "sum"}, partial=partial
)


def _few_cells(journeys: Journeys, length: int, n_rows: int) -> bool:
    n_bits = length * bits_of(journeys.n_items)
    return n_bits < 32 and 1 << n_bits <= min(_MOST_CELLS, max(_FEWEST_CELLS, n_rows))


def _rows_of(block: Block) -> int:
    of_block = slice(block.journey_lo, block.journey_hi)
    starts, ends = block.journeys.journey_starts[of_block], block.journeys.journey_ends[of_block]
    return int(np.sum(ends - starts))


def _packed(block: Block, length: int) -> PackedCounts:
    journeys = block.journeys
    n_bits = bits_of(journeys.n_items)
    given = (
        journeys.item_codes, journeys.n_items, length, n_bits, journeys.journey_starts,
        journeys.journey_ends, journeys.journey_units, block.journey_lo, block.journey_hi,
    )  # fmt: skip
    n_rows = _rows_of(block)
    if _few_cells(journeys, length, n_rows):
        cells = kernels.count_ngrams(*given)
        runs = np.flatnonzero(cells[:, 0])
        measures = cells[runs].astype(np.int64)
        counted = runs.astype(np.uint64), measures[:, 1].copy(), measures[:, 0].copy()
        return _counts(counted, length, n_bits)
    width = np.uint32 if length * n_bits <= 32 else np.uint64
    packed, units = np.empty(n_rows, width), np.empty(n_rows, np.uint32)
    size = kernels.pack_ngrams(*given, packed, units)
    room = np.empty(size, width), np.empty(size, np.uint32)
    in_order = kernels.sort_packed(packed[:size], units[:size], *room, length * n_bits)
    return _counts(kernels.count_runs(*in_order), length, n_bits)


def _counts(
    counted: tuple[npt.NDArray[np.uint64], Int64Array, Int64Array], length: int, n_bits: int
) -> PackedCounts:
    packed, units, counts = counted
    return PackedCounts(packed=packed, units=units, counts=counts, length=length, n_bits=n_bits)


def _merged(one: PackedCounts, other: PackedCounts) -> PackedCounts:
    merged = kernels.merge_runs(
        one.packed, one.units, one.counts, other.packed, other.units, other.counts
    )
    return _counts(merged, one.length, one.n_bits)


def _found(
    journeys: Journeys, block: Block, length: int, n_parts: int, base: np.uint64 = MULTIPLIER
) -> FoundCounts:
    def collect(part: int) -> npt.NDArray[np.uint64]:
        with np.errstate(over="ignore"):  # hashes wrap around
            return long_ngrams.collect_ngrams(
                journeys.item_codes, journeys.n_items, length, journeys.journey_starts,
                journeys.journey_ends, journeys.journey_units, block.journey_lo, block.journey_hi,
                base, part, n_parts,
            )  # fmt: skip

    entries = np.concatenate(on_threads(collect, range(n_parts)))
    return FoundCounts(entries, journeys.item_codes, journeys.n_items)
