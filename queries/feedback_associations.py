"""Groups by how soon a step came, compared with those with whom it did not come in time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from journeygraph.kernels.contingency import compare_groups
from queries.contrasts import odds_ratio, risk_difference
from queries.customer_lists import CustomerList
from queries.feedback_futures import Futures
from queries.intervals import SMALL_GROUP, Estimate, benjamini_hochberg, student_quantile, wilson
from queries.strata import Pooled, StratumTable, pool_tables

__all__ = [
    "FeedbackAssociation",
    "FeedbackFeelings",
    "FeedbackOutcome",
    "associations",
    "feelings",
]

Int64Array = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


class FeedbackOutcome(StrEnum):
    """What customers did after the landmark, within the horizon."""

    RETURNED = "returned"
    OUTCOME = "outcome"
    CHURNED = "churned"


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class FeedbackAssociation:
    """One outcome in one group, against those with whom the step was not taken in time.

    Attributes
    ----------
    outcome
        What is looked at.
    group
        Which of `responses`, from 0.
    units, happened, rate
        Customers of the group, those with the outcome, and their share with Wilson's interval.
    other_rate
        The share of the others.
    difference
        The one less the other, with Newcombe's interval.
    odds_ratio
        With Wald's interval on the logarithm.
    p_value, q_value
        Of Pearson's chi-square, or Fisher's exact test where a cell is expected to hold less than
        5; the rate of false discoveries over all tests of the answer.
    adjusted
        Within strata of kind and tenure, pooled.
    small
        Fewer than 30 in one of the two.
    """

    outcome: FeedbackOutcome
    group: int
    units: int
    happened: int
    rate: Estimate
    other_rate: Estimate
    difference: Estimate
    odds_ratio: Estimate
    p_value: float | None
    q_value: float | None
    adjusted: Pooled
    small: bool
    customers: CustomerList


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class FeedbackFeelings:
    """How customers of a group felt within the horizon: means of each customer's mean.

    Attributes
    ----------
    group
        Which of `responses`, from 0.
    rated, missing
        Customers of whom a feeling is known, and others.
    mean
        From -1 to 1; None where nobody rated.
    difference, low, high
        Less the mean of those with whom the step was not taken in time, with Welch's interval;
        None for these themselves, and without two ratings in both.
    p_value, q_value
        Of Welch's test; over all tests of the answer.
    """

    group: int
    rated: int
    missing: int
    mean: float | None
    difference: float | None
    low: float | None
    high: float | None
    p_value: float | None
    q_value: float | None
    customers: CustomerList


def associations(
    futures: Futures,
    groups: Int64Array,
    reference: int,
    felt: tuple[FeedbackFeelings, ...],
    n_bins: int,
) -> tuple[tuple[FeedbackAssociation, ...], tuple[FeedbackFeelings, ...], int]:
    """Every outcome in every group, with the q values of these and of the feelings.

    Parameters
    ----------
    groups
        By unit; `reference` is the group that the others are compared with, and the last.
    felt
        The feelings, without q values.

    Returns
    -------
    associations, feelings, tested
        The smallest p first; in the order of groups; how many tests there are.
    """
    strata = _strata(futures, n_bins)
    found = [
        _association(futures, outcome, hits, groups, group, reference, strata)
        for outcome, hits in _outcomes(futures)
        for group in range(reference)
    ]
    p_values = [_or_nan(one.p_value) for one in found]
    p_values += [_or_nan(one.p_value) for one in felt]
    q_values = [_or_none(q) for q in benjamini_hochberg(p_values)]
    pooled_q = benjamini_hochberg([_or_nan(one.adjusted.p_value) for one in found])
    told = [
        replace(one, q_value=q, adjusted=replace(one.adjusted, q_value=_or_none(of_strata)))
        for one, q, of_strata in zip(found, q_values, pooled_q, strict=False)
    ]
    told.sort(key=lambda one: (one.p_value is None, one.p_value))
    later = zip(felt, q_values[len(found) :], strict=True)
    n_tested = int(np.count_nonzero(~np.isnan(p_values)))
    return tuple(told), tuple(replace(one, q_value=q) for one, q in later), n_tested


def _outcomes(futures: Futures) -> Iterator[tuple[FeedbackOutcome, BoolArray]]:
    yield FeedbackOutcome.RETURNED, futures.returned
    yield FeedbackOutcome.OUTCOME, futures.had_outcome
    yield FeedbackOutcome.CHURNED, futures.churned


def _association(
    futures: Futures,
    outcome: FeedbackOutcome,
    hits: BoolArray,
    groups: Int64Array,
    group: int,
    reference: int,
    strata: Int64Array,
) -> FeedbackAssociation:
    confidence = futures.units.journeys.confidence
    are_in, are_others = groups == group, groups == reference
    n, n_others = int(are_in.sum()), int(are_others.sum())
    happened, others_happened = int((are_in & hits).sum()), int((are_others & hits).sum())
    counts = happened, n, others_happened, n_others
    _, p_values, _ = compare_groups(
        np.array([n]), np.array([happened]), n + n_others, happened + others_happened
    )
    both = are_in | are_others
    tables = list(_stratum_tables(strata[both], are_in[both], hits[both]))
    return FeedbackAssociation(
        outcome=outcome,
        group=group,
        units=n,
        happened=happened,
        rate=wilson(happened, n, confidence),
        other_rate=wilson(others_happened, n_others, confidence),
        difference=risk_difference(*counts, confidence),
        odds_ratio=odds_ratio(*counts, confidence),
        p_value=_or_none(float(p_values[0])),
        q_value=None,
        adjusted=pool_tables(lambda: tables, 1).pooled(0, confidence),
        small=min(n, n_others) < SMALL_GROUP,
        customers=futures.units.customer_list(are_in & hits),
    )


def _strata(futures: Futures, n_bins: int) -> Int64Array:
    """By unit its kind and its part of the tenures, in about equal parts."""
    tenure_us = futures.tenure_us
    if not len(tenure_us):
        return np.zeros(0, np.int64)
    shares = np.arange(1, n_bins) / n_bins
    edges = np.unique(np.quantile(tenure_us, shares, method="inverted_cdf"))
    bins = np.searchsorted(edges, tenure_us, side="left").astype(np.int64)
    return futures.units.kinds * n_bins + bins


def _stratum_tables(
    strata: Int64Array, are_in: BoolArray, hits: BoolArray
) -> Iterator[StratumTable]:
    for stratum in np.unique(strata):
        here = strata == stratum
        met, loyal = float(are_in[here].sum()), float(hits[here].sum())
        a, n = float((are_in & hits)[here].sum()), float(here.sum())
        yield StratumTable(
            a=np.array([a]), b=np.array([met - a]), c=np.array([loyal - a]),
            d=np.array([n - met - loyal + a]), met=np.array([met]), loyal=loyal, n=n,
        )  # fmt: skip


def feelings(futures: Futures, groups: Int64Array, reference: int) -> tuple[FeedbackFeelings, ...]:
    """How the customers of every group felt, the reference last."""
    said = futures.feelings
    others = said[(groups == reference) & ~np.isnan(said)]
    return tuple(
        _feelings(futures, groups == group, group, None if group == reference else others)
        for group in range(reference + 1)
    )


def _feelings(
    futures: Futures, are_in: BoolArray, group: int, others: FloatArray | None
) -> FeedbackFeelings:
    are_rated = are_in & ~np.isnan(futures.feelings)
    ours = futures.feelings[are_rated]
    contrast: list[float | None] = [None] * 4
    if others is not None and len(ours) > 1 and len(others) > 1:
        contrast = _welch(ours, others, futures.units.journeys.confidence)
    return FeedbackFeelings(
        group=group,
        rated=len(ours),
        missing=int(are_in.sum()) - len(ours),
        mean=float(ours.mean()) if len(ours) else None,
        difference=contrast[0],
        low=contrast[1],
        high=contrast[2],
        p_value=contrast[3],
        q_value=None,
        customers=futures.units.customer_list(are_rated),
    )


def _welch(ours: FloatArray, others: FloatArray, confidence: float) -> list[float | None]:
    """Difference of means, its interval, and p; no interval where nobody differs."""
    from scipy.special import stdtr

    difference = float(ours.mean() - others.mean())
    parts = [values.var(ddof=1) / len(values) for values in (ours, others)]
    squared = float(sum(parts))
    if squared == 0:
        return [difference, None, None, None]
    spread = parts[0] ** 2 / (len(ours) - 1) + parts[1] ** 2 / (len(others) - 1)
    degrees = squared**2 / spread
    half = student_quantile(degrees, confidence) * squared**0.5
    p_value = 2 * float(stdtr(degrees, -abs(difference) / squared**0.5))
    return [difference, difference - half, difference + half, p_value]


def _or_nan(number: float | None) -> float:
    return float("nan") if number is None else number


def _or_none(number: float) -> float | None:
    return None if np.isnan(number) else float(number)
