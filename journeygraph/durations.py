"""Lengths of time: "30m" and "7d" in, integer microseconds inside, never a bare number.

A bare number has cost every tool of this field a factor of 1,000 once; it is refused.
Days are 24 hours and weeks 7 days: windows do not follow the calendar.
"""

from __future__ import annotations

import re
from datetime import timedelta

from journeygraph.errors import InvalidDurationError

__all__ = ["Duration", "format_duration", "parse_duration"]

Duration = str | timedelta

_UNITS_US = {
    "w": 604_800_000_000,
    "d": 86_400_000_000,
    "h": 3_600_000_000,
    "m": 60_000_000,
    "s": 1_000_000,
    "ms": 1_000,
    "us": 1,
}
_PART = re.compile(r"(\d+)\s*(us|ms|w|d|h|m|s)\s*")
_LONGEST_US = 36_525 * _UNITS_US["d"]


def parse_duration(given: Duration, argument: str = "duration", *, or_zero: bool = False) -> int:
    """Microseconds of a length of time.

    Parameters
    ----------
    given
        "7d", "1d12h", "250ms", or a `timedelta`; positive, at most 100 years.
    argument
        The name that an error gives to it.
    or_zero
        Whether no time at all, "0s", is a length too.

    Raises
    ------
    InvalidDurationError
        Where it is a bare number, has no unit, or is zero, negative or too long.
    """
    if isinstance(given, timedelta):
        microseconds = given // timedelta(microseconds=1)
    elif isinstance(given, str):
        microseconds = _parse_text(given, argument)
    else:
        raise InvalidDurationError(argument, given)
    if not (0 if or_zero else 1) <= microseconds <= _LONGEST_US:
        raise InvalidDurationError(argument, given)
    return microseconds


def _parse_text(given: str, argument: str) -> int:
    text = given.strip().lower().replace("µs", "us")
    total = position = 0
    for part in _PART.finditer(text):
        if part.start() != position:
            break
        total += int(part[1]) * _UNITS_US[part[2]]
        position = part.end()
    if position != len(text) or not text:
        raise InvalidDurationError(argument, given)
    return total


def format_duration(microseconds: int) -> str:
    """Write a length of time the way `parse_duration` reads it, largest units first."""
    if microseconds <= 0:
        return "0s"
    parts = []
    rest = microseconds
    for unit, size in _UNITS_US.items():
        if unit == "w":
            continue
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts)
