"""Exact whole numbers of small units out of texts: "12.5" with two decimals is 1250.

Going through floating point would make 1.15 into 114. Texts that are anything but plain digits
with a point are left to slower and more patient code, which is also where refusals get their
reason.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import read_only

__all__ = ["EMPTY", "EXACT", "UNCLEAR", "parse_decimals", "scale_floats", "warm"]

EMPTY = 0
"""Nothing but blanks."""
EXACT = 1
"""A plain decimal number without digits beyond the exponent."""
UNCLEAR = 2
"""Anything else; a number it may be."""

_LONGEST = 15
_SURE = 1e15
"""Whole numbers below this have at most 15 digits."""


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


@numba.njit(nogil=True, cache=True)
def scale_floats(numbers, scale, units, kinds):
    """Units of a column of floating-point numbers, where their shortest writing makes them exact.

    Two decimal numbers of up to 15 digits are never the same number in floating point. Where
    whole units, divided, give the very number back, they are therefore what its shortest writing
    says, which is what `parse_decimals` would read.

    Parameters
    ----------
    numbers
        (n,) float64.
    scale
        float64: units of one, a power of ten.
    units, kinds
        (n,) int64 and int8 written: the units, and EXACT or UNCLEAR.
    """
    for row in range(len(numbers)):
        number = numbers[row]
        is_exact = np.abs(number) < _SURE
        whole = np.rint(number * scale) if is_exact else 0.0
        is_exact = is_exact and np.abs(whole) < _SURE and whole / scale == number
        units[row] = np.int64(whole) if is_exact else 0
        kinds[row] = EXACT if is_exact else UNCLEAR


def warm() -> None:
    """Compile for the types met."""
    units, kinds = np.zeros(1, np.int64), np.zeros(1, np.int8)
    parse_decimals(read_only([0, 1], np.int32), read_only([49], np.uint8), 2, units, kinds)
    scale_floats(np.zeros(1), 100.0, np.zeros(1, np.int64), np.zeros(1, np.int8))
