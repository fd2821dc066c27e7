"""Where feelings turn, in GraphQL."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.customer import customer_list
from api.graphql.means import Mean
from queries.turns import MOST_SHUFFLES

__all__ = ["TurnsAnswer", "arguments"]


class ItemTurn(graphene.ObjectType):
    """An item at which feelings turn."""

    item = fields.text("The item.")
    journeys = fields.count("Journeys that turn here.")
    share = fields.number("Their share of all journeys that turn.")
    improved = fields.count("Those whose emotions are better from here on.")
    worsened = fields.count("Those whose emotions are worse from here on.")
    change = fields.one(
        Mean, "The mean emotion from here on less that before; its ratings are journeys."
    )
    by_chance = fields.number("Journeys that turn here when emotions are shuffled, on average.")
    p_value = fields.number("Share of the shuffles in which as many journeys turn here.")
    q_value = fields.number("False discovery rate over all items.")
    sure = fields.count("Journeys that turn here whose own p is at most 1 less the confidence.")
    small = fields.flag("Whether it is of fewer than 30 journeys: read with care.")
    customers = customer_list("Whose journeys they are.")


class TurnsAnswer(graphene.ObjectType):
    """At which items the emotions of journeys change for better or worse."""

    journeys = fields.count("All journeys.")
    rated = fields.count("Those with three rated emotions or more.")
    turned = fields.count("Those of them whose emotions differ: each turns at one item.")
    sure = fields.count("Journeys whose own p is at most 1 less the confidence.")
    sure_by_chance = fields.number("How many those would be, at most, were there chance alone.")
    permutations = fields.count("How often emotions were shuffled within their journeys.")
    items = fields.count("Items at which a journey turns.")
    nodes = fields.nodes(ItemTurn, "The items, most journeys first, then by name.")
    page_info = fields.page_info()
    other_items = fields.count("Items that this page does not list.")
    other_journeys = fields.count("Journeys that turn at those.")
    warnings = fields.texts("What to mind.")


def arguments() -> dict[str, Any]:
    """What the question can be asked with."""
    return {
        "permutations": fields.argument(
            graphene.Int,
            199,
            "How often emotions are shuffled within their journeys, for p values; at most "
            f"{MOST_SHUFFLES}.",
        ),
        "seed": fields.argument(graphene.Int, 0, "Of the shuffles."),
        "first": fields.first_argument(50, "How many items."),
        "after": fields.after_argument(),
    }
