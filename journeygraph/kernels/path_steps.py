"""Paths walked step by step: the next item of every path, all paths at once.

A tree of prefixes and a grid of steps look at a few steps of every path and at no more, so a path
is a range of rows and a place in it, and a step moves all places by one item. Codes of any width
come as bytes: one kernel is compiled, not three.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import read_only

__all__ = ["code_at", "count_groups", "step_back", "step_on", "warm"]


@numba.njit(nogil=True, cache=True)
def code_at(code_bytes, width, row):
    """The code of a row, of codes of `width` bytes each, the lowest byte first."""
    code = np.int64(code_bytes[row * width])
    if width > 1:
        code |= np.int64(code_bytes[row * width + 1]) << 8
    if width > 2:
        code |= np.int64(code_bytes[row * width + 2]) << 16
        code |= np.int64(code_bytes[row * width + 3]) << 24
    return code


@numba.njit(nogil=True, cache=True)
def step_on(code_bytes, width, n_items, repeated, places, ends, items, first_rows, last_rows):
    """Take the next item of every path, in the order of time.

    Parameters
    ----------
    code_bytes, width
        Codes of the items of each interaction as bytes, and how many make a code: 1, 2 or 4;
        n_items and above are no items.
    repeated
        What of these extends the item before it.
    places
        (n_paths,) int64 row from which to look on; moved behind the item found and what repeats
        it.
    ends
        (n_paths,) int64 row where each path ends.
    items, first_rows, last_rows
        (n_paths,) int64, written: the item found (n_items where there is none), and the first and
        last row that belong to it (as they were where there is none).
    """
    for path in range(len(places)):
        row, end = places[path], ends[path]
        while row < end and code_at(code_bytes, width, row) >= n_items:
            row += 1
        items[path] = n_items
        if row < end:
            items[path] = code_at(code_bytes, width, row)
            first_rows[path] = last_rows[path] = row
            row += 1
            while row < end:
                code = code_at(code_bytes, width, row)
                if code < n_items:
                    break
                if code == repeated:
                    last_rows[path] = row
                row += 1
        places[path] = row


@numba.njit(nogil=True, cache=True)
def step_back(code_bytes, width, n_items, starts, places, items, first_rows):
    """Take the item before, of every path: `places` stand behind where to look, and are moved.

    `starts` are the rows where paths begin; `first_rows` are written where an item is found. The
    rest is as in `step_on`.
    """
    for path in range(len(places)):
        row, start = places[path] - 1, starts[path]
        while row >= start and code_at(code_bytes, width, row) >= n_items:
            row -= 1
        items[path] = n_items
        if row >= start:
            items[path] = code_at(code_bytes, width, row)
            first_rows[path] = row
        places[path] = max(row, start)


@numba.njit(nogil=True, cache=True)
def count_groups(groups, units, n_groups):
    """Count the paths and the units of each group.

    Parameters
    ----------
    groups
        (n_paths,) int64 in [0, n_groups), or below 0 for none.
    units
        (n_paths,) int64 unit of each path, ascending.

    Returns
    -------
    counts, n_units, is_first
        By group; and by path whether it is its unit's first of its group.
    """
    counts, n_units = np.zeros(n_groups, np.int64), np.zeros(n_groups, np.int64)
    last_units = np.full(n_groups, -1, np.int64)
    is_first = np.zeros(len(groups), np.bool_)
    for path in range(len(groups)):
        group = groups[path]
        if group >= 0:
            counts[group] += 1
            if last_units[group] != units[path]:
                last_units[group] = units[path]
                n_units[group] += 1
                is_first[path] = True
    return counts, n_units, is_first


def warm() -> None:
    """Compile for the types met."""
    codes = read_only([0, 1], np.uint8)
    starts, ends = read_only([0]), read_only([2])
    items, rows = np.zeros(1, np.int64), np.zeros(1, np.int64)
    step_on(codes, 1, 2, 255, starts.copy(), ends, items, rows, rows.copy())
    step_back(codes, 1, 2, starts, ends.copy(), items, rows)
    count_groups(items, rows, 2)
