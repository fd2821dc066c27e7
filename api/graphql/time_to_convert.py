"""Time to convert, in GraphQL."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.customer import customer_list
from api.graphql.population import (
    CustomerWhereInput,
    against_where_argument,
    second_population,
)
from api.graphql.scalars import Duration
from queries.time_to_convert import TimeToConvert

__all__ = ["TimeToConvertAnswer", "arguments", "asked"]


class Probability(graphene.ObjectType):
    """An estimated share, with its interval at the confidence of `journeys`."""

    value = fields.number("The share; null beyond what was followed.")
    low = fields.number("Lower end of the interval; null for shares of 0 and 1.")
    high = fields.number("Upper end of the interval; null for shares of 0 and 1.")


class ConversionPoint(graphene.ObjectType):
    """What had happened after so long; the four shares add up to 1."""

    seconds = fields.number("Since the start.")
    at_risk = fields.count("Units followed for so long, for whom nothing had happened before.")
    conversions = fields.count("Units that had converted.")
    competing_events = fields.count("Units for whom something of `competing` had come first.")
    ends = fields.count("Units that had ended, where `ends` was asked for.")
    converted = fields.one(Probability, "Share converted, as if all were followed for so long.")
    competed = fields.one(Probability, "Share for whom something of `competing` came first.")
    ended = fields.one(Probability, "Share that ended first.")
    waiting = fields.one(Probability, "Share for whom nothing has happened.")
    customers = customer_list("The customers behind `conversions`.")


class TimeQuantile(graphene.ObjectType):
    """After how long so many percent have converted; null where they never do, or not yet."""

    percent = fields.count("So many percent of all units.")
    seconds = fields.number("The time.")
    low_seconds = fields.number("Lower end of its interval.")
    high_seconds = fields.number("Upper end of its interval; null where it is not reached.")


class ConversionTimes(graphene.ObjectType):
    """When a population converts: `started` is `converted`, `competed`, `ended` and `open`."""

    started = fields.count("Units whose clock started.")
    converted = fields.count("Units that convert within the horizon before anything competes.")
    competed = fields.count("Units for whom something of `competing` comes first.")
    ended = fields.count("Units that ended first, where `ends` was asked for.")
    open = fields.count("Units for whom the data, or the horizon, ends first.")
    median_seconds = fields.number("When half have converted; null if they never do, or not yet.")
    quantiles = fields.nodes(TimeQuantile, "Times by percentage converted.")
    nodes = fields.nodes(ConversionPoint, "Shares by time.")
    small = fields.flag("Whether fewer than 30 units started: read with care.")
    started_customers = customer_list("The customers behind `started`.", "started_customers")
    customers = customer_list("The customers behind `converted`.")
    competed_customers = customer_list("The customers behind `competed`.", "competed_customers")
    ended_customers = customer_list("The customers behind `ended`.", "ended_customers")
    open_customers = customer_list("The customers behind `open`.", "open_customers")


class LogRankTest(graphene.ObjectType):
    """Whether conversions come as soon in one population as in the other (log-rank)."""

    observed = fields.count("Conversions of the first population.")
    expected = fields.number("How many there would be if both were alike.")
    chi_square = fields.number("Of one degree of freedom; null if nothing can be compared.")
    p_value = fields.number("Its p value.")


class TimeToConvertAnswer(graphene.ObjectType):
    """How long units take to convert; who has not yet counts as that."""

    units = fields.count("All units of these journeys.")
    horizon_seconds = fields.number("Nobody is followed for longer; null for no limit.")
    inactivity_seconds = fields.number("The inactivity limit by which ends are judged.")
    as_of = fields.moment("The end of the data.", "as_of_us")
    times = fields.one(ConversionTimes, "The units, or the first population with `against`.")
    against = graphene.Field(
        ConversionTimes, description="The second population; null without `against`."
    )
    log_rank = graphene.Field(LogRankTest, description="Both compared; null without `against`.")
    shared = fields.count("Customers whose clock started in both; the test allows for it.")
    warnings = fields.texts("What to mind.")
    shared_customers = customer_list("The customers behind `shared`.", "shared_customers")


def _items(description: str, **options: Any) -> graphene.Argument:
    items = graphene.List(graphene.NonNull(graphene.String))
    return graphene.Argument(items, description=description, **options)


def arguments() -> dict[str, Any]:
    """What the question can be asked with."""
    return {
        "from_": _items(
            "The first of any of these items starts the clock, and the conversion comes later; the "
            "first item of a unit if not given, which may be the conversion itself.",
            name="from",
        ),
        "to": _items("Any of these items is the conversion; the outcome if not given."),
        "competing": _items("Any of these items ends the wait if it comes first."),
        "ends": fields.argument(
            graphene.Boolean,
            False,
            "Whether leaving ends the wait, too, as known when the inactivity limit is over.",
        ),
        "horizon": Duration(description="Nobody is followed for longer than this."),
        "at": graphene.List(
            graphene.NonNull(Duration),
            description="Times to say shares for, at most 100; about a dozen if not given.",
        ),
        "percents": graphene.List(
            graphene.NonNull(graphene.Int),
            description="When so many percent have converted; 10, 25, 50, 75, 90 if not given.",
        ),
        "against": CustomerWhereInput(
            description="Compare with the customers for whom this holds; the first population are "
            "all others."
        ),
        "against_where": against_where_argument(),
    }


def asked(given: dict[str, Any]) -> TimeToConvert:
    """The question that these arguments mean."""
    return TimeToConvert(**second_population(given))
