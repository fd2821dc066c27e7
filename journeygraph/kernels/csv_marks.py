"""The records of a piece of CSV text that has nothing unusual, found by its marks.

Marks are delimiters and line breaks. Compilers make of a comparison of every byte one of 32 bytes
at once, so that all marks of a text cost less than to follow its fields from one to the next.
They part the text rightly where quotes stand around whole fields only: then every field that
begins with a quote ends with one, and there are no more quotes than those. Text that has others,
within a field, or has a delimiter or a line break within quotes, is left to whoever reads it
byte after byte.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import read_only

__all__ = ["PIECE", "plain_records", "warm"]

PIECE = 1 << 13
"""Bytes of text at a time: its marks stay in the nearest cache."""

_LINE_FEED = 10
_RETURN = 13
_QUOTE = 34
_GATHER = np.uint64(0x0102040810204080)
_SEQUENCE = np.uint64(0x03F79D71B4CB0A89)  # of de Bruijn: any six bits in a row come once
_U0, _U1, _U2, _U8, _U56, _U58, _U64 = (np.uint64(number) for number in (0, 1, 2, 8, 56, 58, 64))


def _places_of_bits():
    places = np.zeros(64, np.uint8)
    for place in range(64):
        places[((1 << place) * int(_SEQUENCE) & (1 << 64) - 1) >> 58] = place
    places.flags.writeable = False
    return places


_PLACES = _places_of_bits()


@numba.njit(nogil=True, cache=True)
def find_marks(data, delimiter, flags, marks):
    """Write where the delimiters and line breaks stand, in order; how many there are.

    Parameters
    ----------
    data
        (n,) uint8, at most PIECE of them.
    delimiter
        uint8.
    flags
        (PIECE,) uint8 to work with.
    marks
        (PIECE,) int32 written.
    """
    for place in range(len(data)):
        byte = data[place]
        flags[place] = (
            np.uint8(byte == delimiter) | np.uint8(byte == _LINE_FEED) | np.uint8(byte == _RETURN)
        )
    n_blocks = (len(data) + 63) // 64
    flags[len(data) : 64 * n_blocks] = 0
    words = flags.view(np.uint64)
    n_marks = _U0
    for block in range(np.uint64(n_blocks)):
        bits = _U0
        for word in range(_U8):  # of each byte one bit
            bits |= (words[block * _U8 + word] * _GATHER >> _U56) << (word * _U8)
        while bits:
            lowest = bits & (~bits + _U1)
            marks[n_marks] = block * _U64 + _PLACES[lowest * _SEQUENCE >> _U58]
            n_marks += _U1
            bits ^= lowest
    return n_marks


@numba.njit(nogil=True, cache=True)
def _follow(data, marks, n_marks, delimiter, first, line, lines, fields, bounds):
    """Write the records between marks; their number, the bytes, lines and quoted fields in them.

    It ends before a field of which only one end is a quote, and a record that is not whole.
    """
    n_bounds = np.uint64(bounds.shape[1])
    n_records, begin, field, n_fields = _U0, _U0, _U0, _U1
    n_quoted, n_quoted_before, first_line = 0, 0, line
    mark = _U0
    while mark < n_marks and n_records < np.uint64(len(lines)):
        place = np.uint64(marks[mark])
        mark += _U1
        is_quoted = data[field] == _QUOTE and place > field
        if is_quoted and (place - field < _U2 or data[place - _U1] != _QUOTE):
            break
        n_quoted += is_quoted
        behind = place + _U1
        if data[place] == delimiter:
            if n_fields + _U1 < n_bounds:
                bounds[n_records, n_fields] = first + behind
            n_fields += _U1
            field = behind
            continue
        if data[place] == _RETURN and behind == np.uint64(len(data)):
            break
        if data[place] == _RETURN and data[behind] == _LINE_FEED:
            behind += _U1
            mark += _U1
        if place > begin:  # lines without any character are no records
            bounds[n_records, _U0] = first + begin
            bounds[n_records, n_bounds - _U1] = first + place + _U1
            lines[n_records] = line
            fields[n_records] = n_fields
            n_records += _U1
        line += 1
        begin, field, n_fields, n_quoted_before = behind, behind, _U1, n_quoted
    return n_records, begin, line - first_line, n_quoted_before


@numba.njit(nogil=True, cache=True)
def plain_records(data, delimiter, first, line, flags, marks, lines, fields, bounds):
    """Find the records that a piece of text begins with, as far as they are plain and whole.

    Parameters
    ----------
    data
        (n,) uint8, at most PIECE of them, beginning with a record.
    delimiter
        uint8.
    first, line
        Position (uint64) and line of the first byte within the whole text.
    flags, marks
        (PIECE,) uint8 and int32 to work with.
    lines, fields, bounds
        Written as by `csv_records.scan_records`.

    Returns
    -------
    n_records, consumed, n_lines
        All 0 where the text has to be read byte after byte.
    """
    n_marks = find_marks(data, delimiter, flags, marks)
    n_records, consumed, n_lines, n_quoted = _follow(
        data, marks, n_marks, delimiter, first, line, lines, fields, bounds
    )
    n_quotes = 0
    for byte in data[:consumed]:
        n_quotes += byte == _QUOTE
    if n_quotes != 2 * n_quoted:
        return 0, 0, 0
    return np.int64(n_records), np.int64(consumed), n_lines


def warm() -> None:
    """Compile for the types met: the bytes of a file are read-only."""
    lines, fields, bounds = np.zeros(4, np.int64), np.zeros(4, np.int32), np.zeros((4, 3), np.int32)
    flags, marks = np.zeros(PIECE, np.uint8), np.zeros(PIECE, np.int32)
    data = read_only([97, 44, 98, 10], np.uint8)
    plain_records(data, np.uint8(44), _U0, 1, flags, marks, lines, fields, bounds)
