"""Stretches of time that a question is asked over: of the calendar, or of one length."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.durations import Duration, parse_duration
from journeygraph.errors import InvalidOptionError
from journeygraph.moments import time_zone
from journeygraph.statistics.sizes import sizes_of
from queries.calendar_periods import CalendarPeriod, Span, spans_of

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["MOST_STRETCHES", "starts_of", "stretches_of"]

MOST_STRETCHES = 1000
"""As many as a list is long."""

_MONDAY_US = 4 * 86_400_000_000  # 5 January 1970
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_US, _LAST_US = -62_135_596_800_000_000, 253_402_300_799_999_999
"""The years 1 to 9999: what a moment can be told of."""


def stretches_of(over: Duration | None, journeys: Journeys) -> tuple[Span, ...]:
    """The stretches that hold the interactions of journeys, the earliest first.

    Parameters
    ----------
    over
        "day", "week" or "month" by the clocks of the journeys' time zone, or a length of time; no
        stretches where it is None.

    Raises
    ------
    InvalidDurationError
        Where it is neither.
    InvalidOptionError
        Where there would be more than `MOST_STRETCHES`.
    """
    if over is None:
        return ()
    length_us = None if _is_period(over) else parse_duration(over, "over")
    sizes = sizes_of(journeys)
    if sizes.from_us is None or sizes.until_us is None:
        return ()
    if length_us is None:
        zone = time_zone(journeys.timezone)
        spans = spans_of(sizes.from_us, sizes.until_us, CalendarPeriod(str(over)), zone)
    else:
        spans = _lengths(sizes.from_us, sizes.until_us, length_us)
    found = tuple(islice(spans, MOST_STRETCHES + 1))
    if len(found) > MOST_STRETCHES:
        raise InvalidOptionError(
            "over", over, f"a longer stretch of time: there would be more than {MOST_STRETCHES}"
        )
    return found


def starts_of(stretches: tuple[Span, ...]) -> npt.NDArray[np.int64]:
    """Their first moments."""
    return np.array([span.from_us for span in stretches], np.int64)


def _is_period(over: Duration) -> bool:
    return isinstance(over, str) and over.lower() in {period.value for period in CalendarPeriod}


def _lengths(first_us: int, last_us: int, length_us: int) -> Iterator[Span]:
    start = first_us - (first_us - _MONDAY_US) % length_us
    for at_us in range(start, last_us + 1, length_us):
        begins = max(at_us, _FIRST_US)
        yield Span(_name(begins, length_us), begins, min(at_us + length_us, _LAST_US))


def _name(at_us: int, length_us: int) -> str:
    """The first moment: a date where stretches are whole days."""
    moment = _EPOCH + timedelta(microseconds=at_us)
    if length_us % 86_400_000_000 == 0:
        return moment.date().isoformat()
    return moment.isoformat().replace("+00:00", "Z")
