"""Moments as people write them: "2024-03-31", "2024-03-31T02:30", with or without an offset.

A date or a time without an offset is meant on the clocks of a time zone. Where those clocks jump
forward, a time that they skip is read with the offset before the jump (02:30 becomes 03:30);
where they are put back, a time that they show twice is the first of the two.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from journeygraph.errors import InvalidOptionError

__all__ = ["Moment", "parse_moment", "time_zone"]

Moment = str | datetime | date

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EXPECTED = "a date or a time such as '2024-03-31' or '2024-03-31T12:00+02:00'"


def time_zone(given: Any) -> ZoneInfo:
    """The time zone of an IANA name.

    Raises
    ------
    InvalidOptionError
        Where there is no such time zone.
    """
    try:
        return ZoneInfo(given if isinstance(given, str) else "")
    except (KeyError, ValueError, TypeError, OSError):
        raise InvalidOptionError("timezone", given, "a name such as 'Europe/Berlin'") from None


def parse_moment(given: Moment, argument: str, zone: ZoneInfo) -> int:
    """Microseconds since the epoch, UTC.

    Parameters
    ----------
    given
        ISO 8601 text, a `datetime` or a `date`; a date is its first moment.
    argument
        The name that an error gives to it.
    zone
        What a date, or a time without an offset, is meant in.

    Raises
    ------
    InvalidOptionError
        Where it is not a moment.
    """
    moment = _moment(given)
    if moment is None:
        raise InvalidOptionError(argument, given, _EXPECTED)
    if moment.tzinfo is None or moment.utcoffset() is None:
        moment = moment.replace(tzinfo=zone)
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _moment(given: Any) -> datetime | None:
    if isinstance(given, datetime):
        return given if given == given else None  # pandas' NaT calls itself a datetime
    if isinstance(given, date):
        return datetime.combine(given, time())
    try:
        return datetime.fromisoformat(given.strip()) if isinstance(given, str) else None
    except ValueError:
        return None
