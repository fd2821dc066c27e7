"""The numbers of two whole populations side by side: shares of units, averages, feelings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from journeygraph.statistics.base import total
from journeygraph.statistics.items_of_units import distinct
from journeygraph.statistics.journey_extents import extents_of
from journeygraph.statistics.quantiles import exact_quantile_us
from journeygraph.statistics.ratings import RATINGS, Rating
from queries.differences import Difference, MeanSums, compare_means, share_difference
from queries.intervals import SMALL_GROUP, Estimate, student_quantile, wilson
from queries.means import Mean, mean_of
from queries.shared_customers import SharedCustomers, compare_shares
from queries.shared_ratings import rating_differences

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = [
    "Average",
    "ComparedAverage",
    "ComparedEmotion",
    "ComparedShare",
    "Measures",
    "measures_of",
]

Int64Array = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Average:
    """A mean and a median.

    Attributes
    ----------
    value, low, high
        The mean with its interval, which knows what is of one customer; None where there is
        nothing, or of fewer than two customers.
    median
        By nearest rank.
    count, units
        How many numbers it is of, and of how many units.
    """

    value: float | None
    low: float | None
    high: float | None
    median: float | None
    count: int
    units: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedShare:
    """A share of units in both populations."""

    population: Estimate
    against: Estimate
    difference: Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedAverage:
    """An average in both populations; the difference is that of the means."""

    population: Average
    against: Average
    difference: Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedEmotion:
    """What both populations felt, from -1 to 1."""

    population: Mean
    against: Mean
    difference: Difference


class Measures(NamedTuple):
    """What is compared of whole populations, before there are q values."""

    outcome_rate: ComparedShare
    exit_rate: ComparedShare
    open_share: ComparedShare
    value_per_unit: ComparedAverage
    items_per_journey: ComparedAverage
    journey_seconds: ComparedAverage
    emotion: ComparedEmotion


class _Numbers(NamedTuple):
    """Whole numbers, and the unit that each is of."""

    values: Int64Array
    units: Int64Array


def measures_of(shared: SharedCustomers) -> Measures:
    """Compare two views."""
    sides = shared.one, shared.other
    open_ = [view.unit_is_open() for view in sides]
    had = [view.unit_last_outcome >= 0 for view in sides]
    everybody = [np.ones(view.n_units, np.bool_) for view in sides]
    gone = [~is_open & ~has for is_open, has in zip(open_, had, strict=True)]
    values, lengths, times = zip(*map(_numbers, sides), strict=True)
    exponent = shared.one.graph.exponent
    return Measures(
        outcome_rate=_share(shared, had, everybody),
        exit_rate=_share(shared, gone, [~is_open for is_open in open_]),
        open_share=_share(shared, open_, everybody),
        value_per_unit=_average(shared, values, 10.0**-exponent),
        items_per_journey=_average(shared, lengths, 1.0),
        journey_seconds=_average(shared, times, 1e-6),
        emotion=_emotion(shared),
    )


def _numbers(journeys: Journeys) -> tuple[_Numbers, _Numbers, _Numbers]:
    """Value by unit, items by journey, and time by journey."""
    extents = extents_of(journeys)
    units = journeys.journey_units.astype(np.int64)
    return (
        _Numbers(journeys.unit_value_minor, np.arange(journeys.n_units)),
        _Numbers(extents.items, units),
        _Numbers(extents.elapsed_us, units),
    )


def _share(
    shared: SharedCustomers,
    hits: list[npt.NDArray[np.bool_]],
    of: list[npt.NDArray[np.bool_]],
) -> ComparedShare:
    units = [np.flatnonzero(chosen) for chosen in (*hits, *of)]
    sums = shared.sums((units[0], units[2]), (units[1], units[3]))
    cells = [(len(units[0]), len(units[2])), (len(units[1]), len(units[3]))]
    confidence = shared.one.confidence
    difference, p_value = compare_shares(cells[0], cells[1], sums, confidence)
    is_small = min(below for _, below in cells) < SMALL_GROUP
    return ComparedShare(
        population=wilson(*cells[0], confidence),
        against=wilson(*cells[1], confidence),
        difference=share_difference(difference, p_value, is_small),
    )


def _average(
    shared: SharedCustomers, numbers: tuple[_Numbers, _Numbers], scale: float
) -> ComparedAverage:
    confidence = shared.one.confidence
    spread = [
        _Spread.of(side, view)
        for side, view in zip(numbers, (shared.one, shared.other), strict=True)
    ]
    customers = shared.in_one, shared.in_other
    mine, theirs = (side.by_customer[who] for side, who in zip(spread, customers, strict=True))
    sums = [side.mean_sums(scale) for side in spread]
    return ComparedAverage(
        population=_shown(spread[0], scale, confidence),
        against=_shown(spread[1], scale, confidence),
        difference=compare_means(
            sums[0], sums[1], float(mine @ theirs) * scale**2, shared.n, confidence,
            small=min(side.units for side in spread) < SMALL_GROUP,
        ),
    )  # fmt: skip


@dataclass(frozen=True, eq=False, slots=True)
class _Spread:
    """A mean, and how far each customer draws it away; widened as the variance of few is.

    Attributes
    ----------
    units, customers
        How many have a number.
    by_customer
        By customer index; the squares add up to the variance of the mean.
    """

    numbers: Int64Array
    mean: float
    units: int
    customers: int
    by_customer: FloatArray

    @classmethod
    def of(cls, numbers: _Numbers, journeys: Journeys) -> _Spread:
        n = len(numbers.values)
        middle = int(numbers.values.mean()) if n else 0
        around = (numbers.values - middle).astype(np.float64)  # so that squares lose no digits
        shift = float(around.mean()) if n else 0.0
        units = distinct(numbers.units)
        n_customers = len(distinct(journeys.unit_customers[units].astype(np.int64)))
        widened = math.sqrt(n_customers / (n_customers - 1)) if n_customers > 1 else 0.0
        drawn = (around - shift) * (widened / max(n, 1))
        return cls(
            numbers=numbers.values,
            mean=middle + shift,
            units=len(units),
            customers=n_customers,
            by_customer=np.bincount(
                journeys.unit_customers[numbers.units], drawn, journeys.graph.n_customers
            ).astype(np.float64),
        )

    @property
    def variance(self) -> float:
        return float(self.by_customer @ self.by_customer)

    def mean_sums(self, scale: float) -> MeanSums | None:
        if not self.units:
            return None
        return MeanSums(self.mean * scale, self.variance * scale**2, self.customers)


def _shown(spread: _Spread, scale: float, confidence: float) -> Average:
    median = exact_quantile_us(spread.numbers, 50)
    half = None
    if spread.customers > 1:
        quantile = student_quantile(spread.customers - 1, confidence)
        half = quantile * math.sqrt(spread.variance) * scale
    value = spread.mean * scale
    return Average(
        value=value if spread.units else None,
        low=None if half is None else value - half,
        high=None if half is None else value + half,
        median=None if median is None else median * scale,
        count=len(spread.numbers),
        units=spread.units,
    )


def _emotion(shared: SharedCustomers) -> ComparedEmotion:
    sides = [mean_of(_felt(view), view.confidence) for view in (shared.one, shared.other)]
    (difference,) = rating_differences(shared, None)
    return ComparedEmotion(population=sides[0], against=sides[1], difference=difference)


def _felt(journeys: Journeys) -> dict[str, int] | None:
    found = total(RATINGS, journeys, rating=Rating.EMOTION, by=()).to_pylist()
    return found[0] if found else None
