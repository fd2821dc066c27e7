"""How alike two groups are, before they were matched and after: standardised mean differences.

The difference of two means (or shares) over the spread that both groups had before matching, the
same below both, so that what matching does shows above the line (Stuart 2010,
doi:10.1214/09-STS313). From 0.1 on it is called unbalanced (Austin 2009, doi:10.1002/sim.3697).
Afterwards each customer counts as in the comparison, so that what was matched on is equal, and what
was only looked at may not be.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from queries.matched_measures import stratum_weights
from queries.matched_strata import Matched

__all__ = ["Covariate", "CovariateBalance", "balance_of"]

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
Int64Array = npt.NDArray[np.int64]

UNBALANCED = 0.1
"""Standardised differences beyond this are flagged."""

_EXACT = 1e-12  # rounding must not pass for a spread

_MOST_VALUES = 20
"""Values of a column that are looked at one by one, the most frequent first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CovariateBalance:
    """One attribute, or one value of it, in both groups.

    Attributes
    ----------
    covariate, value
        What it is, and which value; None for a number, such as days, and where none is said.
    referred_before, others_before, difference_before
        Means, or shares of customers, of all who could be matched, and their standardised
        difference; None where nobody differs, or a group is empty.
    referred_after, others_after, difference_after
        The same of those matched.
    unbalanced
        The difference afterwards is beyond 0.1.
    """

    covariate: str
    value: str | None
    referred_before: float | None
    others_before: float | None
    difference_before: float | None
    referred_after: float | None
    others_after: float | None
    difference_after: float | None
    unbalanced: bool


class Covariate(NamedTuple):
    """A column by customer index: numbers, or codes of `values` from 0, -1 for none said."""

    name: str
    numbers: npt.NDArray[np.generic]
    values: Sequence[str] | None = None


def balance_of(
    covariates: Sequence[Covariate], customers: Int64Array, are_cases: BoolArray, matched: Matched
) -> tuple[CovariateBalance, ...]:
    """Compare both groups in each covariate.

    Parameters
    ----------
    customers, are_cases
        All who could be matched, side by side.
    matched
        Who was.
    """
    weights = stratum_weights(matched)
    found = []
    for covariate in covariates:
        for value, of in _looks(covariate, customers):
            before, after = of[customers].astype(np.float64), of[matched.customers]
            one, other = before[are_cases], before[~are_cases]
            spread = _spread(one, other)
            means = _weighed(after.astype(np.float64), weights, matched.are_cases)
            earlier = _means(one, other)
            later = _apart(means, spread)
            found.append(
                CovariateBalance(
                    covariate=covariate.name,
                    value=value,
                    referred_before=earlier[0],
                    others_before=earlier[1],
                    difference_before=_apart(earlier, spread),
                    referred_after=means[0],
                    others_after=means[1],
                    difference_after=later,
                    unbalanced=later is not None and abs(later) > UNBALANCED,
                )
            )
    return tuple(found)


def _looks(
    covariate: Covariate, customers: Int64Array
) -> Iterator[tuple[str | None, npt.NDArray[np.generic]]]:
    """A number as it is; of a column the most frequent values, each as whether it is said."""
    if covariate.values is None:
        yield None, covariate.numbers
        return
    codes, sizes = np.unique(covariate.numbers[customers], return_counts=True)
    for place in np.argsort(-sizes, kind="stable")[:_MOST_VALUES].tolist():
        code = int(codes[place])
        yield (None if code < 0 else str(covariate.values[code])), covariate.numbers == code


def _means(one: FloatArray, other: FloatArray) -> tuple[float | None, float | None]:
    first, second = (float(group.mean()) if len(group) else None for group in (one, other))
    return first, second


def _weighed(
    numbers: FloatArray, weights: FloatArray, are_cases: BoolArray
) -> tuple[float | None, float | None]:
    first, second = (
        float(np.average(numbers[of], weights=weights[of])) if of.any() else None
        for of in (are_cases, ~are_cases)
    )
    return first, second


def _spread(one: FloatArray, other: FloatArray) -> float:
    """The root of the mean of both variances; 0 where that cannot be told."""
    if not len(one) or not len(other):
        return 0.0
    spread = math.sqrt((float(one.var()) + float(other.var())) / 2)
    largest = max(float(np.abs(one).max()), float(np.abs(other).max()))
    return spread if spread > _EXACT * largest else 0.0


def _apart(means: tuple[float | None, float | None], spread: float) -> float | None:
    if means[0] is None or means[1] is None or not spread > 0:
        return None
    return (means[0] - means[1]) / spread
