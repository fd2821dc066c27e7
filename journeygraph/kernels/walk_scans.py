"""Which steps of a funnel some choice of occurrences reaches: one pass over the records of a part.

For each passage from one step to another the occurrences that nothing else is better than stand
in a queue, later ones with earlier starts behind; see `funnel_walks`.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.funnel import NO_WINDOW
from journeygraph.kernels.tiny import read_only

__all__ = ["is_clear", "mark", "scan", "warm"]

_NO_START = np.iinfo(np.int64).min


@numba.njit(nogil=True, cache=True)
def is_clear(exclusions, marks, at_most):
    """Whether every one of these exclusions was last (or is next) seen on the right side."""
    exclusion = 0
    while exclusions:
        if exclusions & 1 and marks[exclusion] > at_most:
            return False
        exclusions >>= 1
        exclusion += 1
    return True


@numba.njit(nogil=True, cache=True)
def _best_start(step, record, records, passages, active, queues):
    """The latest start of a choice that this record can go on as this step; _NO_START if none.

    What stands too far back in a queue will do so for every later record, and falls out.
    """
    at_us, _, _, places = records
    into, _, _, within_us, is_next, excluded, _, _, _, _ = passages
    queued, starts, heads, tails, last_excluded, _ = queues
    best = _NO_START
    for passage in range(into[step], into[step + 1]):
        head = heads[passage]
        while head < tails[passage]:
            before = queued[passage, head]
            if (
                at_us[before] >= at_us[record] - within_us[passage]
                and (not is_next[passage] or places[before] == places[record] - 1)
                and is_clear(excluded[passage] & active, last_excluded, before)
            ):
                best = max(best, starts[passage, head])
                break
            head += 1
        heads[passage] = head
    return best


@numba.njit(nogil=True, cache=True)
def _line_up(step, record, best, passages, queues):
    """Queue a record that meets a step, for all passages from it."""
    out, outgoing = passages[6], passages[7]
    queued, starts, heads, tails, _, latest = queues
    latest[step] = max(latest[step], best)
    for number in range(out[step], out[step + 1]):
        passage = outgoing[number]
        tail = tails[passage]
        while tail > heads[passage] and starts[passage, tail - 1] <= best:
            tail -= 1
        queued[passage, tail] = record
        starts[passage, tail] = best
        tails[passage] = tail + 1


@numba.njit(nogil=True, cache=True)
def _meet(record, only, records, passages, limits, active, queues, state):
    """Let a record meet all steps that it can, as none of which it was met before.

    `state` holds the bits of steps reached and of those still alive, until when the walk may be
    gone on, and the place that may go on with it where that must be the next, until when.
    """
    n_steps, window_us, as_of_us, is_open = limits
    out_us, only_next = passages[8], passages[9]
    at = records[0][record]
    for step in range(n_steps - 1, -1, -1):
        if not records[1][record] >> step & 1:
            continue
        if step > 0:
            best = _best_start(step, record, records, passages, active, queues)
        else:
            best = at if only < 0 or record == only else _NO_START
        if best == _NO_START or best < at - window_us:
            continue
        _line_up(step, record, best, passages, queues)
        until_us = min(at + out_us[step], best + window_us)
        is_alive = until_us > as_of_us
        if window_us == NO_WINDOW and out_us[step] == NO_WINDOW:
            is_alive = is_open
        state[0] |= 1 << step
        state[1] |= np.int64(is_alive) << step
        if not only_next[step]:
            state[2] = max(state[2], until_us)
        elif records[3][record] + 1 > state[3]:
            state[3], state[4] = records[3][record] + 1, until_us
        else:
            state[4] = max(state[4], until_us)


@numba.njit(nogil=True, cache=True)
def _has_ended(at, place, state):
    """Whether nothing can be gone on with, neither later nor directly next."""
    return at > state[2] and (place > state[3] or at > state[4])


@numba.njit(nogil=True, cache=True)
def scan(records, lo, hi, only, stops, passages, limits, active, leaving, queues):
    """Which steps some choice reaches, which of them could still go on, and who offends.

    Parameters
    ----------
    records
        (at_us, steps, exclusions, places), see `follow_walks`.
    lo, hi
        The records of one part.
    only
        The record that alone may be the first step, -1 for any.
    stops
        Whether to stop where the walk from `only` has ended.
    passages
        See `follow_walks`.
    limits
        (n_steps, window_us, as_of_us, is_open).
    active
        Bits of the exclusions that are looked at.
    leaving
        The step behind which the exclusion in `active` is an offence, -1 for none.
    queues
        (records, starts, heads, tails, last_excluded, latest), for use inside.

    Returns
    -------
    reached, alive, offends, end
        Bits of steps; whether there was an offence; the record behind the walk.
    """
    at_us, _, exclusions, places = records
    n_steps, window_us, _, _ = limits
    _, _, heads, tails, last_excluded, latest = queues
    heads[:] = 0
    tails[:] = 0
    last_excluded[:] = -1
    latest[:] = _NO_START
    state = np.array([0, 0, _NO_START, -1, _NO_START])
    offends = False
    for record in range(lo, hi):
        if stops and record > only and _has_ended(at_us[record], places[record], state):
            return state[0], state[1], offends, record
        if leaving >= 0 and exclusions[record] & active:
            start_us = latest[leaving]
            offends |= start_us != _NO_START and start_us >= at_us[record] - window_us
        _meet(record, only, records, passages, limits, active, queues, state)
        if stops and state[0] >> (n_steps - 1) & 1:
            return state[0], state[1], offends, record + 1
        mark(exclusions[record], last_excluded, record)
    return state[0], state[1], offends, hi


@numba.njit(nogil=True, cache=True)
def mark(exclusions, marks, record):
    """Note for each of some exclusions, or steps, that it was last seen at this record."""
    exclusion = 0
    while exclusions:
        if exclusions & 1:
            marks[exclusion] = record
        exclusions >>= 1
        exclusion += 1


def warm() -> None:
    """Compile for the types that views have."""
    passages = (
        read_only([0, 0, 1]), read_only([0]), read_only([1]), read_only([NO_WINDOW]),
        read_only([False], np.bool_), read_only([0]), read_only([0, 1, 1]), read_only([0]),
        read_only([1, 1]), read_only([False, False], np.bool_),
    )  # fmt: skip
    records = (read_only([0, 1]), read_only([1, 2]), read_only([0, 0]), read_only([0, 1]))
    queues = (
        np.empty((1, 2), np.int64), np.empty((1, 2), np.int64), np.zeros(1, np.int64),
        np.zeros(1, np.int64), np.empty(64, np.int64), np.empty(2, np.int64),
    )  # fmt: skip
    limits = 2, NO_WINDOW, 1, False
    scan(records, 0, 2, -1, False, passages, limits, 0, -1, queues)
