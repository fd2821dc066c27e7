"""Attribution, in GraphQL."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.customer import customer_list
from api.graphql.population import ByEnum
from api.graphql.scalars import Duration
from journeygraph.statistics.paths_to_outcomes import PathScope
from queries.attribution import AttributionMethod
from queries.attribution_credit import Worth
from queries.attribution_recipe import MOST_REPLICATES, MOST_SAMPLES

__all__ = [
    "AttributionAnswer",
    "AttributionMethodEnum",
    "PathScopeEnum",
    "WorthEnum",
    "attribution_arguments",
]

AttributionMethodEnum = fields.choice(
    AttributionMethod,
    "AttributionMethod",
    "How an outcome is divided among the items before it.",
    FIRST="The first item gets all.",
    LAST="The last item gets all.",
    LAST_NON_DIRECT='The last item that the channel "direct" did not bring; else the last.',
    LINEAR="Every item gets the same.",
    POSITION="The first 40 %, the last 40 %, those between 20 %; see `weights`.",
    TIME_DECAY="An item gets half as much for each half-life that it is older.",
    PARTICIPATION="Every different item gets all: these credits do not add up to the outcomes.",
    MARKOV="By the outcomes that a Markov chain of the paths loses without the item.",
    SHAPLEY="What the item adds to the others, averaged over every order of adding them.",
)
WorthEnum = fields.choice(
    Worth,
    "Worth",
    "What a set of items is worth, for Shapley values.",
    OUTCOMES="The outcomes whose paths hold no other item.",
    OUTCOME_RATE="The outcome rate of the paths that hold no other item.",
)
PathScopeEnum = fields.choice(
    PathScope,
    "PathScope",
    "Where a path to an outcome begins and ends.",
    EACH_OUTCOME="To each outcome, since the one before it.",
    FIRST_OUTCOME="To the first outcome of a journey; what follows is left out.",
    WHOLE_JOURNEY="The whole journey, the outcome's own item too, is one path.",
)


class ItemCredit(graphene.ObjectType):
    """One item and what it is credited with."""

    item = fields.text("The item.")
    credit = fields.number("Outcomes credited to it; a fraction where they were shared.")
    share = fields.number("`credit` of all that is credited (participation: of `total`).")
    value = fields.amount("What the credited outcomes brought; it adds up to the whole.")
    removal_effect = fields.number(
        "MARKOV: the share of outcomes that the chain loses without it, before it is normalised."
    )
    outcomes = fields.count("Paths to an outcome that met it.")
    null_paths = fields.count("Paths to nothing that met it.")
    units = fields.count("Units with a path to an outcome that met it.")
    low = fields.number("Lower end of the interval of `credit`; null without `replicates`.")
    high = fields.number("Upper end of the interval of `credit`.")
    share_low = fields.number("Lower end of the interval of `share`.")
    share_high = fields.number("Upper end of the interval of `share`.")
    customers = customer_list("The customers behind `units`.")


class OrderFit(graphene.ObjectType):
    """How well a chain that remembers so many items foretells customers held out."""

    order = graphene.Int(required=True, description="Items that a state remembers.")
    log_likelihood = fields.number("Mean log-likelihood of a move of customers held out.")


class AttributionAnswer(graphene.ObjectType):
    """Which items outcomes are credited to. It does not say that they cause them."""

    method = fields.word(AttributionMethodEnum, "How outcomes were divided.")
    by = fields.word(ByEnum, "What they were credited to.")
    order = graphene.Int(description="MARKOV: items that a state remembers.")
    orders = fields.nodes(OrderFit, "MARKOV: the orders that were chosen from; none if given.")
    outcomes = fields.count("All outcomes that paths could lead to: `total` and `withoutPath`.")
    total = fields.count("Outcomes with an item before them: what credits add up to.")
    without_path = fields.count("Outcomes with nothing before them, credited to nothing.")
    credited = fields.number("The sum of all credits, of those on other pages, too.")
    adds_up = fields.flag("Whether `credited` is `total`: always, but for participation.")
    value = fields.amount("What the outcomes of `total` brought.")
    null_paths = fields.count("Closed journeys without an outcome.")
    open_paths = fields.count("Journeys without an outcome that are still open: left out.")
    outcome_rate = fields.number("`total` of `total` and `nullPaths`.")
    error_bound = fields.number("SHAPLEY over drawn orders: no `credit` is off by more.")
    nodes = fields.nodes(ItemCredit, "The items, most credit first, ties by name.")
    page_info = fields.page_info()
    wording = fields.text("How credit is to be read.")
    warnings = fields.texts("What to mind.")
    credited_customers = customer_list("Those whose outcomes `total` counts.", "credited_customers")
    without_path_customers = customer_list(
        "Those whose outcomes `withoutPath` counts.", "without_path_customers"
    )
    null_customers = customer_list("Those whose journeys `nullPaths` counts.", "null_customers")
    open_customers = customer_list("Those whose journeys `openPaths` counts.", "open_customers")


def attribution_arguments() -> dict[str, Any]:
    """The arguments of the question."""
    return {
        "first": fields.first_argument(20, "How many items."),
        "after": fields.after_argument(),
        "method": fields.argument(
            AttributionMethodEnum, AttributionMethod.MARKOV, "How outcomes are divided."
        ),
        "by": graphene.Argument(ByEnum, description="What is credited; as `journeys` if null."),
        "order": graphene.Int(description="MARKOV: items that a state remembers; 1 if not given."),
        "order_up_to": graphene.Int(
            description="MARKOV: choose the order, up to this, by the likelihood of customers "
            "held out."
        ),
        "half_life": Duration(description="TIME_DECAY: 7d if not given."),
        "weights": graphene.List(
            graphene.NonNull(graphene.Float),
            description="POSITION: first, between, last; 0.4, 0.2, 0.4 if not given.",
        ),
        "worth": graphene.Argument(
            WorthEnum, description="SHAPLEY: what a set of items is worth; OUTCOMES if not given."
        ),
        "samples": fields.argument(
            graphene.Int, 4096,
            f"SHAPLEY of rates beyond 20 items: orders drawn, at most {MOST_SAMPLES}.",
        ),
        "paths": fields.argument(PathScopeEnum, PathScope.EACH_OUTCOME, "What a path is."),
        "with_outcome_item": fields.argument(
            graphene.Boolean, False, "The outcome's own item is the last of its path."
        ),
        "open_as_null": fields.argument(
            graphene.Boolean, False, "Journeys still open count as null paths, as most tools do."
        ),
        "replicates": fields.argument(
            graphene.Int, 0,
            "Draws of customers for intervals: so many times the work. "
            f"At most {MOST_REPLICATES}; 0 for no intervals.",
        ),
        "seed": fields.argument(graphene.Int, 0, "Of all that is drawn."),
    }  # fmt: skip
