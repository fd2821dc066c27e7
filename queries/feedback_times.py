"""How long a step takes, when of some feedback it is not yet known: estimated as if it were.

What was opened yesterday had a day. It is followed from its opening to the step or to the moment
of asking, and counts for as long as it was watched (Kaplan and Meier). Feedback that was closed
without the step will not have it: that competes, and shares are then Aalen and Johansen's.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from journeygraph.feedback import NEVER, Step
from journeygraph.statistics.survival import life_table
from queries.conversion_curves import TimeQuantile, time_quantiles
from queries.customer_lists import CustomerList
from queries.feedback import AskedFeedback

__all__ = ["StepTimes", "step_times"]

_WAITING, _DONE, _CLOSED = 0, 1, 2
_PERCENTS = (50, 95)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class StepTimes:
    """How soon a step was taken; done + closed_without + waiting is all feedback.

    Attributes
    ----------
    done
        Feedback with which it was.
    closed_without
        Feedback that was closed without it.
    waiting
        The others.
    median, p95
        When it was taken with half, and with 95 percent; no seconds where it never is, or not yet.
    customers, closed_without_customers, waiting_customers
        Who stands behind each count.
    """

    done: int
    closed_without: int
    waiting: int
    median: TimeQuantile
    p95: TimeQuantile
    customers: CustomerList = field(repr=False)
    closed_without_customers: CustomerList = field(repr=False)
    waiting_customers: CustomerList = field(repr=False)


def step_times(asked: AskedFeedback, step: int) -> StepTimes:
    """The times of a step: ACKNOWLEDGED, ACTED or CLOSED of `Step`."""
    state = asked.state
    done_us, closed_us = (
        {
            Step.ACKNOWLEDGED: state.acknowledged_us,
            Step.ACTED: state.acted_us,
            Step.CLOSED: state.closed_us,
        }[step],
        state.closed_us,
    )
    fates = np.where(closed_us != NEVER, _CLOSED, _WAITING)
    fates[done_us != NEVER] = _DONE
    stopped_us = np.where(fates == _DONE, done_us, closed_us)
    stopped_us = np.where(fates == _WAITING, asked.as_of_us, stopped_us)
    table = life_table(stopped_us - asked.opened_us, fates, 2)
    median, p95 = time_quantiles(table, _PERCENTS, asked.journeys.confidence)
    counts = np.bincount(fates, minlength=3).tolist()
    return StepTimes(
        done=counts[_DONE],
        closed_without=counts[_CLOSED],
        waiting=counts[_WAITING],
        median=median,
        p95=p95,
        customers=asked.customer_list(fates == _DONE),
        closed_without_customers=asked.customer_list(fates == _CLOSED),
        waiting_customers=asked.customer_list(fates == _WAITING),
    )
