"""Stored statistics, read back: one page of rows of a version, by plan, entry, period and segment.

Nothing is computed. What is read is what a run has written, with the version of the data that it
is of: an answer may be older than the store, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from journeygraph.errors import JourneyGraphError, near_misses
from journeygraph.lake.store import Store
from journeygraph.lake.versions import StoreVersion
from queries.paging import PageInfo, page_bounds, page_info
from queries.stored.columns import COMMON, ColumnKind, shown_name, shown_value
from queries.stored.customer_keys import ids_of
from queries.stored.declaration import StoredStatistic
from queries.stored.registry import REGISTRY

if TYPE_CHECKING:
    from journeygraph.graph import JourneyGraph

__all__ = [
    "ALL_TIMES",
    "EVERYBODY",
    "NoStatisticsError",
    "Statistics",
    "StatisticsAnswer",
    "StoredRow",
    "UnknownStatisticError",
    "rows_in",
    "statistic_named",
    "statistics",
]

ALL_TIMES = "all"
"""What to give as `period` for the rows of all times."""

EVERYBODY = "all"
"""What to give as `segment` for the rows of everybody."""


_FIRST_US = -(1 << 63)


class UnknownStatisticError(JourneyGraphError):
    """A name that is neither a statistic nor an entry of a plan."""

    code = "UNKNOWN_STATISTIC"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        near = near_misses(name, names)
        hint = f"Did you mean {near[0]!r}?" if near else f"Known are {', '.join(names)}."
        super().__init__(f"name={name!r} is not a stored statistic.", hint)


class NoStatisticsError(JourneyGraphError):
    """A version in which nothing was computed."""

    code = "NO_STATISTICS"

    def __init__(self, version: int) -> None:
        super().__init__(
            f"Version {version} of the store has no stored statistics.",
            "Compute them: journeygraph recompute --store DIR",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """Which rows of a stored statistic.

    Attributes
    ----------
    name
        A statistic, or one entry of a plan by its name.
    plan
        Only of the plan of this name.
    period
        Only of this period, as 2024-03; "all" for all times.
    segment
        Only of this value; "all" for everybody, unless `segment_by` is given.
    segment_by
        Only of segments by this, as "channel" or "attribute country".
    first, after
        How many rows, and behind which cursor.
    """

    name: str
    plan: str | None = None
    period: str | None = None
    segment: str | None = None
    segment_by: str | None = None
    first: int = 100
    after: str | None = None


@dataclass(frozen=True, eq=False, slots=True)
class StoredRow:
    """One row: the values of its columns, by their names as stored.

    `statistic` says which columns these are.
    """

    statistic: StoredStatistic
    values: Mapping[str, Any]

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class StatisticsAnswer:
    """Rows of a stored statistic.

    Attributes
    ----------
    statistic
        Its name.
    version
        The version of the store that was read.
    rows
        How many rows there are of what was asked for, on all pages.
    nodes
        Those of this page: by plan, entry, segment and period, all times first, then by rank.
    """

    statistic: str
    version: int
    rows: int
    nodes: tuple[StoredRow, ...]
    page_info: PageInfo


def statistics(
    question: Statistics,
    store: Store,
    version: StoreVersion,
    graph: Callable[[], JourneyGraph] | None = None,
) -> StatisticsAnswer:
    """Read a page of rows.

    Parameters
    ----------
    store, version
        Which.
    graph
        Gives the graph of that version, for the ids of customers; without it keys are given.

    Raises
    ------
    NoStatisticsError, UnknownStatisticError
        Where there is nothing of that name.
    InvalidOptionError
        Where `first` or `after` do not name a page.
    """
    statistic, entry = statistic_named(question.name, store, version)
    table = rows_in(
        store, version, statistic, plan=question.plan, entry=entry, period=question.period,
        segment_by=question.segment_by, segment=question.segment,
    )  # fmt: skip
    start, end = page_bounds(table.num_rows, question.first, question.after)
    rows = _sorted(table).slice(start, end - start)
    return StatisticsAnswer(
        statistic=statistic.name,
        version=version.number,
        rows=table.num_rows,
        nodes=tuple(_nodes(statistic, rows, graph)),
        page_info=page_info(table.num_rows, start, end),
    )


def statistic_named(
    name: str, store: Store, version: StoreVersion
) -> tuple[StoredStatistic, str | None]:
    """A statistic by its name, or that of an entry of any plan, which is then the second.

    Raises
    ------
    NoStatisticsError, UnknownStatisticError
    """
    from queries.stored.ledger import PARTS

    if PARTS.name not in version.tables:
        raise NoStatisticsError(version.number)
    wanted = name.replace("-", "_")
    if wanted in REGISTRY:
        return REGISTRY[wanted], None
    parts = store.read(PARTS.name, version, ["entry", "statistic"])
    entries = dict(zip(parts["entry"].to_pylist(), parts["statistic"].to_pylist(), strict=True))
    if entries.get(name) in REGISTRY:
        return REGISTRY[entries[name]], name
    raise UnknownStatisticError(name, {*REGISTRY, *entries})


def rows_in(
    store: Store,
    version: StoreVersion,
    statistic: StoredStatistic,
    *,
    plan: str | None = None,
    entry: str | None = None,
    period: str | None = None,
    segment_by: str | None = None,
    segment: str | None = None,
) -> pa.Table:
    """The rows of a statistic in a version for which all that is given holds."""
    table = statistic.table
    if table.name not in version.tables:
        return table.columns.empty_table()
    rows = store.read(table.name, version)
    for column, value in (("plan", plan), ("entry", entry), ("segment_by", segment_by)):
        if value is not None:
            rows = rows.filter(pc.equal(rows[column], value))
    if period is not None:
        of_all = period == ALL_TIMES
        rows = rows.filter(
            pc.is_null(rows["period"]) if of_all else pc.equal(rows["period"], period)
        )
    if segment is not None:
        of_all = segment == EVERYBODY and segment_by is None  # a value may be called so
        wanted = (
            pc.is_null(rows["segment_by"]) if of_all else pc.equal(rows["segment_value"], segment)
        )
        rows = rows.filter(wanted)
    return rows


def _sorted(rows: pa.Table) -> pa.Table:
    first = {"period_from_us": _FIRST_US, "segment_by": "", "segment_value": ""}
    keys = ["plan", "entry", "segment_by", "segment_value", "period_from_us", "rank", "scope"]
    filled = {
        key: pc.fill_null(rows[key], first[key]) if key in first else rows[key] for key in keys
    }
    order = pc.sort_indices(pa.table(filled), sort_keys=[(key, "ascending") for key in keys])
    return rows.take(order)


def _nodes(
    statistic: StoredStatistic, rows: pa.Table, graph: Callable[[], JourneyGraph] | None
) -> Iterable[StoredRow]:
    columns = (*COMMON, *statistic.columns)
    who = [column for column in columns if column.kind is ColumnKind.CUSTOMER]
    ids = {column.name: ids_of(graph(), rows[column.name].to_pylist()) for column in who if graph}
    for place, row in enumerate(rows.to_pylist()):
        values = {}
        for column in columns:
            name = shown_name(column) if column.kind is ColumnKind.TEXTS else column.name
            values[name] = shown_value(column, row[column.name])
            if column.name in ids:
                values[name] = ids[column.name][place]
        yield StoredRow(statistic, values)
