"""Feedback one by one: what was said, where it stands, and what is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.errors import UnknownTeamError, UnknownTouchpointError
from journeygraph.feedback import NEVER
from journeygraph.given import names
from journeygraph.moments import Moment
from journeygraph.vocabulary import FEEDBACK_KINDS
from queries.customer_lists import CustomerList
from queries.feedback import PROMISE, AskedFeedback, FeedbackKind, asked_feedback
from queries.feedback_groups import are_broken, are_kept
from queries.feedback_loop import feedback_warnings
from queries.paging import PageInfo, page_bounds, page_info
from queries.question import Question

if TYPE_CHECKING:
    from journeygraph.graph import JourneyGraph
    from journeygraph.journeys import Journeys

__all__ = [
    "FeedbackItem",
    "FeedbackItems",
    "FeedbackItemsAnswer",
    "feedback_items",
    "items_of",
]

Int64Array = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackItems(Question):
    """Which feedback is listed.

    Attributes
    ----------
    kinds, touchpoints, teams
        Only feedback of these kinds, about these touchpoints, with these teams; all by default.
    open, overdue
        Only what is, or is not, open or overdue; both by default.
    as_of
        What is later counts as not happened; by default the end of what is known.
    first, after
        How many, and behind which cursor.
    """

    kinds: Sequence[str] | None = None
    touchpoints: Sequence[str] | None = None
    teams: Sequence[str] | None = None
    open: bool | None = None
    overdue: bool | None = None
    as_of: Moment | None = None
    first: int = 50
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackItem:
    """One complaint, query, suggestion, praise or promise; what is not said is None.

    Attributes
    ----------
    id
        Its own id, or without one its place in the store, "#load.file.row".
    customer
        The id of who gave it, or to whom it was promised.
    opened_at_us, acknowledged_at_us, acted_at_us, closed_at_us, reopened_at_us, due_at_us
        Microseconds since the epoch, UTC: the first acknowledgement and action, the closing that
        holds, the last opening again.
    reopened
        How often it was opened again.
    open, overdue
        Not closed, or opened again; and due before the moment of asking.
    kept
        Of a promise whether it was kept; None where that is not known yet, and of other kinds.
    """

    id: str
    customer: str
    kind: FeedbackKind
    opened_at_us: int
    acknowledged_at_us: int | None
    acted_at_us: int | None
    closed_at_us: int | None
    reopened_at_us: int | None
    due_at_us: int | None
    touchpoint: str | None
    team: str | None
    text: str | None
    reopened: int
    open: bool
    overdue: bool
    kept: bool | None
    _graph: JourneyGraph = field(repr=False)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class FeedbackItemsAnswer:
    """A page of feedback, the latest opening first.

    Attributes
    ----------
    as_of_us
        The moment that it is told as of.
    count
        How much feedback there is in all pages.
    customers
        Who gave it.
    """

    as_of_us: int
    count: int
    nodes: tuple[FeedbackItem, ...]
    page_info: PageInfo
    warnings: tuple[str, ...]
    customers: CustomerList


def feedback_items(question: FeedbackItems, journeys: Journeys) -> FeedbackItemsAnswer:
    """Answer the question, the latest opening first, equals in the order of arrival.

    Raises
    ------
    UnknownTouchpointError, UnknownTeamError, InvalidOptionError
        Where a name, a kind or the moment cannot be used.
    """
    asked = asked_feedback(journeys, kinds=question.kinds, as_of=question.as_of)
    asked = asked.among(_are_meant(question, asked))
    asked = asked.among(np.argsort(-asked.opened_us, kind="stable"))
    start, end = page_bounds(len(asked), question.first, question.after)
    return FeedbackItemsAnswer(
        as_of_us=asked.as_of_us,
        count=len(asked),
        nodes=items_of(asked.among(np.arange(start, end)), journeys.graph),
        page_info=page_info(len(asked), start, end),
        warnings=tuple(feedback_warnings(asked)),
        customers=asked.customer_list(np.arange(len(asked))),
    )


def _are_meant(question: FeedbackItems, asked: AskedFeedback) -> npt.NDArray[np.bool_]:
    feedback, rows, graph = asked.feedback, asked.rows, asked.journeys.graph
    are_meant = np.ones(len(asked), np.bool_)
    for argument, of, known, error in (
        ("touchpoints", feedback.touchpoint_codes, graph.touchpoints, UnknownTouchpointError),
        ("teams", feedback.team_codes, feedback.teams, UnknownTeamError),
    ):
        wanted = names(getattr(question, argument), argument)
        if wanted is not None:
            for name in wanted:
                if name not in known:
                    raise error(argument, name, known)
            are_meant &= np.isin(of[rows], [known.index(name) for name in wanted])
    for is_wanted, are in ((question.open, asked.are_open), (question.overdue, asked.are_overdue)):
        if is_wanted is not None:
            are_meant &= are == is_wanted
    return are_meant


def items_of(asked: AskedFeedback, graph: JourneyGraph) -> tuple[FeedbackItem, ...]:
    """Each piece of some feedback, in its order."""
    feedback, rows, state = asked.feedback, asked.rows, asked.state
    kept, broken = are_kept(asked), are_broken(asked)
    columns: dict[str, list[Any]] = {
        "id": feedback.names.take(rows),
        "customer": graph.customer_id(asked.customers),
        "kind": [FeedbackKind(FEEDBACK_KINDS[code - 1]) for code in asked.kinds.tolist()],
        "opened_at_us": asked.opened_us.tolist(),
        "acknowledged_at_us": _said(state.acknowledged_us),
        "acted_at_us": _said(state.acted_us),
        "closed_at_us": _said(state.closed_us),
        "reopened_at_us": _said(state.reopened_us),
        "due_at_us": _said(asked.due_us),
        "touchpoint": _named(feedback.touchpoint_codes[rows], graph.touchpoints),
        "team": _named(feedback.team_codes[rows], feedback.teams),
        "text": [text or None for text in feedback.texts.take(rows)],
        "reopened": state.n_reopened.tolist(),
        "open": asked.are_open.tolist(),
        "overdue": asked.are_overdue.tolist(),
        "kept": [
            one if kind == PROMISE and (one or other) else None
            for one, other, kind in zip(
                kept.tolist(), broken.tolist(), asked.kinds.tolist(), strict=True
            )
        ],
    }
    return tuple(
        FeedbackItem(**dict(zip(columns, values, strict=True)), _graph=graph)
        for values in zip(*columns.values(), strict=True)
    )


def _said(times: Int64Array) -> list[int | None]:
    return [None if time == NEVER else time for time in times.tolist()]


def _named(codes: npt.NDArray[Any], known: Sequence[str]) -> list[str | None]:
    return [known[code] if code >= 0 else None for code in codes.tolist()]
