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
    "list_marked",
    "mark_codes",
    "mark_customers",
    "skip_before",
    "skip_rows",
    "skip_values",
    "warm",
]

_MISSING = np.iinfo(np.int64).min


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
def list_marked(marks, first):
    """List the rows that are marked, the first of which is `first`.

    Parameters
    ----------
    marks
        (n,) uint8, 0 or 1.

    Notes
    -----
    Eight at a time, and without a branch: where few are marked, it would be guessed wrong at each.
    """
    n_words = np.uint64(len(marks) // 8)
    words = marks[: len(marks) // 8 * 8].view(np.uint64)
    hits, n_hits = np.empty(len(words) + 1, np.uint32), np.uint64(0)
    for word in range(n_words):
        hits[n_hits] = word
        n_hits += np.uint64(words[word] != 0)
    hits[n_hits] = n_words  # what is less than a word
    rows, n_found = np.empty(8 * (n_hits + np.uint64(2)), np.int64), np.uint64(0)
    for hit in range(n_hits + np.uint64(1)):
        row = np.uint64(hits[hit]) * np.uint64(8)
        for place in range(row, min(row + np.uint64(8), np.uint64(len(marks)))):
            rows[n_found] = np.int64(place) + first
            n_found += np.uint64(marks[place])
    return rows[:n_found].copy()


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
