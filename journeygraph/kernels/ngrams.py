"""Which runs of `length` items occur, how often, and in how many units: packed into whole numbers.

Where the codes of a run fit into 64 bits, the run *is* a number, and nothing has to be compared
or verified. Few possible numbers are counted in a table of all of them. Many are put into buckets
by their upper bits, and each bucket, small enough for the caches, is sorted by the rest: the runs
of a large log are too many for a hash table in the caches. Every bucket belongs to one thread, so
nothing has to be merged.

The last item of a run is uppermost, the first lowest. So the runs of two to four items lie side by
side where those of five are sorted, and one sort counts them all.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.chunks import CHUNK, JOURNEY, LEAD, empty_chunk, first_state, read_chunk
from journeygraph.kernels.tiny import read_only

__all__ = ["count_bucketed", "count_in_table", "fill_buckets", "warm"]

_LEAD = np.uint64(LEAD)
_ONE = np.uint64(1)
_DIGIT_BITS = 10
_FEW = 24


@numba.njit(nogil=True, cache=True)
def _rolling(n_items, n_bits, length):
    """Room for the runs of a chunk and their units, marks of begins, and what is carried on."""
    marks = np.zeros(CHUNK, np.uint32)
    keys, units = np.empty(CHUNK, np.uint64), np.empty(CHUNK, np.uint32)
    carried = np.zeros(3, np.uint64)  # the last run, its unit, and one of nothing but paddings
    for _ in range(length):
        carried[2] = (carried[2] << np.uint64(n_bits)) | np.uint64(n_items)
    return marks, keys, units, carried


@numba.njit(nogil=True, cache=True)
def _roll(
    items, n_kept, begins, n_begins, journey, journey_units, first_unit, n_bits, length, room
):
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
    room = _rolling(n_items, n_bits, length)
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
        _roll(*given, n_bits, length, room)
        for place in range(np.uint64(n_kept)):
            key = keys[place]
            cell = np.uint64(n_cells) if key & digit == n_items else key
            unit = units[place]
            cells[cell, 0] += np.uint32(1)
            cells[cell, 1] += np.uint32(cells[cell, 2] != unit)
            cells[cell, 2] = unit
    return cells[:n_cells]


@numba.njit(nogil=True, cache=True)
def fill_buckets(
    code_bytes,
    width,
    n_items,
    journey_starts,
    journey_ends,
    journey_lo,
    journey_hi,
    journey_units,
    length,
    least,
    n_bits,
    bucket_bits,
    places,
    packed,
    units_out,
):
    """Put every run of these journeys, and its unit, into its bucket; or count those of each.

    Parameters
    ----------
    least
        Items before the end that a run must have of its journey; the rest is padding.
    bucket_bits
        So many upper bits of a run are its bucket.
    places
        (2 ** bucket_bits + 1,) int64 where the next run of each bucket goes; moved on. What is no
        run goes to the last of them, again and again.
    packed
        uint64, written; or empty, where runs are only counted.
    units_out
        The same length, uint32, written; or empty, where units are not asked for. For the others
        see above.
    """
    none = np.uint64(1 << bucket_bits)
    digit, low = np.uint64((1 << n_bits) - 1), np.uint64((length - least) * n_bits)
    shift = np.uint64(length * n_bits - bucket_bits)
    items, rows, begins = empty_chunk()
    room = _rolling(n_items, n_bits, length)
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
        _roll(
            items, n_kept, begins, n_begins, state[JOURNEY], journey_units, 0, n_bits, length, room
        )
        for place in range(np.uint64(n_kept)):
            key = keys[place]
            bucket = none if (key >> low) & digit == n_items else key >> shift
            target = np.uint64(places[bucket])
            if len(packed):
                packed[target] = key
            if len(units_out):
                units_out[target] = units[place]
            places[bucket] = target + np.uint64(bucket != none)


@numba.njit(nogil=True, cache=True)
def _sort_few(packed, units):
    """Sort by insertion; equals keep their order."""
    for position in range(1, len(packed)):
        key = packed[position]
        unit = units[position] if len(units) else np.uint32(0)
        place = position
        while place and packed[place - 1] > key:
            packed[place] = packed[place - 1]
            if len(units):
                units[place] = units[place - 1]
            place -= 1
        packed[place] = key
        if len(units):
            units[place] = unit


@numba.njit(nogil=True, cache=True)
def _sort_by_digit(packed, units, packed_out, units_out, shift, places):
    """Sort by one digit; equals keep their order."""
    digits = np.uint64(len(places) - 2)
    for digit in range(len(places)):
        places[digit] = 0
    for position in range(np.uint64(len(packed))):
        places[((np.uint64(packed[position]) >> shift) & digits) + _ONE] += 1
    for digit in range(len(places) - 1):
        places[digit + 1] += places[digit]
    for position in range(np.uint64(len(packed))):
        key = packed[position]
        digit = (np.uint64(key) >> shift) & digits
        place = np.uint64(places[digit])
        places[digit] = place + _ONE
        packed_out[place] = key
        if len(units):
            units_out[place] = units[position]


@numba.njit(nogil=True, cache=True)
def _sort_bucket(packed, units, packed_room, units_room, n_bits):
    """Sort by the low `n_bits`, of equals keep the order; a radix sort where it pays."""
    if len(packed) <= _FEW or n_bits == 0:
        _sort_few(packed, units)
        return
    n_passes = (n_bits + _DIGIT_BITS - 1) // _DIGIT_BITS
    width = (n_bits + n_passes - 1) // n_passes
    places = np.empty((1 << width) + 1, np.int64)
    here, there = (packed, units), (packed_room[: len(packed)], units_room[: len(units)])
    for number in range(n_passes):
        _sort_by_digit(here[0], here[1], there[0], there[1], np.uint64(number * width), places)
        here, there = there, here
    if n_passes % 2:
        for position in range(len(packed)):  # as slices, this takes long to compile
            packed[position] = packed_room[position]
        for position in range(len(units)):
            units[position] = units_room[position]


@numba.njit(nogil=True, cache=True)
def _count_runs(packed, units, shift, digit, pad, distinct, counts, n_units, entry):
    """Add the runs of a sorted bucket, what is below `shift` cut off, to those before `entry`."""
    start = 0
    of_run = np.int64(0)
    last_unit = np.uint32(0)
    for position in range(len(packed)):
        key = np.uint64(packed[position]) >> shift
        is_last = position + 1 == len(packed) or np.uint64(packed[position + 1]) >> shift != key
        if len(units):
            of_run += units[position] != last_unit
            last_unit = units[position]
            n_units[entry] = of_run
        distinct[entry] = key
        counts[entry] = position + 1 - start
        entry += is_last and key & digit != pad
        start = position + 1 if is_last else start
        of_run = 0 if is_last else of_run
        last_unit = np.uint32(0) if is_last else last_unit
    return entry


@numba.njit(nogil=True, cache=True)
def count_bucketed(
    packed,
    units,
    bucket_ends,
    bucket_lo,
    bucket_hi,
    n_items,
    n_bits,
    length,
    lengths,
    bucket_bits,
):
    """Sort some buckets and count the runs of each of the lengths in them.

    Parameters
    ----------
    packed, units
        As `fill_buckets` writes them; sorted within their buckets. Units count for the longest
        runs only; there may be none.
    bucket_ends
        (n_buckets,) int64 where each ends, and the next begins.
    bucket_lo, bucket_hi
        The buckets of this thread.
    lengths
        int64 how many of the last items of a run are looked at; bucket_bits are no more than the
        bits of the shortest.

    Returns
    -------
    sizes
        How many distinct runs there are of each length.
    distinct, counts, n_units
        (n_lengths, at least that many): runs, uint64, ascending; occurrences and units, int64.
    """
    begin = bucket_ends[bucket_lo - 1] if bucket_lo else 0
    end = bucket_ends[bucket_hi - 1] if bucket_hi else 0
    largest = 0
    for bucket in range(bucket_lo, bucket_hi):
        largest = max(largest, bucket_ends[bucket] - (bucket_ends[bucket - 1] if bucket else 0))
    packed_room, units_room = packed[:largest].copy(), units[:largest].copy()
    shape = len(lengths), end - begin + 1
    distinct, counts = np.empty(shape, np.uint64), np.empty(shape, np.int64)
    n_units = np.empty(shape if len(units) else (len(lengths), 0), np.int64)
    sizes = np.zeros(len(lengths), np.int64)
    digit, pad = np.uint64((1 << n_bits) - 1), np.uint64(n_items)
    for bucket in range(bucket_lo, bucket_hi):
        start, stop = bucket_ends[bucket - 1] if bucket else 0, bucket_ends[bucket]
        of_bucket, of_units = packed[start:stop], units[start : min(stop, len(units))]
        _sort_bucket(of_bucket, of_units, packed_room, units_room, length * n_bits - bucket_bits)
        for number in range(len(lengths)):
            shift = np.uint64((length - lengths[number]) * n_bits)
            sizes[number] = _count_runs(
                of_bucket, of_units, shift, digit, pad, distinct[number], counts[number],
                n_units[number], sizes[number],
            )  # fmt: skip
    return sizes, distinct, counts, n_units


def warm() -> None:
    """Compile for the types met."""
    units = read_only([0], np.int32)
    view = read_only([0, 1], np.uint8), 1, 2, read_only([0]), read_only([2]), 0, 1, units
    count_in_table(*view, 2, 2)
    packed, found = np.zeros(2, np.uint64), np.zeros(2, np.uint32)
    fill_buckets(*view, 2, 2, 2, 1, np.zeros(3, np.int64), packed, found)
    count_bucketed(packed, found, np.array([0, 1]), 0, 2, 2, 2, 2, np.array([2]), 1)
