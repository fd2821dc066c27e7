"""Funnels, in GraphQL."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.customer import customer_list
from queries.funnel import FunnelStep, StepOrder

__all__ = ["FunnelAnswer", "FunnelStepInput", "StepOrderEnum", "funnel_step"]

StepOrderEnum = fields.choice(
    StepOrder,
    "StepOrder",
    "How the steps follow each other.",
    STRICT="Each step is the item directly after the one before.",
    ORDERED="In this order, with anything in between.",
)


class FunnelStepInput(graphene.InputObjectType):
    """One step of a funnel."""

    any_of = fields.texts("Any of these items makes the step.")
    label = graphene.String(description="What to call it; its items if not given.")


def funnel_step(given: Any) -> FunnelStep:
    """The step that an input means."""
    return FunnelStep(any_of=tuple(given.any_of), label=given.get("label"))


class FunnelStepAnswer(graphene.ObjectType):
    """How many reached a step, and what became of those who did not."""

    label = fields.text("What the step is called.")
    items = fields.texts("The items that make it.")
    units = fields.count("Units that reached it.")
    of_first = fields.number("`units` of those that reached the first step.")
    of_first_interval = fields.estimate("The same with its interval.")
    of_previous = fields.number("`units` of those that reached the step before.")
    of_previous_interval = fields.estimate("The same with its interval.")
    dropped = fields.count("Units that reached the step before, not this one, and no longer can.")
    open = fields.count("Units that reached the step before, not this one, and still can.")
    median_seconds = fields.number("Median time from the step before.")
    median_from_first_seconds = fields.number("Median time from the first step.")
    exact = fields.flag("Whether these times are exact; otherwise they are within 2.2 %.")
    small = fields.flag("Whether fewer than 30 units reached it: read with care.")
    customers = customer_list("The customers behind `units`.")
    dropped_customers = customer_list("The customers behind `dropped`.", "dropped_customers")
    open_customers = customer_list("The customers behind `open`.", "open_customers")


class FunnelAnswer(graphene.ObjectType):
    """How many go through the steps."""

    units = fields.count("All units of these journeys.")
    window_seconds = fields.number(
        "The last step is at most this long after the first; null for no limit."
    )
    order = fields.word(StepOrderEnum, "How the steps follow each other.")
    steps = fields.nodes(FunnelStepAnswer, "The steps, in their order.")
