"""Every time a unit stands at an item, and what lies behind it in the unit's history."""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import CODE_TYPES, read_only

__all__ = [
    "MOST_POSITION",
    "are_any_at_most",
    "count_occasions",
    "find_later_rows",
    "find_marked_rows",
    "list_occasions",
    "moments_of",
    "sum_rows",
    "warm",
]

MOST_POSITION = 255
"""The position of all items that lie so far behind the begin of their journey, or further."""


@numba.njit(nogil=True, cache=True)
def count_occasions(item_codes, n_items, journey_starts, journey_ends):
    """How many items all journeys have; see `list_occasions`."""
    n_occasions = 0
    for journey in range(len(journey_starts)):
        for row in range(journey_starts[journey], journey_ends[journey]):
            n_occasions += item_codes[row] < n_items
    return n_occasions


@numba.njit(nogil=True, cache=True)
def list_occasions(
    item_codes, n_items, journey_starts, journey_ends, journey_units, at_us, within_us,
    rows, units, positions, items, next_items,
):  # fmt: skip
    """List the items of all journeys, in the order of their rows.

    Parameters
    ----------
    item_codes
        (n_interactions,) item of each interaction; n_items and above are no items.
    journey_starts, journey_ends, journey_units
        (n_journeys,) rows where each journey begins and ends, and its unit, ascending.
    at_us
        (n_interactions,) int64 microseconds, ascending in a journey.
    within_us
        How long after an item the next one counts; inclusive.
    rows, units, positions, items, next_items
        (n_occasions,) filled here, of any type that holds them: row, unit, position in the journey
        from 0 (`MOST_POSITION` at most), item, and the journey's next item, n_items where none
        comes in time.
    """
    occasion = 0
    for journey in range(len(journey_starts)):
        position = 0
        for row in range(journey_starts[journey], journey_ends[journey]):
            item = item_codes[row]
            if item < n_items:
                if position and at_us[row] - at_us[rows[occasion - 1]] <= within_us:
                    next_items[occasion - 1] = item
                rows[occasion], units[occasion] = row, journey_units[journey]
                positions[occasion] = min(position, MOST_POSITION)
                items[occasion], next_items[occasion] = item, n_items
                occasion += 1
                position += 1


@numba.njit(nogil=True, cache=True)
def moments_of(rows, at_us):
    """When each of some rows was, (n_rows,) int64; 32-bit rows are not copied for it."""
    found = np.empty(len(rows), np.int64)
    for place in range(len(rows)):
        found[place] = at_us[rows[place]]
    return found


@numba.njit(nogil=True, cache=True)
def find_later_rows(rows, units, unit_starts, unit_ends, at_us, later_us):
    """Find the first row of the unit that is later than so long after each occasion.

    Parameters
    ----------
    rows, units
        (n_occasions,) some of those of `list_occasions`: units ascend, and rows within a unit.
    unit_starts, unit_ends
        (n_units,) rows of each unit's whole history.
    at_us
        (n_interactions,) int64 microseconds, ascending in a history.
    later_us
        How long, 0 or more.

    Returns
    -------
    (n_occasions,) int64, behind the occasion's own row; the unit's end where nothing is later.

    Notes
    -----
    O(n_interactions): no row is looked at twice, however long it is.
    """
    found = np.empty(len(rows), np.int64)
    unit, row = np.int64(-1), np.int64(0)
    for occasion in range(len(rows)):
        if units[occasion] != unit:
            unit = np.int64(units[occasion])
            row = np.int64(unit_starts[unit])
        row = max(row, np.int64(rows[occasion]) + 1)
        until_us = at_us[rows[occasion]] + later_us
        while row < unit_ends[unit] and at_us[row] <= until_us:
            row += 1
        found[occasion] = row
    return found


@numba.njit(nogil=True, cache=True)
def find_marked_rows(starts, ends, are_marked):
    """The first marked row of each range of rows, (n_ranges,) int64; -1 where none is.

    O(rows up to it): cheap where ranges do not overlap, as those of units do not.
    """
    found = np.full(len(starts), -1, np.int64)
    for place in range(len(starts)):
        for row in range(starts[place], ends[place]):
            if are_marked[row]:
                found[place] = row
                break
    return found


@numba.njit(nogil=True, cache=True)
def are_any_at_most(starts, ends, codes, most):
    """Whether a row of each range has a code of at most so much, (n_ranges,) bool."""
    found = np.zeros(len(starts), np.bool_)
    for place in range(len(starts)):
        for row in range(starts[place], ends[place]):
            if codes[row] <= most:
                found[place] = True
                break
    return found


@numba.njit(nogil=True, cache=True)
def sum_rows(starts, ends, numbers, missing):
    """The sum of each range of rows, (n_ranges,) int64; `missing` counts nothing."""
    found = np.zeros(len(starts), np.int64)
    for place in range(len(starts)):
        for row in range(starts[place], ends[place]):
            if numbers[row] != missing:
                found[place] += numbers[row]
    return found


def warm() -> None:
    """Compile for the types that views have."""
    zero, one, units = read_only([0]), read_only([1]), read_only([0], np.int32)
    rows, of, positions = np.zeros(1, np.int32), np.zeros(1, np.int32), np.zeros(1, np.uint8)
    begins = np.zeros(1, np.int64)
    for item_type in CODE_TYPES:
        codes, filled = read_only([0], item_type), np.zeros(1, item_type)
        count_occasions(codes, 1, zero, one)
        list_occasions(
            codes, 1, zero, one, units, zero, 1, rows, of, positions, filled, filled.copy()
        )
    for some in (rows, begins):
        moments_of(some, zero)
    find_later_rows(begins, of, zero, one, zero, 1)
    find_marked_rows(begins, begins, read_only([False], np.bool_))
    are_any_at_most(begins, begins, read_only([0], np.uint8), 1)
    sum_rows(begins, begins, zero, 1)
