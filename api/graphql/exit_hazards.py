"""When units leave, in GraphQL."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.customer import customer_list
from api.graphql.scalars import BigInt, Duration

__all__ = ["ExitHazardsAnswer", "arguments"]


class ExitHazard(graphene.ObjectType):
    """One place of the journey: who is there, and who leaves."""

    position = graphene.Field(BigInt, description="As which item, from 1; null by time.")
    from_seconds = fields.number("Since the unit's first item; null by position.")
    until_seconds = fields.number("The end of the stretch, exclusive; null by position.")
    at_risk = fields.count(
        "Units not last seen at an earlier place; of an item, units that meet it here."
    )
    exits = fields.count("Closed units without the outcome that are last seen here.")
    open = fields.count("Open units that are last seen here: not gone yet.")
    with_outcome = fields.count("Closed units with the outcome that are last seen here.")
    hazard = fields.estimate("`exits` of `atRisk` less `open`.")
    remaining = fields.number(
        "Share not gone up to here, open units and outcomes apart (Kaplan-Meier); null of an item."
    )
    small = fields.flag("Whether fewer than 30 units stand below the line: read with care.")
    customers = customer_list("The customers behind `exits`.")
    open_customers = customer_list("The customers behind `open`.", "open_customers")
    at_risk_customers = customer_list("The customers behind `atRisk`.", "at_risk_customers")


class ExitHazardsAnswer(graphene.ObjectType):
    """When units leave, by position in the journey or by time since its start."""

    units = fields.count("All units of these journeys.")
    item = graphene.String(description="The item left from; null for all.")
    every_seconds = fields.number("How long a place is; null by position.")
    exits = fields.count("Closed units without the outcome; of an item, last seen there.")
    open = fields.count("Open units; of an item, last seen there.")
    with_outcome = fields.count("Closed units with the outcome; of an item, last seen there.")
    places = fields.count("How many places there are.")
    nodes = fields.nodes(ExitHazard, "The places, in order.")
    page_info = fields.page_info()
    warnings = fields.texts("What to mind.")


def arguments() -> dict[str, Any]:
    """What the question can be asked with."""
    return {
        "item": graphene.String(description="Only leaving from this item; all if not given."),
        "every": Duration(
            description="By stretches of so much time since the first item; by position if not "
            "given."
        ),
        "first": fields.first_argument(20, "How many places."),
        "after": fields.after_argument(),
    }
