"""Which runs of `length` items occur, how often, and in how many units: packed into whole numbers.

Where the codes of a run fit into 64 bits, the run *is* a number, and nothing has to be compared
or verified. The last item of a run is uppermost, the first lowest. Few possible numbers are counted
here, in a table of all of them; many are sorted (`ngram_buckets`).
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.chunks import CHUNK, JOURNEY, LEAD, empty_chunk, first_state, read_chunk
from journeygraph.kernels.tiny import read_only

__all__ = ["count_in_table", "roll", "rolling_room", "warm"]

_LEAD = np.uint64(LEAD)


@numba.njit(nogil=True, cache=True)
def rolling_room(n_items, n_bits, length):
    """Room for the runs of a chunk and their units, marks of begins, and what is carried on."""
    marks = np.zeros(CHUNK, np.uint32)
    keys, units = np.empty(CHUNK, np.uint64), np.empty(CHUNK, np.uint32)
    carried = np.zeros(3, np.uint64)  # the last run, its unit, and one of nothing but paddings
    for _ in range(length):
        carried[2] = (carried[2] << np.uint64(n_bits)) | np.uint64(n_items)
    return marks, keys, units, carried


@numba.njit(nogil=True, cache=True)
def roll(items, n_kept, begins, n_begins, journey, journey_units, first_unit, n_bits, length, room):
    """Write down the run that ends with each item of a chunk, and its unit + 1.

    What of a run is before the journey is padding. No branch asks where a journey begins: it
    would be guessed wrong every time.
    """
    marks, keys, units, carried = room
    for number in range(n_begins):
        marks[begins[number]] = journey_units[journey + number] - first_unit + 1
    key, unit, pads = carried[0], np.uint32(carried[1]), carried[2]
    shift, top = np.uint64(n_bits), np.uint64(n_bits * (length - 1))
    for place in range(np.uint64(n_kept)):
        mark = marks[place]
        key = pads if mark else key
        unit = mark if mark else unit
        key = (key >> shift) | (np.uint64(items[place + _LEAD]) << top)
        keys[place] = key
        units[place] = unit
        marks[place] = 0
    carried[0], carried[1] = key, unit


@numba.njit(nogil=True, cache=True)
def count_in_table(
    code_bytes,
    width,
    n_items,
    journey_starts,
    journey_ends,
    journey_lo,
    journey_hi,
    journey_units,
    length,
    n_bits,
):
    """Count the runs of `length` items in a table of all possible ones.

    Parameters
    ----------
    code_bytes, width
        Codes of the items of each interaction as bytes, and how many make a code: 1, 2 or 4;
        n_items and above are no items.
    journey_starts, journey_ends, journey_units
        (n_journeys,) rows where each journey begins and ends, and its unit, ascending.
    journey_lo, journey_hi
        The journeys of this block; the units of a block are whole.
    n_bits
        Bits of an item's code, n_items included, which stands for none; a run is its codes side
        by side, the last uppermost.

    Returns
    -------
    cells
        (2 ** (length * n_bits), 4) uint32: occurrences, units, the last of these units + 1, counted
        from the first of the block, and nothing.

    Notes
    -----
    O(interactions + cells). The measures of a cell share a cache line.
    """
    n_cells = 1 << (length * n_bits)
    cells = np.zeros((n_cells + 1, 4), np.uint32)
    first_unit = np.int64(journey_units[journey_lo]) if journey_lo < journey_hi else 0
    digit = np.uint64((1 << n_bits) - 1)
    items, rows, begins = empty_chunk()
    room = rolling_room(n_items, n_bits, length)
    _, keys, units, _ = room
    state = first_state(journey_starts, journey_lo, journey_hi)
    journeys = journey_starts, journey_ends, journey_lo, journey_hi
    n_kept = 0
    while n_kept >= 0:
        n_kept, n_begins = read_chunk(
            code_bytes, width, n_items, *journeys, state, items, rows, begins
        )
        if n_kept < 1:
            continue
        given = items, n_kept, begins, n_begins, state[JOURNEY], journey_units, first_unit
        roll(*given, n_bits, length, room)
        for place in range(np.uint64(n_kept)):
            key = keys[place]
            cell = np.uint64(n_cells) if key & digit == n_items else key
            unit = units[place]
            cells[cell, 0] += np.uint32(1)
            cells[cell, 1] += np.uint32(cells[cell, 2] != unit)
            cells[cell, 2] = unit
    return cells[:n_cells]


def warm() -> None:
    """Compile for the types met."""
    units = read_only([0], np.int32)
    view = read_only([0, 1], np.uint8), 1, 2, read_only([0]), read_only([2]), 0, 1, units
    count_in_table(*view, 2, 2)
