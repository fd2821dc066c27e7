"""Shares and means of what one unit does several times, with intervals that know it.

What one customer does time after time resembles itself, so that a thousand occasions of ten
customers say less than a thousand of a thousand. The variance is that of a ratio of sums over
units; a share is given Wilson's interval for as many occasions as would, independent of each
other, have that variance (the effective sample size of Korn and Graubard 1998, as put into
Wilson's interval by Franco, Little, Louis and Slud 2019, doi:10.1093/jssam/smy019), never more
than there are. Where every occasion says the same, each unit counts once.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from queries.intervals import Estimate, normal_quantile, student_quantile

__all__ = ["MeanInterval", "clustered_mean", "clustered_share"]

FloatArray = npt.NDArray[np.float64]
Int64Array = npt.NDArray[np.int64]


class MeanInterval(NamedTuple):
    """A mean and its interval; None where there is nothing, or only one unit."""

    value: float | None
    low: float | None
    high: float | None


def clustered_share(
    successes: npt.NDArray[np.bool_], units: npt.NDArray[Any], confidence: float
) -> Estimate:
    """The share of occasions that are a success.

    Parameters
    ----------
    successes, units
        (n_occasions,) and whose each is.
    """
    n, hits = len(successes), int(np.count_nonzero(successes))
    if not n:
        return Estimate(value=None, low=None, high=None, successes=0, of=0)
    share = hits / n
    variance, n_units = _variance(successes.astype(np.float64), units)
    effective = float(n_units)
    if variance > 0:
        effective = min(float(n), share * (1 - share) / variance)
    low, high = _wilson(share, effective, confidence)
    return Estimate(
        value=share,
        low=0.0 if not hits else low,
        high=1.0 if hits == n else high,
        successes=hits,
        of=n,
    )


def clustered_mean(values: FloatArray, units: npt.NDArray[Any], confidence: float) -> MeanInterval:
    """The mean over occasions, with Student's interval of one degree less than there are units."""
    if not len(values):
        return MeanInterval(None, None, None)
    mean = float(values.mean())
    variance, n_units = _variance(values, units)
    if n_units < 2:
        return MeanInterval(mean, None, None)
    half = student_quantile(n_units - 1, confidence) * math.sqrt(variance)
    return MeanInterval(mean, mean - half, mean + half)


def _variance(values: FloatArray, units: npt.NDArray[Any]) -> tuple[float, int]:
    """Of the mean, and how many units there are; 0 for a single unit."""
    of = _numbered(units)
    n_units = int(of.max()) + 1
    if n_units < 2:
        return 0.0, n_units
    residuals = np.bincount(of, weights=values - values.mean())
    return float((residuals**2).sum()) / len(values) ** 2 * n_units / (n_units - 1), n_units


def _numbered(units: npt.NDArray[Any]) -> Int64Array:
    """The units numbered from 0, ascending; those that ascend already are not sorted."""
    if (units[1:] < units[:-1]).any():
        return np.unique(units, return_inverse=True)[1]
    of = np.zeros(len(units), np.int64)
    np.cumsum(units[1:] != units[:-1], out=of[1:])
    return of


def _wilson(share: float, n: float, confidence: float) -> tuple[float, float]:
    quantile = normal_quantile(confidence)
    widening = quantile * quantile / n
    middle = (share + widening / 2) / (1 + widening)
    half = math.sqrt(widening * (share * (1 - share) + widening / 4)) / (1 + widening)
    return max(0.0, middle - half), min(1.0, middle + half)
