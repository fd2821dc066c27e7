"""Moments out of texts: ISO 8601, or a number that counts from the epoch.

One pass over the bytes says for every text what kind of time it is; what the kind leaves open
(the zone of a local time, the unit of a number) is decided outside, for the whole column.
General parsers guess national forms, wrap beyond 1677 and 2262, or stop at the first text that
is no time; this one refuses, and goes on.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import read_only

__all__ = ["EMPTY", "INSTANT", "LOCAL", "NO_TIME", "NUMBER", "parse_times", "warm"]

EMPTY = 0
"""Nothing but blanks."""
INSTANT = 1
"""A time with its offset from UTC."""
LOCAL = 2
"""A time or a date without an offset."""
NUMBER = 3
"""A plain number."""
NO_TIME = 4
"""Anything else."""

_DAY_US = 86_400_000_000
_FIRST_US = -62_135_596_800_000_000  # 0001-01-01T00:00:00Z
_LAST_US = 253_402_300_799_999_999  # 9999-12-31T23:59:59.999999Z
_MONTH_DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int64)
_LONGEST_NUMBER = 19  # beginning with a 9 it may not fit
_NANO_DIGITS = 9


@numba.njit(nogil=True, cache=True)
def digits_from(data, position, end):
    """How many digits stand at `position`."""
    begin = position
    while position < end and 48 <= data[position] <= 57:
        position += 1
    return position - begin


@numba.njit(nogil=True, cache=True)
def whole_number(data, position, n_digits):
    """The number that the digits at `position` write."""
    number = np.int64(0)
    for place in range(position, position + n_digits):
        number = number * 10 + (np.int64(data[place]) - 48)
    return number


@numba.njit(nogil=True, cache=True)
def fraction_of(data, position, n_digits, n_kept):
    """Digits behind a decimal point as units of 10 ** -n_kept; further digits are cut off."""
    fraction = np.int64(0)
    for place in range(n_kept):
        fraction *= 10
        if place < n_digits:
            fraction += np.int64(data[position + place]) - 48
    return fraction


@numba.njit(nogil=True, cache=True)
def days_from_epoch(year, month, day):
    """Days from 1970-01-01 to a date, or a number below every date where there is no such one.

    Notes
    -----
    Howard Hinnant's `days_from_civil`: years begin in March, so that the leap day comes last.
    """
    if year < 1 or month < 1 or month > 12 or day < 1:
        return np.int64(-10_000_000)
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    last = _MONTH_DAYS[month - 1] + (1 if is_leap and month == 2 else 0)
    if day > last:
        return np.int64(-10_000_000)
    if month <= 2:
        year -= 1
    era = year // 400
    year_of_era = year - era * 400
    day_of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * 146_097 + day_of_era - 719_468


@numba.njit(nogil=True, cache=True)
def read_date(data, position, end):
    """Days and the position behind a date; position -1 where there is none.

    2024-01-31, 2024/01/31, and 20240131 where a T follows.
    """
    n_digits = digits_from(data, position, end)
    if n_digits == 4 and end - position >= 10:
        mark = data[position + 4]
        if (mark != 45 and mark != 47) or data[position + 7] != mark:
            return np.int64(0), -1
        if digits_from(data, position + 5, end) != 2 or digits_from(data, position + 8, end) != 2:
            return np.int64(0), -1
        month = whole_number(data, position + 5, 2)
        day = whole_number(data, position + 8, 2)
        behind = position + 10
    elif n_digits == 8 and position + 8 < end and data[position + 8] | 32 == 116:
        month = whole_number(data, position + 4, 2)
        day = whole_number(data, position + 6, 2)
        behind = position + 8
    else:
        return np.int64(0), -1
    days = days_from_epoch(whole_number(data, position, 4), month, day)
    return days, behind if days > -10_000_000 else -1


@numba.njit(nogil=True, cache=True)
def read_clock(data, position, end):
    """Microseconds of the day and the position behind them; position -1 where there is no time.

    10, 10:30, 10:30:15, 1030, 103015, and a fraction behind the seconds, with a point or comma.
    """
    n_digits = digits_from(data, position, end)
    minute = np.int64(0)
    second = np.int64(0)
    hour = whole_number(data, position, 2)
    has_second = False
    if n_digits == 2:
        position += 2
        if position < end and data[position] == 58:
            if digits_from(data, position + 1, end) != 2:
                return np.int64(0), -1
            minute = whole_number(data, position + 1, 2)
            position += 3
            if position < end and data[position] == 58:
                if digits_from(data, position + 1, end) != 2:
                    return np.int64(0), -1
                second = whole_number(data, position + 1, 2)
                position += 3
                has_second = True
    elif n_digits == 4 or n_digits == 6:
        minute = whole_number(data, position + 2, 2)
        has_second = n_digits == 6
        if has_second:
            second = whole_number(data, position + 4, 2)
        position += n_digits
    else:
        return np.int64(0), -1
    if hour > 23 or minute > 59 or second > 59:
        return np.int64(0), -1
    clock_us = ((hour * 60 + minute) * 60 + second) * 1_000_000
    if has_second and position < end and (data[position] == 46 or data[position] == 44):
        n_digits = digits_from(data, position + 1, end)
        if n_digits == 0:
            return np.int64(0), -1
        clock_us += fraction_of(data, position + 1, n_digits, 6)
        position += 1 + n_digits
    return clock_us, position


@numba.njit(nogil=True, cache=True)
def read_offset(data, position, end):
    """Microseconds that a zone is ahead of UTC, the position behind it, and whether there is one.

    Z, UTC, GMT, +01:00, +0100 and +01; position -1 where something else stands there.
    """
    while position < end and data[position] == 32:
        position += 1
    if position == end:
        return np.int64(0), position, False
    mark = data[position]
    if mark | 32 == 122 and position + 1 == end:
        return np.int64(0), end, True
    if position + 3 == end:
        first, second, third = mark | 32, data[position + 1] | 32, data[position + 2] | 32
        if (first == 117 and second == 116 and third == 99) or (
            first == 103 and second == 109 and third == 116
        ):
            return np.int64(0), end, True
    if mark != 43 and mark != 45:
        return np.int64(0), -1, False
    n_digits = digits_from(data, position + 1, end)
    minutes = np.int64(0)
    behind = position + 1 + n_digits
    if n_digits == 4:
        minutes = whole_number(data, position + 3, 2)
    elif n_digits != 2:
        return np.int64(0), -1, False
    elif behind < end and data[behind] == 58:
        if digits_from(data, behind + 1, end) != 2:
            return np.int64(0), -1, False
        minutes = whole_number(data, behind + 1, 2)
        behind += 3
    hours = whole_number(data, position + 1, 2)
    if hours > 18 or minutes > 59:
        return np.int64(0), -1, False
    ahead_us = (hours * 60 + minutes) * 60_000_000
    return (-ahead_us if mark == 45 else ahead_us), behind, True


@numba.njit(nogil=True, cache=True)
def read_number(data, position, end):
    """Whole part, billionths, and whether the text is a plain number; it may be negative."""
    is_negative = data[position] == 45
    begin = position + 1 if is_negative else position
    n_digits = digits_from(data, begin, end)
    behind = begin + n_digits
    if n_digits == 0 or n_digits > _LONGEST_NUMBER:
        return np.int64(0), np.int64(0), False
    if n_digits == _LONGEST_NUMBER and data[begin] == 57:
        return np.int64(0), np.int64(0), False
    number = whole_number(data, begin, n_digits)
    fraction = np.int64(0)
    if behind < end:
        n_decimals = digits_from(data, behind + 1, end)
        if data[behind] != 46 or behind + 1 + n_decimals != end:
            return np.int64(0), np.int64(0), False
        fraction = fraction_of(data, behind + 1, n_decimals, _NANO_DIGITS)
    if is_negative:
        return -number, -fraction, True
    return number, fraction, True


@numba.njit(nogil=True, cache=True)
def read_time(data, position, end):
    """What one text without blanks around it says: its kind, its number and its billionths."""
    nothing = np.int64(0)
    number, fraction, is_number = read_number(data, position, end)
    if is_number:
        return NUMBER, number, fraction
    days, position = read_date(data, position, end)
    if position < 0:
        return NO_TIME, nothing, nothing
    if position == end:
        return LOCAL, days * _DAY_US, nothing
    if data[position] != 32 and data[position] | 32 != 116:
        return NO_TIME, nothing, nothing
    if end - position < 3:
        return NO_TIME, nothing, nothing
    clock_us, position = read_clock(data, position + 1, end)
    if position < 0:
        return NO_TIME, nothing, nothing
    ahead_us, position, has_offset = read_offset(data, position, end)
    if position != end:
        return NO_TIME, nothing, nothing
    at_us = days * _DAY_US + clock_us - ahead_us
    if at_us < _FIRST_US or at_us > _LAST_US:
        return NO_TIME, nothing, nothing
    return (INSTANT if has_offset else LOCAL), at_us, nothing


@numba.njit(nogil=True, cache=True)
def parse_times(offsets, data, kinds, at_us, billionths):
    """Read a column of texts.

    Parameters
    ----------
    offsets
        (n + 1,) int32 where each text begins in `data`.
    data
        uint8: the texts in UTF-8.
    kinds
        (n,) int8 written: EMPTY, INSTANT, LOCAL, NUMBER or NO_TIME.
    at_us
        (n,) int64 written: microseconds since the epoch, as if UTC for LOCAL; the whole part of
        a NUMBER. What is finer than a microsecond is cut off.
    billionths
        (n,) int64 written: the decimals of a NUMBER, else 0.
    """
    for row in range(len(kinds)):
        position = np.int64(offsets[row])
        end = np.int64(offsets[row + 1])
        while position < end and data[position] == 32:
            position += 1
        while position < end and data[end - 1] == 32:
            end -= 1
        if position == end:
            kinds[row], at_us[row], billionths[row] = EMPTY, 0, 0
        else:
            kinds[row], at_us[row], billionths[row] = read_time(data, position, end)


def warm() -> None:
    """Compile for the types met."""
    kinds, at_us, billionths = np.zeros(1, np.int8), np.zeros(1, np.int64), np.zeros(1, np.int64)
    parse_times(
        read_only([0, 4], np.int32), read_only([49] * 4, np.uint8), kinds, at_us, billionths
    )
