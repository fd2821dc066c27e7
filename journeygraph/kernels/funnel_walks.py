"""Follow units through funnels with conditions between steps: limits, exclusions, optional steps.

The plain funnel (`kernels.funnel`) is one number for each step. Once the time since the step
before is limited, or something must not lie between two steps, the latest start is no longer
enough: a later occurrence of a step may leave more time and have an earlier start. So for each
passage from one step to another the occurrences that nothing else is better than are kept in a
queue, later ones with earlier starts behind, from whose front those fall that are too long ago:
the largest start of a sliding range, at a constant cost for each occurrence.

What a *walk* is hangs on the question: a unit by its best choice of occurrences, or one entry of
a unit. Both are found by the same scan, of all starts or of one.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.funnel import NO_WINDOW
from journeygraph.kernels.tiny import read_only
from journeygraph.kernels.walk_matches import scan_any
from journeygraph.kernels.walk_scans import scan
from journeygraph.kernels.walk_traces import trace

__all__ = ["BEST", "EVERY", "FIRST", "follow_walks", "warm"]

BEST, FIRST, EVERY = 0, 1, 2
"""Which starts count: any, the unit's first, or each one that comes after the walk before."""


@numba.njit(nogil=True, cache=True)
def _first_starts(rows, steps, part_starts, part_units, unit_lo, n_units, wanted):
    """By unit the record that is its first start, -1 where it has none."""
    first = np.full(n_units, -1, np.int64)
    for part in range(len(part_units)):
        unit = part_units[part] - unit_lo
        for record in range(part_starts[part], part_starts[part + 1]):
            if steps[record] & wanted:
                if first[unit] < 0 or rows[record] < rows[first[unit]]:
                    first[unit] = record
                break
    return first


@numba.njit(nogil=True, cache=True)
def _offences(bounds, only, stops, records, passages, limits, leaving, queues):
    """Bits of exclusions that were met where they must not be, and where some choice went on."""
    offended = clean = 0
    for exclusion in range(len(leaving)):
        since, until = leaving[exclusion, 0], leaving[exclusion, 1]
        if since < 0:
            continue
        reached, _, offends, _ = scan(
            records, bounds[0], bounds[1], only, stops, passages, limits, 1 << exclusion, since,
            queues,
        )  # fmt: skip
        offended |= np.int64(offends) << exclusion
        clean |= (reached >> until & 1) << exclusion
    return offended, clean


@numba.njit(nogil=True, cache=True)
def _start_of(entry, start, hi, steps, wanted, first):
    """The record that alone may be a start: that of the next entry, or the unit's first; or -1.

    `hi` where there is none.
    """
    if entry == BEST:
        return -1
    if entry == FIRST:
        return first if start <= first < hi else hi
    while start < hi and not steps[start] & wanted:
        start += 1
    return start


@numba.njit(nogil=True, cache=True)
def _keep(walk, bits, rows, met, reached, met_rows):
    """Keep the times of a choice that goes further than those before, or as far from earlier."""
    before, now = _furthest(reached[walk]), _furthest(bits)
    if now > before or (now == before and rows[met[0]] < met_rows[walk, 0]):
        for step in range(met_rows.shape[1]):
            met_rows[walk, step] = rows[met[step]] if met[step] >= 0 else -1


@numba.njit(nogil=True, cache=True)
def follow_walks(
    rows, records, part_starts, part_units, unit_lo, unit_open, passages, n_steps, window_us,
    as_of_us, entry, is_any, every_exclusion, leaving,
):  # fmt: skip
    """Find the walks of some units through the steps.

    Parameters
    ----------
    rows
        (n_records,) int64: the row of each interaction that is a step or an exclusion, part by
        part, ascending within a part.
    records
        Of each record: when, bits of the steps it can be, bits of the exclusions it is, and the
        how many-th item of its part it is.
    part_starts, part_units
        Records of each part, whose choices stay within it, and its unit, ascending.
    unit_lo, unit_open
        The first unit, and by unit whether it is open by the inactivity limit.
    passages
        Which step may follow which, in the order of the later step: into (n_steps + 1,) bounds by
        later step, sources, targets, within_us (inclusive), is_next, excluded (bits); and by
        earlier step: out (n_steps + 1,) bounds, outgoing (passages), out_us (the longest
        within_us), only_next (whether all are is_next).
    n_steps, window_us
        As in `funnel.follow_steps`.
    as_of_us
        The end of the data.
    entry
        BEST, FIRST or EVERY.
    is_any
        Whether order does not matter; then there is no passage, and the k-th step means k steps.
    every_exclusion
        Bits of all exclusions.
    leaving
        By exclusion the first and the last step, if whoever meets it between them leaves; -1.

    Returns
    -------
    units
        (n_walks,) int64, ascending.
    reached, alive
        (n_walks,) int64 bits of steps: those that some choice reaches, and those from which some
        choice could still go on; in any order the last one reached alone.
    left
        (n_walks,) bool.
    met_rows
        (n_walks, n_steps) int64: the rows of the best choice, -1 for steps that it lacks.

    Notes
    -----
    O(records x passages into their steps) for what is reached. When the best choice met its steps
    takes a second look from each start that may be it, within its window.
    """
    _, steps, _, _ = records
    most = max(1, np.diff(part_starts).max()) if len(part_units) else 1
    queues, traces, matches = _rooms(most, len(passages[1]), n_steps)
    met = np.empty(n_steps, np.int64)
    wanted = -1 if is_any else 1
    first = _first_starts(rows, steps, part_starts, part_units, unit_lo, len(unit_open), wanted)
    size = len(rows) if entry == EVERY else len(unit_open)
    units = np.full(size, -1, np.int64)
    reached, alive = np.zeros(size, np.int64), np.zeros(size, np.int64)
    offended, clean = np.zeros(size, np.int64), np.zeros(size, np.int64)
    met_rows = np.full((size, n_steps), -1, np.int64)
    walk = -1
    stops = entry == EVERY
    for part in range(len(part_units)):
        unit = part_units[part]
        start, hi = part_starts[part], part_starts[part + 1]
        limits = (n_steps, window_us, as_of_us, unit_open[unit - unit_lo])
        while start < hi:
            only = _start_of(entry, start, hi, steps, wanted, first[unit - unit_lo])
            if only == hi:
                break
            if is_any:
                bits, still, end = scan_any(records, start, hi, only, stops, limits, matches, met)
            else:
                bits, still, _, end = scan(
                    records, max(start, only), hi, only, stops, passages, limits, every_exclusion,
                    -1, queues,
                )  # fmt: skip
                trace(
                    records, start, hi, only, _furthest(bits), passages, limits, every_exclusion,
                    traces, met,
                )  # fmt: skip
            if bits:
                walk += stops or walk < 0 or units[walk] != unit
                units[walk] = unit
                offends, goes_on = _offences(
                    (max(start, only), hi), only, stops, records, passages, limits, leaving, queues
                )
                offended[walk] |= offends
                clean[walk] |= goes_on
                _keep(walk, bits, rows, met, reached, met_rows)
                reached[walk] |= bits
                alive[walk] |= still
                if is_any:  # another part may have met more steps
                    alive[walk] &= ~(reached[walk] >> 1)
            start = end if stops else hi
    n = walk + 1
    return units[:n], reached[:n], alive[:n], (offended & ~clean)[:n] != 0, met_rows[:n]


@numba.njit(nogil=True, cache=True)
def _rooms(most, n_passages, n_steps):
    """What is used inside: queues, traces, and matches of steps with records."""
    queues = (
        np.empty((n_passages, most), np.int64), np.empty((n_passages, most), np.int64),
        np.zeros(n_passages, np.int64), np.zeros(n_passages, np.int64),
        np.empty(64, np.int64), np.empty(n_steps, np.int64),
    )  # fmt: skip
    traces = (
        np.empty(most, np.int64), np.empty(n_steps, np.int64), np.empty(64, np.int64),
        np.empty((most, n_steps), np.int64), np.empty((most, n_steps), np.int64),
    )  # fmt: skip
    matches = (
        np.empty(n_steps, np.int64), np.empty(n_steps, np.int64), np.empty(n_steps, np.int64),
        np.empty(n_steps, np.int64),
    )  # fmt: skip
    return queues, traces, matches


@numba.njit(nogil=True, cache=True)
def _furthest(bits):
    """The highest bit, -1 where there is none."""
    step = -1
    while bits:
        bits >>= 1
        step += 1
    return step


def warm() -> None:
    """Compile for the types that views have."""
    one, flag = read_only([0, 1]), read_only([False], np.bool_)
    passages = (
        read_only([0, 0, 1]), read_only([0]), read_only([1]), read_only([NO_WINDOW]), flag,
        read_only([0]), read_only([0, 1, 1]), read_only([0]), read_only([1, 1]),
        read_only([False, False], np.bool_),
    )  # fmt: skip
    records = (one, read_only([1, 2]), read_only([0, 0]), one)
    follow_walks(
        one, records, read_only([0, 2]), read_only([0]), 0, flag, passages, 2, NO_WINDOW, 1, BEST,
        False, 0, read_only([[-1, -1]]),
    )  # fmt: skip
