"""Which feedback a question is about, and what had become of it at a moment.

`from` and `until` of the journeys say when it was opened, `customers` whose it is. Any other
condition is one on interactions, and means the customers who have a journey of such. Nothing that
happened later than the moment is looked at, so that the same question with an earlier `until`
gives what would have been answered then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.cohorts import limits_of
from journeygraph.errors import InvalidOptionError
from journeygraph.feedback import NEVER, Feedback, FeedbackState
from journeygraph.given import names
from journeygraph.moments import Moment, parse_moment, time_zone
from journeygraph.vocabulary import FEEDBACK_KINDS, code_of
from queries.customer_lists import CustomerList

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["PROMISE", "AskedFeedback", "FeedbackKind", "asked_feedback", "kind_codes"]

Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

PROMISE = FEEDBACK_KINDS.index("promise") + 1
"""The code of a promise."""


class FeedbackKind(StrEnum):
    """What feedback is; the words of `vocabulary.FEEDBACK_KINDS`."""

    COMPLAINT = "complaint"
    QUERY = "query"
    SUGGESTION = "suggestion"
    PRAISE = "praise"
    PROMISE = "promise"


@dataclass(frozen=True, eq=False, kw_only=True)
class AskedFeedback:
    """Feedback of the customers of journeys as of a moment; arrays are by place among it.

    Attributes
    ----------
    rows
        Which feedback of the graph it is, ascending.
    as_of_us
        The moment.
    whole_state
        What had become of all feedback of the graph by then.
    strangers
        Feedback, otherwise meant, of customers whom nothing else names: they are in no population.
    """

    journeys: Journeys
    feedback: Feedback
    rows: Int64Array
    as_of_us: int
    whole_state: FeedbackState
    strangers: int

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def customers(self) -> Int64Array:
        """Customer indexes."""
        return np.asarray(self.feedback.customers[self.rows])

    @cached_property
    def kinds(self) -> Int64Array:
        """Codes of kinds."""
        return self.feedback.kinds[self.rows].astype(np.int64)

    @cached_property
    def opened_us(self) -> Int64Array:
        """When each was opened."""
        return np.asarray(self.feedback.opened_us[self.rows])

    @cached_property
    def due_us(self) -> Int64Array:
        """When each is due; NEVER where not said."""
        return np.asarray(self.feedback.due_us[self.rows])

    @cached_property
    def state(self) -> FeedbackState:
        """What had become of each."""
        whole = self.whole_state
        return FeedbackState(
            acknowledged_us=whole.acknowledged_us[self.rows],
            acted_us=whole.acted_us[self.rows],
            closed_us=whole.closed_us[self.rows],
            first_closed_us=whole.first_closed_us[self.rows],
            reopened_us=whole.reopened_us[self.rows],
            n_reopened=whole.n_reopened[self.rows],
        )

    @cached_property
    def are_open(self) -> BoolArray:
        """Which are not closed, or were opened again."""
        are_open: BoolArray = self.state.closed_us == NEVER
        return are_open

    @cached_property
    def are_overdue(self) -> BoolArray:
        """Which of these were due before the moment."""
        is_due: BoolArray = (self.due_us != NEVER) & (self.due_us < self.as_of_us)
        return self.are_open & is_due

    def among(self, places: npt.NDArray[Any]) -> AskedFeedback:
        """Some of it: places, or true for each that is meant."""
        return AskedFeedback(
            journeys=self.journeys, feedback=self.feedback, rows=self.rows[places],
            as_of_us=self.as_of_us, whole_state=self.whole_state, strangers=self.strangers,
        )  # fmt: skip

    def customer_list(self, places: npt.NDArray[Any]) -> CustomerList:
        """The customers of some of it."""
        return CustomerList(self.journeys, lambda: np.unique(self.customers[places]))


def asked_feedback(
    journeys: Journeys,
    *,
    kinds: Sequence[str] | None = None,
    as_of: Moment | None = None,
) -> AskedFeedback:
    """The feedback of the customers of journeys.

    Parameters
    ----------
    kinds
        Only of these kinds; all by default.
    as_of
        What is later counts as not happened. By default the end of what is known: the latest
        interaction, feedback or step, or `until` of the journeys where that is earlier.

    Raises
    ------
    InvalidOptionError
        Where a kind is not one, or `as_of` is no moment or later than `until`.
    """
    feedback = journeys.graph.feedback
    zone = time_zone(journeys.timezone)
    from_us, until_us = limits_of(journeys.where, zone)
    as_of_us = _as_of_us(journeys, feedback, as_of, until_us)
    meant = feedback.opened_us <= as_of_us
    if from_us is not None:
        meant &= feedback.opened_us >= from_us
    codes = kind_codes(kinds)
    if codes is not None:
        meant &= np.isin(feedback.kinds, codes)
    return AskedFeedback(
        journeys=journeys,
        feedback=feedback,
        rows=np.flatnonzero(meant & _customers_meant(journeys)[feedback.customers]),
        as_of_us=as_of_us,
        whole_state=feedback.state_at(as_of_us),
        strangers=int(np.count_nonzero(meant & (feedback.customers < 0))),
    )


def _customers_meant(journeys: Journeys) -> BoolArray:
    """By customer index; the last entry is for nobody's."""
    asked = [part.name for part in fields(journeys.where) if getattr(journeys.where, part.name)]
    if set(asked) - {"from_", "until", "customers"}:
        are_meant = np.zeros(journeys.graph.n_customers, np.bool_)
        are_meant[journeys.unit_customers] = True
    elif journeys.kept_customers is not None:
        are_meant = journeys.kept_customers.astype(np.bool_)
    else:
        are_meant = np.ones(journeys.graph.n_customers, np.bool_)
    return np.append(are_meant, False)


def kind_codes(kinds: Sequence[str] | None) -> list[int] | None:
    """The codes of kinds; None for all."""
    given = names(kinds, "kinds")
    if given is None:
        return None
    codes = [code_of(str(kind), FEEDBACK_KINDS) for kind in given]
    for kind, code in zip(given, codes, strict=True):
        if not code:
            raise InvalidOptionError("kinds", kind, " or ".join(FEEDBACK_KINDS))
    return [code for code in codes if code]


def _as_of_us(
    journeys: Journeys, feedback: Feedback, as_of: Moment | None, until_us: int | None
) -> int:
    last_us = None if until_us is None else until_us - 1  # `until` is exclusive
    if as_of is None:
        end_us = max(journeys.graph.as_of_us, feedback.latest_us)
        return end_us if last_us is None else min(last_us, end_us)
    as_of_us = parse_moment(as_of, "as_of", time_zone(journeys.timezone))
    if last_us is not None and as_of_us > last_us:
        raise InvalidOptionError("as_of", as_of, "a moment before `until` of the journeys")
    return as_of_us
