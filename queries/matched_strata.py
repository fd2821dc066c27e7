"""Customers put together who came in the same month and are alike in chosen attributes.

Whoever came earlier had longer to do anything, refer included, and met another company. Only
customers of one stratum are compared, and strata without both kinds of customers say nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.errors import UnknownColumnError
from journeygraph.moments import time_zone
from queries.calendar_periods import Period, periods_of
from queries.intervals import Estimate, normal_quantile

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["Matched", "attribute_names", "common_odds_ratio", "crossed", "match", "strata_of"]

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
Int64Array = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Matched:
    """Customers in strata that have both kinds.

    Attributes
    ----------
    customers
        Stratum by stratum, by index within each.
    are_cases
        Beside them.
    stratum_starts
        Where each stratum begins, and the end.
    """

    customers: Int64Array
    are_cases: BoolArray
    stratum_starts: Int64Array

    @property
    def n_strata(self) -> int:
        """How many strata."""
        return len(self.stratum_starts) - 1


def attribute_names(journeys: Journeys, given: Sequence[str]) -> tuple[str, ...]:
    """The attributes to match on, each once.

    Raises
    ------
    UnknownColumnError
        Where customers have no such attribute.
    """
    known = [str(name) for name in journeys.graph.attributes.columns] if given else []
    for name in given:
        if name not in known:
            raise UnknownColumnError("match_on", name, tuple(known))
    return tuple(dict.fromkeys(given))


def strata_of(
    journeys: Journeys,
    customers: Int64Array,
    first_at_us: Int64Array,
    attributes: Sequence[str],
    further: Int64Array | None = None,
) -> Int64Array:
    """A number for each customer: equal where they came in one month and are alike.

    Parameters
    ----------
    first_at_us
        By customer index: the first interaction.
    attributes
        Names; who has none is like all who have none.
    further
        Another number for each of `customers` in which they must be alike.
    """
    zone = time_zone(journeys.timezone)
    strata, _names = periods_of(first_at_us[customers], Period.MONTH, zone)
    columns = [journeys.graph.attribute_codes(name)[0][customers] + 1 for name in attributes]
    return crossed([strata, *columns, *([] if further is None else [further])])


def crossed(columns: Sequence[Int64Array]) -> Int64Array:
    """A number for each entry: equal where all columns of numbers from 0 are."""
    strata = columns[0]
    for column in columns[1:]:
        width = int(column.max()) + 1 if len(column) else 1
        strata = np.unique(strata * width + column, return_inverse=True)[1]
    return strata.astype(np.int64, copy=False)


def match(customers: Int64Array, are_cases: BoolArray, strata: Int64Array) -> Matched:
    """Leave out the strata without a case or without a control."""
    n_strata = int(strata.max()) + 1 if len(strata) else 0
    sizes = np.bincount(strata, minlength=n_strata)
    n_cases = np.bincount(strata[are_cases], minlength=n_strata)
    useful = (n_cases > 0) & (n_cases < sizes)
    kept = np.flatnonzero(useful[strata]) if n_strata else np.zeros(0, np.int64)
    order = kept[np.argsort(strata[kept], kind="stable")]
    starts = np.concatenate([[0], np.cumsum(sizes[useful])]).astype(np.int64)
    return Matched(customers=customers[order], are_cases=are_cases[order], stratum_starts=starts)


def common_odds_ratio(
    sums: FloatArray, successes: int, of: int, confidence: float
) -> tuple[Estimate, float | None]:
    """Mantel and Haenszel's odds ratio over strata, and p of their chi-square without correction.

    Parameters
    ----------
    sums
        As from `compare_strata`.
    successes, of
        The counts that the estimate carries.

    Returns
    -------
    The ratio is None where one side of it is 0, and p where nothing varies.
    """
    r, s, pr, both, qs, beyond, variance = (float(number) for number in sums)
    p_value = math.erfc(math.sqrt(beyond * beyond / variance / 2)) if variance > 0 else None
    if r <= 0 or s <= 0:
        none = Estimate(value=None, low=None, high=None, successes=successes, of=of)
        return none, p_value
    error = math.sqrt(pr / (2 * r * r) + both / (2 * r * s) + qs / (2 * s * s))
    half = normal_quantile(confidence) * error
    ratio = r / s
    estimate = Estimate(
        value=ratio,
        low=ratio * math.exp(-half),
        high=ratio * math.exp(half),
        successes=successes,
        of=of,
    )
    return estimate, p_value
