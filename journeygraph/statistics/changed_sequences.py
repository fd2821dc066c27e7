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
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from journeygraph.statistics.ngrams import bits_of
from journeygraph.statistics.refresh import code_places
from journeygraph.statistics.sequence_places import HASHED, PlacedCounts, SequencePlaces
from journeygraph.statistics.sequences import Lists, PackedCounts, SequenceCounts, read_only
from journeygraph.statistics.view_changes import ViewChange, in_codes_of

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["ChangedCounts", "changed_found", "changed_packed"]

Int64Array = npt.NDArray[np.int64]
IntArray = npt.NDArray[np.integer[Any]]
Count = Callable[["Journeys", int | None], SequenceCounts]
"""Counts all of a view, with numbers of a given base where it has any; None for one of its own."""

_FEW_BESIDE = 1 << 10
_MOST_BESIDE = 4
"""All is counted anew where more are beside than these few and one for so many that were found."""


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

    found: SequencePlaces
    beside: SequencePlaces
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
        found = SequencePlaces.of(counts)
        beside = SequencePlaces.none(found.base)
        return cls(found, beside, counts.units, counts.counts, items)

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
        if self.found.base and len(names) >= self.found.base:
            return None
        gone, come = (
            cast(PlacedCounts, count(in_codes_of(view, names), self.found.base))
            for view in (change.before, change.after)
        )
        of_gone, of_come = SequencePlaces.of(gone), SequencePlaces.of(come)
        at = self._places_of(np.concatenate([of_gone.numbers, of_come.numbers]))
        at, at_come = at[: len(gone)], at[len(gone) :]
        is_new = at_come < 0
        are_these = self._are(at, of_gone, np.arange(len(gone)))
        if not are_these or not self._are(at_come[~is_new], of_come, np.flatnonzero(~is_new)):
            return None  # the older counts are not of these views, or numbers collide: never guess
        beside = self.beside.and_of(of_come, np.flatnonzero(is_new))
        if len(beside) > _FEW_BESIDE + len(self.found) // _MOST_BESIDE:
            return None
        units = np.concatenate([self.all_units, come.units[is_new]])
        counts = np.concatenate([self.all_counts, come.counts[is_new]])
        units[at] -= gone.units
        counts[at] -= gone.counts
        units[at_come[~is_new]] += come.units[~is_new]
        counts[at_come[~is_new]] += come.counts[~is_new]
        return ChangedCounts(self.found, beside, units, counts, names, code_places(names, items))

    def _places_of(self, numbers: npt.NDArray[np.uint64]) -> Int64Array:
        """The place of each of some numbers among all, -1 where it is not there."""
        found, beside = self.found.find(numbers), self.beside.find(numbers)
        return np.where(found >= 0, found, np.where(beside >= 0, beside + len(self.found), -1))

    def _are(self, places: Int64Array, others: SequencePlaces, of_others: Int64Array) -> bool:
        """Whether others are what stands at some places, all of which are there."""
        if np.any(places < 0):
            return False
        is_found = places < len(self.found)
        moved = places[~is_found] - len(self.found)
        return self.found.are(places[is_found], others, of_others[is_found]) and self.beside.are(
            moved, others, of_others[~is_found]
        )


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
    gone, come = count(in_codes_of(change.before, items), HASHED), count(change.after, HASHED)
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
