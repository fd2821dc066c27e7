"""Where each unit first meets one of some items, behind a place of its own: what clocks run by."""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import USUAL_CODE_TYPES, read_only

__all__ = ["find_first_behind", "warm"]


@numba.njit(nogil=True, cache=True)
def find_first_behind(
    item_codes,
    is_wanted,
    journey_starts,
    journey_ends,
    journey_units,
    journey_lo,
    journey_hi,
    unit_lo,
    unit_hi,
    behind,
):
    """Find the first row of each unit that is a wanted item and stands behind a given row.

    Parameters
    ----------
    item_codes
        (n_interactions,) item of each interaction; n_items and above are no items.
    is_wanted
        (n_items,) bool.
    journey_starts, journey_ends, journey_units
        (n_journeys,) rows where each journey begins and ends, and its unit, ascending.
    journey_lo, journey_hi, unit_lo, unit_hi
        The journeys and units of this block; the units of a block are whole.
    behind
        (n_units,) int64 by unit of the block: only later rows count; -1 for all.

    Returns
    -------
    rows
        (n_units,) int64; -1 where there is none.

    Notes
    -----
    O(interactions).
    """
    rows = np.full(unit_hi - unit_lo, -1, np.int64)
    n_items = len(is_wanted)
    for journey in range(journey_lo, journey_hi):
        unit = journey_units[journey] - unit_lo
        if rows[unit] >= 0:
            continue
        for row in range(max(journey_starts[journey], behind[unit] + 1), journey_ends[journey]):
            if item_codes[row] < n_items and is_wanted[item_codes[row]]:
                rows[unit] = row
                break
    return rows


def warm() -> None:
    """Compile for the types that views have."""
    zero, one, units = read_only([0]), read_only([1]), read_only([0], np.int32)
    for item_type in USUAL_CODE_TYPES:
        codes = read_only([0], item_type)
        find_first_behind(codes, np.ones(1, np.bool_), zero, one, units, 0, 1, 0, 1, np.array([-1]))
