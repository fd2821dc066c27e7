"""When the best choice of occurrences met its steps: forwards to the target, and back again."""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.funnel import NO_WINDOW
from journeygraph.kernels.tiny import read_only
from journeygraph.kernels.walk_scans import is_clear, mark

__all__ = ["trace", "warm"]

_FAR = 1 << 62


@numba.njit(nogil=True, cache=True)
def _go(records, start, hi, target, passages, limits, active, traces):
    """Mark what can be met from one start, up to the first record that meets the target.

    Returns that record, -1 where there is none. Bits of steps are left by record.
    """
    at_us, steps, exclusions, places = records
    into, sources, _, within_us, is_next, excluded, _, _, _, _ = passages
    window_us = limits[1]
    marks, last_met, last_excluded, _, _ = traces
    last_met[:] = -1
    last_excluded[:] = -1
    for record in range(start, hi):
        at = at_us[record]
        if at > at_us[start] + window_us:
            return -1
        found = np.int64(record == start)
        for step in range(1, target + 1):
            if record == start or not steps[record] >> step & 1:
                continue
            for passage in range(into[step], into[step + 1]):
                before = last_met[sources[passage]]
                if (
                    before >= 0
                    and at_us[before] >= at - within_us[passage]
                    and (not is_next[passage] or places[before] == places[record] - 1)
                    and is_clear(excluded[passage] & active, last_excluded, before)
                ):
                    found |= 1 << step
        marks[record - start] = found
        mark(found, last_met, record)
        if found >> target & 1:
            return record
        mark(exclusions[record], last_excluded, record)
    return -1


@numba.njit(nogil=True, cache=True)
def _come_back(records, start, end, target, passages, active, traces):
    """Of what was marked, find what leads to the target, and what is met next from each."""
    at_us, _, exclusions, places = records
    _, _, targets, within_us, is_next, excluded, out, outgoing, _, _ = passages
    marks, nearest, next_excluded, next_records, next_steps = traces
    nearest[:] = -1
    next_excluded[:] = _FAR
    nearest[target] = end
    for record in range(end - 1, start - 1, -1):
        good = 0
        for step in range(target):
            if not marks[record - start] >> step & 1:
                continue
            best, best_step = _FAR, target
            for number in range(out[step], out[step + 1]):
                passage = outgoing[number]
                after = nearest[targets[passage]]
                if (
                    0 <= after < best
                    and at_us[after] <= at_us[record] + within_us[passage]
                    and (not is_next[passage] or places[after] == places[record] + 1)
                    and _none_before(excluded[passage] & active, next_excluded, after)
                ):
                    best, best_step = after, targets[passage]
            if best < _FAR:
                good |= 1 << step
                next_records[record - start, step] = best
                next_steps[record - start, step] = best_step
        mark(good, nearest, record)
        mark(exclusions[record], next_excluded, record)


@numba.njit(nogil=True, cache=True)
def _none_before(exclusions, marks, bound):
    exclusion = 0
    while exclusions:
        if exclusions & 1 and marks[exclusion] < bound:
            return False
        exclusions >>= 1
        exclusion += 1
    return True


@numba.njit(nogil=True, cache=True)
def trace(records, lo, hi, only, target, passages, limits, active, traces, met):
    """Find when the best choice that reaches the target met its steps; -1 where it skipped one.

    That is the one of the earliest start, then of the earliest end, then of the earliest record
    (and the earliest step) after each.
    """
    met[:] = -1
    if target < 0:
        return
    for start in range(lo, hi):
        if not records[1][start] & 1 or (only >= 0 and start != only):
            continue
        end = _go(records, start, hi, target, passages, limits, active, traces)
        if end < 0:
            continue
        _come_back(records, start, end, target, passages, active, traces)
        record, step = start, 0
        while step != target:
            met[step] = record
            place = record - start
            record, step = traces[3][place, step], traces[4][place, step]
        met[target] = record
        return


def warm() -> None:
    """Compile for the types that views have."""
    passages = (
        read_only([0, 0, 1]), read_only([0]), read_only([1]), read_only([NO_WINDOW]),
        read_only([False], np.bool_), read_only([0]), read_only([0, 1, 1]), read_only([0]),
        read_only([1, 1]), read_only([False, False], np.bool_),
    )  # fmt: skip
    records = (read_only([0, 1]), read_only([1, 2]), read_only([0, 0]), read_only([0, 1]))
    room = (
        np.empty(2, np.int64), np.empty(2, np.int64), np.empty(64, np.int64),
        np.empty((2, 2), np.int64), np.empty((2, 2), np.int64),
    )  # fmt: skip
    limits = 2, NO_WINDOW, 1, False
    trace(records, 0, 2, -1, 1, passages, limits, 0, room, np.empty(2, np.int64))
