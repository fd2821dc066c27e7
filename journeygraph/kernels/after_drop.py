"""What comes next, as far as a budget goes: so many items, or so much time."""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import USUAL_CODE_TYPES, read_only

__all__ = ["count_within_budgets", "find_budget_ends", "warm"]


@numba.njit(nogil=True, cache=True)
def find_budget_ends(
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
    anchors,
    n_next,
    within_us,
):
    """Find how far the budget of each unit goes behind its anchor.

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
    anchors
        (n_units,) int64 row of each unit of the block, -1 where it has none.
    n_next, within_us
        At most so many items, at most so long after the anchor (inclusive).

    Returns
    -------
    ends, found
        (n_units,) int64 behind the last row in the budget, 0 where there is none, and how many
        items are in it.
    """
    ends = np.zeros(unit_hi - unit_lo, np.int64)
    found = np.zeros(unit_hi - unit_lo, np.int64)
    for journey in range(journey_lo, journey_hi):
        unit = journey_units[journey] - unit_lo
        anchor = anchors[unit]
        if anchor < 0:
            continue
        for row in range(max(journey_starts[journey], anchor + 1), journey_ends[journey]):
            if found[unit] == n_next or at_us[row] - at_us[anchor] > within_us:
                break
            if item_codes[row] < n_items:
                found[unit] += 1
                ends[unit] = row + 1
    return ends, found


@numba.njit(nogil=True, cache=True)
def count_within_budgets(
    item_codes,
    n_items,
    journey_starts,
    journey_ends,
    journey_units,
    journey_lo,
    journey_hi,
    unit_lo,
    anchors,
    ends,
    groups,
):
    """Count the units of two groups that meet each item in their budget, each unit once.

    Parameters
    ----------
    anchors, ends
        (n_units,) int64 rows between which the budget of each unit lies, both exclusive.
    groups
        (n_units,) int8; 0 and 1 are counted. For the others see `find_budget_ends`.

    Returns
    -------
    counts
        (n_items, 2) int64 by item and group.
    """
    counts = np.zeros((n_items, 2), np.int64)
    last_units = np.full(n_items, -1, np.int64)
    for journey in range(journey_lo, journey_hi):
        unit = journey_units[journey] - unit_lo
        if groups[unit] < 0 or groups[unit] > 1:
            continue
        first = max(journey_starts[journey], anchors[unit] + 1)
        for row in range(first, min(journey_ends[journey], ends[unit])):
            item = item_codes[row]
            if item < n_items and last_units[item] != unit:
                last_units[item] = unit
                counts[item, groups[unit]] += 1
    return counts


def warm() -> None:
    """Compile for the types that views have."""
    zero, one, numbers = read_only([0]), read_only([1]), np.array([0])
    units = read_only([0], np.int32)
    for item_type in USUAL_CODE_TYPES:
        codes = read_only([0], item_type)
        find_budget_ends(codes, 1, zero, zero, one, units, 0, 1, 0, 1, numbers, 1, 1)
        groups = np.zeros(1, np.int8)
        count_within_budgets(codes, 1, zero, one, units, 0, 1, 0, numbers, numbers, groups)
