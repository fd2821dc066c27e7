"""Which touchpoints go with loyalty: who is judged loyal, and what the judged had met before.

Exposure ends before the outcome begins, so that nothing that loyalty brings about can be counted
among what goes with it; whoever was not watched for the whole horizon is censored, and never
counted as disloyal. Both counts are of units per item, so partials add up exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.kernels import loyalty as kernels
from journeygraph.kernels.hazards import sum_values_after
from journeygraph.kernels.items_met import MOST_ITEMS, count_items_met
from journeygraph.splitting import Unit
from journeygraph.statistics.base import MergeableStatistic, total
from journeygraph.statistics.finders import Finder
from journeygraph.statistics.loyalty_future import (
    Future,
    future_of,
    order_by_time,
    outcomes_of,
    sealed,
)
from journeygraph.statistics.refresh import Refresh
from journeygraph.statistics.remembering import LazyOption
from journeygraph.statistics.view_changes import Limit
from journeygraph.threads import n_threads, on_threads

if TYPE_CHECKING:
    from journeygraph.journeys import Block, Journeys

__all__ = [
    "JudgedUnits",
    "LoyaltyKind",
    "LoyaltyRule",
    "UNITS_JUDGED",
    "UNITS_JUDGED_AND_EXPOSED",
    "judge_units",
    "loyalty_exposures",
    "loyalty_states",
]

Int64Array = npt.NDArray[np.int64]
States = npt.NDArray[np.uint8]
Judge = Callable[[Int64Array, Int64Array], States]


class LoyaltyKind(StrEnum):
    """By what a unit is judged."""

    REPEAT_PURCHASE = "repeat purchase"
    ACTIVE = "active"
    NO_CHURN = "no churn"
    CHURN = "churn"
    VALUE = "value"
    COLUMN = "column"


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class LoyaltyRule:
    """What counts as loyal.

    Attributes
    ----------
    horizon_us
        How long a unit is watched after its first outcome; not for COLUMN.
    exposure_window_us
        How long before the first outcome a touchpoint counts; None for all history.
    least_minor
        For VALUE, the least that a loyal unit brings within the horizon.
    said
        For COLUMN, by customer index: NOT_ELIGIBLE, NOT_LOYAL or LOYAL of
        `journeygraph.kernels.loyalty`.
    """

    kind: LoyaltyKind
    horizon_us: int = 0
    exposure_window_us: int | None = None
    least_minor: int = 1
    said: States | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class JudgedUnits(LazyOption):
    """The units of journeys, each judged by a rule when somebody needs to know."""

    journeys: Journeys
    rule: LoyaltyRule

    @property
    def asked(self) -> LoyaltyRule:
        """What it depends on beside the journeys."""
        return self.rule

    @classmethod
    def of(cls, journeys: Journeys, asked: LoyaltyRule) -> JudgedUnits:
        """The units of journeys, judged by a rule."""
        return cls(journeys=journeys, rule=asked)

    def prepare(self) -> None:
        """Judge the units now."""
        _ = self.exposure_ends, self.states, self.exposure_seconds

    @property
    def window_us(self) -> int:
        """How long before its end the exposure begins; -1 for all history."""
        window_us = self.rule.exposure_window_us
        return -1 if window_us is None or self.rule.said is not None else window_us

    @cached_property
    def exposure_ends(self) -> Int64Array:
        """Of each unit the row at which its exposure ends."""
        journeys = self.journeys
        return journeys.unit_first_outcome if self.rule.said is None else journeys.unit_ends

    @cached_property
    def states(self) -> States:
        """What each unit is judged to be."""
        if self.rule.said is not None:
            return _of_units(self.rule.said, self.journeys)
        if self.rule.kind is LoyaltyKind.VALUE:
            return self._states_by_value()
        future = future_of(self.journeys)
        judge = _judge(self.journeys, self.rule, future)
        parts = list(zip(_cut(future.index_rows), _cut(future.row_ends), strict=True))
        states = np.concatenate(on_threads(lambda part: judge(*part), parts))
        if self.rule.kind is LoyaltyKind.CHURN:  # who has no gap did not churn
            states = np.where(states >= kernels.NOT_LOYAL, 5 - states, states).astype(np.uint8)
        return states

    def _states_by_value(self) -> States:
        journeys, horizon_us = self.journeys, self.rule.horizon_us
        rows = journeys.unit_first_outcome
        states = np.where(self.values_minor >= self.rule.least_minor, kernels.LOYAL,
                          kernels.NOT_LOYAL).astype(np.uint8)  # fmt: skip
        if len(rows):
            index_at = np.asarray(journeys.graph.at_us)[np.maximum(rows, 0)]
            states[index_at + horizon_us > journeys.as_of_us] = kernels.CENSORED
        states[rows < 0] = kernels.NOT_ELIGIBLE
        return states

    @cached_property
    def values_minor(self) -> Int64Array:
        """What each unit brought within the horizon, the index itself not included."""
        future = future_of(self.journeys)
        values = self.journeys.graph.value_minor
        return sum_values_after(
            sealed(future.index_rows), sealed(future.row_ends), future.at_us,
            sealed(values if future.order is None else values[future.order]), self.rule.horizon_us,
        )  # fmt: skip

    @property
    def since_us(self) -> Int64Array:
        """Of each unit the moment of its customer's first interaction; 0 where there is none."""
        graph = self.journeys.graph
        if not graph.n_interactions:
            return np.zeros(self.journeys.n_units, np.int64)
        rows = np.minimum(self._first_rows, graph.n_interactions - 1)
        return np.asarray(graph.at_us[rows], np.int64)

    @cached_property
    def _first_rows(self) -> Int64Array:
        """Of each unit the row of its customer's first interaction."""
        journeys = self.journeys
        graph, customers = journeys.graph, journeys.unit_customers
        if journeys.unit is Unit.CUSTOMER:
            is_everybody = journeys.n_units == graph.n_customers
            return graph.customer_starts[:-1] if is_everybody else graph.customer_starts[customers]
        rows, order = graph.customer_starts[customers], order_by_time(graph)
        return rows if order is None else order[rows]

    @cached_property
    def tenure_us(self) -> Int64Array:
        """From there to where the unit's exposure ends; 0 for those that are never judged."""
        return self._measure_exposures(window_us=-1)

    @cached_property
    def exposure_seconds(self) -> Int64Array:
        """How long each unit could meet anything that counts."""
        return self._measure_exposures(window_us=self.window_us, divisor=1_000_000)

    def _measure_exposures(self, window_us: int, divisor: int = 1) -> Int64Array:
        graph, n_before = self.journeys.graph, 0 if self.rule.said is None else 1
        measured = np.zeros(self.journeys.n_units, np.int64)
        if not graph.n_interactions:
            return measured

        def measure(part: tuple[Int64Array, Int64Array, Int64Array]) -> None:
            first_rows, end_rows, us = part
            kernels.measure_exposures(
                first_rows, end_rows, n_before, sealed(graph.at_us), window_us, us
            )
            np.floor_divide(us, divisor, out=us)

        parts = np.array_split(measured, n_threads())
        rows = _cut(self._first_rows), _cut(self.exposure_ends)
        on_threads(measure, list(zip(*rows, parts, strict=True)))
        return measured

    def count_states(self) -> list[int]:
        """Units by state: NOT_ELIGIBLE, CENSORED, NOT_LOYAL, LOYAL of the kernels."""
        return self._by_state("units")

    def sum_seconds(self) -> int:
        """How long the judged units could meet anything, all together."""
        return sum(self._by_state("seconds")[kernels.NOT_LOYAL :])

    def _by_state(self, measure: str) -> list[int]:
        sums: list[int] = self._states_total[measure].to_pylist()
        return sums

    @cached_property
    def _states_total(self) -> pa.Table:
        return total(loyalty_states, self.journeys, judged=self)

    def exposed_to(self, item: int) -> npt.NDArray[np.bool_]:
        """Which of the judged units met an item before their exposure ended."""
        journeys = self.journeys
        return kernels.find_exposed(
            item, *self.rows(0, journeys.n_journeys), *self.rule_arguments()
        )

    def count_exposures(self, block: Block) -> tuple[Int64Array, Int64Array, Int64Array]:
        """By item: judged units of a block that met it, the loyal of them, and their seconds."""
        rows = self.rows(block.journey_lo, block.journey_hi)
        n_items, seconds = self.journeys.n_items, sealed(self.exposure_seconds)
        if self.rule.said is not None and n_items <= MOST_ITEMS:  # and exposure never ends
            item_codes, _at_us, *ranges = rows
            few: Any = (item_codes, *ranges, sealed(self.states), n_items, seconds)
            return count_items_met(*few)
        arguments: Any = (*rows, *self.rule_arguments(), seconds)
        return kernels.count_exposures(*arguments)

    def rows(self, journey_lo: int, journey_hi: int) -> tuple[npt.NDArray[Any], ...]:
        """What kernels of exposure read of a range of journeys."""
        journeys, within = self.journeys, slice(journey_lo, journey_hi)
        return (
            sealed(journeys.item_codes),
            sealed(journeys.graph.at_us),
            sealed(journeys.journey_starts[within]),
            sealed(journeys.journey_ends[within]),
            sealed(journeys.journey_units[within].astype(np.int64, copy=False)),
        )

    def rule_arguments(self) -> tuple[Any, ...]:
        """What kernels of exposure know of units and of the rule."""
        journeys = self.journeys
        return (
            sealed(self.exposure_ends),
            sealed(self.states),
            self.window_us,
            journeys.n_items,
            journeys.repeated_code,
        )


def judge_units(journeys: Journeys, rule: LoyaltyRule) -> JudgedUnits:
    """The units of journeys as a rule judges them, on threads, when that is needed."""
    return JudgedUnits(journeys=journeys, rule=rule)


def _of_units(said: States, journeys: Journeys) -> States:
    """By unit what is said by customer: the same where everybody is one unit."""
    if journeys.unit is Unit.CUSTOMER and journeys.n_units == len(said):
        return said
    return said[journeys.unit_customers]


def _cut(by_unit: Int64Array) -> list[Int64Array]:
    return [sealed(part) for part in np.array_split(by_unit, n_threads())]


def _judge(journeys: Journeys, rule: LoyaltyRule, future: Future) -> Judge:
    graph, at_us, order = journeys.graph, future.at_us, future.order
    as_of_us, horizon_us, away_us = journeys.as_of_us, rule.horizon_us, journeys.inactivity_us
    if rule.kind is LoyaltyKind.REPEAT_PURCHASE:
        outcomes = outcomes_of(journeys, order)
        return lambda index_rows, row_ends: kernels.judge_repeats(
            index_rows, row_ends, outcomes, at_us, horizon_us, as_of_us
        )
    if rule.kind is LoyaltyKind.ACTIVE:
        codes = graph.column("initiator")
        initiators = sealed(codes if order is None else codes[order])
        return lambda index_rows, row_ends: kernels.judge_activity(
            index_rows, row_ends, at_us, initiators, horizon_us, away_us, as_of_us
        )
    return lambda index_rows, row_ends: kernels.judge_gaps(
        index_rows, row_ends, at_us, horizon_us, away_us, as_of_us
    )


def _exposures_partial(block: Block, *, judged: JudgedUnits) -> pa.Table:
    exposed, exposed_loyal, seconds = judged.count_exposures(block)
    items = np.arange(len(exposed), dtype=np.int64)
    measures = {"exposed": exposed, "exposed_loyal": exposed_loyal, "exposed_seconds": seconds}
    return pa.table({"item": items, **measures})


def _states_partial(block: Block, *, judged: JudgedUnits) -> pa.Table:
    within = slice(block.unit_lo, block.unit_hi)
    units, seconds = kernels.count_states(
        sealed(judged.states[within]), sealed(judged.exposure_seconds[within])
    )
    return pa.table({"state": np.arange(len(units)), "units": units, "seconds": seconds})


def _horizon(_journeys: Journeys, judged: JudgedUnits) -> Limit:
    return Limit(judged.rule.horizon_us)


def _judged_again(options: Mapping[str, Any], journeys: Journeys) -> Mapping[str, Any] | None:
    """By the same rule; not by what a column says of customers, which a load may change."""
    rule = options["judged"].rule
    return {"judged": judge_units(journeys, rule)} if rule.said is None else None


loyalty_states = MergeableStatistic(
    name="loyalty_states",
    keys=("state",),
    measures={"units": "sum", "seconds": "sum"},
    partial=_states_partial,
    refresh=Refresh(limit=_horizon, options_for=_judged_again),
)
"""By what units are judged to be: how many, and how long they could meet anything."""


loyalty_exposures = MergeableStatistic(
    name="loyalty_exposures",
    keys=("item",),
    measures={"exposed": "sum", "exposed_loyal": "sum", "exposed_seconds": "sum"},
    partial=_exposures_partial,
    refresh=Refresh(item_keys=("item",), limit=_horizon, options_for=_judged_again),
)
"""By item of the view: judged units that met it before their exposure ended, and how long they
could meet anything."""


def _units_judged(_journeys: Journeys, judged: JudgedUnits, states: tuple[int, ...]) -> Int64Array:
    """Units that are judged to be one of some states."""
    return np.flatnonzero(np.isin(judged.states, states))


def _units_exposed(
    _journeys: Journeys,
    judged: JudgedUnits,
    item: int,
    is_exposed: bool,
    states: tuple[int, ...],
) -> Int64Array:
    """Those of them that met an item before their exposure ended, or that did not."""
    is_meant = np.isin(judged.states, states)
    return np.flatnonzero(is_meant & (judged.exposed_to(item) == is_exposed))


UNITS_JUDGED = Finder(name="units judged", units=_units_judged)
UNITS_JUDGED_AND_EXPOSED = Finder(name="units judged and exposed", units=_units_exposed)
