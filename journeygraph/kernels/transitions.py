"""How long units take from one item directly to the next."""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.buckets import bucket_of
from journeygraph.kernels.tiny import CODE_TYPES, read_only

__all__ = ["collect_transition_times", "count_transition_times", "warm"]


@numba.njit(nogil=True, cache=True)
def count_transition_times(
    item_codes,
    n_items,
    at_us,
    journey_starts,
    journey_ends,
    journey_lo,
    journey_hi,
    source_places,
    target_places,
    edge_numbers,
    n_edges,
    bucket_edges,
):
    """Count how long given transitions take, from start to start, by bucket.

    A transition never leaves its journey, and skips what is no item.

    Parameters
    ----------
    item_codes
        (n_interactions,) item of each interaction; n_items and above are no items.
    at_us
        (n_interactions,) int64, ascending within a journey.
    journey_starts, journey_ends
        (n_journeys,) rows where each journey begins and ends.
    journey_lo, journey_hi
        The journeys of this block.
    source_places, target_places
        (n_items,) int64 row and column of an item in `edge_numbers`, -1 where it has none.
    edge_numbers
        int32 number of the edge asked for, -1 where a pair is none.
    bucket_edges
        (n_buckets,) of times.

    Returns
    -------
    measures
        (n_edges, n_buckets, 3) int64: transitions, and the sum of their times in whole seconds
        and the microseconds beyond them: microseconds alone could exceed 64 bits.
    """
    measures = np.zeros((n_edges, len(bucket_edges), 3), np.int64)
    for journey in range(journey_lo, journey_hi):
        source_place = np.int64(-1)
        source_at = np.int64(0)
        for row in range(journey_starts[journey], journey_ends[journey]):
            item = item_codes[row]
            if item >= n_items:
                continue
            target_place = target_places[item]
            if source_place >= 0 and target_place >= 0:
                edge = edge_numbers[source_place, target_place]
                if edge >= 0:
                    elapsed = at_us[row] - source_at
                    seconds = elapsed // 1_000_000
                    bucket = bucket_of(elapsed, bucket_edges)
                    measures[edge, bucket, 0] += 1
                    measures[edge, bucket, 1] += seconds
                    measures[edge, bucket, 2] += elapsed - seconds * 1_000_000
            source_place = source_places[item]
            source_at = at_us[row]
    return measures


@numba.njit(nogil=True, cache=True)
def collect_transition_times(
    item_codes,
    n_items,
    at_us,
    journey_starts,
    journey_ends,
    journey_lo,
    journey_hi,
    source_places,
    target_places,
    edge_numbers,
    room,
):
    """Write down each time that given transitions take; for the parameters see above.

    Parameters
    ----------
    room
        At least how many there are.

    Returns
    -------
    edges, elapsed_us
        By transition, int64.
    """
    edges = np.empty(room, np.int64)
    elapsed_us = np.empty(room, np.int64)
    size = 0
    for journey in range(journey_lo, journey_hi):
        source_place = np.int64(-1)
        source_at = np.int64(0)
        for row in range(journey_starts[journey], journey_ends[journey]):
            item = item_codes[row]
            if item >= n_items:
                continue
            target_place = target_places[item]
            if source_place >= 0 and target_place >= 0:
                edge = edge_numbers[source_place, target_place]
                if edge >= 0:
                    edges[size] = edge
                    elapsed_us[size] = at_us[row] - source_at
                    size += 1
            source_place = source_places[item]
            source_at = at_us[row]
    return edges[:size].copy(), elapsed_us[:size].copy()


def warm() -> None:
    """Compile for the types met."""
    times, starts, ends = read_only([0, 1]), read_only([0]), read_only([2])
    places, numbers = np.array([0, 0]), np.zeros((1, 1), np.int32)
    for codes in (read_only([0, 1], dtype) for dtype in CODE_TYPES):
        given = codes, 2, times, starts, ends, 0, 1, places, places, numbers
        count_transition_times(*given, 1, read_only([0, 1]))
        collect_transition_times(*given, 1)
