"""Every time a unit stands at an item, and where in its history so much time has passed since."""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import CODE_TYPES, read_only

__all__ = ["find_later_rows", "list_occasions", "warm"]


@numba.njit(nogil=True, cache=True)
def list_occasions(item_codes, n_items, journey_starts, journey_ends, journey_units):
    """List the items of all journeys, in the order of their rows.

    Parameters
    ----------
    item_codes
        (n_interactions,) item of each interaction; n_items and above are no items.
    journey_starts, journey_ends, journey_units
        (n_journeys,) rows where each journey begins and ends, and its unit, ascending.

    Returns
    -------
    rows, units, positions
        (n_occasions,) int64; the position within the journey, from 0.
    next_rows
        (n_occasions,) int64, the row of the next item of the journey; -1 where it is the last.
    """
    room = 0
    for journey in range(len(journey_starts)):
        for row in range(journey_starts[journey], journey_ends[journey]):
            room += item_codes[row] < n_items
    rows, units = np.empty(room, np.int64), np.empty(room, np.int64)
    positions, next_rows = np.empty(room, np.int64), np.full(room, -1, np.int64)
    occasion = 0
    for journey in range(len(journey_starts)):
        position = 0
        for row in range(journey_starts[journey], journey_ends[journey]):
            if item_codes[row] < n_items:
                rows[occasion], units[occasion] = row, journey_units[journey]
                positions[occasion] = position
                if position:
                    next_rows[occasion - 1] = row
                occasion += 1
                position += 1
    return rows, units, positions, next_rows


@numba.njit(nogil=True, cache=True)
def find_later_rows(rows, units, unit_starts, unit_ends, at_us, later_us):
    """Find the first row of the unit that is later than so long after each occasion.

    Parameters
    ----------
    rows, units
        (n_occasions,) int64, as from `list_occasions`: units ascend, and rows within a unit.
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
            unit = units[occasion]
            row = unit_starts[unit]
        row = max(row, rows[occasion] + 1)
        until_us = at_us[rows[occasion]] + later_us
        while row < unit_ends[unit] and at_us[row] <= until_us:
            row += 1
        found[occasion] = row
    return found


def warm() -> None:
    """Compile for the types that views have."""
    zero, one, units = read_only([0]), read_only([1]), read_only([0], np.int32)
    rows = np.zeros(1, np.int64)
    for item_type in CODE_TYPES:
        list_occasions(read_only([0], item_type), 1, zero, one, units)
    find_later_rows(rows, rows, zero, one, zero, 1)
