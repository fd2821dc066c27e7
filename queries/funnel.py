"""How many customers take these steps, in this order, and where do they stop.

A unit reaches a step if some choice of its occurrences does, so that nobody is lost because they
began twice, repeated a step, or did something else in between. What a step loses is two things:
units that can no longer go on have dropped, and those whose window is not over are open. Both
add up to what is missing, and the customers behind every number are the ones that were counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from journeygraph.durations import Duration
from journeygraph.renaming import apart
from queries.customer_lists import CustomerList
from queries.figures import Pictured
from queries.funnel_comparison import FunnelComparison, StepDifference, comparison_of
from queries.funnel_groups import FunnelGroup, breakdown_of
from queries.funnel_numbers import answers, numbers_of
from queries.funnel_options import (
    ExclusionMeaning,
    FunnelBreakdown,
    FunnelCompare,
    FunnelEntry,
    FunnelExclusion,
    FunnelSession,
    FunnelStep,
    FunnelStepWhere,
    StepFollows,
    StepOrder,
    plan_of,
    steps_of,
)
from queries.funnel_steps import FunnelStepAnswer
from queries.funnel_times import FunnelTimes, TimeBucket
from queries.question import Question

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = [
    "ExclusionMeaning",
    "Funnel",
    "FunnelAnswer",
    "FunnelBreakdown",
    "FunnelCompare",
    "FunnelComparison",
    "FunnelEntry",
    "FunnelExclusion",
    "FunnelGroup",
    "FunnelSession",
    "FunnelStep",
    "FunnelStepAnswer",
    "FunnelStepWhere",
    "FunnelTimes",
    "StepDifference",
    "StepFollows",
    "StepOrder",
    "TimeBucket",
    "funnel",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel(Question):
    """How many units take these steps, one after the other.

    Attributes
    ----------
    steps
        1 to 30; a name stands for a step of this one item.
    window
        At most so long after the first step the last may be met, to the microsecond; None for
        no limit.
    step_window
        At most so long after the step before each step may be met, where it says nothing itself.
    order
        ORDERED lets anything happen between two steps, STRICT nothing. In ANY order, the k-th
        step counts units that meet at least k of the steps.
    optional
        Numbers of steps, from 1, that may be passed over.
    session
        All steps lie within one session.
    exclude
        What must not come between which steps.
    entry
        OPTIMISED: any start, the best one counts. FIRST: only the first start of a unit. EVERY:
        every entry is counted, a new one only after the one before has ended.
    hold_constant
        Up to 3 columns of which all steps have the same value.
    breakdown
        Show the funnel by a value.
    compare
        Set some units against all others, or another population against these.
    exact
        Whether times come from all times instead of from a histogram.
    """

    steps: Sequence[FunnelStep | str]
    window: Duration | None = None
    step_window: Duration | None = None
    order: StepOrder = StepOrder.ORDERED
    optional: Sequence[int] | None = None
    session: FunnelSession | None = None
    exclude: Sequence[FunnelExclusion] | None = None
    entry: FunnelEntry = FunnelEntry.OPTIMISED
    hold_constant: Sequence[str] | None = None
    breakdown: FunnelBreakdown | None = None
    compare: FunnelCompare | None = None
    exact: bool = False


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class FunnelAnswer(Pictured):
    """The steps in their order.

    Attributes
    ----------
    units
        All units of the journeys.
    counted
        What the steps count: "customers", "journeys" or "entries".
    left
        Units, or entries, that reached the first step but met an exclusion that makes them leave;
        they count at no step.
    breakdown
        The same by value, most units at the first step first; empty where it was not asked for.
    comparison
        Two populations against each other; None where it was not asked for.
    left_customers
        Who stands behind `left`.
    """

    units: int
    counted: str
    window_seconds: float | None
    order: StepOrder
    entry: FunnelEntry
    left: int
    steps: tuple[FunnelStepAnswer, ...]
    breakdown: tuple[FunnelGroup, ...]
    comparison: FunnelComparison | None
    left_customers: CustomerList


def funnel(question: Funnel, journeys: Journeys) -> FunnelAnswer:
    """Answer the question, step by step.

    A unit reaches step k if some choice of occurrences within one of its journeys, in total
    order, has step k at most `window` after step 1, and meets every other condition. Of all
    choices, the one with most steps, then the earliest start, gives the times. With a tolerance
    each step is met by a set of its own, but in ANY order, which asks for no order at all.

    Raises
    ------
    InvalidOptionError
        Where there are no steps or more than 30, or an option makes no sense.
    InvalidDurationError
        Where a length of time is not one.
    ConflictingOptionsError
        Where options exclude each other.
    UnknownItemError, UnknownColumnError, JourneyGraphError
        Where something is named that is not there.
    """
    asked = steps_of(question.steps)
    if StepOrder(question.order) is StepOrder.ANY:
        journeys = apart(journeys)
    plan = plan_of(question, asked, journeys)
    numbers = numbers_of(journeys, plan, question.exact)
    entry = FunnelEntry(question.entry)
    return FunnelAnswer(
        units=journeys.n_units,
        counted="entries" if entry is FunnelEntry.EVERY else f"{journeys.unit}s",
        window_seconds=None if plan.window_us is None else plan.window_us / 1e6,
        order=StepOrder(question.order),
        entry=entry,
        left=numbers.left,
        steps=answers(asked, numbers),
        breakdown=breakdown_of(question.breakdown, asked, plan, journeys, question.exact),
        comparison=comparison_of(question.compare, asked, plan, journeys, question.exact),
        left_customers=numbers.left_customers(),
    )
