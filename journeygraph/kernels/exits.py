"""Which items units meet, and at which they are last seen."""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import CODE_TYPES, read_only

__all__ = ["count_visits", "find_last_items", "find_visitors", "warm"]


@numba.njit(nogil=True, cache=True)
def count_visits(
    item_codes, n_items, journey_starts, journey_ends, journey_units, journey_lo, journey_hi
):
    """Count for each item the units that meet it, each unit once.

    Parameters
    ----------
    item_codes
        (n_interactions,) item of each interaction; n_items and above are no items.
    journey_starts, journey_ends, journey_units
        (n_journeys,) rows where each journey begins and ends, and its unit, ascending.
    journey_lo, journey_hi
        The journeys of this block; the units of a block are whole.

    Returns
    -------
    visits
        (n_items,) int64.

    Notes
    -----
    O(interactions + items).
    """
    visits = np.zeros(n_items, np.int64)
    last_visitors = np.full(n_items, -1, np.int64)
    for journey in range(journey_lo, journey_hi):
        unit = journey_units[journey]
        for row in range(journey_starts[journey], journey_ends[journey]):
            item = item_codes[row]
            if item < n_items and last_visitors[item] != unit:
                last_visitors[item] = unit
                visits[item] += 1
    return visits


@numba.njit(nogil=True, cache=True)
def find_last_items(
    item_codes,
    n_items,
    journey_starts,
    journey_ends,
    journey_units,
    journey_lo,
    journey_hi,
    unit_lo,
    unit_hi,
):
    """Find the item at which each unit is last seen.

    Parameters
    ----------
    unit_lo, unit_hi
        The units whose journeys are journey_lo to journey_hi; for the others see `count_visits`.

    Returns
    -------
    last_items
        (n_units,) int64; -1 where a unit has no item.
    """
    last_items = np.full(unit_hi - unit_lo, -1, np.int64)
    for journey in range(journey_lo, journey_hi):
        for row in range(journey_ends[journey] - 1, journey_starts[journey] - 1, -1):
            item = item_codes[row]
            if item < n_items:
                last_items[journey_units[journey] - unit_lo] = item
                break
    return last_items


@numba.njit(nogil=True, cache=True)
def find_visitors(
    item_codes,
    journey_starts,
    journey_ends,
    journey_units,
    journey_lo,
    journey_hi,
    unit_lo,
    unit_hi,
    item,
):
    """Find the units that meet one item.

    Returns
    -------
    is_visitor
        (n_units,) bool.
    """
    is_visitor = np.zeros(unit_hi - unit_lo, np.bool_)
    for journey in range(journey_lo, journey_hi):
        for row in range(journey_starts[journey], journey_ends[journey]):
            if item_codes[row] == item:
                is_visitor[journey_units[journey] - unit_lo] = True
                break
    return is_visitor


def warm() -> None:
    """Compile for the types that views have."""
    zero, one = read_only([0]), read_only([1])
    for item_type in CODE_TYPES:
        item_codes = read_only([0], item_type)
        count_visits(item_codes, 1, zero, one, zero, 0, 1)
        find_last_items(item_codes, 1, zero, one, zero, 0, 1, 0, 1)
        find_visitors(item_codes, zero, one, zero, 0, 1, 0, 1, 0)
