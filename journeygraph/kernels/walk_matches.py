"""How many steps of a funnel are met in any order, each by an occurrence of its own.

Occurrences are matched with steps along augmenting paths, so that no choice is missed.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.funnel import NO_WINDOW
from journeygraph.kernels.tiny import read_only

__all__ = ["scan_any", "warm"]


@numba.njit(nogil=True, cache=True)
def _augment(record, steps, matched, ways, queue):
    """Give a record to a step, moving others to other steps of theirs; False where none is free."""
    seen = 0
    n_queued = done = 0
    reachable, origin = steps[record], -1
    while True:
        step = 0
        fresh = reachable & ~seen
        while fresh:
            if fresh & 1:
                ways[step] = origin
                if matched[step] < 0:
                    while step >= 0:
                        matched[step] = record if ways[step] < 0 else matched[ways[step]]
                        step = ways[step]
                    return True
                seen |= 1 << step
                queue[n_queued] = step
                n_queued += 1
            fresh >>= 1
            step += 1
        if done == n_queued:
            return False
        origin = queue[done]
        reachable = steps[matched[origin]]
        done += 1


@numba.njit(nogil=True, cache=True)
def _match(records, start, hi, limits, matches):
    """How many steps are met from a start on, by distinct records; and the record behind."""
    at_us, steps, _, _ = records
    n_steps, window_us = limits[0], limits[1]
    matched, ways, queue, found = matches
    matched[:] = -1
    number = 0
    record = start
    while record < hi and number < n_steps and at_us[record] <= at_us[start] + window_us:
        if steps[record] and _augment(record, steps, matched, ways, queue):
            found[number] = record
            number += 1
        record += 1
    return number, record


@numba.njit(nogil=True, cache=True)
def scan_any(records, lo, hi, only, stops, limits, matches, met):
    """How many steps are met in any order, at best; by the earliest start of those choices.

    Returns bits of numbers of steps as of steps in `scan`.
    """
    _, window_us, as_of_us, is_open = limits
    met[:] = -1
    depth = 0
    alive = False
    for start in range(lo, hi):
        if not records[1][start] or (only >= 0 and start != only):
            continue
        number, end = _match(records, start, hi, limits, matches)
        if number > depth:
            depth, alive = number, False
            met[:number] = matches[3][:number]
        if number == depth:
            alive |= (
                is_open if window_us == NO_WINDOW else (records[0][start] + window_us > as_of_us)
            )
        if window_us == NO_WINDOW or stops:  # a later start would see no more
            return (1 << depth) - 1, np.int64(alive) << (depth - 1), end
    return (1 << depth) - 1, np.int64(alive) << max(depth - 1, 0), hi


def warm() -> None:
    """Compile for the types that views have."""
    records = (read_only([0, 1]), read_only([1, 2]), read_only([0, 0]), read_only([0, 1]))
    room = tuple(np.empty(2, np.int64) for _ in range(4))
    scan_any(records, 0, 2, -1, False, (2, NO_WINDOW, 1, False), room, np.empty(2, np.int64))
