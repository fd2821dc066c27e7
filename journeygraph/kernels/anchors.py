"""Where paths begin and end that are anchored at an item, or between two of them."""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.path_steps import code_at
from journeygraph.kernels.tiny import read_only

__all__ = ["find_items", "find_stretches", "run_ends", "warm"]


@numba.njit(nogil=True, cache=True)
def _is_meant(code, row, n_items, wanted, meets):
    return code < n_items and wanted[code] and (len(meets) == 0 or meets[row])


@numba.njit(nogil=True, cache=True)
def find_items(code_bytes, width, n_items, wanted, meets, journey_starts, journey_ends):
    """Find every occurrence of some items in journeys.

    Parameters
    ----------
    code_bytes, width
        Codes of the items of each interaction as bytes, and how many make a code: 1, 2 or 4;
        n_items and above are no items.
    wanted
        (n_items,) bool, which items are meant.
    meets
        (n_interactions,) bool, which interactions are; empty where all are.
    journey_starts, journey_ends
        (n_journeys,) int64 rows where each journey begins and ends.

    Returns
    -------
    rows, journeys
        int64, in the order of journeys and rows.
    """
    n_found = 0
    for fills in (False, True):
        if fills:
            rows, journeys = np.empty(n_found, np.int64), np.empty(n_found, np.int64)
            n_found = 0
        else:
            rows = journeys = np.empty(0, np.int64)
        for journey in range(len(journey_starts)):
            for row in range(journey_starts[journey], journey_ends[journey]):
                if _is_meant(code_at(code_bytes, width, row), row, n_items, wanted, meets):
                    if fills:
                        rows[n_found], journeys[n_found] = row, journey
                    n_found += 1
    return rows, journeys


@numba.njit(nogil=True, cache=True)
def find_stretches(
    code_bytes, width, n_items, begins, begin_meets, stops, stop_meets, journey_starts, journey_ends
):
    """Find the shortest stretches from one of some items to a later one of others.

    A stretch ends with the first item that may end it, and begins with the last one before that
    may begin it. An item can end one stretch and begin the next.

    Parameters
    ----------
    begins, begin_meets, stops, stop_meets
        Which items and interactions begin and end a stretch; as of `find_items`, as the rest.

    Returns
    -------
    first_rows, last_rows, journeys
        int64, in the order of journeys and rows.
    """
    n_found = 0
    for fills in (False, True):
        if fills:
            found = np.empty((3, n_found), np.int64)
            n_found = 0
        else:
            found = np.empty((3, 0), np.int64)
        for journey in range(len(journey_starts)):
            begun = np.int64(-1)
            for row in range(journey_starts[journey], journey_ends[journey]):
                code = code_at(code_bytes, width, row)
                if begun >= 0 and _is_meant(code, row, n_items, stops, stop_meets):
                    if fills:
                        found[0, n_found], found[1, n_found] = begun, row
                        found[2, n_found] = journey
                    n_found += 1
                    begun = np.int64(-1)
                if _is_meant(code, row, n_items, begins, begin_meets):
                    begun = np.int64(row)
    return found[0], found[1], found[2]


@numba.njit(nogil=True, cache=True)
def run_ends(code_bytes, width, n_items, repeated, rows, ends):
    """The row behind each item and what repeats it, no later than `ends`."""
    behind = np.empty(len(rows), np.int64)
    for number in range(len(rows)):
        behind[number] = rows[number] + 1
        for row in range(rows[number] + 1, ends[number]):
            code = code_at(code_bytes, width, row)
            if code < n_items:
                break
            if code == repeated:
                behind[number] = row + 1
    return behind


def warm() -> None:
    """Compile for the types met."""
    codes, all_rows = read_only([0, 1], np.uint8), np.zeros(0, np.bool_)
    starts, ends, wanted = read_only([0]), read_only([2]), np.ones(2, np.bool_)
    find_items(codes, 1, 2, wanted, all_rows, starts, ends)
    find_stretches(codes, 1, 2, wanted, all_rows, wanted, all_rows, starts, ends)
    run_ends(codes, 1, 2, 255, np.array([0]), np.array([2]))
