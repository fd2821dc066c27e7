"""Drop-off, in GraphQL."""

from __future__ import annotations

import graphene

from api.graphql import fields
from api.graphql.customer import customer_list

__all__ = ["DropOffAnswer"]


class ItemDropOff(graphene.ObjectType):
    """How many meet an item, and for how many it was the last."""

    item = fields.text("The item.")
    visits = fields.count("Units that met it.")
    exits = fields.count("Closed units without an outcome whose last item it is.")
    open = fields.count("Units last seen here that are still open: not gone yet.")
    rate = fields.estimate("`exits` of the visits that are not open here.")
    small = fields.flag("Whether fewer than 30 units stand below the line: read with care.")
    customers = customer_list("The customers behind `exits`.")
    open_customers = customer_list("The customers behind `open`.", "open_customers")
    visitors = customer_list("The customers behind `visits`.", "visitors")


class DropOffAnswer(graphene.ObjectType):
    """Where journeys end without the outcome."""

    units = fields.count("All units: `exits`, `open`, and those closed with an outcome.")
    open = fields.count("Units seen less than the inactivity limit before the end of the data.")
    with_outcome = fields.count("Closed units that had the outcome.")
    exits = fields.count("Closed units that never had the outcome.")
    inactivity_seconds = fields.number("The inactivity limit.")
    as_of = fields.moment("The end of the data.", "as_of_us")
    nodes = fields.nodes(ItemDropOff, "The items, most exits first, ties by name.")
    page_info = fields.page_info()
    open_customers = customer_list("The customers behind `open`.", "open_customers")
    with_outcome_customers = customer_list(
        "The customers behind `withOutcome`.", "with_outcome_customers"
    )
    exit_customers = customer_list("The customers behind `exits`.", "exit_customers")
