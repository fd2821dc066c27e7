"""With what the next best touchpoint can be asked, in GraphQL: of journeys, and of a customer."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.population import OutcomeInput, plain
from api.graphql.scalars import DateTime, Duration
from queries.next_best import NextBest
from queries.next_gains import Objective

__all__ = ["ObjectiveEnum", "arguments", "asked", "customer_arguments", "evaluation_arguments"]

ObjectiveEnum = fields.choice(
    Objective,
    "Objective",
    "What a next contact is to bring.",
    OUTCOME="The outcome, within the horizon.",
    VALUE="Value, within the horizon.",
    LOYALTY="That the customer is active, by themselves, in the last `inactivity` of the horizon.",
)


class ContactLimitsInput(graphene.InputObjectType):
    """When a customer may be contacted."""

    at_most = graphene.Int(description="At most so many contacts in any stretch of `per`.")
    per = Duration(description="How long that stretch is.")
    quiet_from = graphene.String(
        description='No contact from this time of day, as "21:00", in the time zone of the view.'
    )
    quiet_until = graphene.String(description="Until this time of day; it may be over midnight.")


def _names(description: str) -> graphene.List:
    return graphene.List(graphene.NonNull(graphene.String), description=description)


def _shared() -> dict[str, Any]:
    return {
        "objective": fields.argument(ObjectiveEnum, Objective.OUTCOME, "What is to be brought."),
        "within": fields.argument(
            Duration, "7d", "A contact counts that comes at most so long after the prefix."
        ),
        "horizon": Duration(
            description="Outcome, value and activity are looked for so long after the prefix; "
            "`within` and the inactivity limit together if not given."
        ),
        "length": fields.argument(graphene.Int, 3, "How many last items to go by, at most 8."),
        "at_least": fields.argument(
            graphene.Int,
            30,
            "Say nothing of fewer units with a contact, or without one: ask a shorter prefix.",
        ),
        "contacts": _names(
            "Items that are a contact by the company; those that the company began if not given."
        ),
        "never": _names("Items that are not to be recommended."),
        "limits": ContactLimitsInput(
            description="How often, and at which hours, the customer may be contacted."
        ),
        "first": fields.first_argument(5, "How many touchpoints."),
    }


def arguments() -> dict[str, Any]:
    """What the question can be asked with of journeys."""
    return {
        "prefix": _names("The last items of a journey, the latest last; or `customer`."),
        "customer": graphene.ID(description="The customer whose last items they are."),
        **_shared(),
    }


def customer_arguments() -> dict[str, Any]:
    """What it can be asked with of a customer: the question's, and the view's that it needs."""
    return {
        **_shared(),
        "outcome": OutcomeInput(description="What counts as success; a purchase if not given."),
        "inactivity": fields.argument(
            Duration, "30d", "Last seen within this of the end of the data: open, not gone."
        ),
        "timezone": fields.argument(graphene.String, "UTC", "Zone of the quiet hours."),
    }


def asked(given: dict[str, Any]) -> tuple[NextBest, dict[str, Any]]:
    """The question that these arguments mean, and those of its view."""
    view = {name: given.pop(name) for name in _VIEW if name in given}
    limits = given.get("limits")
    question = NextBest(**{**given, "limits": None if limits is None else dict(limits)})
    return question, plain(view)


_VIEW = ("outcome", "inactivity", "timezone")


def evaluation_arguments() -> dict[str, Any]:
    """What the evaluation can be asked with."""
    return {
        "split_at": DateTime(
            description="What is known before this moment is learnt from, what comes after is "
            "tested; if not given, the moment before which seven of ten occasions lie."
        ),
        "within": fields.argument(
            Duration, "7d", "What counts as next comes at most so long after."
        ),
        "length": fields.argument(
            graphene.Int, 3, "How many last items the model goes by, at most 8."
        ),
        "at_least": fields.argument(
            graphene.Int, 30, "Units that must have stood at a prefix, or a shorter one is asked."
        ),
        "hits_at": graphene.List(
            graphene.NonNull(graphene.Int),
            description="For which k the hit rate at k is told; 1, 3 and 5 if not given.",
        ),
    }
