"""Spearman's correlation of ranks, of a table of how often each pair of values occurs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from queries.intervals import normal_quantile

__all__ = ["Correlation", "spearman"]

FloatArray = npt.NDArray[np.float64]
Int64Array = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation:
    """How closely two orders agree.

    Attributes
    ----------
    value
        From -1 to 1; None where fewer than two rated, or all alike.
    low, high
        Of its interval; None where fewer than four rated, or the orders are the same.
    units
        How many rated both.
    p_value
        None where fewer than three rated.
    """

    value: float | None
    low: float | None
    high: float | None
    units: int
    p_value: float | None


def spearman(
    values: FloatArray, others: FloatArray, counts: Int64Array, confidence: float
) -> Correlation:
    """Spearman's correlation, ties by their middle rank.

    Parameters
    ----------
    values, others, counts
        How often each pair of values occurs.

    Notes
    -----
    p is that of Student's t; the interval is Fisher's with the standard error of Bonett and Wright
    (2000, doi:10.1007/BF02294183).
    """
    n = int(counts.sum())
    ranks, other_ranks = _ranks(values, counts), _ranks(others, counts)
    spread, other_spread, together = (
        float(counts @ (one * other))
        for one, other in ((ranks, ranks), (other_ranks, other_ranks), (ranks, other_ranks))
    )
    if not (spread and other_spread):
        return Correlation(value=None, low=None, high=None, units=n, p_value=None)
    value = max(-1.0, min(1.0, together / math.sqrt(spread * other_spread)))
    low, high = _interval(value, n, confidence)
    return Correlation(value=value, low=low, high=high, units=n, p_value=_p_value(value, n))


def _ranks(values: FloatArray, counts: Int64Array) -> FloatArray:
    """By pair the middle rank of its value, from the middle of all ranks: exact halves."""
    _distinct, places = np.unique(values, return_inverse=True)
    times = np.bincount(places, weights=counts)
    below = np.cumsum(times) - times
    ranks: FloatArray = (below + (times - counts.sum()) / 2)[places]
    return ranks


def _p_value(value: float, n: int) -> float | None:
    from scipy.special import stdtr

    if n < 3:
        return None
    if abs(value) == 1:
        return 0.0
    t = value * math.sqrt((n - 2) / ((1 - value) * (1 + value)))
    return float(2 * stdtr(n - 2, -abs(t)))


def _interval(value: float, n: int, confidence: float) -> tuple[float | None, float | None]:
    if n < 4 or abs(value) == 1:
        return None, None
    half = normal_quantile(confidence) * math.sqrt((1 + value * value / 2) / (n - 3))
    middle = math.atanh(value)
    return math.tanh(middle - half), math.tanh(middle + half)
