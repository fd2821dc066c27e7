"""A planned journey held against the actual ones: met, skipped, out of order, late, extra.

Each unit's items are aligned with the steps of the plan at the least cost, as traces are with a
process model: an item that no step takes up costs 1, and so does a step that has to be there and
is not (van der Aalst, Adriansyah and van Dongen 2012, doi:10.1002/widm.1045). Fitness is 1 less
that cost by the most that it could be: of a unit that meets nothing of the plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from journeygraph.errors import InvalidOptionError, near_misses
from journeygraph.labelling import By
from journeygraph.statistics.plan_deviations import Mark
from queries.customer_lists import CustomerList
from queries.figures import Pictured
from queries.held_plan import HeldPlan
from queries.intervals import Estimate, wilson
from queries.plan_deviations import PlanDeviation, plan_deviations
from queries.plan_steps import (
    ExtraTouchpoint,
    FitnessBand,
    HeldStage,
    HeldStep,
    extra_touchpoints,
    fitness_bands,
    held_stages,
    held_steps,
    mean_fitness,
)
from queries.planned_journey import PlannedJourney

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["PlannedMap", "planned_map"]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class PlannedMap(Pictured):
    """The planned journey against the actual ones.

    Attributes
    ----------
    name
        Of the plan.
    units, closed, open
        All units; closed and open ones.
    follows
        Closed units whose whole journey is what is planned, in time, of all closed ones.
    open_on_plan
        Open units that did nothing else so far.
    fitness
        The mean over all units; None where there is none.
    fitness_bands
        The units by their fitness, the lowest first.
    steps, stages
        In the order of the plan.
    extras
        Most units first, then by name and stage.
    other_extras, other_extra_count
        Extra touchpoints that are not listed, and how often they were met.
    deviations
        Smallest p first, then most units.
    tested
        How many tests of outcomes and feelings the q values are over.
    other_deviations
        Deviations that are not listed.
    wording
        How a difference is to be read.
    """

    name: str | None
    units: int
    closed: int
    open: int
    follows: Estimate
    open_on_plan: int
    fitness: float | None
    fitness_bands: tuple[FitnessBand, ...]
    steps: tuple[HeldStep, ...]
    stages: tuple[HeldStage, ...]
    extras: tuple[ExtraTouchpoint, ...]
    other_extras: int
    other_extra_count: int
    deviations: tuple[PlanDeviation, ...]
    tested: int
    other_deviations: int
    wording: str
    warnings: tuple[str, ...]
    follow_customers: CustomerList
    open_on_plan_customers: CustomerList


def planned_map(
    plan: PlannedJourney, journeys: Journeys, inactivity_us: int, first: int, at_least: int
) -> PlannedMap:
    """Hold journeys against a plan that was checked.

    Parameters
    ----------
    inactivity_us
        A unit last seen less than this before the end of the data is open.
    first, at_least
        How many extra touchpoints and deviations are listed, each of at least so many units.

    Raises
    ------
    InvalidOptionError
        Where the items of the journeys are no touchpoints.
    """
    if journeys.by is not By.TOUCHPOINT or journeys.sets is not None:
        expected = "touchpoint, without a tolerance, where journeys are held against a plan"
        raise InvalidOptionError("by", journeys.by.value, expected)
    held = HeldPlan.of(plan, journeys, inactivity_us)
    closed, n_units = held.sums(Mark.UNIT)["closed"], held.units(Mark.UNIT)
    extras = extra_touchpoints(held, at_least)[:first]
    all_extras = held.places(Mark.EXTRA).values()
    found, tested = plan_deviations(held)
    deviations = [one for one in found if one.units >= at_least][:first]
    return PlannedMap(
        name=plan.name,
        units=n_units,
        closed=closed,
        open=n_units - closed,
        follows=wilson(held.units(Mark.FOLLOWS, 1), closed, journeys.confidence),
        open_on_plan=held.units(Mark.FOLLOWS, 0),
        fitness=mean_fitness(held),
        fitness_bands=tuple(fitness_bands(held)),
        steps=tuple(held_steps(held)),
        stages=tuple(held_stages(held)),
        extras=tuple(extras),
        other_extras=len(all_extras) - len(extras),
        other_extra_count=sum(sums["count"] for sums in all_extras)
        - sum(one.count for one in extras),
        deviations=tuple(deviations),
        tested=tested,
        other_deviations=len(found) - len(deviations),
        wording="associated with",
        warnings=tuple(_warnings(held)),
        follow_customers=held.customers(Mark.FOLLOWS, 1),
        open_on_plan_customers=held.customers(Mark.FOLLOWS, 0),
    )


def _warnings(held: HeldPlan) -> Iterator[str]:
    """Names that nothing has, and steps whose deviations say nothing about the outcome."""
    journeys = held.journeys
    outcomes = journeys.outcome.rule.touchpoints or ()
    for number, (_, step) in enumerate(held.steps):
        name = step.touchpoint
        if held.codes.items[number] < 0:
            yield f"Nobody meets {name!r}.{_did_you_mean(name, journeys.items)}"
        if held.codes.channels[number] == -1:
            known = journeys.graph.channels[1:]
            yield f"Nothing is by channel {step.channel!r}.{_did_you_mean(step.channel, known)}"
        if name in outcomes:
            yield (
                f"{name!r} is itself the outcome: that whoever leaves it out is without says "
                "nothing."
            )


def _did_you_mean(name: str | None, known: tuple[str, ...]) -> str:
    near = " or ".join(repr(other) for other in near_misses(name or "", known, 2))
    return f" Did you mean {near}?" if near else ""
