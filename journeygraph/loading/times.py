"""Moments out of any column, as microseconds UTC; what is not certain is refused, not guessed.

A number may count seconds, milliseconds, microseconds or nanoseconds since 1970. Its size tells
which, and the column has one unit: the one that most of its first numbers have. A number that
reads as a calendar date (20240131, 202401311200) or is too small for a time after 1973 may be
something else and needs `time_unit` or `time_format`.

A time without an offset is in `timezone`. Where clocks are put back it is the first of the two
moments; what the clocks skip when they are put forward is no moment.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from journeygraph.kernels.timestamps import EMPTY, LOCAL, MONTHS, NO_TIME, NUMBER, parse_times
from journeygraph.loading.arrow_text import as_one, as_texts, text_buffers
from journeygraph.loading.flaws import Flaws
from journeygraph.loading.time_formats import parse_by_format

__all__ = ["TimeColumn", "Times"]

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_FIRST_US = -62_135_596_800_000_000  # 0001-01-01T00:00:00Z
_LAST_US = 253_402_300_799_999_999  # 9999-12-31T23:59:59.999999Z
_DAY_US = 86_400_000_000
_SIZES = {"s": (10**8, 10**11), "ms": (10**11, 10**14), "us": (10**14, 10**17),
          "ns": (10**17, 2**63 - 1)}  # fmt: skip
_MULTIPLY = {"s": 1_000_000, "ms": 1_000, "us": 1}
_PER_BILLIONTH = {"s": 1_000, "ms": 1_000_000, "us": 1_000_000_000}
_REMEDY = "is not a time in ISO 8601 or a number; say how it is written: --time-format"
_UNCLEAR = "may be a date or count in another unit; say --time-unit or --time-format"
_BEYOND = "is beyond the years 1 to 9999"
_SKIPPED = "does not exist in {zone}, where the clocks skipped it; give the offset"


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """What a column says: `at_us` where `is_there`; empty values and flaws are not there."""

    at_us: Ints
    is_there: Mask
    flaws: Flaws

    def to_arrow(self) -> pa.Array:
        """As the lake stores it."""
        kind = pa.timestamp("us", tz="UTC")
        if self.is_there.all():
            return pa.array(self.at_us).view(kind)
        return pa.array(self.at_us, mask=~self.is_there).cast(kind)


@dataclass(slots=True, kw_only=True)
class TimeColumn:
    """How one column of a file is read. `unit` is decided by its first numbers, if not given."""

    timezone: str = "UTC"
    time_format: str | None = None
    unit: str | None = None
    is_unit_given: bool = field(init=False)

    def __post_init__(self) -> None:
        self.is_unit_given = self.unit is not None

    def read(self, column: pa.ChunkedArray | pa.Array) -> Times:
        """The times of a batch."""
        whole = as_one(column)
        if pa.types.is_timestamp(whole.type):
            return self._of_timestamps(whole)
        if pa.types.is_date(whole.type):
            return self._of_timestamps(whole.cast(pa.timestamp("ms")))
        if self.time_format is not None:
            return self._of_format(as_texts(whole))
        if pa.types.is_floating(whole.type):
            return self._of_floats(whole)
        return self._of_texts(as_texts(whole))

    def _of_timestamps(self, whole: pa.Array) -> Times:
        unit = whole.type.unit
        numbers = whole.cast(pa.int64())
        numbers = (numbers.fill_null(0) if whole.null_count else numbers).to_numpy()
        is_there = whole.is_valid().to_numpy(zero_copy_only=False)
        at_us, is_in_range = _scaled(numbers, np.zeros(len(numbers), np.int64), unit)
        flawed = Flaws.of_rows(is_there & ~is_in_range, "BAD_TIME", f"it {_BEYOND}")
        is_there = is_there & is_in_range
        if whole.type.tz is not None:
            return Times(at_us=at_us, is_there=is_there, flaws=flawed)
        return self._localised(at_us, is_there, is_there, None, [flawed])

    def _of_format(self, texts: pa.StringArray) -> Times:
        assert self.time_format is not None
        at_us, is_read, is_instant = parse_by_format(texts, self.time_format)
        is_empty = pc.equal(pc.utf8_trim_whitespace(texts), "").to_numpy(zero_copy_only=False)
        reason = f"is not written as {self.time_format}"
        flawed = Flaws.of_rows(~is_read & ~is_empty, "BAD_TIME", reason, texts)
        if is_instant:
            return Times(at_us=at_us, is_there=is_read, flaws=flawed)
        return self._localised(at_us, is_read, is_read, texts, [flawed])

    def _of_floats(self, whole: pa.Array) -> Times:
        numbers = pc.fill_null(whole.cast(pa.float64()), np.nan).to_numpy(zero_copy_only=False)
        is_there = ~np.isnan(numbers)
        is_small = is_there & (np.abs(numbers) < 2.0**63)
        integral = np.trunc(np.where(is_small, numbers, 0))
        billionths = np.rint((np.where(is_small, numbers, 0) - integral) * 1e9).astype(np.int64)
        whole_part = integral.astype(np.int64)
        texts = as_texts(whole, nan="NaN")
        flawed = Flaws.of_rows(is_there & ~is_small, "BAD_TIME", _REMEDY, texts)
        return self._of_numbers(whole_part, billionths, is_small, texts, [flawed], is_float=True)

    def _of_texts(self, texts: pa.StringArray) -> Times:
        offsets, data = text_buffers(texts)
        kinds = np.empty(len(texts), np.int8)
        at_us, billionths = np.empty(len(texts), np.int64), np.empty(len(texts), np.int64)
        seen = parse_times(offsets, data, MONTHS, kinds, at_us, billionths)
        flaws = []
        is_there = (kinds != EMPTY) & (kinds != NO_TIME)
        if seen >> NO_TIME & 1:
            flaws.append(Flaws.of_rows(kinds == NO_TIME, "BAD_TIME", _REMEDY, texts))
        if seen >> LOCAL & 1:
            local = self._localised(at_us, is_there, kinds == LOCAL, texts, flaws)
            at_us, is_there, flaws = local.at_us, local.is_there, [local.flaws]
        if not seen >> NUMBER & 1:
            return Times(at_us=at_us, is_there=is_there, flaws=Flaws.joined(flaws))
        is_number = kinds == NUMBER
        read = self._of_numbers(at_us, billionths, is_number, texts, flaws)
        at_us = np.where(is_number, read.at_us, at_us)
        is_there = np.where(is_number, read.is_there, is_there)
        return Times(at_us=at_us, is_there=is_there, flaws=read.flaws)

    def _of_numbers(
        self,
        numbers: Ints,
        billionths: Ints,
        is_number: Mask,
        texts: pa.StringArray,
        flaws: list[Flaws],
        *,
        is_float: bool = False,
    ) -> Times:
        """The moments of the rows where `is_number`; the others are not there."""
        is_clear = is_number
        if not self.is_unit_given:
            is_clear = is_number & ~_is_calendar(numbers)
            self.unit = self.unit or _unit_of(numbers[is_clear])
            if self.unit is None:
                is_clear = np.zeros(len(numbers), np.bool_)
            else:
                low, high = _SIZES[self.unit]
                size = np.abs(numbers)
                is_clear = is_clear & (size >= low) & (size < high)
        at_us, is_in_range = _scaled(numbers, billionths, self.unit or "s", is_float=is_float)
        unclear = Flaws.of_rows(is_number & ~is_clear, "UNCLEAR_TIME", _UNCLEAR, texts)
        beyond = Flaws.of_rows(is_clear & ~is_in_range, "BAD_TIME", _BEYOND, texts)
        return Times(
            at_us=at_us,
            is_there=is_clear & is_in_range,
            flaws=Flaws.joined([*flaws, unclear, beyond]),
        )

    def _localised(
        self,
        at_us: Ints,
        is_there: Mask,
        is_local: Mask,
        texts: pa.StringArray | None,
        flaws: list[Flaws],
    ) -> Times:
        """The same with the rows where `is_local` taken as times of the zone."""
        if self.timezone == "UTC" or not is_local.any():
            return Times(at_us=at_us, is_there=is_there, flaws=Flaws.joined(flaws))
        import polars as pl

        zoned = (
            pl.Series(at_us[is_local])
            .cast(pl.Datetime("us"))
            .dt.replace_time_zone(self.timezone, ambiguous="earliest", non_existent="null")
        )
        exists = is_local.copy()
        exists[is_local] = zoned.is_not_null().to_numpy()
        at_us = at_us.copy()
        at_us[is_local] = zoned.to_physical().fill_null(0).to_numpy()
        reason = _SKIPPED.format(zone=self.timezone)
        skipped = Flaws.of_rows(is_local & ~exists, "NONEXISTENT_TIME", reason, texts)
        is_beyond = exists & ((at_us < _FIRST_US) | (at_us > _LAST_US))
        beyond = Flaws.of_rows(is_beyond, "BAD_TIME", _BEYOND, texts)
        return Times(
            at_us=at_us,
            is_there=is_there & (exists | ~is_local) & ~is_beyond,
            flaws=Flaws.joined([*flaws, skipped, beyond]),
        )


def _scaled(
    numbers: Ints, billionths: Ints, unit: str, *, is_float: bool = False
) -> tuple[Ints, Mask]:
    """Microseconds of numbers in a unit, and which lie in the years 1 to 9999."""
    if unit == "ns":
        at_us = numbers // 1_000
        return at_us, (at_us >= _FIRST_US) & (at_us <= _LAST_US)
    scale = _MULTIPLY[unit]
    low, high = _FIRST_US // scale, _LAST_US // scale
    if not billionths.any() and len(numbers) and low <= numbers.min() and numbers.max() <= high:
        return numbers * scale, np.ones(len(numbers), np.bool_)
    is_in_range = (numbers >= low) & (numbers <= high)
    at_us = np.where(is_in_range, numbers, 0) * scale
    if billionths.any():
        # Digits beyond a microsecond are cut off; those of a binary fraction are mere noise.
        per = _PER_BILLIONTH[unit]
        finer = np.rint(billionths / per).astype(np.int64) if is_float else billionths // per
        at_us = at_us + finer
    return at_us, is_in_range & (at_us <= _LAST_US) & (at_us >= _FIRST_US)


def _unit_of(numbers: Ints) -> str | None:
    """The unit that most of the numbers have by their size."""
    size = np.abs(numbers)
    votes = {
        unit: int(((size >= low) & (size < high)).sum()) for unit, (low, high) in _SIZES.items()
    }
    unit = max(votes, key=lambda name: votes[name])
    return unit if votes[unit] else None


def _is_calendar(numbers: Ints) -> Mask:
    """Whether the digits read as year, month, day, hour, minute, and perhaps second."""
    is_calendar = np.zeros(len(numbers), np.bool_)
    for n_behind_day in (4, 6):
        power = 10**n_behind_day
        may_be = (numbers >= 19_000_000 * power) & (numbers < 21_000_000 * power)
        if may_be.any():
            is_calendar[may_be] = _has_fields(numbers[may_be], n_behind_day)
    return is_calendar


def _has_fields(numbers: Ints, n_behind_day: int) -> Mask:
    days, clock = np.divmod(numbers, 10**n_behind_day)
    month, day = days // 100 % 100, days % 100
    hour, rest = np.divmod(clock, 10 ** (n_behind_day - 2))
    is_clock = (hour < 24) & (rest % 100 < 60) & (rest // 100 < 60)
    return (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31) & is_clock
