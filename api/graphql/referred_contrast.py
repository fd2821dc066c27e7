"""Referred customers against matched others, in GraphQL."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.customer import customer_list
from api.graphql.k_factor import PeriodEnum
from api.graphql.loyalty_touchpoints import LoyaltyInput, loyalty_of
from api.graphql.scalars import Duration
from queries.calendar_periods import Period
from queries.referral_credit import Referrals
from queries.referred_contrast import ReferredContrast

__all__ = ["ReferredContrastAnswer", "arguments", "asked"]


def _names(description: str) -> graphene.Argument:
    listed = graphene.NonNull(graphene.List(graphene.NonNull(graphene.String)))
    return graphene.Argument(listed, default_value=(), description=description)


def arguments() -> dict[str, Any]:
    """What the question takes."""
    return {
        "within": fields.argument(
            Duration, "90d", "How long each customer is followed, from the first interaction on."
        ),
        "period": fields.argument(PeriodEnum, Period.MONTH, "They came in the same one of these."),
        "match_on": _names(
            "Attributes of customers, or columns of the first interaction, in which they are alike."
        ),
        "balance_of": _names("Further ones of which the balance is shown."),
        "loyalty": LoyaltyInput(description="Compare loyalty by this definition as well."),
        "include_unattributed": fields.argument(
            graphene.Boolean, False, "Whether who came by an unknown referrer counts as referred."
        ),
    }


def asked(referrals: Referrals, given: dict[str, Any]) -> ReferredContrast:
    """The question that these arguments mean."""
    loyalty = given.pop("loyalty", None)
    meant = None if loyalty is None else loyalty_of(loyalty)
    return ReferredContrast(referrals=referrals, loyalty=meant, **given)


class MatchedGroup(graphene.ObjectType):
    """One group of matched customers in one measure."""

    units = fields.count("Its customers.")
    having = fields.count("Of these, who has it at all.")
    value = fields.number("The share of customers, or the mean.")
    low = fields.number("Lower end of its interval.")
    high = fields.number("Upper end of its interval.")
    adjusted = fields.number("The same with the strata weighed as they are in the difference.")
    customers = customer_list("The customers behind `units`.")
    having_customers = customer_list("The customers behind `having`.", "having_customers")


class MatchedMeasure(graphene.ObjectType):
    """One thing in which the referred and the others are compared."""

    measure = fields.text(
        "outcome, loyal, referrer (shares of customers); value, interactions, brought (means)."
    )
    is_share = fields.flag("Whether it is a share of customers, or else a mean.")
    referred = fields.one(MatchedGroup, "The referred.")
    others = fields.one(MatchedGroup, "The others.")
    strata = fields.count("In how many strata both are.")
    difference = fields.number("Of the adjusted values.")
    low = fields.number("Lower end of its interval.")
    high = fields.number("Upper end of its interval.")
    odds_ratio = fields.estimate("Of shares: Mantel and Haenszel's over the strata.")
    p_value = fields.number("Of Cochran, Mantel and Haenszel's test, or the regression's.")
    q_value = fields.number("The false discovery rate over all that was tested.")
    small = fields.flag("Fewer than 30 in one of the groups: read with care.")


class MatchedTimes(graphene.ObjectType):
    """From the first interaction to the first outcome; who has none yet is lost from sight."""

    referred_converted = fields.count("Matched referred customers who have the outcome.")
    others_converted = fields.count("Matched others who have it.")
    referred_median_seconds = fields.number("When half of the referred have it.")
    others_median_seconds = fields.number("When half of the others have it.")
    expected = fields.number("Conversions of the referred, if both groups were alike.")
    hazard_ratio = fields.number("Peto's; above 1 where the referred have it sooner.")
    low = fields.number("Lower end of its interval.")
    high = fields.number("Upper end of its interval.")
    p_value = fields.number("Of the log-rank test within strata.")
    q_value = fields.number("The false discovery rate over all that was tested.")
    referred_converted_customers = customer_list(
        "The customers behind `referredConverted`.", "referred_converted_customers"
    )
    others_converted_customers = customer_list(
        "The customers behind `othersConverted`.", "others_converted_customers"
    )


class CovariateBalance(graphene.ObjectType):
    """One attribute, or one value of it, in both groups, before and after matching."""

    covariate = fields.text("What it is.")
    value = graphene.String(description="Which value; null for a number, and where none is said.")
    referred_before = fields.number("Mean or share of all referred who could be matched.")
    others_before = fields.number("The same of the others.")
    difference_before = fields.number("Their standardised difference.")
    referred_after = fields.number("Of the matched referred, weighed as in the comparison.")
    others_after = fields.number("The same of the others.")
    difference_after = fields.number("Their difference over the same spread.")
    unbalanced = fields.flag("Whether the difference afterwards is beyond 0.1.")


class ReferredContrastAnswer(graphene.ObjectType):
    """Referred customers against customers alike whom nobody referred."""

    within_seconds = fields.number("How long each customer is followed.")
    as_of = fields.moment("The end of the data.", "as_of_us")
    customers = fields.count("Customers selected.")
    without_interaction = fields.count("Of these, who never interacted before the end.")
    referred_later = fields.count("Whose referral is later than their first interaction.")
    unclear = fields.count("Who is named in a referral that does not count.")
    censored = fields.count("Who came too lately to be followed for so long.")
    referred = fields.count("The referred who could be matched.")
    others = fields.count("The others who could be matched: nobody referred them.")
    undated = fields.count("Of the referred, whose referral has no time.")
    matched_referred = fields.count("The referred who are compared.")
    matched_others = fields.count("The others who are compared.")
    unmatched_referred = fields.count("The referred without anybody alike.")
    unmatched_others = fields.count("The others without anybody alike.")
    strata = fields.count("Groups of customers who came in one period and are alike.")
    strata_without_counterpart = fields.count("Such groups left out, for they are of one kind.")
    loyalty = graphene.String(description="What loyal means; null where it was not asked for.")
    loyalty_censored = fields.count("Matched customers not watched for long enough to tell.")
    loyalty_not_eligible = fields.count("Matched customers of whom the definition says nothing.")
    tested = fields.count("Measures with a p value, the time to the outcome among them.")
    adjusted_for = fields.texts("What was held equal.")
    wording = fields.text("How a finding is to be read.")
    warnings = fields.texts("What to be careful about.")
    measures = fields.nodes(MatchedMeasure, "What is compared.")
    time_to_outcome = fields.one(MatchedTimes, "How soon they have the first outcome.")
    balance = fields.nodes(CovariateBalance, "How alike both are, before and after matching.")
    all_customers = customer_list("The customers behind `customers`.", "all_customers")
    without_interaction_customers = customer_list(
        "The customers behind `withoutInteraction`.", "without_interaction_customers"
    )
    referred_later_customers = customer_list(
        "The customers behind `referredLater`.", "referred_later_customers"
    )
    unclear_customers = customer_list("The customers behind `unclear`.", "unclear_customers")
    censored_customers = customer_list("The customers behind `censored`.", "censored_customers")
    referred_customers = customer_list("The customers behind `referred`.", "referred_customers")
    other_customers = customer_list("The customers behind `others`.", "other_customers")
    undated_customers = customer_list("The customers behind `undated`.", "undated_customers")
    matched_referred_customers = customer_list(
        "The customers behind `matchedReferred`.", "matched_referred_customers"
    )
    matched_other_customers = customer_list(
        "The customers behind `matchedOthers`.", "matched_other_customers"
    )
    unmatched_referred_customers = customer_list(
        "The customers behind `unmatchedReferred`.", "unmatched_referred_customers"
    )
    unmatched_other_customers = customer_list(
        "The customers behind `unmatchedOthers`.", "unmatched_other_customers"
    )
    loyalty_censored_customers = customer_list(
        "The customers behind `loyaltyCensored`.", "loyalty_censored_customers"
    )
    loyalty_not_eligible_customers = customer_list(
        "The customers behind `loyaltyNotEligible`.", "loyalty_not_eligible_customers"
    )
