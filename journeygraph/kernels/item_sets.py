"""Interactions that are so close together that nobody knows their order, as sets.

A set begins with an item and holds every item at most a tolerance after it. Its first row gets a
code of its own for the names that it holds, its other rows extend it, so that every other kernel
sees one item. Sets of the same names are found by a hash, which is always verified.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import USUAL_CODE_TYPES, read_only

__all__ = [
    "EXTENDS",
    "IS_NONE",
    "find_first_rows",
    "find_sets",
    "recode_sets",
    "warm",
    "write_first_rows",
]

IS_NONE, EXTENDS = 2**32 - 2, 2**32 - 1
"""What `find_sets` writes for a row that is no item, and for one that extends a set."""

_NOWHERE = -1


@numba.njit(nogil=True, cache=True)
def _with_room(array, needed):
    """The array, or one of twice the room and more with the same entries."""
    if needed <= len(array):
        return array
    larger = np.empty(2 * needed, array.dtype)
    for place in range(len(array)):
        larger[place] = array[place]
    return larger


@numba.njit(nogil=True, cache=True)
def _sort(names, size):
    """Put the first names in order, in place; by Shell's method, as sets may be large."""
    gap = size // 2
    while gap > 0:
        for place in range(gap, size):
            name, before = names[place], place
            while before >= gap and names[before - gap] > name:
                names[before] = names[before - gap]
                before -= gap
            names[before] = name
        gap //= 2


@numba.njit(nogil=True, cache=True)
def _hash(names, first, size):
    mixed = np.int64(size)
    for place in range(first, first + size):
        mixed = ((mixed ^ names[place]) & 0x3FFFFFFF) * 0x9E3779B1  # stays below 2**63
        mixed ^= mixed >> 29
    return mixed


@numba.njit(nogil=True, cache=True)
def _slot_of(slots, bounds, members, names, size):
    """Where a set stands in an open-addressing table, or the empty place where it would."""
    last = len(slots) - 1
    slot = _hash(names, 0, size) & last
    while slots[slot] != _NOWHERE:
        begin, end = bounds[slots[slot]], bounds[slots[slot] + 1]
        if end - begin == size:
            same = 0
            while same < size and members[begin + same] == names[same]:
                same += 1
            if same == size:
                return slot
        slot = slot + 1 & last
    return slot


@numba.njit(nogil=True, cache=True)
def _twice_the_slots(slots, bounds, members, n_sets):
    larger = np.full(2 * len(slots), _NOWHERE, np.int64)
    last = len(larger) - 1
    for number in range(n_sets):
        slot = _hash(members, bounds[number], bounds[number + 1] - bounds[number]) & last
        while larger[slot] != _NOWHERE:
            slot = slot + 1 & last
        larger[slot] = number
    return larger


@numba.njit(nogil=True, cache=True)
def _number_of(table, names, size):
    """The number of a set among those found, and the table, in which it is from now on."""
    slots, bounds, members, counts = table
    slot = _slot_of(slots, bounds, members, names, size)
    if slots[slot] != _NOWHERE:
        return slots[slot], table
    number, end = counts[0], counts[1] + size
    bounds, members = _with_room(bounds, number + 2), _with_room(members, end)
    for place in range(size):
        members[counts[1] + place] = names[place]
    bounds[number + 1] = end
    slots[slot] = number
    counts[0], counts[1] = number + 1, end
    if 2 * (number + 1) > len(slots):
        slots = _twice_the_slots(slots, bounds, members, number + 1)
    return number, (slots, bounds, members, counts)


@numba.njit(nogil=True, cache=True)
def find_sets(starts, ends, name_codes, n_names, at_us, tolerance_us, item_codes):
    """Find the sets of some journeys, and list those of several names, each once.

    Parameters
    ----------
    starts, ends
        Rows of some journeys; a set never crosses one.
    name_codes
        (n_interactions,) codes of names; n_names and above are no items.
    at_us
        (n_interactions,) microseconds since the epoch, ascending within a journey.
    tolerance_us
        A set holds the items at most so long after its first.
    item_codes
        (n_interactions,) uint32, written for these journeys: at the first row of a set its only
        name, or n_names + its number in the list; else EXTENDS or IS_NONE.

    Returns
    -------
    set_starts, members
        (n_sets + 1,) int64 bounds of each set in the list, and the names that it holds, ascending.

    Notes
    -----
    O(interactions), and the names of each set in order.
    """
    table = (
        np.full(64, _NOWHERE, np.int64), np.zeros(33, np.int64), np.empty(64, np.int64),
        np.zeros(2, np.int64),
    )  # fmt: skip
    names = np.empty(16, np.int64)
    met_by = np.full(n_names, -1, np.int64)  # by name: the first row of the last set that held it
    for journey in range(len(starts)):
        first, size = np.int64(-1), 0
        for row in range(starts[journey], ends[journey]):
            name = np.int64(name_codes[row])
            if name >= n_names:
                item_codes[row] = IS_NONE
                continue
            if first >= 0 and at_us[row] - at_us[first] <= tolerance_us:
                item_codes[row] = EXTENDS
            else:
                if size > 1:
                    _sort(names, size)
                    number, table = _number_of(table, names, size)
                    item_codes[first] = n_names + number
                item_codes[row] = name
                first, size = np.int64(row), 0
            if met_by[name] != first:
                met_by[name] = first
                names = _with_room(names, size + 1)
                names[size] = name
                size += 1
        if size > 1:
            _sort(names, size)
            number, table = _number_of(table, names, size)
            item_codes[first] = n_names + number
    _slots, bounds, members, counts = table
    return bounds[: counts[0] + 1].copy(), members[: counts[1]].copy()


@numba.njit(nogil=True, cache=True)
def recode_sets(starts, ends, found_codes, n_names, items, none, extends, item_codes):
    """Write the final code of each item.

    Parameters
    ----------
    starts, ends
        Rows of the journeys that `find_sets` was given.
    found_codes
        What it wrote.
    items
        By number of a set in its list, the code of the item.
    none, extends
        The codes of what is no item, and of what extends one.
    item_codes
        (n_interactions,) written for these journeys.
    """
    for journey in range(len(starts)):
        for row in range(starts[journey], ends[journey]):
            code = np.int64(found_codes[row])
            if code < n_names:
                item_codes[row] = code
            elif code == EXTENDS:
                item_codes[row] = extends
            elif code == IS_NONE:
                item_codes[row] = none
            else:
                item_codes[row] = items[code - n_names]


@numba.njit(nogil=True, cache=True)
def write_first_rows(starts, ends, name_codes, n_names, at_us, tolerance_us, first_row, found):
    """Write for each row of some journeys the first row of its set, -1 where it is no item.

    Parameters
    ----------
    first_row
        The row that `found` begins with.
    found
        int64, written; see `find_sets` for all else.
    """
    for journey in range(len(starts)):
        first = np.int64(-1)
        for row in range(starts[journey], ends[journey]):
            if name_codes[row] >= n_names:
                found[row - first_row] = -1
                continue
            if first < 0 or at_us[row] - at_us[first] > tolerance_us:
                first = np.int64(row)
            found[row - first_row] = first


@numba.njit(nogil=True, cache=True)
def find_first_rows(starts, ends, name_codes, n_names, at_us, tolerance_us, rows):
    """Find the first row of the set that each of some rows is in; itself where it is in none.

    Parameters
    ----------
    rows
        (n_rows,) ascending; see `find_sets` for all else.
    """
    found = rows.copy()
    place = 0
    for journey in range(len(starts)):
        while place < len(rows) and rows[place] < starts[journey]:
            place += 1
        first = np.int64(-1)
        row = starts[journey]
        while place < len(rows) and rows[place] < ends[journey]:
            if name_codes[row] < n_names and (
                first < 0 or at_us[row] - at_us[first] > tolerance_us
            ):
                first = np.int64(row)
            if row == rows[place]:
                if name_codes[row] < n_names:
                    found[place] = first
                place += 1
            row += 1
    return found


def warm() -> None:
    """Compile for the types that views have."""
    numbers, two = read_only([0, 0]), read_only([2])
    found_codes = np.zeros(2, np.uint32)
    for code_type in USUAL_CODE_TYPES:
        names = read_only([0, 1], code_type)
        find_sets(numbers[:1], two, names, 2, numbers, 0, found_codes)
        write_first_rows(numbers[:1], two, names, 2, numbers, 0, 0, np.zeros(2, np.int64))
        find_first_rows(numbers[:1], two, names, 2, numbers, 0, numbers[:1])
        item_codes = np.zeros(2, code_type)
        recode_sets(
            numbers[:1], two, read_only(found_codes, np.uint32), 2, numbers, 254, 255, item_codes
        )
