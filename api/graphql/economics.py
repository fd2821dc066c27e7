"""What interactions bring and cost, in GraphQL."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.customer import customer_list
from queries.economics import EconomicsBy, EconomicsOrder

__all__ = ["EconomicsAnswer", "arguments"]

EconomicsByWord = fields.choice(
    EconomicsBy,
    "EconomicsBy",
    "What the interactions of a group have in common.",
    TOUCHPOINT="The touchpoint; as the rules name it where journeys are by touchpoint.",
    CHANNEL="The channel; as the rules name it where journeys are by channel.",
    STAGE="The stage; as the rules name it where journeys are by stage.",
    SEGMENT="An attribute of their customer, which `segmentBy` names.",
    PATH="The whole path of their journey.",
    CHAIN="The chain of referrals that their customer is in.",
)
EconomicsOrderWord = fields.choice(
    EconomicsOrder,
    "EconomicsOrder",
    "What groups are listed by, the largest first; those where it is not known come last.",
    VALUE="What they bring.",
    COST="What they cost.",
    MARGIN="Value less cost.",
    UNITS="Units.",
)


class Amount(graphene.ObjectType):
    """What the interactions of a group brought, or cost, and how many of them say it."""

    total = fields.amount("The sum; null where no interaction says anything.", "total_minor")
    share = fields.number("Of the same of all interactions; null where that is not above 0.")
    count = fields.count("Interactions that say it.")
    units = fields.count("Units with such an interaction.")
    missing = fields.count("Interactions that do not say it: not known, and in no sum.")
    missing_share = fields.number("Their share of all interactions of the group.")
    per_unit = fields.number("`total` by all units of the group.")
    low = fields.number("Lower end of its interval; null where fewer than two customers are in it.")
    high = fields.number(
        "Upper end of its interval; null where fewer than two customers are in it."
    )


class Margin(graphene.ObjectType):
    """Value less cost, as far as they are said; null where one of them never is."""

    total = fields.amount("The difference.", "total_minor")
    of_value = fields.number("`total` by the value; null where that is not above 0.")
    per_unit = fields.number("`total` by all units of the group.")
    low = fields.number("Lower end of its interval; null where fewer than two customers are in it.")
    high = fields.number(
        "Upper end of its interval; null where fewer than two customers are in it."
    )


class EconomicsGroup(graphene.ObjectType):
    """What the interactions of a group brought and cost."""

    group = fields.text("Its name; of a path its items, of a chain the customer it begins with.")
    items = fields.texts("The items of a path, in order; empty for all others.")
    units = fields.count("Units with an interaction in it, each once.")
    share = fields.number("`units` of all units.")
    count = fields.count("Interactions in it.")
    count_share = fields.number("`count` of all interactions.")
    journeys = fields.count("Journeys that they are in.")
    value = fields.one(Amount, "What they brought.")
    cost = fields.one(Amount, "What they cost.")
    margin = fields.one(Margin, "Value less cost.")
    outcomes = fields.count("How often these journeys have the outcome.")
    with_outcome = fields.count("Units that have one in these journeys.")
    cost_per_outcome = fields.number("The cost by `outcomes`; null without a cost or an outcome.")
    cost_per_unit_with_outcome = fields.number(
        "The cost by `withOutcome`; null without a cost or an outcome."
    )
    small = fields.flag("Whether it is of fewer than 30 units: read with care.")
    customers = customer_list("The customers behind `units`.")
    value_customers = customer_list("Of whom a value is said.", "value_customers")
    cost_customers = customer_list("Of whom a cost is said.", "cost_customers")
    outcome_customers = customer_list("The customers behind `withOutcome`.", "outcome_customers")


class EconomicsAnswer(graphene.ObjectType):
    """What things bring, what they cost, and what is left."""

    units = fields.count("All units of the journeys.")
    count = fields.count("All interactions in them.")
    by = fields.word(EconomicsByWord, "What the interactions of a group have in common.")
    segment_by = graphene.String(description="The attribute, of segments.")
    order = fields.word(EconomicsOrderWord, "What groups are listed by.")
    overall = fields.one(EconomicsGroup, "All interactions together.")
    groups = fields.count("How many groups there are.")
    nodes = fields.nodes(EconomicsGroup, "The groups, the largest first.")
    outside = graphene.Field(
        EconomicsGroup,
        description="Customers without the attribute, or in no chain; null for other groups, and "
        "where there are none.",
    )
    page_info = fields.page_info()
    coverage = fields.number("The share of all interactions that is in the groups listed.")
    other_groups = fields.count("Groups that this page does not list.")
    other_count = fields.count("Interactions in those.")
    other_value = fields.amount(
        "What those brought; null where no interaction at all says it.", "other_value_minor"
    )
    other_cost = fields.amount(
        "What those cost; null where no interaction at all says it.", "other_cost_minor"
    )
    warnings = fields.texts("What to mind.")


def arguments() -> dict[str, Any]:
    """What the question can be asked with."""
    return {
        "by": EconomicsByWord(
            description="What the interactions of a group have in common: the touchpoint, if "
            "nothing is given; the segment, if `segmentBy` is."
        ),
        "segment_by": graphene.String(
            description="Segments are of customers with the same value of this attribute."
        ),
        "order": fields.argument(
            EconomicsOrderWord, EconomicsOrder.VALUE, "What groups are listed by."
        ),
        "first": fields.first_argument(50, "How many groups."),
        "after": fields.after_argument(),
        "at_least": fields.at_least_argument(
            "List no group of fewer units; it counts among the others."
        ),
    }
