"""Which of a few items units met in all of their journeys: one bit for each item.

Journeys of a few interactions make short loops, whose ends cannot be foreseen, and that costs more
than all else. So the rows of many journeys are read in one loop that asks nothing: a mark says
where a journey begins or ends, and there what was met is forgotten and the next place is written.
What a unit met is one number then. Units are counted by each byte of it, and which items a byte
means is asked once at the end. Where exposure ends before the journeys do, or where there are more
items than bits, `loyalty.count_exposures` counts.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.loyalty import LOYAL, NOT_LOYAL
from journeygraph.kernels.tiny import USUAL_CODE_TYPES, read_only

__all__ = ["MOST_ITEMS", "count_items_met", "warm"]

MOST_ITEMS = 64
"""As many as a number has bits."""

_ROWS_AT_ONCE = 1 << 14  # what is made of them stays in the cache of a processor
_VALUES = 256


def count_items_met(
    item_codes, journey_starts, journey_ends, journey_units, states, n_items, lengths
):
    """Count, for each item, the judged units whose journeys hold it.

    Parameters
    ----------
    item_codes
        (n_interactions,) unsigned; a code of n_items or more is no item.
    journey_starts, journey_ends, journey_units
        (n_journeys,) int64 rows of each journey, and its unit, ascending; journeys hold a row each
        at least, do not overlap, and stand in the order of their rows.
    states
        (n_units,) uint8; only NOT_LOYAL and LOYAL are judged.
    n_items
        At most MOST_ITEMS.
    lengths
        (n_units,) int64 how long each unit was exposed, in any unit of time.

    Returns
    -------
    exposed, exposed_loyal, summed_lengths
        (n_items,) int64, as of `loyalty.count_exposures` where exposure never ends.

    Notes
    -----
    O(rows + units · n_items / 8).
    """
    bits = np.append(np.left_shift(np.int64(1), np.arange(n_items)), np.int64(0))
    units = slice(*(journey_units[[0, -1]] + (0, 1) if len(journey_units) else (0, 0)))
    masks = _mask_units(item_codes, journey_starts, journey_ends, journey_units, bits)
    counts, summed = _count_bytes(masks, states[units], lengths[units], (n_items + 7) // 8)
    others, loyal = (_by_item(counts[state], n_items) for state in (NOT_LOYAL, LOYAL))
    return others + loyal, loyal, _by_item(summed[NOT_LOYAL:].sum(axis=0), n_items)


def _by_item(by_byte, n_items):
    """By item, what stands by byte and value."""
    is_met = np.arange(_VALUES)[:, np.newaxis] >> np.arange(8) & 1
    return (by_byte.reshape(-1, _VALUES) @ is_met).ravel()[:n_items]


@numba.njit(nogil=True, cache=True)
def _mask_units(item_codes, journey_starts, journey_ends, journey_units, bits):
    """(n_units,) int64 from the first journey's unit to the last one's: the bits of what each met.

    `bits` are those of the items, and that of what is no item, which is 0.
    """
    n_journeys = len(journey_starts)
    unit_lo = journey_units[0] if n_journeys else 0
    met = np.zeros(journey_units[-1] + 1 - unit_lo if n_journeys else 0, np.int64)
    first = 0
    while first < n_journeys:
        row = journey_starts[first]
        behind = max(first + 1, np.searchsorted(journey_starts, row + _ROWS_AT_ONCE))
        end = journey_ends[behind - 1]
        marks = _mark(journey_starts[first:behind] - row, journey_ends[first:behind] - row)
        masks = np.zeros(2 * (behind - first) + 1, np.int64)
        _mask_between(item_codes[row:end], marks, bits, masks)
        for place in range(np.uint64(behind - first)):
            met[np.uint64(journey_units[first + place] - unit_lo)] |= masks[2 * place + 1]
        first = behind
    return met


@numba.njit(nogil=True, cache=True)
def _mark(starts, ends):
    """How many ranges of rows begin or end in each row."""
    marks = np.zeros(ends[-1] + 1, np.uint8)
    for place in range(np.uint64(len(starts))):
        marks[np.uint64(starts[place])] += np.uint8(1)
        marks[np.uint64(ends[place])] += np.uint8(1)
    return marks


@numba.njit(nogil=True, cache=True)
def _mask_between(item_codes, marks, bits, masks):
    """Write what is met from one mark to the next; where two are in one place, one is passed."""
    no_item = np.uint64(len(bits) - 1)
    met, place = np.int64(0), np.uint64(0)
    for row in range(np.uint64(len(item_codes))):
        mark = marks[row]
        met = (met & -np.int64(mark == 0)) | bits[min(np.uint64(item_codes[row]), no_item)]
        place += np.uint64(mark)
        masks[place] = met


@numba.njit(nogil=True, cache=True)
def _count_bytes(masks, states, lengths, n_bytes):
    """Count units by state, by byte of what they met and by its value, and sum their lengths.

    Two arrays of (4, n_bytes * 256) int64: a pair in one place would be written at once, and be
    waited for by whoever reads a half of it.
    """
    counts = np.zeros((LOYAL + 1, n_bytes * _VALUES), np.int64)
    summed = np.zeros((LOYAL + 1, n_bytes * _VALUES), np.int64)
    for unit in range(np.uint64(len(masks))):
        state, met, length = np.uint64(states[unit]), masks[unit], lengths[unit]
        counts_of_state, summed_of_state = counts[state], summed[state]
        for byte in range(np.uint64(n_bytes)):
            value = np.uint64(byte) * np.uint64(_VALUES) + np.uint64(met & 255)
            counts_of_state[value] += 1
            summed_of_state[value] += length
            met >>= 8
    return counts, summed


def warm() -> None:
    """Compile for the types that a graph and journeys have."""
    rows, states = read_only([0]), read_only([LOYAL], np.uint8)
    for dtype in USUAL_CODE_TYPES:
        count_items_met(read_only([0, 0], dtype), rows, rows, rows, states, 1, rows)
