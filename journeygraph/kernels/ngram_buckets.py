"""Runs of items, packed into whole numbers, that are too many for a table: sorted and counted.

The runs of a large log are too many for a hash table in the caches, too. So they are put into
buckets by their upper bits, and each bucket, small enough for the caches, is sorted by the rest.
Every bucket belongs to one thread, so nothing has to be merged. Numbers of 32 bits, where they are
enough, are sorted in two thirds of the time that those of 64 bits take.

The last item of a run is uppermost, the first lowest (`ngrams`). So the runs of two to four items
lie side by side where those of five are sorted: one sort is enough for all of them, and the
shorter ones are added up from the longer ones, which are fewer than the rows.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.chunks import JOURNEY, empty_chunk, first_state, read_chunk
from journeygraph.kernels.ngrams import roll, rolling_room
from journeygraph.kernels.tiny import read_only

__all__ = ["collect_runs", "count_bucketed", "fill_buckets", "warm"]

_ONE = np.uint64(1)
_DIGIT_BITS = 10
_FEW = 24


@numba.njit(nogil=True, cache=True)
def collect_runs(
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
    sizes,
    packed,
    units,
):
    """Write down every run of these journeys and its unit, and count those of each bucket.

    Parameters
    ----------
    code_bytes, width, n_items, journey_starts, journey_ends, journey_lo, journey_hi, journey_units
        As `ngrams.count_in_table` takes them.
    length
        Items of a run; what it lacks of them at the begin of a journey is padding, n_items.
    least
        Items before the end that a run must have of its journey.
    n_bits
        Bits of an item's code, n_items included; length * n_bits are those of a run.
    bucket_bits
        So many upper bits of a run are its bucket.
    sizes
        (2 ** bucket_bits,) int64 the runs of each bucket, added to.
    packed
        (more than the interactions of these journeys,) uint32 or uint64, written.
    units
        The same length, uint32 unit + 1, written; or empty, where units are not asked for.

    Returns
    -------
    n_runs
        How many there are.
    """
    digit, low = np.uint64((1 << n_bits) - 1), np.uint64((length - least) * n_bits)
    shift = np.uint64(length * n_bits - bucket_bits)
    items, rows, begins = empty_chunk()
    room = rolling_room(n_items, n_bits, length)
    _, keys, of_units, _ = room
    state = first_state(journey_starts, journey_lo, journey_hi)
    journeys = journey_starts, journey_ends, journey_lo, journey_hi
    n_runs = np.uint64(0)
    n_kept = 0
    while n_kept >= 0:
        n_kept, n_begins = read_chunk(
            code_bytes, width, n_items, *journeys, state, items, rows, begins
        )
        if n_kept < 1:
            continue
        roll(
            items, n_kept, begins, n_begins, state[JOURNEY], journey_units, 0, n_bits, length, room
        )
        for place in range(np.uint64(n_kept)):
            key = keys[place]
            is_run = np.uint64((key >> low) & digit != n_items)
            sizes[key >> shift] += is_run
            packed[n_runs] = key
            if len(units):
                units[n_runs] = of_units[place]
            n_runs += is_run
    return n_runs


@numba.njit(nogil=True, cache=True)
def fill_buckets(packed, units, shift, places, packed_out, units_out):
    """Put runs and their units into buckets, in which they keep their order.

    Parameters
    ----------
    packed, units
        As `collect_runs` writes them, what is no run left out.
    shift
        The bits of a run below those of its bucket.
    places
        (n_buckets,) int64 where the next run of each bucket goes; moved on.
    packed_out, units_out
        Of the same types, written.
    """
    below = np.uint64(shift)
    for place in range(np.uint64(len(packed))):
        bucket = np.uint64(packed[place]) >> below
        target = np.uint64(places[bucket])
        packed_out[target] = packed[place]
        if len(units):
            units_out[target] = units[place]
        places[bucket] = target + _ONE


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
def _digit_places(packed, n_passes, width):
    """Where each digit of each pass begins: (n_passes, 2 ** width)."""
    digits = np.uint64((1 << width) - 1)
    places = np.zeros((n_passes, 1 << width), np.int64)
    for position in range(np.uint64(len(packed))):
        key = np.uint64(packed[position])
        for number in range(n_passes):
            places[number, (key >> np.uint64(number * width)) & digits] += 1
    for number in range(n_passes):
        before = np.int64(0)
        for digit in range(1 << width):
            size = places[number, digit]
            places[number, digit] = before
            before += size
    return places


@numba.njit(nogil=True, cache=True)
def _sort_by_digit(packed, units, packed_out, units_out, shift, places):
    """Sort by one digit; equals keep their order."""
    digits = np.uint64(len(places) - 1)
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
    places = _digit_places(packed, n_passes, width)
    here, there = (packed, units), (packed_room[: len(packed)], units_room[: len(units)])
    for number in range(n_passes):
        shift = np.uint64(number * width)
        _sort_by_digit(here[0], here[1], there[0], there[1], shift, places[number])
        here, there = there, here
    if n_passes % 2:
        for position in range(len(packed)):  # as slices, this takes long to compile
            packed[position] = packed_room[position]
        for position in range(len(units)):
            units[position] = units_room[position]


@numba.njit(nogil=True, cache=True)
def _count_sorted(packed, units, distinct, counts, n_units):
    """Write down the distinct runs of a bucket that is not empty; give how many there are."""
    entry = np.uint64(0)
    start = 0
    of_run = np.int64(0)
    last_unit = np.uint32(0)
    for position in range(len(packed)):
        key = packed[position]
        is_last = position + 1 == len(packed) or packed[position + 1] != key
        if len(units):
            of_run += units[position] != last_unit
            last_unit = units[position]
            n_units[entry] = of_run
            of_run = 0 if is_last else of_run
            last_unit = np.uint32(0) if is_last else last_unit
        distinct[entry] = key
        counts[entry] = position + 1 - start
        entry += np.uint64(is_last)
        start = position + 1 if is_last else start
    return entry


@numba.njit(nogil=True, cache=True)
def _shorten(distinct, counts, n_distinct, shift):
    """Cut off the low bits of ascending runs and add up what is the same then, in place."""
    entry = np.uint64(0)
    key, count = np.uint64(distinct[0]) >> shift, counts[0]
    for place in range(_ONE, n_distinct):
        after, of_after = np.uint64(distinct[place]) >> shift, counts[place]
        distinct[entry], counts[entry] = key, count
        is_last = after != key
        entry += np.uint64(is_last)
        count = of_after if is_last else count + of_after
        key = after
    distinct[entry], counts[entry] = key, count
    return entry + _ONE


@numba.njit(nogil=True, cache=True)
def _keep_whole(distinct, counts, n_units, n_distinct, digit, pad, entry, found):
    """Write down from `entry` on those that begin with no padding; give where the next one goes."""
    distinct_out, counts_out, units_out = found
    for place in range(n_distinct):
        key = np.uint64(distinct[place])
        distinct_out[entry], counts_out[entry] = key, counts[place]
        if len(n_units):
            units_out[entry] = n_units[place]
        entry += key & digit != pad
    return entry


@numba.njit(nogil=True, cache=True)
def count_bucketed(
    packed, units, bucket_ends, bucket_lo, bucket_hi, n_items, n_bits, lengths, bucket_bits
):
    """Sort some buckets and count the runs of each of the lengths in them.

    Parameters
    ----------
    packed, units
        As `fill_buckets` writes them; sorted within their buckets. There may be no units, and are
        none where there is more than one length.
    bucket_ends
        (n_buckets,) int64 where each ends, and the next begins.
    bucket_lo, bucket_hi
        The buckets of this thread.
    lengths
        int64 how many of the last items of a run are looked at, descending; the first is that of
        the runs, and bucket_bits are no more than the bits of the last.

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
    runs, of_runs = np.empty_like(packed_room), np.empty(largest, np.int64)
    of_units = np.empty(largest if len(units) else 0, np.int64)
    shape = len(lengths), end - begin + 1
    distinct, counts = np.empty(shape, np.uint64), np.empty(shape, np.int64)
    n_units = np.empty(shape if len(units) else (len(lengths), 0), np.int64)
    sizes = np.zeros(len(lengths), np.int64)
    digit, pad = np.uint64((1 << n_bits) - 1), np.uint64(n_items)
    for bucket in range(bucket_lo, bucket_hi):
        start, stop = bucket_ends[bucket - 1] if bucket else 0, bucket_ends[bucket]
        if start == stop:
            continue
        own, own_units = packed[start:stop], units[start : min(stop, len(units))]
        n_below = lengths[0] * n_bits - bucket_bits
        _sort_bucket(own, own_units, packed_room, units_room, n_below)
        n_runs = _count_sorted(own, own_units, runs, of_runs, of_units)
        for number in range(len(lengths)):
            if number:
                shift = np.uint64((lengths[number - 1] - lengths[number]) * n_bits)
                n_runs = _shorten(runs, of_runs, n_runs, shift)
            found = distinct[number], counts[number], n_units[number]
            sizes[number] = _keep_whole(
                runs, of_runs, of_units, n_runs, digit, pad, sizes[number], found
            )
    return sizes, distinct, counts, n_units


def warm() -> None:
    """Compile for the types met."""
    of_journeys = read_only([0], np.int32)
    view = read_only([0, 1], np.uint8), 1, 2, read_only([0]), read_only([2]), 0, 1, of_journeys
    for kind in (np.uint32, np.uint64):
        packed, units = np.zeros(3, kind), np.zeros(3, np.uint32)
        n_runs = collect_runs(*view, 2, 2, 2, 1, np.zeros(2, np.int64), packed, units)
        fill_buckets(packed[:n_runs], units[:n_runs], 3, np.zeros(2, np.int64), packed, units)
        count_bucketed(packed, units, np.array([1, 1]), 0, 2, 2, 2, np.array([2]), 1)
