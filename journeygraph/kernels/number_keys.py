"""Keys of whole numbers that were met before: a hash table with the number itself in its slots.

Most ids are numbers. To know one again takes one look into memory, where a text takes two and
must be hashed and compared; who is new still gets the key of its text, so that 7 and '7' are one
customer whatever file says so.

A slot is two words: the number, and its key + 1; 0 is free.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import read_only

__all__ = ["fill_numbers", "meet_numbers", "settle_numbers", "warm"]

_BATCH = 512
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
def meet_numbers(numbers, seed, first_new, slots, keys, new_rows, new_slots):
    """The keys of numbers; those that are new get one behind the others for now.

    Parameters
    ----------
    numbers
        (n,) uint64: the bits of whole numbers.
    seed
        uint64 of the hash.
    first_new
        What the first new number gets for a key, the next one the next: beyond all keys.
    slots
        (a power of two, 2) uint64, with room for all of them.
    keys
        (n,) int64 written.
    new_rows, new_slots
        (n,) int64 written: of each new number, its first row and its slot.

    Returns
    -------
    n_new
        How many new numbers there are.
    """
    mask = np.uint64(len(slots) - 1)
    first = np.empty(_BATCH, np.uint64)
    n_new = 0
    for begin in range(0, len(numbers), _BATCH):
        size = min(_BATCH, len(numbers) - begin)
        for row in range(size):
            first[row] = _hashed(numbers[begin + row], seed) & mask
        for row in range(size):
            number = numbers[begin + row]
            slot = _slot_of(number, first[row], slots)
            if not slots[slot, 1]:
                slots[slot, 0] = number
                slots[slot, 1] = np.uint64(first_new + n_new + 1)
                new_rows[n_new], new_slots[n_new] = begin + row, slot
                n_new += 1
            keys[begin + row] = np.int64(slots[slot, 1]) - 1
    return n_new


@numba.njit(nogil=True, cache=True)
def settle_numbers(first_new, new_keys, new_slots, slots, keys):
    """Put the true keys of new numbers in the place of those that they got for now.

    Parameters
    ----------
    first_new, slots, keys
        As `meet_numbers` left them.
    new_keys, new_slots
        (n_new,) int64.
    """
    for new in range(len(new_keys)):
        slots[new_slots[new], 1] = np.uint64(new_keys[new] + 1)
    for row in range(len(keys)):
        if keys[row] >= first_new:
            keys[row] = new_keys[keys[row] - first_new]


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
    seed, slots = np.uint64(1), np.zeros((2, 2), np.uint64)
    keys, rows, places = np.zeros((3, 1), np.int64)
    meet_numbers(read_only([1], np.uint64), seed, 0, slots, keys, rows, places)
    settle_numbers(0, read_only([0]), places, slots, keys)
    fill_numbers(slots, seed, np.zeros((4, 2), np.uint64))
