"""A plan as it was understood: entries with their questions, populations, periods and segments.

What an entry means is told apart from where and how it was written, and hashed by itself, so that
another entry, or another name, has nothing computed again.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson

from journeygraph.errors import InvalidOptionError
from journeygraph.given import names
from queries.calendar_periods import CalendarPeriod
from queries.stored.declaration import StoredStatistic
from queries.stored.plan_file import Path_, PlanText

__all__ = [
    "SEGMENT_COLUMNS",
    "PeriodsRule",
    "PlannedStatistic",
    "RecomputePlan",
    "SegmentsRule",
    "canonical",
    "digest_of",
]

SEGMENT_COLUMNS = {
    "touchpoint": "touchpoints", "channel": "channels", "stage": "stages",
    "initiator": "initiators", "environment": "environments", "level": "levels",
}  # fmt: skip
"""Columns that segments can be of, and the condition of `where` that keeps one of their values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodsRule:
    """By which parts of the calendar; only the `last` ones with an interaction, if that is said."""

    of: CalendarPeriod
    last: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "of", CalendarPeriod(self.of))
        if self.last is not None:
            _check_count("last", self.last)


def _check_count(name: str, given: Any) -> None:
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        raise InvalidOptionError(name, given, "a whole number above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentsRule:
    """By the values of a column or of an attribute of customers.

    Attributes
    ----------
    attribute, column
        One of the two; columns are those of `SEGMENT_COLUMNS`.
    values
        Which; else the `first` that most customers (of a column: interactions) have.
    """

    attribute: str | None = None
    column: str | None = None
    values: tuple[str, ...] | None = None
    first: int = 10

    def __post_init__(self) -> None:
        if (self.attribute is None) is (self.column is None):
            raise InvalidOptionError("segments", {}, "either attribute or column")
        if self.column is not None and self.column not in SEGMENT_COLUMNS:
            expected = ", ".join(SEGMENT_COLUMNS)
            raise InvalidOptionError("column", self.column, f"one of {expected}")
        _check_count("first", self.first)
        object.__setattr__(self, "values", names(self.values, "values"))

    @property
    def name(self) -> str:
        """What the segments are of, as it is stored."""
        return self.column or f"attribute {self.attribute}"


@dataclass(frozen=True, eq=False, kw_only=True)
class PlannedStatistic:
    """One entry of a plan.

    Attributes
    ----------
    name
        What it is called; no two entries of a plan are called the same.
    statistic, question
        What is asked.
    population
        The options of `graph.journeys`, all of them.
    periods, segments
        By what it is asked again, beside once for all times and everybody.
    path
        Where it stands in the text of the plan.
    """

    name: str
    statistic: StoredStatistic
    question: Any
    population: Mapping[str, Any]
    periods: PeriodsRule | None
    segments: tuple[SegmentsRule, ...]
    path: Path_

    @cached_property
    def meaning(self) -> dict[str, Any]:
        """All that a number of it depends on, but for the data, the period and the segment."""
        return {
            "statistic": self.statistic.name,
            "revision": self.statistic.revision,
            "question": canonical(self.question),
            "population": canonical(self.population),
        }


@dataclass(frozen=True, eq=False, kw_only=True)
class RecomputePlan:
    """What is to be computed.

    Attributes
    ----------
    name
        Rows of a plan replace those of an earlier plan of the same name, and of no other.
    entries
        The statistics, by name.
    text
        What it was made of, for errors.
    """

    name: str
    entries: tuple[PlannedStatistic, ...]
    text: PlanText

    @cached_property
    def hash(self) -> str:
        """SHA-256 of what it means."""
        entries = [
            [entry.name, entry.meaning, canonical(entry.periods), canonical(entry.segments)]
            for entry in self.entries
        ]
        return digest_of([self.name, entries])


def digest_of(meaning: Any) -> str:
    """SHA-256 of plain values."""
    return hashlib.sha256(orjson.dumps(meaning, option=orjson.OPT_SORT_KEYS)).hexdigest()


def canonical(value: Any) -> Any:
    """Options as plain values, without those that say what goes without saying."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        given = {
            field.name: canonical(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if getattr(value, field.name) != _default(field)
        }
        return {name: part for name, part in given.items() if part not in (None, {}, [])}
    if isinstance(value, Mapping):
        return {str(key): canonical(part) for key, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [canonical(part) for part in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default
