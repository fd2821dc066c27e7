"""Where the records of a CSV text begin and end, on which line, and which of them are broken.

A parser says what stands in the fields; it does not say on which line, and an unclosed quote
makes it swallow the rows that follow. This scan goes before it: a record with a broken quote is
held to its first line, so that the next line is read as a record of its own.

Records end at a line feed, a carriage return, or both. A quote opens a field only where the
field begins, a doubled quote within it stands for one, and what follows the closing quote is the
delimiter or the end of the record. Lines without any character are no records.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import read_only

__all__ = ["BROKEN_QUOTE", "scan_records", "warm"]

BROKEN_QUOTE = -1
"""Number of fields of a record whose quotes are broken."""

_LINE_FEED = 10
_RETURN = 13
_QUOTE = 34


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


@numba.njit(nogil=True, cache=True)
def scan_quoted(data, position):
    """Follow a quoted field from behind its opening quote.

    Returns
    -------
    position, n_breaks
        Behind the closing quote, or the end of the data where there is none; line breaks within.
    """
    n_breaks = 0
    while position < len(data):
        byte = data[position]
        position += 1
        if byte == _QUOTE:
            if position == len(data) or data[position] != _QUOTE:
                return position, n_breaks, True
            position += 1
        elif (
            byte == _LINE_FEED
            or byte == _RETURN
            and (position == len(data) or data[position] != _LINE_FEED)
        ):
            n_breaks += 1
    return position, n_breaks, False


@numba.njit(nogil=True, cache=True)
def scan_record(data, begin, delimiter):
    """Follow one record from its first byte to its line break or the end of the data.

    Returns
    -------
    end, n_fields, n_breaks, is_open
        `n_fields` is BROKEN_QUOTE where text follows a closing quote; `is_open` where the data
        ends within quotes.
    """
    position = begin
    n_fields = 1
    n_breaks = 0
    at_field = True
    while position < len(data):
        byte = data[position]
        if at_field and byte == _QUOTE:
            position, breaks, is_closed = scan_quoted(data, position + 1)
            n_breaks += breaks
            if not is_closed:
                return position, n_fields, n_breaks, True
            if position == len(data):
                return position, n_fields, n_breaks, False
            byte = data[position]
            if byte != delimiter and byte != _LINE_FEED and byte != _RETURN:
                return position, BROKEN_QUOTE, n_breaks, False
            at_field = False
        elif byte == delimiter:
            n_fields += 1
            at_field = True
            position += 1
        elif byte in (_LINE_FEED, _RETURN):
            return position, n_fields, n_breaks, False
        else:
            at_field = False
            position += 1
    return position, n_fields, n_breaks, False


@numba.njit(nogil=True, cache=True)
def hold_record(data, begin, is_last, delimiter, longest):
    """Follow one record, held to its first line where its quotes are broken.

    Returns
    -------
    end, n_fields, n_breaks
    """
    end, n_fields, n_breaks, is_open = scan_record(data, begin, delimiter)
    is_endless = is_open and (is_last or len(data) - begin > longest)
    if n_fields == BROKEN_QUOTE or is_endless or (n_breaks > 0 and end - begin > longest):
        return line_end(data, begin), BROKEN_QUOTE, 0
    return end, n_fields, n_breaks


@numba.njit(nogil=True, cache=True)
def scan_records(data, is_last, delimiter, longest, line, starts, ends, lines, fields):
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
    starts, ends, lines
        (capacity,) int64 written: first byte, byte behind the last, and line of each record.
    fields
        (capacity,) int32 written: fields of each record, or BROKEN_QUOTE.

    Returns
    -------
    n_records, consumed, line, n_breaks
        The bytes used, the line that follows them, and the line breaks within quotes.
    """
    position = 0
    n_records = 0
    n_all_breaks = 0
    while position < len(data) and n_records < len(starts):
        begin = position
        end, n_fields, n_breaks = begin, 0, 0
        if data[begin] != _LINE_FEED and data[begin] != _RETURN:
            end, n_fields, n_breaks = hold_record(data, begin, is_last, delimiter, longest)
        behind = behind_break(data, end, is_last)
        if behind < 0:
            break
        position = behind
        if n_fields != 0:
            starts[n_records] = begin
            ends[n_records] = end
            lines[n_records] = line
            fields[n_records] = n_fields
            n_records += 1
            n_all_breaks += n_breaks
        line += n_breaks + 1
    return n_records, position, line, n_all_breaks


def warm() -> None:
    """Compile for the types met: the bytes of a file are read-only."""
    starts, ends, lines = (np.zeros(4, np.int64) for _ in range(3))
    fields = np.zeros(4, np.int32)
    for data in (read_only([97, 44, 98, 10], np.uint8), np.array([97, 10], np.uint8)):
        scan_records(data, True, 44, 1024, 1, starts, ends, lines, fields)
