"""Commands that read what `recompute` has stored: rows, and how a number changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.engine_options import VersionOption
from api.cli.population import StoreOption, pair
from api.cli.showing import JsonOption
from api.cli.tables import count, print_table, say

if TYPE_CHECKING:
    from queries.stored.columns import Column
    from queries.stored.reading import StoredRow
    from queries.stored.trend import TrendAnswer

__all__ = ["add_to"]

_Name = Annotated[str, typer.Argument(help="A statistic, or an entry of a plan by its name.")]
_Plan = Annotated[str | None, typer.Option(help="Only of the plan of this name.")]
_Segment = Annotated[
    str | None, typer.Option(help="Only of this value of a segment; all for everybody.")
]
_SegmentBy = Annotated[
    str | None, typer.Option(help="Only of segments by this, as channel or 'attribute country'.")
]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("statistics")(statistics)
    app.command("trend")(trend)


def statistics(
    name: _Name,
    store: StoreOption,
    version: VersionOption = None,
    plan: _Plan = None,
    period: Annotated[
        str | None, typer.Option(help="Only of this period, as 2024-03; all for all times.")
    ] = None,
    segment: _Segment = None,
    segment_by: _SegmentBy = None,
    first: Annotated[int, typer.Option("--first", help="How many rows.")] = 20,
    after: Annotated[str | None, typer.Option(help="The cursor of an earlier page.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Rows of a statistic that `recompute` has stored."""
    import journeygraph
    from journeygraph.lake.store import Store
    from queries.stored.reading import Statistics
    from queries.stored.reading import statistics as read

    lake = Store.open(store)
    entry = lake.version(version)
    question = Statistics(
        name=name, plan=plan, period=period, segment=segment, segment_by=segment_by, first=first,
        after=after,
    )  # fmt: skip
    answer = read(question, lake, entry, lambda: journeygraph.open(store, entry.number))
    if as_json:
        from api.answers import to_json

        shown = {
            "statistic": answer.statistic, "version": answer.version, "rows": answer.rows,
            "nodes": [dict(row.values) for row in answer.nodes], "page_info": answer.page_info,
        }  # fmt: skip
        say(to_json(shown, entry.exponent))
        return
    columns = _columns_with_values(answer.nodes)
    print_table(
        f"{answer.statistic} – {count(len(answer.nodes))} of {count(answer.rows)} rows of "
        f"store version {answer.version}",
        [column.name for column in columns],
        [[_cell(column, row, entry.exponent) for column in columns] for row in answer.nodes],
        texts=0,
    )


_NOT_SHOWN = {
    "plan_hash", "part", "period_from_us", "period_until_us", "as_of_us", "computed_at_us",
    "store_version",
}  # fmt: skip


def _columns_with_values(rows: tuple[StoredRow, ...]) -> list[Column]:
    from queries.stored.columns import COMMON

    if not rows:
        return []
    common = [
        column
        for column in COMMON
        if column.name not in _NOT_SHOWN and len({_value(column, row) for row in rows}) > 1
    ]
    return common + [
        column
        for column in rows[0].statistic.columns
        if not column.name.endswith(("_low", "_high"))
        and any(_value(column, row) is not None for row in rows)
    ]


def _value(column: Column, row: StoredRow) -> Any:
    return row.values.get(column.name, row.values.get(column.name.removesuffix("_json")))


def _cell(column: Column, row: StoredRow, exponent: int) -> str:
    from api.answers import moment, money
    from queries.stored.columns import ColumnKind

    value = _value(column, row)
    if value is None:
        return "–"
    if column.kind is ColumnKind.TEXTS:
        return " > ".join(value)
    if column.kind is ColumnKind.MONEY:
        return money(value, exponent) or "–"
    if column.kind is ColumnKind.MOMENT:
        return moment(value) or "–"
    if column.kind is ColumnKind.NUMBER:
        low, high = (row.values.get(f"{column.name}_{end}") for end in ("low", "high"))
        return f"{value:.4g} {_ends(low, high) if low is not None else ''}".rstrip()
    return count(value) if column.kind is ColumnKind.COUNT else str(value)


def trend(
    name: _Name,
    store: StoreOption,
    measure: Annotated[str, typer.Option(help="Which number, as units or share.")],
    version: VersionOption = None,
    key: Annotated[
        list[str] | None,
        typer.Option(help="Which row, as source=ad; repeat it, and for each item of a path."),
    ] = None,
    plan: _Plan = None,
    segment: _Segment = None,
    segment_by: _SegmentBy = None,
    over: Annotated[str, typer.Option(help="Over periods, or over versions.")] = "periods",
    period: Annotated[
        str | None, typer.Option(help="Over versions: of this period; all times if not given.")
    ] = None,
    since: Annotated[str | None, typer.Option("--from", help="First moment, inclusive.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="Last moment, exclusive.")] = None,
    confidence: Annotated[float, typer.Option(help="Confidence of the intervals.")] = 0.95,
    first: Annotated[int, typer.Option("--first", help="How many points.")] = 100,
    after: Annotated[str | None, typer.Option(help="The cursor of an earlier page.")] = None,
    as_json: JsonOption = False,
) -> None:
    """How a stored number changed, from period to period or from run to run.

    Measures that nobody stored are followed by the command journey-trend.
    """
    from journeygraph.lake.store import Store
    from queries.stored.trend import Over, Trend
    from queries.stored.trend import trend as read

    lake = Store.open(store)
    entry = lake.version(version)
    keys: dict[str, list[str]] = {}
    for text in key or ():
        left, right = pair("--key", text)
        keys.setdefault(left, []).append(right)
    question = Trend(
        name=name, measure=measure, keys=keys or None, plan=plan, segment=segment,
        segment_by=segment_by, over=Over(over), period=period, from_=since, until=until,
        confidence=confidence, first=first, after=after,
    )  # fmt: skip
    answer = read(question, lake, entry)
    if as_json:
        from api.answers import to_json

        say(to_json(answer, entry.exponent))
        return
    _print_trend(answer, entry.exponent)


def _print_trend(answer: TrendAnswer, exponent: int) -> None:
    from api.answers import moment
    from api.cli.tables import p_value

    print_table(
        f"{answer.measure} of {answer.statistic} over {answer.over.value}",
        ["when", "version", answer.measure, "interval", "change", "interval of it", "q"],
        [
            [
                (point.period or moment(point.from_us) or "–") + (" (open)" if point.open else ""),
                str(point.version),
                _number(point.value, point.amount_minor, exponent)
                + (" (few)" if point.small else ""),
                _ends(point.low, point.high),
                _number(point.change, point.amount_change_minor, exponent),
                _ends(point.change_low, point.change_high),
                p_value(point.q_value),
            ]
            for point in answer.nodes
        ],
    )


def _number(value: float | None, minor: int | None, exponent: int) -> str:
    from api.answers import money

    if minor is not None:
        return money(minor, exponent) or "–"
    return "–" if value is None else f"{value:,.6g}"


def _ends(low: float | None, high: float | None) -> str:
    return "–" if low is None or high is None else f"[{low:.4g}, {high:.4g}]"
