"""The kinds of feedback, in GraphQL."""

from __future__ import annotations

import graphene

from api.graphql import fields
from queries.feedback import FeedbackKind

__all__ = ["FeedbackKindEnum", "kinds_argument"]

FeedbackKindEnum = fields.choice(
    FeedbackKind,
    "FeedbackKind",
    "What feedback is.",
    COMPLAINT="Something was not as it should be.",
    QUERY="Something was asked.",
    SUGGESTION="Something was proposed.",
    PRAISE="Something was good.",
    PROMISE="Something was promised to the customer.",
)


def kinds_argument() -> graphene.List:
    """Which kinds are meant."""
    return graphene.List(
        graphene.NonNull(FeedbackKindEnum), description="Only of these kinds; all if not given."
    )
