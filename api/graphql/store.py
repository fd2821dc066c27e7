"""What is loaded, and the names that a population can be said in."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.scalars import BigInt
from api.store_facts import AttributeCount as Counted
from api.store_facts import StoreAttribute as Facts

__all__ = ["Store"]


class AttributeCount(graphene.ObjectType):
    """A value of an attribute, and who has it."""

    value = fields.text("The value, as conditions take it.")
    customers = fields.count("How many customers have it.")


class StoreAttribute(graphene.ObjectType):
    """A column of the customers table."""

    name = fields.text("The column.")
    customers = fields.count("How many customers have a value in it.")
    distinct = fields.count("How many different values there are.")
    values = fields.nodes(
        AttributeCount,
        "Its values, those of most customers first, ties by name.",
        first=fields.first_argument(20, "How many values."),
    )

    @staticmethod
    def resolve_values(facts: Facts, _info: Any, first: int) -> tuple[Counted, ...]:
        return facts.values(first)


class Store(graphene.ObjectType):
    """What is loaded."""

    version = graphene.Field(
        BigInt,
        description="The version of the store that all of this is about; null for tables that are "
        "in no store.",
    )
    interactions = fields.count("Interactions in it.")
    customers = fields.count("Customers in it, those without an interaction included.")
    loaded_at = fields.moment(
        "When this version was made; null where no store is read.", "loaded_at_us"
    )
    as_of = fields.moment("The latest interaction: the end of the data.", "as_of_us")
    currency = graphene.String(description="Of all amounts; null where nobody said.")
    touchpoints = fields.texts("All touchpoints, in the order of their names.")
    channels = fields.texts("All channels, in the order of their names.")
    stages = fields.texts("The stages that an interaction is of, in the order of a journey.")
    attributes = fields.nodes(StoreAttribute, "The columns of the customers table.")
