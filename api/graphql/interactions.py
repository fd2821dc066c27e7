"""A customer's history, in GraphQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import graphene

from api.graphql import fields
from api.graphql.scalars import DateTime

if TYPE_CHECKING:
    from queries.customer import CustomerProfile, InteractionRow

__all__ = ["Interactions", "InteractionsPage"]


class Interaction(graphene.ObjectType):
    """One contact at one moment; what is not said is null."""

    at = graphene.NonNull(DateTime, description="When.")
    touchpoint = fields.text("Where the brand and the customer met.")
    channel = graphene.String(description="By what medium.")
    stage = graphene.String(description="inquiry, comparison, purchase or support.")
    initiator = graphene.String(description="customer, company or third party.")
    environment = graphene.String(description="digital or physical.")
    level = graphene.String(description="physical, emotional, sensorial, rational or spiritual.")
    value = fields.amount("What it brought in.")
    cost = fields.amount("What it cost the company.", "cost_minor")
    emotion = fields.number("The customer's feeling, -1 to 1.")
    emotion_label = graphene.String(description="A word for the feeling.")
    emotion_source = graphene.String(description="Who says so: the customer, or which model.")
    expectation = fields.number("What the customer expected, -1 to 1.")
    experience = fields.number("What the customer found, -1 to 1.")
    team = graphene.String(description="Who served the customer.")
    session = graphene.String(description="The visit, order or case that it belongs to.")
    sequence = fields.count("Its place among interactions of the same moment; 0 if not said.")
    id = graphene.ID(description="What the source knows it by.")

    @staticmethod
    def resolve_at(row: InteractionRow, _info: graphene.ResolveInfo) -> int:
        return row.at_us


class Interactions(graphene.ObjectType):
    """A page of a customer's history, the earliest first."""

    count = fields.count("How many interactions there are in all.")
    nodes = fields.nodes(Interaction, "The interactions in their total order.")
    page_info = fields.page_info()


class InteractionsPage:
    """A page of a history, and how long that is in all."""

    def __init__(self, profile: CustomerProfile, first: int, after: str | None) -> None:
        found = profile.interactions(first, after)
        self.count = profile.n_interactions
        self.nodes = found.nodes
        self.page_info = found.page_info
