"""Measures over calendar time or by cohort, in GraphQL."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.compare import Difference
from api.graphql.customer import customer_list
from api.graphql.population import WhereInput, plain
from api.graphql.scalars import BigInt, Duration
from queries.calendar_periods import Every
from queries.journey_trend import JourneyTrend
from queries.trend_measures import MEASURES, TrendMeasure
from queries.trend_tallies import TrendKind

__all__ = ["JourneyTrendAnswer", "arguments", "asked"]


def _meaning(measure: TrendMeasure) -> str:
    meaning = MEASURES[measure].meaning
    return f"{meaning[0].upper()}{meaning[1:]}."


TrendMeasureWord = fields.choice(
    TrendMeasure,
    "TrendMeasure",
    "What is followed over time.",
    **{measure.name: _meaning(measure) for measure in TrendMeasure},
)
EveryWord = fields.choice(
    Every,
    "Every",
    "How long a point of a trend is.",
    DAY="A day.",
    WEEK="An ISO week, from Monday.",
    MONTH="A month.",
    QUARTER="A quarter of a year.",
    YEAR="A year.",
)
TrendKindWord = fields.choice(
    TrendKind,
    "TrendKind",
    "What a measure is, and so how its interval is made.",
    COUNT="How many.",
    SUM="How much altogether.",
    SHARE="A part of what is below the line.",
    MEAN="A mean.",
)


class _Side(graphene.ObjectType):
    """The number of a population in a period."""

    class Meta:
        abstract = True

    value = fields.number("The number, money in major units; null without anything to divide by.")
    low = fields.number("Lower end of its interval.")
    high = fields.number("Upper end of its interval.")
    total = fields.amount("Of VALUE and COST the sum, exact; null for others.", "total_minor")
    n = fields.count("Above the line of a share; else how many things say something.")
    of = fields.count("Below the line of a share; else how many things could.")
    open = fields.count("Of whom nobody knows yet: neither in `n` nor in `of`.")
    counted = fields.count("Customers whose things count in it.")
    small = fields.flag("Whether they are fewer than 30: read with care.")
    customers = customer_list("The customers behind `counted`.")


class JourneyTrendSide(_Side):
    """The number of the second population in a period."""


class JourneyTrendPoint(_Side):
    """A period of a trend."""

    period = fields.text("Its name: a date, an ISO week, a month, a quarter or a year.")
    from_ = fields.moment("Its first moment.", "from_us", name="from")
    until = fields.moment("The first moment behind it.", "until_us")
    whole = fields.flag("Whether the data fills it; else it is partial.")
    against = graphene.Field(
        JourneyTrendSide, description="The second population; null without `againstWhere`."
    )
    difference = graphene.Field(
        Difference, description="The first less the second; null without `againstWhere`."
    )


class LevelShift(graphene.ObjectType):
    """A change of level."""

    period = fields.text("The first period of the new level.")
    at = fields.moment("Its first moment.", "at_us")
    from_period = fields.text("The first period of the part of the series that it was found in.")
    to_period = fields.text("The last period of that part.")
    before = fields.number("The level from the change before up to this one.")
    after = fields.number("The level from this one up to the next.")
    p_value = fields.number("That something stands out as far by chance.")
    q_value = fields.number("The false discovery rate over all parts that were looked at.")
    significant = fields.flag("Whether that is at most 1 less the confidence.")


class JourneyTrendAnswer(graphene.ObjectType):
    """How a measure goes over time."""

    units = fields.count("All units of the journeys.")
    of = fields.word(TrendMeasureWord, "The measure.")
    every = fields.word(EveryWord, "How long a point is.")
    cohorts = fields.flag("Whether points are cohorts, by their customers' first interaction.")
    item = graphene.String(description="The item that the measure is about.")
    kind = fields.word(TrendKindWord, "What the measure is.")
    meaning = fields.text("What the measure says, in words.")
    within_seconds = fields.number("How long units, or customers of cohorts, are followed.")
    begins = fields.moment("Where the data, or `where.from`, begins.", "begins_us")
    as_of = fields.moment("The end of the data.", "as_of_us")
    points = fields.count("How many points there are.")
    nodes = fields.nodes(JourneyTrendPoint, "The points, the earliest first, without a gap.")
    page_info = fields.page_info()
    changes = fields.nodes(LevelShift, "Changes of level among whole periods, the earliest first.")
    tested = fields.count("How many parts of the series were looked at for them.")
    against_units = graphene.Field(BigInt, description="All units of the second population.")
    shared = graphene.Field(BigInt, description="Customers in both populations.")
    warnings = fields.texts("What to mind.")


def arguments() -> dict[str, Any]:
    """What the question can be asked with."""
    return {
        "of": graphene.Argument(graphene.NonNull(TrendMeasureWord), description="Which measure."),
        "every": fields.argument(
            Duration,
            "month",
            'How long a point is: "day", "week", "month", "quarter" or "year" of the calendar by '
            '`timezone`, or "1d", "1w", "1mo", "3mo" or "1y".',
        ),
        "item": graphene.String(
            description="The item of ITEM_SHARE and ITEM_REACH, and of EXIT_RATE if one is meant."
        ),
        "steps": graphene.List(
            graphene.NonNull(graphene.String),
            description='Of FUNNEL_CONVERSION the items, several of a step as "search|advert".',
        ),
        "within": Duration(
            description="How long units are followed, of OUTCOME_RATE and FUNNEL_CONVERSION: the "
            "inactivity limit, if nothing is given. Of cohorts, how long customers are."
        ),
        "cohorts": fields.argument(
            graphene.Boolean,
            False,
            "Whether everything counts in the period of its customer's first interaction.",
        ),
        "against_where": graphene.Argument(
            WhereInput,
            description="A second population: that of these conditions in place of the `where` of "
            "`journeys`, which is the first. Each ends at its own `until`.",
        ),
        "permutations": fields.argument(
            graphene.Int,
            999,
            "How often periods are shuffled to tell changes of level from chance.",
        ),
        "seed": fields.argument(graphene.Int, 0, "Of the shuffles."),
        "first": fields.first_argument(100, "How many points."),
        "after": fields.after_argument(),
    }


def asked(options: dict[str, Any]) -> JourneyTrend:
    """The question."""
    where = options.pop("against_where", None)
    against = None if where is None else plain({"where": where})["where"]
    return JourneyTrend(against_where=against, **options)
