"""Means of ratings, with an interval that knows who rated more than once.

Ratings of one customer resemble each other. The interval is that of a ratio of sums over units
(the cluster-robust one of a regression on a constant, with Student's t of one degree of freedom
less than there are units; Cameron and Miller 2015, doi:10.3368/jhr.50.2.317).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

__all__ = ["Mean", "mean_of"]

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


def mean_of(sums: Mapping[str, int] | None, confidence: float) -> Mean:
    """The mean of a row of `journeygraph.statistics.ratings.RATINGS`; of nothing where None.

    The sums are integers, so that the variance of ratings that hardly differ loses no digits.
    """
    if sums is None or not sums["interactions"]:
        return Mean(
            value=None, low=None, high=None, ratings=0, units=0, missing=0, missing_share=None
        )
    interactions, ratings = int(sums["interactions"]), int(sums["ratings"])
    value = int(sums["rating_sum"]) / ratings / 1000 if ratings else None
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


def _half_width(sums: Mapping[str, int], confidence: float) -> float:
    from scipy.special import stdtrit

    n, units, total = (int(sums[name]) for name in ("ratings", "rated_units", "rating_sum"))
    squares = (
        int(sums["high_high"]) * _LIMB * _LIMB
        + 2 * int(sums["high_low"]) * _LIMB
        + int(sums["low_low"])
    )
    mean = Fraction(total, n)
    spread = squares - 2 * mean * int(sums["sum_count"]) + mean * mean * int(sums["count_count"])
    variance = float(spread / (n * n)) * units / (units - 1)
    return float(stdtrit(units - 1, 0.5 + confidence / 2)) * math.sqrt(variance) / 1000
