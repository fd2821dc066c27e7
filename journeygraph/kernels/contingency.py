"""Many fourfold tables tested at once: does being in a group go with an outcome.

Written out because there may be sixty thousand tables, one for each touchpoint, and because the
library that has both tests takes a second to import. Neither test approximates more than its
definition does: the tail of chi-square with one degree of freedom is the complementary error
function, and the exact test sums weights by the recurrence of the hypergeometric distribution,
from its mode outwards, so that no logarithm of a factorial loses digits.
"""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

from journeygraph.kernels.tiny import read_only

__all__ = ["LEAST_EXPECTED", "compare_groups", "warm"]

_Int64Array = npt.NDArray[np.int64]

LEAST_EXPECTED = 5.0
"""Where a cell is expected to hold less than this, the exact test is used."""

_AS_LIKELY = 1 + 1e-7  # rounding must not tell tables of equal probability apart


def compare_groups(
    in_group: _Int64Array, in_group_hits: _Int64Array, n_units: int, n_hits: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Test, for each group, whether hits in it differ from hits outside it.

    Parameters
    ----------
    in_group
        (n_groups,) int64 units in the group, at most n_units.
    in_group_hits
        (n_groups,) int64 of these, units with the outcome.
    n_units, n_hits
        All units, and all with the outcome; n_units at most 3e9.

    Returns
    -------
    chi_squares
        (n_groups,) float64 Pearson's statistic without correction; NaN where a margin is 0.
    p_values
        (n_groups,) float64 two-sided; of the exact test where a cell is expected to hold less
        than 5, else of chi-square; NaN where a margin is 0.
    are_exact
        (n_groups,) bool.

    Notes
    -----
    Two-sided exact: the probability of all tables with the same margins that are at most as
    likely as the one seen (Fisher 1934; the rule of R and of scipy).
    """
    tested: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.bool_]]
    tested = _compare(_read_only(in_group), _read_only(in_group_hits), n_units, n_hits)
    return tested


def _read_only(column):
    """Of one type, whoever asks: else the kernel is compiled for each."""
    view = column.view()
    view.flags.writeable = False
    return view


@numba.njit(nogil=True, cache=True)
def _compare(in_group, in_group_hits, n_units, n_hits):
    chi_squares = np.full(len(in_group), np.nan)
    p_values = np.full(len(in_group), np.nan)
    are_exact = np.zeros(len(in_group), np.bool_)
    for group in range(len(in_group)):
        size, hits = in_group[group], in_group_hits[group]
        margins = float(size) * float(n_units - size) * float(n_hits) * float(n_units - n_hits)
        if margins == 0:
            continue
        rest = n_units - size - n_hits + hits
        difference = hits * rest - (size - hits) * (n_hits - hits)
        chi_squares[group] = n_units * (float(difference) ** 2 / margins)
        fewer = float(min(size, n_units - size)) * float(min(n_hits, n_units - n_hits))
        if fewer < LEAST_EXPECTED * n_units:
            are_exact[group] = True
            p_values[group] = _exact_p(hits, size, n_hits, n_units)
        else:
            p_values[group] = math.erfc(math.sqrt(chi_squares[group] / 2))
    return chi_squares, p_values, are_exact


@numba.njit(nogil=True, cache=True)
def _exact_p(hits, size, n_hits, n_units):
    mode = (size + 1) * (n_hits + 1) // (n_units + 2)
    seen = 1.0
    for step in range(mode, hits):
        seen *= _ratio(step, size, n_hits, n_units)
    for step in range(mode, hits, -1):
        seen /= _ratio(step - 1, size, n_hits, n_units)
    limit = seen * _AS_LIKELY
    whole = 0.0
    unlikely = 0.0
    weight = 1.0
    for step in range(mode, min(size, n_hits) + 1):
        if weight == 0:
            break
        whole += weight
        unlikely += weight if weight <= limit else 0.0
        weight *= _ratio(step, size, n_hits, n_units)
    weight = 1.0
    for step in range(mode - 1, max(0, size + n_hits - n_units) - 1, -1):
        weight /= _ratio(step, size, n_hits, n_units)
        if weight == 0:
            break
        whole += weight
        unlikely += weight if weight <= limit else 0.0
    return min(1.0, unlikely / whole)


@numba.njit(nogil=True, cache=True)
def _ratio(hits, size, n_hits, n_units):
    """Probability of hits + 1 in the group over that of hits."""
    more = float(size - hits) * float(n_hits - hits)
    return more / (float(hits + 1) * float(n_units - size - n_hits + hits + 1))


def warm() -> None:
    """Compile for the types that the statistics hand over."""
    compare_groups(read_only([2, 50]), read_only([1, 20]), 100, 50)
