"""A planned journey against the actual ones, in GraphQL."""

from __future__ import annotations

import graphene

from api.graphql import fields
from api.graphql.customer import customer_list
from api.graphql.means import Mean, MeanDifference
from api.graphql.scalars import BigInt, Duration
from queries.plan_deviations import DeviationKind

__all__ = ["PlannedJourneyInput", "PlannedMap"]

DeviationKindEnum = fields.choice(
    DeviationKind,
    "DeviationKind",
    "In which way journeys leave the plan.",
    SKIPPED="A step that has to be there is not.",
    OUT_OF_ORDER="A step is done at another place only.",
    REPEATED="A step is done again where that is not planned.",
    LATE="A step comes later than planned.",
    STAGE_LATE="A stage takes longer than planned.",
    EXTRA="Something is met that no step is.",
)


class PlannedTouchpointInput(graphene.InputObjectType):
    """A step of a planned journey."""

    touchpoint = fields.text("Its name in the journeys, after they are cleaned.")
    channel = graphene.String(description="By which channel it has to be; any if not given.")
    optional = graphene.Boolean(description="Whether it may be left out; no if not given.")
    repeats = graphene.Boolean(
        description="Whether it may be met several times before the next; no if not given."
    )
    within = Duration(
        description="At most so long after the last contact of the step before that was met."
    )


class PlannedStageInput(graphene.InputObjectType):
    """A stage of a planned journey."""

    stage = fields.text("Its name, as the designer calls it.")
    touchpoints = graphene.NonNull(
        graphene.List(graphene.NonNull(PlannedTouchpointInput)),
        description="Its steps in their order; at least one.",
    )
    within = Duration(description="At most so long from its first contact to its last.")


class PlannedJourneyInput(graphene.InputObjectType):
    """What customers are meant to meet, in this order."""

    name = graphene.String(description="What it is called.")
    stages = graphene.NonNull(
        graphene.List(graphene.NonNull(PlannedStageInput)),
        description="Its stages in their order; at least one, and at most 100 steps in all.",
    )


class HeldStep(graphene.ObjectType):
    """A step: who met it, did it out of order, skipped it, or is not that far yet."""

    number = fields.count("Its place in the plan, from 1.")
    stage = fields.text("Its stage in the plan.")
    touchpoint = fields.text("Its touchpoint.")
    channel = graphene.String(description="By which channel it has to be; null for any.")
    optional = fields.flag("Whether it may be left out.")
    repeats = fields.flag("Whether it may be met several times before the next.")
    within_seconds = fields.number("The time that is planned for it; null for any.")
    met = fields.estimate("Units that met it in its place, of all but `notYet`.")
    out_of_order = fields.count("Units that did it at another place only.")
    skipped = fields.count("Units that did not do it.")
    not_yet = fields.count("Open units that met no step behind it: it may still come.")
    repeated = fields.count("Units that met it, and did it again where that is not planned.")
    late = fields.estimate("Units for which it came late, of those that met it behind a step.")
    small = fields.flag("Whether `met` is of fewer than 30 units: read with care.")
    met_customers = customer_list("The customers behind `met`.", "met_customers")
    out_of_order_customers = customer_list(
        "The customers behind `outOfOrder`.", "out_of_order_customers"
    )
    skipped_customers = customer_list("The customers behind `skipped`.", "skipped_customers")
    not_yet_customers = customer_list("The customers behind `notYet`.", "not_yet_customers")
    repeated_customers = customer_list("The customers behind `repeated`.", "repeated_customers")
    late_customers = customer_list("The customers behind `late`.", "late_customers")


class HeldStage(graphene.ObjectType):
    """A stage of the plan: who met a step of it, and who took longer than planned."""

    stage = fields.text("Its name.")
    within_seconds = fields.number("The time that is planned for it; null for any.")
    units = fields.count("Units that met a step of it in its place.")
    share = fields.number("`units` of all units.")
    late = fields.estimate("Units that took longer than planned, of `units`, if a time is planned.")
    customers = customer_list("The customers behind `units`.")
    late_customers = customer_list("The customers behind `late`.", "late_customers")


class ExtraTouchpoint(graphene.ObjectType):
    """What is met that no step of the plan is."""

    item = fields.text("The touchpoint.")
    stage = graphene.String(description="The stage that the interactions say; null for none.")
    units = fields.count("Units that meet it in this stage.")
    share = fields.number("`units` of all units.")
    count = fields.count("How often they meet it.")
    customers = customer_list("The customers behind `units`.")


class FitnessBand(graphene.ObjectType):
    """Units whose journeys fit the plan about as well."""

    at_least = fields.number("Their fitness is at least this.")
    below = fields.number("Their fitness is below this; null where it is 1.")
    units = fields.count("How many units.")
    share = fields.number("`units` of all units.")
    customers = customer_list("The customers behind `units`.")


class PlanDeviation(graphene.ObjectType):
    """A deviation, and how closed units that have it end beside those that do not."""

    kind = fields.word(DeviationKindEnum, "In which way they leave the plan.")
    step = BigInt(description="Which step, from 1; null for stages and what is extra.")
    stage = graphene.String(
        description="The stage of the plan; of what is extra, that of its interactions."
    )
    item = graphene.String(description="The touchpoint; null for a stage.")
    units = fields.count("Units that have it, open ones included.")
    rate = fields.estimate("Closed units with the outcome, of those that have it.")
    other_rate = fields.estimate("The same of those to whom it could have happened and did not.")
    difference = fields.estimate("`rate` less `otherRate`.")
    p_value = fields.number("Of Pearson's chi-square, or Fisher's exact test for few.")
    q_value = fields.number("False discovery rate among all tests of the answer.")
    emotion = fields.one(Mean, "What closed units that have it felt, from -1 to 1.")
    other_emotion = fields.one(Mean, "What the others felt.")
    emotion_difference = fields.one(MeanDifference, "`emotion` less `otherEmotion`.")
    emotion_q_value = fields.number("False discovery rate of the difference in feelings.")
    small = fields.flag("Whether one side is of fewer than 30 closed units: read with care.")
    customers = customer_list("The customers behind `units`.")


class PlannedMap(graphene.ObjectType):
    """A planned journey against the actual ones."""

    name = graphene.String(description="What the plan is called.")
    units = fields.count("All units.")
    closed = fields.count("Units last seen at least the inactivity limit before the end.")
    open = fields.count("Units seen since then.")
    follows = fields.estimate("Closed units that did what is planned and nothing else, in time.")
    open_on_plan = fields.count("Open units that did nothing else so far.")
    fitness = fields.number("Mean of 1 less the cost of the alignment by the most it could be.")
    fitness_bands = fields.nodes(FitnessBand, "The units by their fitness, the lowest first.")
    steps = fields.nodes(HeldStep, "The steps in the order of the plan.")
    stages = fields.nodes(HeldStage, "The stages in the order of the plan.")
    extras = fields.nodes(ExtraTouchpoint, "What no step is, most units first.")
    other_extras = fields.count("Extra touchpoints that are not listed.")
    other_extra_count = fields.count("How often those were met.")
    deviations = fields.nodes(PlanDeviation, "Where deviations go with outcomes, smallest p first.")
    tested = fields.count("How many tests the q values are over.")
    other_deviations = fields.count("Deviations that are not listed.")
    wording = fields.text("How a difference is to be read.")
    warnings = fields.texts("What to mind.")
    follow_customers = customer_list("The customers behind `follows`.", "follow_customers")
    open_on_plan_customers = customer_list(
        "The customers behind `openOnPlan`.", "open_on_plan_customers"
    )
