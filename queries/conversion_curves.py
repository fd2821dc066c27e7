"""The share converted by time, with its interval, and the times by which so many had converted.

Every share says how many units were still followed at its time: a curve is only as good as those
it stands on, and beyond the last of them it says nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.statistics.conversion_times import Clock, Fate, Followed
from journeygraph.statistics.survival import LifeTable, life_table, log_log_interval
from queries.customer_lists import CustomerList, customers_of_units
from queries.intervals import SMALL_GROUP, normal_quantile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from journeygraph.journeys import Journeys

__all__ = [
    "ConversionPoint",
    "ConversionTimes",
    "Probability",
    "TimeQuantile",
    "conversion_times",
    "even_times",
    "time_quantiles",
]

FloatArray = npt.NDArray[np.float64]

_SECOND, _MINUTE, _HOUR, _DAY = 1_000_000, 60_000_000, 3_600_000_000, 86_400_000_000
_STEPS = (
    *(n * _SECOND for n in (1, 5, 15, 30)), *(n * _MINUTE for n in (1, 5, 15, 30)),
    *(n * _HOUR for n in (1, 2, 6, 12)), *(n * _DAY for n in (1, 2, 7, 14, 30, 60, 90, 180)),
    *(n * 365 * _DAY for n in (1, 2, 5, 10, 25, 50, 100, 250, 1000)),
)  # fmt: skip
_MOST_EVEN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Probability:
    """An estimated share; no value beyond what was followed, no interval for shares of 0 and 1."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ConversionPoint:
    """What had happened after so long.

    Attributes
    ----------
    seconds
        Since the start.
    at_risk
        Units followed for at least so long, for whom nothing had happened before.
    conversions, competing_events, ends
        Units for whom each had happened, at this time at the latest.
    converted, competed, ended
        Estimated shares of all units, as if all were followed for so long.
    waiting
        The share of those for whom nothing has happened; all four add up to 1.
    customers
        Who stands behind `conversions`.
    """

    seconds: float
    at_risk: int
    conversions: int
    competing_events: int
    ends: int
    converted: Probability
    competed: Probability
    ended: Probability
    waiting: Probability
    customers: CustomerList = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeQuantile:
    """After how long so many percent have converted; None where they never do, or not yet."""

    percent: int
    seconds: float | None
    low_seconds: float | None
    high_seconds: float | None


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ConversionTimes:
    """The conversions of one population; started = converted + competed + ended + open.

    Attributes
    ----------
    started
        Units whose clock started.
    converted, competed, ended
        Those for whom this came first, within the horizon.
    open
        The others: the data, or the horizon, ends before anything happens.
    median_seconds
        When half have converted; None where they never do, or not yet.
    quantiles, nodes
        Times by share, and shares by time.
    small
        Fewer than 30 units started.
    started_customers, customers, competed_customers, ended_customers, open_customers
        Who stands behind each count; `customers` behind `converted`.
    """

    started: int
    converted: int
    competed: int
    ended: int
    open: int
    median_seconds: float | None
    quantiles: tuple[TimeQuantile, ...]
    nodes: tuple[ConversionPoint, ...]
    small: bool
    started_customers: CustomerList
    customers: CustomerList
    competed_customers: CustomerList
    ended_customers: CustomerList
    open_customers: CustomerList


def even_times(followed: Followed, clock: Clock) -> tuple[int, ...]:
    """About a dozen even times, as far as anybody was followed, or to the horizon."""
    longest = clock.horizon_us
    if longest is None:
        longest = int(followed.elapsed_us.max(initial=0))
    step = next((step for step in _STEPS if longest <= step * _MOST_EVEN), _STEPS[-1])
    times = [number * step for number in range(1, longest // step + 1)]
    if clock.horizon_us is not None and longest not in times:
        times.append(longest)
    return tuple(times)


def conversion_times(
    journeys: Journeys, followed: Followed, *, at_us: Sequence[int], percents: Sequence[int]
) -> ConversionTimes:
    """The curve of units that were followed."""
    counts = followed.counts

    def customers(fate: Fate) -> CustomerList:
        return CustomerList(
            journeys, lambda: customers_of_units(journeys, followed.with_fate(fate))
        )

    table = life_table(followed.elapsed_us, followed.fates, len(Fate) - 1)
    curve = _Curve(journeys, followed, table)
    return ConversionTimes(
        started=len(followed.units),
        converted=counts[Fate.CONVERTED],
        competed=counts[Fate.COMPETED],
        ended=counts[Fate.ENDED],
        open=counts[Fate.OPEN],
        median_seconds=_seconds(table.reached_us(curve.converted, 50)),
        quantiles=tuple(time_quantiles(table, percents, journeys.confidence)),
        nodes=tuple(curve.points(at_us)),
        small=len(followed.units) < SMALL_GROUP,
        started_customers=CustomerList(
            journeys, lambda: customers_of_units(journeys, followed.units)
        ),
        customers=customers(Fate.CONVERTED),
        competed_customers=customers(Fate.COMPETED),
        ended_customers=customers(Fate.ENDED),
        open_customers=customers(Fate.OPEN),
    )


def time_quantiles(
    table: LifeTable, percents: Sequence[int], confidence: float, kind: int = 0
) -> Iterator[TimeQuantile]:
    """After how long so many percent have an event of a kind.

    The interval holds the times at which the interval of the share holds the percentage.
    """
    shares, variances = table.incidence[:, kind], table.incidence_variance[:, kind]
    low, high = log_log_interval(shares, variances, normal_quantile(confidence))
    low, high = _never_falling(low, np.zeros(len(low))), _never_falling(high, shares)
    for percent in percents:
        yield TimeQuantile(
            percent=percent,
            seconds=_seconds(table.reached_us(shares, percent)),
            low_seconds=_seconds(table.reached_us(high, percent)),
            high_seconds=_seconds(table.reached_us(low, percent)),
        )


@dataclass(frozen=True, eq=False, slots=True)
class _Curve:
    journeys: Journeys
    followed: Followed
    table: LifeTable

    @property
    def converted(self) -> FloatArray:
        return self.table.incidence[:, Fate.CONVERTED - 1]

    def points(self, at_us: Sequence[int]) -> Iterator[ConversionPoint]:
        table = self.table
        happened = np.cumsum(table.events, axis=0)
        for time_us in at_us:
            place = table.place(time_us)
            conversions, competing, ends = happened[place].tolist() if place >= 0 else (0, 0, 0)
            converted, competed, ended, waiting = self._shares(time_us, place)
            yield ConversionPoint(
                seconds=time_us / 1e6,
                at_risk=table.followed(time_us),
                conversions=conversions,
                competing_events=competing,
                ends=ends,
                converted=converted,
                competed=competed,
                ended=ended,
                waiting=waiting,
                customers=CustomerList(self.journeys, partial(self._converted_by, time_us)),
            )

    def _converted_by(self, time_us: int) -> npt.NDArray[np.int64]:
        units = self.followed.with_fate(Fate.CONVERTED, time_us)
        return customers_of_units(self.journeys, units)

    def _shares(self, time_us: int, place: int) -> list[Probability]:
        table = self.table
        if not table.knows(time_us):
            return [Probability(value=None, low=None, high=None)] * 4
        if place < 0:
            shares, variances = np.array([0.0, 0.0, 0.0, 1.0]), np.zeros(4)
        else:
            shares = np.append(table.incidence[place], table.without_event[place])
            variances = np.append(
                table.incidence_variance[place], table.without_event_variance[place]
            )
        # the share without an event is judged by its complement, as the others are
        flipped = np.append(shares[:3], 1 - shares[3])
        low, high = log_log_interval(flipped, variances, self._quantile)
        low[3], high[3] = 1 - high[3], 1 - low[3]
        return [
            Probability(value=float(share), low=_told(lower), high=_told(upper))
            for share, lower, upper in zip(shares, low, high, strict=True)
        ]

    @property
    def _quantile(self) -> float:
        return normal_quantile(self.journeys.confidence)


def _never_falling(ends: FloatArray, without: FloatArray) -> FloatArray:
    """The ends of an interval, as high as before at least; `without` where there is none."""
    return np.maximum.accumulate(np.where(np.isnan(ends), without, ends))


def _told(number: float) -> float | None:
    return None if math.isnan(number) else float(number)


def _seconds(time_us: int | None) -> float | None:
    return None if time_us is None else time_us / 1e6
