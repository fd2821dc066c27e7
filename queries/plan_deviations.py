"""Where deviations from a plan hurt: units that deviate beside those that do not.

Units are set beside those to which the same could have happened: a skipped step, one out of order
and an extra touchpoint beside all others, a repeated step beside those that met it once, a late
one beside those for which it came in time. Open units are in neither group: how they end is not
known. It is an association: who deviates may differ in all else.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from journeygraph.kernels.contingency import compare_groups
from journeygraph.statistics.plan_deviations import Mark
from journeygraph.statistics.ratings import RATED_SUMS
from journeygraph.vocabulary import STAGES
from queries.contrasts import risk_difference
from queries.customer_lists import CustomerList
from queries.held_plan import HeldPlan, Sums
from queries.intervals import SMALL_GROUP, Estimate, benjamini_hochberg, wilson
from queries.means import Mean, MeanDifference, difference_of, mean_of

__all__ = ["DeviationKind", "PlanDeviation", "plan_deviations"]

_COMPARED = ("closed", "completed", "interactions", *RATED_SUMS)


class DeviationKind(StrEnum):
    """In which way journeys leave the plan."""

    SKIPPED = "skipped"
    OUT_OF_ORDER = "out of order"
    REPEATED = "repeated"
    LATE = "late"
    STAGE_LATE = "stage late"
    EXTRA = "extra"


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class PlanDeviation:
    """A deviation, and how closed units that have it end beside those that do not.

    Attributes
    ----------
    step
        Which step, from 1; None for stages and extra touchpoints.
    stage
        The stage of the plan; of an extra touchpoint, the stage of its interactions, None where
        none is said.
    item
        The touchpoint; None for a stage.
    units
        All units that have it, open ones included.
    rate, other_rate
        Closed units with the outcome, of those that have the deviation and of the others.
    difference
        The one less the other, with Newcombe's interval.
    p_value, q_value
        Of Pearson's chi-square, or Fisher's exact test where a cell is expected to hold less than
        5; the rate of false discoveries over all tests of the answer. None where there is nothing
        to compare.
    emotion, other_emotion
        What both felt in their journeys: means with an interval that is clustered by unit.
    emotion_difference, emotion_q_value
        The one less the other, by Welch's test of the two.
    small
        Fewer than 30 closed units on one side.
    customers
        Who stands behind `units`.
    """

    kind: DeviationKind
    step: int | None
    stage: str | None
    item: str | None
    units: int
    rate: Estimate
    other_rate: Estimate
    difference: Estimate
    p_value: float | None
    q_value: float | None
    emotion: Mean
    other_emotion: Mean
    emotion_difference: MeanDifference
    emotion_q_value: float | None
    small: bool
    customers: CustomerList


def plan_deviations(held: HeldPlan) -> tuple[list[PlanDeviation], int]:
    """Every deviation that somebody has: smallest p first, then most units; and how many tests.

    The q values are over the tests of outcomes and of feelings together.
    """
    found = list(_found(held))
    p_values = [one.p_value for one in found] + [one.emotion_difference.p_value for one in found]
    q_values = [
        None if math.isnan(q) else float(q)
        for q in benjamini_hochberg([math.nan if p is None else p for p in p_values])
    ]
    told = [
        replace(one, q_value=q, emotion_q_value=of_emotion)
        for one, q, of_emotion in zip(found, q_values, q_values[len(found) :], strict=False)
    ]
    told.sort(key=lambda one: (one.p_value is None, one.p_value or 0.0, -one.units))
    return told, sum(p is not None for p in p_values)


_OF_STEPS = (
    (DeviationKind.SKIPPED, Mark.SKIPPED, None),
    (DeviationKind.OUT_OF_ORDER, Mark.OUT_OF_ORDER, None),
    (DeviationKind.REPEATED, Mark.REPEATED, Mark.MET),
    (DeviationKind.LATE, Mark.LATE, Mark.TIMED),
)
"""How a step may be deviated from, and whom they are set beside; None for all."""


def _found(held: HeldPlan) -> Iterator[PlanDeviation]:
    everybody = held.sums(Mark.UNIT)
    for place, (stage, step) in enumerate(held.steps):
        for kind, mark, base in _OF_STEPS:
            if held.units(mark, place) and not (step.optional and kind is DeviationKind.SKIPPED):
                beside = everybody if base is None else held.sums(base, place)
                named = _Named(place + 1, stage.stage, step.touchpoint)
                yield _deviation(held, kind, (mark, place, -1), beside, named)
    for place, stage in enumerate(held.stages):
        if held.units(Mark.STAGE_LATE, place):
            beside = held.sums(Mark.STAGE_TIMED, place)
            key = (Mark.STAGE_LATE, place, -1)
            named = _Named(None, stage.stage, None)
            yield _deviation(held, DeviationKind.STAGE_LATE, key, beside, named)
    for item, code in sorted(held.places(Mark.EXTRA)):
        named = _Named(None, STAGES[code - 1] if code else None, held.journeys.items[item])
        yield _deviation(held, DeviationKind.EXTRA, (Mark.EXTRA, item, code), everybody, named)


class _Named(NamedTuple):
    step: int | None
    stage: str | None
    item: str | None


def _deviation(
    held: HeldPlan,
    kind: DeviationKind,
    key: tuple[Mark, int, int],
    beside: Sums,
    named: _Named,
) -> PlanDeviation:
    confidence, ours = held.journeys.confidence, held.sums(*key)
    others = {name: beside[name] - ours[name] for name in _COMPARED}
    counts = ours["completed"], ours["closed"], others["completed"], others["closed"]
    _, p_values, _ = compare_groups(
        np.array([ours["closed"]]), np.array([ours["completed"]]), beside["closed"],
        beside["completed"],
    )  # fmt: skip
    p_value = float(p_values[0])
    return PlanDeviation(
        kind=kind,
        step=named.step,
        stage=named.stage,
        item=named.item,
        units=ours["units"],
        rate=wilson(counts[0], counts[1], confidence),
        other_rate=wilson(counts[2], counts[3], confidence),
        difference=risk_difference(*counts, confidence),
        p_value=None if math.isnan(p_value) else p_value,
        q_value=None,
        emotion=mean_of(ours, confidence),
        other_emotion=mean_of(others, confidence),
        emotion_difference=difference_of(ours, others, confidence),
        emotion_q_value=None,
        small=min(counts[1], counts[3]) < SMALL_GROUP,
        customers=held.customers(*key),
    )
