"""The periods of a trend with their numbers, and the changes of level among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from queries.change_points import find_changes
from queries.customer_lists import CustomerList
from queries.differences import Difference, with_q_values
from queries.intervals import SMALL_GROUP, normal_quantile
from queries.trend_calendar import TrendCalendar
from queries.trend_measures import Measure
from queries.trend_tallies import Tally, TrendKind, difference_between, value_in

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = [
    "CountedTrend",
    "JourneyTrendPoint",
    "JourneyTrendSide",
    "LevelShift",
    "differences_of",
    "level_shifts",
    "point_at",
]

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class JourneyTrendSide:
    """The number of one population in a period.

    Attributes
    ----------
    value, low, high
        With its interval, money in major units; None where there is nothing to divide by.
    total_minor
        Of VALUE and COST the sum, exact; None for all other measures.
    n, of
        Of a share what is above the line and below it. Of a count what was counted, and how much
        in all periods together. Of a sum and a mean the things that say something, and all that
        could.
    open
        Of whom nobody knows yet: neither in n nor in of.
    counted
        Customers whose things count in it.
    small
        Fewer than 30 of them.
    customers
        Who they are.
    """

    value: float | None
    low: float | None
    high: float | None
    total_minor: int | None
    n: int
    of: int
    open: int
    counted: int
    small: bool
    customers: CustomerList


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class JourneyTrendPoint(JourneyTrendSide):
    """A period.

    Attributes
    ----------
    period, from_us, until_us
        Its name, its first moment, and the first one behind it.
    whole
        Whether the data fills it.
    against
        The second population in it; None without one.
    difference
        The first less the second, with a q value over all points that can be tested.
    """

    period: str
    from_us: int
    until_us: int
    whole: bool
    against: JourneyTrendSide | None
    difference: Difference | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelShift:
    """A change of level.

    Attributes
    ----------
    period, at_us
        The first period of the new level, and its first moment.
    from_period, to_period
        The part of the series that it was found in.
    before, after
        The levels from the change before to this one, and from this one to the next: of shares and
        means pooled, of counts and sums by period.
    p_value, q_value
        That it is chance; and the false discovery rate over all parts that were looked at.
    significant
        The q value is at most 1 less the confidence.
    """

    period: str
    at_us: int
    from_period: str
    to_period: str
    before: float
    after: float
    p_value: float
    q_value: float
    significant: bool


@dataclass(frozen=True, eq=False, slots=True)
class CountedTrend:
    """What was counted of one population."""

    measure: Measure
    calendar: TrendCalendar
    tally: Tally

    @property
    def journeys(self) -> Journeys:
        """Whose journeys they are."""
        return self.calendar.journeys

    @property
    def per_one(self) -> int:
        """How much of what is added up makes one."""
        if self.measure.is_money:
            return int(10**self.journeys.graph.exponent)
        return 1000 if self.measure.is_rating else 1

    def series(self) -> tuple[list[int], FloatArray, FloatArray]:
        """The whole periods with something below the line: what each sums to, and is divided by."""
        above, below = self.tally.totals()
        weights = below.astype(np.float64) if self.is_rate else self.calendar.days
        chosen = [
            place for place, whole in enumerate(self.calendar.whole) if whole and weights[place] > 0
        ]
        return chosen, above[chosen].astype(np.float64), weights[chosen]

    @property
    def is_rate(self) -> bool:
        """Whether there is something below the line; counts and sums are looked at by days."""
        return self.measure.kind in (TrendKind.SHARE, TrendKind.MEAN)

    def side(self, place: int) -> dict[str, Any]:
        """The numbers of a period, as those of a `JourneyTrendSide`."""
        tally, kind, journeys = self.tally, self.measure.kind, self.journeys
        found = value_in(tally, place, kind, self.per_one, journeys.confidence)
        customers = tally.customers_in(place, kind)
        is_sum = kind is TrendKind.SUM
        return {
            "value": found.value,
            "low": found.low,
            "high": found.high,
            "total_minor": int(tally.part(place).above.sum()) if is_sum else None,
            "n": found.n,
            "of": found.of,
            "open": int(tally.open[place]),
            "counted": len(customers),
            "small": len(customers) < SMALL_GROUP,
            "customers": CustomerList(journeys, lambda: customers),
        }


def differences_of(found: CountedTrend, other: CountedTrend | None) -> tuple[Difference, ...]:
    """The first less the second of every period, with q values; none without a second one."""
    if other is None:
        return ()
    confidence = found.journeys.confidence
    return with_q_values(
        [
            difference_between(
                found.tally, other.tally, place, found.measure.kind, found.per_one, confidence
            )
            for place in range(found.calendar.n_periods)
        ]
    )


def point_at(
    found: CountedTrend, other: CountedTrend | None, differences: Sequence[Difference], place: int
) -> JourneyTrendPoint:
    """A period with all that is told of it."""
    span = found.calendar.spans[place]
    return JourneyTrendPoint(
        period=span.name,
        from_us=span.from_us,
        until_us=span.until_us,
        whole=found.calendar.whole[place] and (other is None or other.calendar.whole[place]),
        against=None if other is None else JourneyTrendSide(**other.side(place)),
        difference=differences[place] if differences else None,
        **found.side(place),
    )


def level_shifts(
    found: CountedTrend, permutations: int, seed: int
) -> tuple[tuple[LevelShift, ...], int]:
    """Among the whole periods with something below the line."""
    normal_quantile(found.journeys.confidence)  # refuses what is none
    at_most = 1 - found.journeys.confidence
    chosen, sums, weights = found.series()
    changes, tested = find_changes(
        sums, weights, permutations=permutations, seed=seed,
        at_most=at_most + 1e-12,
    )  # fmt: skip
    if not changes:
        return (), tested
    spans = [found.calendar.spans[place] for place in chosen]
    bounds = [0, *(one.place for one in changes), len(chosen)]
    levels = [_level(found, sums[first:end], weights[first:end]) for first, end in pairwise(bounds)]
    shifts = (
        LevelShift(
            period=spans[one.place].name,
            at_us=spans[one.place].from_us,
            from_period=spans[one.first].name,
            to_period=spans[one.last].name,
            before=before,
            after=after,
            p_value=one.p_value,
            q_value=one.q_value,
            significant=one.q_value <= at_most + 1e-12,
        )
        for one, (before, after) in zip(changes, pairwise(levels), strict=True)
    )
    return tuple(shifts), tested


def _level(found: CountedTrend, sums: FloatArray, weights: FloatArray) -> float:
    return float(sums.sum() / (weights.sum() if found.is_rate else len(sums))) / found.per_one
