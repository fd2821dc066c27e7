"""Common paths, in GraphQL."""

from __future__ import annotations

import graphene

from api.graphql import fields
from api.graphql.customer import customer_list
from queries.common_paths import PathForm

__all__ = ["CommonPathsAnswer", "PathFormEnum"]

PathFormEnum = fields.choice(
    PathForm,
    "PathForm",
    "What is taken as a path.",
    WHOLE="The whole journey.",
    NGRAM="Every stretch of `length` items that follow each other directly.",
)


class CommonPath(graphene.ObjectType):
    """One way to go, and who went it."""

    items = fields.texts("The items, in order.")
    units = fields.count("Distinct units that went it.")
    share = fields.number("`units` of all units of these journeys.")
    share_interval = fields.estimate("The same with its interval.")
    count = fields.count("How often it was gone; a unit can go it more than once.")
    outcome_rate = fields.estimate(
        "Of its units, those with an outcome after it (whole paths: anywhere in the journey)."
    )
    value = fields.amount("What its units brought in, in their whole history, each unit once.")
    median_seconds = fields.number(
        "Median time from first to last item, first occurrence of each unit."
    )
    p95_seconds = fields.number("95 % of these times are no longer.")
    exact = fields.flag("Whether these times are exact; otherwise they are within 2.2 %.")
    small = fields.flag("Whether fewer than 30 units stand behind it: read with care.")
    customers = customer_list("The customers behind `units`.")


class CommonPathsAnswer(graphene.ObjectType):
    """The most frequent paths, what they cover, and what is left."""

    form = fields.word(PathFormEnum, "What is taken as a path.")
    length = graphene.Int(description="Items of a stretch; null for whole paths.")
    units = fields.count("All units of these journeys: the denominator of every share.")
    count = fields.count("Occurrences of all paths.")
    distinct = fields.count("How many different paths there are.")
    covered_units = fields.count("Distinct units that went at least one of the paths listed.")
    coverage = fields.number("`coveredUnits` of `units`.")
    covered_count = fields.count("Occurrences of the paths listed.")
    other_units = fields.count("Units that went none of the paths listed.")
    other_count = fields.count("Occurrences of the paths not listed.")
    other_paths = fields.count("How many paths are not listed.")
    nodes = fields.nodes(CommonPath, "The paths, most units first, then by count and by name.")
    page_info = fields.page_info()
    covered_customers = customer_list("The customers behind `coveredUnits`.", "covered_customers")
    other_customers = customer_list("The customers behind `otherUnits`.", "other_customers")
