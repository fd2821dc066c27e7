"""Where counted sequences stand, and what they are known by: a number each.

Whole paths have the numbers by which they were counted; other sequences are hashed. Where the
number of a short path is the path, nothing has to be looked at to find it again; of all others
the items are compared, and where they are not the same, nobody guesses.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from journeygraph.kernels.sequence_matches import find_numbers, hash_sequences, same_sequences
from journeygraph.kernels.sequences import copy_items
from journeygraph.statistics.sequences import (
    FoundCounts,
    JourneyCounts,
    Lists,
    held_bytes,
    read_only,
)
from journeygraph.threads import n_threads, on_threads

__all__ = ["HASHED", "PlacedCounts", "SequencePlaces"]

Int64Array = npt.NDArray[np.int64]
IntArray = npt.NDArray[np.integer[Any]]
UInt64Array = npt.NDArray[np.uint64]
PlacedCounts = FoundCounts | JourneyCounts
"""Counts of sequences, each known by rows of a view in which it stands."""

HASHED = 0
"""In place of the base of numbers: they are hashes."""

_LEAST_PART = 1 << 15


@dataclass(frozen=True, eq=False, slots=True)
class SequencePlaces:
    """Sequences by their number and by the rows in which they stand.

    Attributes
    ----------
    numbers, base
        The number of each, and the base of those of whole paths, else `HASHED`.
    is_long
        Whether the number may be that of another sequence as well.
    starts, ends
        Rows where ranges begin and end.
    chosen
        In which of these ranges each sequence stands; None where each has its own.
    item_codes, n_items
        Where these rows are.
    """

    numbers: UInt64Array
    base: int
    is_long: npt.NDArray[np.bool_]
    starts: Int64Array
    ends: Int64Array
    chosen: Int64Array | None
    item_codes: IntArray
    n_items: int

    def __post_init__(self) -> None:
        for name in ("numbers", "starts", "ends", "item_codes"):
            object.__setattr__(self, name, read_only(getattr(self, name)))

    @classmethod
    def of(cls, counts: PlacedCounts) -> SequencePlaces:
        """Of the sequences that were counted in a view."""
        codes, n_items = read_only(counts.item_codes), counts.n_items
        if isinstance(counts, JourneyCounts):
            return cls(
                counts.numbers, counts.base, counts.is_long, counts.journey_starts,
                counts.journey_ends, counts.firsts, codes, n_items,
            )  # fmt: skip
        starts, ends = (read_only(column) for column in counts.extents)

        def hashed(part: slice) -> UInt64Array:
            with np.errstate(over="ignore"):  # hashes wrap around
                return hash_sequences(codes, n_items, starts[part], ends[part])

        numbers = np.concatenate(on_threads(hashed, _parts(len(starts))))
        return cls(
            numbers, HASHED, np.ones(len(numbers), np.bool_), starts, ends, None, codes, n_items
        )

    @classmethod
    def none(cls, base: int) -> SequencePlaces:
        """No sequences, to be put beside others with numbers of this base."""
        nothing, codes = np.zeros(0, np.int64), np.zeros(0, np.uint32)
        numbers, is_long = nothing.astype(np.uint64), np.zeros(0, np.bool_)
        return cls(numbers, base, is_long, nothing, nothing, None, codes, 1 << 32)

    def __len__(self) -> int:
        return len(self.numbers)

    def find(self, few: UInt64Array) -> Int64Array:
        """The place of each of a few numbers here, -1 where it is not."""
        if not len(self):
            return np.full(len(few), -1, np.int64)

        def found(part: slice) -> Int64Array:
            places = find_numbers(self.numbers[part], read_only(few))
            return np.where(places >= 0, places + part.start, -1) if part.start else places

        return np.asarray(np.max(on_threads(found, _parts(len(self))), axis=0))

    def are(self, chosen: Int64Array, others: SequencePlaces, of_others: Int64Array) -> bool:
        """Whether some of these are some others with the same numbers, pair by pair."""
        is_long, is_other_long = self.is_long[chosen], others.is_long[of_others]
        unsure = np.flatnonzero(is_long | is_other_long)
        if not len(unsure):
            return True
        rows, other_rows = self._extents(chosen[unsure]), others._extents(of_others[unsure])
        codes = read_only(others.item_codes.astype(np.uint32, copy=False))
        are_same, _ = same_sequences(
            self.item_codes, self.n_items, *rows, codes, others.n_items, *other_rows
        )
        return bool(are_same)

    def take(self, numbers: IntArray) -> Lists:
        """The items of some of them."""
        return Lists(*copy_items(self.item_codes, self.n_items, *self._extents(numbers)))

    def and_of(self, others: SequencePlaces, chosen: Int64Array) -> SequencePlaces:
        """These, which stand one behind the other, and some others behind them."""
        lists = others.take(chosen)
        starts = lists.starts + len(self.item_codes)
        return SequencePlaces(
            np.concatenate([self.numbers, others.numbers[chosen]]),
            self.base,
            np.concatenate([self.is_long, others.is_long[chosen]]),
            np.concatenate([self.starts, starts[:-1]]),
            np.concatenate([self.ends, starts[1:]]),
            None,
            np.concatenate([self.item_codes, lists.items]),
            1 << 32,
        )

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays that nobody else is sure to hold."""
        chosen = 0 if self.chosen is None else self.chosen.nbytes
        arrays = self.numbers, self.is_long, self.starts, self.ends
        return held_bytes(self.item_codes) + chosen + sum(array.nbytes for array in arrays)

    def _extents(self, numbers: IntArray) -> tuple[Int64Array, Int64Array]:
        """The rows where some begin, and where they end."""
        places = numbers if self.chosen is None else self.chosen[numbers]
        return read_only(self.starts[places]), read_only(self.ends[places])


def _parts(size: int) -> list[slice]:
    """About equal parts of so many things, one for each thread where that pays; at least one."""
    n_parts = max(1, min(n_threads(), size // _LEAST_PART))
    bounds = [size * part // n_parts for part in range(n_parts + 1)]
    return [slice(begin, end) for begin, end in pairwise(bounds)]
