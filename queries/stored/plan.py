"""What a batch job is to compute: a plan of named statistics, checked before anything is computed.

A plan's hash is that of what it means: comments, order, formatting and defaults that are spelled
out change nothing. What an entry means is hashed by itself, so that another entry, or another
name, has nothing computed again.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

from journeygraph.cohorts import Where
from journeygraph.durations import parse_duration
from journeygraph.errors import InvalidOptionError, JourneyGraphError, near_misses
from journeygraph.given import mapping_as, names
from journeygraph.labelling import By
from journeygraph.moments import time_zone
from journeygraph.outcome import OutcomeRule
from journeygraph.rules import Rules
from journeygraph.splitting import Split, Unit
from queries.calendar_periods import CalendarPeriod
from queries.intervals import normal_quantile
from queries.stored.declaration import StoredStatistic
from queries.stored.plan_file import Path_, PlanText, read_plan_text
from queries.stored.registry import REGISTRY

__all__ = [
    "DEFAULT_PLAN",
    "PeriodsRule",
    "PlannedStatistic",
    "RecomputePlan",
    "SEGMENT_COLUMNS",
    "SegmentsRule",
    "plan_of",
    "read_plan",
]

DEFAULT_PLAN: dict[str, Any] = {
    "name": "default",
    "periods": "month",
    "statistics": [
        {"statistic": "summary"},
        {"statistic": "transitions"},
        {"statistic": "common_paths"},
        {"statistic": "common_paths", "name": "runs_of_three", "form": "ngram", "length": 3},
        {"statistic": "drop_off"},
        {"statistic": "attribution"},
        {"statistic": "loyalty_touchpoints", "loyalty": {"repeat_purchase_within": "90d"},
         "periods": None},
        {"statistic": "referrals", "periods": None},
        {"statistic": "advocates", "periods": None},
        {"statistic": "k_factor"},
    ],
}  # fmt: skip
"""What is computed where no plan is given."""

SEGMENT_COLUMNS = {
    "touchpoint": "touchpoints", "channel": "channels", "stage": "stages",
    "initiator": "initiators", "environment": "environments", "level": "levels",
}  # fmt: skip
"""Columns that segments can be of, and the condition of `where` that keeps one of their values."""

_MOST_STATISTICS = 200
_LONGEST_NAME = 100
_POPULATION: dict[str, Any] = {
    "where": None, "rules": None, "split": None, "by": "touchpoint", "unit": "customer",
    "outcome": None, "inactivity": "30d", "confidence": 0.95, "timezone": "UTC",
}  # fmt: skip
_SHARED = (*_POPULATION, "periods", "segments")


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


def read_plan(path: Path | str) -> RecomputePlan:
    """The plan in a file.

    Raises
    ------
    BadPlanError
        With the line and the field that cannot be used.
    """
    return _Reading(read_plan_text(Path(path))).plan()


def plan_of(given: Mapping[str, Any] | None = None) -> RecomputePlan:
    """A plan made of plain values; `DEFAULT_PLAN` if none are given.

    Raises
    ------
    BadPlanError
        With the field that cannot be used.
    """
    return _Reading(PlanText(DEFAULT_PLAN if given is None else given)).plan()


class _Reading:
    """Makes a plan of its text."""

    def __init__(self, text: PlanText) -> None:
        self._text = text

    def plan(self) -> RecomputePlan:
        """The plan."""
        content = self._mapping(self._text.content, ())
        known = ("name", "statistics", *_SHARED)
        self._refuse_unknown(content, known, ())
        shared = {_snake(key): value for key, value in content.items()}
        listed = shared.get("statistics")
        if not isinstance(listed, Sequence) or isinstance(listed, str) or not listed:
            raise self._text.error(("statistics",), "Expected a list of statistics.")
        if len(listed) > _MOST_STATISTICS:
            raise self._text.error(("statistics",), f"More than {_MOST_STATISTICS} statistics.")
        entries = [
            self._entry(entry, ("statistics", place), shared) for place, entry in enumerate(listed)
        ]
        self._refuse_twins(entries)
        name = self._name(shared.get("name", "default"), ("name",))
        by_name = sorted(entries, key=lambda entry: entry.name)
        return RecomputePlan(name=name, entries=tuple(by_name), text=self._text)

    def _entry(self, given: Any, path: Path_, shared: Mapping[str, Any]) -> PlannedStatistic:
        own = {_snake(key): value for key, value in self._mapping(given, path).items()}
        statistic = self._statistic(own.pop("statistic", None), path)
        name = self._name(own.pop("name", statistic.name), (*path, "name"))
        settings = {name: own.pop(name, shared.get(name)) for name in _SHARED}
        places = {
            name: (*path, name) if name in given else (name,) for name in _SHARED
        }  # where an error in a shared option is
        try:
            question = statistic.ask(own)
        except JourneyGraphError as error:
            raise self._text.refused(path, error) from error
        population = {
            name: self._population(name, settings[name], places[name]) for name in _POPULATION
        }
        periods = self._periods(settings["periods"], places["periods"], statistic, path)
        segments = self._segments(settings["segments"], places["segments"])
        self._refuse_overlaps(population["where"], periods, segments, path)
        return PlannedStatistic(
            name=name, statistic=statistic, question=question, population=population,
            periods=periods, segments=segments, path=path,
        )  # fmt: skip

    def _statistic(self, given: Any, path: Path_) -> StoredStatistic:
        known = REGISTRY.get(str(given).replace("-", "_")) or REGISTRY.get(_snake_word(str(given)))
        if given is None:
            names = ", ".join(REGISTRY)
            raise self._text.error(path, f"`statistic` is missing: one of {names}.")
        if known is None:
            near = near_misses(str(given), REGISTRY)
            hint = f"Did you mean {near[0]!r}?" if near else f"Known are {', '.join(REGISTRY)}."
            where = (*path, "statistic")
            raise self._text.error(where, f"{given!r} is not a statistic.", hint)
        return known

    def _name(self, given: Any, path: Path_) -> str:
        if not isinstance(given, str) or not given.strip() or len(given) > _LONGEST_NAME:
            what = f"Expected a name of at most {_LONGEST_NAME} characters."
            raise self._text.error(path, what)
        return given

    def _population(self, name: str, given: Any, path: Path_) -> Any:
        value = _POPULATION[name] if given is None else given
        try:
            return _CHECKED[name](value)
        except JourneyGraphError as error:
            raise self._text.refused(path, error) from error

    def _periods(
        self, given: Any, path: Path_, statistic: StoredStatistic, entry: Path_
    ) -> PeriodsRule | None:
        if given in (None, "none"):
            return None
        if not statistic.has_periods:
            if path[:-1] == entry:
                what = f"{statistic.name} has cohorts of its own and cannot be asked by period."
                raise self._text.error(path, what, "Leave `periods` out, or write `periods: none`.")
            return None
        try:
            return mapping_as(PeriodsRule, _as_mapping(given, "of"), "periods")
        except JourneyGraphError as error:
            raise self._text.refused(path, error) from error
        except TypeError as error:
            raise self._text.error(path, "Expected `of`: day, week or month.") from error

    def _segments(self, given: Any, path: Path_) -> tuple[SegmentsRule, ...]:
        if given in (None, "none"):
            return ()
        listed = given if isinstance(given, list | tuple) else [given]
        found = []
        for place, one in enumerate(listed):
            where = (*path, place) if isinstance(given, list | tuple) else path
            try:
                found.append(mapping_as(SegmentsRule, one, "segments"))
            except JourneyGraphError as error:
                raise self._text.refused(where, error) from error
        return tuple(found)

    def _refuse_overlaps(
        self,
        where: Where | None,
        periods: PeriodsRule | None,
        segments: Sequence[SegmentsRule],
        path: Path_,
    ) -> None:
        if where is None:
            return
        if periods is not None and (where.from_ is not None or where.until is not None):
            what = "`periods` and `where` with `from` or `until` exclude each other."
            raise self._text.error(
                path, what, "Take `periods: {of: month, last: 12}` for the last."
            )
        customers = where.customers
        attributes = (customers.attributes if customers else None) or {}
        for rule in segments:
            named = None if rule.column is None else getattr(where, SEGMENT_COLUMNS[rule.column])
            if named is not None or rule.attribute in attributes:
                what = f"`where` selects by {rule.name} already, and so do `segments`."
                raise self._text.error(path, what, "Take one of the two.")

    def _refuse_twins(self, entries: Sequence[PlannedStatistic]) -> None:
        seen: set[str] = set()
        for entry in entries:
            if entry.name in seen:
                what = f"Two entries are called {entry.name!r}."
                raise self._text.error(entry.path, what, "Give one of them another `name`.")
            seen.add(entry.name)

    def _mapping(self, given: Any, path: Path_) -> Mapping[str, Any]:
        if not isinstance(given, Mapping):
            raise self._text.error(path, "Expected `name: value` on each line.")
        return given

    def _refuse_unknown(self, given: Mapping[str, Any], known: Sequence[str], path: Path_) -> None:
        for key in given:
            if _snake(str(key)) not in known:
                near = near_misses(str(key), known)
                hint = f"Did you mean {near[0]!r}?" if near else f"Known are {', '.join(known)}."
                raise self._text.error((*path, key), f"{key!r} is not known here.", hint)


def _snake(key: str) -> str:
    return str(key).replace("-", "_")


def _snake_word(word: str) -> str:
    """`commonPaths` as `common_paths`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in word)


def _as_mapping(given: Any, name: str) -> Any:
    return {name: given} if isinstance(given, str) else given


def _options(kind: type, argument: str) -> Any:
    return lambda given: None if given is None else mapping_as(kind, given, argument)


def _confidence(given: Any) -> float:
    if isinstance(given, bool | str):
        raise InvalidOptionError("confidence", given, "a number between 0 and 1, say 0.95")
    normal_quantile(float(given))
    return float(given)


_CHECKED: dict[str, Any] = {
    "where": _options(Where, "where"),
    "rules": _options(Rules, "rules"),
    "split": _options(Split, "split"),
    "by": By,
    "unit": Unit,
    "outcome": _options(OutcomeRule, "outcome"),
    "inactivity": lambda given: f"{parse_duration(given, 'inactivity')}us",
    "confidence": _confidence,
    "timezone": lambda given: time_zone(given).key,
}
"""Checks an option of a population, and makes it plain."""
