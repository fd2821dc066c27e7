"""Rows of some customers, copied out of a column: range by range, in their order."""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import CODE_TYPES, read_only

__all__ = ["copy_ranges", "warm"]


@numba.njit(nogil=True, cache=True)
def copy_ranges(column, starts, ends, copied):
    """Copy ranges of rows of a column, one behind the other.

    Parameters
    ----------
    column
        (n_rows,) of any type.
    starts, ends
        (n_ranges,) int64 rows where each begins and ends.
    copied
        As long as all ranges together; written to.
    """
    place = 0
    for number in range(len(starts)):
        for row in range(starts[number], ends[number]):
            copied[place] = column[row]
            place += 1


def warm() -> None:
    """Compile for the types met."""
    for dtype in (*CODE_TYPES, np.int64):
        copy_ranges(read_only([0, 1], dtype), np.array([0]), np.array([2]), np.zeros(2, dtype))
