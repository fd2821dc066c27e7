"""The numbers of a group of feedback: how much is open, how soon it is dealt with, what was kept.

Promises are kept where they were closed no later than they were due; those without a due time,
where they were closed at all. What is not due yet is not broken yet.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from journeygraph.feedback import NEVER, Step
from journeygraph.options import Word
from journeygraph.vocabulary import FEEDBACK_KINDS, STAGES
from queries.customer_lists import CustomerList
from queries.feedback import PROMISE, AskedFeedback
from queries.feedback_times import StepTimes, step_times
from queries.intervals import SMALL_GROUP, Estimate, wilson

__all__ = [
    "FeedbackBy",
    "FeedbackGroup",
    "Promises",
    "are_broken",
    "are_kept",
    "group_codes",
    "group_of",
    "stage_codes",
]

Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


class FeedbackBy(Word, argument="by"):
    """What feedback is grouped by."""

    KIND = "kind"
    TOUCHPOINT = "touchpoint"
    TEAM = "team"
    STAGE = "stage"


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Promises:
    """What became of promises; kept + broken + pending is all of them.

    Attributes
    ----------
    count
        How many there are.
    kept
        Closed, and no later than they were due.
    broken
        Not closed when they were due.
    pending
        Open, and not due yet, or without a due time.
    kept_rate
        kept / (kept + broken), with Wilson's interval.
    customers, kept_customers, broken_customers, pending_customers
        Who stands behind each count.
    """

    count: int
    kept: int
    broken: int
    pending: int
    kept_rate: Estimate
    customers: CustomerList = field(repr=False)
    kept_customers: CustomerList = field(repr=False)
    broken_customers: CustomerList = field(repr=False)
    pending_customers: CustomerList = field(repr=False)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class FeedbackGroup:
    """A group of feedback; open + closed is all of it.

    Attributes
    ----------
    name
        None for feedback that does not say.
    count, share
        How much, and its share of all that is asked about.
    open, overdue, closed
        Not closed or opened again; the part of it that was due before the moment of asking; and
        the rest.
    reopened
        Opened again at least once.
    reopened_rate
        Of what was ever closed, the share that was opened again.
    time_to_acknowledge, time_to_act, time_to_close
        How soon each step was taken, from the opening on.
    promises
        Those among it.
    small
        Fewer than 30 of them.
    customers, open_customers, overdue_customers, closed_customers, reopened_customers
        Who stands behind each count.
    """

    name: str | None
    count: int
    share: float | None
    open: int
    overdue: int
    closed: int
    reopened: int
    reopened_rate: Estimate
    time_to_acknowledge: StepTimes
    time_to_act: StepTimes
    time_to_close: StepTimes
    promises: Promises
    small: bool
    customers: CustomerList = field(repr=False)
    open_customers: CustomerList = field(repr=False)
    overdue_customers: CustomerList = field(repr=False)
    closed_customers: CustomerList = field(repr=False)
    reopened_customers: CustomerList = field(repr=False)


def group_of(asked: AskedFeedback, name: str | None, of: int) -> FeedbackGroup:
    """The numbers of feedback that makes a group.

    Parameters
    ----------
    of
        How much feedback there is in all.
    """
    are_open, are_overdue = asked.are_open, asked.are_overdue
    are_reopened = asked.state.n_reopened > 0
    reopened = int(np.count_nonzero(are_reopened))
    ever_closed = int(np.count_nonzero(are_reopened | ~are_open))
    return FeedbackGroup(
        name=name,
        count=len(asked),
        share=len(asked) / of if of else None,
        open=int(np.count_nonzero(are_open)),
        overdue=int(np.count_nonzero(are_overdue)),
        closed=int(np.count_nonzero(~are_open)),
        reopened=reopened,
        reopened_rate=wilson(reopened, ever_closed, asked.journeys.confidence),
        time_to_acknowledge=step_times(asked, Step.ACKNOWLEDGED),
        time_to_act=step_times(asked, Step.ACTED),
        time_to_close=step_times(asked, Step.CLOSED),
        promises=_promises(asked),
        small=len(asked) < SMALL_GROUP,
        customers=asked.customer_list(np.ones(len(asked), np.bool_)),
        open_customers=asked.customer_list(are_open),
        overdue_customers=asked.customer_list(are_overdue),
        closed_customers=asked.customer_list(~are_open),
        reopened_customers=asked.customer_list(are_reopened),
    )


def _promises(asked: AskedFeedback) -> Promises:
    are_promises = asked.kinds == PROMISE
    kept = are_promises & are_kept(asked)
    broken = are_promises & are_broken(asked)
    pending = are_promises & ~kept & ~broken
    n_kept, n_broken = int(np.count_nonzero(kept)), int(np.count_nonzero(broken))
    return Promises(
        count=int(np.count_nonzero(are_promises)),
        kept=n_kept,
        broken=n_broken,
        pending=int(np.count_nonzero(pending)),
        kept_rate=wilson(n_kept, n_kept + n_broken, asked.journeys.confidence),
        customers=asked.customer_list(are_promises),
        kept_customers=asked.customer_list(kept),
        broken_customers=asked.customer_list(broken),
        pending_customers=asked.customer_list(pending),
    )


def are_kept(asked: AskedFeedback) -> BoolArray:
    """Which were closed in time."""
    in_time: BoolArray = (asked.due_us == NEVER) | (asked.state.closed_us <= asked.due_us)
    return ~asked.are_open & in_time


def are_broken(asked: AskedFeedback) -> BoolArray:
    """Which were not closed when they were due."""
    is_late: BoolArray = (asked.due_us != NEVER) & (asked.state.closed_us > asked.due_us)
    return (~asked.are_open & is_late) | asked.are_overdue


def group_codes(asked: AskedFeedback, by: FeedbackBy) -> tuple[Int64Array, tuple[str, ...]]:
    """The group of each, -1 where it does not say, and the names of the groups."""
    graph, feedback = asked.journeys.graph, asked.feedback
    if by is FeedbackBy.KIND:
        return asked.kinds - 1, FEEDBACK_KINDS
    if by is FeedbackBy.TEAM:
        return feedback.team_codes[asked.rows].astype(np.int64), feedback.teams
    touchpoints = feedback.touchpoint_codes[asked.rows].astype(np.int64)
    if by is FeedbackBy.TOUCHPOINT:
        return touchpoints, graph.touchpoints
    return np.append(stage_codes(asked), -1)[touchpoints], STAGES


def stage_codes(asked: AskedFeedback) -> Int64Array:
    """The stage of each touchpoint: where most of its interactions are, the earlier of equals.

    -1 where they say none.
    """
    graph, n_stages = asked.journeys.graph, len(STAGES)
    cells = graph.touchpoint_codes.astype(np.int64) * (n_stages + 1) + graph.stage_codes
    n_cells = len(graph.touchpoints) * (n_stages + 1)
    said = np.bincount(cells, minlength=n_cells).reshape(-1, n_stages + 1)[:, 1:]
    return np.where(said.any(axis=1), said.argmax(axis=1), -1)
