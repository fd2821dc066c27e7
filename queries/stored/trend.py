"""How one stored number changed, from period to period or from one run to the next.

Between two periods a rate's difference carries Newcombe's interval, a p value, and a q value over
all changes of the trend, which take the units of both for strangers; whoever is in both makes them
somewhat too wide or too narrow. Between two versions most units are the same, so that no test is
offered there: only the difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from journeygraph.errors import (
    ConflictingOptionsError,
    InvalidOptionError,
    JourneyGraphError,
    UnknownColumnError,
)
from journeygraph.lake.errors import UnknownVersionError
from journeygraph.lake.store import Store
from journeygraph.lake.versions import StoreVersion
from journeygraph.moments import parse_moment, time_zone
from journeygraph.options import Word
from queries.intervals import SMALL_GROUP, wilson
from queries.paging import PageInfo, page_bounds, page_info
from queries.stored.columns import Column, ColumnKind, shown_name, shown_value
from queries.stored.declaration import OTHER, WHOLE, StoredStatistic
from queries.stored.reading import ALL_TIMES, EVERYBODY, rows_in, statistic_named
from queries.stored.trend_points import TrendPoint, with_changes

__all__ = ["AmbiguousTrendError", "Over", "Trend", "TrendAnswer", "TrendPoint", "trend"]

_MOST_VERSIONS = 1_000


class Over(Word, argument="over"):
    """From where to where a trend goes."""

    PERIODS = "periods"
    VERSIONS = "versions"


class AmbiguousTrendError(JourneyGraphError):
    """A trend that would be of several things at once."""

    code = "AMBIGUOUS_TREND"

    def __init__(self, name: str, column: str, values: Sequence[Any]) -> None:
        shown = ", ".join(repr(value) for value in values[:5])
        more = ", …" if len(values) > 5 else ""
        super().__init__(
            f"name={name!r} has rows of several values of {column} here: {shown}{more}.",
            f"Say which one: a key {column}=…, or plan, entry (as name), or segment.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """One number of a stored statistic, over time.

    Attributes
    ----------
    name
        A statistic, or one entry of a plan by its name.
    measure
        Which of its numbers, as "units", "share" or "median_seconds".
    keys
        Which row: by column the value, as {"source": "ad", "target": "cart"}; of `items`, a list.
        Without any, the row of the whole.
    plan, segment_by, segment
        As of `Statistics`; everybody by default.
    over
        PERIODS: the periods of one version. VERSIONS: the runs of the store.
    period
        Over versions: of this period; all times by default.
    from_, until
        Only points that begin from this moment on, before this moment; a version begins when it
        was made.
    confidence
        Of the intervals of changes.
    first, after
        How many points, and behind which cursor; the earliest first.
    """

    name: str
    measure: str
    keys: Mapping[str, str | Sequence[str]] | None = None
    plan: str | None = None
    segment_by: str | None = None
    segment: str | None = None
    over: Over = Over.PERIODS
    period: str | None = None
    from_: Any = None
    until: Any = None
    confidence: float = 0.95
    first: int = 100
    after: str | None = None


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class TrendAnswer:
    """Points, the earliest first.

    Attributes
    ----------
    statistic, measure
        Which number, by the names of its table and column.
    over
        Periods or versions.
    points
        How many there are, on all pages.
    tested
        Changes with a p value: over so many the q values control the false discoveries.
    """

    statistic: str
    measure: str
    over: Over
    points: int
    tested: int
    nodes: tuple[TrendPoint, ...]
    page_info: PageInfo


def trend(question: Trend, store: Store, version: StoreVersion) -> TrendAnswer:
    """Read one number at all times that there are.

    Parameters
    ----------
    store, version
        Which; over versions, those up to this one.

    Raises
    ------
    NoStatisticsError, UnknownStatisticError, UnknownColumnError, InvalidOptionError
        Where there is nothing of that name.
    AmbiguousTrendError
        Where the keys leave several rows for one time.
    """
    over = Over(question.over)
    if over is Over.PERIODS and question.period is not None:
        raise ConflictingOptionsError("over PERIODS", "period")
    statistic, entry = statistic_named(question.name, store, version)
    measure = _measure(statistic, question.measure)
    reading = _Reading(question, store, statistic, entry, measure)
    found = reading.periods(version) if over is Over.PERIODS else reading.versions(version)
    tested = over is Over.PERIODS and measure.above is not None
    points = with_changes(_within(found, question), question.confidence, tested=tested)
    start, end = page_bounds(len(points), question.first, question.after)
    return TrendAnswer(
        statistic=statistic.name,
        measure=shown_name(measure),
        over=over,
        points=len(points),
        tested=sum(point.p_value is not None for point in points),
        nodes=tuple(points[start:end]),
        page_info=page_info(len(points), start, end),
    )


def _measure(statistic: StoredStatistic, name: str) -> Column:
    column = statistic.column(name)
    if column is None or not column.is_measure or column not in statistic.columns:
        measures = [shown_name(one) for one in statistic.columns if one.is_measure]
        raise UnknownColumnError("measure", name, measures)
    return column


class _Reading:
    """Finds the one row of every time."""

    def __init__(
        self,
        question: Trend,
        store: Store,
        statistic: StoredStatistic,
        entry: str | None,
        measure: Column,
    ) -> None:
        self._question = question
        self._store = store
        self._statistic = statistic
        self._entry = entry
        self._measure = measure
        self._keys = {
            _key_column(statistic, name): value for name, value in (question.keys or {}).items()
        }

    def periods(self, version: StoreVersion) -> list[TrendPoint]:
        """The point of every period in a version."""
        rows = [row for row in self._rows(version, None) if row["period"] is not None]
        rows.sort(key=lambda row: row["period_from_us"])
        self._refuse_several(rows, lambda row: row["period_from_us"])
        lengths = {_kind_of(row["period"]) for row in rows}
        if len(lengths) > 1:
            raise AmbiguousTrendError(self._question.name, "period", sorted(lengths))
        return [self._point(row, version) for row in rows]

    def versions(self, latest: StoreVersion) -> list[TrendPoint]:
        """The point of every run up to a version."""
        points = []
        period = self._question.period or ALL_TIMES
        for version in self._runs(latest):
            rows = self._rows(version, period)
            self._refuse_several(rows, lambda _row: 0)
            points += [replace(self._point(row, version), from_us=version.at_us, until_us=None)
                       for row in rows]  # fmt: skip
        return points

    def _runs(self, latest: StoreVersion) -> Iterator[StoreVersion]:
        """The versions at which the table was written, the earliest first."""
        seen: set[str] = set()
        numbers = [number for number in self._store.version_numbers() if number <= latest.number]
        for number in numbers[-_MOST_VERSIONS:]:
            try:
                version = self._store.version(number)
            except UnknownVersionError:  # since vacuumed
                continue
            revision = version.revisions.get(self._statistic.table.name)
            if version.kind == "recompute" and revision is not None and revision not in seen:
                seen.add(revision)
                yield version

    def _rows(self, version: StoreVersion, period: str | None) -> list[dict[str, Any]]:
        question = self._question
        segment = question.segment
        if segment is None and question.segment_by is None:
            segment = EVERYBODY
        rows = rows_in(
            self._store, version, self._statistic, plan=question.plan, entry=self._entry,
            period=period, segment_by=question.segment_by, segment=segment,
        )  # fmt: skip
        return [row for row in rows.to_pylist() if self._is_meant(row)]

    def _is_meant(self, row: Mapping[str, Any]) -> bool:
        if not self._keys:
            return bool(row["scope"] == WHOLE)
        return row["scope"] != OTHER and all(
            _is_same(shown_value(column, row[column.name]), value)
            for column, value in self._keys.items()
        )

    def _refuse_several(self, rows: Sequence[dict[str, Any]], time_of: Any) -> None:
        times: dict[Any, dict[str, Any]] = {}
        columns = ["plan", "entry", "segment_by", "segment_value"]
        columns += [column.name for column in self._statistic.columns if not column.is_measure]
        for row in rows:
            other = times.setdefault(time_of(row), row)
            for column in columns if other is not row else ():
                if other[column] != row[column]:
                    values = sorted({str(one[column]) for one in rows})
                    raise AmbiguousTrendError(self._question.name, column, values)

    def _point(self, row: Mapping[str, Any], version: StoreVersion) -> TrendPoint:
        measure, is_money = self._measure, self._measure.kind is ColumnKind.MONEY
        value = row[measure.name]
        above: int | None = None if measure.above is None else row[measure.above]
        below: int | None = None if measure.below is None else row[measure.below]
        ends = None
        if above is not None and below is not None:
            ends = wilson(above, below, self._question.confidence)
        end_us = row["period_until_us"]
        return TrendPoint(
            period=row["period"],
            from_us=row["period_from_us"],
            until_us=end_us,
            version=version.number,
            data_version=row["store_version"],
            value=None if is_money or value is None else float(value),
            amount_minor=value if is_money else None,
            low=None if ends is None else ends.low,
            high=None if ends is None else ends.high,
            above=above,
            below=below,
            change=None,
            amount_change_minor=None,
            change_low=None,
            change_high=None,
            p_value=None,
            q_value=None,
            open=end_us is not None and row["as_of_us"] < end_us,
            small=ends is not None and ends.of < SMALL_GROUP,
        )


def _kind_of(period: str) -> str:
    return {7: "month", 8: "week", 10: "day"}.get(len(period), "period")


def _key_column(statistic: StoredStatistic, name: str) -> Column:
    column = statistic.column(name)
    keys = [one for one in statistic.columns if not one.is_measure]
    if column is None or column not in keys:
        raise UnknownColumnError("keys", name, [shown_name(one) for one in keys])
    return column


def _is_same(value: Any, wanted: str | Sequence[str]) -> bool:
    names = (wanted,) if isinstance(wanted, str) else tuple(wanted)
    if isinstance(value, tuple):
        return value == names
    return value is not None and (str(value),) == names


def _within(points: Iterable[TrendPoint], question: Trend) -> list[TrendPoint]:
    zone = time_zone("UTC")
    first = None if question.from_ is None else parse_moment(question.from_, "from", zone)
    last = None if question.until is None else parse_moment(question.until, "until", zone)
    if first is not None and last is not None and first >= last:
        raise InvalidOptionError("until", str(question.until), f"later than {question.from_}")
    return [
        point
        for point in points
        if (first is None or (point.from_us or 0) >= first)
        and (last is None or (point.from_us or 0) < last)
    ]
