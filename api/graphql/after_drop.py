"""What follows a step, by whether units convert later, in GraphQL."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.customer import customer_list
from api.graphql.scalars import BigInt, Duration

__all__ = ["AfterDropAnswer", "arguments"]


class AfterDropItem(graphene.ObjectType):
    """How many of both groups meet an item within the budget."""

    item = fields.text("The item.")
    droppers = fields.count("Droppers that meet it.")
    dropper_share = fields.estimate("Of all droppers.")
    converters = fields.count("Converters that meet it.")
    converter_share = fields.estimate("Of all converters.")
    difference = fields.estimate("The first share less the second.")
    p_value = fields.number("Of Pearson's chi-square, or Fisher's exact test for few.")
    q_value = fields.number("False discovery rate among all items compared.")
    untested = graphene.String(description="Why there is no p value.")
    small = fields.flag("Whether a group is under 30 units: read with care.")
    dropper_customers = customer_list("The customers behind `droppers`.", "dropper_customers")
    converter_customers = customer_list("The customers behind `converters`.", "converter_customers")


class AfterDropAnswer(graphene.ObjectType):
    """What units do behind a step; the four groups are all that reached it."""

    units = fields.count("All units of these journeys.")
    reached = fields.count(
        "Units that took all steps: `droppers`, `converters`, `undecided`, `unobserved`."
    )
    droppers = fields.count("Closed units that do not convert afterwards.")
    converters = fields.count("Units that convert afterwards.")
    undecided = fields.count("Open units that have not converted.")
    unobserved = fields.count("Units whose budget is not over, so that they are in neither group.")
    silent_droppers = fields.count("Droppers that meet nothing within their budget.")
    silent_converters = fields.count("Converters that meet nothing within their budget.")
    items = graphene.Field(BigInt, description="The budget in items; null where it is a time.")
    within_seconds = fields.number("The budget in time; null where it is items.")
    tested = fields.count("Items compared, over which q values are taken.")
    nodes = fields.nodes(AfterDropItem, "The items, smallest p first.")
    page_info = fields.page_info()
    wording = fields.text("How a finding is to be read.")
    warnings = fields.texts("What to mind.")
    reached_customers = customer_list("The customers behind `reached`.", "reached_customers")
    dropper_customers = customer_list("The customers behind `droppers`.", "dropper_customers")
    converter_customers = customer_list("The customers behind `converters`.", "converter_customers")
    undecided_customers = customer_list("The customers behind `undecided`.", "undecided_customers")
    unobserved_customers = customer_list(
        "The customers behind `unobserved`.", "unobserved_customers"
    )


def arguments() -> dict[str, Any]:
    """What the question can be asked with."""
    items = graphene.List(graphene.NonNull(graphene.String))
    return {
        "steps": graphene.Argument(
            graphene.NonNull(items),
            description='Items taken one after the other, 30 at most; "a|b" is any of the two.',
        ),
        "to": graphene.Argument(
            items, description="Any of these items is the conversion; the outcome if not given."
        ),
        "items": graphene.Int(
            description="Look at so many next items of everybody; 5 if there is no `within`."
        ),
        "within": Duration(description="Instead of `items`: look so long behind the last step."),
        "at_least": fields.at_least_argument(
            "List no item that fewer units met; it changes no q value."
        ),
        "first": fields.first_argument(20, "How many items."),
        "after": fields.after_argument(),
    }
