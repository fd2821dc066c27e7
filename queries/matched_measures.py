"""Two matched groups compared in one thing: within strata, and pooled.

Every stratum counts by n1 n0 / n of its n1 cases and n0 controls, which is how Mantel and Haenszel
weigh it: it is where both are that something is said. Shares carry their risk difference with the
interval of Sato, Greenland and Robins (Sato 1989, doi:10.2307/2531684), their odds ratio, and p of
Cochran, Mantel and Haenszel. Means carry the difference of a regression on the group with an
intercept for each stratum, whose errors may differ from customer to customer (White's, with the
correction n / (n - k): MacKinnon and White 1985, doi:10.1016/0304-4076(85)90158-7). With the
weights of the strata both are differences of weighed means, and these are given beside them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from queries.customer_lists import CustomerList
from queries.intervals import (
    SMALL_GROUP,
    Estimate,
    benjamini_hochberg,
    normal_quantile,
    student_quantile,
    wilson,
)
from queries.matched_strata import Matched, common_odds_ratio

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journeygraph.journeys import Journeys

__all__ = [
    "MatchedGroup",
    "MatchedMeasure",
    "compare_means",
    "compare_shares",
    "stratum_weights",
    "with_q_values",
]

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]

_EXACT = 1e-12  # rounding must not pass for a spread


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class MatchedGroup:
    """One group of matched customers in one measure.

    Attributes
    ----------
    units
        Its customers.
    having
        Of these, who has it at all: for a share those above the line, else who has not 0.
    value, low, high
        The share with Wilson's interval, or the mean with Student's; None without customers, and
        no interval of the mean of one.
    adjusted
        The same with the strata weighed as they are in the difference.
    customers, having_customers
        Who stands behind the counts.
    """

    units: int
    having: int
    value: float | None
    low: float | None
    high: float | None
    adjusted: float | None
    customers: CustomerList
    having_customers: CustomerList


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class MatchedMeasure:
    """One thing in which the referred and the others are compared.

    Attributes
    ----------
    measure
        outcome, loyal, referrer (shares); value (in major units of money), interactions, brought
        (means).
    is_share
        Whether it is a share of customers, or else a mean.
    referred, others
        Both groups.
    strata
        In how many strata both are.
    difference, low, high
        Of the adjusted values, with its interval; none where nobody differs.
    odds_ratio
        Of shares, Mantel and Haenszel's; no value for means.
    p_value, q_value
        Of Cochran, Mantel and Haenszel's test, or of the regression's; the false discovery rate
        over all that is tested.
    small
        Fewer than 30 in one of the groups.
    """

    measure: str
    is_share: bool
    referred: MatchedGroup
    others: MatchedGroup
    strata: int
    difference: float | None
    low: float | None
    high: float | None
    odds_ratio: Estimate
    p_value: float | None
    q_value: float | None
    small: bool


class _Strata(NamedTuple):
    """By stratum: how many cases and controls, and the sums of what is compared."""

    n_cases: FloatArray
    n_controls: FloatArray
    cases: FloatArray
    controls: FloatArray

    @classmethod
    def of(cls, amounts: FloatArray, matched: Matched) -> _Strata:
        of_cases = matched.are_cases.astype(np.float64)
        starts = matched.stratum_starts[:-1]
        columns = (of_cases, 1 - of_cases, amounts * of_cases, amounts * (1 - of_cases))
        return cls(*(np.add.reduceat(column, starts) for column in columns))

    @property
    def weights(self) -> FloatArray:
        return self.n_cases * self.n_controls / (self.n_cases + self.n_controls)


def stratum_weights(matched: Matched) -> FloatArray:
    """What each customer counts: together the cases of a stratum n1 n0 / n, and so its controls."""
    if not matched.n_strata:
        return np.zeros(0)
    sizes = np.diff(matched.stratum_starts)
    strata = _Strata.of(np.zeros(len(matched.customers)), matched)
    shares = np.repeat(strata.n_cases / sizes, sizes)
    return np.where(matched.are_cases, 1 - shares, shares)


def compare_shares(
    measure: str, has: BoolArray, matched: Matched, journeys: Journeys
) -> MatchedMeasure:
    """Compare who has something; `has` stands beside the matched customers."""
    confidence = journeys.confidence
    found = _nothing(measure, has.astype(np.float64), matched, journeys, is_share=True)
    if not matched.n_strata:
        return found
    strata = _Strata.of(has.astype(np.float64), matched)
    difference, half = _risk_difference(strata, confidence)
    odds, p_value = common_odds_ratio(
        _mantel_haenszel(strata), found.referred.having, found.referred.units, confidence
    )
    if p_value is None:  # everybody has it, or nobody: the interval would have no width
        return replace(found, difference=difference)
    return replace(
        found,
        difference=difference,
        low=max(-1.0, difference - half),
        high=min(1.0, difference + half),
        odds_ratio=odds,
        p_value=p_value,
    )


def compare_means(
    measure: str, amounts: FloatArray, matched: Matched, journeys: Journeys
) -> MatchedMeasure:
    """Compare how much; `amounts` stand beside the matched customers."""
    found = _nothing(measure, amounts, matched, journeys, is_share=False)
    if not matched.n_strata:
        return found
    difference, error, degrees = _regression(amounts, matched)
    if not error > 0:
        return replace(found, difference=difference)
    from scipy.special import stdtr

    half = student_quantile(degrees, journeys.confidence) * error
    return replace(
        found,
        difference=difference,
        low=difference - half,
        high=difference + half,
        p_value=float(2 * stdtr(degrees, -abs(difference) / error)),
    )


def with_q_values(
    measures: Sequence[MatchedMeasure], further: Sequence[float | None]
) -> tuple[list[MatchedMeasure], list[float | None]]:
    """The measures with their q values, and those of further p values tested with them."""
    p_values = [*(measure.p_value for measure in measures), *further]
    found = benjamini_hochberg([np.nan if p is None else p for p in p_values]).tolist()
    q_values = [None if math.isnan(q) else q for q in found]
    rest = q_values[len(measures) :]
    pairs = zip(measures, q_values, strict=False)
    return [replace(measure, q_value=q) for measure, q in pairs], rest


def _nothing(
    measure: str, amounts: FloatArray, matched: Matched, journeys: Journeys, *, is_share: bool
) -> MatchedMeasure:
    """Both groups, not yet compared."""
    weights = stratum_weights(matched)
    one, other = (
        _group(amounts, weights, of, matched, journeys, is_share)
        for of in (matched.are_cases, ~matched.are_cases)
    )
    none = Estimate(value=None, low=None, high=None, successes=one.having, of=one.units)
    return MatchedMeasure(
        measure=measure,
        is_share=is_share,
        referred=one,
        others=other,
        strata=matched.n_strata,
        difference=None,
        low=None,
        high=None,
        odds_ratio=none,
        p_value=None,
        q_value=None,
        small=min(one.units, other.units) < SMALL_GROUP,
    )


def _group(
    amounts: FloatArray,
    weights: FloatArray,
    of: BoolArray,
    matched: Matched,
    journeys: Journeys,
    is_share: bool,
) -> MatchedGroup:
    mine, customers = amounts[of], matched.customers[of]
    having = customers[mine != 0]
    if is_share:
        share = wilson(len(having), len(mine), journeys.confidence)
        numbers = (share.value, share.low, share.high)
    else:
        numbers = _mean(mine, journeys.confidence)
    return MatchedGroup(
        units=len(mine),
        having=len(having),
        value=numbers[0],
        low=numbers[1],
        high=numbers[2],
        adjusted=float(np.average(mine, weights=weights[of])) if len(mine) else None,
        customers=CustomerList(journeys, lambda: np.sort(customers)),
        having_customers=CustomerList(journeys, lambda: np.sort(having)),
    )


def _mean(
    amounts: FloatArray, confidence: float
) -> tuple[float | None, float | None, float | None]:
    if not len(amounts):
        return None, None, None
    mean = float(amounts.mean())
    if len(amounts) < 2:
        return mean, None, None
    n = len(amounts)
    half = student_quantile(n - 1, confidence) * float(amounts.std(ddof=1)) / math.sqrt(n)
    return mean, mean - half, mean + half


def _risk_difference(strata: _Strata, confidence: float) -> tuple[float, float]:
    """The pooled difference of shares, and half of Sato's interval."""
    n1, n0, a, c = strata
    n, weight = n1 + n0, float(strata.weights.sum())
    difference = float(((a * n0 - c * n1) / n).sum()) / weight
    by_value = (n1**2 * c - n0**2 * a + n1 * n0 * (n0 - n1) / 2) / n**2
    by_itself = (a * (n0 - c) + c * (n1 - a)) / (2 * n)
    variance = max(0.0, difference * float(by_value.sum()) + float(by_itself.sum())) / weight**2
    return difference, normal_quantile(confidence) * math.sqrt(variance)


def _mantel_haenszel(strata: _Strata) -> FloatArray:
    """The sums that `common_odds_ratio` takes."""
    n1, n0, a, c = strata
    b, d, n = n1 - a, n0 - c, n1 + n0
    r, s, p, q = a * d / n, b * c / n, (a + d) / n, (b + c) / n
    variance = n1 * n0 * (a + c) * (b + d) / (n**2 * (n - 1))  # both are there: n is 2 or more
    terms = (r, s, p * r, p * s + q * r, q * s, a - n1 * (a + c) / n, variance)
    return np.array([term.sum() for term in terms])


def _regression(amounts: FloatArray, matched: Matched) -> tuple[float, float, int]:
    """The coefficient of being a case, its error (0 where it cannot be told), and degrees."""
    strata = _Strata.of(amounts, matched)
    sizes = np.diff(matched.stratum_starts)
    weight = float(strata.weights.sum())
    group = np.where(matched.are_cases, 1.0, 0.0) - np.repeat(strata.n_cases / sizes, sizes)
    rest = amounts - np.repeat((strata.cases + strata.controls) / sizes, sizes)
    difference = float((group * rest).sum()) / weight
    degrees = len(amounts) - matched.n_strata - 1
    if degrees < 1:
        return difference, 0.0, degrees
    squares = float((group**2 * (rest - difference * group) ** 2).sum())
    error = math.sqrt(squares * len(amounts) / degrees) / weight
    return difference, error if error > _EXACT * float(np.abs(amounts).max()) else 0.0, degrees
