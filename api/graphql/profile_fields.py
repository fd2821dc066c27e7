"""The fields that make a customer's profile whole; the types they have stand in `profile`."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.interactions import Interactions
from api.graphql.population import OutcomeInput, plain
from api.graphql.scalars import Duration
from queries.profile import HistoryPart, WholeProfile
from queries.similar_customers import SimilarCustomers, similar_customers

__all__ = ["ProfileFields"]


def _standing() -> type[graphene.ObjectType]:
    from api.graphql.profile import Standing

    return Standing


def _similar() -> type[graphene.ObjectType]:
    from api.graphql.profile import SimilarAnswer  # it has lists of customers

    return SimilarAnswer


def _outcome() -> OutcomeInput:
    return OutcomeInput(description="What counts as success; a purchase if not given.")


def _part(description: str, **further: Any) -> graphene.Field:
    return fields.one(
        Interactions,
        description,
        first=fields.first_argument(50, "How many interactions."),
        after=fields.after_argument(),
        **further,
    )


class ProfileFields:
    """Mixed into `Customer`."""

    standing = graphene.Field(
        _standing,
        description="Where the customer stands at the end of the data.",
        outcome=_outcome(),
        inactivity=fields.argument(
            Duration, "30d", "Last seen within this of the end of the data: open, not gone."
        ),
    )
    purchases = _part("The interactions that are the outcome.", outcome=_outcome())
    emotions = _part("The interactions with a feeling, over time.")
    expectations = _part("The interactions that say what was expected, or found, over time.")
    similar = graphene.Field(
        _similar,
        description="What customers did next whose last items are the same.",
        within=fields.argument(Duration, "30d", "What comes later is not next."),
        length=fields.argument(graphene.Int, 3, "How many last items are the same, at most 8."),
        at_least=fields.argument(
            graphene.Int, 30, "Others who must have stood there, or fewer items are compared."
        ),
        first=fields.first_argument(5, "How many items."),
    )

    @staticmethod
    def resolve_standing(reference: Any, _info: graphene.ResolveInfo, **options: Any) -> Any:
        return WholeProfile(reference.profile, **plain(options)).standing

    @staticmethod
    def resolve_purchases(
        reference: Any,
        _info: graphene.ResolveInfo,
        first: int,
        after: str | None = None,
        **options: Any,
    ) -> HistoryPart:
        return WholeProfile(reference.profile, **plain(options)).purchases(first, after)

    @staticmethod
    def resolve_emotions(
        reference: Any, _info: graphene.ResolveInfo, first: int, after: str | None = None
    ) -> HistoryPart:
        return WholeProfile(reference.profile).emotions(first, after)

    @staticmethod
    def resolve_expectations(
        reference: Any, _info: graphene.ResolveInfo, first: int, after: str | None = None
    ) -> HistoryPart:
        return WholeProfile(reference.profile).expectations(first, after)

    @staticmethod
    def resolve_similar(reference: Any, info: graphene.ResolveInfo, **options: Any) -> Any:
        journeys = info.context.journeys(reference.graph.version, {})
        return similar_customers(SimilarCustomers(customer=reference.id, **options), journeys)
