"""Which items units meet, and at which they are last seen."""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.chunks import CHUNK, JOURNEY, LEAD, empty_chunk, first_state, read_chunk
from journeygraph.kernels.tiny import read_only

__all__ = ["survey_visits", "warm"]

_LEAD = np.uint64(LEAD)


@numba.njit(nogil=True, cache=True)
def survey_visits(
    code_bytes,
    width,
    n_items,
    journey_starts,
    journey_ends,
    journey_lo,
    journey_hi,
    journey_units,
    unit_lo,
    unit_hi,
):
    """Count for each item the units that meet it, each once, and find the last item of each unit.

    Parameters
    ----------
    code_bytes, width
        Codes of the items of each interaction as bytes, and how many make a code: 1, 2 or 4;
        n_items and above are no items.
    journey_starts, journey_ends, journey_units
        (n_journeys,) rows where each journey begins and ends, and its unit, ascending.
    journey_lo, journey_hi
        The journeys of this block; the units of a block are whole.
    unit_lo, unit_hi
        The units of these journeys.

    Returns
    -------
    visits, last_items
        (n_items,) int64 units; (n_units,) int64 item, -1 where a unit has none.

    Notes
    -----
    O(interactions + items). No branch asks where a unit begins: it would be guessed wrong.
    """
    cells = np.zeros((n_items, 2), np.int64)  # units, and the last of them, from 1
    last_items = np.full(unit_hi - unit_lo + 1, -1, np.int64)
    marks = np.zeros(CHUNK, np.int64)
    items, rows, begins = empty_chunk()
    state = first_state(journey_starts, journey_lo, journey_hi)
    journeys = journey_starts, journey_ends, journey_lo, journey_hi
    unit = np.int64(0)
    n_kept = 0
    while n_kept >= 0:
        n_kept, n_begins = read_chunk(
            code_bytes, width, n_items, *journeys, state, items, rows, begins
        )
        for number in range(n_begins):
            marks[begins[number]] = journey_units[state[JOURNEY] + number] - unit_lo + 1
        for place in range(np.uint64(max(n_kept, 0))):
            mark = marks[place]
            marks[place] = 0
            unit = mark if mark else unit
            item = np.uint64(items[place + _LEAD])
            cells[item, 0] += np.int64(cells[item, 1] != unit)
            cells[item, 1] = unit
            last_items[np.uint64(unit)] = np.int64(item)
    return cells[:, 0].copy(), last_items[1:]


def warm() -> None:
    """Compile for the types that views have."""
    zero, one = read_only([0]), read_only([1])
    units = read_only([0], np.int32)
    survey_visits(read_only([0], np.uint8), 1, 1, zero, one, 0, 1, units, 0, 1)
