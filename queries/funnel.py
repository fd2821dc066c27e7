"""How many customers take these steps, in this order, and where do they stop.

A unit reaches a step if some choice of its occurrences does, so that nobody is lost because they
began twice, repeated a step, or did something else in between. What a step loses is two things:
units that can no longer go on have dropped, and those whose window is not over are open. Both
add up to what is missing, and the customers behind every number are the ones that were counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.durations import Duration, parse_duration
from journeygraph.errors import InvalidOptionError
from journeygraph.given import mapping_as, names
from journeygraph.options import Word
from journeygraph.statistics.base import total
from journeygraph.statistics.funnel import (
    FUNNEL,
    MAX_STEPS,
    Steps,
    funnel_times,
    units_still_open,
    units_that_drop,
    units_that_reach,
)
from journeygraph.statistics.quantiles import exact_quantile_us
from queries.customer_lists import CustomerList, customers_of_units
from queries.intervals import SMALL_GROUP, Estimate, wilson

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["Funnel", "FunnelAnswer", "FunnelStep", "FunnelStepAnswer", "StepOrder", "funnel"]


class StepOrder(Word, argument="order"):
    """What may happen between two steps."""

    ORDERED = "ordered"
    STRICT = "strict"


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelStep:
    """One step: any of these items meets it.

    Attributes
    ----------
    any_of
        At least one item; an item may serve several steps, an interaction only one of a choice.
    label
        What to call the step; by default the names of its items.
    """

    any_of: tuple[str, ...] = ()
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """How many units take these steps, one after the other.

    Attributes
    ----------
    steps
        1 to 30; a name stands for a step of this one item.
    window
        At most so long after the first step the last may be met, to the microsecond; None for
        no limit.
    order
        ORDERED lets anything happen between two steps, STRICT nothing.
    exact
        Whether medians come from all times instead of from a histogram.
    """

    steps: Sequence[FunnelStep | str]
    window: Duration | None = None
    order: StepOrder = StepOrder.ORDERED
    exact: bool = False


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class FunnelStepAnswer:
    """One step: who comes so far, and what became of those who came to the step before.

    Attributes
    ----------
    units
        Units that reach it.
    of_first, of_previous
        As a share of those that reach the first step, and the one before; None where that is
        nobody. The first step has no step before.
    dropped
        Units that reached the step before, not this one, and could not any more.
    open
        Units that reached the step before, not this one, and could still.
    median_seconds, median_from_first_seconds
        From the step before, and from the first step; None at the first step and where nobody
        came.
    exact
        Whether the medians are exact, or the middles of buckets (at most 2.2 % off).
    small
        Fewer than 30 units reach it.
    customers, dropped_customers, open_customers
        Who reaches it, who dropped, and who is open.
    """

    label: str
    items: tuple[str, ...]
    units: int
    of_first: float | None
    of_first_interval: Estimate
    of_previous: float | None
    of_previous_interval: Estimate
    dropped: int
    open: int
    median_seconds: float | None
    median_from_first_seconds: float | None
    exact: bool
    small: bool
    customers: CustomerList
    dropped_customers: CustomerList
    open_customers: CustomerList


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class FunnelAnswer:
    """The steps in their order; `units` is all units of the journeys."""

    units: int
    window_seconds: float | None
    order: StepOrder
    steps: tuple[FunnelStepAnswer, ...]


def funnel(question: Funnel, journeys: Journeys) -> FunnelAnswer:
    """Answer the question, step by step.

    A unit reaches step k if some choice of occurrences within one of its journeys, in total
    order, has step k at most `window` after step 1. Of all choices, the one with most steps, then
    the earliest start, gives the times.

    Raises
    ------
    InvalidOptionError
        Where there are no steps or more than 30, or a step has no items.
    InvalidDurationError
        Where the window is not a length of time.
    UnknownItemError
        Where a step names what is not an item of these journeys.
    """
    asked = _steps_of(question.steps)
    steps = Steps(
        codes=tuple(_codes(step, journeys) for step in asked),
        window_us=None if question.window is None else parse_duration(question.window, "window"),
        strict=StepOrder(question.order) is StepOrder.STRICT,
    )
    rows = FUNNEL.finish(total(FUNNEL, journeys, steps=steps), len(steps)).to_pylist()
    if question.exact:
        for row, (previous, first) in zip(rows, funnel_times(journeys, steps), strict=True):
            row["median_us"] = exact_quantile_us(previous, 50)
            row["median_from_first_us"] = exact_quantile_us(first, 50)
    return FunnelAnswer(
        units=journeys.n_units,
        window_seconds=None if steps.window_us is None else steps.window_us / 1e6,
        order=StepOrder(question.order),
        steps=tuple(_answers(asked, steps, rows, journeys, exact=question.exact)),
    )


def _steps_of(given: Any) -> tuple[FunnelStep, ...]:
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise InvalidOptionError("steps", given, "a list of steps")
    if not 1 <= len(given) <= MAX_STEPS:
        raise InvalidOptionError("steps", f"{len(given)} steps", f"1 to {MAX_STEPS} steps")
    return tuple(_step_of(step) for step in given)


def _step_of(given: Any) -> FunnelStep:
    if isinstance(given, str):
        return FunnelStep(any_of=(given,))
    step = mapping_as(FunnelStep, given, "steps")
    return FunnelStep(any_of=names(step.any_of, "steps.anyOf") or (), label=step.label)


def _codes(step: FunnelStep, journeys: Journeys) -> tuple[int, ...]:
    return tuple(dict.fromkeys(journeys.item_code("steps.anyOf", name) for name in step.any_of))


def _answers(
    asked: Sequence[FunnelStep],
    steps: Steps,
    rows: list[dict[str, Any]],
    journeys: Journeys,
    *,
    exact: bool,
) -> Iterator[FunnelStepAnswer]:
    first = rows[0]["units"]
    previous = 0
    for number, (step, row) in enumerate(zip(asked, rows, strict=True), start=1):
        items = tuple(journeys.items[code] for code in steps.codes[number - 1])
        of_first = wilson(row["units"], first, journeys.confidence)
        of_previous = wilson(min(row["units"], previous), previous, journeys.confidence)
        yield FunnelStepAnswer(
            label=step.label or " or ".join(items),
            items=items,
            units=row["units"],
            of_first=of_first.value,
            of_first_interval=of_first,
            of_previous=of_previous.value,
            of_previous_interval=of_previous,
            dropped=row["dropped"],
            open=row["open"],
            median_seconds=_seconds(row["median_us"]),
            median_from_first_seconds=_seconds(row["median_from_first_us"]),
            exact=exact,
            small=row["units"] < SMALL_GROUP,
            customers=_list(journeys, partial(units_that_reach, journeys, steps, number)),
            dropped_customers=_list(journeys, partial(units_that_drop, journeys, steps, number)),
            open_customers=_list(journeys, partial(units_still_open, journeys, steps, number)),
        )
        previous = row["units"]


def _seconds(microseconds: float | None) -> float | None:
    return None if microseconds is None else microseconds / 1e6


def _list(journeys: Journeys, find: Callable[[], npt.NDArray[np.int64]]) -> CustomerList:
    """The customers of the units that are found."""
    return CustomerList(journeys, lambda: customers_of_units(journeys, find()))
