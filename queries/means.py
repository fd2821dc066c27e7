"""Means of ratings, with an interval that knows who rated more than once.

Ratings of one customer resemble each other. The interval is that of a ratio of sums over units
(the cluster-robust one of a regression on a constant, with Student's t of one degree of freedom
less than there are units; Cameron and Miller 2015, doi:10.3368/jhr.50.2.317).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from queries.intervals import Estimate, student_quantile, wilson

__all__ = ["Mean", "MeanDifference", "difference_of", "mean_of", "share_of"]

_LIMB = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """The mean of ratings, and how many there are.

    Attributes
    ----------
    value
        None where nobody rated.
    low, high
        Of its interval; None where fewer than two units rated.
    ratings, units
        How many ratings there are, and of how many units.
    missing, missing_share
        Interactions without one, and their share of all; None where there is no interaction.
    """

    value: float | None
    low: float | None
    high: float | None
    ratings: int
    units: int
    missing: int
    missing_share: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanDifference:
    """How far one mean lies above another, and whether that may be chance.

    Attributes
    ----------
    value
        None where one of them is of nothing.
    low, high, p_value
        None where one of them is of fewer than two units, or nobody differs.
    """

    value: float | None
    low: float | None
    high: float | None
    p_value: float | None


def mean_of(sums: Mapping[str, int] | None, confidence: float) -> Mean:
    """The mean of a row of `journeygraph.statistics.ratings.RATINGS`; of nothing where None.

    The sums are integers, so that the variance of ratings that hardly differ loses no digits.
    """
    if sums is None or not sums["interactions"]:
        return Mean(
            value=None, low=None, high=None, ratings=0, units=0, missing=0, missing_share=None
        )
    interactions, ratings = int(sums["interactions"]), int(sums["ratings"])
    value = _mean(sums) if ratings else None
    low, high = None, None
    if value is not None and sums["rated_units"] > 1:
        half = _half_width(sums, confidence)
        low, high = value - half, value + half
    return Mean(
        value=value,
        low=low,
        high=high,
        ratings=ratings,
        units=int(sums["rated_units"]),
        missing=interactions - ratings,
        missing_share=(interactions - ratings) / interactions,
    )


def share_of(sums: Mapping[str, int] | None, confidence: float) -> Estimate:
    """The share of ratings that are 1000, of a row in which each is 1000 or 0.

    Wilson's interval, of as many ratings as would tell as much if each were a stranger's (the
    effective sample size of Korn and Graubard 1998): all of them where nobody rated twice.
    Where all are alike, as many as there are units.
    """
    if sums is None or not sums["ratings"]:
        return wilson(0, 0, confidence)
    n, successes = int(sums["ratings"]), int(sums["rating_sum"]) // 1000
    spread = _spread(sums) / 1_000_000
    strangers = Fraction(successes * (n - successes)) / spread if spread else n
    if successes in (0, n):
        strangers = sums["rated_units"]
    return wilson(successes, n, confidence, worth=max(1.0, min(float(n), float(strangers))))


def difference_of(
    sums: Mapping[str, int] | None, other: Mapping[str, int] | None, confidence: float
) -> MeanDifference:
    """The mean of one row less that of another, which no unit is in as well.

    Welch's interval and test, of means whose errors are clustered by unit.
    """
    from scipy.special import stdtr

    nothing = MeanDifference(value=None, low=None, high=None, p_value=None)
    if sums is None or other is None or not (sums["ratings"] and other["ratings"]):
        return nothing
    value = _mean(sums) - _mean(other)
    if min(sums["rated_units"], other["rated_units"]) < 2:
        return replace(nothing, value=value)
    variances = _variance(sums), _variance(other)
    error = math.sqrt(sum(variances))
    if not error:
        return replace(nothing, value=value)
    units = sums["rated_units"], other["rated_units"]
    parts = [part * part / (n - 1) for part, n in zip(variances, units, strict=True)]
    freedom = sum(variances) ** 2 / sum(parts)
    half = student_quantile(freedom, confidence) * error
    p_value = float(2 * stdtr(freedom, -abs(value) / error))
    return MeanDifference(value=value, low=value - half, high=value + half, p_value=p_value)


def _mean(sums: Mapping[str, int]) -> float:
    return int(sums["rating_sum"]) / int(sums["ratings"]) / 1000


def _variance(sums: Mapping[str, int]) -> float:
    """Of the mean, clustered by unit; at least two units."""
    n, units = int(sums["ratings"]), int(sums["rated_units"])
    return float(_spread(sums) / (n * n)) * units / (units - 1) / 1_000_000


def _half_width(sums: Mapping[str, int], confidence: float) -> float:
    units = int(sums["rated_units"])
    return student_quantile(units - 1, confidence) * math.sqrt(_variance(sums))


def _spread(sums: Mapping[str, int]) -> Fraction:
    """Squares of what each unit's ratings sum to beyond the mean of all, summed."""
    n, total = int(sums["ratings"]), int(sums["rating_sum"])
    squares = (
        int(sums["high_high"]) * _LIMB * _LIMB
        + 2 * int(sums["high_low"]) * _LIMB
        + int(sums["low_low"])
    )
    mean = Fraction(total, n)
    return squares - 2 * mean * int(sums["sum_count"]) + mean * mean * int(sums["count_count"])
