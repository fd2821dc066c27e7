"""Which of a few sequences are among very many: found by hash, verified by comparing the items.

The few are put into a table small enough for the caches and the many are passed by, so that
nothing has to be built of the many.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.sequences import MULTIPLIER
from journeygraph.kernels.tiny import USUAL_CODE_TYPES, read_only

__all__ = ["hash_sequences", "match_sequences", "warm"]

_ONE = np.uint64(1)


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
def match_sequences(
    hashes, rows, ends, item_codes, n_items, few_hashes, few_rows, few_ends, few_codes, n_few_items
):
    """Find each of a few sequences among many.

    Parameters
    ----------
    hashes, rows, ends
        (n,) uint64, int64, int64: the hash of each of the many, and the rows where it stands.
    item_codes, n_items
        Where these rows are; codes of n_items and above are no items.
    few_hashes, few_rows, few_ends, few_codes, n_few_items
        The same of the few, hashed in the same way; codes mean the same in both. The same one may
        be there twice.

    Returns
    -------
    numbers
        (n_few,) int64 number among the many, -1 where it is not among them.

    Notes
    -----
    O(n + n_few), as long as hashes do not collide.
    """
    size = 16
    while size < 4 * len(few_hashes):
        size *= 2
    slots = np.zeros(size, np.int32)
    last = np.uint64(size - 1)
    for few in range(len(few_hashes)):
        slot = few_hashes[few] & last
        while slots[slot]:
            slot = (slot + _ONE) & last
        slots[slot] = few + 1
    numbers = np.full(len(few_hashes), -1, np.int64)
    for number in range(len(hashes)):
        hashed = hashes[number]
        slot = hashed & last
        while slots[slot]:
            few = slots[slot] - 1
            if few_hashes[few] == hashed and _same_items(
                item_codes, n_items, rows[number], ends[number],
                few_codes, n_few_items, few_rows[few], few_ends[few],
            ):  # fmt: skip
                numbers[few] = number
            slot = (slot + _ONE) & last
    return numbers


@numba.njit(nogil=True, cache=True)
def _same_items(item_codes, n_items, row, end, few_codes, n_few_items, few_row, few_end):
    while True:
        while row < end and item_codes[row] >= n_items:
            row += 1
        while few_row < few_end and few_codes[few_row] >= n_few_items:
            few_row += 1
        if row == end or few_row == few_end:
            return row == end and few_row == few_end
        if item_codes[row] != few_codes[few_row]:
            return False
        row += 1
        few_row += 1


def warm() -> None:
    """Compile for the types met; the few have the widest codes."""
    few = read_only([0], np.uint64), read_only([0]), read_only([2])
    few_codes = read_only([0, 1], np.uint32)
    for codes in (read_only([0, 1], dtype) for dtype in USUAL_CODE_TYPES):
        match_sequences(*few, codes, 2, *few, few_codes, 2)
        hash_sequences(codes, 2, few[1], few[2])
