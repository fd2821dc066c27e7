"""What a step with feedback, and how soon it came, went with: return, outcomes, churn, feelings.

Whoever stays for long has long to be dealt with, so who was dealt with at any time looks loyal by
that alone. Here the exposure ends before the outcome begins: by a landmark, the same length of time
after every opening, a step was taken or it was not, and only what comes later counts (Anderson,
Cain and Gelber 1983, doi:10.1200/JCO.1983.1.11.710). Nobody decided by lot whose complaint was
acted upon; what is found is an association, told as found and within strata of kind and tenure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.durations import Duration, format_duration, parse_duration
from journeygraph.errors import InvalidOptionError
from journeygraph.feedback import NEVER
from journeygraph.moments import Moment
from journeygraph.options import Word
from queries.customer_lists import CustomerList
from queries.feedback import AskedFeedback, asked_feedback
from queries.feedback_associations import (
    FeedbackAssociation,
    FeedbackFeelings,
    associations,
    feelings,
)
from queries.feedback_futures import Futures, futures_of
from queries.feedback_loop import feedback_warnings
from queries.figures import Pictured
from queries.intervals import SMALL_GROUP
from queries.question import Question

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = [
    "FeedbackOutcomes",
    "FeedbackOutcomesAnswer",
    "FeedbackResponse",
    "FeedbackStep",
    "feedback_outcomes",
]

Int64Array = npt.NDArray[np.int64]

_MOST_LIMITS = 10


class FeedbackStep(Word, argument="step"):
    """A step that is taken with feedback."""

    ACKNOWLEDGED = "acknowledged"
    ACTED = "acted"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackOutcomes(Question):
    """What a step, and how soon it came, went with.

    Attributes
    ----------
    step
        Which step.
    within
        Lengths of time since the opening, ascending: each begins a group, and the last one is the
        landmark.
    horizon
        How long customers are watched behind the landmark.
    kinds
        Only feedback of these kinds; all by default.
    as_of
        What is later counts as not happened; by default the end of what is known.
    strata_bins
        Strata of tenure, in which like is compared with like.
    """

    step: FeedbackStep = FeedbackStep.ACTED
    within: Sequence[Duration] | None = None
    horizon: Duration = "90d"
    kinds: Sequence[str] | None = None
    as_of: Moment | None = None
    strata_bins: int = 4


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class FeedbackResponse:
    """Customers by how soon the step came.

    Attributes
    ----------
    from_seconds, to_seconds
        Later than the one, and at the latest at the other; None for those with whom it was not
        taken by the landmark, to whom all others are compared.
    units
        Customers.
    small
        Fewer than 30.
    """

    from_seconds: float
    to_seconds: float | None
    units: int
    small: bool
    customers: CustomerList


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class FeedbackOutcomesAnswer(Pictured):
    """What the step went with; the unit is the customer, with the first feedback that is meant.

    Attributes
    ----------
    units
        Customers who were watched for the whole horizon; the sum of those in `responses`.
    censored
        Customers who were not: the data ends first.
    landmark_seconds, horizon_seconds
        Since the opening, and since the landmark.
    wording
        "associated with": nothing here says why.
    adjusted_for
        What the strata hold equal.
    tested
        Tests that q values are about.
    responses
        The groups, soonest first; the last is what the others are compared with.
    nodes
        Each outcome and group, the smallest p first.
    feelings
        Each group, in their order.
    """

    units: int
    censored: int
    landmark_seconds: float
    horizon_seconds: float
    wording: str
    adjusted_for: tuple[str, ...]
    tested: int
    responses: tuple[FeedbackResponse, ...]
    nodes: tuple[FeedbackAssociation, ...]
    feelings: tuple[FeedbackFeelings, ...]
    warnings: tuple[str, ...]
    customers: CustomerList
    censored_customers: CustomerList


def feedback_outcomes(question: FeedbackOutcomes, journeys: Journeys) -> FeedbackOutcomesAnswer:
    """Answer the question, the surest association first.

    Raises
    ------
    InvalidOptionError, InvalidDurationError
        Where a kind, a moment or a length of time cannot be used.
    """
    limits_us = _limits(question.within)
    horizon_us = parse_duration(question.horizon, "horizon")
    if not 1 <= question.strata_bins <= 100:
        raise InvalidOptionError(
            "strata_bins", question.strata_bins, "a whole number from 1 to 100"
        )
    asked = asked_feedback(journeys, kinds=question.kinds, as_of=question.as_of)
    first = asked.among(_first_of_customers(asked))
    ends_us = first.opened_us + limits_us[-1] + horizon_us
    watched = ends_us <= min(asked.as_of_us, journeys.as_of_us)
    units = first.among(watched)
    groups = _groups(units, FeedbackStep(question.step), limits_us)
    futures = futures_of(units, units.opened_us + limits_us[-1], horizon_us)
    felt = feelings(futures, groups, len(limits_us))
    nodes, felt, tested = associations(futures, groups, len(limits_us), felt, question.strata_bins)
    adjusted_for = ("kind", f"tenure ({question.strata_bins} bins)")
    return FeedbackOutcomesAnswer(
        units=len(units),
        censored=len(first) - len(units),
        landmark_seconds=limits_us[-1] / 1e6,
        horizon_seconds=horizon_us / 1e6,
        wording="associated with",
        adjusted_for=adjusted_for,
        tested=tested,
        responses=tuple(_responses(units, groups, limits_us)),
        nodes=nodes,
        feelings=felt,
        warnings=(*feedback_warnings(asked), *_warnings(question, futures, horizon_us)),
        customers=units.customer_list(np.arange(len(units))),
        censored_customers=first.customer_list(~watched),
    )


def _limits(given: Sequence[Duration] | None) -> tuple[int, ...]:
    within = ("1d", "7d") if given is None else given
    if isinstance(within, str) or not 1 <= len(within) <= _MOST_LIMITS:
        raise InvalidOptionError("within", given, f"1 to {_MOST_LIMITS} lengths of time")
    return tuple(sorted({parse_duration(limit, "within") for limit in within}))


def _first_of_customers(asked: AskedFeedback) -> Int64Array:
    """Places of the first feedback of each customer, ascending by customer."""
    order = np.argsort(asked.opened_us, kind="stable")
    _, first = np.unique(asked.customers[order], return_index=True)
    return np.asarray(order[first])


def _groups(units: AskedFeedback, step: FeedbackStep, limits_us: Sequence[int]) -> Int64Array:
    """By unit the group: that of the first limit by which the step came, else the last group."""
    state = units.state
    done_us = {
        FeedbackStep.ACKNOWLEDGED: state.acknowledged_us,
        FeedbackStep.ACTED: state.acted_us,
        FeedbackStep.CLOSED: state.first_closed_us,  # whether it held is known later
    }[step]
    took_us = done_us - units.opened_us
    soon = np.searchsorted(np.array(limits_us), np.maximum(took_us, 0), side="left")
    return np.where(done_us == NEVER, len(limits_us), soon).astype(np.int64)


def _responses(
    units: AskedFeedback, groups: Int64Array, limits_us: Sequence[int]
) -> list[FeedbackResponse]:
    found = []
    for group, (begin, end) in enumerate(zip((0, *limits_us), (*limits_us, None), strict=True)):
        are_in = groups == group
        n_units = int(np.count_nonzero(are_in))
        found.append(
            FeedbackResponse(
                from_seconds=begin / 1e6,
                to_seconds=None if end is None else end / 1e6,
                units=n_units,
                small=n_units < SMALL_GROUP,
                customers=units.customer_list(are_in),
            )
        )
    return found


def _warnings(question: FeedbackOutcomes, futures: Futures, horizon_us: int) -> list[str]:
    journeys = futures.units.journeys
    warnings = []
    if not len(futures.units):
        warnings.append("Nobody was watched for the whole horizon: ask for a shorter one.")
    if horizon_us <= journeys.inactivity_us:
        warnings.append(
            f"Nobody can churn within {question.horizon}: the inactivity limit is "
            f"{format_duration(journeys.inactivity_us)}."
        )
    return warnings
