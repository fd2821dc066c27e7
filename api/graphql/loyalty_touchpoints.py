"""Loyalty touchpoints, in GraphQL."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.customer import customer_list
from api.graphql.scalars import Duration
from queries.loyalty import Loyalty

__all__ = ["LoyaltyAnswer", "LoyaltyInput", "loyalty_arguments", "loyalty_of"]


class LoyaltyInput(graphene.InputObjectType):
    """What loyal means: exactly one, `equals` with `column`, `atLeast` with a value or a score."""

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
    churn_within = Duration(
        description="The other side of `noChurn`: what is counted as loyal are those who left."
    )
    value_within = Duration(
        description="Worth `atLeast` so much this long after the first outcome; more than nothing "
        "if that is not given."
    )
    promoter = graphene.String(
        description="A score, of customers or of interactions (the latest): `atLeast`, 9 if not "
        "given. Passives and detractors are both not loyal."
    )
    at_least = graphene.Float(description="For `valueWithin`, in major units, and `promoter`.")
    column = graphene.String(description="A column of the customers table.")
    equals = graphene.String(
        description="The value of that column that is loyal; yes, true and 1 if not given."
    )


def loyalty_of(given: Any) -> Loyalty:
    """The definition that an input means."""
    return Loyalty(**given)


def _list_of(kind: Any, description: str) -> graphene.List:
    return graphene.List(graphene.NonNull(kind), description=description)


def loyalty_arguments() -> dict[str, Any]:
    """What the question can be asked with."""
    return {
        "first": fields.first_argument(10, "How many touchpoints."),
        "after": fields.after_argument(),
        "loyalty": graphene.Argument(
            graphene.NonNull(LoyaltyInput), description="What loyal means."
        ),
        "exposure_window": Duration(
            description="Only what was met so long before the first outcome; all history if not "
            "given."
        ),
        "strata": _list_of(
            graphene.String,
            "Compare like with like: tenure, exposure, channel (of the first interaction), an "
            "attribute of customers, or a column.",
        ),
        "strata_bins": fields.argument(
            graphene.Int, 5, "Into how many bins tenure and exposure are cut."
        ),
        "dose": _list_of(
            graphene.Int,
            "Rates by how often it was met: the least number of times of each dose, as [1, 2, 3, "
            "6].",
        ),
        "first_days": _list_of(
            graphene.Int, "Rates by whether it was met in so many first days of the customer."
        ),
        "hazard": fields.argument(
            graphene.Boolean, False, "Cox's hazard ratio, within strata if there are any."
        ),
        "permutations": fields.argument(
            graphene.Int, 0, "How often to permute who is loyal, within strata; 0 for not."
        ),
        "seed": fields.argument(graphene.Int, 0, "Of the permutations."),
        "at_least": fields.at_least_argument(
            "List no touchpoint that fewer units met; it changes no q value."
        ),
    }


class LoyaltyAdjusted(graphene.ObjectType):
    """What is compared, compared within strata and pooled (Mantel–Haenszel)."""

    odds_ratio = fields.estimate("Pooled, with the interval of Robins, Breslow and Greenland.")
    risk_difference = fields.estimate("Pooled, with the interval of Sato.")
    p_value = fields.number("Of Cochran, Mantel and Haenszel's test.")
    q_value = fields.number("False discovery rate among all that is compared.")
    heterogeneity_p = fields.number("Of Breslow and Day's test that the odds ratios are one.")
    strata = fields.count("Strata with units.")
    empty_strata = fields.count("Of these, those that say nothing: a margin is empty.")


class LoyaltyDose(graphene.ObjectType):
    """Units that met a touchpoint so often."""

    times = fields.text("How often: 0, 1, 3-5, 6+.")
    units = fields.count("Units that met it so often.")
    loyal = fields.count("Of these, the loyal.")
    rate = fields.number("The loyal among them.")
    interval = fields.estimate("The same with its interval.")
    small = fields.flag("Fewer than 30 units: read with care.")
    customers = customer_list("The customers behind `units`.")
    loyal_customers = customer_list("The customers behind `loyal`.", "loyal_customers")


class DoseTrend(graphene.ObjectType):
    """Whether more goes with more loyalty: Cochran and Armitage's test over the doses."""

    z = fields.number("Above 0 where more goes with more loyalty.")
    p_value = fields.number("Two-sided.")
    q_value = fields.number("False discovery rate among all touchpoints.")


class LoyaltyFirstDays(graphene.ObjectType):
    """A touchpoint met in the first days of a customer, and loyalty."""

    days = fields.count("How many first days.")
    exposed = fields.count("Units that met it in them.")
    exposed_loyal = fields.count("Of these, the loyal.")
    exposed_rate = fields.number("The loyal among the exposed.")
    exposed_interval = fields.estimate("The same with its interval.")
    unexposed_rate = fields.number("The loyal among all others.")
    risk_difference = fields.estimate("The one less the other.")
    odds_ratio = fields.estimate("Odds of loyalty, exposed over unexposed.")
    p_value = fields.number("As of the touchpoint.")
    q_value = fields.number("False discovery rate among all touchpoints by so many days.")
    customers = customer_list("The customers behind `exposed`.")


class HazardRatio(graphene.ObjectType):
    """The hazard of the event for those who met a touchpoint, over that of the others."""

    value = fields.number("Cox's hazard ratio; null where one side saw no event.")
    low = fields.number("Lower end of the interval.")
    high = fields.number("Upper end of the interval.")
    p_value = fields.number("Wald's, two-sided.")
    units = fields.count("Units watched, be it for a part of the horizon.")
    exposed = fields.count("Of these, those that met it.")
    events = fields.count("Units to whom the event happened while watched.")
    exposed_events = fields.count("Of these, those that met it.")


class ValueContrast(graphene.ObjectType):
    """Means of what units brought within the horizon, in major units of money."""

    exposed_mean = fields.number("Of those who met it.")
    unexposed_mean = fields.number("Of those who did not.")
    difference = fields.number("The one less the other.")
    low = fields.number("Lower end of Welch's interval.")
    high = fields.number("Upper end of Welch's interval.")
    p_value = fields.number("Of Welch's test.")
    q_value = fields.number("False discovery rate among all touchpoints.")


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
    lift_interval = fields.estimate("The same with its interval.")
    risk_difference = fields.estimate("`exposedRate` less `unexposedRate`.")
    odds_ratio = fields.estimate("Odds of loyalty, exposed over unexposed.")
    phi = fields.estimate("Correlation of having met it with being loyal (Matthews).")
    p_value = fields.number("Of Pearson's chi-square, or Fisher's exact test for few.")
    test = graphene.String(description="Which test gave the p value: chi-square or exact.")
    untested = graphene.String(description="Why there is no p value.")
    q_value = fields.number("False discovery rate among all touchpoints tested.")
    forced = fields.flag("Whether nearly everybody meets it, so that it tells little.")
    survivors = fields.flag("Whether who met it had twice as long, on average, to meet anything.")
    small = fields.flag("Whether one of the two groups is under 30: read with care.")
    adjusted = graphene.Field(LoyaltyAdjusted, description="Compared within `strata`.")
    dose = fields.nodes(LoyaltyDose, "By how often it was met, never first; if asked for.")
    dose_trend = graphene.Field(DoseTrend, description="Whether more goes with more.")
    first_days = fields.nodes(LoyaltyFirstDays, "By in how many first days; if asked for.")
    hazard_ratio = graphene.Field(HazardRatio, description="How much sooner the event comes.")
    permutation_p = fields.number(
        "Share of the permutations in which some touchpoint goes with loyalty as closely."
    )
    mean_value = graphene.Field(
        ValueContrast, description="Where loyalty is judged by value: means compared."
    )
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
    permutation_limit = fields.number(
        "The largest |z| of any touchpoint that chance alone seldom exceeds."
    )
    warnings = fields.texts("What to mind.")
    nodes = fields.nodes(LoyaltyTouchpoint, "The touchpoints, smallest p first.")
    page_info = fields.page_info()
    customers = customer_list("The customers behind `units`.")
    loyal_customers = customer_list("The customers behind `loyal`.", "loyal_customers")
    censored_customers = customer_list("The customers behind `censored`.", "censored_customers")
    not_eligible_customers = customer_list(
        "The customers behind `notEligible`.", "not_eligible_customers"
    )
