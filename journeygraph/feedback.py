"""Feedback as columns: what was given, and every step that was taken with it.

It stands beside the graph and is no part of it: recording feedback leaves the interactions, and
all that was counted of them, as they are. What becomes of feedback is a list of steps, those that
its own row tells and those of the table of steps, so that its state can be told as of any moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from journeygraph.texts import Texts
from journeygraph.vocabulary import FEEDBACK_STEPS

__all__ = ["NEVER", "Feedback", "FeedbackState", "Step", "no_feedback"]

Int64Array = npt.NDArray[np.int64]
IntArray = npt.NDArray[np.integer[Any]]
BoolArray = npt.NDArray[np.bool_]

NEVER = int(np.iinfo(np.int64).min)
"""Where something has not happened, or a time is not said."""


class Step:
    """The codes of `vocabulary.FEEDBACK_STEPS`."""

    OPENED, ACKNOWLEDGED, ACTED, CLOSED, REOPENED = range(1, len(FEEDBACK_STEPS) + 1)


@dataclass(frozen=True, eq=False, kw_only=True)
class FeedbackState:
    """What had become of feedback at a moment; by feedback, NEVER where it had not happened.

    Attributes
    ----------
    acknowledged_us, acted_us
        The first time.
    closed_us
        The closing that held: the first since it was last opened.
    first_closed_us
        The first closing of all.
    reopened_us
        The last time.
    n_reopened
        How often.
    """

    acknowledged_us: Int64Array
    acted_us: Int64Array
    closed_us: Int64Array
    first_closed_us: Int64Array
    reopened_us: Int64Array
    n_reopened: Int64Array


@dataclass(frozen=True, eq=False, kw_only=True)
class Feedback:
    """The feedback of a store version, in the order of arrival.

    Attributes
    ----------
    customers
        Customer index in the graph; -1 where nothing but feedback names the customer.
    kinds
        1-based into `vocabulary.FEEDBACK_KINDS`.
    opened_us, due_us
        Microseconds UTC; due_us is NEVER where not said.
    touchpoint_codes
        Into the touchpoints of the graph; -1 where not said.
    team_codes
        Into `teams`; -1 where not said.
    names, texts
        What each is called (see `feedback_names`), and its words, empty where there are none.
    step_feedback, steps, step_at_us
        What was done: with which, a code of `Step`, and when; by feedback, and then in order.
    stray_steps
        Steps of the store that name no feedback of this version, or come before it was opened.
    """

    customers: Int64Array
    kinds: IntArray
    opened_us: Int64Array
    due_us: Int64Array
    touchpoint_codes: IntArray
    team_codes: IntArray
    teams: tuple[str, ...]
    names: Texts
    texts: Texts
    step_feedback: Int64Array
    steps: IntArray
    step_at_us: Int64Array
    stray_steps: int = 0

    def __len__(self) -> int:
        return len(self.customers)

    @property
    def latest_us(self) -> int:
        """The latest moment of which anything is known; NEVER without feedback."""
        latest = [int(times.max()) for times in (self.opened_us, self.step_at_us) if len(times)]
        return max(latest, default=NEVER)

    def state_at(self, as_of_us: int) -> FeedbackState:
        """What had become of it at a moment, steps at that moment included."""
        seen = self.step_at_us <= as_of_us
        reopenings = np.flatnonzero(seen & (self.steps == Step.REOPENED))
        last_reopening = np.full(len(self), -1, np.int64)
        last_reopening[self.step_feedback[reopenings]] = reopenings  # the last one is kept
        every_closing = np.flatnonzero(seen & (self.steps == Step.CLOSED))
        closings = every_closing[every_closing > last_reopening[self.step_feedback[every_closing]]]
        return FeedbackState(
            acknowledged_us=self._first(np.flatnonzero(seen & (self.steps == Step.ACKNOWLEDGED))),
            acted_us=self._first(np.flatnonzero(seen & (self.steps == Step.ACTED))),
            closed_us=self._first(closings),
            first_closed_us=self._first(every_closing),
            reopened_us=np.where(last_reopening < 0, NEVER, self._time_of(last_reopening)),
            n_reopened=np.bincount(self.step_feedback[reopenings], minlength=len(self)),
        )

    def of_customers(self, customers: Int64Array) -> Feedback:
        """That of some customers alone, numbered anew by their places among these, ascending."""
        places = np.searchsorted(customers, self.customers)
        inside = places < len(customers)
        inside[inside] = customers[places[inside]] == self.customers[inside]
        chosen = np.flatnonzero(inside)
        of_steps = np.flatnonzero(inside[self.step_feedback])
        return Feedback(
            customers=places[chosen].astype(np.int64),
            kinds=self.kinds[chosen],
            opened_us=self.opened_us[chosen],
            due_us=self.due_us[chosen],
            touchpoint_codes=self.touchpoint_codes[chosen],
            team_codes=self.team_codes[chosen],
            teams=self.teams,
            names=self.names.select(chosen),
            texts=self.texts.select(chosen),
            step_feedback=np.searchsorted(chosen, self.step_feedback[of_steps]).astype(np.int64),
            steps=self.steps[of_steps],
            step_at_us=self.step_at_us[of_steps],
        )

    def _first(self, steps: Int64Array) -> Int64Array:
        times = np.full(len(self), NEVER, np.int64)
        backwards = steps[::-1]
        times[self.step_feedback[backwards]] = self.step_at_us[backwards]
        return times

    def _time_of(self, steps: Int64Array) -> Int64Array:
        if not len(self.step_at_us):
            return np.full(len(steps), NEVER, np.int64)
        return np.asarray(self.step_at_us[np.maximum(steps, 0)])


def no_feedback() -> Feedback:
    """Where nobody gave any."""
    nothing = np.zeros(0, np.int64)
    return Feedback(
        customers=nothing, kinds=nothing, opened_us=nothing, due_us=nothing,
        touchpoint_codes=nothing, team_codes=nothing, teams=(), names=Texts.of(()),
        texts=Texts.of(()), step_feedback=nothing, steps=nothing, step_at_us=nothing,
    )  # fmt: skip
