"""One complaint, query, suggestion, praise or promise, in GraphQL."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.customer import Customer, CustomerReference
from api.graphql.feedback_kinds import FeedbackKindEnum

__all__ = ["CustomerFeedback", "FeedbackItem"]


class FeedbackItem(graphene.ObjectType):
    """One complaint, query, suggestion, praise or promise, and what became of it."""

    id = graphene.NonNull(
        graphene.ID, description='Its own id; without one its place, as "#load.file.row".'
    )
    customer = fields.one(lambda: Customer, "Who gave it, or to whom it was promised.")
    kind = fields.word(FeedbackKindEnum, "What it is.")
    opened_at = fields.moment("When it was given.", "opened_at_us")
    acknowledged_at = fields.moment("When it was first acknowledged.", "acknowledged_at_us")
    acted_at = fields.moment("When something was first done about it.", "acted_at_us")
    closed_at = fields.moment(
        "When it was closed; null where it is open, or was opened again.", "closed_at_us"
    )
    reopened_at = fields.moment("When it was last opened again.", "reopened_at_us")
    due_at = fields.moment("By when it is due.", "due_at_us")
    touchpoint = graphene.String(description="Which touchpoint it is about.")
    team = graphene.String(description="Which team it is with.")
    text = graphene.String(description="The customer's words.")
    reopened = fields.count("How often it was opened again.")
    open = fields.flag("Whether it is not closed, or was opened again.")
    overdue = fields.flag("Whether it is open and was due before the moment of asking.")
    kept = graphene.Boolean(
        description="Whether a promise was kept; null where that is not known yet."
    )

    @staticmethod
    def resolve_customer(item: Any, _info: graphene.ResolveInfo) -> CustomerReference:
        return CustomerReference(item._graph, item.customer)


class CustomerFeedback(graphene.ObjectType):
    """A customer's feedback, the latest opening first, as of the end of what is known."""

    count = fields.count("How much there is in all.")
    open = fields.count("How much of it is not closed, or was opened again.")
    overdue = fields.count("How much of that was due before the end of what is known.")
    nodes = fields.nodes(FeedbackItem, "The feedback of this page.")
    page_info = fields.page_info()
