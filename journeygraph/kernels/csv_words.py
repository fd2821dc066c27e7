"""The different values of a column of a CSV text, numbered where they stand.

A column of names has few values and many rows: to lay all of them end to end, only to look each
up again, takes longer than to find the records. Here a value is looked up by its bytes in the
text of the file, and only the first cell of each is ever copied.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.text_keys import whole_word
from journeygraph.kernels.tiny import read_only

__all__ = ["NOT_NUMBERED", "number_words", "warm"]

NOT_NUMBERED = -1
"""What `number_words` gives where the column is better laid end to end."""

_QUOTE = 34
_ONES = np.uint64(0x0101010101010101)
_HIGHS = np.uint64(0x8080808080808080)
_QUOTES = np.uint64(0x2222222222222222)
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_LOW = np.uint64(0xFFFFFFFF)
_FIRST = np.uint64(0x9E3779B97F4A7C15)
_SECOND = np.uint64(0xD6E8FEB86659FD93)
_U0, _U1, _U8, _U32, _U64 = (np.uint64(number) for number in (0, 1, 8, 32, 64))


@numba.njit(nogil=True, cache=True, inline="always")
def _word_at(data, position, end):
    """Up to eight bytes before `end` as one number, padded with 0."""
    if position >= end:
        return _U0
    if position + _U8 <= np.uint64(len(data)):
        word = whole_word(data, position)
        return word if position + _U8 <= end else word & (_ALL >> (_U64 - (end - position) * _U8))
    word = _U0
    for byte in range(min(_U8, end - position)):
        word |= np.uint64(data[position + np.uint64(byte)]) << (np.uint64(byte) * _U8)
    return word


@numba.njit(nogil=True, cache=True, inline="always")
def _has_quote(word):
    other = word ^ _QUOTES
    return (other - _ONES) & ~other & _HIGHS != _U0


@numba.njit(nogil=True, cache=True, inline="always")
def _mixed(state, word):
    state = (state ^ word) * _FIRST
    return (state ^ (state >> _U32)) * _SECOND


@numba.njit(nogil=True, cache=True)
def _hash_rest(data, position, end, state):
    """The hash of what a cell has behind its first word, and whether there is a quote in it."""
    found = False
    while position < end:
        word = _word_at(data, position, end)
        found |= _has_quote(word)
        state = _mixed(state, word)
        position += _U8
    return state, found


@numba.njit(nogil=True, cache=True)
def _is_same(data, begin, end, other):
    behind = other + (end - begin)
    while begin < end:
        if _word_at(data, begin, end) != _word_at(data, other, behind):
            return False
        begin += _U8
        other += _U8
    return True


@numba.njit(nogil=True, cache=True)
def number_words(data, fields, bounds, column, seed, slots, firsts, ends, codes):
    """Number the values of one column by first appearance, of the records that have all columns.

    Parameters
    ----------
    data, fields, bounds
        As `csv_records.scan_records` gave them, `fields` and `bounds` of the records found only.
    column
        Which.
    seed
        uint64 of the hash.
    slots
        (a power of two, 2) uint64 of zeros, more than twice as many as `firsts` has places.
    firsts
        (at most,) int32 written: where the first cell of each value begins in `data`.
    ends
        (at most,) int32 written: where it ends.
    codes
        (n,) int32 written: the number of each record's value; n is the number of whole records.

    Returns
    -------
    n_words
        How many different values there are; NOT_NUMBERED where they are more than `firsts` holds,
        or where one has a quote within.

    Notes
    -----
    Looking up is written out: in a function, even an inlined one, the compiler counts references
    to the arrays for each record, and all takes twice as long.
    """
    n_columns = bounds.shape[1] - 1
    column, mask = np.uint64(column), np.uint64(len(slots) - 1)
    row, n_words = _U0, 0
    for record in range(np.uint64(len(fields))):
        if fields[record] != n_columns:
            continue
        begin = np.uint64(bounds[record, column])
        end = np.uint64(bounds[record, column + _U1]) - _U1
        is_quoted = np.uint64(begin < end and data[begin] == _QUOTE)
        begin, end = begin + is_quoted, end - is_quoted
        word = _word_at(data, begin, end)
        has_quote = _has_quote(word)
        hashed = _mixed(seed ^ (end - begin), word)
        if end - begin > _U8:
            hashed, in_rest = _hash_rest(data, begin + _U8, end, hashed)
            has_quote |= in_rest
        if has_quote:
            return NOT_NUMBERED
        slot = hashed >> _U32 & mask
        held = slots[slot, _U1]
        while held != _U0 and not (
            slots[slot, _U0] == word
            and held >> _U32 == end - begin
            and (
                end - begin <= _U8
                or _is_same(data, begin + _U8, end, np.uint64(firsts[(held & _LOW) - _U1]) + _U8)
            )
        ):
            slot = (slot + _U1) & mask
            held = slots[slot, _U1]
        if held == _U0:
            if n_words == len(firsts):
                return NOT_NUMBERED
            firsts[n_words], ends[n_words] = begin, end
            n_words += 1
            held = (end - begin) << _U32 | np.uint64(n_words)
            slots[slot, _U0], slots[slot, _U1] = word, held
        codes[row] = np.int64(held & _LOW) - 1
        row += _U1
    return n_words


def warm() -> None:
    """Compile for the types met: the bytes of a file are read-only."""
    data, fields = read_only([97, 10], np.uint8), np.ones(1, np.int32)
    bounds, slots = np.array([[0, 2]], np.int32), np.zeros((4, 2), np.uint64)
    firsts, ends, codes = np.zeros((3, 1), np.int32)
    number_words(data, fields, bounds, 0, np.uint64(1), slots, firsts, ends, codes)
