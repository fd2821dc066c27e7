"""Keys of whole numbers that were met before: a table of a range of numbers, and a hash table.

Most ids are numbers, and most of these were counted up. To know one again takes one look into
memory, where a text takes two and must be hashed and compared; who is new still gets the key of
its text, so that 7 and '7' are one customer whatever file says so.

In the table of a range each number has its place, which holds its key + 1; 0 is free. It is a
quarter of the size of the hash table, which has the numbers beyond it: there a slot is two words,
the number and its key + 1.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import read_only

__all__ = ["fill_numbers", "meet_numbers", "settle_numbers", "take_into_range", "warm"]

_FIRST = np.uint64(0x9E3779B97F4A7C15)
_SECOND = np.uint64(0xD6E8FEB86659FD93)
_HALF = np.uint64(32)
_U1 = np.uint64(1)


@numba.njit(nogil=True, cache=True, inline="always")
def _hashed(number, seed):
    state = (number ^ seed) * _FIRST
    state = (state ^ (state >> _HALF)) * _SECOND
    return state ^ (state >> _HALF)


@numba.njit(nogil=True, cache=True, inline="always")
def _slot_of(number, slot, slots):
    """The slot of a number, or the free one where it belongs, from a slot on."""
    mask = np.uint64(len(slots) - 1)
    while slots[slot, 1] and slots[slot, 0] != number:
        slot = (slot + _U1) & mask
    return slot


@numba.njit(nogil=True, cache=True)
def meet_numbers(numbers, first, ranged, seed, first_new, slots, keys, new_rows, new_slots):
    """The keys of numbers; those that are new get one behind the others for now.

    Parameters
    ----------
    numbers
        (n,) uint64: the bits of whole numbers.
    first, ranged
        uint64 bits of the number that the range begins with, and (size of the range,) int64.
    seed
        uint64 of the hash.
    first_new
        What the first new number gets for a key, the next one the next: beyond all keys.
    slots
        (a power of two, 2) uint64, with room for all numbers beyond the range.
    keys
        (n,) int64 written.
    new_rows, new_slots
        (n,) int64 written: of each new number, its first row and its slot; one in the range has
        -1 - its place there.

    Returns
    -------
    n_new
        How many new numbers there are.
    """
    mask = np.uint64(len(slots) - 1)
    size = np.uint64(len(ranged))
    n_new = 0
    for row in range(len(numbers)):
        number = numbers[row]
        place = number - first
        if place < size:
            key = ranged[place] - 1
            if key < 0:
                key = first_new + n_new
                ranged[place] = key + 1
                new_rows[n_new], new_slots[n_new] = row, -1 - np.int64(place)
                n_new += 1
        else:
            slot = _slot_of(number, _hashed(number, seed) & mask, slots)
            if not slots[slot, 1]:
                slots[slot, 0] = number
                slots[slot, 1] = np.uint64(first_new + n_new + 1)
                new_rows[n_new], new_slots[n_new] = row, slot
                n_new += 1
            key = np.int64(slots[slot, 1]) - 1
        keys[row] = key
    return n_new


@numba.njit(nogil=True, cache=True)
def settle_numbers(first_new, new_keys, new_slots, ranged, slots, keys):
    """Put the true keys of new numbers in the place of those that they got for now.

    Parameters
    ----------
    first_new, ranged, slots, keys
        As `meet_numbers` left them.
    new_keys, new_slots
        (n_new,) int64.
    """
    for new in range(len(new_keys)):
        slot = new_slots[new]
        if slot < 0:
            ranged[-1 - slot] = new_keys[new] + 1
        else:
            slots[slot, 1] = np.uint64(new_keys[new] + 1)
    for row in range(len(keys)):
        if keys[row] >= first_new:
            keys[row] = new_keys[keys[row] - first_new]


@numba.njit(nogil=True, cache=True)
def take_into_range(slots, first, ranged):
    """Put all that some slots hold of a range into its table.

    Parameters
    ----------
    slots
        (n, 2) uint64.
    first, ranged
        As `meet_numbers` has them.

    Returns
    -------
    n_taken
        How many there were.
    """
    n_taken = 0
    for slot in range(len(slots)):
        place = slots[slot, 0] - first
        if slots[slot, 1] and place < np.uint64(len(ranged)):
            ranged[place] = np.int64(slots[slot, 1])
            n_taken += 1
    return n_taken


@numba.njit(nogil=True, cache=True)
def fill_numbers(before, seed, slots):
    """Put all that some slots hold into more of them."""
    mask = np.uint64(len(slots) - 1)
    for old in range(len(before)):
        if before[old, 1]:
            slot = _slot_of(before[old, 0], _hashed(before[old, 0], seed) & mask, slots)
            slots[slot, 0], slots[slot, 1] = before[old, 0], before[old, 1]


def warm() -> None:
    """Compile for the types met."""
    seed, slots, first = np.uint64(1), np.zeros((2, 2), np.uint64), np.uint64(0)
    ranged = np.zeros(1, np.int64)
    keys, rows, places = np.zeros((3, 1), np.int64)
    meet_numbers(read_only([1], np.uint64), first, ranged, seed, 0, slots, keys, rows, places)
    settle_numbers(0, read_only([0]), places, ranged, slots, keys)
    fill_numbers(slots, seed, np.zeros((4, 2), np.uint64))
    take_into_range(slots, first, ranged)
