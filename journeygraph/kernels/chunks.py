"""The items of journeys, a cache full at a time: gaps are gone, and where journeys begin is known.

Journeys of a few interactions each make short loops, whose ends processors guess wrong, and that
costs more than the work. So kernels that look at everything read rows in chunks, whatever the
journeys, do the same to all of them without asking, and put right the few places where a journey
begins. A chunk of rows without gaps is copied and widened; one with skipped interactions, or rows
between journeys, is squeezed. Codes of any width come as bytes: one kernel is compiled, not three.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import read_only

__all__ = [
    "CHUNK",
    "JOURNEY",
    "LEAD",
    "ROW",
    "SINCE",
    "SQUEEZED",
    "empty_chunk",
    "first_state",
    "read_chunk",
    "warm",
]

CHUNK = 1 << 13
"""Rows of a chunk: what is made of them stays in the cache of a processor."""

LEAD = 32
"""Items of the chunk before that stand in front of a chunk's own."""

ROW, JOURNEY, SINCE, SQUEEZED, _NEXT_ROW, _NEXT_JOURNEY, _NEXT_SINCE, _PENDING, _N_KEPT = range(9)
"""Where a state holds: the first row of this chunk; the journey of its first begin; how many items
its first journey had before it; whether rows were left out; and the same of what comes next."""

_NONE = np.uint32(0xFFFFFFFF)
_LEAD = np.uint64(LEAD)


@numba.njit(nogil=True, cache=True)
def empty_chunk():
    """Room for what a chunk holds: items, rows, begins."""
    begins = np.empty(CHUNK + 1, np.int64)
    return np.zeros(LEAD + CHUNK, np.uint32), np.empty(CHUNK, np.int64), begins


@numba.njit(nogil=True, cache=True)
def first_state(journey_starts, journey_lo, journey_hi):
    """The state before the first chunk of some journeys."""
    state = np.zeros(9, np.int64)
    state[_NEXT_JOURNEY] = journey_lo
    if journey_lo < journey_hi:
        state[_NEXT_ROW] = journey_starts[journey_lo]
    return state


@numba.njit(nogil=True, cache=True)
def _widen(code_bytes, width, row, n_rows, items):
    """Copy the codes of rows behind the lead."""
    if width == 1:
        of_rows = code_bytes[row : row + n_rows]
        for place in range(np.uint64(n_rows)):
            items[place + _LEAD] = of_rows[place]
    elif width == 2:
        of_rows_2 = code_bytes.view(np.uint16)[row : row + n_rows]
        for place in range(np.uint64(n_rows)):
            items[place + _LEAD] = of_rows_2[place]
    else:
        of_rows_4 = code_bytes.view(np.uint32)[row : row + n_rows]
        for place in range(np.uint64(n_rows)):
            items[place + _LEAD] = of_rows_4[place]


@numba.njit(nogil=True, cache=True)
def _any_above(items, n_items):
    n_above = np.uint32(0)
    for place in range(np.uint64(len(items))):
        n_above += np.uint32(items[place] >= n_items)
    return n_above > 0


@numba.njit(nogil=True, cache=True)
def _squeeze(items, n_items, row, n_rows, rows, begins, n_begins):
    """Leave out what is no item; of what stays note the rows, and where journeys begin."""
    n_kept = 0
    begin = 0
    for place in range(n_rows):
        while begin < n_begins and begins[begin] == place:
            begins[begin] = n_kept
            begin += 1
        item = items[LEAD + place]
        items[LEAD + n_kept] = item
        rows[n_kept] = row + place
        n_kept += item < n_items
    return n_kept


@numba.njit(nogil=True, cache=True)
def _find_begins(journey_starts, journey_ends, journey_lo, journey_hi, state, stop, items, begins):
    """Note the journeys that begin before `stop`, and blot out the rows between journeys."""
    row = state[ROW]
    journey = state[JOURNEY]
    n_begins = 0
    while journey < journey_hi and journey_starts[journey] < stop:
        begin = journey_starts[journey]
        if journey > journey_lo:
            for gap in range(max(row, journey_ends[journey - 1]), begin):
                items[LEAD + gap - row] = _NONE
        begins[n_begins] = begin - row
        n_begins += 1
        journey += 1
    state[_NEXT_JOURNEY] = journey
    return n_begins


@numba.njit(nogil=True, cache=True)
def read_chunk(
    code_bytes,
    width,
    n_items,
    journey_starts,
    journey_ends,
    journey_lo,
    journey_hi,
    state,
    items,
    rows,
    begins,
):
    """Read the next chunk of the items of some journeys.

    Parameters
    ----------
    code_bytes, width
        Codes of the items of each interaction as bytes, and how many make a code: 1, 2 or 4;
        n_items and above are no items.
    journey_starts, journey_ends
        (n_journeys,) rows where each journey begins and ends.
    journey_lo, journey_hi
        The journeys of this block.
    state
        As `first_state` gives it.
    items, rows, begins
        As `empty_chunk` gives them. Written: the items, behind the last `LEAD` items before;
        their rows, where `state` says `SQUEEZED`, else they are those from `ROW` on; and the
        places of items (the first behind the lead is 0) with which journeys begin, one after
        the other from the journey that the state names.

    Returns
    -------
    n_kept, n_begins
        How many items and begins; -1 where there are no more rows.
    """
    n_before = state[_N_KEPT]
    for place in range(LEAD):
        items[place] = items[n_before + place]
    row, journey = state[_NEXT_ROW], state[_NEXT_JOURNEY]
    state[JOURNEY] = journey - state[_PENDING]
    if journey_lo < journey < journey_hi and row >= journey_ends[journey - 1]:
        row = journey_starts[journey]
    last = journey_ends[journey_hi - 1] if journey_lo < journey_hi else row
    if row >= last:
        return -1, 0
    stop = min(row + CHUNK, last)
    state[ROW] = row
    _widen(code_bytes, width, row, stop - row, items)
    pending = state[_PENDING]
    state[JOURNEY] = journey
    n_begins = _find_begins(
        journey_starts, journey_ends, journey_lo, journey_hi, state, stop, items, begins[pending:]
    )
    state[JOURNEY] = journey - pending
    if pending:
        begins[0] = 0
        n_begins += 1
    journey = state[_NEXT_JOURNEY]
    if journey_lo < journey < journey_hi and journey_ends[journey - 1] < stop:
        stop = journey_ends[journey - 1]
    n_kept = stop - row
    state[SQUEEZED] = _any_above(items[LEAD : LEAD + n_kept], np.uint32(n_items))
    if state[SQUEEZED]:
        n_kept = _squeeze(items, n_items, row, n_kept, rows, begins, n_begins)
    state[_NEXT_ROW], state[_N_KEPT] = stop, n_kept
    state[SINCE] = state[_NEXT_SINCE]
    state[_PENDING] = 0
    while n_begins and begins[n_begins - 1] == n_kept:
        state[_PENDING] = 1
        n_begins -= 1
    state[_NEXT_SINCE] = n_kept - begins[n_begins - 1] if n_begins else state[SINCE] + n_kept
    return n_kept, n_begins


def warm() -> None:
    """Compile for the types met."""
    starts, ends = read_only([0]), read_only([2])
    state = first_state(starts, 0, 1)
    read_chunk(read_only([0, 1], np.uint8), 1, 2, starts, ends, 0, 1, state, *empty_chunk())
