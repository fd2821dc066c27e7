"""Two populations, or two periods, in one funnel: how far apart each step is, and how sure.

Each step is compared among those who came to the step before, so that a difference at one step is
not seen again at all later ones. Differences carry Newcombe's interval; every step that can be
tested is, and the q values are over all steps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from journeygraph.cohorts import CustomerWhere, Where
from journeygraph.errors import ConflictingOptionsError, InvalidOptionError
from journeygraph.given import mapping_as
from journeygraph.moments import parse_moment, time_zone
from journeygraph.statistics.funnel_plan import FunnelPlan, previous_required
from journeygraph.statistics.funnel_walks import Fate, WalkGroups
from queries.contrast_patterns import Populations
from queries.contrasts import risk_difference
from queries.customer_lists import CustomerList
from queries.fourfold import fourfold_tables
from queries.funnel_groups import FunnelGroup
from queries.funnel_numbers import FunnelNumbers, WalkNumbers, answers, numbers_of
from queries.funnel_options import FunnelCompare, FunnelStep
from queries.funnel_steps import FunnelStepAnswer
from queries.intervals import SMALL_GROUP, Estimate, benjamini_hochberg
from queries.shared_customers import (
    NOTHING_SHARED,
    SharedCustomers,
    SharedSums,
    compare_overlapping,
)

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["FunnelComparison", "StepDifference", "comparison_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDifference:
    """One step of both.

    Attributes
    ----------
    difference
        The first population's `of_previous` less the second's; no value at the first step.
    from_first_difference
        The same of `of_first`.
    p_value
        Of the difference; None where there is nothing to compare.
    test
        "chi-square" or "exact"; "overlapping" where somebody came to the step before in both; None
        without a p value.
    q_value
        The false discovery rate at which it is still found, over the steps tested.
    small
        Fewer than 30 units of one population came to the step before.
    """

    label: str
    difference: Estimate
    from_first_difference: Estimate
    p_value: float | None
    test: str | None
    q_value: float | None
    small: bool


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class FunnelComparison:
    """The first population are all others, or who began before; the second is that asked for.

    With `compare.where` the first population are all of the journeys, and the second others, who
    may be in part the same.

    Attributes
    ----------
    shared
        Customers in both.
    warnings
        What to know of them.
    shared_customers
        Who they are.
    """

    first: FunnelGroup
    second: FunnelGroup
    steps: tuple[StepDifference, ...]
    shared: int
    warnings: tuple[str, ...]
    shared_customers: CustomerList


def comparison_of(
    given: Any, asked: Sequence[FunnelStep], plan: FunnelPlan, journeys: Journeys, exact: bool
) -> FunnelComparison | None:
    """Both funnels and their differences; None where they are not asked for.

    Raises
    ------
    JourneyGraphError
        Where it is not one population that is asked for, or it names what is not there.
    """
    if given is None:
        return None
    compare = mapping_as(FunnelCompare, given, "compare")
    if compare.where is not None:
        _refuse_others(compare)
        other = journeys.with_where(mapping_as(Where, compare.where, "compare.where"))
        sides = [numbers_of(view, plan, exact) for view in (journeys, other)]
    else:
        grouping = _grouping(compare, journeys)
        sides = [WalkNumbers(journeys, plan, exact, grouping, frozenset([code])) for code in (0, 1)]
    return _compared(asked, sides, is_apart=compare.where is None)


def _refuse_others(compare: FunnelCompare) -> None:
    for name in ("customers", "since"):
        if getattr(compare, name) is not None:
            raise ConflictingOptionsError("compare.where", f"compare.{name}")


def _compared(
    asked: Sequence[FunnelStep], sides: Sequence[FunnelNumbers], *, is_apart: bool
) -> FunnelComparison:
    """Both funnels and their differences.

    Parameters
    ----------
    is_apart
        Whether nobody is in both.
    """
    one, other = sides
    first, second = (
        FunnelGroup(
            value=None,
            is_other=False,
            left=numbers.left,
            steps=answers(asked, numbers),
            left_customers=numbers.left_customers(),
        )
        for numbers in sides
    )
    shared = SharedCustomers.of(one.journeys, other.journeys)
    if is_apart:
        shared = shared.nobody()
    sums = _SharedSteps(shared, one, other)
    return FunnelComparison(
        first=first,
        second=second,
        steps=_differences(first, second, sums, one.journeys.confidence),
        shared=shared.n,
        warnings=shared.warnings(),
        shared_customers=shared.customers(),
    )


class _SharedSteps(NamedTuple):
    """What customers who are in both do at each step."""

    shared: SharedCustomers
    one: FunnelNumbers
    other: FunnelNumbers

    def at(self, number: int, before: int) -> SharedSums:
        """Who reach a step, of those who reach another one, both counted from 0."""
        if not self.shared.n:
            return NOTHING_SHARED
        first, second = (
            (numbers.walks(Fate.REACHED, number + 1), numbers.walks(Fate.REACHED, before + 1))
            for numbers in (self.one, self.other)
        )
        return self.shared.sums(first, second)

    def from_previous(self, number: int) -> SharedSums:
        """Of those who reach the step before."""
        if not number:
            return NOTHING_SHARED
        return self.at(number, previous_required(self.one.plan.steps, number))


def _grouping(compare: FunnelCompare, journeys: Journeys) -> WalkGroups:
    if compare.customers is not None and compare.since is not None:
        raise ConflictingOptionsError("compare.customers", "compare.since")
    if compare.since is not None:
        zone = time_zone(journeys.timezone)
        return WalkGroups(since_us=parse_moment(compare.since, "compare.since", zone))
    if compare.customers is None:
        raise InvalidOptionError("compare", {}, "customers, since or where")
    customers = mapping_as(CustomerWhere, compare.customers, "compare.customers")
    return WalkGroups(in_second=Populations.of(journeys, customers).in_second)


def _differences(
    first: FunnelGroup, second: FunnelGroup, shared: _SharedSteps, confidence: float
) -> tuple[StepDifference, ...]:
    pairs = list(zip(first.steps, second.steps, strict=True))
    found = []
    for number, (one, other) in enumerate(pairs):
        sums, from_first = shared.from_previous(number), shared.at(number, 0)
        previous = _compare(one.of_previous_interval, other.of_previous_interval, sums, confidence)
        found.append(
            StepDifference(
                label=one.label,
                difference=previous[0],
                from_first_difference=_compare(
                    one.of_first_interval, other.of_first_interval, from_first, confidence
                )[0],
                p_value=previous[1],
                test=previous[2],
                q_value=None,
                small=min(_came(one), _came(other)) < SMALL_GROUP,
            )
        )
    p_values = [np.nan if step.p_value is None else step.p_value for step in found]
    q_values = benjamini_hochberg(p_values).tolist()
    return tuple(replace(step, q_value=_known(q)) for step, q in zip(found, q_values, strict=True))


def _came(step: FunnelStepAnswer) -> int:
    """How many came to the step before; at the first step, to it."""
    return step.of_previous_interval.of or step.of_first_interval.of


def _compare(
    here: Estimate, there: Estimate, shared: SharedSums, confidence: float
) -> tuple[Estimate, float | None, str | None]:
    """The difference of two shares, its p value, and which test gave it."""
    if shared.of:
        cells = (here.successes, here.of), (there.successes, there.of)
        difference, p = compare_overlapping(*cells, shared, confidence)
        return difference, p, None if p is None else "overlapping"
    cells_apart = (here.successes, here.of, there.successes, there.of)
    tables = fourfold_tables(
        here.of + there.of,
        here.successes + there.successes,
        np.array([here.of], np.int64),
        np.array([here.successes], np.int64),
    )
    known = _known(float(tables.p_values[0]))
    test = None if known is None else ("exact" if tables.are_exact[0] else "chi-square")
    return risk_difference(*cells_apart, confidence), known, test


def _known(number: float) -> float | None:
    return None if math.isnan(number) else number
