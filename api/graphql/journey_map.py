"""The journey map, in GraphQL."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.customer import customer_list
from api.graphql.means import Mean
from api.graphql.planned_map import PlannedJourneyInput, PlannedMap
from api.graphql.scalars import Duration

__all__ = ["JourneyMapAnswer", "arguments"]


def _mean(description: str) -> graphene.Field:
    return fields.one(Mean, description)


_EMOTION = "How customers felt, from -1 to 1."
_GAP = "What customers found less what they expected, where both are said."


class MapStage(graphene.ObjectType):
    """A stage: who is in it, who leaves in it, and how they feel."""

    stage = graphene.String(description="The stage; null for interactions that say none.")
    units = fields.count("Units that meet an item in it, each once.")
    share = fields.number("`units` of all units.")
    count = fields.count("Items met in it.")
    exits = fields.count("Closed units without the outcome that are last seen in it.")
    open = fields.count("Open units that are last seen in it: not gone yet.")
    with_outcome = fields.count("Closed units with the outcome that are last seen in it.")
    rate = fields.estimate("`exits` of `units` less `open`.")
    emotion = _mean(_EMOTION)
    gap = _mean(_GAP)
    small = fields.flag("Whether fewer than 30 units stand below the line: read with care.")
    customers = customer_list("The customers behind `units`.")
    exit_customers = customer_list("The customers behind `exits`.", "exit_customers")
    open_customers = customer_list("The customers behind `open`.", "open_customers")


class MapCell(graphene.ObjectType):
    """An item in a stage: who meets it there, who leaves there, and how they feel."""

    stage = graphene.String(description="The stage; null for interactions that say none.")
    item = fields.text("The item.")
    units = fields.count("Units that meet the item in this stage, each once.")
    share = fields.number("`units` of all units.")
    count = fields.count("How often they meet it there.")
    exits = fields.count("Closed units without the outcome that are last seen here.")
    open = fields.count("Open units that are last seen here: not gone yet.")
    with_outcome = fields.count("Closed units with the outcome that are last seen here.")
    rate = fields.estimate("`exits` of `units` less `open`.")
    emotion = _mean(_EMOTION)
    gap = _mean(_GAP)
    small = fields.flag("Whether fewer than 30 units stand below the line: read with care.")
    customers = customer_list("The customers behind `units`.")
    exit_customers = customer_list("The customers behind `exits`.", "exit_customers")
    open_customers = customer_list("The customers behind `open`.", "open_customers")


class JourneyMapAnswer(graphene.ObjectType):
    """What customers meet in which stage, where they leave, and how they feel there."""

    units = fields.count("All units: `exits`, `open`, and those closed with an outcome.")
    count = fields.count("All items met; those of all stages.")
    exits = fields.count("Closed units that never had the outcome.")
    open = fields.count("Units seen less than the inactivity limit before the end of the data.")
    with_outcome = fields.count("Closed units that had the outcome.")
    inactivity_seconds = fields.number("The inactivity limit.")
    as_of = fields.moment("The end of the data.", "as_of_us")
    emotion = _mean(_EMOTION)
    gap = _mean(_GAP)
    stages = fields.nodes(MapStage, "The stages in their order, what is not said last.")
    cells = fields.count("How many cells there are: items in stages.")
    nodes = fields.nodes(MapCell, "The cells, most units first, then by stage and name.")
    page_info = fields.page_info()
    other_cells = fields.count("Cells that this page does not list.")
    other_count = fields.count("Items met in those.")
    planned = graphene.Field(
        PlannedMap,
        description="The planned journey against the actual ones; null where none was given.",
    )
    warnings = fields.texts("What to mind.")


def arguments() -> dict[str, Any]:
    """What the question can be asked with."""
    return {
        "first": fields.first_argument(50, "How many cells."),
        "after": fields.after_argument(),
        "at_least": fields.at_least_argument(
            "List no cell of fewer units; it counts among the others."
        ),
        "inactivity": Duration(
            description="Last seen within this of the end: open, not gone; that of `journeys` if "
            "not given."
        ),
        "planned": graphene.Argument(
            PlannedJourneyInput,
            description="A planned journey to hold the actual ones against; `first` and `atLeast` "
            "go for what is extra and for deviations as well.",
        ),
    }
