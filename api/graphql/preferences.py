"""What customers value, in GraphQL."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.customer import customer_list
from api.graphql.means import Mean
from journeygraph.statistics.satisfaction import Overall
from queries.preferences import OverallBy, Quadrant, RatedBy

__all__ = ["PreferencesAnswer", "arguments"]

RatedByWord = fields.choice(
    RatedBy,
    "RatedBy",
    "Which rating says how well an item does.",
    EXPERIENCE="What customers found.",
    EMOTION="How they felt.",
)
OverallByWord = fields.choice(
    OverallBy,
    "OverallBy",
    "What overall satisfaction is made of.",
    MEAN="The mean of a unit's ratings of all other items.",
    LAST="A unit's last rating, where that is one of another item.",
)
OverallWord = fields.choice(
    Overall,
    "OverallSatisfaction",
    "What overall satisfaction is.",
    STATED="The mean of a unit's ratings of the item that states it.",
    MEAN="The mean of a unit's ratings of all other items.",
    LAST="A unit's last rating, where that is one of another item.",
)
QuadrantWord = fields.choice(
    Quadrant,
    "Quadrant",
    "Where an item stands in the grid of importance against performance.",
    CONCENTRATE_HERE="Important, and worse than others.",
    KEEP_UP="Important, and no worse than others.",
    LOW_PRIORITY="Less important, and worse than others.",
    POSSIBLE_OVERKILL="Less important, and no worse than others.",
)


class Correlation(graphene.ObjectType):
    """Spearman's correlation of ranks, with its interval."""

    value = fields.number("From -1 to 1; null where too few rated, or all alike.")
    low = fields.number("Lower end of the interval.")
    high = fields.number("Upper end of the interval.")
    units = fields.count("Units that rated both.")
    p_value = fields.number("p of no correlation, by Student's t.")


class ItemPreference(graphene.ObjectType):
    """An item, and what customers make of it."""

    item = fields.text("The item.")
    units = fields.count("Units that meet it, each once.")
    share = fields.number("`units` of all units.")
    initiated = fields.estimate("Of interactions with a known initiator those of the customer.")
    chosen = fields.estimate("Of interactions where an alternative was met those at this item.")
    even_share = fields.number("What `chosen` would be, were all those items met as often.")
    returned = fields.estimate("Of the units that meet it those that come back to it.")
    left = fields.estimate("Of the units that meet it those that leave here without the outcome.")
    performance = fields.one(Mean, "The mean rating, from -1 to 1.")
    importance = fields.one(Correlation, "How closely its rating goes with overall satisfaction.")
    q_value = fields.number("Of the importance: false discovery rate over all items.")
    quadrant = graphene.Field(QuadrantWord, description="Where it stands in the grid.")
    small = fields.flag("Whether the importance is of fewer than 30 units: read with care.")
    customers = customer_list("The customers behind `units`.")
    initiated_customers = customer_list("Who began it at least once.", "initiated_customers")
    chosen_customers = customer_list(
        "Who met it where there was an alternative.", "chosen_customers"
    )
    returned_customers = customer_list("Who came back to it.", "returned_customers")
    left_customers = customer_list("Who left here without the outcome.", "left_customers")
    rated_customers = customer_list("Who rated it.", "rated_customers")
    importance_customers = customer_list(
        "Whose rating of it and overall satisfaction are known.", "importance_customers"
    )


class PreferencesAnswer(graphene.ObjectType):
    """What customers choose, come back to, rate up and leave, and what matters to them."""

    units = fields.count("All units of the journeys.")
    rating = fields.word(RatedByWord, "Which rating it is about.")
    overall = fields.word(OverallWord, "What overall satisfaction is.")
    stated = graphene.String(description="The item that states it, where one does.")
    importance_line = fields.number("Mean importance of all items, which divides the grid.")
    performance_line = fields.number("Mean performance of those items, which divides the grid.")
    items = fields.count("How many items there are.")
    nodes = fields.nodes(ItemPreference, "The items, the most important first.")
    page_info = fields.page_info()
    other_items = fields.count("Items that this page does not list.")
    warnings = fields.texts("What to mind.")


def arguments() -> dict[str, Any]:
    """What the question can be asked with."""
    return {
        "rating": RatedByWord(
            description="Which rating; the experience where anybody says one, else the emotion."
        ),
        "stated": graphene.String(
            description="The item whose rating is overall satisfaction; not with `overall`."
        ),
        "overall": OverallByWord(
            description="What overall satisfaction is made of: the mean, if nothing is given."
        ),
        "first": fields.first_argument(50, "How many items."),
        "after": fields.after_argument(),
        "at_least": fields.at_least_argument(
            "List no item of fewer units; it counts among the others."
        ),
    }
