"""The records of a CSV text: their fields, on which line they are, and which of them are broken.

Parsers at hand do not say on which line a record is, and an unclosed quote makes them swallow
the rows that follow. Here a record with a broken quote is held to its first line, so that the
next line is read as a record of its own. One pass finds all fields, where nothing is unusual by
their marks (`csv_marks`), else eight bytes at a time; only the columns that somebody asks for are
copied.

Records end at a line feed, a carriage return, or both. A quote opens a field only where the
field begins, a doubled quote within it stands for one, and what follows the closing quote is the
delimiter or the end of the record. Lines without any character are no records.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.csv_marks import PIECE, plain_records
from journeygraph.kernels.text_keys import whole_word
from journeygraph.kernels.tiny import read_only

__all__ = ["BROKEN_QUOTE", "read_column", "scan_records", "warm"]

BROKEN_QUOTE = -1
"""Number of fields of a record whose quotes are broken."""

_LINE_FEED = 10
_RETURN = 13
_QUOTE = 34
_ONES = np.uint64(0x0101010101010101)
_HIGHS = np.uint64(0x8080808080808080)
_LINE_FEEDS = np.uint64(0x0A0A0A0A0A0A0A0A)
_RETURNS = np.uint64(0x0D0D0D0D0D0D0D0D)
_QUOTES = np.uint64(0x2222222222222222)
_U1, _U2, _U3, _U4, _U5, _U6, _U7, _U8 = (np.uint64(number) for number in range(1, 9))
_U16, _U24, _U32, _U40, _U48, _U56 = (np.uint64(number) for number in range(16, 64, 8))


@numba.njit(nogil=True, cache=True)
def behind_break(data, position, is_last):
    """Where the line after the break at `position` begins; -1 where only more text can tell."""
    if position == len(data):
        return position if is_last else -1
    if data[position] == _LINE_FEED:
        return position + 1
    if position + 1 < len(data):
        return position + (2 if data[position + 1] == _LINE_FEED else 1)
    return position + 1 if is_last else -1


@numba.njit(nogil=True, cache=True)
def line_end(data, position):
    """Where the line that `position` stands in ends."""
    while position < len(data) and data[position] != _LINE_FEED and data[position] != _RETURN:
        position += 1
    return position


@numba.njit(nogil=True, cache=True, inline="always")
def _where_equal(word, pattern):
    """The highest bit of each byte of a word that equals the pattern's; exact for the lowest."""
    other = word ^ pattern
    return (other - _ONES) & ~other & _HIGHS


@numba.njit(nogil=True, cache=True, inline="always")
def _first_of(found):
    """The number of bytes below the lowest bit that is set."""
    return (((found - _U1) & ~found & _ONES) * _ONES >> _U56) - _U1


@numba.njit(nogil=True, cache=True)
def scan_quoted(data, position, end):
    """Follow a quoted field from behind its opening quote; positions are uint64.

    Returns
    -------
    position, n_breaks, is_closed
        Behind the closing quote, or the end of the data where there is none; line breaks within.
    """
    n_breaks = 0
    while position < end:
        if position + _U8 <= end:
            word = whole_word(data, position)
            found = (
                _where_equal(word, _QUOTES)
                | _where_equal(word, _LINE_FEEDS)
                | _where_equal(word, _RETURNS)
            )
            if not found:
                position += _U8
                continue
            position += _first_of(found)
        byte = data[position]
        position += _U1
        if byte == _QUOTE:
            if position == end or data[position] != _QUOTE:
                return position, n_breaks, True
            position += _U1
        elif (
            byte == _LINE_FEED
            or byte == _RETURN
            and (position == end or data[position] != _LINE_FEED)
        ):
            n_breaks += 1
    return position, n_breaks, False


@numba.njit(nogil=True, cache=True, inline="always")
def field_end(data, position, end, delimiter, delimiters):
    """Where the delimiter, the line break or the end of the data comes first."""
    while position + _U8 <= end:
        word = whole_word(data, position)
        found = (
            _where_equal(word, delimiters)
            | _where_equal(word, _LINE_FEEDS)
            | _where_equal(word, _RETURNS)
        )
        if found:
            return position + _first_of(found)
        position += _U8
    while position < end:
        byte = data[position]
        if byte in (delimiter, _LINE_FEED, _RETURN):
            break
        position += _U1
    return position


@numba.njit(nogil=True, cache=True)
def scan_record(data, begin, delimiter, bounds):
    """Follow one record from its first byte to its line break or the end of the data.

    Returns
    -------
    end, n_fields, n_breaks, is_open
        `n_fields` is BROKEN_QUOTE where text follows a closing quote; `is_open` where the data
        ends within quotes. Where the first fields begin is written to `bounds`.
    """
    position = np.uint64(begin)
    end = np.uint64(len(data))
    delimiters = np.uint64(delimiter) * _ONES
    n_fields = 1
    n_breaks = 0
    bounds[0] = begin
    while True:
        if position < end and data[position] == _QUOTE:
            position, breaks, is_closed = scan_quoted(data, position + _U1, end)
            n_breaks += breaks
            if not is_closed:
                return np.int64(position), n_fields, n_breaks, True
        else:
            position = field_end(data, position, end, delimiter, delimiters)
        if position == end:
            return np.int64(position), n_fields, n_breaks, False
        byte = data[position]
        if byte in (_LINE_FEED, _RETURN):
            return np.int64(position), n_fields, n_breaks, False
        if byte != delimiter:
            return np.int64(position), BROKEN_QUOTE, n_breaks, False
        position += _U1
        if n_fields < len(bounds):
            bounds[n_fields] = position
        n_fields += 1


@numba.njit(nogil=True, cache=True)
def hold_record(data, begin, is_last, delimiter, longest, bounds):
    """Follow one record, held to its first line where its quotes are broken.

    Returns
    -------
    end, n_fields, n_breaks
    """
    end, n_fields, n_breaks, is_open = scan_record(data, begin, delimiter, bounds)
    is_endless = is_open and (is_last or len(data) - begin > longest)
    if n_fields == BROKEN_QUOTE or is_endless or (n_breaks > 0 and end - begin > longest):
        return line_end(data, begin), BROKEN_QUOTE, 0
    return end, n_fields, n_breaks


@numba.njit(nogil=True, cache=True)
def scan_records(data, is_last, delimiter, longest, line, lines, fields, bounds):
    """Find the records of a piece of text that begins with a record.

    Parameters
    ----------
    data
        (n,) uint8: UTF-8 text.
    is_last
        Whether the text ends here; else a record without its line break is left for later.
    delimiter
        One byte.
    longest
        A quoted record of more bytes than this is held to have an unclosed quote.
    line
        Number of the line that the text begins with.
    lines
        (capacity,) int64 written: the line of each record.
    fields
        (capacity,) int32 written: fields of each record, or BROKEN_QUOTE.
    bounds
        (capacity, n_columns + 1) int32 written: where each field begins, and last one behind the
        end of the record; of a record with another number of fields the first and the last only.

    Returns
    -------
    n_records, consumed, line, n_breaks
        The bytes used, the line that follows them, and the line breaks within quotes.
    """
    position = 0
    n_records = 0
    n_all_breaks = 0
    flags, marks = np.empty(PIECE, np.uint8), np.empty(PIECE, np.int32)
    behind_piece = 0
    while position < len(data) and n_records < len(lines):
        if position >= behind_piece:
            behind_piece = min(position + PIECE, len(data))
            n_plain, consumed, n_lines = plain_records(
                data[position:behind_piece], np.uint8(delimiter), np.uint64(position), line,
                flags, marks, lines[n_records:], fields[n_records:], bounds[n_records:],
            )  # fmt: skip
            if consumed:
                n_records += n_plain
                position += consumed
                line += n_lines
                behind_piece = position
                continue
        begin = position
        end, n_fields, n_breaks = begin, 0, 0
        if data[begin] != _LINE_FEED and data[begin] != _RETURN:
            end, n_fields, n_breaks = hold_record(
                data, begin, is_last, delimiter, longest, bounds[n_records, :-1]
            )
        behind = behind_break(data, end, is_last)
        if behind < 0:
            break
        position = behind
        if n_fields != 0:
            bounds[n_records, 0] = begin
            bounds[n_records, -1] = end + 1
            lines[n_records] = line
            fields[n_records] = n_fields
            n_records += 1
            n_all_breaks += n_breaks
        line += n_breaks + 1
    return n_records, position, line, n_all_breaks


@numba.njit(nogil=True, cache=True, inline="always")
def _put_word(out, size, word):
    # written out, because so the compiler makes one store of it
    out[size] = np.uint8(word)
    out[size + _U1] = np.uint8(word >> _U8)
    out[size + _U2] = np.uint8(word >> _U16)
    out[size + _U3] = np.uint8(word >> _U24)
    out[size + _U4] = np.uint8(word >> _U32)
    out[size + _U5] = np.uint8(word >> _U40)
    out[size + _U6] = np.uint8(word >> _U48)
    out[size + _U7] = np.uint8(word >> _U56)


@numba.njit(nogil=True, cache=True)
def copy_quoted(data, position, end, out, size):
    """Copy what stands within quotes, a doubled quote once; the size after it."""
    while position < end:
        out[size] = data[position]
        size += _U1
        position += _U2 if data[position] == _QUOTE else _U1
    return size


@numba.njit(nogil=True, cache=True, inline="always")
def copy_field(data, position, end, out, size):
    """Copy bytes, eight at a time; the size after them."""
    behind = size + (end - position)
    while position < end:
        if position + _U8 <= np.uint64(len(data)):
            _put_word(out, size, whole_word(data, position))
        else:
            for byte in range(end - position):
                out[size + byte] = data[position + byte]
        size += _U8
        position += _U8
    return behind


@numba.njit(nogil=True, cache=True, inline="always")
def has_quote(data, position, end):
    """Whether there is any quote."""
    while position < end:
        if position + _U8 <= end:
            if _where_equal(whole_word(data, position), _QUOTES):
                return True
            position += _U8
        else:
            if data[position] == _QUOTE:
                return True
            position += _U1
    return False


@numba.njit(nogil=True, cache=True)
def _copy_plain(data, fields, bounds, column, offsets, out):
    """As `read_column`, but doubled quotes stay doubled; whether there are any."""
    n_columns = bounds.shape[1] - 1
    row = 0
    size = np.uint64(0)
    found = False
    for record in range(len(fields)):
        if fields[record] != n_columns:
            continue
        begin = np.uint64(bounds[record, column])
        end = np.uint64(bounds[record, column + 1]) - _U1
        if begin < end and data[begin] == _QUOTE:
            begin += _U1
            end -= _U1
            found |= has_quote(data, begin, end)
        size = copy_field(data, begin, end, out, size)
        row += 1
        offsets[row] = size
    return found


@numba.njit(nogil=True, cache=True)
def _copy_each(data, fields, bounds, column, offsets, out):
    """As `read_column`, cell by cell."""
    n_columns = bounds.shape[1] - 1
    row = 0
    size = np.uint64(0)
    for record in range(len(fields)):
        if fields[record] != n_columns:
            continue
        begin = np.uint64(bounds[record, column])
        end = np.uint64(bounds[record, column + 1]) - _U1
        if begin < end and data[begin] == _QUOTE:
            size = copy_quoted(data, begin + _U1, end - _U1, out, size)
        else:
            size = copy_field(data, begin, end, out, size)
        row += 1
        offsets[row] = size


@numba.njit(nogil=True, cache=True)
def read_column(data, fields, bounds, column, offsets, out):
    """Lay the values of one column end to end, of the records that have all columns.

    Parameters
    ----------
    data, fields, bounds
        As `scan_records` gave them, `fields` and `bounds` of the records found only.
    column
        Which.
    offsets
        (n + 1,) int32 written: where each value begins; n is the number of whole records.
    out
        uint8 written: the values; eight bytes longer than they can be.

    Notes
    -----
    Two loops, because a call within the first one, which few files ever need, makes it take
    three times as long: the compiler then counts references to the arrays for each record.
    """
    offsets[0] = 0
    if _copy_plain(data, fields, bounds, column, offsets, out):
        _copy_each(data, fields, bounds, column, offsets, out)


def warm() -> None:
    """Compile for the types met: the bytes of a file are read-only."""
    lines, fields, bounds = np.zeros(4, np.int64), np.zeros(4, np.int32), np.zeros((4, 3), np.int32)
    data = read_only([97, 44, 98, 10], np.uint8)
    scan_records(data, True, 44, 1024, 1, lines, fields, bounds)
    read_column(data, fields[:1], bounds[:1], 0, np.zeros(2, np.int32), np.zeros(16, np.uint8))
