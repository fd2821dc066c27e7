"""At which place units are last seen: the how-manyeth item, or how long after the first."""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import USUAL_CODE_TYPES, read_only

__all__ = ["find_last_places", "list_meetings", "warm"]


@numba.njit(nogil=True, cache=True)
def find_last_places(
    item_codes,
    n_items,
    at_us,
    journey_starts,
    journey_ends,
    journey_units,
    journey_lo,
    journey_hi,
    unit_lo,
    unit_hi,
    width_us,
):
    """Find the last item of each unit, and its place, counted from 0.

    Parameters
    ----------
    item_codes
        (n_interactions,) item of each interaction; n_items and above are no items.
    at_us
        (n_interactions,) microseconds since the epoch.
    journey_starts, journey_ends, journey_units
        (n_journeys,) rows where each journey begins and ends, and its unit, ascending.
    journey_lo, journey_hi, unit_lo, unit_hi
        The journeys and units of this block; the units of a block are whole.
    width_us
        How long a place is, from the unit's first item on; 0 where each item is a place.

    Returns
    -------
    last_places, last_items
        (n_units,) int64; -1 where a unit has no item.
    """
    last_items = np.full(unit_hi - unit_lo, -1, np.int64)
    last_places = np.full(unit_hi - unit_lo, -1, np.int64)
    starts_us = np.zeros(unit_hi - unit_lo, np.int64)
    for journey in range(journey_lo, journey_hi):
        unit = journey_units[journey] - unit_lo
        for row in range(journey_starts[journey], journey_ends[journey]):
            if item_codes[row] < n_items:
                last_items[unit] = item_codes[row]
                if last_places[unit] < 0:
                    starts_us[unit] = at_us[row]
                if width_us:
                    last_places[unit] = (at_us[row] - starts_us[unit]) // width_us
                else:
                    last_places[unit] += 1
    return last_places, last_items


@numba.njit(nogil=True, cache=True)
def list_meetings(
    item_codes,
    is_wanted,
    at_us,
    journey_starts,
    journey_ends,
    journey_units,
    journey_lo,
    journey_hi,
    width_us,
):
    """List where units meet one of some items: the unit and the place, in order.

    Parameters
    ----------
    is_wanted
        (n_items,) bool, which items; see `find_last_places` for all else.

    Returns
    -------
    units, places
        (n_meetings,) int64; a unit that meets them twice at a place is listed twice.
    """
    n_items = len(is_wanted)
    room = 0
    for journey in range(journey_lo, journey_hi):
        for row in range(journey_starts[journey], journey_ends[journey]):
            room += item_codes[row] < n_items and is_wanted[item_codes[row]]
    units, places = np.empty(room, np.int64), np.empty(room, np.int64)
    n_meetings = 0
    last_unit = place = start_us = np.int64(-1)
    for journey in range(journey_lo, journey_hi):
        unit = np.int64(journey_units[journey])
        for row in range(journey_starts[journey], journey_ends[journey]):
            if item_codes[row] < n_items:
                if unit != last_unit:
                    last_unit, place, start_us = unit, np.int64(-1), at_us[row]
                place = (at_us[row] - start_us) // width_us if width_us else place + 1
                if is_wanted[item_codes[row]]:
                    units[n_meetings], places[n_meetings] = unit, place
                    n_meetings += 1
    return units, places


def warm() -> None:
    """Compile for the types that views have."""
    zero, one, units = read_only([0]), read_only([1]), read_only([0], np.int32)
    for item_type in USUAL_CODE_TYPES:
        codes = read_only([0], item_type)
        find_last_places(codes, 1, zero, zero, one, units, 0, 1, 0, 1, 1)
        list_meetings(codes, np.ones(1, np.bool_), zero, zero, one, units, 0, 1, 1)
