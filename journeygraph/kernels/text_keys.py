"""Dense keys of texts in order of first appearance: a hash table over Arrow's string buffers.

The hash only finds candidates. Every hit is compared byte by byte, so that no two texts ever
share a key, whatever they hash to.
"""

from __future__ import annotations

import numba
import numpy as np

__all__ = ["EMPTY", "assign_keys", "rehash", "warm"]

EMPTY = -1
"""The key of a slot that is free."""

_FIRST = np.uint64(0x9E3779B97F4A7C15)
_SECOND = np.uint64(0xD6E8FEB86659FD93)
_SHIFT = np.uint64(32)


@numba.njit(nogil=True, cache=True, inline="always")
def _mixed(word):
    word = (word ^ (word >> _SHIFT)) * _SECOND
    return word ^ (word >> _SHIFT)


@numba.njit(nogil=True, cache=True)
def _hash(data, start, end, seed):
    state = _mixed(seed ^ (np.uint64(end - start) * _FIRST))
    position = start
    while position + 8 <= end:
        word = np.uint64(0)
        for byte in range(8):
            word |= np.uint64(data[position + byte]) << np.uint64(8 * byte)
        state = _mixed(state ^ word) * _FIRST
        position += 8
    word = np.uint64(0)
    shift = np.uint64(0)
    while position < end:
        word |= np.uint64(data[position]) << shift
        shift += np.uint64(8)
        position += 1
    return _mixed(state ^ word)


@numba.njit(nogil=True, cache=True)
def _equal(data, start, end, texts, text_start, text_end):
    if end - start != text_end - text_start:
        return False
    byte = 0
    while byte < end - start and data[start + byte] == texts[text_start + byte]:
        byte += 1
    return byte == end - start


@numba.njit(nogil=True, cache=True)
def assign_keys(
    starts, data, is_valid, seed, slot_hashes, slot_keys, text_starts, texts, n_keys, keys, first
):
    """Give each text its key, new ones the next; stop where a buffer is full.

    Parameters
    ----------
    starts
        (n + 1,) int64 where each text begins in `data`.
    data
        uint8 bytes of the texts.
    is_valid
        (n,) bool, or empty where all are.
    seed
        uint64 of the hash.
    slot_hashes, slot_keys
        (n_slots,) uint64 and int64, n_slots a power of two; key EMPTY where free.
    text_starts
        (capacity + 1,) int64 where the text of each key begins in `texts`.
    texts
        uint8 bytes of the texts that have a key.
    n_keys
        How many keys there are.
    keys
        (n,) int64, written: the key of each row, -1 where there is no text.
    first
        The row to begin with.

    Returns
    -------
    row, n_keys
        The row that did not fit (n where all did) and how many keys there are now.
    """
    n = starts.size - 1
    mask = np.uint64(slot_keys.size - 1)
    most_keys = min(text_starts.size - 1, slot_keys.size // 2)
    last_key = EMPTY
    for row in range(first, n):
        if is_valid.size and not is_valid[row]:
            keys[row] = EMPTY
            continue
        start, end = starts[row], starts[row + 1]
        if last_key != EMPTY and _equal(
            data, start, end, texts, text_starts[last_key], text_starts[last_key + 1]
        ):
            keys[row] = last_key
            continue
        hashed = _hash(data, start, end, seed)
        slot = hashed & mask
        key = slot_keys[slot]
        while key != EMPTY and not (
            slot_hashes[slot] == hashed
            and _equal(data, start, end, texts, text_starts[key], text_starts[key + 1])
        ):
            slot = (slot + np.uint64(1)) & mask
            key = slot_keys[slot]
        if key == EMPTY:
            begin = text_starts[n_keys]
            if n_keys >= most_keys or begin + end - start > texts.size:
                return row, n_keys
            for byte in range(end - start):
                texts[begin + byte] = data[start + byte]
            key = n_keys
            n_keys += 1
            text_starts[n_keys] = begin + end - start
            slot_hashes[slot] = hashed
            slot_keys[slot] = key
        keys[row] = key
        last_key = key
    return n, n_keys


@numba.njit(nogil=True, cache=True)
def rehash(old_hashes, old_keys, slot_hashes, slot_keys):
    """Move every key into a larger table, which is empty."""
    mask = np.uint64(slot_keys.size - 1)
    for old in range(old_keys.size):
        if old_keys[old] != EMPTY:
            slot = old_hashes[old] & mask
            while slot_keys[slot] != EMPTY:
                slot = (slot + np.uint64(1)) & mask
            slot_hashes[slot] = old_hashes[old]
            slot_keys[slot] = old_keys[old]


def warm():
    """Compile the kernels on one text."""
    hashes, keys = np.zeros(4, np.uint64), np.full(4, EMPTY, np.int64)
    starts, data = np.array([0, 1]), np.zeros(1, np.uint8)
    assign_keys(
        starts, data, np.empty(0, np.bool_), np.uint64(1), hashes, keys,
        np.zeros(3, np.int64), np.zeros(8, np.uint8), 0, np.zeros(1, np.int64), 0,
    )  # fmt: skip
    rehash(hashes, keys, np.zeros(8, np.uint64), np.full(8, EMPTY, np.int64))
