"""Common paths, in GraphQL."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.customer import customer_list
from api.graphql.population import CustomerWhereInput, plain
from api.graphql.scalars import Duration
from journeygraph.statistics.patterns import Keep
from queries.common_paths import CommonPaths, PathForm

__all__ = ["CommonPathsAnswer", "arguments", "asked"]

PathFormEnum = fields.choice(
    PathForm,
    "PathForm",
    "What is taken as a path.",
    WHOLE="The whole journey.",
    NGRAM="Every stretch of `length` items that follow each other directly.",
    PATTERN="Items in this order within a journey, whatever stands between them.",
    CONTRAST="Patterns that set the customers of `against` apart from all others.",
)
KeepEnum = fields.choice(
    Keep,
    "Keep",
    "Which patterns are listed.",
    ALL="All that are frequent.",
    CLOSED="Those that no pattern of one element more contains which as many units have.",
    MAXIMAL="Those that no frequent pattern of one element more contains.",
)


class PathContrast(graphene.ObjectType):
    """How two populations differ in a pattern; the second is that of `against`."""

    units = fields.count("Units of the first population that have it.")
    share = fields.estimate("Of all units of the first population.")
    against_units = fields.count("Units of the second population that have it.")
    against_share = fields.estimate("Of all units of the second population.")
    difference = fields.estimate("The first share less the second.")
    odds_ratio = fields.estimate("Odds of having it, first population over second.")
    growth = fields.number("The first share over the second.")
    p_value = fields.number("Of Pearson's chi-square, or Fisher's exact test for few.")
    test = graphene.String(description="Which test gave the p value: chi-square or exact.")
    untested = graphene.String(description="Why there is no p value.")
    q_value = fields.number("False discovery rate among all patterns tested.")
    small = fields.flag("Whether a population is under 30 units: read with care.")
    customers = customer_list("The customers behind `units`.")
    against_customers = customer_list("The customers behind `againstUnits`.", "against_customers")


class Contrast(graphene.ObjectType):
    """Two populations compared: those of `against`, and all others before them."""

    units = fields.count("All units of the first population.")
    against_units = fields.count("All units of the second population.")
    tested = fields.count("Patterns with a p value, over which q values are taken.")
    wording = fields.text("How a finding is to be read.")
    warnings = fields.texts("What to mind.")
    customers = customer_list("The customers behind `units`.")
    against_customers = customer_list("The customers behind `againstUnits`.", "against_customers")


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
    contrast = graphene.Field(
        PathContrast, description="How two populations differ in it; null without `against`."
    )


class CommonPathsAnswer(graphene.ObjectType):
    """The most frequent paths, what they cover, and what is left."""

    form = fields.word(PathFormEnum, "What is taken as a path.")
    length = graphene.Int(description="Items of a stretch; null for other forms.")
    units = fields.count("All units of these journeys: the denominator of every share.")
    count = fields.count("Occurrences of all paths.")
    distinct = fields.count("How many different paths there are.")
    covered_units = fields.count("Distinct units that went at least one of the paths listed.")
    coverage = fields.number("`coveredUnits` of `units`.")
    covered_count = fields.count("Occurrences of the paths listed.")
    other_units = fields.count("Units that went none of the paths listed.")
    other_count = fields.count("Occurrences of the paths not listed.")
    other_paths = fields.count("How many paths are not listed.")
    nodes = fields.nodes(
        CommonPath, "The paths, most units first, then by count and by name; contrasts by p."
    )
    page_info = fields.page_info()
    covered_customers = customer_list("The customers behind `coveredUnits`.", "covered_customers")
    other_customers = customer_list("The customers behind `otherUnits`.", "other_customers")
    contrast = graphene.Field(
        Contrast, description="The populations compared; null without `against`."
    )


def arguments() -> dict[str, Any]:
    """What the question can be asked with."""
    return {
        "first": fields.first_argument(10, "How many paths."),
        "after": fields.after_argument(),
        "form": fields.argument(PathFormEnum, PathForm.WHOLE, "What is taken as a path."),
        "length": graphene.Int(description="Items of a stretch, for NGRAM; 2 if not given."),
        "at_least": graphene.Int(
            description="List nothing that fewer units did; it counts among the others. Patterns "
            "of fewer units are not looked for."
        ),
        "exact": fields.exact_argument(),
        "at_least_share": graphene.Float(
            description="For patterns, instead of `atLeast`: a share of all units; 0.05 if "
            "neither is given."
        ),
        "min_length": graphene.Int(description="Fewest elements of a pattern; 1 if not given."),
        "max_length": graphene.Int(
            description="Most elements of a pattern; 5 if not given, 32 at most."
        ),
        "max_gap": graphene.Int(
            description="Most items between two consecutive elements of a pattern."
        ),
        "max_gap_time": Duration(
            description="Most time between two consecutive elements of a pattern."
        ),
        "max_span": Duration(description="Most time from the first element to the last."),
        "keep": KeepEnum(description="Which patterns are listed; ALL if not given."),
        "against": CustomerWhereInput(
            description="For CONTRAST: the second population are the customers of these journeys "
            "for whom this holds, the first all others."
        ),
    }


def asked(given: dict[str, Any]) -> CommonPaths:
    """The question that these arguments mean."""
    against = given.get("against")
    if against is not None:
        against = plain({"where": {"customers": against}})["where"]["customers"]
    return CommonPaths(**{**given, "against": against})
