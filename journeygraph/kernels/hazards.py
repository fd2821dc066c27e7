"""What came after the index event: how soon it happened, or how long nobody saw it; what was spent.

Unlike a judgement, which needs the whole horizon, a time can be cut short: whoever was watched
for a part of the horizon counts for that part. So units that are judged censored add to it.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import read_only

__all__ = ["sum_values_after", "time_gaps", "time_repeats", "warm"]

_MISSING = np.iinfo(np.int64).min


@numba.njit(nogil=True, cache=True)
def time_repeats(index_rows, row_ends, outcome_rows, at_us, horizon_us, as_of_us):
    """Time the next outcome in (index, index + horizon].

    Parameters
    ----------
    index_rows, row_ends, outcome_rows, at_us, horizon_us, as_of_us
        As for `loyalty.judge_repeats`.

    Returns
    -------
    durations_us
        (n_units,) int64 from the index to the event, or to where nobody looks any more: the end
        of the horizon, or `as_of_us`; -1 without an index.
    are_events
        (n_units,) bool.
    """
    durations_us = np.full(len(index_rows), -1, np.int64)
    are_events = np.zeros(len(index_rows), np.bool_)
    for unit in range(len(index_rows)):
        index_row = index_rows[unit]
        if index_row < 0:
            continue
        index_at = at_us[index_row]
        durations_us[unit] = max(0, min(horizon_us, as_of_us - index_at))
        place = np.searchsorted(outcome_rows, index_row)
        while place < len(outcome_rows) and outcome_rows[place] < row_ends[unit]:
            elapsed_us = at_us[outcome_rows[place]] - index_at
            if elapsed_us > 0:
                if elapsed_us <= durations_us[unit]:
                    durations_us[unit], are_events[unit] = elapsed_us, True
                break
            place += 1
    return durations_us, are_events


@numba.njit(nogil=True, cache=True)
def time_gaps(index_rows, row_ends, at_us, horizon_us, inactivity_us, as_of_us):
    """Time when a unit had been away for `inactivity_us` and stayed away for longer.

    Parameters
    ----------
    index_rows, row_ends, at_us, horizon_us, inactivity_us, as_of_us
        As for `loyalty.judge_gaps`.

    Returns
    -------
    durations_us, are_events
        As of `time_repeats`; the event is the end of `inactivity_us` of absence.
    """
    durations_us = np.full(len(index_rows), -1, np.int64)
    are_events = np.zeros(len(index_rows), np.bool_)
    for unit in range(len(index_rows)):
        index_row = index_rows[unit]
        if index_row < 0:
            continue
        index_at = at_us[index_row]
        durations_us[unit] = max(0, min(horizon_us, as_of_us - index_at))
        end = index_at + durations_us[unit]
        last = index_at
        for row in range(index_row + 1, row_ends[unit]):
            if at_us[row] > end or at_us[row] - last > inactivity_us:
                break
            last = at_us[row]
        if end - last > inactivity_us:
            durations_us[unit], are_events[unit] = last + inactivity_us - index_at, True
    return durations_us, are_events


@numba.njit(nogil=True, cache=True)
def sum_values_after(index_rows, row_ends, at_us, value_minor, horizon_us):
    """Sum what each unit brought in (index, index + horizon].

    Parameters
    ----------
    index_rows, row_ends, at_us, horizon_us
        As for `time_repeats`.
    value_minor
        (n_interactions,) int64, the least int64 where there is none.

    Returns
    -------
    (n_units,) int64; 0 without an index.
    """
    sums = np.zeros(len(index_rows), np.int64)
    for unit in range(len(index_rows)):
        index_row = index_rows[unit]
        if index_row < 0:
            continue
        for row in range(index_row + 1, row_ends[unit]):
            if at_us[row] - at_us[index_row] > horizon_us:
                break
            if at_us[row] > at_us[index_row] and value_minor[row] != _MISSING:
                sums[unit] += value_minor[row]
    return sums


def warm() -> None:
    """Compile for the types that the statistics hand over."""
    rows, at_us = read_only([0]), read_only([0, 1])
    time_repeats(rows, rows, rows, at_us, 1, 1)
    time_gaps(rows, rows, at_us, 1, 1, 1)
    sum_values_after(rows, rows, at_us, at_us, 1)
