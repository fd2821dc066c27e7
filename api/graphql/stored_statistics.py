"""Stored statistics and their trends, in GraphQL: a type of row for each of the registry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import graphene

from api.answers import camel_case
from api.graphql import fields
from api.graphql.scalars import BigInt
from queries.stored.columns import COMMON, Column, ColumnKind, shown_name
from queries.stored.declaration import StoredStatistic
from queries.stored.reading import StoredRow
from queries.stored.registry import REGISTRY
from queries.stored.trend import Over

__all__ = [
    "ROW_TYPES",
    "OverEnum",
    "StatisticsAnswer",
    "TrendAnswer",
    "TrendKeyInput",
    "statistics_arguments",
    "trend_arguments",
]

OverEnum = fields.choice(
    Over,
    "Over",
    "From where to where a trend goes.",
    PERIODS="The periods of one version of the store.",
    VERSIONS="The runs of the store, as far as their versions are kept.",
)


def _field(column: Column) -> Any:
    about = column.about
    if column.kind is ColumnKind.COUNT:
        return graphene.Field(BigInt, description=about)
    if column.kind is ColumnKind.NUMBER:
        return fields.number(about)
    if column.kind is ColumnKind.MONEY:
        return fields.amount(about, column.name)
    if column.kind is ColumnKind.MOMENT:
        return fields.moment(about, column.name, name=camel_case(shown_name(column)))
    if column.kind is ColumnKind.FLAG:
        return graphene.Boolean(description=about)
    if column.kind is ColumnKind.TEXTS:
        return graphene.List(graphene.NonNull(graphene.String), description=about)
    if column.kind is ColumnKind.CUSTOMER:
        return graphene.String(description="The id of the customer.")
    return graphene.String(description=about)


def _fields(columns: tuple[Column, ...]) -> dict[str, Any]:
    python_names = {"from": "from_"}
    return {
        python_names.get(shown_name(column), shown_name(column)): _field(column)
        for column in columns
    }


class StatisticRow(graphene.Interface):
    """One row of a stored statistic; its numbers are in the fields of its own type."""

    locals().update(_fields(COMMON))

    @classmethod
    def resolve_type(cls, instance: StoredRow, _info: graphene.ResolveInfo) -> Any:
        return ROW_TYPES[instance.statistic.name]


def _row_type(statistic: StoredStatistic) -> Any:
    first, rest = statistic.name[0].upper(), camel_case(statistic.name)[1:]
    meta = type("Meta", (), {"interfaces": (StatisticRow,), "description": statistic.about})
    return type(
        f"{first}{rest}Statistic",
        (graphene.ObjectType,),
        {"Meta": meta, **_fields(statistic.columns)},
    )


ROW_TYPES: Mapping[str, Any] = {name: _row_type(one) for name, one in REGISTRY.items()}
"""By name of the statistic."""


class StatisticsAnswer(graphene.ObjectType):
    """Rows of a stored statistic, as `journeygraph recompute` wrote them."""

    statistic = fields.text("The name of the statistic.")
    version = fields.count("The version of the store that was read.")
    rows = fields.count("Rows of what was asked for, on all pages.")
    nodes = fields.nodes(
        StatisticRow, "By plan, entry, segment and period, all times first; then by rank."
    )
    page_info = fields.page_info()


class TrendKeyInput(graphene.InputObjectType):
    """What a row must say in one column."""

    name = graphene.String(required=True, description="The column, as source or items.")
    values = graphene.List(
        graphene.NonNull(graphene.String),
        required=True,
        description="One value; of a list such as items, all of its values.",
    )


class TrendPoint(graphene.ObjectType):
    """A number at one time, and how it differs from the one before."""

    period = graphene.String(description="Which period; null for all times.")
    from_ = fields.moment("When it begins; of a version, when it was made.", "from_us", name="from")
    until = fields.moment("When the period ends.", "until_us")
    version = fields.count("The version of the store that holds it.")
    data_version = fields.count("The version of the data that it was computed of.")
    value = fields.number("The number; null for an amount, or where there is none.")
    amount = fields.amount("The amount of money; null for a number.", "amount_minor")
    low = fields.number("Of a rate: lower end of its interval.")
    high = fields.number("Of a rate: upper end of its interval.")
    above = graphene.Field(BigInt, description="Of a rate: the count above the line.")
    below = graphene.Field(BigInt, description="Of a rate: the count below the line.")
    change = fields.number("This value less the one before.")
    amount_change = fields.amount("The same of an amount.", "amount_change_minor")
    change_low = fields.number("Over periods, of a rate: lower end of the change's interval.")
    change_high = fields.number("Over periods, of a rate: upper end of the change's interval.")
    p_value = fields.number("Over periods, of a rate: of the change.")
    q_value = fields.number("The false discovery rate over all changes of the trend.")
    open = fields.flag("Whether the period was not over when it was computed.")
    small = fields.flag("Of a rate: fewer than 30 units here or, for the change, before.")


class TrendAnswer(graphene.ObjectType):
    """One number of a stored statistic over time, the earliest first."""

    statistic = fields.text("The name of the statistic.")
    measure = fields.text("The name of the number.")
    over = fields.word(OverEnum, "Over periods, or over versions.")
    points = fields.count("How many points there are, on all pages.")
    tested = fields.count("Changes with a p value: what the q values are over.")
    nodes = fields.nodes(TrendPoint, "The points.")
    page_info = fields.page_info()


def _shared_arguments() -> dict[str, Any]:
    return {
        "name": graphene.String(
            required=True, description="A statistic, or an entry of a plan by its name."
        ),
        "version": BigInt(description="Version of the store; the latest if not given."),
        "plan": graphene.String(description="Only of the plan of this name."),
        "segment": graphene.String(
            description='Only of this value of a segment; "all" for everybody.'
        ),
        "segment_by": graphene.String(
            description='Only of segments by this, as "channel" or "attribute country".'
        ),
        "after": fields.after_argument(),
    }


def statistics_arguments() -> dict[str, Any]:
    """What `statistics` takes."""
    return {
        **_shared_arguments(),
        "period": graphene.String(
            description='Only of this period, as "2024-03"; "all" for all times.'
        ),
        "first": fields.first_argument(100, "How many rows."),
    }


def trend_arguments() -> dict[str, Any]:
    """What `trend` takes."""
    return {
        **_shared_arguments(),
        "measure": graphene.String(
            required=True, description='Which number, as "units" or "medianSeconds".'
        ),
        "keys": graphene.List(
            graphene.NonNull(TrendKeyInput),
            description="Which row; that of the whole if not given.",
        ),
        "over": fields.argument(OverEnum, Over.PERIODS, "Over periods, or over versions."),
        "period": graphene.String(
            description="Over versions: of this period; all times if not given."
        ),
        "from_": graphene.String(name="from", description="Only points from this moment on."),
        "until": graphene.String(description="Only points before this moment."),
        "confidence": fields.argument(graphene.Float, 0.95, "Confidence of the intervals."),
        "first": fields.first_argument(100, "How many points."),
    }
