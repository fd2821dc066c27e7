"""Drop-off of two populations, in GraphQL."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.customer import customer_list
from api.graphql.drop_off import ItemDropOff
from api.graphql.population import (
    CustomerWhereInput,
    against_where_argument,
    second_population,
)
from queries.drop_off_contrast import DropOffContrast

__all__ = ["DropOffContrastAnswer", "arguments", "asked"]


class ItemContrast(graphene.ObjectType):
    """One item in both populations."""

    item = fields.text("The item.")
    population = graphene.Field(
        ItemDropOff, description="In the first population; null where nobody meets it."
    )
    against = graphene.Field(
        ItemDropOff, description="In the second population; null where nobody meets it."
    )
    difference = fields.estimate("The first rate less the second.")
    p_value = fields.number("Of Pearson's chi-square, or Fisher's exact test for few.")
    q_value = fields.number("False discovery rate among all items tested.")
    small = fields.flag("Whether one of the rates is of fewer than 30 units: read with care.")


class DropOffContrastAnswer(graphene.ObjectType):
    """Where one population leaves more than another."""

    units = fields.count("All units of the first population.")
    against_units = fields.count("All units of the second population.")
    shared = fields.count("Customers in both; the tests allow for it.")
    tested = fields.count("Items with a p value, over which q values are taken.")
    wording = fields.text("How a finding is to be read.")
    warnings = fields.texts("What to be careful about.")
    nodes = fields.nodes(ItemContrast, "The items, smallest p first.")
    page_info = fields.page_info()
    shared_customers = customer_list("The customers behind `shared`.", "shared_customers")


def arguments() -> dict[str, Any]:
    """What the question can be asked with."""
    return {
        "against": graphene.Argument(
            CustomerWhereInput,
            description="The second population are the customers for whom this holds, the first "
            "all others.",
        ),
        "against_where": against_where_argument(),
        "first": fields.first_argument(50, "How many items."),
        "after": fields.after_argument(),
    }


def asked(given: dict[str, Any]) -> DropOffContrast:
    """The question that these arguments mean."""
    return DropOffContrast(**second_population(given))
