"""A column of whole numbers, read where it stands in a CSV text.

Only what is written as a number would be written is taken for one: digits without a sign, a
blank or a leading zero, so that the number is as good as its text. `007` is no such number.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.text_keys import whole_word
from journeygraph.kernels.tiny import read_only

__all__ = ["read_numbers", "warm"]

_QUOTE = 34
_ZERO = 48
_LONGEST = np.uint64(16)
_ZEROS = np.uint64(0x3030303030303030)
_HIGH_HALVES = np.uint64(0xF0F0F0F0F0F0F0F0)
_SIXES = np.uint64(0x0606060606060606)
_EVEN_BYTES = np.uint64(0x00FF00FF00FF00FF)
_EVEN_PAIRS = np.uint64(0x0000FFFF0000FFFF)
_LOW = np.uint64(0xFFFFFFFF)
_U1, _U8, _U10, _U16, _U32, _U64, _U100, _U10000 = (
    np.uint64(number) for number in (1, 8, 10, 16, 32, 64, 100, 10_000)
)
_HUNDRED_MILLION = np.uint64(10**8)


@numba.njit(nogil=True, cache=True, inline="always")
def _word_before(data, begin, end):
    """Up to eight bytes that end there as one number, the missing ones in front as digits 0."""
    length = end - begin
    if length >= _U8:
        return whole_word(data, end - _U8)
    if not length:  # a shift by all 64 bits means nothing
        return _ZEROS
    if end >= _U8:
        rest = (_U8 - length) * _U8
        return (whole_word(data, end - _U8) >> rest << rest) | (_ZEROS >> (_U64 - rest))
    word = _ZEROS
    for byte in range(length):
        shift = (_U8 - length + np.uint64(byte)) * _U8
        word += (np.uint64(data[begin + np.uint64(byte)]) - np.uint64(_ZERO)) << shift
    return word


@numba.njit(nogil=True, cache=True, inline="always")
def _are_digits(word):
    is_digit = word & _HIGH_HALVES == _ZEROS
    return is_digit and (word + _SIXES) & _HIGH_HALVES == _ZEROS


@numba.njit(nogil=True, cache=True, inline="always")
def _number_of(word):
    """The number that eight digits write: neighbours are added up, then pairs, then fours."""
    word -= _ZEROS
    word = (word * _U10 + (word >> _U8)) & _EVEN_BYTES
    word = (word * _U100 + (word >> _U16)) & _EVEN_PAIRS
    return (word * _U10000 + (word >> _U32)) & _LOW


@numba.njit(nogil=True, cache=True)
def read_numbers(data, fields, bounds, column, numbers, is_there):
    """Read the numbers of one column, of the records that have all columns.

    Parameters
    ----------
    data, fields, bounds
        As `csv_records.scan_records` gave them, `fields` and `bounds` of the records found only.
    column
        Which.
    numbers, is_there
        (n,) int64 and bool written: the numbers, and whether there is one; n is the number of
        whole records.

    Returns
    -------
    bool
        Whether every value is empty or a number of at most 16 digits. If not, what was written
        means nothing.
    """
    n_columns = bounds.shape[1] - 1
    row = 0
    for record in range(len(fields)):
        if fields[record] != n_columns:
            continue
        begin = np.uint64(bounds[record, column])
        end = np.uint64(bounds[record, column + 1]) - _U1
        if begin < end and data[begin] == _QUOTE:
            begin += _U1
            end -= _U1
        length = end - begin
        if length > _LONGEST or (length > _U1 and data[begin] == _ZERO):
            return False
        word = _word_before(data, begin, end)
        is_number = _are_digits(word)
        number = _number_of(word)
        if length > _U8:
            word = _word_before(data, begin, end - _U8)
            is_number &= _are_digits(word)
            number += _number_of(word) * _HUNDRED_MILLION
        if not is_number:
            return False
        numbers[row] = number
        is_there[row] = begin < end
        row += 1
    return True


def warm() -> None:
    """Compile for the types met: the bytes of a file are read-only."""
    data, fields = read_only([55, 10], np.uint8), np.ones(1, np.int32)
    bounds = np.array([[0, 2]], np.int32)
    read_numbers(data, fields, bounds, 0, np.zeros(1, np.int64), np.zeros(1, np.bool_))
