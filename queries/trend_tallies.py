"""What counts in each period, customer by customer, and the number with its interval that it makes.

Everything is added up per customer and period first, since what one customer does resembles itself:

- a **count** and a **sum** vary as customers come and go: each customer who comes brings what they
  bring (compound Poisson), so that the variance is the sum of their squares. A count has the gamma
  interval of weighted Poisson counts (Fay and Feuer 1997), which for one thing each is the exact
  one of Garwood (1936); a sum has a normal one.
- a **share** has Wilson's interval, of as many as would tell as much if each were a stranger's
  (Korn and Graubard 1998), and a **mean** Student's, with the variance of a ratio of sums over
  customers (Cameron and Miller 2015).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from queries.differences import Difference, MeanSums, compare_means, share_difference
from queries.intervals import SMALL_GROUP, normal_quantile, student_quantile, wilson
from queries.shared_customers import NOTHING_SHARED, SharedSums, compare_shares

__all__ = [
    "Once",
    "Tally",
    "TallyColumns",
    "TrendKind",
    "TrendValue",
    "add_up",
    "difference_between",
    "value_in",
]

Int64Array = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


class TrendKind(Enum):
    """What a measure is, and so how its interval is made."""

    COUNT = "count"
    SUM = "sum"
    SHARE = "share"
    MEAN = "mean"


class Once(Enum):
    """Whether a customer counts once in a period, whatever was done in it."""

    NEVER = "never"
    BELOW = "below the line"
    BOTH = "above it and below it"


class TallyColumns(NamedTuple):
    """What counts, row by row: in which period, of whom, and what it brings."""

    periods: Int64Array
    customers: Int64Array
    above: Int64Array
    below: Int64Array
    said: Int64Array


def add_up(columns: TallyColumns, n_customers: int) -> TallyColumns:
    """One row for each period and customer, in this order; period -1 is left out."""
    is_in = columns.periods >= 0
    periods, customers, *sums = (column[is_in] for column in columns)
    width = max(n_customers, 1)
    keys, which = np.unique(periods * width + customers, return_inverse=True)
    added = [np.zeros(len(keys), np.int64) for _ in sums]
    for total, column in zip(added, sums, strict=True):
        np.add.at(total, which, column)
    return TallyColumns(keys // width, keys % width, *added)


class _Part(NamedTuple):
    """Of one period, by customer, ascending: what is above the line, below it, and how many."""

    customers: Int64Array
    above: Int64Array
    below: Int64Array
    said: Int64Array


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Tally:
    """What counts, by period and customer.

    Attributes
    ----------
    starts
        (n_periods + 1,) where each period begins in the arrays below.
    customers
        Ascending within a period, each once.
    above, below, said
        What is added up, what it is divided by, and how many things there are.
    open
        By period: those of whom nobody knows yet, in none of the above.
    outside
        How much happened nobody knows when, or after the end of the data.
    """

    starts: Int64Array
    customers: Int64Array
    above: Int64Array
    below: Int64Array
    said: Int64Array
    open: Int64Array
    outside: int = 0

    @classmethod
    def of(
        cls,
        parts: Sequence[TallyColumns],
        n_periods: int,
        n_customers: int,
        *,
        open_: Int64Array,
        once: Once = Once.NEVER,
        outside: int = 0,
    ) -> Tally:
        """Add up parts; what is in period -1 is left out."""
        nothing = np.zeros(0, np.int64)
        whole = zip((nothing,) * 5, *parts, strict=True)
        columns = TallyColumns(*(np.concatenate(column) for column in whole))
        periods, customers, above, below, said = add_up(columns, n_customers)
        if once is not Once.NEVER:
            below, said = np.minimum(below, 1), np.minimum(said, 1)
        return cls(
            starts=np.searchsorted(periods, np.arange(n_periods + 1)).astype(np.int64),
            customers=customers,
            above=np.minimum(above, 1) if once is Once.BOTH else above,
            below=below,
            said=said,
            open=open_,
            outside=outside,
        )

    def part(self, period: int) -> _Part:
        """What counts in a period."""
        within = slice(int(self.starts[period]), int(self.starts[period + 1]))
        return _Part(
            self.customers[within], self.above[within], self.below[within], self.said[within]
        )

    def customers_in(self, period: int, kind: TrendKind) -> Int64Array:
        """Whose things count in a period, ascending: of a sum and a mean, of those who say them."""
        part = self.part(period)
        if kind is TrendKind.SUM:
            return part.customers[part.said > 0]
        return part.customers[part.below > 0] if kind is TrendKind.MEAN else part.customers

    def totals(self) -> tuple[Int64Array, Int64Array]:
        """By period what is above the line, and below it."""
        above, below = (np.concatenate([[0], np.cumsum(of)]) for of in (self.above, self.below))
        return np.diff(above[self.starts]), np.diff(below[self.starts])


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendValue:
    """The number of a period.

    Attributes
    ----------
    value, low, high
        With its interval; None where there is nothing to divide by.
    n, of
        Of a share what is above the line and below it. Of a count what was counted, and how much
        of it there is in all periods together. Of a sum and a mean the things that say something,
        and all that could.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    of: int


def value_in(
    tally: Tally, period: int, kind: TrendKind, per_one: int, confidence: float
) -> TrendValue:
    """The number of a period.

    Parameters
    ----------
    per_one
        How much of what is added up makes one: of minor units, and of thousandths.
    """
    part = tally.part(period)
    above, below, said = (int(of.sum()) for of in part[1:])
    if kind is TrendKind.COUNT:
        low, high = _gamma_interval(part.above, confidence)
        return TrendValue(value=above, low=low, high=high, n=above, of=int(tally.above.sum()))
    if kind is TrendKind.SUM:
        half = normal_quantile(confidence) * math.sqrt(_squares(part.above)) / per_one
        value = above / per_one
        return TrendValue(value=value, low=value - half, high=value + half, n=said, of=below)
    if kind is TrendKind.SHARE:
        found = wilson(above, below, confidence, worth=_worth(part, above, below))
        return TrendValue(value=found.value, low=found.low, high=found.high, n=above, of=below)
    mean, n, of = _mean(part, per_one), min(below, said), max(below, said)
    if mean is None:
        return TrendValue(value=None, low=None, high=None, n=n, of=of)
    if mean.clusters < 2:
        return TrendValue(value=mean.value, low=None, high=None, n=n, of=of)
    half = student_quantile(mean.clusters - 1, confidence) * math.sqrt(mean.variance)
    return TrendValue(value=mean.value, low=mean.value - half, high=mean.value + half, n=n, of=of)


def difference_between(
    one: Tally, other: Tally, period: int, kind: TrendKind, per_one: int, confidence: float
) -> Difference:
    """The number of one population less that of another in a period; customers may be in both."""
    mine, theirs = one.part(period), other.part(period)
    both, here, there = np.intersect1d(
        mine.customers, theirs.customers, assume_unique=True, return_indices=True
    )
    small = min(len(mine.customers), len(theirs.customers)) < SMALL_GROUP
    if kind is TrendKind.SHARE:
        sums = NOTHING_SHARED
        if len(both):
            hits, of = mine.above[here], mine.below[here]
            other_hits, other_of = theirs.above[there], theirs.below[there]
            sums = SharedSums(
                int(hits @ other_hits), int(hits @ other_of), int(of @ other_hits),
                int(of @ other_of),
            )  # fmt: skip
        cells = [(int(part.above.sum()), int(part.below.sum())) for part in (mine, theirs)]
        return share_difference(*compare_shares(cells[0], cells[1], sums, confidence), small)
    drawn = [_drawn(part, kind, per_one) for part in (mine, theirs)]
    covariance = float(drawn[0][here] @ drawn[1][there])
    sides = [
        _mean(part, per_one) if kind is TrendKind.MEAN else _come(part, per_one)
        for part in (mine, theirs)
    ]
    return compare_means(sides[0], sides[1], covariance, len(both), confidence, small=small)


def _squares(amounts: Int64Array) -> float:
    """The sum of squares, in floating point: of amounts in minor units it may pass 64 bits."""
    numbers = amounts.astype(np.float64)
    return float(numbers @ numbers)


def _gamma_interval(counts: Int64Array, confidence: float) -> tuple[float, float]:
    """Of a sum of counts of customers who come as Poisson events do."""
    from scipy.special import gammaincinv

    tail = (1 - confidence) / 2
    total, spread = float(counts.sum()), _squares(counts)
    most = float(counts.max(initial=1))
    low = 0.0
    if total > 0:
        low = spread / total * float(gammaincinv(total**2 / spread, tail))
    wider = spread + most**2
    shape = (total + most) ** 2 / wider
    return low, wider / (total + most) * float(gammaincinv(shape, 1 - tail))


def _worth(part: _Part, above: int, below: int) -> float | None:
    """How many strangers tell as much; None where each customer counts once below the line."""
    clusters = len(part.customers)
    if not below or below == clusters:
        return None
    share = above / below
    variance = _ratio_variance(part, share, below)
    if not variance > 0:  # all alike: each customer tells one thing
        return float(clusters)
    return max(1.0, min(float(below), share * (1 - share) / variance))


def _ratio_variance(part: _Part, ratio: float, below: int) -> float:
    errors = part.above - ratio * part.below
    clusters = len(part.customers)
    widened = clusters / (clusters - 1) if clusters > 1 else 0.0
    return float(errors @ errors) / below**2 * widened


def _mean(part: _Part, per_one: int) -> MeanSums | None:
    below = int(part.below.sum())
    if not below:
        return None
    ratio = int(part.above.sum()) / below
    clusters = int(np.count_nonzero(part.below))
    variance = _ratio_variance(_Part(*(of[part.below > 0] for of in part)), ratio, below)
    return MeanSums(ratio / per_one, variance / per_one**2, clusters)


def _come(part: _Part, per_one: int) -> MeanSums:
    """A total as a number with a variance, of customers who come by chance."""
    return MeanSums(
        int(part.above.sum()) / per_one, _squares(part.above) / per_one**2, len(part.customers)
    )


def _drawn(part: _Part, kind: TrendKind, per_one: int) -> FloatArray:
    """How far each customer draws the number; the squares add up to its variance."""
    if kind is not TrendKind.MEAN:
        return part.above / per_one
    below = int(part.below.sum())
    clusters = int(np.count_nonzero(part.below))
    if not below or clusters < 2:
        return np.zeros(len(part.customers))
    ratio = int(part.above.sum()) / below
    drawn: FloatArray = (part.above - ratio * part.below) / below
    return drawn * (math.sqrt(clusters / (clusters - 1)) / per_one)
