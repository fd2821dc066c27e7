"""Shapley values of items: what each adds to a set of them, averaged over all orders of adding.

Two games. In the first a set is worth the outcomes whose paths hold no other items; its Shapley
value divides each outcome equally among the different items of its path (Zhao, Mahboobi and
Bagheri 2018, arXiv:1804.05327), whatever their number. In the second a set is worth the outcome
rate of the paths that hold no other items, so that null paths count; that is summed over all
sets exactly up to 20 items, and over drawn orders beyond, with a bound of the error.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["MOST_EXACT_ITEMS", "Sampled", "rate_values", "sampled_rate_values"]

FloatArray = npt.NDArray[np.float64]
Int64Array = npt.NDArray[np.int64]

MOST_EXACT_ITEMS = 20
"""All sets of so many items are gone through: a million of them."""


class Sampled(NamedTuple):
    """Shapley values of drawn orders; every error is at most `bound`, as surely as was asked."""

    values: FloatArray
    bound: float


def rate_values(
    sets: Int64Array, outcomes: Int64Array, nulls: Int64Array, n_items: int
) -> FloatArray:
    """Exact Shapley values of the outcome rate.

    Parameters
    ----------
    sets
        Sets of items as bits, n_items of them, at most `MOST_EXACT_ITEMS`.
    outcomes, nulls
        Paths of exactly these items that end in an outcome, and in nothing.

    Returns
    -------
    values
        By item; together they are the rate of all paths.
    """
    within = _rates(_up(sets, outcomes, n_items), _up(sets, nulls, n_items))
    sizes = np.bitwise_count(np.arange(1 << n_items)).astype(np.int64)
    chances = np.array(
        [1 / (n_items * math.comb(n_items - 1, size)) for size in range(n_items)] or [0.0]
    )
    values = np.empty(n_items)
    for item in range(n_items):
        split = within.reshape(-1, 2, 1 << item)  # without the item, with it
        weights = chances[sizes.reshape(-1, 2, 1 << item)[:, 0]]
        values[item] = (weights * (split[:, 1] - split[:, 0])).sum()
    return values


def _up(sets: Int64Array, counts: Int64Array, n_items: int) -> Int64Array:
    """For every set, what is counted of all sets within it."""
    sums = np.zeros(1 << n_items, np.int64)
    np.add.at(sums, sets, counts)
    for item in range(n_items):
        split = sums.reshape(-1, 2, 1 << item)
        split[:, 1] += split[:, 0]
    return sums


def _rates(outcomes: Int64Array, nulls: Int64Array) -> FloatArray:
    paths = outcomes + nulls
    return np.divide(outcomes, paths, out=np.zeros(paths.shape), where=paths > 0)


def sampled_rate_values(
    sets: Int64Array,
    outcomes: Int64Array,
    nulls: Int64Array,
    n_items: int,
    *,
    samples: int,
    seed: int,
    confidence: float,
) -> Sampled:
    """Shapley values of the outcome rate over drawn orders; for the others see `rate_values`.

    Notes
    -----
    The bound is the empirical Bernstein bound of Maurer and Pontil (2009, arXiv:0907.3740) for
    differences between -1 and 1, for all items at once.
    """
    draws = np.random.default_rng(seed)
    holds = (sets[:, None] >> np.arange(n_items)) & 1 > 0
    sums, squares = np.zeros(n_items), np.zeros(n_items)
    for _sample in range(samples):
        order = draws.permutation(n_items)
        places = np.empty(n_items, np.int64)
        places[order] = np.arange(n_items)
        complete = np.where(holds, places, -1).max(axis=1, initial=-1)
        rates = _rates(_so_far(complete, outcomes, n_items), _so_far(complete, nulls, n_items))
        added = np.diff(rates, prepend=0.0)
        sums[order] += added
        squares[order] += added * added
    means = sums / samples
    variances = np.maximum(squares - samples * means**2, 0) / max(samples - 1, 1)
    return Sampled(means, _bernstein(variances, samples, (1 - confidence) / max(n_items, 1)))


def _so_far(complete: Int64Array, counts: Int64Array, n_items: int) -> Int64Array:
    """By place of an order, what is counted of the sets that are complete by then."""
    by_place = np.zeros(n_items, np.int64)
    np.add.at(by_place, complete, counts)
    return np.cumsum(by_place)


def _bernstein(variances: FloatArray, samples: int, risk: float) -> float:
    if samples < 2 or not len(variances):
        return math.inf if len(variances) else 0.0
    log = math.log(4 / risk)
    width = 2.0  # from -1 to 1
    spread = math.sqrt(2 * float(variances.max()) * log / samples)
    return spread + width * 7 * log / (3 * (samples - 1))
