"""The feedback loop, feedback one by one, and what dealing with it went with, in GraphQL."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.customer import customer_list
from api.graphql.feedback_items import FeedbackItem
from api.graphql.feedback_kinds import kinds_argument
from api.graphql.loyalty_touchpoints import LoyaltyAdjusted
from api.graphql.scalars import DateTime, Duration
from api.graphql.time_to_convert import TimeQuantile
from queries.feedback_associations import FeedbackOutcome
from queries.feedback_groups import FeedbackBy
from queries.feedback_outcomes import FeedbackStep

__all__ = [
    "FeedbackItemsAnswer",
    "FeedbackLoopAnswer",
    "FeedbackOutcomesAnswer",
    "items_arguments",
    "loop_arguments",
    "outcomes_arguments",
]

_AS_OF = "The moment that it is told as of: nothing later is looked at."

FeedbackByEnum = fields.choice(
    FeedbackBy,
    "FeedbackBy",
    "What feedback is grouped by.",
    KIND="Complaint, query, suggestion, praise or promise.",
    TOUCHPOINT="The touchpoint that it is about.",
    TEAM="The team that it is with.",
    STAGE="The stage in which most interactions of its touchpoint are.",
)
FeedbackStepEnum = fields.choice(
    FeedbackStep,
    "FeedbackStep",
    "A step that is taken with feedback.",
    ACKNOWLEDGED="The company said that it has it.",
    ACTED="The company did something about it.",
    CLOSED="It was closed.",
)
FeedbackOutcomeEnum = fields.choice(
    FeedbackOutcome,
    "FeedbackOutcome",
    "What customers did behind the landmark, within the horizon.",
    RETURNED="They began an interaction; one of which nobody says who did counts.",
    OUTCOME="They had the outcome of `journeys`, a purchase if not given.",
    CHURNED="They were silent for longer than the inactivity limit.",
)


class StepTimes(graphene.ObjectType):
    """How soon a step was taken; `done`, `closedWithout` and `waiting` are all feedback."""

    done = fields.count("Feedback with which it was taken.")
    closed_without = fields.count("Feedback that was closed without it.")
    waiting = fields.count("Feedback that still waits for it.")
    median = fields.one(TimeQuantile, "When it was taken with half of all.")
    p95 = fields.one(TimeQuantile, "When it was taken with 95 percent of all.")
    customers = customer_list("Whose feedback `done` counts, each customer once.")
    closed_without_customers = customer_list(
        "Whose feedback `closedWithout` counts, each customer once.", "closed_without_customers"
    )
    waiting_customers = customer_list(
        "Whose feedback `waiting` counts, each customer once.", "waiting_customers"
    )


class Promises(graphene.ObjectType):
    """What became of promises; `kept`, `broken` and `pending` are all of them."""

    count = fields.count("How many promises there are.")
    kept = fields.count("Closed, and no later than they were due.")
    broken = fields.count("Not closed when they were due.")
    pending = fields.count("Open, and not due yet or without a due time.")
    kept_rate = fields.estimate("`kept` of `kept` and `broken`.")
    customers = customer_list("Whose feedback `count` counts, each customer once.")
    kept_customers = customer_list(
        "Whose feedback `kept` counts, each customer once.", "kept_customers"
    )
    broken_customers = customer_list(
        "Whose feedback `broken` counts, each customer once.", "broken_customers"
    )
    pending_customers = customer_list(
        "Whose feedback `pending` counts, each customer once.", "pending_customers"
    )


class FeedbackGroup(graphene.ObjectType):
    """A group of feedback; `open` and `closed` are all of it."""

    name = graphene.String(description="The group; null for feedback that does not say.")
    count = fields.count("How much feedback.")
    share = fields.number("`count` of all that is asked about.")
    open = fields.count("Not closed, or opened again.")
    overdue = fields.count("Open, and due before `asOf`.")
    closed = fields.count("Closed, and not opened again.")
    reopened = fields.count("Opened again at least once.")
    reopened_rate = fields.estimate("`reopened` of what was ever closed.")
    time_to_acknowledge = fields.one(StepTimes, "From the opening to the first acknowledgement.")
    time_to_act = fields.one(StepTimes, "From the opening to the first action.")
    time_to_close = fields.one(StepTimes, "From the opening to the closing that holds.")
    promises = fields.one(Promises, "The promises among it.")
    small = fields.flag("Whether there are fewer than 30: read with care.")
    customers = customer_list("Whose feedback `count` counts, each customer once.")
    open_customers = customer_list(
        "Whose feedback `open` counts, each customer once.", "open_customers"
    )
    overdue_customers = customer_list(
        "Whose feedback `overdue` counts, each customer once.", "overdue_customers"
    )
    closed_customers = customer_list(
        "Whose feedback `closed` counts, each customer once.", "closed_customers"
    )
    reopened_customers = customer_list(
        "Whose feedback `reopened` counts, each customer once.", "reopened_customers"
    )


class FeedbackLoopAnswer(graphene.ObjectType):
    """What became of feedback."""

    as_of = fields.moment(_AS_OF, "as_of_us")
    all = fields.one(FeedbackGroup, "The numbers of all of it.")
    groups = fields.count("How many groups there are.")
    nodes = fields.nodes(
        FeedbackGroup, "The groups, the largest first, then by name, what does not say last."
    )
    page_info = fields.page_info()
    other_groups = fields.count("Groups that this page does not list.")
    other_count = fields.count("Feedback in those.")
    strangers = fields.count("Feedback beyond it, of customers whom nothing else names.")
    warnings = fields.texts("What to mind.")


class FeedbackItemsAnswer(graphene.ObjectType):
    """Feedback one by one, the latest opening first."""

    as_of = fields.moment(_AS_OF, "as_of_us")
    count = fields.count("How much there is in all.")
    nodes = fields.nodes(FeedbackItem, "The feedback of this page.")
    page_info = fields.page_info()
    warnings = fields.texts("What to mind.")
    customers = customer_list("Who gave it.")


class FeedbackResponse(graphene.ObjectType):
    """Customers by how soon the step came."""

    from_seconds = fields.number("Later than this after the opening, or at once.")
    to_seconds = fields.number("At the latest at this; null for those with whom it did not come.")
    units = fields.count("Customers.")
    small = fields.flag("Whether there are fewer than 30: read with care.")
    customers = customer_list("The customers behind `units`.")


class FeedbackAssociation(graphene.ObjectType):
    """One outcome in one group, against those with whom the step did not come in time."""

    outcome = fields.word(FeedbackOutcomeEnum, "What is looked at.")
    group = fields.count("Which of `responses`, from 0.")
    units = fields.count("Customers of the group.")
    happened = fields.count("Those with the outcome.")
    rate = fields.estimate("`happened` of `units`.")
    other_rate = fields.estimate("The share of the others.")
    difference = fields.estimate("`rate` less `otherRate`, with Newcombe's interval.")
    odds_ratio = fields.estimate("Odds of the group over those of the others.")
    p_value = fields.number("Of Pearson's chi-square, or of Fisher's exact test for small cells.")
    q_value = fields.number("The rate of false discoveries over all tests of the answer.")
    adjusted = fields.one(LoyaltyAdjusted, "Within strata of kind and tenure, pooled.")
    small = fields.flag("Whether there are fewer than 30 in one of the two: read with care.")
    customers = customer_list("The customers behind `happened`.")


class FeedbackFeelings(graphene.ObjectType):
    """How the customers of a group felt within the horizon."""

    group = fields.count("Which of `responses`, from 0.")
    rated = fields.count("Customers of whom a feeling is known.")
    missing = fields.count("The others of the group.")
    mean = fields.number("The mean of their means, from -1 to 1.")
    difference = fields.number(
        "Less the mean of those with whom the step did not come in time; null for these."
    )
    low = fields.number("Lower end of its interval (Welch's).")
    high = fields.number("Upper end of its interval (Welch's).")
    p_value = fields.number("Of Welch's test.")
    q_value = fields.number("The rate of false discoveries over all tests of the answer.")
    customers = customer_list("The customers behind `rated`.")


class FeedbackOutcomesAnswer(graphene.ObjectType):
    """What a step with feedback, and how soon it came, went with; the unit is the customer."""

    units = fields.count("Customers who were watched for the whole horizon.")
    censored = fields.count("Customers who were not: the data ends first.")
    landmark_seconds = fields.number("Since the opening: by then the step came, or it did not.")
    horizon_seconds = fields.number("Since the landmark: how long customers are watched.")
    wording = fields.text("How the step goes with the outcome: nothing here says why.")
    adjusted_for = fields.texts("What the strata hold equal.")
    tested = fields.count("Tests that q values are about.")
    responses = fields.nodes(
        FeedbackResponse, "The groups, soonest first; the others are compared with the last."
    )
    nodes = fields.nodes(FeedbackAssociation, "Each outcome and group, the smallest p first.")
    feelings = fields.nodes(FeedbackFeelings, "How each group felt, in their order.")
    warnings = fields.texts("What to mind.")
    customers = customer_list("The customers behind `units`.")
    censored_customers = customer_list("The customers behind `censored`.", "censored_customers")


def _as_of() -> DateTime:
    return DateTime(
        description="What is later counts as not happened; the end of what is known if not given."
    )


def _names(description: str) -> graphene.List:
    return graphene.List(graphene.NonNull(graphene.String), description=description)


def loop_arguments() -> dict[str, Any]:
    """What the loop can be asked with."""
    return {
        "by": fields.argument(FeedbackByEnum, FeedbackBy.KIND, "What it is grouped by."),
        "kinds": kinds_argument(),
        "as_of": _as_of(),
        "first": fields.first_argument(50, "How many groups."),
        "after": fields.after_argument(),
        "at_least": fields.at_least_argument(
            "List no group of fewer; they count among the others."
        ),
    }


def items_arguments() -> dict[str, Any]:
    """What the list can be asked with."""
    return {
        "kinds": kinds_argument(),
        "touchpoints": _names("Only about these touchpoints; all if not given."),
        "teams": _names("Only with these teams; all if not given."),
        "open": graphene.Boolean(description="Only what is open, or is not; both if not given."),
        "overdue": graphene.Boolean(
            description="Only what is overdue, or is not; both if not given."
        ),
        "as_of": _as_of(),
        "first": fields.first_argument(50, "How many."),
        "after": fields.after_argument(),
    }


def outcomes_arguments() -> dict[str, Any]:
    """What the outcomes can be asked with."""
    return {
        "step": fields.argument(FeedbackStepEnum, FeedbackStep.ACTED, "Which step."),
        "within": graphene.List(
            graphene.NonNull(Duration),
            description="Lengths of time since the opening that part the groups, at most 10; the "
            "longest is the landmark. 1d and 7d if not given.",
        ),
        "horizon": fields.argument(
            Duration, "90d", "How long customers are watched behind the landmark."
        ),
        "kinds": kinds_argument(),
        "as_of": _as_of(),
        "strata_bins": fields.argument(graphene.Int, 4, "Strata of tenure, 1 to 100."),
    }
