"""How often, and at which hours, a customer may be contacted: from when on the next one may be.

At most n contacts in any stretch of a length, its begin excluded; and none in the quiet hours of
the view's time zone. A contact that may not be yet is put off to the first moment at which it may;
whether that is still in time, the question decides.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.durations import Duration, parse_duration
from journeygraph.errors import InvalidOptionError
from journeygraph.given import mapping_as

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ContactLimits", "LimitRules", "compile_limits"]

BoolArray = npt.NDArray[np.bool_]
Int64Array = npt.NDArray[np.int64]

_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactLimits:
    """When a customer may be contacted.

    Attributes
    ----------
    at_most, per
        At most so many contacts in any stretch of this length.
    quiet_from, quiet_until
        No contact from this time of day, as "21:00", until that one, on the clocks of the view's
        time zone; it may be over midnight.
    """

    at_most: int | None = None
    per: Duration | None = None
    quiet_from: str | None = None
    quiet_until: str | None = None


@dataclass(frozen=True, slots=True)
class LimitRules:
    """Contact limits, read; None where there is no such limit.

    Attributes
    ----------
    quiet_us
        From and until, in microseconds of the day.
    """

    at_most: int | None
    per_us: int
    quiet_us: tuple[int, int] | None
    zone: str

    def earliest(
        self, from_us: Int64Array, contacts_us: Int64Array, begins: Int64Array, ends: Int64Array
    ) -> Int64Array:
        """The first moment, not before `from_us`, at which each contact may be made.

        Parameters
        ----------
        contacts_us, begins, ends
            When the customer of each was contacted so far: contacts_us[begin:end], ascending.
        """
        if self.at_most is not None:
            counted = ends - self.at_most
            is_bound = counted >= begins
            freed = contacts_us[counted[is_bound]] + self.per_us
            from_us = from_us.copy()
            from_us[is_bound] = np.maximum(from_us[is_bound], freed)
        return self.after_quiet(from_us)

    def after_quiet(self, at_us: Int64Array) -> Int64Array:
        """The same moments, those in quiet hours put off to the end of these."""
        if self.quiet_us is None or not len(at_us):
            return at_us
        import pandas as pd

        begin, end = self.quiet_us
        clocks = pd.DatetimeIndex(at_us.astype("datetime64[us]"), tz="UTC").tz_convert(self.zone)
        plain = clocks.tz_localize(None)
        midnights = plain.normalize()
        of_day = (plain - midnights).to_numpy().astype("timedelta64[us]").astype(np.int64)
        if begin < end:
            is_quiet, is_next_day = (of_day >= begin) & (of_day < end), np.zeros(len(at_us), bool)
        else:
            is_quiet, is_next_day = (of_day >= begin) | (of_day < end), of_day >= begin
        wanted = midnights + pd.to_timedelta(end + _DAY_US * is_next_day, unit="us")
        ends = wanted.tz_localize(
            self.zone, ambiguous=np.ones(len(at_us), bool), nonexistent="shift_forward"
        )
        moved = ends.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[us]")
        return np.where(is_quiet, np.maximum(moved.astype(np.int64), at_us), at_us)


def compile_limits(given: ContactLimits | Mapping[str, Any] | None, zone: str) -> LimitRules:
    """Read contact limits.

    Raises
    ------
    InvalidOptionError, InvalidDurationError, UnknownOptionError
        Where they cannot be used, or one half of a pair is missing.
    """
    limits = mapping_as(ContactLimits, {} if given is None else given, "limits")
    if (limits.at_most is None) != (limits.per is None):
        raise InvalidOptionError("limits", given, "atMost and per together, as 2 per 7d")
    if (limits.quiet_from is None) != (limits.quiet_until is None):
        raise InvalidOptionError("limits", given, "quietFrom and quietUntil together")
    if limits.at_most is not None and (isinstance(limits.at_most, bool) or limits.at_most < 1):
        raise InvalidOptionError("limits.atMost", limits.at_most, "a whole number, 1 or more")
    quiet = None
    if limits.quiet_from is not None:
        quiet = (
            _of_day(limits.quiet_from, "limits.quietFrom"),
            _of_day(limits.quiet_until, "limits.quietUntil"),
        )
        if quiet[0] == quiet[1]:
            raise InvalidOptionError("limits.quietUntil", limits.quiet_until, "another time")
    per_us = 0 if limits.per is None else parse_duration(limits.per, "limits.per")
    return LimitRules(limits.at_most, per_us, quiet, zone)


def _of_day(given: Any, argument: str) -> int:
    try:
        read = time.fromisoformat(given)
    except (TypeError, ValueError):
        read = None
    if read is None or read.tzinfo is not None:
        raise InvalidOptionError(argument, given, "a time of day, as '21:00'")
    minutes = read.hour * 60 + read.minute
    return (minutes * 60 + read.second) * 1_000_000 + read.microsecond
