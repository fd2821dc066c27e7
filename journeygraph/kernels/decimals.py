"""Exact whole numbers of small units out of texts: "12.5" with two decimals is 1250.

Going through floating point would make 1.15 into 114. Texts that are anything but plain digits
with a point are left to slower and more patient code, which is also where refusals get their
reason.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import read_only

__all__ = ["EMPTY", "EXACT", "UNCLEAR", "parse_decimals", "warm"]

EMPTY = 0
"""Nothing but blanks."""
EXACT = 1
"""A plain decimal number without digits beyond the exponent."""
UNCLEAR = 2
"""Anything else; a number it may be."""

_LONGEST = 15


@numba.njit(nogil=True, cache=True)
def read_digits(data, position, end):
    """The number that the digits at `position` write, and where they end; -1 for too many."""
    begin = position
    number = np.int64(0)
    while position < end and 48 <= data[position] <= 57:
        if position - begin == _LONGEST:
            return number, -1
        number = number * 10 + (np.int64(data[position]) - 48)
        position += 1
    return number, position


@numba.njit(nogil=True, cache=True)
def read_decimals(data, position, end, exponent):
    """Digits behind the point as units of 10 ** -exponent, and whether nothing is beyond."""
    units = np.int64(0)
    n_decimals = 0
    while position < end:
        digit = np.int64(data[position]) - 48
        if digit < 0 or digit > 9 or (n_decimals >= exponent and digit != 0):
            return units, False
        if n_decimals < exponent:
            units = units * 10 + digit
            n_decimals += 1
        position += 1
    for _ in range(exponent - n_decimals):
        units *= 10
    return units, True


@numba.njit(nogil=True, cache=True)
def read_decimal(data, position, end, exponent):
    """Units of 10 ** -exponent that one text writes, and whether it is plain enough to say."""
    is_negative = data[position] == 45
    begin = position + 1 if is_negative else position
    units, behind = read_digits(data, begin, end)
    if behind <= begin:
        return np.int64(0), UNCLEAR
    for _ in range(exponent):
        units *= 10
    if behind < end:
        decimals, is_plain = read_decimals(data, behind + 1, end, exponent)
        if data[behind] != 46 or behind + 1 == end or not is_plain:
            return np.int64(0), UNCLEAR
        units += decimals
    return (-units if is_negative else units), EXACT


@numba.njit(nogil=True, cache=True)
def parse_decimals(offsets, data, exponent, units, kinds):
    """Read a column of texts.

    Parameters
    ----------
    offsets
        (n + 1,) int32 where each text begins in `data`.
    data
        uint8: the texts in UTF-8.
    exponent
        Decimals kept, 0 to 3: 15 digits before the point then fit.
    units
        (n,) int64 written.
    kinds
        (n,) int8 written: EMPTY, EXACT or UNCLEAR.
    """
    for row in range(len(kinds)):
        position = np.int64(offsets[row])
        end = np.int64(offsets[row + 1])
        while position < end and data[position] == 32:
            position += 1
        while position < end and data[end - 1] == 32:
            end -= 1
        if position == end:
            units[row], kinds[row] = 0, EMPTY
        else:
            units[row], kinds[row] = read_decimal(data, position, end, exponent)


def warm() -> None:
    """Compile for the types met."""
    units, kinds = np.zeros(1, np.int64), np.zeros(1, np.int8)
    parse_decimals(read_only([0, 1], np.int32), read_only([49], np.uint8), 2, units, kinds)
