"""Who met what, how often and how soon: a list of pairs, from which any table can be counted.

Fourfold tables need two counts of each item. Strata, doses, the first days, hazards and labels
that are permuted need to know who: one list of (unit, item), each pair once, made in one pass by
the same rules as `loyalty.count_exposures`, serves them all. Labels are permuted within strata by
Fisher and Yates' shuffle of random numbers that are handed over, so that a seed means the same
whoever runs it.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.loyalty import LOYAL
from journeygraph.kernels.tiny import USUAL_CODE_TYPES, read_only

__all__ = ["count_shuffled", "list_exposures", "warm"]


@numba.njit(nogil=True, cache=True)
def list_exposures(
    item_codes,
    at_us,
    journey_starts,
    journey_ends,
    journey_units,
    exposure_ends,
    states,
    window_us,
    n_items,
    repeated_code,
    least_state,
    first_at_us,
):
    """List each unit with each item that it met before its exposure ended.

    Parameters
    ----------
    item_codes, at_us, journey_starts, journey_ends, journey_units, exposure_ends
        As for `loyalty.count_exposures`; at most 2^31 units.
    states, window_us, n_items, repeated_code
        As for `loyalty.count_exposures`.
    least_state
        Units of this state and above are listed.
    first_at_us
        (n_units,) int64 moment from which the first meeting is counted.

    Returns
    -------
    units, items, times
        (n_pairs,) int32; `times` the unit met the item, a run of repeats being one time.
    after_us
        (n_pairs,) int64 from `first_at_us` to the first time that counts.

    Notes
    -----
    O(rows before the ends of exposure). A run that reaches into the window counts there.
    """
    n_most = _n_rows(
        journey_starts, journey_ends, journey_units, exposure_ends, states, least_state
    )
    units, items = np.empty(n_most, np.int32), np.empty(n_most, np.int32)
    times, after_us = np.empty(n_most, np.int32), np.empty(n_most, np.int64)
    places = np.full(n_items, -1, np.int64)
    n_pairs, unit_before, unit_place = 0, -1, 0
    for journey in range(len(journey_starts)):
        unit = journey_units[journey]
        if states[unit] < least_state:
            continue
        if unit != unit_before:
            unit_before, unit_place = unit, n_pairs
        begins_at = _begins_at(at_us, exposure_ends[unit], window_us)
        item, is_counted = np.int64(-1), True
        for row in range(journey_starts[journey], min(journey_ends[journey], exposure_ends[unit])):
            code = item_codes[row]
            if code < n_items:
                item, is_counted = np.int64(code), False
            if is_counted or (code >= n_items and code != repeated_code) or at_us[row] < begins_at:
                continue
            is_counted = True
            place = places[item]
            if place < unit_place:
                place, n_pairs = n_pairs, n_pairs + 1
                places[item] = place
                units[place], items[place], times[place] = unit, item, 0
                after_us[place] = at_us[row] - first_at_us[unit]
            times[place] += 1
    return (
        units[:n_pairs].copy(),
        items[:n_pairs].copy(),
        times[:n_pairs].copy(),
        after_us[:n_pairs].copy(),
    )


@numba.njit(nogil=True, cache=True)
def _n_rows(journey_starts, journey_ends, journey_units, exposure_ends, states, least_state):
    """Rows before the ends of exposure: there are no more pairs."""
    n_rows = 0
    for journey in range(len(journey_starts)):
        unit = journey_units[journey]
        if states[unit] >= least_state:
            end = min(journey_ends[journey], exposure_ends[unit])
            n_rows += max(0, end - journey_starts[journey])
    return n_rows


@numba.njit(nogil=True, cache=True)
def _begins_at(at_us, exposure_end, window_us):
    return np.int64(-(2**62)) if window_us < 0 else at_us[exposure_end] - window_us


@numba.njit(nogil=True, cache=True)
def count_shuffled(places, items, labels, stratum_starts, chances, n_items):
    """Count the labels of who met each item, after the labels are shuffled within strata.

    Parameters
    ----------
    places
        (n_pairs,) int32 place of the unit, where units stand stratum by stratum.
    items
        (n_pairs,) int32 codes in [0, n_items).
    labels
        (n_units,) uint8 0 or 1, in the order of places.
    stratum_starts
        (n_strata + 1,) int64.
    chances
        (n_units,) float64 random numbers in [0, 1).

    Returns
    -------
    (n_items,) int64.
    """
    shuffled = labels.copy()
    for stratum in range(len(stratum_starts) - 1):
        start = stratum_starts[stratum]
        for place in range(stratum_starts[stratum + 1] - 1, start, -1):
            other = start + int(chances[place] * (place - start + 1))
            shuffled[place], shuffled[other] = shuffled[other], shuffled[place]
    counts = np.zeros(n_items, np.int64)
    for pair in range(len(places)):
        counts[items[pair]] += np.int64(shuffled[places[pair]])
    return counts


def warm() -> None:
    """Compile for the types that a graph and journeys have."""
    rows, at_us = read_only([0]), read_only([0, 1])
    states = read_only([LOYAL], np.uint8)
    for dtype in USUAL_CODE_TYPES:
        codes = read_only([0, 0], dtype)
        list_exposures(codes, at_us, rows, rows, rows, rows, states, -1, 1, 255, LOYAL, rows)
    pairs = read_only([0], np.int32)
    count_shuffled(pairs, pairs, read_only([1], np.uint8), rows, read_only([0.5], np.float64), 1)
