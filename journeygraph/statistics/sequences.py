"""Sequences of items with their counts, kept small until somebody asks which they are.

Ten million interactions hold hundreds of thousands of distinct paths, of which a question lists
ten. So a count keeps a number or the place of a first occurrence for each, gives the lists of
items only for those asked for, and ranks without spelling out the rest.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.kernels.ranking import ordered_lists
from journeygraph.kernels.sequences import COUNT, END, ROW, UNITS, copy_items

__all__ = [
    "FoundCounts",
    "JourneyCounts",
    "Lists",
    "PackedCounts",
    "PackedRuns",
    "SequenceCounts",
    "SequenceRuns",
    "SequenceSurvey",
    "Sequences",
    "TabledCounts",
    "TopSequences",
    "held_bytes",
    "ranked",
    "ranks_of_names",
    "read_only",
]

IntArray = npt.NDArray[np.integer[Any]]
Int64Array = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class Lists:
    """Lists of item codes, one after the other.

    Attributes
    ----------
    starts
        (n_lists + 1,) int64 where each begins.
    items
        uint32 codes of all.
    """

    starts: Int64Array
    items: npt.NDArray[np.uint32]

    @classmethod
    def of(cls, lists: Sequence[Sequence[int]]) -> Lists:
        """From lists of codes."""
        lengths = np.array([0, *(len(items) for items in lists)], np.int64)
        codes = [code for items in lists for code in items]
        return cls(np.cumsum(lengths), np.array(codes, np.uint32))

    def __len__(self) -> int:
        return len(self.starts) - 1

    def tuples(self) -> list[tuple[int, ...]]:
        """As tuples of codes."""
        codes = self.items.tolist()
        bounds = self.starts.tolist()
        return [tuple(codes[start:end]) for start, end in zip(bounds[:-1], bounds[1:], strict=True)]

    def to_arrow(self) -> pa.Array:
        """As the key of a partial."""
        return pa.LargeListArray.from_arrays(self.starts, self.items)


class SequenceRuns(ABC):
    """Distinct sequences in any order, with how often each occurs."""

    counts: Int64Array

    def __len__(self) -> int:
        return len(self.counts)

    @property
    def nbytes(self) -> int:
        """Bytes of memory that it holds."""
        return sum(held_bytes(held) for held in vars(self).values() if isinstance(held, np.ndarray))

    @abstractmethod
    def lists(self, numbers: IntArray | slice = slice(None)) -> Lists:
        """The items of some of the sequences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceSurvey:
    """How many distinct sequences there are, of enough units, and how often all occur."""

    distinct: int
    listable: int
    occurrences: int


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class TopSequences:
    """Some sequences in the order of their ranking."""

    lists: Lists
    units: list[int]
    counts: list[int]


class Sequences(ABC):
    """Distinct sequences, wherever they are: what a page of them needs to know."""

    @abstractmethod
    def survey(self, at_least: int) -> SequenceSurvey:
        """How much there is; listable are those of at least so many units."""

    @abstractmethod
    def top(self, items: Sequence[str], start: int, end: int) -> TopSequences:
        """Those from place `start` to place `end` of the ranking; see `ranked`."""


class SequenceCounts(SequenceRuns, Sequences):
    """Distinct sequences in any order, with how many units have each and how often it occurs."""

    units: Int64Array

    def survey(self, at_least: int) -> SequenceSurvey:
        """How much there is."""
        return SequenceSurvey(
            distinct=len(self),
            listable=int(np.count_nonzero(self.units >= at_least)),
            occurrences=int(self.counts.sum()),
        )

    def top(self, items: Sequence[str], start: int, end: int) -> TopSequences:
        """Those from place `start` to place `end` of the ranking."""
        listed = ranked(self, items, start, end)
        return TopSequences(
            lists=self.lists(listed),
            units=self.units[listed].tolist(),
            counts=self.counts[listed].tolist(),
        )

    def to_table(self, key: str) -> pa.Table:
        """As a partial: the key, `units` and `count`."""
        columns = [self.lists().to_arrow(), pa.array(self.units), pa.array(self.counts)]
        return pa.table(columns, names=[key, "units", "count"])


@dataclass(frozen=True, eq=False, kw_only=True)
class PackedRuns(SequenceRuns):
    """Sequences of one length whose codes stand side by side in a whole number.

    Attributes
    ----------
    packed
        Ascending, the last code uppermost, each of `n_bits`.
    """

    packed: npt.NDArray[np.uint64]
    counts: Int64Array
    length: int
    n_bits: int

    def lists(self, numbers: IntArray | slice = slice(None)) -> Lists:
        """The items of some of the sequences."""
        packed = self.packed[numbers]
        shifts = np.arange(self.length, dtype=np.uint64) * np.uint64(self.n_bits)
        items = (packed[:, None] >> shifts) & np.uint64((1 << self.n_bits) - 1)
        starts = np.arange(len(packed) + 1, dtype=np.int64) * self.length
        return Lists(starts, items.ravel().astype(np.uint32))


@dataclass(frozen=True, eq=False, kw_only=True)
class PackedCounts(PackedRuns, SequenceCounts):
    """The same with their units."""

    units: Int64Array


@dataclass(frozen=True, eq=False, kw_only=True)
class TabledCounts(SequenceCounts):
    """Sequences as another engine gives them: a merged table of `paths` or of `ngrams`.

    Attributes
    ----------
    spelled
        The items of each.
    """

    spelled: Lists
    units: Int64Array
    counts: Int64Array

    @classmethod
    def of(cls, table: pa.Table) -> TabledCounts:
        """From the table; `path` is its key."""
        paths = pa.chunked_array(table["path"]).combine_chunks()
        starts = paths.offsets.to_numpy().astype(np.int64)
        items = paths.values.to_numpy()[starts[0] : starts[-1]] if len(paths) else paths.values
        return cls(
            spelled=Lists(starts - starts[0], np.asarray(items, np.uint32)),
            units=table["units"].to_numpy(),
            counts=table["count"].to_numpy(),
        )

    def lists(self, numbers: IntArray | slice = slice(None)) -> Lists:
        """The items of some of the sequences."""
        places = np.arange(len(self))[numbers]
        lengths = np.diff(self.spelled.starts)[places]
        starts = np.append(0, np.cumsum(lengths))
        moved = np.repeat(self.spelled.starts[places] - starts[:-1], lengths)
        return Lists(starts, self.spelled.items[np.arange(starts[-1]) + moved])


@dataclass(frozen=True, eq=False)
class FoundCounts(SequenceCounts):
    """Sequences that were found in a view, each known by where it occurs first.

    Attributes
    ----------
    entries
        As `kernels.sequences` says.
    item_codes, n_items
        Those of the view.
    """

    entries: npt.NDArray[np.uint64]
    item_codes: IntArray
    n_items: int

    @property
    def nbytes(self) -> int:
        """Bytes of memory that it holds; `units` and `counts` are made when asked for."""
        return self.entries.nbytes + 16 * len(self.entries) + held_bytes(self.item_codes)

    @property
    def extents(self) -> tuple[Int64Array, Int64Array]:
        """The rows where each begins, and where it ends."""
        return self.entries[:, ROW].astype(np.int64), self.entries[:, END].astype(np.int64)

    @cached_property
    def units(self) -> Int64Array:  # type: ignore[override]
        """How many units have each."""
        return read_only(self.entries[:, UNITS].astype(np.int64))

    @cached_property
    def counts(self) -> Int64Array:  # type: ignore[override]
        """How often each occurs."""
        return read_only(self.entries[:, COUNT].astype(np.int64))

    def lists(self, numbers: IntArray | slice = slice(None)) -> Lists:
        """The items of some of the sequences."""
        rows = self.entries[numbers, ROW].astype(np.int64)
        ends = self.entries[numbers, END].astype(np.int64)
        return Lists(*copy_items(self.item_codes, self.n_items, rows, ends))


@dataclass(frozen=True, eq=False, kw_only=True)
class JourneyCounts(SequenceCounts):
    """Whole paths that were found in a view, each known by the first journey that takes it.

    Attributes
    ----------
    firsts
        These journeys.
    numbers, is_long, base
        The number of each path as `kernels.paths` says, whether it has too many items for a
        number of its own, and the base.
    journey_starts, journey_ends, item_codes, n_items
        Those of the view.
    """

    firsts: Int64Array
    units: Int64Array
    counts: Int64Array
    numbers: npt.NDArray[np.uint64]
    is_long: npt.NDArray[np.bool_]
    base: int
    journey_starts: Int64Array
    journey_ends: Int64Array
    item_codes: IntArray
    n_items: int

    def lists(self, numbers: IntArray | slice = slice(None)) -> Lists:
        """The items of some of the sequences."""
        journeys = self.firsts[numbers]
        extents = self.journey_starts[journeys], self.journey_ends[journeys]
        return Lists(*copy_items(self.item_codes, self.n_items, *extents))


def read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The same array, not to be written to: what is remembered is shared."""
    view = array.view()
    view.flags.writeable = False
    return view


def held_bytes(array: npt.NDArray[Any]) -> int:
    """Bytes of memory that an array holds: none where it is a file that is memory-mapped."""
    owner: Any = array
    while isinstance(owner, np.ndarray) and not isinstance(owner, np.memmap):
        owner = owner.base
    return array.nbytes if owner is None else 0


def ranked(counts: SequenceCounts, items: Sequence[str], start: int, end: int) -> Int64Array:
    """Numbers of the sequences from place `start` to place `end` of their ranking.

    Most units first, then most occurrences, then by the names of the items.
    """
    if start >= end:
        return np.zeros(0, np.int64)
    fewest = np.sort(counts.units)[len(counts) - end]  # partition is slow where most are equal
    eligible = np.flatnonzero(counts.units >= fewest)
    order = eligible[np.lexsort((-counts.counts[eligible], -counts.units[eligible]))]
    ranks = ranks_of_names(items)
    for first, behind in _ties(counts, order, start, end):
        tied = np.sort(order[first:behind])
        lists = counts.lists(tied)
        begin, stop = max(start, first), min(end, behind)
        best = ordered_lists(lists.starts, ranks[lists.items], begin - first, stop - first)
        order[begin:stop] = tied[best]
    return order[start:end]


def _ties(counts: SequenceCounts, order: Int64Array, start: int, end: int) -> list[tuple[int, int]]:
    """Stretches of equal units and counts that overlap the page."""
    pairs = np.stack([counts.units[order], counts.counts[order]])
    begins = np.flatnonzero(np.diff(pairs, axis=1, prepend=-1).any(axis=0))
    ends = np.append(begins[1:], len(order))
    tied = (ends - begins > 1) & (ends > start) & (begins < end)
    return list(zip(begins[tied].tolist(), ends[tied].tolist(), strict=True))


def ranks_of_names(items: Sequence[str]) -> Int64Array:
    """The place of each item in the order of names."""
    ranks = np.empty(len(items), np.int64)
    ranks[sorted(range(len(items)), key=items.__getitem__)] = np.arange(len(items))
    return ranks
