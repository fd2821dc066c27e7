"""The items of patterns that are known by their last one, and which patterns others contain.

A pattern contains those that remain when one of its items is left out. They are looked up by
hash and compared, so that all patterns are looked at once, however many there are.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import read_only

__all__ = ["mark_contained", "spell_patterns", "warm"]

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)


@numba.njit(nogil=True, cache=True)
def spell_patterns(parents, items, numbers):
    """Write out the items of some patterns.

    Parameters
    ----------
    parents, items
        (n_patterns,) int64 the pattern without its last item (-1 for one item), and this item.
    numbers
        int64 of the patterns to write out.

    Returns
    -------
    list_starts, codes
        (n + 1,) int64 and uint32.
    """
    list_starts = np.zeros(len(numbers) + 1, np.int64)
    for place in range(len(numbers)):
        length, pattern = 0, numbers[place]
        while pattern >= 0:
            length += 1
            pattern = parents[pattern]
        list_starts[place + 1] = list_starts[place] + length
    codes = np.empty(list_starts[-1], np.uint32)
    for place in range(len(numbers)):
        pattern = numbers[place]
        for at in range(list_starts[place + 1] - 1, list_starts[place] - 1, -1):
            codes[at] = items[pattern]
            pattern = parents[pattern]
    return list_starts, codes


@numba.njit(nogil=True, cache=True)
def _hash_without(codes, start, end, left_out):
    """A hash of codes[start:end], one of them left out."""
    mixed = np.uint64(end - start - (left_out >= 0))
    for place in range(start, end):
        if place != left_out:
            mixed = (mixed ^ np.uint64(codes[place])) * _MULTIPLIER
            mixed ^= mixed >> _HALF
    return mixed


@numba.njit(nogil=True, cache=True)
def _is_without(list_starts, codes, pattern, left_out, other):
    """Whether a pattern with one item left out is another pattern."""
    if list_starts[other + 1] - list_starts[other] + 1 != (
        list_starts[pattern + 1] - list_starts[pattern]
    ):
        return False
    at = list_starts[other]
    for place in range(list_starts[pattern], list_starts[pattern + 1]):
        if place != left_out:
            if codes[place] != codes[at]:
                return False
            at += 1
    return True


@numba.njit(nogil=True, cache=True)
def _slots_of(list_starts, codes):
    """The number + 1 of each pattern by its hash."""
    size = 16
    while size < 2 * len(list_starts):
        size *= 2
    slots = np.zeros(size, np.int64)
    for pattern in range(len(list_starts) - 1):
        slot = np.int64(
            _hash_without(codes, list_starts[pattern], list_starts[pattern + 1], -1)
            & np.uint64(size - 1)
        )
        while slots[slot]:
            slot = (slot + 1) & (size - 1)
        slots[slot] = pattern + 1
    return slots


@numba.njit(nogil=True, cache=True)
def mark_contained(list_starts, codes, units, same_units):
    """Mark the patterns that another one of one item more contains.

    Parameters
    ----------
    list_starts, codes, units
        Distinct patterns, and how many units have each.
    same_units
        Whether only those count that as many units have.

    Returns
    -------
    contained
        (n_patterns,) bool.
    """
    contained = np.zeros(len(units), np.bool_)
    slots = _slots_of(list_starts, codes)
    for pattern in range(len(units)):
        start, end = list_starts[pattern], list_starts[pattern + 1]
        for left_out in range(start, end):
            slot = np.int64(_hash_without(codes, start, end, left_out) & np.uint64(len(slots) - 1))
            while slots[slot]:
                other = slots[slot] - 1
                if _is_without(list_starts, codes, pattern, left_out, other):
                    if not same_units or units[other] == units[pattern]:
                        contained[other] = True
                    break
                slot = (slot + 1) & (len(slots) - 1)
    return contained


def warm() -> None:
    """Compile for the types met."""
    parents, items, units = read_only([-1, 0]), read_only([0, 1]), read_only([1, 1])
    list_starts, codes = spell_patterns(parents, items, np.arange(2))
    mark_contained(list_starts, codes, units, True)
