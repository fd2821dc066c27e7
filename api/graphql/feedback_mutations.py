"""Recording feedback and what becomes of it, in GraphQL: each is durable when it answers."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.feedback_items import FeedbackItem
from api.graphql.feedback_kinds import FeedbackKindEnum
from api.graphql.scalars import DateTime
from journeygraph.recording.requests import FeedbackStepTaken, NewFeedback
from queries.feedback_recording import record, take_step

__all__ = ["Mutation"]


class RecordedFeedback(graphene.ObjectType):
    """What was recorded, and is kept from now on."""

    feedback = graphene.Field(
        FeedbackItem,
        description="How it stands now; null where nothing but feedback names its customer.",
    )
    version = fields.count("A version of the store that has it.")
    repeated = fields.flag("Whether the same `request` had recorded it before: nothing is added.")


def _text(description: str) -> graphene.String:
    return graphene.String(description=description)


def _request() -> graphene.String:
    return _text("A key of yours: the same request sent again with it records nothing more.")


def _step(description: str) -> graphene.Field:
    return graphene.Field(
        graphene.NonNull(RecordedFeedback),
        description=description,
        id=graphene.Argument(graphene.NonNull(graphene.ID), description="Which feedback."),
        at=DateTime(description="When; now if not given. Not before the last step."),
        team=_text("The team that took it."),
        note=_text("What there is to say about it."),
        request=_request(),
    )


class Mutation(graphene.ObjectType):
    """What can be recorded, where that is allowed; by POST only."""

    record_feedback = graphene.Field(
        graphene.NonNull(RecordedFeedback),
        description="Record a complaint, query, suggestion, praise or promise.",
        customer=graphene.Argument(
            graphene.NonNull(graphene.ID), description="Whose it is; known to the store."
        ),
        kind=graphene.Argument(graphene.NonNull(FeedbackKindEnum), description="What it is."),
        opened_at=DateTime(description="When it was given; now if not given."),
        due_at=DateTime(description="By when it is due; not before it was given."),
        touchpoint=_text("What it is about; a touchpoint that the store knows."),
        team=_text("The team that it is with."),
        text=_text("The customer's words."),
        id=graphene.ID(description="An id that no other feedback has; made if not given."),
        request=_request(),
    )
    acknowledge_feedback = _step("Record that the company said that it has it.")
    act_on_feedback = _step("Record that the company did something about it.")
    close_feedback = _step("Record that it is closed.")
    reopen_feedback = _step("Record that it was opened again after it had been closed.")

    @staticmethod
    def resolve_record_feedback(_root: Any, info: graphene.ResolveInfo, **given: Any) -> Any:
        context = info.context
        return record(context.written_store(), context.graph_of, NewFeedback(**given))

    @staticmethod
    def resolve_acknowledge_feedback(_root: Any, info: graphene.ResolveInfo, **given: Any) -> Any:
        return _take(info, "acknowledged", given)

    @staticmethod
    def resolve_act_on_feedback(_root: Any, info: graphene.ResolveInfo, **given: Any) -> Any:
        return _take(info, "acted", given)

    @staticmethod
    def resolve_close_feedback(_root: Any, info: graphene.ResolveInfo, **given: Any) -> Any:
        return _take(info, "closed", given)

    @staticmethod
    def resolve_reopen_feedback(_root: Any, info: graphene.ResolveInfo, **given: Any) -> Any:
        return _take(info, "reopened", given)


def _take(info: graphene.ResolveInfo, step: str, given: dict[str, Any]) -> Any:
    context = info.context
    taken = FeedbackStepTaken(step=step, **given)
    return take_step(context.written_store(), context.graph_of, taken)
