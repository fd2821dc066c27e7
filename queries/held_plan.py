"""What was counted of journeys that are held against a plan, by mark and place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from journeygraph.durations import Duration, parse_duration
from journeygraph.statistics.base import total
from journeygraph.statistics.plan_codes import PlanCodes
from journeygraph.statistics.plan_deviations import PLAN_DEVIATIONS, UNITS_MARKED, Mark
from journeygraph.vocabulary import normalise_channel
from queries.customer_lists import CustomerList
from queries.intervals import Estimate, wilson
from queries.planned_journey import PlannedJourney, PlannedStage, PlannedTouchpoint

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["HeldPlan", "Sums"]

Sums = Mapping[str, int]

_MEASURES = PLAN_DEVIATIONS.measures
_NOTHING = dict.fromkeys(_MEASURES, 0)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class HeldPlan:
    """A plan in the codes of some journeys, and what these did about it.

    Attributes
    ----------
    plan
        One that was checked.
    inactivity_us
        A unit last seen less than this before the end of the data is open.
    table
        By mark, place and stage.
    """

    plan: PlannedJourney
    journeys: Journeys
    inactivity_us: int
    codes: PlanCodes
    table: Mapping[tuple[int, int, int], Sums]

    @classmethod
    def of(cls, plan: PlannedJourney, journeys: Journeys, inactivity_us: int) -> HeldPlan:
        """Count what the journeys did."""
        codes = _codes(plan, journeys)
        counted = total(PLAN_DEVIATIONS, journeys, plan=codes, inactivity_us=inactivity_us)
        rows = counted.to_pylist()
        return cls(
            plan=plan,
            journeys=journeys,
            inactivity_us=inactivity_us,
            codes=codes,
            table={(row["mark"], row["place"], row["stage"]): row for row in rows},
        )

    @property
    def steps(self) -> list[tuple[PlannedStage, PlannedTouchpoint]]:
        """The steps in their order, each with its stage."""
        return [(stage, touchpoint) for _, stage, touchpoint in self.plan.steps]

    @property
    def stages(self) -> list[PlannedStage]:
        """The stages in their order."""
        return list({number: stage for number, stage, _ in self.plan.steps}.values())

    def sums(self, mark: Mark, place: int = -1, stage: int = -1) -> Sums:
        """The measures of units with a mark; zeros where nobody has it."""
        return self.table.get((mark, place, stage), _NOTHING)

    def units(self, mark: Mark, place: int = -1, stage: int = -1) -> int:
        """How many units have a mark."""
        return self.sums(mark, place, stage)["units"]

    def places(self, mark: Mark) -> dict[tuple[int, int], Sums]:
        """The places and stages at which somebody has a mark."""
        return {key[1:]: sums for key, sums in self.table.items() if key[0] == mark}

    def rate(self, mark: Mark, of: Mark, place: int) -> Estimate:
        """The units with one mark, of those with another."""
        confidence = self.journeys.confidence
        return wilson(self.units(mark, place), self.units(of, place), confidence)

    def customers(self, mark: Mark, place: int, stage: int = -1) -> CustomerList:
        """Who stands behind a mark."""
        return CustomerList.of(
            self.journeys,
            UNITS_MARKED,
            plan=self.codes,
            mark=mark,
            place=place,
            stage=stage,
            inactivity_us=self.inactivity_us,
        )


def _codes(plan: PlannedJourney, journeys: Journeys) -> PlanCodes:
    """What the journeys do not have is a step that nobody meets."""
    items = {name: code for code, name in enumerate(journeys.items)}
    channels = {name: code for code, name in enumerate(journeys.graph.channels)}
    steps = list(plan.steps)
    touchpoints = [touchpoint for _, _, touchpoint in steps]
    limits = {number: stage.within for number, stage, _ in steps}
    return PlanCodes(
        items=tuple(items.get(one.touchpoint, -1) for one in touchpoints),
        channels=tuple(
            None if one.channel is None else channels.get(normalise_channel(one.channel), -1)
            for one in touchpoints
        ),
        optional=tuple(one.optional for one in touchpoints),
        repeats=tuple(one.repeats for one in touchpoints),
        within_us=tuple(_in_us(one.within) for one in touchpoints),
        stages=tuple(number for number, _, _ in steps),
        stage_within_us=tuple(_in_us(limit) for limit in limits.values()),
    )


def _in_us(within: Duration | None) -> int | None:
    return None if within is None else parse_duration(within, "within")
