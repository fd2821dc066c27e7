"""What a unit brought, and what a view holds altogether."""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import USUAL_CODE_TYPES, read_only

__all__ = ["mark_kept", "sum_values", "survey_rows", "warm"]

_MISSING = np.iinfo(np.int64).min


@numba.njit(nogil=True, cache=True)
def sum_values(starts, ends, value_minor):
    """Sum the values of ranges of rows; a missing value is nothing."""
    sums = np.zeros(len(starts), np.int64)
    for unit in range(len(starts)):
        for row in range(starts[unit], ends[unit]):
            if value_minor[row] != _MISSING:
                sums[unit] += value_minor[row]
    return sums


@numba.njit(nogil=True, cache=True)
def survey_rows(starts, ends, item_codes, n_items, repeated, at_us):
    """Count the interactions kept, those that repeat an item included.

    Parameters
    ----------
    starts, ends
        Rows of journeys.
    item_codes
        (n_interactions,) items below n_items; `repeated` extends an item; all else is not kept.
    at_us
        (n_interactions,) microseconds since the epoch.

    Returns
    -------
    n_kept, first_us, last_us
        The times are the largest and the smallest int64 where nothing is kept.
    """
    n_kept = 0
    first_us, last_us = np.int64(np.iinfo(np.int64).max), np.int64(_MISSING)
    for journey in range(len(starts)):
        for row in range(starts[journey], ends[journey]):
            if item_codes[row] < n_items or item_codes[row] == repeated:
                n_kept += 1
                first_us = min(first_us, at_us[row])
                last_us = max(last_us, at_us[row])
    return n_kept, first_us, last_us


@numba.njit(nogil=True, cache=True)
def mark_kept(starts, ends, item_codes, n_items, repeated, codes, seen):
    """Mark in `seen` (bool by code, written) the codes of the interactions kept."""
    for journey in range(len(starts)):
        for row in range(starts[journey], ends[journey]):
            if item_codes[row] < n_items or item_codes[row] == repeated:
                seen[codes[row]] = True


def warm() -> None:
    """Compile for the types that views have."""
    numbers = read_only([0])
    sum_values(numbers, numbers, numbers)
    for item_type in USUAL_CODE_TYPES:
        item_codes = read_only([0], item_type)
        survey_rows(numbers, numbers, item_codes, 1, 255, numbers)
        for code_type in USUAL_CODE_TYPES:
            codes = read_only([0], code_type)
            mark_kept(numbers, numbers, item_codes, 1, 255, codes, np.zeros(1, np.bool_))
