"""The schema: where every query begins."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any

import graphene

from api.graphql import fields
from api.graphql import stored_statistics as stored
from api.graphql.customer import Customer, CustomerReference
from api.graphql.feedback_mutations import Mutation
from api.graphql.journeys import Journeys
from api.graphql.population import (
    ByEnum,
    OutcomeInput,
    RulesInput,
    SplitInput,
    UnitEnum,
    WhereInput,
    plain,
)
from api.graphql.scalars import BigInt, Duration
from api.graphql.store import Store
from journeygraph.journeys import By, Unit
from queries.customer import customer
from queries.stored.reading import Statistics, statistics
from queries.stored.trend import Trend, trend

__all__ = ["schema", "sdl"]


def _version() -> graphene.Scalar:
    return BigInt(description="Version of the store; the latest if not given.")


class Query(graphene.ObjectType):
    """What can be asked. A field that has an error is null, and the others are answered."""

    journeys = graphene.Field(
        Journeys,
        description="A population, and every question about it.",
        where=WhereInput(description="Which interactions and customers; all if not given."),
        rules=RulesInput(description="How items are cleaned; not at all if not given."),
        split=SplitInput(description="Where journeys begin; one for each customer if not given."),
        by=fields.argument(ByEnum, By.TOUCHPOINT, "What a path is made of."),
        unit=fields.argument(UnitEnum, Unit.CUSTOMER, "What is counted."),
        outcome=OutcomeInput(description="What counts as success; a purchase if not given."),
        inactivity=fields.argument(
            Duration, "30d", "Last seen within this of the end of the data: open, not gone."
        ),
        confidence=fields.argument(graphene.Float, 0.95, "Confidence of all intervals."),
        timezone=fields.argument(graphene.String, "UTC", "Zone of dates that name none."),
        version=_version(),
    )
    customer = graphene.Field(
        Customer,
        description="One customer: what is known, the history, and who brought whom.",
        id=graphene.Argument(
            graphene.NonNull(graphene.ID),
            description="The customer's id, exactly as it was loaded.",
        ),
        version=_version(),
    )
    store = graphene.Field(Store, description="What is loaded.", version=_version())
    statistics = graphene.Field(
        stored.StatisticsAnswer,
        description="Rows of a statistic that a batch job has stored; nothing is computed.",
        **stored.statistics_arguments(),
    )
    trend = graphene.Field(
        stored.TrendAnswer,
        description="How one stored number changed, over periods or over versions; "
        "`journeys { trend }` follows any measure without storing it.",
        **stored.trend_arguments(),
    )

    @staticmethod
    def resolve_journeys(
        _root: Any, info: graphene.ResolveInfo, version: int | None = None, **options: Any
    ) -> Any:
        return info.context.journeys(version, plain(options))

    @staticmethod
    def resolve_customer(
        _root: Any,
        info: graphene.ResolveInfo,
        id: str,  # noqa: A002
        version: int | None = None,
    ) -> CustomerReference:
        return CustomerReference.of(customer(info.context.graph(version), id))

    @staticmethod
    def resolve_statistics(
        _root: Any, info: graphene.ResolveInfo, version: int | None = None, **options: Any
    ) -> Any:
        store, entry = info.context.stored(version)
        graph = partial(info.context.graph, version)
        return statistics(Statistics(**options), store, entry, graph)

    @staticmethod
    def resolve_trend(
        _root: Any,
        info: graphene.ResolveInfo,
        version: int | None = None,
        keys: Any = None,
        **options: Any,
    ) -> Any:
        named = None if keys is None else {key["name"]: key["values"] for key in keys}
        store, entry = info.context.stored(version)
        return trend(Trend(keys=named, **options), store, entry)

    @staticmethod
    def resolve_store(_root: Any, info: graphene.ResolveInfo, version: int | None = None) -> Any:
        return info.context.store(version)


@lru_cache(maxsize=1)
def schema() -> graphene.Schema:
    """The schema, made once."""
    return graphene.Schema(query=Query, mutation=Mutation, types=list(stored.ROW_TYPES.values()))


def sdl() -> str:
    """The schema in GraphQL's own language, as it is committed in `schema.graphql`."""
    return str(schema()).rstrip() + "\n"
