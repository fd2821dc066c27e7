"""Loyalty touchpoints, in GraphQL."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.customer import customer_list
from api.graphql.scalars import Duration
from queries.loyalty import Loyalty

__all__ = ["LoyaltyAnswer", "LoyaltyInput", "loyalty_of"]


class LoyaltyInput(graphene.InputObjectType):
    """What loyal means: exactly one of the four, and `equals` only with `column`."""

    repeat_purchase_within = Duration(
        description="Another outcome within this long of the first (a purchase by default)."
    )
    active_at = Duration(
        description="Still active this long after the first outcome: an interaction of the "
        "customer's own in the inactivity limit before that."
    )
    no_churn = Duration(
        description="No gap longer than the inactivity limit for this long after the first outcome."
    )
    column = graphene.String(description="A column of the customers table.")
    equals = graphene.String(
        description="The value of that column that is loyal; yes, true and 1 if not given."
    )


def loyalty_of(given: Any) -> Loyalty:
    """The definition that an input means."""
    return Loyalty(**given)


class LoyaltyTouchpoint(graphene.ObjectType):
    """How loyalty differs between those who met a touchpoint and those who did not."""

    touchpoint = fields.text("The touchpoint, or what `by` makes an item.")
    exposed = fields.count("Units that met it before the exposure ended.")
    exposed_loyal = fields.count("Of these, the loyal.")
    unexposed = fields.count("Units that did not meet it.")
    unexposed_loyal = fields.count("Of these, the loyal.")
    exposed_rate = fields.number("The loyal among the exposed.")
    exposed_interval = fields.estimate("The same with its interval.")
    unexposed_rate = fields.number("The loyal among the unexposed.")
    unexposed_interval = fields.estimate("The same with its interval.")
    lift = fields.number("`exposedRate` over `baseRate`.")
    risk_difference = fields.estimate("`exposedRate` less `unexposedRate`.")
    odds_ratio = fields.estimate("Odds of loyalty, exposed over unexposed.")
    p_value = fields.number("Of Pearson's chi-square, or Fisher's exact test for few.")
    test = graphene.String(description="Which test gave the p value: chi-square or exact.")
    untested = graphene.String(description="Why there is no p value.")
    q_value = fields.number("False discovery rate among all touchpoints tested.")
    forced = fields.flag("Whether nearly everybody meets it, so that it tells little.")
    small = fields.flag("Whether one of the two groups is under 30: read with care.")
    customers = customer_list("The customers behind `exposed`.")
    exposed_loyal_customers = customer_list(
        "The customers behind `exposedLoyal`.", "exposed_loyal_customers"
    )
    unexposed_customers = customer_list("The customers behind `unexposed`.", "unexposed_customers")
    unexposed_loyal_customers = customer_list(
        "The customers behind `unexposedLoyal`.", "unexposed_loyal_customers"
    )


class LoyaltyAnswer(graphene.ObjectType):
    """Which touchpoints are associated with loyalty. It does not say that they cause it."""

    units = fields.count("Units judged: followed for long enough, and with what the rule needs.")
    loyal = fields.count("Of these, the loyal.")
    base_rate = fields.number("`loyal` of `units`.")
    base_rate_interval = fields.estimate("The same with its interval.")
    censored = fields.count("Units not followed for long enough: not counted as disloyal.")
    not_eligible = fields.count("Units that the definition says nothing about.")
    tested = fields.count("Touchpoints with a p value, over which q values are taken.")
    loyalty = fields.text("What loyal means, in words.")
    wording = fields.text("How a finding is to be read.")
    adjusted_for = fields.texts("What else was held equal.")
    warnings = fields.texts("What to mind.")
    nodes = fields.nodes(LoyaltyTouchpoint, "The touchpoints, smallest p first.")
    page_info = fields.page_info()
    customers = customer_list("The customers behind `units`.")
    loyal_customers = customer_list("The customers behind `loyal`.", "loyal_customers")
    censored_customers = customer_list("The customers behind `censored`.", "censored_customers")
    not_eligible_customers = customer_list(
        "The customers behind `notEligible`.", "not_eligible_customers"
    )
