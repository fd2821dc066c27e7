"""What customers felt, expected and found, in GraphQL."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.customer import customer_list
from api.graphql.means import Mean, MeanDifference
from api.graphql.scalars import Duration
from journeygraph.statistics.peak_end import Moment, Mood
from queries.experience import Experience, ExperienceBy

__all__ = ["ExperienceAnswer", "arguments", "asked"]

ExperienceByWord = fields.choice(
    ExperienceBy,
    "ExperienceBy",
    "What the interactions of a group have in common.",
    STAGE="The stage.",
    TOUCHPOINT="The touchpoint; as the rules name it where journeys are by touchpoint.",
    CHANNEL="The channel; as the rules name it where journeys are by channel.",
    ENVIRONMENT="Digital or physical.",
    LEVEL="Physical, emotional, sensorial, rational or spiritual.",
    INITIATOR="Who began it: the customer, the company, or a third party.",
    TEAM="Who served the customer.",
)
MomentWord = fields.choice(
    Moment,
    "ExperienceMoment",
    "Which emotion of a journey.",
    PEAK="The largest absolute one, the earliest of equals.",
    END="The last one.",
)
MoodWord = fields.choice(
    Mood, "Mood", "The sign of an emotion.", NEGATIVE="Below 0.", NEUTRAL="0.", POSITIVE="Above 0."
)


class _Felt(graphene.ObjectType):
    """How customers feel in a group of interactions."""

    class Meta:
        abstract = True

    units = fields.count("Units that meet something in it, each once.")
    share = fields.number("`units` of all units.")
    count = fields.count("Interactions in it.")
    emotion = fields.one(Mean, "How customers felt, from -1 to 1.")
    expectation = fields.one(Mean, "What they expected, from -1 to 1.")
    experience = fields.one(Mean, "What they found, from -1 to 1.")
    gap = fields.one(Mean, "Experience less expectation, where both are said.")
    met = fields.estimate("Of these the share that met or surpassed what was expected.")
    small = fields.flag("Whether it is of fewer than 30 units: read with care.")
    customers = customer_list("The customers behind `units`.")
    emotion_customers = customer_list("Who said how they felt.", "emotion_customers")
    expectation_customers = customer_list("Who said what they expected.", "expectation_customers")
    experience_customers = customer_list("Who said what they found.", "experience_customers")
    gap_customers = customer_list("Who said both at once.", "gap_customers")
    met_customers = customer_list(
        "Whose expectation was met or surpassed at least once.", "met_customers"
    )


class FeltGroup(_Felt):
    """A group of interactions, and how customers feel in it."""

    group = fields.text('What they have in common; "unknown" where it is not said.')


class ExperiencePeriod(_Felt):
    """A stretch of time within a group of interactions."""

    period = fields.text("Its name: a date, an ISO week, a month, or its first moment.")
    from_ = fields.moment("Its first moment.", "from_us", name="from")
    until = fields.moment("The first moment behind it.", "until_us")


class FeelingLabel(graphene.ObjectType):
    """A feeling in a word."""

    label = fields.text("The word.")
    count = fields.count("Interactions that say it.")
    share = fields.number("Their share of the interactions that say any feeling in a word.")
    units = fields.count("Their units.")
    customers = customer_list("The customers behind `units`.")


class EmotionSource(graphene.ObjectType):
    """Emotions of one source."""

    source = fields.text('As reported, scored or inferred; "unknown" where it is not said.')
    emotion = fields.one(Mean, "How customers felt, by this source.")
    customers = customer_list("Whose emotions they are.")


class ExperienceGroup(FeltGroup):
    """A group of interactions with its feelings in words, by source, and over time."""

    labels = fields.nodes(FeelingLabel, "The twenty most frequent feelings in words.")
    other_labels = fields.count("Interactions that say a feeling which is not listed.")
    sources = fields.nodes(EmotionSource, "The ten sources with most emotions.")
    periods = fields.nodes(
        ExperiencePeriod,
        "Stretches of time with an interaction, the earliest first; none without `over`.",
    )


class MoodOutcome(graphene.ObjectType):
    """How many have the outcome of those with a peak or an end of one mood."""

    mood = fields.word(MoodWord, "The mood.")
    units = fields.count("Closed units with such a journey.")
    outcome = fields.estimate("Of these journeys the share whose unit has the outcome.")
    small = fields.flag("Whether it is of fewer than 30 units: read with care.")
    customers = customer_list("The customers behind `units`.")


class PeakEnd(graphene.ObjectType):
    """The peaks, or the ends, of all journeys, and how they go with the outcome."""

    moment = fields.word(MomentWord, "Which of them.")
    emotion = fields.one(Mean, "Their mean; its ratings and what is missing are journeys.")
    with_outcome = fields.one(Mean, "In journeys of closed units with the outcome.")
    without_outcome = fields.one(Mean, "In journeys of closed units without it.")
    difference = fields.one(MeanDifference, "With the outcome less without: associated with it.")
    moods = fields.nodes(MoodOutcome, "The outcome by mood, negative first.")
    customers = customer_list("Who has a journey with an emotion.")
    with_outcome_customers = customer_list(
        "Those with the outcome, closed.", "with_outcome_customers"
    )
    without_outcome_customers = customer_list(
        "Those without it, closed.", "without_outcome_customers"
    )


class ExperienceAnswer(graphene.ObjectType):
    """What customers felt, expected and found."""

    units = fields.count("All units of the journeys.")
    count = fields.count("All interactions in them.")
    by = fields.word(ExperienceByWord, "What the interactions of a group have in common.")
    overall = fields.one(ExperienceGroup, "All interactions together.")
    curve = fields.nodes(FeltGroup, "The stages in their order: the emotion curve.")
    phases = fields.nodes(FeltGroup, "Before, during and after the purchase, by the stages.")
    peak_end = fields.nodes(PeakEnd, "The peak and the end of each journey.")
    groups = fields.count("How many groups there are.")
    nodes = fields.nodes(ExperienceGroup, "The groups, most units first, then by name.")
    page_info = fields.page_info()
    other_groups = fields.count("Groups that this page does not list.")
    other_count = fields.count("Interactions in those.")
    warnings = fields.texts("What to mind.")


def arguments() -> dict[str, Any]:
    """What the question can be asked with."""
    return {
        "by": fields.argument(
            ExperienceByWord,
            ExperienceBy.TOUCHPOINT,
            "What the interactions of a group have in common.",
        ),
        "over": Duration(
            description='Over time as well: "day", "week" or "month", or a length such as "14d".'
        ),
        "first": fields.first_argument(50, "How many groups."),
        "after": fields.after_argument(),
        "at_least": fields.at_least_argument(
            "List no group of fewer units; it counts among the others."
        ),
    }


def asked(options: dict[str, Any]) -> Experience:
    """The question."""
    return Experience(**options)
