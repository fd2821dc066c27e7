"""Funnels, in GraphQL."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.customer import customer_list
from api.graphql.population import CustomerWhereInput, WhereInput, plain
from api.graphql.scalars import DateTime, Decimal, Duration
from queries.funnel import ExclusionMeaning, Funnel, FunnelEntry, StepFollows, StepOrder

__all__ = ["FunnelAnswer", "FunnelStepInput", "funnel_arguments", "funnel_of"]

StepOrderEnum = fields.choice(
    StepOrder,
    "StepOrder",
    "How the steps follow each other.",
    STRICT="Each step is the item directly after the one before.",
    ORDERED="In this order, with anything in between.",
    ANY="In any order: the k-th step counts units that meet at least k of the steps.",
)
StepFollowsEnum = fields.choice(
    StepFollows,
    "StepFollows",
    "How a step follows the one met before.",
    NEXT="It is the item directly after it.",
    EVENTUALLY="Anything may come between.",
)
FunnelEntryEnum = fields.choice(
    FunnelEntry,
    "FunnelEntry",
    "Which occurrences of the first step begin.",
    OPTIMISED="Any; a unit counts by the best of them.",
    FIRST="The first one of a unit only.",
    EVERY="Each that comes after the entry before has ended: entries are counted, not units.",
)
ExclusionMeaningEnum = fields.choice(
    ExclusionMeaning,
    "ExclusionMeaning",
    "What becomes of a unit that meets an exclusion.",
    LEAVES="It counts nowhere, unless it gets on without as well.",
    COUNTS_UP_TO="It counts up to there.",
)


def _texts(description: str) -> graphene.List:
    return graphene.List(graphene.NonNull(graphene.String), description=description)


class FunnelStepWhereInput(graphene.InputObjectType):
    """What an interaction must be to meet a step: all that is given must hold."""

    channels = _texts("One of these channels.")
    stages = _texts("One of these stages.")
    initiators = _texts("customer, company, third party, or unknown.")
    environments = _texts("digital, physical, or unknown.")
    levels = _texts("physical, emotional, sensorial, rational, spiritual, or unknown.")
    min_value = Decimal(description="With a value of at least this, in major units.")
    max_value = Decimal(description="With a value of at most this, in major units.")


class FunnelStepInput(graphene.InputObjectType):
    """One step of a funnel."""

    any_of = fields.texts("Any of these items makes the step.")
    label = graphene.String(description="What to call it; its items if not given.")
    follows = StepFollowsEnum(
        description="How it follows the step before; by `order` if not given."
    )
    within = Duration(description="At most this long after the step met before.")
    optional = graphene.Boolean(description="Whether it may be passed over.")
    where = FunnelStepWhereInput(description="What the interaction must be beside.")


class FunnelExclusionInput(graphene.InputObjectType):
    """What must not come between two steps."""

    any_of = fields.texts("Any of these items.")
    after = graphene.Int(description="Behind which step, from 1; the first if not given.")
    before = graphene.Int(description="Before which step; the last if not given.")
    where = FunnelStepWhereInput(description="What the interaction must be beside.")
    meaning = ExclusionMeaningEnum(description="What becomes of the unit; LEAVES if not given.")


class FunnelSessionInput(graphene.InputObjectType):
    """What all steps must lie in: one of the two."""

    column = graphene.String(description="The same value of this column, such as session.")
    inactivity = Duration(description="No gap of at least this length.")


class FunnelBreakdownInput(graphene.InputObjectType):
    """What the funnel is shown by: a column of interactions, or an attribute of customers."""

    column = graphene.String(description="Such as channel, touchpoint, session or a property.")
    of = graphene.String(description="Whose value: first (if not given), last, or a step's number.")
    attribute = graphene.String(description="A column of the customers table.")
    first = graphene.Int(description="How many values; the others are one group. 10 if not given.")


class FunnelCompareInput(graphene.InputObjectType):
    """Who is the second population: one of the three."""

    customers = CustomerWhereInput(description="These customers, against all others.")
    since = DateTime(description="Whoever met the first step from this moment on.")
    where = WhereInput(
        description="A population with conditions of its own, in place of the `where` of "
        "`journeys`, which is the first. Each ends at its own `until`."
    )


def funnel_arguments() -> dict[str, Any]:
    """The arguments of the question."""
    return {
        "steps": graphene.Argument(
            graphene.NonNull(graphene.List(graphene.NonNull(FunnelStepInput))),
            description="The steps, in order; 30 at most.",
        ),
        "window": Duration(description="The last step at most this long after the first."),
        "step_window": Duration(
            description="Each step at most this long after the one before; a step's `within` goes "
            "before."
        ),
        "order": fields.argument(
            StepOrderEnum, StepOrder.ORDERED, "How the steps follow each other."
        ),
        "optional": graphene.List(
            graphene.NonNull(graphene.Int),
            description="Numbers of steps, from 1, that may be passed over.",
        ),
        "session": FunnelSessionInput(description="All steps within one session."),
        "exclude": graphene.List(
            graphene.NonNull(FunnelExclusionInput), description="What must not come between steps."
        ),
        "entry": fields.argument(
            FunnelEntryEnum, FunnelEntry.OPTIMISED, "Which occurrences of the first step begin."
        ),
        "hold_constant": _texts("Columns, 3 at most, of which all steps have the same value."),
        "breakdown": FunnelBreakdownInput(description="Show the funnel by a value as well."),
        "compare": FunnelCompareInput(description="Set a second population against a first."),
        "exact": fields.exact_argument(),
    }


def funnel_of(options: dict[str, Any]) -> Funnel:
    """The question that the arguments mean."""
    return Funnel(**plain(options))


class TimeBucket(graphene.ObjectType):
    """How many took so long."""

    from_seconds = fields.number("At least this.")
    until_seconds = fields.number("Less than this.")
    units = fields.count("How many.")


class FunnelTimes(graphene.ObjectType):
    """How long it took; quantiles are null where nobody came."""

    units = fields.count("Whose times these are.")
    p10_seconds = fields.number("A tenth took at most this.")
    p25_seconds = fields.number("A quarter took at most this.")
    p50_seconds = fields.number("Half took at most this.")
    p75_seconds = fields.number("Three quarters took at most this.")
    p90_seconds = fields.number("Nine tenths took at most this.")
    p95_seconds = fields.number("95 % took at most this.")
    exact = fields.flag("Whether these are exact; otherwise they are within 2.2 %.")
    buckets = fields.nodes(TimeBucket, "Each twice as wide as the one before; exact counts.")


class FunnelStepAnswer(graphene.ObjectType):
    """How many reached a step, and what became of those who did not."""

    label = fields.text("What the step is called.")
    items = fields.texts("The items that make it.")
    units = fields.count("Units that reached it.")
    of_first = fields.number("`units` of those that reached the first step.")
    of_first_interval = fields.estimate("The same with its interval.")
    of_previous = fields.number("`units` of those that reached the last step not optional before.")
    of_previous_interval = fields.estimate("The same with its interval.")
    dropped = fields.count("Units that reached the step before, not this one, and no longer can.")
    open = fields.count("Units that reached the step before, not this one, and still can.")
    optional = fields.flag("Whether it may be passed over: then nobody drops here.")
    skipped = fields.count("At an optional step: units that reached the one before and not this.")
    median_seconds = fields.number("Median time from the step met before.")
    median_from_first_seconds = fields.number("Median time from the first step.")
    times = graphene.Field(
        FunnelTimes, description="Time from the step met before; null at the first step."
    )
    times_from_first = graphene.Field(
        FunnelTimes, description="Time from the first step; null at the first step."
    )
    exact = fields.flag("Whether these times are exact; otherwise they are within 2.2 %.")
    small = fields.flag("Whether fewer than 30 units reached it: read with care.")
    customers = customer_list("The customers behind `units`.")
    dropped_customers = customer_list("The customers behind `dropped`.", "dropped_customers")
    open_customers = customer_list("The customers behind `open`.", "open_customers")
    skipped_customers = customer_list("The customers behind `skipped`.", "skipped_customers")


class FunnelGroup(graphene.ObjectType):
    """The funnel of those who have one value, or of one population."""

    value = graphene.String(
        description="The value; null where it is not said, for the others, and in a comparison."
    )
    is_other = fields.flag("Whether these are all values that are not listed.")
    left = fields.count("How many an exclusion made leave.")
    steps = fields.nodes(FunnelStepAnswer, "The steps, in their order.")
    left_customers = customer_list("The customers behind `left`.", "left_customers")


class StepDifference(graphene.ObjectType):
    """How two populations differ at a step."""

    label = fields.text("What the step is called.")
    difference = fields.estimate("The first population's `ofPrevious` less the second's.")
    from_first_difference = fields.estimate("The first population's `ofFirst` less the second's.")
    p_value = fields.number("Of `difference`; null where there is nothing to compare.")
    test = graphene.String(
        description="chi-square, exact, or overlapping where customers are in both; null without p."
    )
    q_value = fields.number("False discovery rate at which it is still found, over the steps.")
    small = fields.flag("Whether fewer than 30 of one population came to the step before.")


class FunnelComparison(graphene.ObjectType):
    """Two populations in one funnel."""

    first = fields.one(FunnelGroup, "All others, who began before, or all of `journeys`.")
    second = fields.one(FunnelGroup, "Those asked for in `compare`.")
    steps = fields.nodes(StepDifference, "How they differ, step by step.")
    shared = fields.count("Customers in both; the tests allow for it.")
    warnings = fields.texts("What to be careful about.")
    shared_customers = customer_list("The customers behind `shared`.", "shared_customers")


class FunnelAnswer(graphene.ObjectType):
    """How many go through the steps."""

    units = fields.count("All units of these journeys.")
    counted = fields.text("What the steps count: customers, journeys or entries.")
    window_seconds = fields.number(
        "The last step is at most this long after the first; null for no limit."
    )
    order = fields.word(StepOrderEnum, "How the steps follow each other.")
    entry = fields.word(FunnelEntryEnum, "Which occurrences of the first step begin.")
    left = fields.count("How many an exclusion made leave: they count at no step.")
    steps = fields.nodes(FunnelStepAnswer, "The steps, in their order.")
    breakdown = fields.nodes(FunnelGroup, "The same by value; they add up. Empty if not asked for.")
    comparison = graphene.Field(
        FunnelComparison, description="Two populations compared; null if not asked for."
    )
    left_customers = customer_list("The customers behind `left`.", "left_customers")
