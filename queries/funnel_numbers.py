"""Where the numbers of a funnel come from: the plain funnel where it can say them, or walks.

Both say the same of the same question; the plain one is many times faster, and can be brought up
to date after a load.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.kernels.funnel_walks import BEST
from journeygraph.statistics.base import total
from journeygraph.statistics.finders import Finder
from journeygraph.statistics.funnel import (
    FUNNEL,
    NOBODY,
    UNITS_STILL_OPEN,
    UNITS_THAT_DROP,
    UNITS_THAT_REACH,
    Steps,
    funnel_times,
    time_histograms,
)
from journeygraph.statistics.funnel_plan import FunnelPlan, PlannedStep, previous_required
from journeygraph.statistics.funnel_walks import (
    FUNNEL_WALKS,
    UNITS_WITH_FATE,
    Fate,
    StepCounts,
    WalkGroups,
    counts_of,
    walk_times,
    walks_with_fate,
)
from queries.customer_lists import CustomerList
from queries.funnel_options import FunnelStep
from queries.funnel_steps import FunnelStepAnswer
from queries.funnel_times import times_of
from queries.intervals import SMALL_GROUP, wilson

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["FunnelNumbers", "PlainNumbers", "WalkNumbers", "answers", "numbers_of"]

Int64Array = npt.NDArray[np.int64]
Times = list[tuple[Int64Array, Int64Array]]


class FunnelNumbers(ABC):
    """What is counted at each step, and who stands behind it.

    Attributes
    ----------
    counts
        By step.
    every_us
        All times, where they are to be exact.
    """

    def __init__(self, journeys: Journeys, plan: FunnelPlan) -> None:
        self.journeys = journeys
        self.plan = plan
        self.every_us: Times | None = None
        self.counts: StepCounts

    @property
    def left(self) -> int:
        """How many an exclusion made leave."""
        return self.counts.left

    @abstractmethod
    def walks(self, fate: Fate, step: int) -> Int64Array:
        """The unit of everything that fares so at a step, as often as it is counted."""

    @abstractmethod
    def customers(self, fate: Fate, step: int) -> CustomerList:
        """Who stands behind those that fare so at a step, counted from 1."""

    def left_customers(self) -> CustomerList:
        """Who left."""
        return self.customers(Fate.LEFT, 0)

    def nobody(self) -> CustomerList:
        """An empty list."""
        return CustomerList.of(self.journeys, NOBODY)


class PlainNumbers(FunnelNumbers):
    """Numbers of the plain funnel: order and one window, nothing else."""

    def __init__(self, journeys: Journeys, plan: FunnelPlan, exact: bool) -> None:
        super().__init__(journeys, plan)
        self.steps = Steps(
            codes=tuple(step.codes for step in plan.steps),
            window_us=plan.window_us,
            strict=len(plan) > 1 and plan.steps[1].is_next,
        )
        table = total(FUNNEL, journeys, steps=self.steps)
        rows = FUNNEL.finish(table, len(plan))
        previous, first = time_histograms(table, len(plan))
        self.counts = StepCounts(
            left=0,
            reached=rows["units"].to_numpy(),
            open=rows["open"].to_numpy(),
            gone=rows["dropped"].to_numpy(),
            since_previous=previous,
            since_first=first,
        )
        if exact:
            self.every_us = list(funnel_times(journeys, self.steps))

    @staticmethod
    def can_say(plan: FunnelPlan) -> bool:
        """Whether a funnel is a plain one."""
        nexts = {step.is_next for step in plan.steps[1:]}
        plain = tuple(PlannedStep(codes=s.codes, is_next=s.is_next) for s in plan.steps)
        bare = FunnelPlan(steps=plain, window_us=plan.window_us, entry=BEST)
        return plan == bare and len(nexts) < 2

    def customers(self, fate: Fate, step: int) -> CustomerList:
        """Who stands behind those that fare so at a step, counted from 1."""
        if fate is Fate.LEFT:
            return self.nobody()
        return CustomerList.of(self.journeys, self._finder(fate), steps=self.steps, step=step)

    @staticmethod
    def _finder(fate: Fate) -> Finder:
        finders = {
            Fate.REACHED: UNITS_THAT_REACH,
            Fate.OPEN: UNITS_STILL_OPEN,
            Fate.GONE: UNITS_THAT_DROP,
        }
        return finders[fate]

    def walks(self, fate: Fate, step: int) -> Int64Array:
        """The unit of everything that fares so at a step, as often as it is counted."""
        if fate is Fate.LEFT:
            return np.zeros(0, np.int64)
        found = self._finder(fate).units(self.journeys, steps=self.steps, step=step)
        return np.asarray(found, np.int64)


class WalkNumbers(FunnelNumbers):
    """Numbers of walks, of all or of some groups of them.

    Parameters
    ----------
    grouping, groups
        What walks are grouped by, and which groups are meant.
    table
        What was counted of all groups, where that is known.
    """

    def __init__(
        self,
        journeys: Journeys,
        plan: FunnelPlan,
        exact: bool,
        grouping: WalkGroups | None = None,
        groups: frozenset[int] | None = None,
    ) -> None:
        super().__init__(journeys, plan)
        self.grouping, self.groups = grouping, groups
        options = {} if grouping is None else {"groups": grouping}
        table = total(FUNNEL_WALKS, journeys, plan=plan, **options)
        self.counts = counts_of(table, len(plan), groups)
        if exact:
            self.every_us = list(walk_times(journeys, plan, grouping, groups))

    def customers(self, fate: Fate, step: int) -> CustomerList:
        """Who stands behind those of which a walk fares so at a step, counted from 1."""
        return CustomerList.of(
            self.journeys, UNITS_WITH_FATE, plan=self.plan, fate=fate, step=step,
            grouping=self.grouping, groups=self.groups,
        )  # fmt: skip

    def walks(self, fate: Fate, step: int) -> Int64Array:
        """The unit of each walk that fares so: more than once where entries are counted."""
        return walks_with_fate(self.journeys, self.plan, fate, step, self.grouping, self.groups)


def numbers_of(journeys: Journeys, plan: FunnelPlan, exact: bool) -> FunnelNumbers:
    """The numbers of a funnel, the fast way where it is a plain one."""
    count = PlainNumbers if PlainNumbers.can_say(plan) else WalkNumbers
    return count(journeys, plan, exact)


def answers(asked: Sequence[FunnelStep], numbers: FunnelNumbers) -> tuple[FunnelStepAnswer, ...]:
    """The steps as they are answered."""
    return tuple(_answer(number, step, numbers) for number, step in enumerate(asked))


def _answer(number: int, step: FunnelStep, numbers: FunnelNumbers) -> FunnelStepAnswer:
    plan, counts, journeys = numbers.plan, numbers.counts, numbers.journeys
    units, gone = int(counts.reached[number]), int(counts.gone[number])
    came = int(counts.reached[previous_required(plan.steps, number)]) if number else 0
    of_first = wilson(units, int(counts.reached[0]), journeys.confidence)
    of_previous = wilson(min(units, came), came, journeys.confidence)
    every = (None, None) if numbers.every_us is None else numbers.every_us[number]
    times = times_of(counts.since_previous[number], every[0])
    from_first = times_of(counts.since_first[number], every[1])
    label, codes = _label(number, step, plan)
    items = tuple(journeys.items[code] for code in codes)
    if journeys.sets is not None:
        items = tuple(dict.fromkeys(step.any_of))
    is_optional = plan.steps[number].is_optional
    gone_customers = numbers.customers(Fate.GONE, number + 1)
    return FunnelStepAnswer(
        label=label or " or ".join(items),
        items=items,
        units=units,
        of_first=of_first.value,
        of_first_interval=of_first,
        of_previous=of_previous.value,
        of_previous_interval=of_previous,
        dropped=0 if is_optional else gone,
        open=int(counts.open[number]),
        optional=is_optional,
        skipped=gone if is_optional else 0,
        median_seconds=times.p50_seconds,
        median_from_first_seconds=from_first.p50_seconds,
        times=times if number else None,
        times_from_first=from_first if number else None,
        exact=numbers.every_us is not None,
        small=units < SMALL_GROUP,
        customers=numbers.customers(Fate.REACHED, number + 1),
        dropped_customers=numbers.nobody() if is_optional else gone_customers,
        open_customers=numbers.customers(Fate.OPEN, number + 1),
        skipped_customers=gone_customers if is_optional else numbers.nobody(),
    )


def _label(number: int, step: FunnelStep, plan: FunnelPlan) -> tuple[str | None, tuple[int, ...]]:
    """What the step is called, and its items; in any order, how many steps were met."""
    if not plan.is_any:
        return step.label, plan.steps[number].codes
    codes = dict.fromkeys(code for one in plan.steps for code in one.codes)
    return f"{number + 1} of {len(plan)}", tuple(codes)
