"""The difference of one number between two populations: its interval, its p and its q.

Shares are compared as everywhere (`shared_customers`). Means are ratios of sums over customers, so
that one with many journeys, or many ratings, counts as one: the variance of each is the
cluster-robust one of `means`, and customers who are in both populations bring the covariance of
what they do in the one and in the other. Of one amount each that is Welch's test where nobody is
shared (1947, doi:10.1093/biomet/34.1-2.28), Student's test of pairs where everybody is, and in
between the test for partially overlapping samples with its degrees of freedom (Derrick, Toher and
White 2017, doi:10.20982/tqmp.13.2.p120).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from queries.intervals import Estimate, benjamini_hochberg, student_quantile

__all__ = ["Difference", "MeanSums", "compare_means", "share_difference", "with_q_values"]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The first population less the second.

    Attributes
    ----------
    value, low, high
        With its interval; None where one side has no value, or there is no interval.
    p_value, q_value
        None where there is nothing to test. The false discovery rate is that over all rows of one
        table that can be tested, whatever is listed.
    small
        One side is of fewer than 30 units.
    """

    value: float | None
    low: float | None
    high: float | None
    p_value: float | None
    q_value: float | None
    small: bool


class MeanSums(NamedTuple):
    """A mean, and what its uncertainty is known from.

    Attributes
    ----------
    value
        The mean.
    variance
        Of the mean, cluster-robust.
    clusters
        How many customers, or units, it is of.
    """

    value: float
    variance: float
    clusters: int


def share_difference(
    difference: Estimate, p_value: float | None, small: bool, q_value: float | None = None
) -> Difference:
    """A difference of shares."""
    return Difference(
        value=difference.value,
        low=difference.low,
        high=difference.high,
        p_value=p_value,
        q_value=q_value,
        small=small,
    )


def compare_means(
    one: MeanSums | None,
    other: MeanSums | None,
    covariance: float,
    shared: int,
    confidence: float,
    *,
    small: bool,
) -> Difference:
    """A difference of means.

    Parameters
    ----------
    one, other
        None where there is nothing to take a mean of.
    covariance
        Of the two means, by the customers who are in both.
    shared
        How many of them there are.
    """
    if one is None or other is None:
        return Difference(value=None, low=None, high=None, p_value=None, q_value=None, small=small)
    value = one.value - other.value
    variance = one.variance + other.variance - 2 * covariance
    degrees = _degrees(one, other, shared)
    if not variance > 1e-12 * (one.variance + other.variance) or math.isnan(degrees):
        return Difference(value=value, low=None, high=None, p_value=None, q_value=None, small=small)
    from scipy.special import stdtr

    error = math.sqrt(variance)
    half = student_quantile(degrees, confidence) * error
    return Difference(
        value=value,
        low=value - half,
        high=value + half,
        p_value=2 * float(stdtr(degrees, -abs(value) / error)),
        q_value=None,
        small=small,
    )


def _degrees(one: MeanSums, other: MeanSums, shared: int) -> float:
    """Welch's degrees of freedom, drawn towards those of pairs by who is in both."""
    if min(one.clusters, other.clusters) < 2:
        return math.nan
    both = one.variance + other.variance
    spread = one.variance**2 / (one.clusters - 1) + other.variance**2 / (other.clusters - 1)
    welch = both**2 / spread if spread > 0 else math.nan
    pairs = min(shared, one.clusters, other.clusters)
    if not pairs:
        return welch
    alone = one.clusters + other.clusters - 2 * pairs
    return (pairs - 1) + (welch - pairs + 1) / (alone + 2 * pairs) * alone


def with_q_values(rows: Sequence[Difference]) -> tuple[Difference, ...]:
    """The same with their q values over all of them."""
    p_values = [math.nan if row.p_value is None else row.p_value for row in rows]
    q_values = benjamini_hochberg(p_values).tolist()
    return tuple(
        replace(row, q_value=None if math.isnan(q) else q)
        for row, q in zip(rows, q_values, strict=True)
    )
