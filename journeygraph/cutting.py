"""Where to cut journeys into parts of about equal interactions, whole customers or units each.

Journeys stand in the order of their rows, so where they leave nothing out a cut is looked up by
its row, and nothing has to be summed: a new view is cut for every question.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from journeygraph.threads import goals, how_many

__all__ = ["ROWS_AT_ONCE", "customers_by_size", "leave_no_gap", "units_by_size"]

IntArray = npt.NDArray[np.integer[Any]]
Bounds = list[tuple[int, int]]

ROWS_AT_ONCE = 1 << 16
"""Of a part whose columns are worked on one after the other. They stay in the caches then, and the
memory of one part serves the next: to be given new memory costs more than most work on it."""


def leave_no_gap(starts: IntArray, ends: IntArray) -> bool:
    """Whether ranges of rows each begin where the one before ends; there is one at least.

    Most are views of one array: then nothing is compared.
    """
    behind, before = starts[1:], ends[:-1]
    views = behind.__array_interface__, before.__array_interface__
    is_same = all(views[0][name] == views[1][name] for name in ("data", "typestr", "strides"))
    return is_same or bool((behind == before).all())


def customers_by_size(
    starts: IntArray,
    ends: IntArray,
    units: IntArray,
    unit_customers: IntArray,
    at_most: int | None,
) -> Bounds:
    """Ranges of journeys, whole customers each, of about equal interactions.

    Parameters
    ----------
    starts, ends, units
        Rows of each journey, ascending, and its unit.
    unit_customers
        The customer of each unit, ascending.
    at_most
        How many ranges; by default one for each thread, and fewer where there is little to do.
    """
    if not len(starts):
        return []
    behind, total = ends, int(ends[-1] - starts[0])
    if not leave_no_gap(starts, ends):
        behind = np.cumsum(ends - starts) + starts[0]
        total = int(behind[-1] - starts[0])
    wanted = starts[0] + goals(total, how_many(total, at_most))
    journeys = np.searchsorted(behind, wanted, side="right")
    journeys = journeys.clip(max=len(starts) - 1)
    first_units = np.searchsorted(unit_customers, unit_customers[units[journeys]])
    first_units = first_units.astype(units.dtype)  # else all units would be made wider
    return _between(np.searchsorted(units, first_units), len(starts))


def units_by_size(starts: IntArray, units: IntArray, at_least: int) -> Bounds:
    """Ranges of journeys, whole units each, that span about ROWS_AT_ONCE rows or one unit.

    Parameters
    ----------
    at_least
        So many rows, where that is more.
    """
    if not len(starts):
        return []
    n_rows = max(ROWS_AT_ONCE, at_least)
    journeys = np.searchsorted(starts, np.arange(starts[0], starts[-1] + 1, n_rows))
    return _between(np.searchsorted(units, units[journeys]), len(starts))


def _between(cuts: npt.NDArray[np.intp], n_journeys: int) -> Bounds:
    bounds = [0, *cuts.tolist(), n_journeys]
    return [(first, last) for first, last in pairwise(bounds) if first < last]
