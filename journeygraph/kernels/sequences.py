"""A table of sequences of items, found by hash, verified by comparing the items themselves.

A hash says where to look, never what is equal. An entry points to where the sequence occurs
first instead of holding a copy. Whoever fills a table does so for one part of all hashes, each
part on its own thread: every sequence then belongs to one thread and nothing has to be merged.
"""

from __future__ import annotations

import numba
import numpy as np

__all__ = [
    "COUNT",
    "END",
    "HASH",
    "LAST_UNIT",
    "MULTIPLIER",
    "ROW",
    "UNITS",
    "add_sequence",
    "copy_items",
    "count_again",
    "empty_entries",
    "empty_slots",
    "find_sequence",
    "in_part",
    "longer_entries",
    "refilled_slots",
    "same_items",
    "warm",
]

MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
"""Odd, with its bits well mixed: 2 ** 64 divided by the golden ratio."""

HASH, ROW, END, COUNT, UNITS, LAST_UNIT = range(6)
"""The columns of entries (uint64): hash; the rows of the first occurrence; occurrences; units,
and the last of these + 1."""

_UPPER_HALF = np.uint64(0xFFFFFFFF00000000)
_LOWER_HALF = np.uint64(0xFFFFFFFF)
_ONE = np.uint64(1)


@numba.njit(nogil=True, cache=True)
def in_part(hashed, part, n_parts):
    """Whether a hash is in this part of all hashes."""
    half = np.uint64(32)
    return np.int64(((hashed >> half) * np.uint64(n_parts)) >> half) == part


@numba.njit(nogil=True, cache=True)
def empty_entries(room):
    """Entries, not filled, for so many sequences."""
    return np.empty((max(room, 1 << 9), 6), np.uint64)


@numba.njit(nogil=True, cache=True)
def longer_entries(entries):
    """The same entries with room for as many again."""
    longer = np.empty((2 * len(entries), 6), np.uint64)
    for entry in range(len(entries)):  # as slices, this takes seconds to compile
        for column in range(6):
            longer[entry, column] = entries[entry, column]
    return longer


@numba.njit(nogil=True, cache=True)
def empty_slots(room):
    """Slots for so many sequences: 0, or the upper half of a hash and the number of an entry + 1.

    A power of two, so that the lower bits of a hash say where to begin to look.
    """
    size = 1 << 10
    while size < 2 * room:
        size *= 2
    return np.zeros(size, np.uint64)


@numba.njit(nogil=True, cache=True)
def refilled_slots(entries, n_entries):
    """Slots for all entries, filled with those that there are."""
    slots = empty_slots(len(entries))
    last = np.uint64(len(slots) - 1)
    for entry in range(n_entries):
        hashed = entries[entry, HASH]
        slot = hashed & last
        while slots[slot]:
            slot = (slot + _ONE) & last
        slots[slot] = (hashed & _UPPER_HALF) | np.uint64(entry + 1)
    return slots


@numba.njit(nogil=True, cache=True)
def same_items(item_codes, n_items, row, end, other_row, other_end):
    """Whether two ranges of rows hold the same items in the same order."""
    while True:
        while row < end and item_codes[row] >= n_items:
            row += 1
        while other_row < other_end and item_codes[other_row] >= n_items:
            other_row += 1
        if row == end or other_row == other_end:
            return row == end and other_row == other_end
        if item_codes[row] != item_codes[other_row]:
            return False
        row += 1
        other_row += 1


@numba.njit(nogil=True, cache=True)
def find_sequence(slots, entries, hashed, item_codes, n_items, row, end):
    """Find the entry of the sequence in these rows.

    Returns
    -------
    entry, slot
        -1 and the slot where it goes, where it is not there yet.
    """
    last = np.uint64(len(slots) - 1)
    slot = hashed & last
    while slots[slot]:
        if (slots[slot] ^ hashed) & _UPPER_HALF == 0:
            entry = np.int64(slots[slot] & _LOWER_HALF) - 1
            known = np.int64(entries[entry, ROW])
            known_end = np.int64(entries[entry, END])
            if same_items(item_codes, n_items, known, known_end, row, end):
                return entry, slot
        slot = (slot + _ONE) & last
    return -1, slot


@numba.njit(nogil=True, cache=True)
def add_sequence(slots, entries, n_entries, slot, hashed, row, end, unit):
    """Put a new sequence behind the others, seen once."""
    slots[slot] = (hashed & _UPPER_HALF) | np.uint64(n_entries + 1)
    entries[n_entries, HASH] = hashed
    entries[n_entries, ROW] = row
    entries[n_entries, END] = end
    entries[n_entries, COUNT] = 1
    entries[n_entries, UNITS] = 1
    entries[n_entries, LAST_UNIT] = unit + 1


@numba.njit(nogil=True, cache=True)
def count_again(entries, entry, unit):
    """Count one more occurrence of a known sequence; units come in ascending order."""
    entries[entry, COUNT] += _ONE
    entries[entry, UNITS] += np.uint64(entries[entry, LAST_UNIT] != np.uint64(unit + 1))
    entries[entry, LAST_UNIT] = unit + 1


@numba.njit(nogil=True, cache=True)
def copy_items(item_codes, n_items, rows, ends):
    """Copy the items in ranges of rows, one list after the other.

    Parameters
    ----------
    item_codes
        (n_interactions,) item of each interaction; n_items and above are no items.
    rows, ends
        (n_lists,) int64 ranges of rows.

    Returns
    -------
    list_starts, items
        (n_lists + 1,) int64 where each list begins, and the codes of all, uint32.
    """
    list_starts = np.zeros(len(rows) + 1, np.int64)
    for number in range(len(rows)):
        n_kept = 0
        for row in range(rows[number], ends[number]):
            n_kept += item_codes[row] < n_items
        list_starts[number + 1] = list_starts[number] + n_kept
    items = np.empty(list_starts[-1], np.uint32)
    for number in range(len(rows)):
        place = list_starts[number]
        for row in range(rows[number], ends[number]):
            if item_codes[row] < n_items:
                items[place] = item_codes[row]
                place += 1
    return list_starts, items


def warm() -> None:
    """Compile what is called from outside; the rest is compiled with what calls it."""
    from journeygraph.kernels.tiny import CODE_TYPES, read_only

    for codes in (read_only([0, 1], dtype) for dtype in CODE_TYPES):
        copy_items(codes, 2, np.array([0]), np.array([2]))
