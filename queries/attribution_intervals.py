"""How sure credits are: customers drawn anew, and everything done again with those drawn.

A bootstrap over customers, not over paths: the paths of one customer are not independent. A draw
is how often each customer was drawn, and paths count as often as their customer, so that nothing
is copied. The draws depend on the seed alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from journeygraph.statistics.paths_to_outcomes import Paths
from queries.attribution_credit import Credits

__all__ = ["CreditIntervals", "bootstrap", "draws_of_customers", "draws_of_paths"]

FloatArray = npt.NDArray[np.float64]
Draws = Iterator[list[Paths]]


class CreditIntervals(NamedTuple):
    """By item: low and high of the credit, and of its share of all credit."""

    credit: tuple[FloatArray, FloatArray]
    share: tuple[FloatArray, FloatArray]


def draws_of_customers(
    parts: Sequence[Paths], customers: npt.NDArray[np.integer], replicates: int, seed: int
) -> Draws:
    """The paths with the weights of each draw.

    Parameters
    ----------
    customers
        By unit, ascending.
    """
    distinct, of_unit = np.unique(customers, return_inverse=True)
    n = len(distinct)
    of_paths = [of_unit[part.units] for part in parts]
    for replicate in range(replicates):
        draws = np.random.default_rng([seed, replicate])
        chosen = draws.integers(max(n, 1), size=n)
        times = np.bincount(chosen, minlength=n).astype(np.int64, copy=False)
        yield [part.weighted(times[of]) for part, of in zip(parts, of_paths, strict=True)]


def draws_of_paths(paths: Paths, replicates: int, seed: int) -> Draws:
    """The same of a table of paths, each of which is a customer as often as it counts."""
    whole = int(paths.weights.sum())
    chances = paths.weights / max(whole, 1)
    for replicate in range(replicates):
        draws = np.random.default_rng([seed, replicate])
        times = draws.multinomial(whole, chances) if whole else paths.weights
        yield [paths.weighted(times.astype(np.int64, copy=False))]


def bootstrap(
    draws: Draws, credit: Callable[[list[Paths]], Credits], confidence: float
) -> CreditIntervals:
    """The middle `confidence` of what the draws give."""
    drawn = [credit(parts) for parts in draws]
    return CreditIntervals(
        _middle(np.array([given.credit for given in drawn]), confidence),
        _middle(np.array([given.shares for given in drawn]), confidence),
    )


def _middle(numbers: FloatArray, confidence: float) -> tuple[FloatArray, FloatArray]:
    low, high = np.quantile(numbers, [(1 - confidence) / 2, (1 + confidence) / 2], axis=0)
    return low, high
