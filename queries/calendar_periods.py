"""Months and ISO weeks of the calendar, by the clocks of a time zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from journeygraph.moments import parse_moment
from journeygraph.options import Word

__all__ = ["Period", "periods_of"]

Int64Array = npt.NDArray[np.int64]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Period(Word, argument="period"):
    """How long a cohort is."""

    MONTH = "month"
    WEEK = "week"


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


def _periods(first: int, last: int, period: Period, zone: ZoneInfo) -> Iterator[tuple[int, str]]:
    """First moments and names of the periods that hold both moments and all between."""
    day = _first_day(_day_before(first), period)
    while True:
        start = parse_moment(day, "period", zone)
        if start > last:
            return
        yield start, _name(day, period)
        if date.max - day < timedelta(days=31):
            return
        following = day + timedelta(days=7 if period is Period.WEEK else 31)
        day = _first_day(following, period)


def _day_before(at_us: int) -> date:
    """Two days before the day of a moment by UTC: no clock is further off."""
    day = (_EPOCH + timedelta(microseconds=at_us)).date()
    return max(day, date.min + timedelta(days=2)) - timedelta(days=2)


def _first_day(day: date, period: Period) -> date:
    return day - timedelta(days=day.weekday()) if period is Period.WEEK else day.replace(day=1)


def _name(day: date, period: Period) -> str:
    if period is Period.MONTH:
        return f"{day.year:04}-{day.month:02}"
    year, week, _weekday = day.isocalendar()
    return f"{year:04}-W{week:02}"
