"""Where given patterns are in each unit: the first occurrence, and only that.

Patterns come in the order of dictionaries, so that what one shares with the one before is not
looked for again. The first occurrence is the one that ends first; of those, the one that begins
first. Without limits it is found from the left. With limits the first end is, and then the
search goes back from it: a place counts if the nearest place behind it that leads to the end is
near enough.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.gapped_patterns import window_end
from journeygraph.kernels.pattern_rows import with_room, with_rows
from journeygraph.kernels.tiny import read_only

__all__ = ["locate_patterns", "warm"]


@numba.njit(nogil=True, cache=True)
def _begin(journeys, places, first_only, ends, starts):
    """Write where an item stands, or first stands in each journey; the arrays, and how many."""
    ends, starts = with_room(ends, len(places)), with_room(starts, len(places))
    top = 0
    for at in range(len(places)):
        place = places[at]
        if not first_only or top == 0 or journeys[ends[top - 1]] != journeys[place]:
            ends[top] = starts[top] = place
            top += 1
    return ends, starts, top


@numba.njit(nogil=True, cache=True)
def _continue(reach, places, first_only, ends, starts, lo, hi):
    """Write behind ends[hi] where an item continues ends[lo:hi]; the arrays, and where it ends.

    Ends and the places of the item ascend, and are gone through side by side.
    """
    top, at = hi, 0
    for entry in range(lo, hi):
        end = np.int64(ends[entry])
        last = window_end(reach, ends, starts, entry, hi)
        while at < len(places) and places[at] <= end:
            at += 1
        while at < len(places) and places[at] <= last:
            ends, starts = with_room(ends, top + 1), with_room(starts, top + 1)
            ends[top] = places[at]
            starts[top] = starts[entry]
            top += 1
            at += 1
            if first_only:
                break
    return ends, starts, top


@numba.njit(nogil=True, cache=True)
def _leading_places(layout, item, following, end, leading):
    """Places of an item from which one of the following places can be reached; both descend."""
    codes, reach, _journeys, _journey_units, stop = layout
    n_leading, nearest = 0, 0
    place = following[0] - 1
    while place >= 0 and codes[place] != stop and reach[1, place] >= end:
        while nearest + 1 < len(following) and following[nearest + 1] > place:
            nearest += 1
        reaches = reach[0, place] >= following[nearest]
        if reaches and codes[place] == item:
            leading = with_room(leading, n_leading + 1)
            leading[n_leading] = place
            n_leading += 1
        if not reaches and nearest + 1 == len(following):
            break
        place -= 1
    return leading[:n_leading]


@numba.njit(nogil=True, cache=True)
def _first_start(layout, items, end):
    """Where the earliest embedding begins that ends in a place; there is one."""
    following = np.full(1, end, np.int64)
    for number in range(len(items) - 2, -1, -1):
        leading = np.empty(16, np.int64)
        following = _leading_places(layout, items[number], following, end, leading)
    return following[-1]


@numba.njit(nogil=True, cache=True)
def _n_shared(list_starts, items, listed):
    """How many items a list begins with that the list before begins with, too."""
    if listed == 0:
        return 0
    n_shared = 0
    place, other = list_starts[listed], list_starts[listed - 1]
    while (
        place < list_starts[listed + 1]
        and other < list_starts[listed]
        and items[place] == items[other]
    ):
        n_shared, place, other = n_shared + 1, place + 1, other + 1
    return n_shared


@numba.njit(nogil=True, cache=True)
def _write_first(layout, ends, starts, lo, hi, items, listed, first_only, found, n_found):
    """Write the first occurrence in each unit, of all ends of a pattern."""
    journeys, journey_units = layout[2], layout[3]
    last_unit = np.int64(-1)
    for entry in range(lo, hi):
        end = np.int64(ends[entry])
        unit = journey_units[journeys[end]]
        if unit == last_unit:
            continue
        last_unit = unit
        start = np.int64(starts[entry])
        if not first_only:
            start = _first_start(layout, items, end)
        found[n_found, 0] = listed
        found[n_found, 1] = start
        found[n_found, 2] = end
        n_found += 1
    return n_found


@numba.njit(nogil=True, cache=True)
def locate_patterns(layout, root_starts, entries, first_only, list_starts, items):
    """Find the first occurrence of each pattern in each unit.

    Parameters
    ----------
    layout
        codes (uint32 by place, `pattern_rows`), reach (`mark_reach`), journeys (uint32 by
        place), journey_units, and the stop code.
    root_starts, entries
        (n_items + 1,) int64 where the places of each item begin, and these, uint32, all of
        them.
    first_only
        Whether there are no limits, so that first ends will do.
    list_starts, items
        (n_listed + 1,) int64 where each pattern begins, and the uint32 codes of all, in the
        order of dictionaries, none of them empty.

    Returns
    -------
    listed, first_places, last_places
        (n, 3) int64; by pattern, then by unit.
    """
    n_listed = len(list_starts) - 1
    depths = np.zeros(len(items) + 1, np.int64)
    ends, starts = np.empty(256, np.uint32), np.empty(256, np.uint32)
    found, n_found = np.empty((256, 3), np.int64), 0
    for listed in range(n_listed):
        own = items[list_starts[listed] : list_starts[listed + 1]]
        for depth in range(_n_shared(list_starts, items, listed), len(own)):
            item = own[depth]
            places = entries[root_starts[item] : root_starts[item + 1]]
            if depth == 0:
                ends, starts, depths[1] = _begin(layout[2], places, first_only, ends, starts)
            else:
                lo, hi = depths[depth - 1], depths[depth]
                ends, starts, depths[depth + 1] = _continue(
                    layout[1], places, first_only, ends, starts, lo, hi
                )
        lo, hi = depths[len(own) - 1], depths[len(own)]
        found = with_rows(found, n_found + hi - lo)
        n_found = _write_first(
            layout, ends, starts, lo, hi, own, listed, first_only, found, n_found
        )
    return found[:n_found]


def warm() -> None:
    """Compile for the types met."""
    codes, entries = np.array([0, 0, 1], np.uint32), np.array([0, 1], np.uint32)
    reach, places = np.zeros((2, 3), np.uint32), np.zeros(3, np.uint32)
    layout = (codes, reach, places, read_only([0], np.int32), 1)
    lists = np.array([0, 2]), np.array([0, 0], np.uint32)
    locate_patterns(layout, np.array([0, 2]), entries, False, *lists)
