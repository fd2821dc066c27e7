"""How often units go from one item directly to the next, and how long they take.

All pairs of items are counted in a table while it is small, and looked up among the pairs that
occur beyond. What needs more than sums, quantiles, is measured for the few pairs asked for.
Sums of microseconds could exceed 64 bits: they are kept as seconds and the microseconds beyond.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.buckets import bucket_of
from journeygraph.kernels.chunks import (
    CHUNK,
    LEAD,
    ROW,
    SQUEEZED,
    empty_chunk,
    first_state,
    read_chunk,
)
from journeygraph.kernels.tiny import read_only

__all__ = ["MOST", "count_all_pairs", "count_known_pairs", "measure_edges", "warm"]

MOST = 1 << 42
"""How many times 2 ** 20 microseconds are summed in 64 bits at most."""

_COUNT = np.uint32(1)
_SECOND = 1_000_000
_SHIFT = 20


@numba.njit(nogil=True, cache=True)
def _pair_up(items, n_kept, n_items, begins, n_begins, pairs):
    """Number the pair of each item and the one before it; none where a journey begins."""
    n_pairs = np.uint32(n_items)
    before = items[LEAD - 1 : LEAD - 1 + n_kept]
    here = items[LEAD : LEAD + n_kept]
    for place in range(np.uint64(n_kept)):
        pairs[place] = before[place] * n_pairs + here[place]
    for begin in begins[:n_begins]:
        pairs[begin] = n_pairs * n_pairs


@numba.njit(nogil=True, cache=True)
def _bound(times, time_before, begins, n_begins):
    """At least the time that the transitions of a chunk take, divided by 2 ** 20; no overflow."""
    bound = np.int64(len(times)) + ((times[0] - time_before) >> _SHIFT)
    before, here = times[:-1], times[1:]
    for place in range(np.uint64(len(here))):
        bound += (here[place] - before[place]) >> _SHIFT
    for begin in begins[:n_begins]:
        bound -= (times[begin] - (times[begin - 1] if begin else time_before)) >> _SHIFT
    return bound


@numba.njit(nogil=True, cache=True)
def _add_up(pairs, times, time_before, counts, sums_us):
    """Count each pair and add its time; differences are taken modulo 2 ** 64."""
    counts[pairs[0]] += _COUNT
    sums_us[pairs[0]] += times[0] - time_before
    before, here = times[:-1], times[1:]
    of_here = pairs[1:]
    for place in range(np.uint64(len(here))):
        pair = np.uint64(of_here[place])
        counts[pair] += _COUNT
        sums_us[pair] += here[place] - before[place]


@numba.njit(nogil=True, cache=True)
def _carry(sums_us, seconds, further_us):
    """Move sums of microseconds to where they cannot overflow."""
    for pair in range(len(sums_us)):
        if sums_us[pair]:
            whole = sums_us[pair] // _SECOND
            seconds[pair] += whole
            further_us[pair] += sums_us[pair] - whole * _SECOND
            sums_us[pair] = 0


@numba.njit(nogil=True, cache=True)
def _add_one_by_one(pairs, times, time_before, counts, seconds, further_us):
    """Count each pair and add its time where the times of a chunk together would overflow."""
    for place in range(len(times)):
        elapsed = times[place] - time_before
        time_before = times[place]
        whole = elapsed // _SECOND
        counts[pairs[place]] += 1
        seconds[pairs[place]] += whole
        further_us[pairs[place]] += elapsed - whole * _SECOND


@numba.njit(nogil=True, cache=True)
def _add_chunk(times, pairs, time_before, begins, n_begins, bound, most, sums):
    """Count the pairs of a chunk and their times; give the bound of what the sums hold."""
    counts, sums_us, seconds, further_us = sums
    of_chunk = _bound(times, time_before, begins, n_begins)
    if bound + of_chunk > most:
        _carry(sums_us, seconds, further_us)
        bound = np.int64(0)
    if of_chunk > most:
        _add_one_by_one(pairs, times, time_before, counts, seconds, further_us)
        return bound
    _add_up(pairs, times, time_before, counts, sums_us)
    return bound + of_chunk


@numba.njit(nogil=True, cache=True)
def _gathered(at_us, rows, n_kept):
    times = np.empty(n_kept, np.int64)
    for place in range(n_kept):
        times[place] = at_us[rows[place]]
    return times


@numba.njit(nogil=True, cache=True)
def _count_up(pairs, counts):
    """Count each pair."""
    for place in range(np.uint64(len(pairs))):
        counts[np.uint64(pairs[place])] += _COUNT


@numba.njit(nogil=True, cache=True)
def count_all_pairs(
    code_bytes, width, n_items, journey_starts, journey_ends, journey_lo, journey_hi, at_us, most
):
    """Count the transitions between all items, and sum the time from start to start.

    A transition never leaves its journey, and skips what is no item.

    Parameters
    ----------
    code_bytes, width
        Codes of the items of each interaction as bytes, and how many make a code: 1, 2 or 4;
        n_items and above are no items.
    journey_starts, journey_ends
        (n_journeys,) rows where each journey begins and ends.
    journey_lo, journey_hi
        The journeys of this block.
    at_us
        (n_interactions,) int64, ascending within a journey; empty where nobody asks for times.
    most
        How many times 2 ** 20 microseconds sums may hold together: `MOST`, or 0 to divide each
        time into seconds and the rest by itself, as other engines do.

    Returns
    -------
    counts, sums_us, seconds, further_us
        (n_items * n_items,) uint32 and int64, sources one after the other: transitions, and what
        is together the sum of their times: microseconds, whole seconds, and more microseconds.

    Notes
    -----
    O(interactions + n_items ** 2); n_items below 2 ** 16.
    """
    n_pairs = n_items * n_items
    counts, sums_us = np.zeros(n_pairs + 1, np.uint32), np.zeros(n_pairs + 1, np.int64)
    seconds, further_us = np.zeros(n_pairs + 1, np.int64), np.zeros(n_pairs + 1, np.int64)
    sums = counts, sums_us, seconds, further_us
    pairs = np.empty(CHUNK, np.uint32)
    items, rows, begins = empty_chunk()
    state = first_state(journey_starts, journey_lo, journey_hi)
    journeys = journey_starts, journey_ends, journey_lo, journey_hi
    time_before = np.int64(0)
    bound = np.int64(0)
    n_kept = 0
    while n_kept >= 0:
        n_kept, n_begins = read_chunk(
            code_bytes, width, n_items, *journeys, state, items, rows, begins
        )
        if n_kept < 1:
            continue
        _pair_up(items, n_kept, n_items, begins, n_begins, pairs)
        if not len(at_us):
            _count_up(pairs[:n_kept], counts)
            continue
        given = pairs, time_before, begins, n_begins, bound, most, sums
        if state[SQUEEZED]:
            times = _gathered(at_us, rows, n_kept)
            bound = _add_chunk(times, *given)
            time_before = times[n_kept - 1]
        else:
            of_rows = at_us[state[ROW] : state[ROW] + n_kept]
            bound = _add_chunk(of_rows, *given)
            time_before = of_rows[n_kept - 1]
    return counts[:n_pairs], sums_us[:n_pairs], seconds[:n_pairs], further_us[:n_pairs]


@numba.njit(nogil=True, cache=True)
def _place_of(targets, low, high, target):
    """Where a target stands in a range of ascending ones; it is there."""
    while high - low > 1:
        middle = (low + high) // 2
        if targets[middle] <= target:
            low = middle
        else:
            high = middle
    return low


@numba.njit(nogil=True, cache=True)
def count_known_pairs(
    code_bytes,
    width,
    n_items,
    journey_starts,
    journey_ends,
    journey_lo,
    journey_hi,
    at_us,
    source_starts,
    targets,
):
    """Sum the times of transitions where a table of all pairs would be too large.

    Parameters
    ----------
    source_starts, targets
        (n_items + 1,) int64 where the targets of each source begin, and the targets, ascending:
        every pair that occurs. For the others see above.

    Returns
    -------
    counts, seconds, further_us
        By pair, int64.
    """
    counts = np.zeros(len(targets), np.int64)
    seconds, further_us = np.zeros(len(targets), np.int64), np.zeros(len(targets), np.int64)
    items, rows, begins = empty_chunk()
    state = first_state(journey_starts, journey_lo, journey_hi)
    journeys = journey_starts, journey_ends, journey_lo, journey_hi
    row_before = np.int64(0)
    n_kept = 0
    while n_kept >= 0:
        n_kept, n_begins = read_chunk(
            code_bytes, width, n_items, *journeys, state, items, rows, begins
        )
        begin = 0
        for place in range(n_kept):
            row = rows[place] if state[SQUEEZED] else state[ROW] + place
            first_begin = begin
            while begin < n_begins and begins[begin] == place:
                begin += 1
            if begin == first_begin:
                source = items[LEAD - 1 + place]
                known = source_starts[source], source_starts[source + 1]
                pair = _place_of(targets, *known, items[LEAD + place])
                elapsed = at_us[row] - at_us[row_before]
                whole = elapsed // _SECOND
                counts[pair] += 1
                seconds[pair] += whole
                further_us[pair] += elapsed - whole * _SECOND
            row_before = row
    return counts, seconds, further_us


@numba.njit(nogil=True, cache=True)
def _find_edges(
    items, n_kept, begins, n_begins, source_places, target_places, edge_numbers, edge_of, hits
):
    """Number the transitions to the items of a chunk, and list those that were asked for."""
    n_targets = np.uint32(edge_numbers.shape[1])
    numbers = edge_numbers.ravel()
    for place in range(np.uint64(n_kept)):
        source = source_places[items[np.uint64(LEAD - 1) + place]]
        target = target_places[items[np.uint64(LEAD) + place]]
        edge_of[place] = numbers[source * n_targets + target]
    for begin in begins[:n_begins]:
        edge_of[begin] = -1
    n_hits = 0
    for place in range(n_kept):
        hits[n_hits] = place
        n_hits += edge_of[place] >= 0
    return n_hits


@numba.njit(nogil=True, cache=True)
def measure_edges(
    code_bytes,
    width,
    n_items,
    journey_starts,
    journey_ends,
    journey_lo,
    journey_hi,
    at_us,
    source_places,
    target_places,
    edge_numbers,
    n_edges,
    bucket_edges,
    room,
):
    """Count how long some transitions take by bucket, sum their times, and write them down.

    Parameters
    ----------
    source_places, target_places
        (n_items,) uint32 row and column of an item in `edge_numbers`.
    edge_numbers
        int32 number of the edge asked for, -1 where a pair is none.
    bucket_edges
        (n_buckets,) of times.
    room
        At least how many transitions to write down there are; 0 to write down none. For the
        others see above.

    Returns
    -------
    histograms, sums
        (n_edges, n_buckets) int64 transitions; (n_edges, 2) the sum of their times, in whole
        seconds and the microseconds beyond them.
    edges, elapsed_us
        By transition written down, int64.
    """
    histograms = np.zeros((n_edges, len(bucket_edges)), np.int64)
    sums = np.zeros((n_edges, 2), np.int64)
    edges, elapsed_us = np.empty(room, np.int64), np.empty(room, np.int64)
    size = 0
    edge_of, hits = np.empty(CHUNK, np.int32), np.empty(CHUNK + 1, np.int64)
    items, rows, begins = empty_chunk()
    state = first_state(journey_starts, journey_lo, journey_hi)
    journeys = journey_starts, journey_ends, journey_lo, journey_hi
    last_row = np.int64(0)
    n_kept = 0
    while n_kept >= 0:
        n_kept, n_begins = read_chunk(
            code_bytes, width, n_items, *journeys, state, items, rows, begins
        )
        if n_kept < 1:
            continue
        if not state[SQUEEZED]:
            for place in range(n_kept):
                rows[place] = state[ROW] + place
        n_hits = _find_edges(
            items, n_kept, begins, n_begins, source_places, target_places, edge_numbers, edge_of,
            hits,
        )  # fmt: skip
        for place in hits[:n_hits]:
            edge = edge_of[place]
            elapsed = at_us[rows[place]] - at_us[rows[place - 1] if place else last_row]
            whole = elapsed // _SECOND
            histograms[edge, bucket_of(elapsed, bucket_edges)] += 1
            sums[edge, 0] += whole
            sums[edge, 1] += elapsed - whole * _SECOND
            if room:
                edges[size] = edge
                elapsed_us[size] = elapsed
                size += 1
        last_row = rows[n_kept - 1]
    return histograms, sums, edges[:size].copy(), elapsed_us[:size].copy()


def warm() -> None:
    """Compile for the types met."""
    codes, times = read_only([0, 1], np.uint8), read_only([0, 1])
    view = codes, 1, 2, read_only([0]), read_only([2]), 0, 1, times
    count_all_pairs(*view, MOST)
    count_known_pairs(*view, np.array([0, 1, 1]), np.array([1]))
    places, numbers = np.zeros(2, np.uint32), np.full((2, 2), -1, np.int32)
    measure_edges(*view, places, places, numbers, 1, read_only([0, 1]), 1)
