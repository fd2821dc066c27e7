"""The journey map: what customers meet in which stage, where they leave, and how they feel there.

A cell of the map is an item in a stage; the stage is that of each interaction, so that one
touchpoint may stand in several. Units, exits and open units mean what they mean in drop-off: over
the stages they add up to those of the item, over all cells to all units. Feelings and the gap
between what was expected and what was found are means over the interactions where they are said,
with how many say nothing beside them. Where a planned journey is given, it is held against the
actual ones (`planned_map`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from journeygraph.durations import Duration, parse_duration
from journeygraph.errors import InvalidOptionError
from journeygraph.statistics.base import total
from journeygraph.statistics.map_cells import (
    FATES,
    MAP_CELLS,
    UNITS_LAST_IN_CELL,
    UNITS_THAT_MEET_CELL,
)
from journeygraph.statistics.ratings import RATINGS, Rating
from journeygraph.vocabulary import STAGES
from queries.customer_lists import CustomerList
from queries.figures import Pictured
from queries.intervals import SMALL_GROUP, Estimate, wilson
from queries.means import Mean, mean_of
from queries.outcomes import outcome_warnings
from queries.paging import PageInfo, page_bounds, page_info
from queries.planned_journey import PlannedJourney, planned_journey
from queries.planned_map import PlannedMap, planned_map
from queries.question import Question

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["JourneyMap", "JourneyMapAnswer", "MapCell", "MapStage", "journey_map"]

_Key = tuple[int, int]
_Sums = Mapping[str, int]
_ALL = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyMap(Question):
    """What customers meet in which stage.

    Attributes
    ----------
    inactivity
        A unit whose last interaction is younger than this at the end of the data is open; by
        default the limit of the journeys.
    first, after
        How many cells, and behind which cursor.
    at_least
        List no cell of fewer units; they are counted among the others.
    planned
        A planned journey to hold the actual ones against; `first` and `at_least` go for its lists
        as well.
    """

    inactivity: Duration | None = None
    first: int = 50
    after: str | None = None
    at_least: int = 1
    planned: PlannedJourney | Mapping[str, Any] | None = None


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class MapStage:
    """A stage: who is in it, who leaves in it, and how they feel.

    Attributes
    ----------
    stage
        None for interactions of which no stage is said.
    units, share
        Units that meet an item in it, each once, and their share of all.
    count
        Items met in it.
    exits, open, with_outcome
        Units last seen in it: closed without the outcome, open, closed with it.
    rate
        exits / (units - open), with Wilson's interval.
    emotion, gap
        Means over its interactions; the gap is experience less expectation.
    small
        The rate is one of fewer than 30 units.
    customers, exit_customers, open_customers
        Who stands behind units, exits and open.
    """

    stage: str | None
    units: int
    share: float
    count: int
    exits: int
    open: int
    with_outcome: int
    rate: Estimate
    emotion: Mean
    gap: Mean
    small: bool
    customers: CustomerList
    exit_customers: CustomerList
    open_customers: CustomerList


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class MapCell(MapStage):
    """An item in a stage: the same numbers of this item in this stage alone."""

    item: str


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class JourneyMapAnswer(Pictured):
    """Stages in their order, and the cells of one page.

    Attributes
    ----------
    units
        All units of the journeys; exits + open + with_outcome.
    count
        All items met; those of all stages.
    emotion, gap
        Means over all interactions.
    stages
        In the order of a relationship, what is not said last; those that nobody meets left out.
    cells
        How many cells there are; those listed and other_cells.
    nodes
        Cells, most units first, then by stage and name.
    other_cells, other_count
        Cells that this page does not list, and the items met in them.
    planned
        The planned journey against the actual ones; None where none was given.
    """

    units: int
    count: int
    exits: int
    open: int
    with_outcome: int
    inactivity_seconds: float
    as_of_us: int | None
    emotion: Mean
    gap: Mean
    stages: tuple[MapStage, ...]
    cells: int
    nodes: tuple[MapCell, ...]
    page_info: PageInfo
    other_cells: int
    other_count: int
    planned: PlannedMap | None
    warnings: tuple[str, ...]


def journey_map(question: JourneyMap, journeys: Journeys) -> JourneyMapAnswer:
    """Answer the question, most units first. The unit is that of the journeys.

    Raises
    ------
    InvalidDurationError
        Where the inactivity limit is not a length of time.
    InvalidOptionError
        Where `at_least` is below 1, `first` or `after` do not name a page, or journeys that are no
        touchpoints are held against a plan.
    BadPlannedJourneyError
        Where the planned journey cannot be used, with the field.
    """
    if question.at_least < 1:
        raise InvalidOptionError("at_least", question.at_least, "a whole number above 0")
    inactivity_us = journeys.inactivity_us
    if question.inactivity is not None:
        inactivity_us = parse_duration(question.inactivity, "inactivity")
    plan = None if question.planned is None else planned_journey(question.planned)
    found = _Found.of(journeys, inactivity_us)
    cells = found.ranked(question.at_least)
    start, end = page_bounds(len(cells), question.first, question.after)
    listed = cells[start:end]
    stages = [found.measures[key] for key in found.stages]
    fates = {name: sum(measures[name] for measures in stages) for name in FATES}
    n_cells = len(found.measures) - len(stages)
    count = sum(measures["count"] for measures in stages)
    return JourneyMapAnswer(
        units=journeys.n_units,
        count=count,
        exits=fates["exits"],
        open=fates["open"],
        with_outcome=fates["completed"],
        inactivity_seconds=inactivity_us / 1e6,
        as_of_us=journeys.as_of_us if journeys.graph.n_interactions else None,
        emotion=found.mean(Rating.EMOTION, (_ALL, _ALL)),
        gap=found.mean(Rating.GAP, (_ALL, _ALL)),
        stages=tuple(found.stage(key) for key in found.stages),
        cells=n_cells,
        nodes=tuple(found.cell(key) for key in listed),
        page_info=page_info(len(cells), start, end),
        other_cells=n_cells - len(listed),
        other_count=count - sum(found.measures[key]["count"] for key in listed),
        planned=None
        if plan is None
        else planned_map(plan, journeys, inactivity_us, question.first, question.at_least),
        warnings=(*outcome_warnings(journeys), *_warnings(found)),
    )


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class _Found:
    """What was counted of each (stage, item), of each (stage, -1), and of (-1, -1) for all."""

    journeys: Journeys
    inactivity_us: int
    measures: Mapping[_Key, _Sums]
    ratings: Mapping[Rating, Mapping[_Key, _Sums]]

    @classmethod
    def of(cls, journeys: Journeys, inactivity_us: int) -> _Found:
        counted = total(MAP_CELLS, journeys, inactivity_us=inactivity_us).to_pylist()
        return cls(
            journeys=journeys,
            inactivity_us=inactivity_us,
            measures={(row["stage"], row["item"]): row for row in counted},
            ratings={
                rating: {
                    (row["stage"], row["item"]): row
                    for by in ((), ("stage",), ("stage", "item"))
                    for row in total(RATINGS, journeys, rating=rating, by=by).to_pylist()
                }
                for rating in (Rating.EMOTION, Rating.GAP)
            },
        )

    @property
    def stages(self) -> list[_Key]:
        """Stages in their order, what is not said last."""
        keys = [key for key in self.measures if key[1] == _ALL]
        return sorted(keys, key=lambda key: (key[0] == 0, key[0]))

    def ranked(self, at_least: int) -> list[_Key]:
        """Cells, most units first, then by stage and name."""
        cells = [
            key
            for key, measures in self.measures.items()
            if key[1] != _ALL and measures["units"] >= at_least
        ]
        return sorted(
            cells,
            key=lambda key: (
                -self.measures[key]["units"], key[0] == 0, key[0], self.journeys.items[key[1]],
            ),
        )  # fmt: skip

    def mean(self, rating: Rating, key: _Key) -> Mean:
        return mean_of(self.ratings[rating].get(key), self.journeys.confidence)

    def stage(self, key: _Key) -> MapStage:
        return MapStage(**self._numbers(key))

    def cell(self, key: _Key) -> MapCell:
        return MapCell(item=self.journeys.items[key[1]], **self._numbers(key))

    def _numbers(self, key: _Key) -> dict[str, Any]:
        measures, journeys = self.measures[key], self.journeys
        at_risk = measures["units"] - measures["open"]
        return {
            "stage": STAGES[key[0] - 1] if key[0] else None,
            "units": measures["units"],
            "share": measures["units"] / journeys.n_units,
            "count": measures["count"],
            "exits": measures["exits"],
            "open": measures["open"],
            "with_outcome": measures["completed"],
            "rate": wilson(measures["exits"], at_risk, journeys.confidence),
            "emotion": self.mean(Rating.EMOTION, key),
            "gap": self.mean(Rating.GAP, key),
            "small": at_risk < SMALL_GROUP,
            "customers": CustomerList.of(journeys, UNITS_THAT_MEET_CELL, **_place(key)),
            "exit_customers": self._last_in(key, "exits"),
            "open_customers": self._last_in(key, "open"),
        }

    def _last_in(self, key: _Key, fate: str) -> CustomerList:
        return CustomerList.of(
            self.journeys,
            UNITS_LAST_IN_CELL,
            **_place(key),
            fate=fate,
            inactivity_us=self.inactivity_us,
        )


def _place(key: _Key) -> dict[str, int | None]:
    """A key as options: the stage and the item, None for all items."""
    return {"stage": key[0], "item": None if key[1] == _ALL else key[1]}


def _warnings(found: _Found) -> Iterator[str]:
    count = sum(found.measures[key]["count"] for key in found.stages)
    unsaid = found.measures.get((0, _ALL))
    if unsaid is not None and 2 * unsaid["count"] > count:
        yield (
            f"No stage is said of {unsaid['count']:,} of {count:,} interactions. A dictionary "
            "gives touchpoints their stages: journeygraph dictionary."
        )
    if count and not found.ratings[Rating.EMOTION][_ALL, _ALL]["ratings"]:
        yield "No interaction says how the customer felt."
