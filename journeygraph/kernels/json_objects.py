"""JSON objects of texts, a row's columns into one text, without a Python object for any value.

The columns that nobody mapped are kept this way; a wide file has thirty of them, and writing
them is then most of what loading it costs.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import read_only

__all__ = ["add_sizes", "close_objects", "warm", "write_values"]

_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)


@numba.njit(nogil=True, cache=True)
def escaped_size(byte):
    """Bytes that a byte of a text takes within a JSON string."""
    if byte == 34 or byte == 92:
        return 2
    return 6 if byte < 32 else 1


@numba.njit(nogil=True, cache=True)
def add_sizes(offsets, data, key_size, sizes):
    """Add what one column takes in the object of each row.

    Parameters
    ----------
    offsets
        (n + 1,) int32 where each text begins in `data`; an empty one is left out.
    data
        uint8: the texts in UTF-8.
    key_size
        Bytes of the key as `write_values` gets it.
    sizes
        (n,) int64: 0 where the object is empty as yet; added to.
    """
    for row in range(len(sizes)):
        begin = offsets[row]
        end = offsets[row + 1]
        if end > begin:
            size = key_size + 3
            for position in range(begin, end):
                size += escaped_size(data[position])
            sizes[row] += size + (1 if sizes[row] == 0 else 0)


@numba.njit(nogil=True, cache=True)
def write_values(offsets, data, key, begins, cursors, out):
    """Write one column into the object of each row.

    Parameters
    ----------
    offsets, data
        As in `add_sizes`.
    key
        uint8: the key in quotes, escaped, and a colon.
    begins
        (n,) int64 where each object begins in `out`.
    cursors
        (n,) int64 where the next byte of each object goes; moved on.
    out
        uint8 written.
    """
    for row in range(len(cursors)):
        begin = offsets[row]
        end = offsets[row + 1]
        if end == begin:
            continue
        place = cursors[row]
        out[place] = 123 if place == begins[row] else 44
        place += 1
        for byte in key:
            out[place] = byte
            place += 1
        out[place] = 34
        place += 1
        for position in range(begin, end):
            byte = data[position]
            if byte >= 32 and byte != 34 and byte != 92:
                out[place] = byte
                place += 1
            elif byte >= 32:
                out[place] = 92
                out[place + 1] = byte
                place += 2
            else:
                out[place] = 92
                out[place + 1] = 117
                out[place + 2] = 48
                out[place + 3] = 48
                out[place + 4] = _HEX[byte >> 4]
                out[place + 5] = _HEX[byte & 15]
                place += 6
        out[place] = 34
        cursors[row] = place + 1


@numba.njit(nogil=True, cache=True)
def close_objects(begins, cursors, out):
    """Write the closing brace of every object that has a value."""
    for row in range(len(cursors)):
        if cursors[row] > begins[row]:
            out[cursors[row]] = 125


def warm() -> None:
    """Compile for the types met."""
    offsets, data = read_only([0, 1], np.int32), read_only([49], np.uint8)
    sizes, begins, cursors = np.zeros(1, np.int64), np.zeros(1, np.int64), np.zeros(1, np.int64)
    out = np.zeros(16, np.uint8)
    add_sizes(offsets, data, 4, sizes)
    write_values(offsets, data, read_only(list(b'"k":'), np.uint8), begins, cursors, out)
    close_objects(begins, cursors, out)
