"""Who stayed loyal, and what they had met before: one pass over the rows of each unit.

A unit is judged on the whole history of its customer after the index row; what it was exposed to
is read from the items of the view before that row, so that no exposure can follow the outcome.
Each unit counts once for each item: an array with the row where an item was last met says so
without being cleared, whether there are ten items or sixty thousand. Whether it was met before
cannot be foreseen, so nothing branches on it: a unit that has adds nothing. (A number chosen by a
condition is made a branch again by the compiler; a condition that is the number is not.)
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import USUAL_CODE_TYPES, read_only

__all__ = [
    "CENSORED",
    "LOYAL",
    "NOT_ELIGIBLE",
    "NOT_LOYAL",
    "count_exposures",
    "count_states",
    "find_exposed",
    "judge_activity",
    "judge_gaps",
    "judge_repeats",
    "measure_exposures",
    "warm",
]

NOT_ELIGIBLE = 0
CENSORED = 1
NOT_LOYAL = 2
LOYAL = 3

_CUSTOMER = 1  # the initiator's code; 0 is "not said"


@numba.njit(nogil=True, cache=True)
def judge_repeats(index_rows, row_ends, outcome_rows, at_us, horizon_us, as_of_us):
    """Judge who had another outcome in (index, index + horizon].

    Parameters
    ----------
    index_rows
        (n_units,) int64 row of the index event, -1 where there is none.
    row_ends
        (n_units,) int64 row where the history of the unit's customer ends, itself not included.
    outcome_rows
        (n_outcomes,) int64 ascending rows that are the outcome.
    at_us
        (n_interactions,) int64 microseconds, ascending within a customer.
    horizon_us, as_of_us
        A unit whose index + horizon is after `as_of_us` is censored, whatever it did.

    Returns
    -------
    (n_units,) uint8: NOT_ELIGIBLE, CENSORED, NOT_LOYAL or LOYAL.
    """
    states = np.empty(len(index_rows), np.uint8)
    place = 0
    for unit in range(len(index_rows)):
        index_row = index_rows[unit]
        states[unit] = _state_before_judging(index_row, at_us, horizon_us, as_of_us)
        if states[unit] == NOT_LOYAL:
            if place == 0 or outcome_rows[place - 1] > index_row:
                place = np.searchsorted(outcome_rows, index_row)
            while place < len(outcome_rows) and outcome_rows[place] <= index_row:
                place += 1
            if _comes_again(
                at_us[index_row], row_ends[unit], outcome_rows, place, at_us, horizon_us
            ):
                states[unit] = LOYAL
    return states


@numba.njit(nogil=True, cache=True)
def _state_before_judging(index_row, at_us, horizon_us, as_of_us):
    if index_row < 0:
        return NOT_ELIGIBLE
    return CENSORED if at_us[index_row] + horizon_us > as_of_us else NOT_LOYAL


@numba.njit(nogil=True, cache=True)
def _comes_again(index_at, row_end, outcome_rows, place, at_us, horizon_us):
    while place < len(outcome_rows) and outcome_rows[place] < row_end:
        at = at_us[outcome_rows[place]]
        if at > index_at:
            return at <= index_at + horizon_us
        place += 1
    return False


@numba.njit(nogil=True, cache=True)
def judge_activity(index_rows, row_ends, at_us, initiators, horizon_us, inactivity_us, as_of_us):
    """Judge whose customer began an interaction in the last `inactivity_us` of the horizon.

    That is after index + horizon - inactivity, and after the index in any case.

    Parameters
    ----------
    index_rows, row_ends, at_us, horizon_us, as_of_us
        As for `judge_repeats`.
    initiators
        (n_interactions,) uint8 codes; 0 (not said) and 1 (the customer) count.

    Returns
    -------
    (n_units,) uint8, as of `judge_repeats`.
    """
    states = np.empty(len(index_rows), np.uint8)
    for unit in range(len(index_rows)):
        index_row = index_rows[unit]
        states[unit] = _state_before_judging(index_row, at_us, horizon_us, as_of_us)
        if states[unit] == NOT_LOYAL:
            end = at_us[index_row] + horizon_us
            begin = max(at_us[index_row], end - inactivity_us)
            for row in range(index_row + 1, row_ends[unit]):
                if at_us[row] > end:
                    break
                if at_us[row] > begin and initiators[row] <= _CUSTOMER:
                    states[unit] = LOYAL
                    break
    return states


@numba.njit(nogil=True, cache=True)
def judge_gaps(index_rows, row_ends, at_us, horizon_us, inactivity_us, as_of_us):
    """Judge who was never away for longer than `inactivity_us` from the index to the horizon.

    Parameters
    ----------
    index_rows, row_ends, at_us, horizon_us, as_of_us
        As for `judge_activity`.

    Returns
    -------
    (n_units,) uint8, as of `judge_repeats`.
    """
    states = np.empty(len(index_rows), np.uint8)
    for unit in range(len(index_rows)):
        index_row = index_rows[unit]
        states[unit] = _state_before_judging(index_row, at_us, horizon_us, as_of_us)
        if states[unit] == NOT_LOYAL:
            end = at_us[index_row] + horizon_us
            last = at_us[index_row]
            for row in range(index_row + 1, row_ends[unit]):
                at = at_us[row]
                if at > end or at - last > inactivity_us:
                    break
                last = at
            if end - last <= inactivity_us:
                states[unit] = LOYAL
    return states


@numba.njit(nogil=True, cache=True)
def measure_exposures(first_rows, end_rows, n_before, at_us, window_us, elapsed_us):
    """Measure how long units were exposed.

    Parameters
    ----------
    first_rows
        (n_units,) int64 row of the first interaction of each unit's customer; one behind all rows
        stands for the last.
    end_rows, n_before
        (n_units,) int64; exposure ends so many rows before.
    at_us
        (n_interactions,) int64 microseconds.
    window_us
        The longest that counts; -1 for no window.
    elapsed_us
        (n_units,) int64, written: microseconds, 0 where exposure ends before row 0.
    """
    longest_us = window_us if window_us >= 0 else np.iinfo(np.int64).max
    last_row = len(at_us) - 1
    for unit in range(np.uint64(len(first_rows))):
        end, first = end_rows[unit] - n_before, min(first_rows[unit], last_row)
        us = at_us[np.uint64(max(end, 0))] - at_us[np.uint64(first)]
        elapsed_us[unit] = min(us, longest_us) if end >= 0 else 0


@numba.njit(nogil=True, cache=True)
def count_states(states, lengths):
    """Count units by state, and sum their lengths: (4,) int64 each."""
    counts, summed = np.zeros(LOYAL + 1, np.int64), np.zeros(LOYAL + 1, np.int64)
    for unit in range(np.uint64(len(states))):
        state = np.uint64(states[unit])
        counts[state] += 1
        summed[state] += lengths[unit]
    return counts, summed


@numba.njit(nogil=True, cache=True)
def count_exposures(
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
    lengths,
):
    """Count, for each item, the judged units that met it before their exposure ended.

    Parameters
    ----------
    item_codes
        (n_interactions,) unsigned; `repeated_code` extends the item before it, any other code
        of n_items or more is no item.
    at_us
        (n_interactions,) int64 microseconds, ascending within a customer.
    journey_starts, journey_ends, journey_units
        (n_journeys,) int64 rows of each journey, and its unit, ascending.
    exposure_ends
        (n_units,) int64 row where exposure ends, itself not included; read for judged units.
    states
        (n_units,) uint8; only NOT_LOYAL and LOYAL are judged.
    window_us
        Exposure begins so long before the moment of row `exposure_ends`; -1 for no window.
    n_items, repeated_code
        Of the view.
    lengths
        (n_units,) int64 how long each unit was exposed, in any unit of time.

    Returns
    -------
    exposed, exposed_loyal
        (n_items,) int64 units.
    summed_lengths
        (n_items,) int64 of the exposed.

    Notes
    -----
    O(rows before the ends of exposure). A run of one item that reaches into the window counts.
    """
    counts = np.zeros((2, n_items + 1), np.int64)  # of the others, and of the loyal
    last_rows = np.full(n_items + 1, -1, np.int64)
    summed = np.zeros(n_items + 1, np.int64)
    no_item = np.uint64(n_items)
    unit_before, unit_start = np.int64(-1), np.int64(0)
    for journey in range(len(journey_starts)):
        unit = journey_units[journey]
        if states[unit] < NOT_LOYAL:
            continue
        start, end = journey_starts[journey], min(journey_ends[journey], exposure_ends[unit])
        if unit != unit_before:
            unit_before, unit_start = unit, start
        added_to, length = counts[np.uint64(states[unit] == LOYAL)], lengths[unit]
        begin = _begin_of_exposure(at_us, start, end, exposure_ends[unit], window_us)
        if start < begin < end:
            item = _item_under_way(item_codes, start, begin, end, n_items, repeated_code)
            is_new = np.int64(last_rows[item] < unit_start)
            added_to[item] += is_new
            summed[item] += is_new * length
            last_rows[item] = begin
        for row in range(np.uint64(begin), np.uint64(end)):
            item = min(np.uint64(item_codes[row]), no_item)
            is_new = np.int64(last_rows[item] < unit_start)
            added_to[item] += is_new
            summed[item] += is_new * length
            last_rows[item] = np.int64(row)
    exposed = counts[0, :n_items] + counts[1, :n_items]
    return exposed, counts[1, :n_items].copy(), summed[:n_items].copy()


@numba.njit(nogil=True, cache=True)
def _item_under_way(item_codes, start, begin, end, n_items, repeated_code):
    """The item before row `begin` where the first interaction kept from there extends it."""
    row = begin
    while row < end and item_codes[row] >= n_items and item_codes[row] != repeated_code:
        row += 1
    if row == end or item_codes[row] != repeated_code:
        return n_items
    while row > start:
        row -= 1
        if item_codes[row] < n_items:
            return np.int64(item_codes[row])
    return n_items


@numba.njit(nogil=True, cache=True)
def find_exposed(
    wanted,
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
):
    """Find the judged units that met one item before their exposure ended.

    Parameters
    ----------
    wanted
        Code of the item.
    item_codes, at_us, journey_starts, journey_ends, journey_units, exposure_ends
        As for `count_exposures`.
    states, window_us, n_items, repeated_code
        As for `count_exposures`.

    Returns
    -------
    (n_units,) bool.
    """
    found = np.zeros(len(states), np.bool_)
    for journey in range(len(journey_starts)):
        unit = journey_units[journey]
        if states[unit] < NOT_LOYAL:
            continue
        start, end = journey_starts[journey], min(journey_ends[journey], exposure_ends[unit])
        begin = _begin_of_exposure(at_us, start, end, exposure_ends[unit], window_us)
        item = np.int64(-1)
        for row in range(start, end):
            code = item_codes[row]
            if code < n_items:
                item = np.int64(code)
            elif code != repeated_code:
                continue
            if row >= begin and item == wanted:
                found[unit] = True
                break
    return found


@numba.njit(nogil=True, cache=True)
def _begin_of_exposure(at_us, start, end, index_row, window_us):
    if window_us < 0 or end <= start:
        return start
    return start + np.searchsorted(at_us[start:end], at_us[index_row] - window_us)


def warm() -> None:
    """Compile for the types that a graph and journeys have."""
    rows, at_us = read_only([0]), read_only([0, 1])
    states = read_only([LOYAL], np.uint8)
    judge_repeats(rows, rows, rows, at_us, 1, 1)
    judge_activity(rows, rows, at_us, read_only([0, 0], np.uint8), 1, 1, 1)
    judge_gaps(rows, rows, at_us, 1, 1, 1)
    measure_exposures(rows, rows, 0, at_us, -1, np.zeros(1, np.int64))
    count_states(states, rows)
    for dtype in USUAL_CODE_TYPES:
        codes = read_only([0, 0], dtype)
        count_exposures(codes, at_us, rows, rows, rows, rows, states, -1, 1, 255, rows)
        find_exposed(0, codes, at_us, rows, rows, rows, rows, states, -1, 1, 255)
