"""Two populations, or two periods, in one funnel: how far apart each step is, and how sure.

Each step is compared among those who came to the step before, so that a difference at one step is
not seen again at all later ones. Differences carry Newcombe's interval; every step that can be
tested is, and the q values are over all steps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from journeygraph.cohorts import CustomerWhere
from journeygraph.errors import ConflictingOptionsError, InvalidOptionError
from journeygraph.given import mapping_as
from journeygraph.moments import parse_moment, time_zone
from journeygraph.statistics.funnel_plan import FunnelPlan
from journeygraph.statistics.funnel_walks import WalkGroups
from queries.contrast_patterns import Populations
from queries.contrasts import risk_difference
from queries.fourfold import fourfold_tables
from queries.funnel_groups import FunnelGroup
from queries.funnel_numbers import WalkNumbers, answers
from queries.funnel_options import FunnelCompare, FunnelStep
from queries.funnel_steps import FunnelStepAnswer
from queries.intervals import SMALL_GROUP, Estimate, benjamini_hochberg

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
        "chi-square" or "exact"; None without a p value.
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
    """The first population are all others, or who began before; the second is that asked for."""

    first: FunnelGroup
    second: FunnelGroup
    steps: tuple[StepDifference, ...]


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
    grouping = _grouping(mapping_as(FunnelCompare, given, "compare"), journeys)
    groups = []
    for code in (0, 1):
        numbers = WalkNumbers(journeys, plan, exact, grouping, frozenset([code]))
        groups.append(
            FunnelGroup(
                value=None,
                is_other=False,
                left=numbers.left,
                steps=answers(asked, numbers),
                left_customers=numbers.left_customers(),
            )
        )
    first, second = groups
    return FunnelComparison(
        first=first, second=second, steps=_differences(first, second, journeys.confidence)
    )


def _grouping(compare: FunnelCompare, journeys: Journeys) -> WalkGroups:
    if compare.customers is not None and compare.since is not None:
        raise ConflictingOptionsError("compare.customers", "compare.since")
    if compare.since is not None:
        zone = time_zone(journeys.timezone)
        return WalkGroups(since_us=parse_moment(compare.since, "compare.since", zone))
    if compare.customers is None:
        raise InvalidOptionError("compare", {}, "customers or since")
    customers = mapping_as(CustomerWhere, compare.customers, "compare.customers")
    return WalkGroups(in_second=Populations.of(journeys, customers).in_second)


def _differences(
    first: FunnelGroup, second: FunnelGroup, confidence: float
) -> tuple[StepDifference, ...]:
    pairs = list(zip(first.steps, second.steps, strict=True))
    tests = [_test(one, other) for one, other in pairs]
    q_values = benjamini_hochberg(np.array([p for p, _ in tests]))
    return tuple(
        StepDifference(
            label=one.label,
            difference=_difference(
                one.of_previous_interval, other.of_previous_interval, confidence
            ),
            from_first_difference=_difference(
                one.of_first_interval, other.of_first_interval, confidence
            ),
            p_value=_known(p),
            test=test,
            q_value=_known(q),
            small=min(_came(one), _came(other)) < SMALL_GROUP,
        )
        for (one, other), (p, test), q in zip(pairs, tests, q_values.tolist(), strict=True)
    )


def _came(step: FunnelStepAnswer) -> int:
    """How many came to the step before; at the first step, to it."""
    return step.of_previous_interval.of or step.of_first_interval.of


def _difference(one: Estimate, other: Estimate, confidence: float) -> Estimate:
    return risk_difference(one.successes, one.of, other.successes, other.of, confidence)


def _test(one: FunnelStepAnswer, other: FunnelStepAnswer) -> tuple[float, str | None]:
    """The p value, NaN where there is nothing to compare, and which test gave it."""
    here, there = one.of_previous_interval, other.of_previous_interval
    tables = fourfold_tables(
        here.of + there.of,
        here.successes + there.successes,
        np.array([here.of], np.int64),
        np.array([here.successes], np.int64),
    )
    p = float(tables.p_values[0])
    return p, None if math.isnan(p) else ("exact" if tables.are_exact[0] else "chi-square")


def _known(number: float) -> float | None:
    return None if math.isnan(number) else number
