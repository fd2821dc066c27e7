"""The steps and stages of a plan, what was met beside them, and how well journeys fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from journeygraph.statistics.plan_deviations import BANDS, Mark
from journeygraph.vocabulary import STAGES
from queries.customer_lists import CustomerList
from queries.held_plan import HeldPlan
from queries.intervals import SMALL_GROUP, Estimate, wilson

__all__ = [
    "ExtraTouchpoint",
    "FitnessBand",
    "HeldStage",
    "HeldStep",
    "extra_touchpoints",
    "fitness_bands",
    "held_stages",
    "held_steps",
    "mean_fitness",
]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class HeldStep:
    """A step of the plan, and what units did about it.

    Every unit met it, did it out of order, skipped it, or is not that far yet.

    Attributes
    ----------
    number
        Its place in the plan, from 1.
    within_seconds
        The time that is planned for it.
    met
        Units that met it in its place, of all but those to whom it may still come, with Wilson's
        interval.
    out_of_order
        Units that did it at another place only.
    skipped
        Units that did not do it.
    not_yet
        Open units that met no step behind it.
    repeated
        Units that met it, and did it again where that is not planned.
    late
        Units for which it came later than planned, of those that met it behind another step;
        nothing where no time is planned.
    small
        `met` is of fewer than 30 units.
    """

    number: int
    stage: str
    touchpoint: str
    channel: str | None
    optional: bool
    repeats: bool
    within_seconds: float | None
    met: Estimate
    out_of_order: int
    skipped: int
    not_yet: int
    repeated: int
    late: Estimate
    small: bool
    met_customers: CustomerList
    out_of_order_customers: CustomerList
    skipped_customers: CustomerList
    not_yet_customers: CustomerList
    repeated_customers: CustomerList
    late_customers: CustomerList


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class HeldStage:
    """A stage of the plan: who met a step of it, and who took longer than planned.

    Attributes
    ----------
    late
        Of the units that met it, those that took longer from its first contact to its last;
        nothing where no time is planned.
    """

    stage: str
    within_seconds: float | None
    units: int
    share: float | None
    late: Estimate
    customers: CustomerList
    late_customers: CustomerList


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ExtraTouchpoint:
    """What units met that no step of the plan is, in the stage that the interactions say."""

    item: str
    stage: str | None
    units: int
    share: float
    count: int
    customers: CustomerList


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class FitnessBand:
    """Units whose fitness is at least `at_least` and below `below`, which is None where it is 1."""

    at_least: float
    below: float | None
    units: int
    share: float
    customers: CustomerList


def held_steps(held: HeldPlan) -> Iterator[HeldStep]:
    """The steps in the order of the plan."""
    n_units = held.units(Mark.UNIT)
    for place, (stage, step) in enumerate(held.steps):
        limit_us, not_yet = held.codes.within_us[place], held.units(Mark.NOT_YET, place)
        of = n_units - not_yet
        yield HeldStep(
            number=place + 1,
            stage=stage.stage,
            touchpoint=step.touchpoint,
            channel=step.channel,
            optional=step.optional,
            repeats=step.repeats,
            within_seconds=None if limit_us is None else limit_us / 1e6,
            met=wilson(held.units(Mark.MET, place), of, held.journeys.confidence),
            out_of_order=held.units(Mark.OUT_OF_ORDER, place),
            skipped=held.units(Mark.SKIPPED, place),
            not_yet=not_yet,
            repeated=held.units(Mark.REPEATED, place),
            late=held.rate(Mark.LATE, Mark.TIMED, place),
            small=of < SMALL_GROUP,
            met_customers=held.customers(Mark.MET, place),
            out_of_order_customers=held.customers(Mark.OUT_OF_ORDER, place),
            skipped_customers=held.customers(Mark.SKIPPED, place),
            not_yet_customers=held.customers(Mark.NOT_YET, place),
            repeated_customers=held.customers(Mark.REPEATED, place),
            late_customers=held.customers(Mark.LATE, place),
        )


def held_stages(held: HeldPlan) -> Iterator[HeldStage]:
    """The stages in the order of the plan."""
    n_units = held.units(Mark.UNIT)
    for place, stage in enumerate(held.stages):
        limit_us, units = held.codes.stage_within_us[place], held.units(Mark.STAGE_MET, place)
        yield HeldStage(
            stage=stage.stage,
            within_seconds=None if limit_us is None else limit_us / 1e6,
            units=units,
            share=units / n_units if n_units else None,
            late=held.rate(Mark.STAGE_LATE, Mark.STAGE_TIMED, place),
            customers=held.customers(Mark.STAGE_MET, place),
            late_customers=held.customers(Mark.STAGE_LATE, place),
        )


def extra_touchpoints(held: HeldPlan, at_least: int) -> list[ExtraTouchpoint]:
    """Those of enough units: most units first, then by name and stage."""
    n_units, items = held.units(Mark.UNIT), held.journeys.items
    found = [
        ((-sums["units"], items[item], stage == 0, stage), item, sums)
        for (item, stage), sums in held.places(Mark.EXTRA).items()
        if sums["units"] >= at_least
    ]
    return [
        ExtraTouchpoint(
            item=items[item],
            stage=STAGES[stage - 1] if stage else None,
            units=sums["units"],
            share=sums["units"] / n_units,
            count=sums["count"],
            customers=held.customers(Mark.EXTRA, item, stage),
        )
        for (_, _, _, stage), item, sums in sorted(found, key=lambda one: one[0])
    ]


def fitness_bands(held: HeldPlan) -> Iterator[FitnessBand]:
    """All bands, the lowest first; they add up to all units."""
    n_units = held.units(Mark.UNIT)
    for band in range(BANDS + 1) if n_units else ():
        units = held.units(Mark.BAND, band)
        yield FitnessBand(
            at_least=band / BANDS,
            below=(band + 1) / BANDS if band < BANDS else None,
            units=units,
            share=units / n_units,
            customers=held.customers(Mark.BAND, band),
        )


def mean_fitness(held: HeldPlan) -> float | None:
    """Over all units; None where there is none."""
    n_units = held.units(Mark.UNIT)
    if not n_units:
        return None
    lost = sum(
        sums["units"] * cost / most for (cost, most), sums in held.places(Mark.FITNESS).items()
    )
    return 1 - lost / n_units
