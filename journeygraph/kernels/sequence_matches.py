"""Which of a few sequences are among very many: found by number, verified by comparing the items.

The few are put into a table small enough for the caches and the many are passed by, so that
nothing has to be built of the many. The upper bits of a number say where in the table it stands:
numbers that come in about their order, as those of paths do, find what they need in the cache.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.sequences import MULTIPLIER
from journeygraph.kernels.tiny import USUAL_CODE_TYPES, read_only

__all__ = ["find_numbers", "hash_sequences", "same_sequences", "warm"]

_ONE = np.uint64(1)
_AHEAD = 64


@numba.njit(nogil=True, cache=True)
def hash_sequences(item_codes, n_items, rows, ends):
    """Hash the items in ranges of rows.

    Parameters
    ----------
    item_codes
        (n_interactions,) item of each interaction; n_items and above are no items.
    rows, ends
        (n,) int64 where each range begins and ends.

    Returns
    -------
    hashes
        (n,) uint64, the same for the same items whatever the width of their codes.
    """
    hashes = np.zeros(len(rows), np.uint64)
    for number in range(len(rows)):
        hashed = np.uint64(0)
        for row in range(rows[number], ends[number]):
            item = item_codes[row]
            if item < n_items:
                hashed = (hashed ^ (np.uint64(item) + _ONE)) * MULTIPLIER
                hashed ^= hashed >> np.uint64(32)
        hashes[number] = hashed
    return hashes


@numba.njit(nogil=True, cache=True)
def find_numbers(numbers, few):
    """Find each of a few numbers among many.

    Parameters
    ----------
    numbers
        (n,) uint64, well mixed in their upper bits.
    few
        (n_few,) uint64; the same one may be there twice.

    Returns
    -------
    places
        (n_few,) int64 place among the many, the last one where it is there twice; -1 where it is
        not among them.

    Notes
    -----
    O(n + n_few).
    """
    size, bits = 16, 4
    while size < 2 * len(few):
        size *= 2
        bits += 1
    shift, last = np.uint64(64 - bits), np.uint64(size - 1)
    slots = np.zeros(size, np.int32)
    for place in range(len(few)):
        slot = few[place] >> shift
        while slots[slot]:
            slot = (slot + _ONE) & last
        slots[slot] = place + 1
    places = np.full(len(few), -1, np.int64)
    for place in range(len(numbers)):
        number = numbers[place]
        slot = number >> shift
        while slots[slot]:
            if few[slots[slot] - 1] == number:
                places[slots[slot] - 1] = place
            slot = (slot + _ONE) & last
    return places


@numba.njit(nogil=True, cache=True)
def same_sequences(
    item_codes, n_items, rows, ends, other_codes, n_other_items, other_rows, other_ends
):
    """Whether each of some ranges of rows holds the same items as another one.

    Parameters
    ----------
    item_codes, n_items
        Where the rows are; codes of n_items and above are no items.
    rows, ends
        (n,) int64 where each range begins and ends.
    other_codes, n_other_items, other_rows, other_ends
        The same of the others; codes mean the same in both.

    Returns
    -------
    are_same, touched
        Whether all are; and a number of no meaning, made from what was looked at ahead.

    Notes
    -----
    A processor waits for each range that is far from the last one, unless it is shown some at
    once: so the first rows of some are looked at before any of these is compared.
    """
    touched = np.uint32(0)
    for ahead in range(0, len(rows), _AHEAD):
        stop = min(ahead + _AHEAD, len(rows))
        for place in range(ahead, stop):
            if rows[place] < ends[place]:
                touched ^= np.uint32(item_codes[rows[place]])
        for place in range(ahead, stop):
            if not _same_items(
                item_codes, n_items, rows[place], ends[place],
                other_codes, n_other_items, other_rows[place], other_ends[place],
            ):  # fmt: skip
                return False, touched
    return True, touched


@numba.njit(nogil=True, cache=True)
def _same_items(item_codes, n_items, row, end, other_codes, n_other_items, other_row, other_end):
    while True:
        while row < end and item_codes[row] >= n_items:
            row += 1
        while other_row < other_end and other_codes[other_row] >= n_other_items:
            other_row += 1
        if row == end or other_row == other_end:
            return row == end and other_row == other_end
        if item_codes[row] != other_codes[other_row]:
            return False
        row += 1
        other_row += 1


def warm() -> None:
    """Compile for the types met; the others of a comparison have the widest codes."""
    numbers, rows, ends = read_only([0], np.uint64), read_only([0]), read_only([2])
    find_numbers(numbers, numbers)
    others = read_only([0, 1], np.uint32), 2, rows, ends
    for codes in (read_only([0, 1], dtype) for dtype in USUAL_CODE_TYPES):
        same_sequences(codes, 2, rows, ends, *others)
        hash_sequences(codes, 2, rows, ends)
