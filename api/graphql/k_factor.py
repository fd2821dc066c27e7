"""How many customers a customer brings, in GraphQL."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.customer import customer_list
from api.graphql.scalars import Duration
from queries.calendar_periods import Period
from queries.k_factor import MOST_REPLICATES

__all__ = ["KFactorAnswer", "PeriodEnum", "arguments"]

PeriodEnum = fields.choice(
    Period,
    "Period",
    "How long a cohort is.",
    MONTH="A month, as 2024-03.",
    WEEK="An ISO week, as 2024-W09.",
)


def arguments() -> dict[str, Any]:
    """What the question takes."""
    return {
        "period": fields.argument(
            PeriodEnum, Period.MONTH, "Cohorts are of this of the first interaction."
        ),
        "within": fields.argument(
            Duration, "30d", "How long a member has, from their first interaction on."
        ),
        "replicates": fields.argument(
            graphene.Int, 2000, f"Draws of members for intervals; at most {MOST_REPLICATES:,}."
        ),
        "seed": fields.argument(graphene.Int, 0, "Of what is drawn."),
        "first": fields.first_argument(100, "How many cohorts."),
        "after": fields.after_argument(),
    }


class Factor(graphene.ObjectType):
    """K of some members."""

    members = fields.count("Customers whose first interaction made them members.")
    observed = fields.count("Of these, whose whole window is over at `asOf`.")
    inviters = fields.count("Of these, who brought somebody within the window.")
    brought = fields.count("Customers whom they brought within the window.")
    credit = fields.number("The same, each divided by the referrers who share them.")
    k = fields.number("`credit` / `observed`; null where nobody was observed.")
    low = fields.number("Lower end of the interval of `k`.")
    high = fields.number("Upper end of the interval of `k`.")
    interval = graphene.String(description='"bootstrap", or "poisson" where nobody was brought.')
    timed = fields.count("Pairs of inviter and brought whose first interactions are known.")
    cycle_seconds = fields.number("The median time between these two.")
    small = fields.flag("Fewer than 30 were observed.")
    customers = customer_list("The customers behind `members`.")
    observed_customers = customer_list("The customers behind `observed`.", "observed_customers")
    inviter_customers = customer_list("The customers behind `inviters`.", "inviter_customers")
    brought_customers = customer_list("The customers behind `brought`.", "brought_customers")


class CohortFactor(Factor):
    """K of the members of one cohort."""

    cohort = fields.text("The month or week of their first interaction.")


class KFactorAnswer(graphene.ObjectType):
    """How many customers a customer brings within a window."""

    within_seconds = fields.number("The window.")
    overall = fields.one(Factor, "Of all members together.")
    without_interaction = fields.count("Customers selected who never interacted: in no cohort.")
    outside_window = fields.count("Credited referrals by members, but not within the window.")
    undated = fields.count("Credited referrals by members of which nobody knows when.")
    nodes = fields.nodes(CohortFactor, "The cohorts, the earliest first.")
    page_info = fields.page_info()
    without_interaction_customers = customer_list(
        "The customers behind `withoutInteraction`.", "without_interaction_customers"
    )
