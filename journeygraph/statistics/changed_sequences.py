"""Counts of sequences brought up to date: the sequences stay where they were found.

Whole paths are many and long, and nearly all of them are untouched by a load. So the counts of a
newer view go on pointing to where the older view has its sequences; the numbers are adjusted,
and what is new is kept beside them as lists of its own. The codes are those of the older view,
and are translated where somebody asks for a list. When too much is beside, all is counted anew.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np
import numpy.typing as npt

from journeygraph.kernels.sequence_matches import hash_sequences, match_sequences
from journeygraph.kernels.sequences import copy_items
from journeygraph.statistics.ngrams import bits_of
from journeygraph.statistics.refresh import code_places
from journeygraph.statistics.sequences import (
    Lists,
    PackedCounts,
    SequenceCounts,
    held_bytes,
    read_only,
)
from journeygraph.statistics.view_changes import ViewChange, in_codes_of
from journeygraph.threads import n_threads, on_threads

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["ChangedCounts", "PlacedCounts", "changed_found", "changed_packed"]

Int64Array = npt.NDArray[np.int64]
IntArray = npt.NDArray[np.integer[Any]]
Count = Callable[["Journeys"], SequenceCounts]

_LEAST_PART = 1 << 15
_FEW_BESIDE = 1 << 10
_MOST_BESIDE = 4
"""All is counted anew where more are beside than these few and one for so many that were found."""


class PlacedCounts(Protocol):
    """Counts of sequences, each known by rows of a view in which it stands."""

    @property
    def extents(self) -> tuple[Int64Array, Int64Array]:
        """The rows where each begins, and where it ends."""
        ...

    @property
    def item_codes(self) -> IntArray:
        """Those of the view."""
        ...

    @property
    def n_items(self) -> int:
        """Those of the view."""
        ...

    @property
    def units(self) -> Int64Array:
        """How many units have each."""
        ...

    @property
    def counts(self) -> Int64Array:
        """How often each occurs."""
        ...

    def __len__(self) -> int: ...


@dataclass(frozen=True, eq=False, slots=True)
class _Places:
    """Sequences by their hash and by the rows in which they stand."""

    hashes: npt.NDArray[np.uint64]
    rows: Int64Array
    ends: Int64Array
    item_codes: IntArray
    n_items: int

    def __post_init__(self) -> None:
        for name in ("hashes", "rows", "ends", "item_codes"):
            object.__setattr__(self, name, read_only(getattr(self, name)))

    @classmethod
    def of(cls, counts: PlacedCounts) -> _Places:
        rows, ends = (read_only(column) for column in counts.extents)
        codes = read_only(counts.item_codes)

        def hashed(part: slice) -> npt.NDArray[np.uint64]:
            with np.errstate(over="ignore"):  # hashes wrap around
                return hash_sequences(codes, counts.n_items, rows[part], ends[part])

        hashes = np.concatenate(on_threads(hashed, _parts(len(rows))))
        return cls(hashes, rows, ends, codes, counts.n_items)

    @classmethod
    def none(cls) -> _Places:
        nothing = np.zeros(0, np.int64)
        return cls(nothing.astype(np.uint64), nothing, nothing, np.zeros(0, np.uint32), 1 << 32)

    def __len__(self) -> int:
        return len(self.hashes)

    def find(self, few: _Places) -> Int64Array:
        """The number of each of a few others here, -1 where it is not."""
        if not len(self):
            return np.full(len(few), -1, np.int64)
        few_codes = read_only(few.item_codes.astype(np.uint32, copy=False))

        def found(part: slice) -> Int64Array:
            numbers = match_sequences(
                self.hashes[part], self.rows[part], self.ends[part], self.item_codes, self.n_items,
                few.hashes, few.rows, few.ends, few_codes, few.n_items,
            )  # fmt: skip
            return np.where(numbers >= 0, numbers + part.start, -1)

        return np.asarray(np.max(on_threads(found, _parts(len(self))), axis=0))

    def take(self, numbers: IntArray) -> Lists:
        """The items of some of them."""
        return Lists(
            *copy_items(self.item_codes, self.n_items, self.rows[numbers], self.ends[numbers])
        )

    def and_of(self, others: _Places, numbers: Int64Array) -> _Places:
        """These, which stand one behind the other, and some others behind them."""
        lists = others.take(numbers)
        starts = lists.starts + len(self.item_codes)
        return _Places(
            np.concatenate([self.hashes, others.hashes[numbers]]),
            np.concatenate([self.rows, starts[:-1]]),
            np.concatenate([self.ends, starts[1:]]),
            np.concatenate([self.item_codes, lists.items]),
            1 << 32,
        )

    def and_all_of(self, others: _Places) -> _Places:
        """These, and the others where they stand, to be looked for together."""
        moved, n_items = len(self.item_codes), max(self.n_items, others.n_items)
        return _Places(
            np.concatenate([self.hashes, others.hashes]),
            np.concatenate([self.rows, others.rows + moved]),
            np.concatenate([self.ends, others.ends + moved]),
            np.concatenate([self.item_codes, others.item_codes]),
            n_items,
        )

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        arrays = self.hashes, self.rows, self.ends
        return held_bytes(self.item_codes) + sum(array.nbytes for array in arrays)


@dataclass(frozen=True, eq=False)
class ChangedCounts(SequenceCounts):
    """Sequences of an older view and those that came since, with the counts of a newer view.

    Attributes
    ----------
    found, beside
        Where the sequences stand: in the older view, and those that came since.
    all_units, all_counts
        Of `found`, then of `beside`; 0 where a sequence is there no more.
    names
        By code, as the sequences are stored.
    codes
        The code in the newer view for each stored code; None where they are the same.
    """

    found: _Places
    beside: _Places
    all_units: Int64Array
    all_counts: Int64Array
    names: tuple[str, ...]
    codes: Int64Array | None = None

    def __post_init__(self) -> None:
        for name in ("all_units", "all_counts"):
            object.__setattr__(self, name, read_only(getattr(self, name)))

    @classmethod
    def of(cls, counts: PlacedCounts, items: tuple[str, ...]) -> ChangedCounts:
        """Of a view with these items; nothing has changed so far."""
        return cls(_Places.of(counts), _Places.none(), counts.units, counts.counts, items)

    @cached_property
    def numbers(self) -> Int64Array:
        """Which of the sequences are there."""
        return read_only(np.flatnonzero(self.all_units))

    @cached_property
    def units(self) -> Int64Array:  # type: ignore[override]
        """How many units have each."""
        return read_only(self.all_units[self.numbers])

    @cached_property
    def counts(self) -> Int64Array:  # type: ignore[override]
        """How often each occurs."""
        return read_only(self.all_counts[self.numbers])

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays, those included that an older version's counts hold as well."""
        return self.found.nbytes + self.beside.nbytes + 5 * self.all_units.nbytes

    def lists(self, numbers: IntArray | slice = slice(None)) -> Lists:
        """The items of some of the sequences."""
        chosen = self.numbers[numbers]
        is_found = chosen < len(self.found)
        parts = [
            (np.flatnonzero(is_found), self.found.take(chosen[is_found])),
            (np.flatnonzero(~is_found), self.beside.take(chosen[~is_found] - len(self.found))),
        ]
        lists = _interleaved(parts, len(chosen))
        if self.codes is None:
            return lists
        return Lists(lists.starts, self.codes[lists.items].astype(np.uint32))

    def changed(self, change: ViewChange, count: Count) -> ChangedCounts | None:
        """The counts after a change; None where all should be counted anew."""
        items = change.after.items
        there = set(self.names)
        names = (*self.names, *(name for name in items if name not in there))
        gone, come = (_counted(view, names, count) for view in (change.before, change.after))
        places = _Places.of(come)
        found = self._numbers_of(_Places.of(gone).and_all_of(places))
        at, at_come = found[: len(gone)], found[len(gone) :]
        if np.any(at < 0):  # the older counts are not of these views: never guess
            return None
        is_new = at_come < 0
        beside = self.beside.and_of(places, np.flatnonzero(is_new))
        if len(beside) > _FEW_BESIDE + len(self.found) // _MOST_BESIDE:
            return None
        units = np.concatenate([self.all_units, come.units[is_new]])
        counts = np.concatenate([self.all_counts, come.counts[is_new]])
        units[at] -= gone.units
        counts[at] -= gone.counts
        units[at_come[~is_new]] += come.units[~is_new]
        counts[at_come[~is_new]] += come.counts[~is_new]
        return ChangedCounts(self.found, beside, units, counts, names, code_places(names, items))

    def _numbers_of(self, few: _Places) -> Int64Array:
        found, beside = self.found.find(few), self.beside.find(few)
        return np.where(found >= 0, found, np.where(beside >= 0, beside + len(self.found), -1))


def changed_found(
    known: PlacedCounts | ChangedCounts, older: Journeys, change: ViewChange, count: Count
) -> ChangedCounts | None:
    """Counts by place of an older view, after a change; None where all is counted anew."""
    changed = known if isinstance(known, ChangedCounts) else ChangedCounts.of(known, older.items)
    return changed.changed(change, count)


def changed_packed(known: PackedCounts, change: ViewChange, count: Count) -> PackedCounts | None:
    """Packed counts of an older view, after a change; None where all is counted anew."""
    items = change.after.items
    n_bits = bits_of(len(items))
    if change.before.items != items[: change.before.n_items] or n_bits * known.length > 64:
        return None
    gone, come = count(in_codes_of(change.before, items)), count(change.after)
    assert isinstance(gone, PackedCounts)
    assert isinstance(come, PackedCounts)
    packed = known.packed if known.n_bits == n_bits else _packed(known, n_bits)
    units, counts = known.units.copy(), known.counts.copy()
    at = np.searchsorted(packed, gone.packed)
    if np.any(np.append(packed, 0)[at] != gone.packed):
        return None  # the older counts are not of these views: never guess
    units[at] -= gone.units
    counts[at] -= gone.counts
    at = np.searchsorted(packed, come.packed)
    is_new = np.append(packed, 0)[at] != come.packed
    is_new |= at == len(packed)
    units[at[~is_new]] += come.units[~is_new]
    counts[at[~is_new]] += come.counts[~is_new]
    columns = packed, units, counts
    new = come.packed, come.units, come.counts
    if is_new.any():
        columns = tuple(
            np.insert(old, at[is_new], more[is_new]) for old, more in zip(columns, new, strict=True)
        )  # type: ignore[assignment]
    kept = columns[1] > 0
    if not kept.all():
        columns = tuple(column[kept] for column in columns)  # type: ignore[assignment]
    return PackedCounts(
        packed=columns[0], units=columns[1], counts=columns[2], length=known.length, n_bits=n_bits
    )


def _packed(known: PackedCounts, n_bits: int) -> npt.NDArray[np.uint64]:
    """The same sequences, in the same order, with so many bits for a code."""
    items = known.lists().items.reshape(-1, known.length).astype(np.uint64)
    packed = np.zeros(len(items), np.uint64)
    for place in range(known.length):
        packed |= items[:, place] << np.uint64(n_bits * place)
    return packed


def _counted(view: Journeys, names: tuple[str, ...], count: Count) -> PlacedCounts:
    return cast(PlacedCounts, count(in_codes_of(view, names)))


def _interleaved(parts: list[tuple[Int64Array, Lists]], n_lists: int) -> Lists:
    """Lists put together: of each part the places among all, and the lists."""
    lengths = np.zeros(n_lists, np.int64)
    for places, lists in parts:
        lengths[places] = np.diff(lists.starts)
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    items = np.empty(starts[-1], np.uint32)
    for places, lists in parts:
        moved = starts[places] - lists.starts[:-1]
        own = np.arange(lists.starts[-1])
        items[own + np.repeat(moved, lengths[places])] = lists.items
    return Lists(starts, items)


def _parts(size: int) -> list[slice]:
    """About equal parts of so many things, one for each thread where that pays; at least one."""
    n_parts = max(1, min(n_threads(), size // _LEAST_PART))
    bounds = [size * part // n_parts for part in range(n_parts + 1)]
    return [slice(begin, end) for begin, end in pairwise(bounds)]
