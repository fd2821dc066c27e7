"""Sequential patterns of any number of items, and with limits of gap and span: every end counts.

With a limit of gap the leftmost embedding of a prefix may go on to nothing where a later one
does, so all places are kept where a prefix can end. To each belongs the latest place where it
can have begun. Of two ends the later one never began earlier, therefore what follows a place is
looked for behind the nearest end only: its gap is the smallest and its span too. So a place is
looked at once for each prefix, and nothing is missed.

Without limits only the first end in each journey is kept; that is PrefixSpan for many items.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.pattern_rows import with_room, with_rows
from journeygraph.kernels.tiny import read_only

__all__ = ["mine_windows", "warm", "window_end"]

_N_COLUMNS = 5


@numba.njit(nogil=True, cache=True)
def window_end(reach, ends, starts, entry, hi):
    """The last place that may continue this end of a prefix: the next end goes on from there."""
    last = min(np.int64(reach[0, ends[entry]]), np.int64(reach[1, starts[entry]]))
    return min(last, np.int64(ends[entry + 1])) if entry + 1 < hi else last


@numba.njit(nogil=True, cache=True)
def _count_windows(layout, node, marks, stamp, counts, touched):
    """Count units, journeys, units of the second population, and ends by the item that follows.

    `counts` is (4, n_items) and 0 for all items but those that are then `touched`; the numbers
    that `marks` (2, n_items) holds are below `stamp`.
    """
    codes, reach, journeys, journey_units, second_units, _stop = layout
    ends, starts, lo, hi = node
    n_touched = 0
    for entry in range(lo, hi):
        end = np.int64(ends[entry])
        last = window_end(reach, ends, starts, entry, hi)
        if end == last:
            continue
        journey = np.int64(journeys[end])
        unit = np.int64(journey_units[journey])
        is_second = len(second_units) > 0 and second_units[unit]
        for place in range(end + 1, last + 1):
            item = np.int64(codes[place])
            counts[3, item] += 1
            if marks[1, item] == stamp + journey:
                continue
            marks[1, item] = stamp + journey
            if counts[1, item] == 0:
                touched[n_touched] = item
                n_touched += 1
            counts[1, item] += 1
            if marks[0, item] != stamp + unit:
                marks[0, item] = stamp + unit
                counts[0, item] += 1
                counts[2, item] += is_second
    return n_touched


@numba.njit(nogil=True, cache=True)
def _write_windows(layout, node, first_only, marks, stamp, cursors, ends, starts):
    """Write the ends of the continuations whose cursor is not negative."""
    codes, reach, journeys, _journey_units, _second_units, _stop = layout
    _ends, _starts, lo, hi = node
    for entry in range(lo, hi):
        end, start = np.int64(ends[entry]), starts[entry]
        last = window_end(reach, ends, starts, entry, hi)
        journey = np.int64(journeys[end])
        for place in range(end + 1, last + 1):
            item = np.int64(codes[place])
            if cursors[item] >= 0 and not (first_only and marks[1, item] == stamp + journey):
                marks[1, item] = stamp + journey
                ends[cursors[item]] = place
                starts[cursors[item]] = start
                cursors[item] += 1


@numba.njit(nogil=True, cache=True)
def _record(found, n_found, parent, counts, touched, n_touched, least, cursors):
    """Write the frequent continuations of a pattern, and clear the counts; how many are found.

    The cursor of a frequent item becomes the number of its ends.
    """
    for number in range(n_touched):
        item = touched[number]
        if counts[0, item] >= least:
            found[n_found, 0] = parent
            found[n_found, 1] = item
            for count in range(3):
                found[n_found, 2 + count] = counts[count, item]
            n_found += 1
            cursors[item] = counts[3, item]
        for count in range(4):
            counts[count, item] = 0
    return n_found


@numba.njit(nogil=True, cache=True)
def _lists_for(found, first_found, n_found, first_only, cursors, top, bounds):
    """Give each new pattern a list of its ends; where the lists end."""
    for number in range(first_found, n_found):
        item = found[number, 1]
        size = found[number, 3] if first_only else cursors[item]
        bounds[number, 0] = top
        bounds[number, 1] = top + size
        cursors[item] = top
        top += size
    return top


@numba.njit(nogil=True, cache=True)
def _begin(root_starts, entries, item, ends, starts):
    """Copy the places of an item to where the search begins; the arrays and how many."""
    first = root_starts[item]
    n_places = root_starts[item + 1] - first
    ends, starts = with_room(ends, n_places), with_room(starts, n_places)
    for entry in range(n_places):
        ends[entry] = starts[entry] = entries[first + entry]
    return ends, starts, n_places


@numba.njit(nogil=True, cache=True)
def mine_windows(layout, roots, root_starts, entries, first_only, least, max_length, max_patterns):
    """Find the patterns that continue some items.

    Parameters
    ----------
    layout
        codes (uint32 by place, `pattern_rows`), reach (`mark_reach`), journeys (uint32 by
        place), journey_units, second_units (bool by unit, or empty), and the stop code,
        which is the number of items.
    roots
        int64 items to begin with.
    root_starts, entries
        (n_items + 1,) int64 where the places of each item begin, and these, uint32: all of
        them, or the first in each journey.
    first_only
        Whether there are no limits, so that first ends will do.
    least, max_length, max_patterns
        Fewest units of a pattern, its most items (2 or more), and how many to find at most.

    Returns
    -------
    found
        (n, 5) int64 as `patterns.COLUMNS` says; more than max_patterns rows say that there
        are more.

    Notes
    -----
    For each pattern O(places within the limits behind its ends), twice.
    """
    stop = layout[5]
    n_stamps = max(len(layout[3]), 1)  # no unit and no journey has a larger number
    found = np.empty((256, _N_COLUMNS), np.int64)
    bounds, lengths = np.empty((256, 2), np.int64), np.empty(256, np.int64)
    ends, starts = np.empty(256, np.uint32), np.empty(256, np.uint32)
    counts, marks = np.zeros((4, stop), np.int64), np.full((2, stop), -1, np.int64)
    touched, cursors = np.empty(stop, np.int64), np.full(stop, -1, np.int64)
    pending = [-1 - root for root in roots]
    stamp, n_found = np.int64(0), 0
    while len(pending) > 0 and n_found <= max_patterns:
        parent = pending.pop()
        lo, hi, length = 0, 0, 1
        if parent < 0:
            ends, starts, hi = _begin(root_starts, entries, -1 - parent, ends, starts)
        else:
            lo, hi, length = bounds[parent, 0], bounds[parent, 1], lengths[parent]
        node = (ends, starts, lo, hi)
        n_touched = _count_windows(layout, node, marks, stamp, counts, touched)
        stamp += n_stamps
        first_found = n_found
        found = with_rows(found, n_found + n_touched)
        n_found = _record(found, n_found, parent, counts, touched, n_touched, least, cursors)
        bounds, lengths = with_rows(bounds, n_found), with_room(lengths, n_found)
        for number in range(first_found, n_found):
            lengths[number] = length + 1
        if length + 1 < max_length and n_found > first_found:
            top = _lists_for(found, first_found, n_found, first_only, cursors, hi, bounds)
            ends, starts = with_room(ends, top), with_room(starts, top)
            _write_windows(layout, node, first_only, marks, stamp, cursors, ends, starts)
            stamp += n_stamps
            for number in range(first_found, n_found):
                pending.append(np.int64(number))
        for number in range(first_found, n_found):
            cursors[found[number, 1]] = -1
    return found[:n_found]


def warm() -> None:
    """Compile for the types met."""
    codes, entries = np.array([0, 0, 1], np.uint32), np.array([0, 1], np.uint32)
    reach, places = np.zeros((2, 3), np.uint32), np.zeros(3, np.uint32)
    layout = (codes, reach, places, read_only([0], np.int32), np.empty(0, np.bool_), 1)
    mine_windows(layout, np.array([0]), np.array([0, 2]), entries, False, 1, 3, 10)
