"""Which journeys match a pattern: by a table of states, by sets of places, or with time.

A journey is read once, item by item, from its first to the one at which the match is certain. The
beginning and the end of a journey are read like items. What has a time limit is read by places and
not by table, as a place has to remember when its limit began; so few journeys get there (those
that match with the limits left aside) that codes of one width do.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import USUAL_CODE_TYPES, read_only

__all__ = ["match_by_sets", "match_by_table", "match_in_time", "warm"]

_ONE = np.uint64(1)
_SINCE_QUEUED, _QUEUE = 3, 4
_NONE = np.uint64(0)


@numba.njit(nogil=True, cache=True)
def match_by_table(
    item_codes, n_items, starts, ends, kind_of, next_states, n_kinds, accepts_at_end, start, matches
):
    """Mark the journeys that come to the state 0, or end in one that accepts.

    Parameters
    ----------
    item_codes, n_items
        By row; codes of n_items and above are passed over.
    starts, ends
        (n_journeys,) int64 rows of each journey.
    kind_of
        (n_items,) uint16 kind of each item, below n_kinds.
    next_states
        (n_states * n_kinds,) int16 the state after an item of a kind.
    accepts_at_end
        (n_states,) bool.
    start
        The state before the first item.
    matches
        (n_journeys,) bool, written.
    """
    for journey in range(len(starts)):
        state = start
        for row in range(starts[journey], ends[journey]):
            code = item_codes[row]
            if code < n_items:
                state = np.int64(next_states[state * n_kinds + np.int64(kind_of[code])])
                if state == 0:
                    break
        matches[journey] = accepts_at_end[state]


@numba.njit(nogil=True, cache=True)
def match_by_sets(item_codes, n_items, starts, ends, item_places, follow, ways, matches):
    """Mark the journeys that match; nothing is said of time.

    Parameters
    ----------
    item_codes, n_items, starts, ends, matches
        As of `match_by_table`.
    item_places
        (n_items,) uint64 places that an item may be at, one bit each.
    follow
        (64,) uint64 by place, the places that may come next.
    ways
        (4,) uint64: where a match may begin; where it may end; the places of the journey's
        beginning; those of its end.
    """
    first, last, start_places, end_places = ways[0], ways[1], ways[2], ways[3]
    for journey in range(len(starts)):
        places = first & start_places
        for row in range(starts[journey], ends[journey]):
            if places & last:
                break
            code = item_codes[row]
            if code < n_items:
                places = _after(places, follow, first) & item_places[code]
        if not places & last:
            places = _after(places, follow, first) & end_places
        matches[journey] = (places & last) != _NONE


@numba.njit(nogil=True, cache=True)
def _after(places, follow, first):
    reached = first
    place = 0
    while places:
        if places & _ONE:
            reached |= follow[place]
        places >>= _ONE
        place += 1
    return reached


@numba.njit(nogil=True, cache=True)
def match_in_time(
    item_codes, n_items, starts, ends, at_us, item_places, ways, edge_places, edge_us, matches
):
    """Mark the journeys that match within the limits of time.

    Parameters
    ----------
    item_codes, n_items, starts, ends, item_places, matches
        As of `match_by_sets`.
    at_us
        (n_interactions,) int64 times, ascending within a journey.
    ways
        (6,) uint64: as of `match_by_sets`, then places where the earliest beginning is kept and
        not the latest, and those where all are, in a queue.
    edge_places
        (n_edges, 4) int64: source, target, what is measured (0 nothing, 1 the time since the item
        before, 2 since the limit began, 3 since one of those queued at the source), what the
        target remembers (0 nothing, 1 what the source does, 2 the time of the item before, 3 that
        of the item itself, 4 the time of the item before, behind those queued at the target).
    edge_us
        (n_edges, 2) int64 least and most of what is measured.

    Notes
    -----
    O(rows * edges). Why one moment for each place is enough is told in `pattern_automaton`.
    """
    began, next_began = np.zeros(64, np.int64), np.zeros(64, np.int64)
    queues = _queues(ways[5], starts, ends)
    for journey in range(len(starts)):
        queues[1][:] = 0
        places, last_us, is_begun = _NONE, np.int64(0), False
        for row in range(starts[journey], ends[journey]):
            code = item_codes[row]
            if code >= n_items:
                continue
            now_us = at_us[row]
            if not is_begun:
                is_begun = True
                places = _step(
                    _NONE, ways[2], now_us, now_us, ways, edge_places, edge_us,
                    began, next_began, queues,
                )  # fmt: skip
                began, next_began = next_began, began
                last_us = now_us
                if places & ways[1]:
                    break
            places = _step(
                places, item_places[code], now_us, last_us, ways, edge_places, edge_us,
                began, next_began, queues,
            )  # fmt: skip
            began, next_began = next_began, began
            last_us = now_us
            if places & ways[1]:
                break
        if not places & ways[1] and ways[3]:
            places = _step(
                places, ways[3], last_us, last_us, ways, edge_places, edge_us,
                began, next_began, queues,
            )  # fmt: skip
            began, next_began = next_began, began
        matches[journey] = (places & ways[1]) != _NONE


@numba.njit(nogil=True, cache=True)
def _step(places, allowed, now_us, last_us, ways, edge_places, edge_us, began, next_began, queues):
    """The places after one more item, and in `next_began` what they remember.

    A beginning is queued before the edges from its place are asked: it began with the item
    before, and over no gap at all the same limit holds.
    """
    reached = ways[0] & allowed
    for place in range(64):
        if (reached >> np.uint64(place)) & _ONE:
            next_began[place] = now_us  # of use within a group with a time of its own alone
    for edge in range(len(edge_places)):
        source, target = np.uint64(edge_places[edge, 0]), np.uint64(edge_places[edge, 1])
        if not ((places >> source) & (allowed >> target) & _ONE):
            continue
        moments = now_us, last_us, began[source]
        if edge_places[edge, 2] == _SINCE_QUEUED:
            in_time = _is_one_in_time(queues, source, now_us, edge_us[edge])
        else:
            in_time = _is_in_time(edge_places[edge, 2], edge_us[edge], moments)
        if in_time:
            update, is_new = edge_places[edge, 3], not (reached >> target) & _ONE
            _remember(update, target, moments, is_new, ways[4], next_began, queues)
            reached |= _ONE << target
    _leave(ways[5] & ~reached, queues)
    return reached


@numba.njit(nogil=True, cache=True)
def _remember(update, target, moments, is_new, keep_least, next_began, queues):
    """Write what a place remembers that was reached."""
    if update == _QUEUE:
        _line_up(queues, target, moments[1])
        return
    remembered_us = _remembered(update, moments)
    if is_new:
        next_began[target] = remembered_us
    elif (keep_least >> target) & _ONE:
        next_began[target] = min(next_began[target], remembered_us)
    else:
        next_began[target] = max(next_began[target], remembered_us)


@numba.njit(nogil=True, cache=True)
def _leave(left, queues):
    """Forget the beginnings of places that were not reached."""
    place = 0
    while left:
        if left & _ONE:
            queues[1][place, 0] = queues[1][place, 1]
        left >>= _ONE
        place += 1


@numba.njit(nogil=True, cache=True)
def _queues(queued, starts, ends):
    """Room for the beginnings of each place with a queue: its times, and (64, 2) front and end."""
    longest = np.int64(0)
    for journey in range(len(starts)):
        longest = max(longest, ends[journey] - starts[journey])
    number_of, n_queues = np.zeros(64, np.int64), 0
    for place in range(64):
        if (queued >> np.uint64(place)) & _ONE:
            number_of[place] = n_queues
            n_queues += 1
    room = longest + 1 if n_queues else 0
    return np.zeros((max(n_queues, 1), room), np.int64), np.zeros((64, 2), np.int64), number_of


@numba.njit(nogil=True, cache=True)
def _line_up(queues, place, began_us):
    """Put a beginning behind those of a place, each time once."""
    times, bounds, number_of = queues
    queue, end = number_of[place], bounds[place, 1]
    if end > bounds[place, 0] and times[queue, end - 1] == began_us:
        return
    times[queue, end] = began_us
    bounds[place, 1] = end + 1


@numba.njit(nogil=True, cache=True)
def _is_one_in_time(queues, place, now_us, limits_us):
    """Whether a beginning at a place is at least and at most so long ago.

    Of those long enough ago the latest is as good as any from now on, so the others fall out.
    """
    times, bounds, number_of = queues
    queue, front, end = number_of[place], bounds[place, 0], bounds[place, 1]
    while front + 1 < end and now_us - times[queue, front + 1] >= limits_us[0]:
        front += 1
    bounds[place, 0] = front
    return front < end and limits_us[0] <= now_us - times[queue, front] <= limits_us[1]


@numba.njit(nogil=True, cache=True)
def _is_in_time(measure, limits_us, moments):
    if measure == 0:
        return True
    waited_us = moments[0] - moments[measure]
    return limits_us[0] <= waited_us <= limits_us[1]


@numba.njit(nogil=True, cache=True)
def _remembered(update, moments):
    if update == 0:
        return np.int64(0)
    return moments[3 - update]


def warm() -> None:
    """Compile for the types met; beyond the table, codes are of the widest type."""
    rows, ends, matches = read_only([0]), read_only([1]), np.zeros(1, np.bool_)
    table = (
        read_only([0], np.uint16),
        read_only([0, 0], np.int16),
        1,
        read_only([True, False], bool),
    )
    for dtype in USUAL_CODE_TYPES:
        match_by_table(read_only([0], dtype), 1, rows, ends, *table, 1, matches)
    codes, places = read_only([0], np.uint32), read_only([1], np.uint64)
    follow, ways = read_only([0] * 64, np.uint64), read_only([1, 1, 0, 0, 0, 0], np.uint64)
    match_by_sets(codes, 1, rows, ends, places, follow, ways, matches)
    edges, edge_us = read_only([[0, 0, 0, 0]]), read_only([[0, 0]])
    match_in_time(codes, 1, rows, ends, rows, places, ways, edges, edge_us, matches)
