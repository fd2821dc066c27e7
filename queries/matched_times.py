"""How soon two matched groups have the outcome, when some may still have it tomorrow.

Medians are Kaplan and Meier's. The test is the log-rank test within strata (Mantel 1966), and the
hazard ratio Peto's one-step estimate from the same sums, exp((O - E) / V), which is close to
Cox's where it is not far from 1 (Yusuf et al. 1985, doi:10.1016/S0033-0620(85)80003-7).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.statistics.survival import LogRank, life_table, log_rank, stratified
from queries.customer_lists import CustomerList
from queries.intervals import normal_quantile
from queries.matched_strata import Matched

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["MatchedTimes", "compare_times"]

BoolArray = npt.NDArray[np.bool_]
Int64Array = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class MatchedTimes:
    """From the first interaction to the first outcome; who has none yet is lost from sight.

    Attributes
    ----------
    referred_converted, others_converted
        Matched customers who have the outcome by the end of the data.
    referred_median_seconds, others_median_seconds
        When half of them have it; None where half never do.
    expected
        Conversions of the referred, if both groups were alike.
    hazard_ratio, low, high
        Above 1 where the referred have it sooner; None where there is nothing to compare.
    p_value, q_value
        Of the log-rank test within strata.
    referred_converted_customers, others_converted_customers
        Who stands behind the counts.
    """

    referred_converted: int
    others_converted: int
    referred_median_seconds: float | None
    others_median_seconds: float | None
    expected: float
    hazard_ratio: float | None
    low: float | None
    high: float | None
    p_value: float | None
    q_value: float | None
    referred_converted_customers: CustomerList
    others_converted_customers: CustomerList

    def with_q_value(self, q_value: float | None) -> MatchedTimes:
        """The same, tested together with something else."""
        return replace(self, q_value=q_value)


def compare_times(
    elapsed_us: Int64Array, converted: BoolArray, matched: Matched, journeys: Journeys
) -> MatchedTimes:
    """Compare times to the outcome.

    Parameters
    ----------
    elapsed_us, converted
        By customer index: how long each was followed, and whether the outcome ended that.
    """
    times, ends = elapsed_us[matched.customers], converted[matched.customers]
    medians, counts, lists = [], [], []
    for of in (matched.are_cases, ~matched.are_cases):
        table = life_table(times[of], ends[of].astype(np.int64))
        median_us = table.reached_us(1 - table.without_event, 50)
        medians.append(None if median_us is None else median_us / 1e6)
        found = np.sort(matched.customers[of & ends])
        counts.append(len(found))
        lists.append(CustomerList(journeys, partial(np.asarray, found)))
    test = stratified(_tests(times, ends, matched))
    ratio, low, high = _peto(test, journeys.confidence)
    return MatchedTimes(
        referred_converted=counts[0],
        others_converted=counts[1],
        referred_median_seconds=medians[0],
        others_median_seconds=medians[1],
        expected=test.expected,
        hazard_ratio=ratio,
        low=low,
        high=high,
        p_value=test.p_value,
        q_value=None,
        referred_converted_customers=lists[0],
        others_converted_customers=lists[1],
    )


def _tests(times: Int64Array, ends: BoolArray, matched: Matched) -> Iterator[LogRank]:
    for start, end in zip(matched.stratum_starts[:-1], matched.stratum_starts[1:], strict=True):
        within = slice(start, end)
        kinds, are_cases = ends[within].astype(np.int64), matched.are_cases[within]
        cases, others = (life_table(times[within][of], kinds[of]) for of in (are_cases, ~are_cases))
        yield log_rank(cases, others)


def _peto(test: LogRank, confidence: float) -> tuple[float | None, float | None, float | None]:
    if not test.variance > 0:
        return None, None, None
    logarithm = (test.observed - test.expected) / test.variance
    half = normal_quantile(confidence) / math.sqrt(test.variance)
    return math.exp(logarithm), math.exp(logarithm - half), math.exp(logarithm + half)
