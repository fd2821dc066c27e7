"""Which runs of `length` items occur, how often, and in how many units: packed into whole numbers.

Where the codes of a run fit into 64 bits, the run *is* a number, and nothing has to be compared
or verified. Few possible numbers are counted in a table of all of them; many are sorted, which
beats hashing: the runs of a large log are too many for the caches.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import CODE_TYPES, read_only

__all__ = ["count_ngrams", "count_runs", "merge_runs", "pack_ngrams", "sort_packed", "warm"]


@numba.njit(nogil=True, cache=True)
def count_ngrams(
    item_codes,
    n_items,
    length,
    n_bits,
    journey_starts,
    journey_ends,
    journey_units,
    journey_lo,
    journey_hi,
):
    """Count the runs of `length` items in a table of all possible ones.

    Parameters
    ----------
    item_codes
        (n_interactions,) item of each interaction; n_items and above are no items.
    n_bits
        Bits of an item's code; a run is its codes side by side, the first uppermost.
    journey_starts, journey_ends, journey_units
        (n_journeys,) rows where each journey begins and ends, and its unit, ascending.
    journey_lo, journey_hi
        The journeys of this block; the units of a block are whole.

    Returns
    -------
    cells
        (2 ** (length * n_bits), 4) uint32: occurrences, units, the last of these units + 1, counted
        from the first of the block, and nothing.

    Notes
    -----
    O(interactions + cells). The measures of a cell share a cache line, and no branch
    asks for the unit: it would be guessed wrong half of the time.
    """
    cells = np.zeros((1 << (length * n_bits), 4), np.uint32)
    mask = (1 << (length * n_bits)) - 1
    first_unit = np.int64(journey_units[journey_lo]) if journey_lo < journey_hi else 0
    for journey in range(journey_lo, journey_hi):
        unit = np.uint32(journey_units[journey] - first_unit + 1)
        packed = 0
        seen = 0
        for row in range(journey_starts[journey], journey_ends[journey]):
            item = np.int64(item_codes[row])
            if item >= n_items:
                continue
            packed = ((packed << n_bits) | item) & mask
            seen += 1
            if seen >= length:
                cells[packed, 0] += 1
                cells[packed, 1] += cells[packed, 2] != unit
                cells[packed, 2] = unit
    return cells


@numba.njit(nogil=True, cache=True)
def pack_ngrams(
    item_codes,
    n_items,
    length,
    n_bits,
    journey_starts,
    journey_ends,
    journey_units,
    journey_lo,
    journey_hi,
    packed_out,
    units_out,
):
    """Write down every run of `length` items and its unit, in order; for the others see above.

    Parameters
    ----------
    packed_out
        Unsigned, of at least length * n_bits bits; room for all interactions of the block.
    units_out
        The same length, uint32: units counted from the first of the block.

    Returns
    -------
    n_ngrams
        How many were written.
    """
    mask = np.uint64((1 << (length * n_bits)) - 1) if length * n_bits < 64 else ~np.uint64(0)
    shift = np.uint64(n_bits)
    first_unit = np.int64(journey_units[journey_lo]) if journey_lo < journey_hi else 0
    n_ngrams = 0
    for journey in range(journey_lo, journey_hi):
        unit = journey_units[journey] - first_unit
        packed = np.uint64(0)
        seen = 0
        for row in range(journey_starts[journey], journey_ends[journey]):
            item = item_codes[row]
            if item >= n_items:
                continue
            packed = ((packed << shift) | np.uint64(item)) & mask
            seen += 1
            if seen >= length:
                packed_out[n_ngrams] = packed
                units_out[n_ngrams] = unit
                n_ngrams += 1
    return n_ngrams


@numba.njit(nogil=True, cache=True)
def sort_packed(packed, units, packed_room, units_room, n_bits):
    """Sort the runs, and of equal ones keep the order; a radix sort.

    Parameters
    ----------
    packed, units
        (n,) as `pack_ngrams` writes them; used as room, too.
    packed_room, units_room
        The same again.
    n_bits
        How many low bits of a run are in use.

    Returns
    -------
    packed, units
        Sorted: the arrays given, or the room.
    """
    n_passes = max(1, (n_bits + 10) // 11)
    width = (n_bits + n_passes - 1) // n_passes
    digits = np.uint64((1 << width) - 1)
    for number in range(n_passes):
        shift = np.uint64(number * width)
        places = np.zeros((1 << width) + 1, np.int64)
        for value in packed:
            places[np.int64((np.uint64(value) >> shift) & digits) + 1] += 1
        for digit in range(1 << width):
            places[digit + 1] += places[digit]
        for position in range(len(packed)):
            value = packed[position]
            digit = np.int64((np.uint64(value) >> shift) & digits)
            place = places[digit]
            places[digit] = place + 1
            packed_room[place] = value
            units_room[place] = units[position]
        packed, packed_room = packed_room, packed
        units, units_room = units_room, units
    return packed, units


@numba.njit(nogil=True, cache=True)
def count_runs(packed, units):
    """Count the occurrences and the units of each run.

    Parameters
    ----------
    packed, units
        (n,) sorted by run; of equal runs the units ascend.

    Returns
    -------
    distinct, n_units, n_occurrences
        Ascending; uint64, int64, int64.
    """
    n_distinct = 0
    for position in range(len(packed)):
        if position == 0 or packed[position] != packed[position - 1]:
            n_distinct += 1
    distinct = np.empty(n_distinct, np.uint64)
    n_units = np.zeros(n_distinct, np.int64)
    n_occurrences = np.zeros(n_distinct, np.int64)
    entry = -1
    for position in range(len(packed)):
        is_new = position == 0 or packed[position] != packed[position - 1]
        if is_new:
            entry += 1
            distinct[entry] = packed[position]
        if is_new or units[position] != units[position - 1]:
            n_units[entry] += 1
        n_occurrences[entry] += 1
    return distinct, n_units, n_occurrences


@numba.njit(nogil=True, cache=True)
def merge_runs(distinct, n_units, n_occurrences, distinct_too, n_units_too, n_occurrences_too):
    """Add up two countings of different units; both ascend, and so does the result."""
    room = len(distinct) + len(distinct_too)
    merged = np.empty(room, np.uint64)
    units = np.empty(room, np.int64)
    occurrences = np.empty(room, np.int64)
    here = there = size = 0
    while here < len(distinct) or there < len(distinct_too):
        take_here = there == len(distinct_too) or (
            here < len(distinct) and distinct[here] <= distinct_too[there]
        )
        take_there = here == len(distinct) or (
            there < len(distinct_too) and distinct_too[there] <= distinct[here]
        )
        units[size] = occurrences[size] = 0
        if take_there:
            merged[size] = distinct_too[there]
            units[size] = n_units_too[there]
            occurrences[size] = n_occurrences_too[there]
        if take_here:
            merged[size] = distinct[here]
            units[size] += n_units[here]
            occurrences[size] += n_occurrences[here]
        here += take_here
        there += take_there
        size += 1
    return merged[:size].copy(), units[:size].copy(), occurrences[:size].copy()


def warm() -> None:
    """Compile for the types met."""
    one = read_only([0]), read_only([2]), read_only([0])
    for codes in (read_only([0, 1], dtype) for dtype in CODE_TYPES):
        count_ngrams(codes, 2, 2, 1, *one, 0, 1)
        for width in (np.uint32, np.uint64):
            packed, units = np.zeros(2, width), np.zeros(2, np.uint32)
            size = pack_ngrams(codes, 2, 2, 1, *one, 0, 1, packed, units)
            room = np.empty(size, width), np.empty(size, np.uint32)
            counted = count_runs(*sort_packed(packed[:size], units[:size], *room, 2))
            merge_runs(*counted, *counted)
