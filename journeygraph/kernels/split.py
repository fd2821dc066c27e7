"""Where journeys begin and end, and which items only repeat the one before.

A journey is a range of rows of one customer. Growing arrays hold what is found, because nobody
knows beforehand how many there are, and counting first would read everything twice.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import USUAL_CODE_TYPES, read_only

__all__ = [
    "collapse_runs",
    "count_interleaved",
    "cut_ranges",
    "find_gaps",
    "find_runs",
    "hold_item",
    "order_by_group",
    "warm",
]


@numba.njit(nogil=True, cache=True)
def _grown(array):
    larger = np.zeros(2 * len(array), array.dtype)
    for place in range(len(array)):
        larger[place] = array[place]
    return larger


@numba.njit(nogil=True, cache=True)
def find_gaps(starts, ends, item_codes, n_items, at_us, gap_us):
    """Rows of the items that come at least `gap_us` after the item before them.

    Parameters
    ----------
    starts, ends
        Rows of some customers.
    item_codes
        (n_interactions,) a code of n_items or more is not an item.
    at_us
        (n_interactions,) ascending within a customer.
    """
    n_gaps = 0
    gaps = np.empty(16, np.int64)
    for place in range(len(starts)):
        before = -1
        for row in range(starts[place], ends[place]):
            if item_codes[row] < n_items:
                if before >= 0 and at_us[row] - at_us[before] >= gap_us:
                    if n_gaps == len(gaps):
                        gaps = _grown(gaps)
                    gaps[n_gaps] = row
                    n_gaps += 1
                before = row
    return gaps[:n_gaps].copy()


def cut_ranges(starts, ends, cuts):
    """Divide ranges of rows where a row within one, not its first, is a cut.

    Parameters
    ----------
    starts, ends
        Ranges that are not empty, ascending.
    cuts
        Ascending rows, also outside the ranges.

    Returns
    -------
    cut_starts, cut_ends, places
        The parts in order, and which of the ranges each is of. Where each range begins where the
        one before ends, the parts do as well, and their bounds are views of one array.
    """
    n_most = len(starts) + len(cuts)
    places = np.empty(n_most, np.int32 if n_most < 2**31 else np.int64)
    if np.array_equal(starts[1:], ends[:-1]):
        rows = np.empty(n_most + 1, np.int64)
        n_parts = _cut_into(starts, ends, cuts, rows[:-1], rows[1:], places)
        rows = rows if n_parts == n_most else rows[: n_parts + 1].copy()
        cut_starts, cut_ends = rows[:-1], rows[1:]
    else:
        cut_starts, cut_ends = np.empty(n_most, np.int64), np.empty(n_most, np.int64)
        n_parts = _cut_into(starts, ends, cuts, cut_starts, cut_ends, places)
        if n_parts < n_most:
            cut_starts, cut_ends = cut_starts[:n_parts].copy(), cut_ends[:n_parts].copy()
    return cut_starts, cut_ends, places if n_parts == n_most else places[:n_parts].copy()


@numba.njit(nogil=True, cache=True)
def _cut_into(starts, ends, cuts, cut_starts, cut_ends, places):
    n_parts = cut = 0
    for place in range(len(starts)):
        begin = starts[place]
        while cut < len(cuts) and cuts[cut] < ends[place]:
            if cuts[cut] > begin:
                cut_starts[n_parts], cut_ends[n_parts] = begin, cuts[cut]
                places[n_parts] = place
                n_parts += 1
                begin = cuts[cut]
            cut += 1
        cut_starts[n_parts], cut_ends[n_parts], places[n_parts] = begin, ends[place], place
        n_parts += 1
    return n_parts


@numba.njit(nogil=True, cache=True)
def hold_item(starts, ends, item_codes, n_items):
    """Whether each range of rows holds an item: a code below n_items."""
    holds = np.zeros(len(starts), np.bool_)
    for place in range(len(starts)):
        for row in range(starts[place], ends[place]):
            if item_codes[row] < n_items:
                holds[place] = True
                break
    return holds


@numba.njit(nogil=True, cache=True)
def collapse_runs(journey_starts, journey_ends, item_codes, n_items, repeated):
    """Write `repeated` over an item equal to the item before it in its journey, in place."""
    for journey in range(len(journey_starts)):
        previous = n_items
        for row in range(journey_starts[journey], journey_ends[journey]):
            item = np.int64(item_codes[row])
            if item < n_items:
                if item == previous:
                    item_codes[row] = repeated
                previous = item


@numba.njit(nogil=True, cache=True)
def find_runs(starts, ends, group_codes):
    """Rows, other than a customer's first, where the group differs from the row before."""
    n_runs = 0
    runs = np.empty(16, np.int64)
    for place in range(len(starts)):
        for row in range(starts[place] + 1, ends[place]):
            if group_codes[row] != group_codes[row - 1]:
                if n_runs == len(runs):
                    runs = _grown(runs)
                runs[n_runs] = row
                n_runs += 1
    return runs[:n_runs].copy()


@numba.njit(nogil=True, cache=True)
def count_interleaved(starts, ends, group_codes, n_groups):
    """Customers who come back to a group after a row of another.

    Parameters
    ----------
    starts, ends
        Rows of some customers.
    group_codes
        (n_interactions,) int32 codes in [-1, n_groups); -1 is a group like any other.
    """
    left_by = np.full(n_groups + 1, -1, np.int64)  # by group: the last customer who left it
    n_interleaved = 0
    for place in range(len(starts)):
        for row in range(starts[place] + 1, ends[place]):
            if group_codes[row] != group_codes[row - 1]:
                left_by[group_codes[row - 1] + 1] = place
                if left_by[group_codes[row] + 1] == place:
                    n_interleaved += 1
                    break
    return n_interleaved


@numba.njit(nogil=True, cache=True)
def order_by_group(starts, ends, group_codes, n_groups, order):
    """Bring the rows of each group together, within each customer.

    Groups stand in the order of their first rows, rows of a group as they stood.

    Parameters
    ----------
    starts, ends, group_codes, n_groups
        As of `count_interleaved`.
    order
        (n_interactions,) row of each place; written for these customers.
    """
    met_by = np.full(n_groups + 1, -1, np.int64)
    rank_of = np.empty(n_groups + 1, np.int64)
    for place in range(len(starts)):
        begin, end = starts[place], ends[place]
        free = np.zeros(2, np.int64)  # by rank of a group + 1: first how many rows, then where
        n_met = 0
        for row in range(begin, end):
            group = group_codes[row] + 1
            if met_by[group] != place:
                met_by[group] = place
                rank_of[group] = n_met
                n_met += 1
                if n_met == len(free):
                    free = _grown(free)
            free[rank_of[group] + 1] += 1
        free[0] = begin
        for rank in range(1, n_met):
            free[rank] += free[rank - 1]
        for row in range(begin, end):
            rank = rank_of[group_codes[row] + 1]
            order[free[rank]] = row
            free[rank] += 1


def warm() -> None:
    """Compile for the types that views have."""
    numbers = read_only([0, 0])
    groups = read_only([0, 0], np.int32)
    find_runs(numbers, numbers, groups)
    cut_ranges(numbers, numbers, numbers)
    count_interleaved(numbers, numbers, groups, 1)
    order_by_group(numbers, numbers, groups, 1, np.zeros(2, np.int64))
    for item_type in USUAL_CODE_TYPES:
        item_codes = read_only([0, 0], item_type)
        find_gaps(numbers, numbers, item_codes, 1, numbers, 1)
        hold_item(numbers, numbers, item_codes, 1)
        collapse_runs(numbers, numbers, np.zeros(2, item_type), 1, 255)
