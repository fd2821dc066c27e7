"""Where the feelings of a journey turn, and how often they would by chance."""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import read_only

__all__ = ["find_turns", "warm"]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_ALIKE = 1 + 1e-12
"""Two sums of squares that differ by less than this factor are equal."""


@numba.njit(nogil=True, cache=True)
def find_turns(starts, ratings, item_codes, seeds, n_items, permutations):
    """Cut the ratings of each journey in two where that leaves the least squared error.

    Parameters
    ----------
    starts
        (n_journeys + 1,) int64 row of `ratings` where each journey begins.
    ratings
        (n_ratings,) int64 thousandths, in the order of the journey.
    item_codes
        (n_ratings,) int64 where each was given, in [0, n_items).
    seeds
        (n_journeys,) uint64 what the shuffles of a journey hang on.
    permutations
        How often the ratings of each journey are shuffled.

    Returns
    -------
    turns
        (n_journeys,) int64 row of the first rating behind the cut, the earliest of equals; -1
        where all ratings are equal, or there is one.
    as_large
        (n_journeys,) int64 shuffles that leave no larger error.
    by_chance
        (n_items, permutations) int64 journeys that turn at an item, of each shuffle of all.

    Notes
    -----
    O(n_ratings x permutations). The error within both segments is least where the one between them
    is largest: with n1 of n ratings in front, which sum to s1 of s, n x that is
    (n x s1 - n1 x s)^2 / (n1 (n - n1)), from exact integers. Shuffles are Fisher and Yates', by
    splitmix64 (Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195), so that they depend on
    nothing but the seed.
    """
    n_journeys = len(starts) - 1
    turns = np.full(n_journeys, -1, np.int64)
    as_large = np.zeros(n_journeys, np.int64)
    by_chance = np.zeros((n_items, permutations), np.int64)
    for journey in range(n_journeys):
        first, last = starts[journey], starts[journey + 1]
        values = ratings[first:last].copy()
        place, gain = _cut(values)
        if place < 0:
            continue
        turns[journey] = first + place
        for permutation in range(permutations):
            state = _mixed(seeds[journey] + np.uint64(permutation + 1) * _STEP)
            values[:] = ratings[first:last]
            _shuffle(values, state)
            place, shuffled = _cut(values)
            by_chance[item_codes[first + place], permutation] += 1
            as_large[journey] += shuffled * _ALIKE >= gain
    return turns, as_large, by_chance


@numba.njit(nogil=True, cache=True)
def _cut(values):
    """Where the second segment begins, and n times the squares between both; -1 where none do."""
    n_values, total = len(values), values.sum()
    best, place, before = 0.0, -1, 0
    for cut in range(1, n_values):
        before += values[cut - 1]
        away = float(n_values * before - cut * total)
        gain = away * away / (cut * (n_values - cut))
        if gain > best * _ALIKE:
            best, place = gain, cut
    return place, best


@numba.njit(nogil=True, cache=True)
def _shuffle(values, state):
    for last in range(len(values) - 1, 0, -1):
        state += _STEP
        chance = _mixed(state) >> np.uint64(32)
        other = np.int64((chance * np.uint64(last + 1)) >> np.uint64(32))
        values[last], values[other] = values[other], values[last]


@numba.njit(nogil=True, cache=True)
def _mixed(state):
    mixed = (state ^ (state >> np.uint64(30))) * _FIRST
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
    return mixed ^ (mixed >> np.uint64(31))


def warm() -> None:
    """Compile for the types that ratings have."""
    two = read_only([0, 1])
    find_turns(read_only([0, 2]), two, two, read_only([1], np.uint64), 2, 1)
