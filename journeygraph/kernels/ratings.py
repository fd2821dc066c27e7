"""Sums of ratings by group, with what an interval needs that knows who rated more than once."""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import read_only

__all__ = ["sum_ratings", "sum_tallies", "warm"]

_LIMB_BITS = 16
_LIMB_MASK = (1 << _LIMB_BITS) - 1


@numba.njit(nogil=True, cache=True)
def sum_ratings(groups, ratings, units, n_groups):
    """Sum ratings by group, and products of the sums of each unit within a group.

    Parameters
    ----------
    groups
        (n_ratings,) int64 group of each rating, in [0, n_groups).
    ratings
        (n_ratings,) int64 thousandths.
    units
        (n_ratings,) int64 who rated, ascending.

    Returns
    -------
    sums
        (n_groups, 8) int64. Of each group: ratings; units with one; the sum of the ratings; and
        over its units, with n ratings that sum to s = a x 65536 + b, 0 <= b < 65536: the sums of
        n x n, s x n, a x a, a x b and b x b.

    Notes
    -----
    O(ratings + groups). s x s in two parts, so that it is exact as far as a sum itself is: a unit
    may have ten million ratings.
    """
    sums = np.zeros((n_groups, 8), np.int64)
    last_units = np.full(n_groups, -1, np.int64)
    of_unit = np.zeros((n_groups, 2), np.int64)  # ratings of the last unit, and their sum
    for place in range(len(groups)):
        group, unit = groups[place], units[place]
        if last_units[group] != unit:
            _add_unit(sums[group], of_unit[group])
            last_units[group] = unit
            of_unit[group] = 0
        of_unit[group, 0] += 1
        of_unit[group, 1] += ratings[place]
    for group in range(n_groups):
        _add_unit(sums[group], of_unit[group])
    return sums


@numba.njit(nogil=True, cache=True)
def sum_tallies(groups, counts, totals, units, n_groups):
    """Sum ratings that are counted and added up already, as `sum_ratings` does.

    Parameters
    ----------
    groups, units
        (n,) int64 as for `sum_ratings`.
    counts, totals
        (n,) int64 how many ratings there are of each, and what they sum to.

    Returns
    -------
    sums
        (n_groups, 8) int64 as those of `sum_ratings`.

    Notes
    -----
    O(n + groups).
    """
    sums = np.zeros((n_groups, 8), np.int64)
    last_units = np.full(n_groups, -1, np.int64)
    of_unit = np.zeros((n_groups, 2), np.int64)
    for place in range(len(groups)):
        group, unit = groups[place], units[place]
        if last_units[group] != unit:
            _add_unit(sums[group], of_unit[group])
            last_units[group] = unit
            of_unit[group] = 0
        of_unit[group, 0] += counts[place]
        of_unit[group, 1] += totals[place]
    for group in range(n_groups):
        _add_unit(sums[group], of_unit[group])
    return sums


@numba.njit(nogil=True, cache=True)
def _add_unit(sums, of_unit):
    count, total = of_unit
    high, low = total >> _LIMB_BITS, total & _LIMB_MASK
    sums[0] += count
    sums[1] += count > 0
    sums[2] += total
    sums[3] += count * count
    sums[4] += total * count
    sums[5] += high * high
    sums[6] += high * low
    sums[7] += low * low


def warm() -> None:
    """Compile for the types that ratings have."""
    zero = read_only([0])
    sum_ratings(zero, zero, zero, 1)
    sum_tallies(zero, zero, zero, zero, 1)
