"""How far trees of referrals spread: generations, and the distances between their members.

One pass over everybody who was brought, in any order: an edge lies on the way between all members
below it and all others, so that distances of pairs need no pairs.
"""

from __future__ import annotations

import numba
import numpy as np

__all__ = ["add_up_decayed", "hand_to_parents", "spread_of_cascades", "warm"]


@numba.njit(nogil=True, cache=True)
def spread_of_cascades(leaves_first, downstream, depths, roots, trees, generation_starts):
    """Count generations and add up the distances between the members of each tree.

    Parameters
    ----------
    leaves_first
        (n_brought,) int32 everybody with a parent once.
    downstream, depths
        (n_customers,) int32 descendants, and steps up to the root.
    roots
        As from `place_in_preorder`.
    trees
        (n_customers,) int32 the number of the tree that a root begins; others are not read.
    generation_starts
        (n_trees + 1,) int64 where each tree's generations begin, its root the first.

    Returns
    -------
    generation_sizes
        (generation_starts[-1],) int64.
    wholes, remainders
        (n_trees,) int64: the sum of the distances of all pairs of the tree's n members is
        n x wholes + remainders.

    Notes
    -----
    O(n_customers). Each part is below n squared, so that nothing overflows.
    """
    n_trees = len(generation_starts) - 1
    generation_sizes = np.zeros(generation_starts[n_trees], np.int64)
    wholes = np.zeros(n_trees, np.int64)
    remainders = np.zeros(n_trees, np.int64)
    for tree in range(n_trees):
        generation_sizes[generation_starts[tree]] = 1
    for customer in leaves_first:
        root = roots[customer]
        tree = trees[root]
        generation_sizes[generation_starts[tree] + depths[customer]] += 1
        size = np.int64(downstream[root]) + 1
        below = np.int64(downstream[customer]) + 1
        pairs = below * (size - below)
        wholes[tree] += pairs // size
        remainders[tree] += pairs % size
    return generation_sizes, wholes, remainders


@numba.njit(nogil=True, cache=True)
def hand_to_parents(parents, leaves_first, values):
    """Sum over those whom a customer brought directly.

    Parameters
    ----------
    parents
        (n_customers,) int32 customer index, -1 for who was brought by nobody.
    leaves_first
        (n_brought,) int32 everybody with a parent, all that one brought before the one.
    values
        (n_customers,) int64 what each customer hands up.

    Returns
    -------
    (n_customers,) int64.
    """
    sums = np.zeros(len(parents), np.int64)
    for customer in leaves_first:
        sums[parents[customer]] += values[customer]
    return sums


@numba.njit(nogil=True, cache=True)
def add_up_decayed(parents, leaves_first, values, factor):
    """Sum over all descendants, each times the factor for every step beyond the first.

    Parameters
    ----------
    parents, leaves_first, values
        As in `hand_to_parents`.
    factor
        float64 from 0 (only who was brought directly) to 1 (all alike).

    Returns
    -------
    (n_customers,) float64.
    """
    sums = np.zeros(len(parents), np.float64)
    for customer in leaves_first:
        sums[parents[customer]] += values[customer] + factor * sums[customer]
    return sums


def warm() -> None:
    """Compile for the types that a forest has."""
    of_customers = np.zeros(2, np.int32)
    starts = np.array([0, 2], np.int64)
    brought = np.array([1], np.int32)
    spread_of_cascades(brought, of_customers, of_customers, of_customers, of_customers, starts)
    hand_to_parents(of_customers, brought, np.zeros(2, np.int64))
    add_up_decayed(of_customers, brought, np.zeros(2, np.int64), 0.5)
