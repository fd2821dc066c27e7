"""Years, quarters, months, ISO weeks and days of the calendar, by the clocks of a time zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from journeygraph.moments import parse_moment
from journeygraph.options import Word

__all__ = ["CalendarPeriod", "Every", "Period", "Span", "periods_of", "spans_of"]

Int64Array = npt.NDArray[np.int64]

_DAYS = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}
_DAY_US = 86_400_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Period(Word, argument="period"):
    """How long a cohort is."""

    MONTH = "month"
    WEEK = "week"


class CalendarPeriod(Word, argument="periods"):
    """How long a part of the calendar is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Every(Word, argument="every"):
    """How long a point of a trend is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


_AnyPeriod = Period | CalendarPeriod | Every


class Span(NamedTuple):
    """A part of the calendar: what it is called, its first moment, and the first one after it."""

    name: str
    from_us: int
    until_us: int


def spans_of(
    first_us: int, last_us: int, period: CalendarPeriod | Every, zone: ZoneInfo
) -> Iterator[Span]:
    """The parts of the calendar that hold one of two moments or lie between, the earliest first.

    Days are called as 2024-03-31, quarters as 2024-Q1, years as 2024, and weeks and months as in
    `periods_of`.
    """
    # so that the one that holds the last moment has an end
    last = last_us + (_DAYS[period.value] + 2) * _DAY_US
    for (start, name), (end, _next) in pairwise(_periods(first_us, last, period, zone)):
        if end > first_us and start <= last_us:
            yield Span(name, start, end)


def periods_of(
    at_us: Int64Array, period: Period, zone: ZoneInfo
) -> tuple[Int64Array, tuple[str, ...]]:
    """The period of each moment, as a number, and what the periods are called.

    Months are called as 2024-03 and weeks as 2024-W09. Only periods with a moment are there, the
    earliest first.
    """
    if not len(at_us):
        return np.zeros(0, np.int64), ()
    found = list(_periods(int(at_us.min()), int(at_us.max()), Period(period), zone))
    starts = np.array([start for start, _name in found], np.int64)
    places = np.searchsorted(starts, at_us, side="right") - 1
    used, numbers = np.unique(places, return_inverse=True)
    return numbers.astype(np.int64), tuple(found[place][1] for place in used.tolist())


def _periods(
    first: int, last: int, period: _AnyPeriod, zone: ZoneInfo
) -> Iterator[tuple[int, str]]:
    """First moments and names of the periods that hold both moments and all between."""
    day = _first_day(_day_before(first), period)
    while True:
        start = parse_moment(day, "period", zone)
        if start > last:
            return
        yield start, _name(day, period)
        if date.max - day < timedelta(days=_DAYS[period.value]):
            return
        day = _first_day(day + timedelta(days=_DAYS[period.value]), period)


def _day_before(at_us: int) -> date:
    """Two days before the day of a moment by UTC: no clock is further off."""
    day = (_EPOCH + timedelta(microseconds=at_us)).date()
    return max(day, date.min + timedelta(days=2)) - timedelta(days=2)


def _first_day(day: date, period: _AnyPeriod) -> date:
    if period.value == "day":
        return day
    if period.value == "week":
        return day - timedelta(days=day.weekday())
    if period.value == "year":
        return day.replace(month=1, day=1)
    months = 3 if period.value == "quarter" else 1
    return day.replace(month=day.month - (day.month - 1) % months, day=1)


def _name(day: date, period: _AnyPeriod) -> str:
    if period.value == "day":
        return day.isoformat()
    if period.value == "week":
        year, week, _weekday = day.isocalendar()
        return f"{year:04}-W{week:02}"
    if period.value == "month":
        return f"{day.year:04}-{day.month:02}"
    return f"{day.year:04}" + (f"-Q{(day.month + 2) // 3}" if period.value == "quarter" else "")
