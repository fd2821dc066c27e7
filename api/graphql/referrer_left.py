"""Customers whose referrer has left, in GraphQL."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.customer import customer_list
from api.graphql.scalars import Duration

__all__ = ["ReferrerLeftAnswer", "arguments"]


def arguments() -> dict[str, Any]:
    """What the question takes."""
    return {
        "inactivity": Duration(
            description="Active: last seen within this of the end; that of `journeys` if not given."
        ),
        "first": fields.first_argument(10, "How many customers."),
        "after": fields.after_argument(),
    }


class WithoutReferrer(graphene.ObjectType):
    """An active customer whose referrer has left."""

    customer = graphene.NonNull(graphene.ID, description="The customer's id.")
    referrer = graphene.NonNull(graphene.ID, description="Who brought the customer.")
    last_at = fields.moment("When the customer was last seen.", "last_at_us", required=True)
    referrer_last_at = fields.moment(
        "When the referrer was last seen.", "referrer_last_at_us", required=True
    )


class ReferrerLeftAnswer(graphene.ObjectType):
    """Active customers whose referrer has left, against those whose referrer is active."""

    inactivity_seconds = fields.number("Active: last seen less than this before `asOf`.")
    as_of = fields.moment("The end of the data.", "as_of_us", required=True)
    customers = fields.count("Customers brought who were seen, and whose referrer was.")
    unseen = fields.count("Customers brought who are not among these.")
    referrer_left = fields.count("Whose referrer has left.")
    referrer_left_active = fields.count("Of these, who is active.")
    referrer_here = fields.count("Whose referrer is active.")
    referrer_here_active = fields.count("Of these, who is active.")
    left_rate = fields.estimate("`referrerLeftActive` of `referrerLeft`.")
    here_rate = fields.estimate("`referrerHereActive` of `referrerHere`.")
    risk_difference = fields.estimate("The first rate less the second, with Newcombe's interval.")
    odds_ratio = fields.estimate("Of being active, referrer left against referrer here.")
    p_value = fields.number("Of chi-square, or of Fisher's exact test where a cell is small.")
    small = fields.flag("One of the two groups has fewer than 30.")
    wording = fields.text("How it is to be read.")
    nodes = fields.nodes(
        WithoutReferrer, "Active customers whose referrer has left, whoever left last first."
    )
    page_info = fields.page_info()
    all_customers = customer_list("The customers behind `customers`.", "all_customers")
    unseen_customers = customer_list("The customers behind `unseen`.", "unseen_customers")
    referrer_left_customers = customer_list(
        "The customers behind `referrerLeft`.", "referrer_left_customers"
    )
    referrer_left_active_customers = customer_list(
        "The customers behind `referrerLeftActive`.", "referrer_left_active_customers"
    )
    referrer_here_customers = customer_list(
        "The customers behind `referrerHere`.", "referrer_here_customers"
    )
    referrer_here_active_customers = customer_list(
        "The customers behind `referrerHereActive`.", "referrer_here_active_customers"
    )
