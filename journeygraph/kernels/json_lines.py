"""Lines of flat JSON objects: where each value stands, without a Python object for any of them.

Most lines of a log have the same few keys in the same order and plain values. Those are read here;
whatever else stands on a line (a key that is new, an escape, a nested value, a number that is
written in an unusual way, what is no JSON) is left to a parser, line by line.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.csv_records import behind_break, copy_field, line_end
from journeygraph.kernels.timestamps import digits_from
from journeygraph.kernels.tiny import read_only

__all__ = ["BLANK", "OTHER", "PLAIN", "copy_texts", "scan_objects", "warm"]

PLAIN = 0
"""A flat object, all of whose values are where it is said."""
OTHER = 1
"""Anything else."""
BLANK = 2
"""Nothing."""

_WORDS = np.frombuffer(b"truefalsenull", np.uint8)
_MOST_SEARCHED = 256
_WHOLE_DIGITS = 18
_EXACT_DIGITS = 15


@numba.njit(nogil=True, cache=True, inline="always")
def _behind_string(data, position, end, is_utf8):
    """Where the closing quote of a string stands; -1 where it is not as plain as that."""
    place, last = np.uint64(position), np.uint64(end)
    while place < last:
        byte = data[place]
        if byte == 34:
            return np.int64(place)
        if byte == 92 or byte < 32 or (byte > 127 and not is_utf8):
            return np.int64(-1)
        place += np.uint64(1)
    return np.int64(-1)


@numba.njit(nogil=True, cache=True, inline="always")
def _read_number(data, position, end):
    """Where a number ends, and where its text does without zeros that say nothing; -1 for others.

    Its text is what Python writes of it: so only what is exact in 64 bits, and short.
    """
    first = position + 1 if data[position] == 45 else position
    n_whole = digits_from(data, first, end)
    behind = first + n_whole
    if n_whole == 0 or (n_whole > 1 and data[first] == 48):
        return -1, -1
    if behind < end and data[behind] == 46:
        return _read_decimals(data, position, behind + 1, end, n_whole, data[first] == 48)
    is_negative_zero = first > position and data[first] == 48
    is_odd = n_whole > _WHOLE_DIGITS or is_negative_zero or _is_exponent(data, behind, end)
    return (-1, -1) if is_odd else (behind, behind)


@numba.njit(nogil=True, cache=True, inline="always")
def _read_decimals(data, begin, first, end, n_whole, is_below_one):
    """The same from behind the point on, of a number that begins at `begin`."""
    n_decimals = digits_from(data, first, end)
    behind = first + n_decimals
    last, n_zeros = behind, 0
    while last > first and data[last - 1] == 48:
        last -= 1
    while n_zeros < n_decimals and data[first + n_zeros] == 48:
        n_zeros += 1
    if last == first:
        last -= 1  # nor is the point written
    is_odd = n_decimals == 0 or n_whole + n_decimals > _EXACT_DIGITS or last - begin > _EXACT_DIGITS
    is_negative_zero = is_below_one and data[begin] == 45 and last < first
    is_odd |= (is_below_one and n_zeros >= 4) or is_negative_zero or _is_exponent(data, behind, end)
    return (-1, -1) if is_odd else (behind, last)


@numba.njit(nogil=True, cache=True, inline="always")
def _is_exponent(data, position, end):
    return position < end and (data[position] | 32) == 101


@numba.njit(nogil=True, cache=True, inline="always")
def _stands_there(data, position, end, known, first, size):
    """Whether `size` known bytes stand at `position`; none never do."""
    if size == 0 or end - position < size:
        return False
    same, n_bytes = np.uint64(0), np.uint64(size)
    place, of_known = np.uint64(position), np.uint64(first)
    while same < n_bytes and data[place + same] == known[of_known + same]:
        same += np.uint64(1)
    return same == n_bytes


@numba.njit(nogil=True, cache=True, inline="always")
def _read_value(data, position, end, is_utf8):
    """Where a value ends, and where its text begins and ends (-1 for null); -1 for no plain one."""
    byte = data[position]
    if byte == 34:
        behind = _behind_string(data, position + 1, end, is_utf8)
        return (behind + 1 if behind >= 0 else -1), position + 1, behind
    if byte == 45 or 48 <= byte <= 57:
        behind, last = _read_number(data, position, end)
        return behind, position, last
    if _stands_there(data, position, end, _WORDS, 0, 4):
        return position + 4, position, position + 4
    if _stands_there(data, position, end, _WORDS, 4, 5):
        return position + 5, position, position + 5
    if _stands_there(data, position, end, _WORDS, 9, 4):
        return position + 4, -1, -1
    return -1, -1, -1


@numba.njit(nogil=True, cache=True, inline="always")
def _find_key(data, position, end, keys, key_starts, guess):
    """Which key stands at `position`; -1 for one that is not known."""
    n_keys = len(key_starts) - 1
    first = key_starts[guess]
    if _stands_there(data, position, end, keys, first, key_starts[guess + 1] - first):
        return guess
    found = -1
    for key in range(n_keys if n_keys <= _MOST_SEARCHED else 0):
        first = key_starts[key]
        if _stands_there(data, position, end, keys, first, key_starts[key + 1] - first):
            found = key
    return found


@numba.njit(nogil=True, cache=True, inline="always")
def _behind_spaces(data, position, end):
    while position < end and (data[position] == 32 or data[position] == 9):
        position += 1
    return position


@numba.njit(nogil=True, cache=True, inline="always")
def _behind_mark(data, position, end, mark):
    """What stands behind a mark and the spaces around it; -1 where it does not stand there."""
    position = _behind_spaces(data, position, end)
    if position == end or data[position] != mark:
        return -1
    position = _behind_spaces(data, position + 1, end)
    return position if position < end else -1


@numba.njit(nogil=True, cache=True, inline="always")
def _read_object(data, position, end, keys, key_starts, following, is_utf8, line, begins, ends):
    """Read a line that begins with a brace; whether it was plain."""
    before = 0
    position = _behind_spaces(data, position + 1, end)
    is_over = position < end and data[position] == 125
    while not is_over:
        if not 0 <= position < end or data[position] != 34:
            return False
        key = _find_key(data, position + 1, end, keys, key_starts, following[before])
        if key < 0:
            return False
        following[before] = key
        before = key + 1
        position += 1 + key_starts[key + 1] - key_starts[key]
        position = _behind_mark(data, position, end, 58)
        if position < 0:
            return False
        position, begins[key, line], ends[key, line] = _read_value(data, position, end, is_utf8)
        if position < 0:
            return False
        position = _behind_spaces(data, position, end)
        is_over = position < end and data[position] == 125
        if not is_over:
            position = _behind_mark(data, position, end, 44)
    return _behind_spaces(data, position + 1, end) == end


@numba.njit(nogil=True, cache=True, inline="always")
def _is_blank(data, position, end):
    while position < end and (data[position] == 32 or 9 <= data[position] <= 12):
        position += 1
    return position == end


@numba.njit(nogil=True, cache=True)
def scan_objects(data, is_utf8, keys, key_starts, lines, states, begins, ends):
    """Find lines and, of those that are plain, the texts of their values.

    Parameters
    ----------
    data
        uint8: whole lines, which end with a line feed, a carriage return, or both; but for the
        last, which need not end.
    is_utf8
        Whether it is known to be; if not, what is beyond ASCII is not plain.
    keys, key_starts
        uint8: the known keys, each with its closing quote; (n_keys + 1,) int64 where each begins.
        One without any byte is never found.
    lines
        (n_most + 1,) int64 written: where each line begins, and behind them where the last ends.
    states
        (n_most,) int8 written: PLAIN, OTHER or BLANK.
    begins, ends
        (n_keys, n_most) int32 written: where the text of each value of a plain line begins and
        ends; -1 where there is none, or null. Texts of numbers are what Python writes.

    Returns
    -------
    n_lines
        Not more than n_most; there may be more to come.
    """
    following = np.zeros(len(key_starts), np.int64)  # which key comes behind each, and first
    for key in range(len(following)):
        following[key] = key % (len(key_starts) - 1)
    position, n_lines = 0, 0
    while position < len(data) and n_lines < len(states):
        lines[n_lines] = position
        end = line_end(data, position)
        begins[:, n_lines] = ends[:, n_lines] = -1
        first = _behind_spaces(data, position, end)
        if first < end and data[first] == 123:
            is_plain = _read_object(
                data, first, end, keys, key_starts, following, is_utf8, n_lines, begins, ends
            )
            states[n_lines] = PLAIN if is_plain else OTHER
        else:
            states[n_lines] = BLANK if _is_blank(data, position, end) else OTHER
        position = behind_break(data, end, True)
        n_lines += 1
    lines[n_lines] = position
    return n_lines


@numba.njit(nogil=True, cache=True)
def copy_texts(data, rows, begins, ends, offsets, values, is_there):
    """Make a column of the texts of some lines.

    Parameters
    ----------
    rows
        (n,) int64 which lines.
    begins, ends
        (n_lines,) int32 of one key, as `scan_objects` writes them.
    offsets
        (n + 1,) int32 written.
    values
        uint8 written; eight bytes longer than all these texts.
    is_there
        (n,) bool written: false where there is none.
    """
    place = np.uint64(0)
    offsets[0] = 0
    for row in range(len(rows)):
        begin, end = begins[rows[row]], ends[rows[row]]
        is_there[row] = begin >= 0
        if end > begin:
            place = copy_field(data, np.uint64(begin), np.uint64(end), values, place)
        offsets[row + 1] = place


def warm() -> None:
    """Compile for the types met."""
    data, keys = read_only(list(b'{"a":1}'), np.uint8), read_only(list(b'a"'), np.uint8)
    lines, states = np.zeros(2, np.int64), np.zeros(1, np.int8)
    begins, ends = np.zeros((2, 1, 1), np.int32)
    scan_objects(data, True, keys, read_only([0, 2]), lines, states, begins, ends)
    copy_texts(
        data, np.zeros(1, np.int64), begins[0], ends[0], np.zeros(2, np.int32),
        np.zeros(9, np.uint8), np.zeros(1, np.bool_),
    )  # fmt: skip
