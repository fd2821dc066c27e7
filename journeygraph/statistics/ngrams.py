"""Runs of n items: how many units have each, and how often each occurs. Exactly mergeable.

A run of two is a transition. Three ways of counting, the same numbers: a table of all possible
runs where these are few, sorting in buckets where the codes of a run fit into 64 bits, and a
verified hash table beyond. Where only occurrences are asked for, one sort counts several lengths.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.kernels import long_ngrams
from journeygraph.kernels import ngram_buckets as kernels
from journeygraph.kernels.ngrams import count_in_table
from journeygraph.kernels.sequences import MULTIPLIER
from journeygraph.statistics.base import MergeableStatistic, blocks_or_nothing
from journeygraph.statistics.block_rows import rows_of
from journeygraph.statistics.refresh import Refresh
from journeygraph.statistics.sequences import (
    FoundCounts,
    PackedCounts,
    PackedRuns,
    SequenceCounts,
    SequenceRuns,
)
from journeygraph.threads import evenly, n_threads, on_threads

if TYPE_CHECKING:
    from journeygraph.journeys import Block, Journeys

__all__ = ["NGRAMS", "count_ngrams", "count_occurrences"]

Int64Array = npt.NDArray[np.int64]
_Part = tuple[npt.NDArray[Any], ...]
_Units = npt.NDArray[np.uint32]

_MOST_CELLS = 1 << 20
_FEWEST_CELLS = 1 << 12
_MOST_BUCKET_BITS = 12
_RUNS_OF_BUCKET = 1 << 13
_HALF = 32
"""Runs of so many bits are sorted as half a word each."""


def bits_of(n_items: int) -> int:
    """Bits that hold any item's code, and one more code, of what is none."""
    return n_items.bit_length()


def count_ngrams(journeys: Journeys, length: int) -> SequenceCounts:
    """Every run of `length` items within a journey, its units and its occurrences."""
    if length * bits_of(journeys.n_items) > 64:
        return _found(journeys, blocks_or_nothing(journeys, 1)[0], length, n_threads())
    return _packed(journeys, blocks_or_nothing(journeys), length)


def count_occurrences(journeys: Journeys, lengths: Sequence[int]) -> dict[int, SequenceRuns]:
    """Every run of each of the lengths within a journey, and its occurrences."""
    together = [length for length in lengths if length * bits_of(journeys.n_items) <= 64]
    counted: dict[int, SequenceRuns] = {
        length: count_ngrams(journeys, length) for length in set(lengths) - set(together)
    }
    if not together:
        return counted
    together.sort(reverse=True)
    parts = _sorted(journeys, blocks_or_nothing(journeys), together, with_units=False)
    n_bits = bits_of(journeys.n_items)
    joined = on_threads(lambda number: _joined(parts, number), range(len(together)))
    for length, (packed, counts, _) in zip(together, joined, strict=True):
        counted[length] = PackedRuns(packed=packed, counts=counts, length=length, n_bits=n_bits)
    return counted


def partial(block: Block, length: int) -> pa.Table:
    """The runs of one block by their list of item codes."""
    if length * bits_of(block.journeys.n_items) > 64:
        return _found(block.journeys, block, length, 1).to_table("path")
    return _packed(block.journeys, [block], length).to_table("path")


NGRAMS = MergeableStatistic(
    name="ngrams",
    keys=("path",),
    measures={"units": "sum", "count": "sum"},
    partial=partial,
    refresh=Refresh(item_keys=("path",)),
)


def _n_rows(blocks: Sequence[Block]) -> int:
    def of(block: Block) -> int:
        one = slice(block.journey_lo, block.journey_hi)
        return int(np.sum(block.journeys.journey_ends[one] - block.journeys.journey_starts[one]))

    return sum(map(of, blocks))


def _packed(journeys: Journeys, blocks: Sequence[Block], length: int) -> PackedCounts:
    n_bits = length * bits_of(journeys.n_items)
    if n_bits < 32 and 1 << n_bits <= min(_MOST_CELLS, max(_FEWEST_CELLS, _n_rows(blocks))):
        return _tabled(journeys, blocks, length)
    parts = _sorted(journeys, blocks, [length], with_units=True)
    packed, counts, units = _joined(parts, 0)
    n_bits = bits_of(journeys.n_items)
    return PackedCounts(packed=packed, counts=counts, length=length, n_bits=n_bits, units=units)


def _tabled(journeys: Journeys, blocks: Sequence[Block], length: int) -> PackedCounts:
    n_bits = bits_of(journeys.n_items)
    tables = on_threads(
        lambda block: count_in_table(*rows_of(block), journeys.journey_units, length, n_bits),
        blocks,
    )
    met = np.any([table[:, 0] for table in tables], axis=0)
    packed = np.flatnonzero(met)
    cells: Int64Array = np.sum([table[packed, :2] for table in tables], axis=0, dtype=np.int64)
    counts, units = cells.T.copy()
    return PackedCounts(
        packed=packed.astype(np.uint64), counts=counts, units=units, length=length, n_bits=n_bits
    )


def _sorted(
    journeys: Journeys, blocks: Sequence[Block], lengths: Sequence[int], *, with_units: bool
) -> list[_Part]:
    """Runs in buckets, each sorted and counted by one thread; units only of a single length.

    Parameters
    ----------
    lengths
        Descending.
    """
    n_bits, longest = bits_of(journeys.n_items), lengths[0]
    n_rows = _n_rows(blocks)
    wanted = (n_rows // _RUNS_OF_BUCKET).bit_length()
    bucket_bits = max(1, min(_MOST_BUCKET_BITS, n_bits * lengths[-1], wanted))
    kind = np.uint32 if longest * n_bits <= _HALF else np.uint64
    sizes = np.zeros((len(blocks), 1 << bucket_bits), np.int64)

    def collect(given: tuple[Block, Int64Array]) -> tuple[npt.NDArray[Any], _Units]:
        block, of_buckets = given
        room = _n_rows([block]) + 1
        packed, units = np.empty(room, kind), np.empty(room if with_units else 0, np.uint32)
        n_runs = kernels.collect_runs(
            *rows_of(block), journeys.journey_units, longest, lengths[-1], n_bits, bucket_bits,
            of_buckets, packed, units,
        )  # fmt: skip
        return packed[:n_runs], units[:n_runs]

    collected = on_threads(collect, list(zip(blocks, sizes, strict=True)))
    ends = np.cumsum(sizes.T.ravel())  # by bucket, and in a bucket by block
    places = (ends - sizes.T.ravel()).reshape(-1, len(blocks)).T.copy()
    packed = np.empty(ends[-1], kind)
    units = np.empty(ends[-1] if with_units else 0, np.uint32)

    def fill(given: tuple[tuple[npt.NDArray[Any], _Units], Int64Array]) -> None:
        shift = longest * n_bits - bucket_bits
        kernels.fill_buckets(*given[0], shift, given[1], packed, units)

    on_threads(fill, list(zip(collected, places, strict=True)))
    del collected
    bucket_ends = ends[len(blocks) - 1 :: len(blocks)].copy()
    return on_threads(
        lambda part: kernels.count_bucketed(
            packed, units, bucket_ends, part.start, part.stop, journeys.n_items, n_bits,
            np.array(lengths), bucket_bits,
        ),
        evenly(np.diff(bucket_ends, prepend=0)) or [slice(0, 0)],
    )  # fmt: skip


def _joined(parts: Sequence[_Part], number: int) -> tuple[npt.NDArray[Any], ...]:
    """Runs, occurrences and units of one of the lengths, of all threads."""
    return tuple(
        np.concatenate([part[place][number, : part[0][number]] for part in parts])
        for place in (1, 2, 3)
    )


def _found(
    journeys: Journeys, block: Block, length: int, n_parts: int, base: np.uint64 = MULTIPLIER
) -> FoundCounts:
    codes = _widened(block)

    def collect(part: int) -> npt.NDArray[np.uint64]:
        with np.errstate(over="ignore"):  # hashes wrap around
            return long_ngrams.collect_ngrams(
                codes, journeys.n_items, length, journeys.journey_starts,
                journeys.journey_ends, journeys.journey_units, block.journey_lo, block.journey_hi,
                base, part, n_parts,
            )  # fmt: skip

    entries = np.concatenate(on_threads(collect, range(n_parts)))
    return FoundCounts(entries, journeys.item_codes, journeys.n_items)


def _widened(block: Block) -> npt.NDArray[np.uint32]:
    """The codes of a block's rows in 32 bits: a small part of the time that hashing them takes.

    The kernel is compiled for one width that way; of other rows no memory is touched.
    """
    journeys, codes = block.journeys, block.journeys.item_codes
    wide = np.empty(len(codes), np.uint32)
    if block.journey_lo < block.journey_hi:
        first = journeys.journey_starts[block.journey_lo]
        last = journeys.journey_ends[block.journey_hi - 1]
        wide[first:last] = codes[first:last]
    wide.flags.writeable = False
    return wide
