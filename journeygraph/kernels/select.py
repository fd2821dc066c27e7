"""Which interactions are which item, and which customers are meant.

Each kernel is one condition or one look-up over a piece of a column. Whoever calls them takes a
column piece by piece, so that the codes written by one are still in the processor's cache when
the next reads them, and every column comes from memory once.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import USUAL_CODE_TYPES, read_only

__all__ = [
    "count_below",
    "end_rows",
    "label_rows",
    "list_code",
    "list_marked",
    "mark_codes",
    "mark_customers",
    "skip_before",
    "skip_rows",
    "skip_values",
    "warm",
]

_MISSING = np.iinfo(np.int64).min
_CHUNK = 1 << 13
_ENDS_OF_BYTES = np.uint64(0x0101010101010101)


@numba.njit(nogil=True, cache=True)
def label_rows(codes, item_of, item_codes):
    """Write the item of each interaction.

    Parameters
    ----------
    codes
        (n,) codes in [0, len(item_of)).
    item_of
        Item by code, of the type of item_codes.
    item_codes
        (n,) written.
    """
    for row in range(len(codes)):
        item_codes[row] = item_of[codes[row]]


@numba.njit(nogil=True, cache=True)
def skip_rows(codes, keeps, item_codes, skipped):
    """Write `skipped` where the table `keeps` (bool by code) says no."""
    for row in range(len(codes)):
        if not keeps[codes[row]]:
            item_codes[row] = skipped


@numba.njit(nogil=True, cache=True)
def _list_words(marks, first, hits, rows, n_found):
    """Write the marked rows behind those that are found; give how many there are then.

    Words are looked at without a branch: where few are marked, it would be guessed wrong at each.
    In a word less its lowest bit as many bytes end in a bit as stand below the first that is
    marked, and the remainder by 255 is the sum of the bytes.
    """
    n_words, n_hits = np.uint64(len(marks) // 8), np.uint64(0)
    words = marks[: len(marks) // 8 * 8].view(np.uint64)
    for word in range(n_words):
        hits[n_hits] = word
        n_hits += np.uint64(words[word] != 0)
    for hit in range(n_hits):
        left = words[np.uint64(hits[hit])]
        row = np.int64(hits[hit]) * 8 + first
        while left:
            below = ~left & (left - np.uint64(1))
            rows[n_found] = row + np.int64((below & _ENDS_OF_BYTES) % np.uint64(255))
            n_found += np.uint64(1)
            left &= left - np.uint64(1)
    for place in range(n_words * np.uint64(8), np.uint64(len(marks))):  # less than a word
        if marks[place]:
            rows[n_found] = np.int64(place) + first
            n_found += np.uint64(1)
    return n_found


@numba.njit(nogil=True, cache=True)
def list_marked(marks, first):
    """List the rows that are marked, the first of which is `first`.

    Parameters
    ----------
    marks
        (n,) uint8, 0 or 1.
    """
    n_marked = np.int64(0)
    for mark in marks:
        n_marked += mark
    rows, hits = np.empty(n_marked, np.int64), np.empty(len(marks) // 8 + 1, np.uint32)
    _list_words(marks, first, hits, rows, np.uint64(0))
    return rows


@numba.njit(nogil=True, cache=True)
def _mark_code(code_bytes, width, code, first, last, marks):
    """Mark the rows that have a code; give how many they are."""
    if width == 1:
        of_rows, of_one = code_bytes[first:last], np.uint8(code)
        for place in range(np.uint64(last - first)):
            marks[place] = of_rows[place] == of_one
    elif width == 2:
        of_rows_2, of_two = code_bytes.view(np.uint16)[first:last], np.uint16(code)
        for place in range(np.uint64(last - first)):
            marks[place] = of_rows_2[place] == of_two
    else:
        of_rows_4, of_four = code_bytes.view(np.uint32)[first:last], np.uint32(code)
        for place in range(np.uint64(last - first)):
            marks[place] = of_rows_4[place] == of_four
    n_marked = np.uint32(0)
    for place in range(np.uint64(last - first)):
        n_marked += np.uint32(marks[place])
    return n_marked


@numba.njit(nogil=True, cache=True)
def list_code(code_bytes, width, code, first, last):
    """List the rows that have a code, ascending.

    Parameters
    ----------
    code_bytes, width
        Codes of interactions as bytes, and how many make a code: 1, 2 or 4.
    first, last
        The rows that are meant: from `first` to before `last`.
    """
    marks, hits = np.empty(_CHUNK, np.uint8), np.empty(_CHUNK // 8 + 1, np.uint32)
    n_rows = 0
    for start in range(first, last, _CHUNK):
        n_rows += _mark_code(code_bytes, width, code, start, min(start + _CHUNK, last), marks)
    rows, n_found = np.empty(n_rows, np.int64), np.uint64(0)
    for start in range(first, last, _CHUNK):
        stop = min(start + _CHUNK, last)
        if _mark_code(code_bytes, width, code, start, stop, marks):
            n_found = _list_words(marks[: stop - start], start, hits, rows, n_found)
    return rows


@numba.njit(nogil=True, cache=True)
def skip_before(at_us, from_us, item_codes, skipped):
    """Write `skipped` where an interaction is earlier than `from_us`."""
    for row in range(len(at_us)):
        if at_us[row] < from_us:
            item_codes[row] = skipped


@numba.njit(nogil=True, cache=True)
def skip_values(value_minor, least, most, item_codes, skipped):
    """Write `skipped` where a value is missing or outside [least, most]."""
    for row in range(len(value_minor)):
        value = value_minor[row]
        if value == _MISSING or value < least or value > most:
            item_codes[row] = skipped


@numba.njit(nogil=True, cache=True)
def end_rows(customer_starts, at_us, until_us):
    """Row after each customer's last interaction before `until_us`.

    `at_us` ascends within a customer.
    """
    ends = np.empty(len(customer_starts) - 1, np.int64)
    for customer in range(len(ends)):
        low, high = customer_starts[customer], customer_starts[customer + 1]
        while low < high:
            middle = (low + high) >> 1
            if at_us[middle] < until_us:
                low = middle + 1
            else:
                high = middle
        ends[customer] = low
    return ends


@numba.njit(nogil=True, cache=True)
def count_below(rows, bounds):
    """How many of some rows are below each bound; both ascend, so that nothing is searched."""
    counts = np.empty(len(bounds), np.int64)
    n_below = 0
    for place in range(len(bounds)):
        while n_below < len(rows) and rows[n_below] < bounds[place]:
            n_below += 1
        counts[place] = n_below
    return counts


@numba.njit(nogil=True, cache=True)
def mark_customers(codes, wanted, starts, ends, marks):
    """Mark customers with at least one interaction whose code is wanted.

    Parameters
    ----------
    codes
        (n_interactions,) codes in [0, len(wanted)).
    wanted
        bool by code.
    starts, ends
        Rows of some customers.
    marks
        bool, one for each of these customers; written.
    """
    for customer in range(len(starts)):
        marks[customer] = False
        for row in range(starts[customer], ends[customer]):
            if wanted[codes[row]]:
                marks[customer] = True
                break


@numba.njit(nogil=True, cache=True)
def mark_codes(codes, seen):
    """Write True into `seen` (bool by code) for each code that occurs."""
    for row in range(len(codes)):
        seen[codes[row]] = True


def warm() -> None:
    """Compile for the types that views have."""
    numbers = read_only([0])
    keeps = read_only([True], np.bool_)
    end_rows(read_only([0, 1]), numbers, 1)
    count_below(numbers, numbers)
    list_marked(np.zeros(1, np.uint8), 0)
    list_code(read_only([0], np.uint8), 1, 0, 0, 1)
    for item_type in USUAL_CODE_TYPES:
        item_codes, item_of = np.zeros(1, item_type), read_only([0, 0], item_type)
        skip_before(numbers, 0, item_codes, 1)
        skip_values(numbers, 0, 1, item_codes, 1)
        for code_type in USUAL_CODE_TYPES:
            codes = read_only([0], code_type)
            label_rows(codes, item_of, item_codes)
            skip_rows(codes, keeps, item_codes, 1)
    for code_type in USUAL_CODE_TYPES:
        codes = read_only([0], code_type)
        mark_codes(codes, np.zeros(1, np.bool_))
        mark_customers(codes, keeps, numbers, numbers, np.zeros(1, np.bool_))
