"""The rows of journeys that are an item or repeat one: one pass, whatever the view left out."""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import read_only

__all__ = ["list_item_rows", "warm"]


@numba.njit(nogil=True, cache=True)
def list_item_rows(
    codes,
    first_row,
    n_items,
    repeated_code,
    journey_starts,
    journey_ends,
    journey_units,
    journey_lo,
    journey_hi,
):
    """List the rows of some journeys that are an item or repeat the one before, and whose they are.

    Parameters
    ----------
    codes
        uint32 item codes from row `first_row` on, at least to the end of the last journey;
        `repeated_code` extends the item before it, any other code of n_items or more is no item.
    journey_starts, journey_ends, journey_units
        (n_journeys,) rows where each journey begins and ends, and its unit.
    journey_lo, journey_hi
        The journeys to list.

    Returns
    -------
    rows, anchors, units, numbers
        (n,) int64 each: rows, ascending; the row of the item that each is or repeats; the unit;
        and the journey.
    """
    n_rows = 0
    for journey in range(journey_lo, journey_hi):
        n_rows += journey_ends[journey] - journey_starts[journey]
    rows, anchors = np.empty(n_rows + 1, np.int64), np.empty(n_rows + 1, np.int64)
    units, numbers = np.empty(n_rows + 1, np.int64), np.empty(n_rows + 1, np.int64)
    n_listed = np.uint64(0)
    for journey in range(journey_lo, journey_hi):
        anchor, unit = journey_starts[journey], np.int64(journey_units[journey])
        for row in range(anchor, journey_ends[journey]):
            code = codes[row - first_row]
            is_item = code < n_items
            anchor = row if is_item else anchor
            rows[n_listed], anchors[n_listed] = row, anchor
            units[n_listed], numbers[n_listed] = unit, journey
            n_listed += np.uint64(is_item | (code == repeated_code))
    return rows[:n_listed], anchors[:n_listed], units[:n_listed], numbers[:n_listed]


def warm() -> None:
    """Compile for the types that journeys have."""
    rows, units = read_only([0]), read_only([0], np.int32)
    codes = np.zeros(1, np.uint32)
    list_item_rows(codes, 0, 1, 3, rows, read_only([1]), units, 0, 1)
