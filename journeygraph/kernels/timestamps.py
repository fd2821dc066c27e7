"""Moments out of texts: ISO 8601, or a number that counts from the epoch.

One pass over the bytes says for every text what kind of time it is; what the kind leaves open
(the zone of a local time, the unit of a number) is decided outside, for the whole column.
General parsers guess national forms, wrap beyond 1677 and 2262, or stop at the first text that
is no time; this one refuses, and goes on.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.text_keys import whole_word
from journeygraph.kernels.tiny import read_only

__all__ = ["EMPTY", "INSTANT", "LOCAL", "MONTHS", "NO_TIME", "NUMBER", "parse_times", "warm"]

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
MONTHS = (
    np.arange("0001-01", "10000-02", dtype="datetime64[M]").astype("datetime64[D]").astype(np.int32)
)
"""Days from 1970-01-01 to the first of every month of the years 1 to 9999, and of the next."""
MONTHS.flags.writeable = False
NO_DAY = np.int64(-10_000_000)
_NO_TEXT = np.uint64(0xFFFFFFFFFFFFFFFF)  # eight bytes that no UTF-8 has
_CLOCK = np.uint64(0x30303A30303A3030)  # 00:00:00
_NO_SECOND = np.uint64(0x30303A0000000000)  # :00 behind five bytes
_BLANK = np.uint64(0x2000000000000000)  # behind seven bytes
_BEYOND_DIGITS = np.uint64(0x76767F76767F7676)
_DASHED = np.uint64(0x2D30302D30303030)  # 0000-00-
_SLASHED = np.uint64(0x2F30302F30303030)
_BEYOND_DATE = np.uint64(0x7F76767F76767676)
_HIGHS = np.uint64(0x8080808080808080)
_LOWS = np.uint64(0x7F7F7F7F7F7F7F7F)
_PAIRS = np.uint64(0x00FF0000FF0000FF)
_BYTE = np.uint64(255)
_U8, _U10, _U24, _U32, _U40, _U48, _U56 = map(np.uint64, (8, 10, 24, 32, 40, 48, 56))
_LONGEST_NUMBER = 19  # beginning with a 9 it may not fit
_NANO_DIGITS = 9


@numba.njit(nogil=True, cache=True)
def digits_from(data, position, end):
    """How many digits stand at `position`."""
    begin = position
    while position < end and 48 <= data[position] <= 57:
        position += 1
    return position - begin


@numba.njit(nogil=True, cache=True, inline="always")
def two_digits(data, position):
    """The number that two bytes write; one too large for anything where they are no digits."""
    high, low = np.int64(data[position]) - 48, np.int64(data[position + 1]) - 48
    return high * 10 + low if 0 <= high <= 9 and 0 <= low <= 9 else np.int64(1_000_000)


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
def days_from_epoch(months, year, month, day):
    """Days from 1970-01-01 to a date; NO_DAY where there is no such date."""
    if year < 1 or year > 9999 or month < 1 or month > 12 or day < 1:
        return NO_DAY
    place = (year - 1) * 12 + month - 1
    days = np.int64(months[place]) + day - 1
    return days if days < months[place + 1] else NO_DAY


@numba.njit(nogil=True, cache=True)
def read_date(months, data, position, end):
    """Days and the position behind a date; position -1 where there is none.

    2024-01-31, 2024/01/31, and 20240131 where a T follows.
    """
    if end - position < 9:
        return np.int64(0), -1
    year = two_digits(data, position) * 100 + two_digits(data, position + 2)
    mark = data[position + 4]
    if mark == 45 or mark == 47:
        if end - position < 10 or data[position + 7] != mark:
            return np.int64(0), -1
        month, day = two_digits(data, position + 5), two_digits(data, position + 8)
        behind = position + 10
    else:
        if data[position + 8] | 32 != 116:
            return np.int64(0), -1
        month, day = two_digits(data, position + 4), two_digits(data, position + 6)
        behind = position + 8
    days = days_from_epoch(months, year, month, day)
    return days, behind if days != NO_DAY else -1


@numba.njit(nogil=True, cache=True)
def read_colons(data, position, end):
    """Hour, minute, second, position behind them, and whether there is a second: 10, 10:30:15."""
    hour = two_digits(data, position)
    minute = np.int64(0)
    second = np.int64(0)
    position += 2
    has_minute = end - position >= 3 and data[position] == 58
    if has_minute:
        minute = two_digits(data, position + 1)
        position += 3
    has_second = has_minute and end - position >= 3 and data[position] == 58
    if has_second:
        second = two_digits(data, position + 1)
        position += 3
    return hour, minute, second, position, has_second


@numba.njit(nogil=True, cache=True)
def read_clock(data, position, end):
    """Microseconds of the day, the position behind them, and whether there is a second.

    10, 10:30, 10:30:15, 1030, 103015; position -1 where there is no time.
    """
    n_digits = digits_from(data, position, end)
    if n_digits == 2:
        hour, minute, second, position, has_second = read_colons(data, position, end)
    elif n_digits == 4 or n_digits == 6:
        has_second = n_digits == 6
        hour, minute = two_digits(data, position), two_digits(data, position + 2)
        second = two_digits(data, position + 4) if has_second else np.int64(0)
        position += n_digits
    else:
        return np.int64(0), -1, False
    if hour > 23 or minute > 59 or second > 59:
        return np.int64(0), -1, False
    return ((hour * 60 + minute) * 60 + second) * 1_000_000, position, has_second


@numba.njit(nogil=True, cache=True)
def is_utc(data, position, end):
    """Whether Z, UTC or GMT stands there, in any case, and nothing else."""
    first = data[position] | 32
    if position + 1 == end:
        return first == 122
    if position + 3 != end:
        return False
    second, third = data[position + 1] | 32, data[position + 2] | 32
    is_named_utc = first == 117 and second == 116 and third == 99
    return is_named_utc or (first == 103 and second == 109 and third == 116)


@numba.njit(nogil=True, cache=True)
def read_offset(data, position, end):
    """Microseconds that a zone is ahead of UTC, the position behind it, and whether there is one.

    Z, UTC, GMT, +01:00, +0100 and +01; position -1 where something else stands there.
    """
    while position < end and data[position] == 32:
        position += 1
    if position == end:
        return np.int64(0), position, False
    if is_utc(data, position, end):
        return np.int64(0), end, True
    n_digits = digits_from(data, position + 1, end)
    if (data[position] != 43 and data[position] != 45) or (n_digits != 2 and n_digits != 4):
        return np.int64(0), -1, False
    hours = two_digits(data, position + 1)
    minutes = np.int64(0)
    behind = position + 1 + n_digits
    if n_digits == 4:
        minutes = two_digits(data, position + 3)
    elif end - behind >= 3 and data[behind] == 58:
        minutes = two_digits(data, behind + 1)
        behind += 3
    if hours > 18 or minutes > 59:
        return np.int64(0), -1, False
    ahead_us = (hours * 60 + minutes) * 60_000_000
    return (-ahead_us if data[position] == 45 else ahead_us), behind, True


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
def read_behind_seconds(data, position, end, at_us):
    """Kind and microseconds of a moment, of which an offset may yet come."""
    ahead_us, position, has_offset = read_offset(data, position, end)
    at_us -= ahead_us
    if position != end or at_us < _FIRST_US or at_us > _LAST_US:
        return NO_TIME, np.int64(0)
    return (INSTANT if has_offset else LOCAL), at_us


@numba.njit(nogil=True, cache=True, inline="always")
def read_behind_clock(data, position, end, at_us, has_second):
    """Kind and microseconds of a moment, of which a fraction and an offset may yet come.

    The fraction, with a point or comma, only behind a second; what is finer than microseconds goes.
    """
    if has_second and position < end and (data[position] == 46 or data[position] == 44):
        begin = position + 1
        position, unit_us = begin, np.int64(100_000)
        while position < end and 48 <= data[position] <= 57:
            at_us += (np.int64(data[position]) - 48) * unit_us
            unit_us //= 10  # 0 for what is finer than a microsecond
            position += 1
        if position == begin:
            return NO_TIME, np.int64(0)
    if position == end:
        return LOCAL, at_us
    if position + 1 == end and data[position] == 90:
        return INSTANT, at_us
    return read_behind_seconds(data, position, end, at_us)


@numba.njit(nogil=True, cache=True)
def read_moment(months, data, position, end):
    """Kind and microseconds of a date with or without a time of the day."""
    days, position = read_date(months, data, position, end)
    if position == end:
        return LOCAL, days * _DAY_US
    if position < 0 or (data[position] != 32 and data[position] | 32 != 116) or end - position < 3:
        return NO_TIME, np.int64(0)
    clock_us, position, has_second = read_clock(data, position + 1, end)
    if position < 0:
        return NO_TIME, np.int64(0)
    return read_behind_clock(data, position, end, days * _DAY_US + clock_us, has_second)


@numba.njit(nogil=True, cache=True)
def read_time(months, data, position, end):
    """What one text without blanks around it says: its kind, its number and its billionths."""
    number, fraction, is_number = read_number(data, position, end)
    if is_number:
        return NUMBER, number, fraction
    kind, at_us = read_moment(months, data, position, end)
    return kind, at_us, np.int64(0)


@numba.njit(nogil=True, cache=True, inline="always")
def plain_clock_us(word):
    """Microseconds of the day where the eight bytes of a word are `10:30:15`; -1 where not."""
    digits = word ^ _CLOCK  # 0 to 9, and 0 for a colon
    if (digits | ((digits & _LOWS) + _BEYOND_DIGITS)) & _HIGHS:
        return np.int64(-1)
    pairs = (digits * _U10 + (digits >> _U8)) & _PAIRS
    hour, minute, second = pairs & _BYTE, pairs >> _U24 & _BYTE, pairs >> _U48
    if hour > 23 or minute > 59 or second > 59:
        return np.int64(-1)
    return ((np.int64(hour) * 60 + np.int64(minute)) * 60 + np.int64(second)) * 1_000_000


@numba.njit(nogil=True, cache=True, inline="always")
def plain_words(data, position, size):
    """The date and clock that a text of 10, or of 16 bytes and more, begins with.

    Returns
    -------
    first, last
        Of `2024-01-31T` the first eight bytes, and the last, with the T, the blank, or a blank
        where the text ends with the date.
    clock_us
        Microseconds of the day; -1 where no `10:30:15` or `10:30` stands.
    n_plain
        How many bytes these are: 10, 16 or 19.
    """
    first = whole_word(data, np.uint64(position))
    if size == 10:
        last = whole_word(data, np.uint64(position + 2)) >> _U8 | _BLANK
        return first, last, np.int64(0), 10
    last = whole_word(data, np.uint64(position + 3))
    if size >= 19 and data[position + 16] == 58:
        return first, last, plain_clock_us(whole_word(data, np.uint64(position + 11))), 19
    clock = whole_word(data, np.uint64(position + 8)) >> _U24 | _NO_SECOND
    return first, last, plain_clock_us(clock), 16


@numba.njit(nogil=True, cache=True, inline="always")
def plain_midnight_us(months, first, last):
    """Microseconds to the midnight of `2024-01-31T`, or with slashes or a blank; NO_DAY where not.

    Its first eight bytes are one word, its last eight the other.
    """
    digits = first ^ (_SLASHED if first >> _U32 & _BYTE == 47 else _DASHED)  # 0 for a mark
    mark = last >> _U56
    high, low = np.int64(last >> _U40 & _BYTE) - 48, np.int64(last >> _U48 & _BYTE) - 48
    is_plain = (
        (digits | ((digits & _LOWS) + _BEYOND_DATE)) & _HIGHS == 0
        and 0 <= high <= 9
        and 0 <= low <= 9
    )
    if not is_plain or (mark != 32 and mark | np.uint64(32) != 116):
        return NO_DAY
    pairs = digits * _U10 + (digits >> _U8)  # where two neighbours are digits
    year = np.int64(pairs & _BYTE) * 100 + np.int64(pairs >> np.uint64(16) & _BYTE)
    month, day = np.int64(pairs >> _U40 & _BYTE), high * 10 + low
    days = days_from_epoch(months, year, month, day)
    return days * _DAY_US if days != NO_DAY else NO_DAY


@numba.njit(nogil=True, cache=True, inline="always")
def trimmed(data, position, end):
    """Where a text begins and ends without the blanks around it."""
    while position < end and data[position] == 32:
        position += 1
    while position < end and data[end - 1] == 32:
        end -= 1
    return position, end


@numba.njit(nogil=True, cache=True)
def parse_times(offsets, data, months, kinds, at_us, billionths):
    """Read a column of texts.

    Parameters
    ----------
    offsets
        (n + 1,) int32 where each text begins in `data`.
    data
        uint8: the texts in UTF-8.
    months
        MONTHS; a constant of that size would make the compiler slow.
    kinds
        (n,) int8 written: EMPTY, INSTANT, LOCAL, NUMBER or NO_TIME.
    at_us
        (n,) int64 written: microseconds since the epoch, as if UTC for LOCAL; the whole part of
        a NUMBER. What is finer than a microsecond is cut off.
    billionths
        (n,) int64 written: the decimals of a NUMBER, else 0.

    Returns
    -------
    seen
        For each kind that there is, the bit of its number.
    """
    day, rest = _NO_TEXT, _NO_TEXT  # the last date with a plain clock, and its midnight
    day_us = NO_DAY
    seen = 0
    for row in range(len(kinds)):
        position, end = trimmed(data, np.int64(offsets[row]), np.int64(offsets[row + 1]))
        if position == end:
            kinds[row], at_us[row], billionths[row] = EMPTY, 0, 0
            seen |= 1 << EMPTY
            continue
        size = end - position
        if size == 10 or size >= 16:
            first, last, clock_us, n_plain = plain_words(data, position, size)
            if clock_us >= 0 and (first != day or last != rest):
                day, rest, day_us = first, last, plain_midnight_us(months, first, last)
            if clock_us >= 0 and day_us != NO_DAY:
                kind, moment_us = LOCAL, day_us + clock_us
                if size > n_plain:
                    kind, moment_us = read_behind_clock(
                        data, position + n_plain, end, moment_us, n_plain == 19
                    )
                kinds[row], at_us[row], billionths[row] = kind, moment_us, 0
                seen |= 1 << kind
                continue
        kinds[row], at_us[row], billionths[row] = read_time(months, data, position, end)
        seen |= 1 << kinds[row]
    return seen


def warm() -> None:
    """Compile for the types met."""
    kinds, at_us, billionths = np.zeros(1, np.int8), np.zeros(1, np.int64), np.zeros(1, np.int64)
    offsets, data = read_only([0, 4], np.int32), read_only([49] * 4, np.uint8)
    parse_times(offsets, data, MONTHS, kinds, at_us, billionths)
