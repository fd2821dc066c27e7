"""What precedes a referral, in GraphQL."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.customer import customer_list
from api.graphql.scalars import Duration

__all__ = ["BeforeReferralAnswer", "arguments"]


def arguments() -> dict[str, Any]:
    """What the question takes."""
    return {
        "before": fields.argument(
            Duration, "30d", "How long before the referral something may have been met."
        ),
        "match_on": graphene.Argument(
            graphene.NonNull(graphene.List(graphene.NonNull(graphene.String))),
            default_value=(),
            description="Attributes of customers in which they must be alike.",
        ),
        "match_activity": fields.argument(
            graphene.Boolean, True, "Whether they must have done about as much before it."
        ),
        "first": fields.first_argument(10, "How many items."),
        "after": fields.after_argument(),
        "at_least": fields.at_least_argument(
            "List no item that fewer cases and controls met; it changes no q value."
        ),
    }


class MetBefore(graphene.ObjectType):
    """An item or a feeling, and who met it before the referral."""

    item = fields.text("The item; or negative, neutral or positive.")
    cases = fields.count("Matched referrers who met it.")
    controls = fields.count("Matched customers who referred nobody and met it.")
    case_share = fields.estimate("`cases` of all cases.")
    control_share = fields.estimate("`controls` of all controls, not yet weighed by strata.")
    odds_ratio = fields.estimate("Mantel and Haenszel's odds ratio over the strata.")
    p_value = fields.number("Of their chi-square, without correction.")
    q_value = fields.number("The false discovery rate over all that was tested.")
    small = fields.flag("Fewer than 30 met it.")
    customers = customer_list("The customers behind `cases`.")
    control_customers = customer_list("The customers behind `controls`.", "control_customers")


class BeforeReferralAnswer(graphene.ObjectType):
    """What customers meet before they refer somebody, against matched customers who do not."""

    before_seconds = fields.number("The window.")
    referrers = fields.count("Customers selected who referred somebody.")
    cases = fields.count("Of these, who is compared.")
    controls = fields.count("Customers who referred nobody, and are compared.")
    strata = fields.count("Groups of customers who came in one month and are alike.")
    unmatched_cases = fields.count("Referrers without anybody alike.")
    tested = fields.count("Items and feelings with a p value.")
    adjusted_for = fields.texts("What was held equal.")
    wording = fields.text("How a finding is to be read.")
    feelings = fields.nodes(MetBefore, "What was felt, where emotions are recorded.")
    nodes = fields.nodes(MetBefore, "What was met, smallest p first, then by name.")
    page_info = fields.page_info()
    referrer_customers = customer_list("The customers behind `referrers`.", "referrer_customers")
    case_customers = customer_list("The customers behind `cases`.", "case_customers")
    all_control_customers = customer_list(
        "The customers behind `controls`.", "all_control_customers"
    )
    unmatched_customers = customer_list(
        "The customers behind `unmatchedCases`.", "unmatched_customers"
    )
