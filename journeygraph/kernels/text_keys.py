"""Dense keys of texts in order of first appearance: a hash table over Arrow's string buffers.

The hash only finds candidates. Every hit is compared word by word, so that no two texts ever
share a key, whatever they hash to.

With millions of texts every look-up misses the processor's cache twice, and waiting for one
miss after the other takes ten times as long as the rest. Rows are therefore looked up in
batches, in three short loops without dependences: hash, slot, record. What they do not find
(new texts, collisions) is then looked up one by one.

A slot is one word: 24 bits of the hash above 40 bits of the record's position + 1; 0 is free.
A record in `arena` is the key, the length in bytes, and the bytes in whole words padded with 0.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import read_only

__all__ = [
    "NO_KEY", "RECORD_HEAD", "assign_keys", "fill_slots", "hash_bytes", "is_text", "unpack_texts",
    "warm", "whole_word",
]  # fmt: skip

NO_KEY = -1
"""The key of a row that has no text."""

RECORD_HEAD = 2
"""How many words a record has before its text."""

_BATCH = 512
_TAG_SHIFT = np.uint64(40)
_POSITION_MASK = np.uint64((1 << 40) - 1)
_FIRST = np.uint64(0x9E3779B97F4A7C15)
_SECOND = np.uint64(0xD6E8FEB86659FD93)
_HALF = np.uint64(32)
_U0, _U1, _U2, _U3, _U4, _U5, _U6, _U7 = (np.uint64(number) for number in range(8))
_U8, _U16, _U24, _U40, _U48, _U56 = (np.uint64(number) for number in (8, 16, 24, 40, 48, 56))


@numba.njit(nogil=True, cache=True, inline="always")
def whole_word(data, position):
    """The eight bytes at a uint64 position as one number, the first the lowest."""
    # written out, because so the compiler makes one load of it
    return (
        np.uint64(data[position])
        | np.uint64(data[position + _U1]) << _U8
        | np.uint64(data[position + _U2]) << _U16
        | np.uint64(data[position + _U3]) << _U24
        | np.uint64(data[position + _U4]) << _HALF
        | np.uint64(data[position + _U5]) << _U40
        | np.uint64(data[position + _U6]) << _U48
        | np.uint64(data[position + _U7]) << _U56
    )


@numba.njit(nogil=True, cache=True, inline="always")
def _last_word(data, start, length):
    """The bytes after the last whole word, which are 1 to 7, padded with 0."""
    rest = length & _U7
    if length >= _U8:
        return whole_word(data, start + length - _U8) >> ((_U8 - rest) * _U8)
    word = _U0
    for byte in range(rest):
        word |= np.uint64(data[start + byte]) << (np.uint64(byte) * _U8)
    return word


@numba.njit(nogil=True, cache=True, inline="always")
def _mixed(state, word):
    state = (state ^ word) * _FIRST
    return (state ^ (state >> _HALF)) * _SECOND


@numba.njit(nogil=True, cache=True)
def hash_bytes(data, start, length, seed):
    """The hash of a text; its start and length are uint64."""
    state = seed ^ length
    n_words = length // _U8
    for word in range(n_words):
        state = _mixed(state, whole_word(data, start + np.uint64(word) * _U8))
    if length & _U7:
        state = _mixed(state, _last_word(data, start, length))
    return state ^ (state >> _HALF)


@numba.njit(nogil=True, cache=True)
def _hash_record(arena, record, length, seed):
    state = seed ^ length
    n_words = (length + _U7) // _U8
    for word in range(n_words):
        state = _mixed(state, arena[record + _U2 + np.uint64(word)])
    return state ^ (state >> _HALF)


@numba.njit(nogil=True, cache=True)
def is_text(data, start, length, arena, record):
    """Whether a record is of this text."""
    if arena[record + _U1] != length:
        return False
    n_words = length // _U8
    text = record + _U2
    for word in range(n_words):
        if arena[text + np.uint64(word)] != whole_word(data, start + np.uint64(word) * _U8):
            return False
    return not (length & _U7) or arena[text + n_words] == _last_word(data, start, length)


@numba.njit(nogil=True, cache=True)
def _find(data, start, length, hashed, slots, arena):
    """The slot of a text, or the free one where it belongs."""
    mask = np.uint64(slots.size - 1)
    tag = hashed >> _TAG_SHIFT
    slot = hashed & mask
    while slots[slot] and not (
        slots[slot] >> _TAG_SHIFT == tag
        and is_text(data, start, length, arena, (slots[slot] & _POSITION_MASK) - _U1)
    ):
        slot = (slot + _U1) & mask
    return slot


@numba.njit(nogil=True, cache=True)
def _append(data, start, length, key, arena, record):
    """Write a record; the position after it."""
    arena[record] = np.uint64(key)
    arena[record + _U1] = length
    n_words = length // _U8
    text = record + _U2
    for word in range(n_words):
        arena[text + np.uint64(word)] = whole_word(data, start + np.uint64(word) * _U8)
    if length & _U7:
        arena[text + n_words] = _last_word(data, start, length)
        return text + n_words + _U1
    return text + n_words


@numba.njit(nogil=True, cache=True)
def _look_up(starts, data, begin, seed, slots, arena, hashes, found, lengths):
    """Hash, content of the first slot, and length of its record, for a batch of rows."""
    mask = np.uint64(slots.size - 1)
    for row in range(hashes.size):
        start = np.uint64(starts[begin + row])
        hashes[row] = hash_bytes(data, start, np.uint64(starts[begin + row + 1]) - start, seed)
    for row in range(hashes.size):
        found[row] = slots[hashes[row] & mask]
    for row in range(hashes.size):
        lengths[row] = arena[found[row] & _POSITION_MASK]  # positions are + 1: after the key


@numba.njit(nogil=True, cache=True)
def _is_hit(data, start, length, hashed, found, found_length, arena):
    return (
        found != _U0
        and found >> _TAG_SHIFT == hashed >> _TAG_SHIFT
        and found_length == length
        and is_text(data, start, length, arena, (found & _POSITION_MASK) - _U1)
    )


@numba.njit(nogil=True, cache=True)
def assign_keys(starts, data, is_valid, seed, slots, arena, used, n_keys, keys, first):
    """Give each text its key, new ones the next; stop where the table or the arena is full.

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
    slots
        (a power of two,) uint64; kept at most half full.
    arena
        uint64 records.
    used
        How many words of the arena are used.
    n_keys
        How many keys there are.
    keys
        (n,) int64, written from `first` on: the key of each row, NO_KEY where there is no text.
    first
        The row to begin with.

    Returns
    -------
    row, used, n_keys
        The row that did not fit (n where all did), and the two counts after it.
    """
    n = starts.size - 1
    hashes, found, lengths = np.empty((3, _BATCH), np.uint64)
    for begin in range(first, n, _BATCH):
        end = min(begin + _BATCH, n)
        size = end - begin
        _look_up(
            starts, data, begin, seed, slots, arena, hashes[:size], found[:size], lengths[:size]
        )
        for row in range(begin, end):
            if is_valid.size and not is_valid[row]:
                keys[row] = NO_KEY
                continue
            start = np.uint64(starts[row])
            length = np.uint64(starts[row + 1]) - start
            hashed, content = hashes[row - begin], found[row - begin]
            if not _is_hit(data, start, length, hashed, content, lengths[row - begin], arena):
                slot = _find(data, start, length, hashed, slots, arena)
                if not slots[slot]:
                    n_words = np.int64((length + _U7) // _U8) + RECORD_HEAD
                    if 2 * n_keys >= slots.size or used + n_words > arena.size:
                        return row, used, n_keys
                    slots[slot] = (hashed >> _TAG_SHIFT) << _TAG_SHIFT | np.uint64(used + 1)
                    used = np.int64(_append(data, start, length, n_keys, arena, np.uint64(used)))
                    n_keys += 1
                content = slots[slot]
            keys[row] = np.int64(arena[(content & _POSITION_MASK) - _U1])
    return n, used, n_keys


@numba.njit(nogil=True, cache=True)
def fill_slots(arena, used, seed, slots):
    """Enter every record into a table, which is empty and large enough."""
    mask = np.uint64(slots.size - 1)
    record = _U0
    while record < np.uint64(used):
        length = arena[record + _U1]
        hashed = _hash_record(arena, record, length, seed)
        slot = hashed & mask
        while slots[slot]:
            slot = (slot + _U1) & mask
        slots[slot] = (hashed >> _TAG_SHIFT) << _TAG_SHIFT | (record + _U1)
        record += _U2 + (length + _U7) // _U8


@numba.njit(nogil=True, cache=True)
def unpack_texts(arena, record, starts, data):
    """Lay the texts of consecutive records end to end.

    Parameters
    ----------
    arena
        uint64 records.
    record
        Where the first of them begins.
    starts
        (n + 1,) int64, written: where each text begins in `data`.
    data
        uint8, written as far as it goes; give an empty array to learn the size, `starts[n]`.
    """
    at = np.uint64(record)
    starts[0] = 0
    for text in range(starts.size - 1):
        length = np.int64(arena[at + _U1])
        starts[text + 1] = starts[text] + length
        if data.size:
            for byte in range(length):
                word = arena[at + _U2 + np.uint64(byte >> 3)]
                data[starts[text] + byte] = np.uint8(word >> (np.uint64(byte & 7) * _U8))
        at += _U2 + np.uint64((length + 7) >> 3)


def warm():
    """Compile the kernels on one text."""
    slots, arena = np.zeros(4, np.uint64), np.zeros(8, np.uint64)
    starts, data, is_valid = read_only([0, 1]), read_only([65], np.uint8), read_only([], np.bool_)
    seed, keys = np.uint64(1), np.zeros(1, np.int64)
    assign_keys(starts, data, is_valid, seed, slots, arena, 0, 0, keys, 0)
    fill_slots(arena, 3, seed, np.zeros(8, np.uint64))
    unpack_texts(arena, 0, np.zeros(2, np.int64), np.zeros(1, np.uint8))
