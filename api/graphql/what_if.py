"""What if an item were removed, fixed or sped up, in GraphQL."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.customer import customer_list
from queries.attribution_recipe import MOST_REPLICATES
from queries.what_if import ChangeKind, Fix, SpeedUp, WhatIf

__all__ = ["WhatIfAnswer", "arguments", "asked"]

ChangeKindEnum = fields.choice(
    ChangeKind,
    "ChangeKind",
    "What is done to an item.",
    REMOVE="Nobody meets it any more.",
    FIX="It loses fewer.",
    SPEED_UP="What follows comes sooner.",
)


class FixInput(graphene.InputObjectType):
    """An item that loses fewer."""

    item = fields.text("The item.")
    drop_off = graphene.NonNull(
        graphene.Float,
        description="Of all times that somebody is there, at most this share ends in nothing.",
    )


class SpeedUpInput(graphene.InputObjectType):
    """An item that is faster."""

    item = fields.text("The item.")
    factor = graphene.NonNull(
        graphene.Float, description="What follows it comes in this part of the time, 0 to 1."
    )


class ItemChange(graphene.ObjectType):
    """What is done to an item."""

    item = fields.text("The item.")
    kind = fields.word(ChangeKindEnum, "What is done to it.")
    times = fields.count("How often somebody is there.")
    drop_off = fields.number("Of these, the share after which nothing comes, as it is.")
    drop_off_then = fields.number("The same as it would be; null where it is removed.")


class Expected(graphene.ObjectType):
    """A number as it is, and as it would be; ends of intervals are null without replicates."""

    actual = fields.number("As it is.")
    expected = fields.number("As it would be.")
    low = fields.number("Lower end of the interval of `expected`.")
    high = fields.number("Upper end of the interval of `expected`.")
    difference = fields.number("`expected` less `actual`.")
    difference_low = fields.number("Lower end of the interval of `difference`.")
    difference_high = fields.number("Upper end of the interval of `difference`.")
    change = fields.number("`difference` as a share of `actual`; null where that is 0.")
    change_low = fields.number("Lower end of the interval of `change`.")
    change_high = fields.number("Upper end of the interval of `change`.")


class WhatIfAnswer(graphene.ObjectType):
    """What would be expected of the paths that there are, with what has to be assumed."""

    order = fields.count("How many items a state of the chain remembers.")
    replicates = fields.count("Draws of customers behind the intervals; 0 for none.")
    paths = fields.count("Paths with an item: to an outcome, or closed without one.")
    outcomes = fields.one(Expected, "Outcomes that these paths lead to.")
    outcome_rate = fields.one(Expected, "`outcomes` of `paths`.")
    value = fields.one(Expected, "What these outcomes bring, in major units of money.")
    changes = fields.nodes(ItemChange, "What is changed.")
    null_paths = fields.count("Closed journeys without an outcome.")
    open_paths = fields.count("Journeys without an outcome that are still open: left out.")
    assumptions = fields.texts("What has to hold for this to be so.")
    warnings = fields.texts("What to mind.")
    credited_customers = customer_list("Those whose outcomes are counted.", "credited_customers")
    null_customers = customer_list("Those whose journeys `nullPaths` counts.", "null_customers")
    open_customers = customer_list("Those whose journeys `openPaths` counts.", "open_customers")


def arguments() -> dict[str, Any]:
    """What the question can be asked with; nothing changed gives what there is."""
    return {
        "remove": graphene.List(
            graphene.NonNull(graphene.String), description="Items that nobody meets any more."
        ),
        "fix": graphene.List(graphene.NonNull(FixInput), description="Items that lose fewer."),
        "speed_up": graphene.List(
            graphene.NonNull(SpeedUpInput), description="Items that are faster."
        ),
        "order": fields.argument(graphene.Int, 1, "How many items a state remembers."),
        "replicates": fields.argument(
            graphene.Int,
            200,
            "Draws of customers for intervals: so many times the work. "
            f"At most {MOST_REPLICATES}; 0 for no intervals.",
        ),
        "seed": fields.argument(graphene.Int, 0, "Of all that is drawn."),
    }


def asked(given: dict[str, Any]) -> WhatIf:
    """The question that these arguments mean."""
    fix, speed_up = given.pop("fix", None), given.pop("speed_up", None)
    return WhatIf(
        fix=[Fix(**one) for one in fix or ()],
        speed_up=[SpeedUp(**one) for one in speed_up or ()],
        **given,
    )
