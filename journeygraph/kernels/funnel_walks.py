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

__all__ = ["BEST", "EVERY", "FIRST", "follow_walks", "warm"]

BEST, FIRST, EVERY = 0, 1, 2
"""Which starts count: any, the unit's first, or each one that comes after the walk before."""

_NO_START = np.iinfo(np.int64).min
_FAR = 1 << 62


@numba.njit(nogil=True, cache=True)
def _is_clear(exclusions, marks, at_most):
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
                and _is_clear(excluded[passage] & active, last_excluded, before)
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
def _scan(records, lo, hi, only, stops, passages, limits, active, leaving, queues):
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
        _mark(exclusions[record], last_excluded, record)
    return state[0], state[1], offends, hi


@numba.njit(nogil=True, cache=True)
def _mark(exclusions, marks, record):
    exclusion = 0
    while exclusions:
        if exclusions & 1:
            marks[exclusion] = record
        exclusions >>= 1
        exclusion += 1


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
                    and _is_clear(excluded[passage] & active, last_excluded, before)
                ):
                    found |= 1 << step
        marks[record - start] = found
        _mark(found, last_met, record)
        if found >> target & 1:
            return record
        _mark(exclusions[record], last_excluded, record)
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
        _mark(good, nearest, record)
        _mark(exclusions[record], next_excluded, record)


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
def _trace(records, lo, hi, only, target, passages, limits, active, traces, met):
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
def _scan_any(records, lo, hi, only, stops, limits, matches, met):
    """How many steps are met in any order, at best; by the earliest start of those choices.

    Returns bits of numbers of steps as of steps in `_scan`.
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
        reached, _, offends, _ = _scan(
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
        choice could still go on.
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
                bits, still, end = _scan_any(records, start, hi, only, stops, limits, matches, met)
            else:
                bits, still, _, end = _scan(
                    records, max(start, only), hi, only, stops, passages, limits, every_exclusion,
                    -1, queues,
                )  # fmt: skip
                _trace(
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
