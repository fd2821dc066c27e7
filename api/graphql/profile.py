"""What a customer's whole profile adds to who they are, in GraphQL."""

from __future__ import annotations

import graphene

from api.graphql import fields
from api.graphql.customer import customer_list

__all__ = ["SimilarAnswer", "Standing"]


class Standing(graphene.ObjectType):
    """Where a customer stands at the end of the data, and signs of loyalty or risk."""

    as_of = fields.moment("The end of the data.", "as_of_us")
    last_item = graphene.String(description="The last touchpoint; null without an interaction.")
    last_channel = graphene.String(description="By what medium.")
    last_at = fields.moment("When.", "last_at_us")
    since_seconds = fields.number("From then to the end of the data.")
    is_open = graphene.Boolean(description="Whether that is less than the inactivity limit.")
    has_outcome = fields.flag("Whether the customer had the outcome.")
    outcomes = fields.count("How often.")
    last_outcome = fields.moment("When last.", "last_outcome_us")
    outcome = fields.text("What counts as success, in words.")
    is_repeat = fields.flag("Whether the outcome came more than once.")
    interactions = fields.count("All interactions.")
    first_at = fields.moment("When the first was.", "first_at_us")
    value = fields.amount("What they brought in.")
    median_gap_seconds = fields.number("Median time between interactions.")
    longest_gap_seconds = fields.number("The longest time between interactions.")
    is_unusually_silent = graphene.Boolean(
        description="Whether the customer has been silent for longer than ever before."
    )
    mean_emotion = fields.number("Mean of all feelings, -1 to 1.")
    recent_emotion = fields.number("Mean of the last three.")
    last_emotion = fields.number("The last feeling.")
    met_or_surpassed = fields.count("Interactions in which the expectation was met.")
    expectations = fields.count("Of so many that say what was expected, and found.")
    was_disappointed = graphene.Boolean(description="Whether the last of these was not met.")
    brought = fields.count("Customers brought directly.")


class SimilarNext(graphene.ObjectType):
    """One next item of similar customers."""

    item = fields.text("The item.")
    probability = fields.estimate("How often it came next in time.")
    median_seconds = fields.number("After how long, at the median.")
    customers = customer_list("The customers to whom it came.")


class SimilarAnswer(graphene.ObjectType):
    """What customers did next whose last items are the same."""

    asked = fields.texts("The customer's last items.")
    prefix = fields.texts("Those that the others share; none where too few do.")
    units = fields.count("Others who stood there.")
    occasions = fields.count("How often they did, with the window over.")
    nothing = fields.estimate("How often nothing came in time.")
    nodes = fields.nodes(SimilarNext, "What came, the most frequent first.")
    customers = customer_list("The customers behind `units`.")
