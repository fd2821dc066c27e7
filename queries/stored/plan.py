"""Reading a plan: it is checked before anything is computed, and errors name line and field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from journeygraph.cohorts import Where
from journeygraph.durations import parse_duration
from journeygraph.errors import InvalidOptionError, JourneyGraphError, near_misses
from journeygraph.given import mapping_as
from journeygraph.labelling import By
from journeygraph.moments import time_zone
from journeygraph.outcome import OutcomeRule
from journeygraph.rules import Rules
from journeygraph.splitting import Split, Unit
from queries.intervals import normal_quantile
from queries.stored.declaration import StoredStatistic
from queries.stored.plan_file import Path_, PlanText, read_plan_text
from queries.stored.planned import (
    SEGMENT_COLUMNS,
    PeriodsRule,
    PlannedStatistic,
    RecomputePlan,
    SegmentsRule,
)
from queries.stored.registry import REGISTRY

__all__ = ["DEFAULT_PLAN", "plan_of", "read_plan"]

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

_MOST_STATISTICS = 200
_LONGEST_NAME = 100
_POPULATION: dict[str, Any] = {
    "where": None, "rules": None, "split": None, "by": "touchpoint", "unit": "customer",
    "outcome": None, "inactivity": "30d", "confidence": 0.95, "timezone": "UTC",
}  # fmt: skip
_SHARED = (*_POPULATION, "periods", "segments")


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
        except (AttributeError, TypeError, ValueError) as error:
            what = f"An option is of the wrong kind: {error}."
            raise self._text.error(path, what) from error
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
    if isinstance(given, bool) or not isinstance(given, int | float):
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
