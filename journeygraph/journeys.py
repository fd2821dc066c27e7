"""A population, cleaned and cut: which rows of a graph make which journeys of which items.

Every question takes a `Journeys`, so that a population is defined once and asked many things.
It never copies the interactions: it is at most one array of item codes beside the graph's
columns, and ranges of rows. A position in a view is a row of its graph, so times, values and all
else are the graph's own arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.cohorts import Where, conditions_of, limits_of
from journeygraph.conditions import BoolArray, ranks
from journeygraph.cutting import customers_by_size, units_by_size
from journeygraph.durations import Duration, parse_duration
from journeygraph.errors import InvalidOptionError
from journeygraph.graph import IntArray, JourneyGraph, number_type
from journeygraph.item_names import ItemNames
from journeygraph.item_sets import ItemSets, in_sets, names_of
from journeygraph.kernels.units import sum_values
from journeygraph.labelling import By, label, repeated_code, skipped_code
from journeygraph.moments import time_zone
from journeygraph.outcome import Outcome, OutcomeRule, compile_outcome, rows_within
from journeygraph.pattern_matching import Did, keep_units, units_that_did
from journeygraph.population import population_of
from journeygraph.rules import Rules
from journeygraph.splitting import Split, Unit, collapse
from journeygraph.threads import evenly, on_threads
from journeygraph.view_options import ViewOptions

if TYPE_CHECKING:
    from journeygraph.statistics.remembering import ViewMemory

__all__ = [
    "Block",
    "By",
    "Journeys",
    "Split",
    "Unit",
    "make_journeys",
    "repeated_code",
    "skipped_code",
]

Int64Array = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Journeys:
    """Journeys of a graph; made by `graph.journeys(...)`.

    Attributes
    ----------
    item_codes
        By row of the graph; a code of n_items or more is not an item: `skipped_code` where it
        was filtered out or excluded, `repeated_code` where it extends the item kept before it.
        Only rows within a journey mean anything.
    journey_starts, journey_ends
        Rows of each journey, its skipped interactions included; every journey has an item.
        Journeys do not overlap, and stand in the order of their rows. Where each begins where
        the one before ends, both are views of one array.
    journey_units
        The unit that each journey belongs to, ascending.
    unit_customers
        Customer index of each unit, ascending.
    unit_starts, unit_ends
        The whole history of a unit before `until`, unfiltered: all rows of the customer, or the
        journey's. Outcome, openness and value are judged on it.
    as_of_us
        The end of the data: the earlier of `until` and the graph's latest interaction.
    inactivity_us
        A unit whose last interaction is younger than this at `as_of_us` is open.
    where
        What the population was selected by.
    kept_customers
        By customer index whom `where.customers` means, also without a journey; None for all.
    sets
        What is behind the items where they are sets of names; None where there is no tolerance.
    selection
        All options that decide what is counted (not `confidence`) as one text, the same for the
        same view of one graph; None where it is not known.
    view_options
        What it was made of; None where it was made of another view.
    memory
        Where its statistics are remembered; None where they are not.
    """

    graph: JourneyGraph
    by: By
    unit: Unit
    items: tuple[str, ...]
    item_codes: IntArray
    journey_starts: Int64Array
    journey_ends: Int64Array
    journey_units: IntArray
    unit_customers: IntArray
    unit_starts: Int64Array
    unit_ends: Int64Array
    as_of_us: int
    inactivity_us: int
    confidence: float
    timezone: str
    outcome: Outcome
    where: Where = Where()
    kept_customers: BoolArray | None = None
    sets: ItemSets | None = None
    selection: str | None = None
    view_options: ViewOptions | None = None
    memory: ViewMemory | None = field(default=None, init=False)  # another view has none of it

    def __post_init__(self) -> None:
        kind = number_type(max(self.graph.n_customers, len(self.journey_units)))
        for name in ("journey_units", "unit_customers"):
            object.__setattr__(self, name, getattr(self, name).astype(kind, copy=False))
        for name in _ARRAYS:  # read-only like the graph's: kernels are compiled for one kind
            object.__setattr__(self, name, _read_only(getattr(self, name)))

    def __repr__(self) -> str:
        return (
            f"<Journeys: {self.n_journeys:,} journeys of {self.n_units:,} {self.unit}s "
            f"by {self.by} ({self.n_items:,} items)>"
        )

    @property
    def n_items(self) -> int:
        """How many items there are."""
        return len(self.items)

    @property
    def n_journeys(self) -> int:
        """How many journeys."""
        return len(self.journey_starts)

    @property
    def n_units(self) -> int:
        """How many units: the denominator of every share."""
        return len(self.unit_starts)

    @property
    def repeated_code(self) -> int:
        """The code of an interaction that extends the item kept before it."""
        return repeated_code(self.item_codes.dtype)

    @property
    def skipped_code(self) -> int:
        """The code of an interaction that was filtered out or excluded."""
        return skipped_code(self.item_codes.dtype)

    @cached_property
    def outcome_rows(self) -> Int64Array:
        """Rows within the units' whole histories that are the outcome, ascending.

        Outcomes of one set are one, at the set's first row.
        """
        rows = self.every_outcome
        return rows if self.sets is None else np.unique(self.first_rows_of_sets(rows))

    @cached_property
    def every_outcome(self) -> Int64Array:
        """Rows within the units' whole histories that are the outcome, one set's each."""
        rows = self.outcome.rows(self.graph)
        return rows_within(rows, self.unit_starts, self.unit_ends, self.graph.n_interactions)

    @property
    def n_outcomes(self) -> int:
        """How often the units' whole histories have the outcome."""
        return len(self.outcome_rows)

    def first_rows_of_sets(self, rows: Int64Array) -> Int64Array:
        """The first row of the set that each of some rows, ascending, is in; else the row."""
        assert self.sets is not None
        return self.sets.first_rows(self.journey_starts, self.journey_ends, self.graph.at_us, rows)

    @cached_property
    def unit_last_at_us(self) -> Int64Array:
        """When each unit was last seen, filtered or not."""
        return self.graph.at_us[self.unit_ends - 1]

    def unit_is_open(self, inactivity_us: int | None = None) -> BoolArray:
        """Whether each unit was seen less than the inactivity limit before the end of the data."""
        limit = self.inactivity_us if inactivity_us is None else inactivity_us
        return self.as_of_us - self.unit_last_at_us < limit

    @cached_property
    def unit_first_outcome(self) -> Int64Array:
        """Row of each unit's first outcome, -1 where it has none."""
        return self._outcome_at(ranks(self.outcome_rows, self.unit_starts))

    @cached_property
    def unit_last_outcome(self) -> Int64Array:
        """Row of each unit's last outcome, -1 where it has none."""
        return self._outcome_at(ranks(self.outcome_rows, self.unit_ends) - 1)

    def _outcome_at(self, places: Int64Array) -> Int64Array:
        if not len(self.outcome_rows):
            return np.full(self.n_units, -1, np.int64)
        rows = self.outcome_rows[places.clip(0, len(self.outcome_rows) - 1)]
        return np.where((rows >= self.unit_starts) & (rows < self.unit_ends), rows, -1)

    @cached_property
    def journey_has_outcome(self) -> BoolArray:
        """Whether each journey holds an outcome, filtered or not."""
        first = ranks(self.outcome_rows, self.journey_starts)
        return ranks(self.outcome_rows, self.journey_ends) > first

    @cached_property
    def unit_value_minor(self) -> Int64Array:
        """What each unit brought in its whole history, in minor units of money."""

        def of(part: slice) -> Int64Array:
            starts, ends = self.unit_starts[part], self.unit_ends[part]
            sums: Int64Array = sum_values(starts, ends, self.graph.value_minor)
            return sums

        sums = on_threads(of, evenly(self.unit_ends - self.unit_starts))
        return np.concatenate([np.zeros(0, np.int64), *sums])

    def with_where(self, where: Where | Mapping[str, Any]) -> Journeys:
        """The journeys of another population: nothing but `where` differs; remembered alike.

        Conditions that cannot be used are refused, and so is a view made of another view.
        """
        if self.view_options is None:
            raise InvalidOptionError("journeys", repr(self), "what graph.journeys(...) gives")
        if self.memory is not None:
            return self.memory.with_where(self.view_options, where)
        return make_journeys(self.view_options.graph, **self.view_options.arguments(where=where))

    @cached_property
    def item_names(self) -> ItemNames:
        """The items by name."""
        return names_of(self.by, self.items, self.sets)

    def item_codes_of(self, argument: str, names: Iterable[str]) -> tuple[int, ...]:
        """The codes of the items that names mean: one for each name, or all sets that hold it.

        Parameters
        ----------
        argument
            The name of the argument that gave them.

        Raises
        ------
        UnknownItemError
            Where a name means no item.
        """
        meant = (code for name in names for code in self.item_names.codes(argument, name))
        return tuple(dict.fromkeys(meant))

    def customer_ids(self, units: IntArray) -> list[str]:
        """Ids of the customers of units."""
        return self.graph.customer_id(self.unit_customers[units])

    def blocks(self, at_most: int | None = None) -> list[Block]:
        """Cut into parts of about equal interactions, whole customers each.

        Parameters
        ----------
        at_most
            How many; by default one for each thread, and fewer where there is little to do.
            Every block holds a journey; without journeys there is no block.
        """
        bounds = customers_by_size(
            self.journey_starts, self.journey_ends, self.journey_units, self.unit_customers, at_most
        )
        return [self.block(*journeys) for journeys in bounds]

    def block(self, journey_lo: int, journey_hi: int) -> Block:
        """The journeys of some units, all of these units' journeys."""
        return Block(
            journeys=self,
            journey_lo=journey_lo,
            journey_hi=journey_hi,
            unit_lo=int(self.journey_units[journey_lo]),
            unit_hi=int(self.journey_units[journey_hi - 1]) + 1,
        )


_ARRAYS = (
    "item_codes", "journey_starts", "journey_ends", "journey_units", "unit_customers",
    "unit_starts", "unit_ends",
)  # fmt: skip


def _read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Block:
    """A part of journeys that one thread works on: ranges of journeys and of their units."""

    journeys: Journeys
    journey_lo: int
    journey_hi: int
    unit_lo: int
    unit_hi: int

    def parts(self, at_least: int = 0) -> list[Block]:
        """Smaller blocks of whole units, as `cutting.units_by_size` says; an empty one is one."""
        journeys, within = self.journeys, slice(self.journey_lo, self.journey_hi)
        starts, units = journeys.journey_starts[within], journeys.journey_units[within]
        return [
            journeys.block(self.journey_lo + first, self.journey_lo + last)
            for first, last in units_by_size(starts, units, at_least)
        ] or [self]


def make_journeys(
    graph: JourneyGraph,
    *,
    where: Where | Mapping[str, Any] | None = None,
    rules: Rules | Mapping[str, Any] | None = None,
    split: Split | Mapping[str, Any] | None = None,
    by: By | str = By.TOUCHPOINT,
    unit: Unit | str = Unit.CUSTOMER,
    outcome: OutcomeRule | Mapping[str, Any] | None = None,
    inactivity: Duration = "30d",
    confidence: float = 0.95,
    timezone: str = "UTC",
) -> Journeys:
    """Select, clean and split: what `graph.journeys` does; see docs/journeys.md.

    Parameters
    ----------
    where
        Which interactions and customers; by default all.
    rules
        How names are cleaned; by default not at all.
    split
        What makes a journey; by default all that a customer does is one.
    by, unit
        What a path is made of, and what is counted.
    outcome
        What counts as success; by default a purchase (`compile_outcome`).
    inactivity
        A unit last seen less than this before the end of the data is open.
    confidence
        Of intervals, between 0 and 1.
    timezone
        What dates and times without an offset are meant in.

    Raises
    ------
    JourneyGraphError
        Where an option cannot be used or names what is not there.
    """
    given: Any = {
        "where": where, "rules": rules, "split": split, "by": by, "unit": unit,
        "outcome": outcome, "inactivity": inactivity, "confidence": confidence,
        "timezone": timezone,
    }  # fmt: skip
    return _view(ViewOptions(graph=graph, **given))


def _view(options: ViewOptions) -> Journeys:
    graph, where, split = options.graph, options.where, options.split
    by, unit, zone = options.by, options.unit, time_zone(options.timezone)
    inactivity_us = parse_duration(options.inactivity, "inactivity")
    from_us, until_us = limits_of(where, zone)
    rule = compile_outcome(graph, options.outcome)
    population = population_of(
        graph,
        until_us=until_us,
        customers=where.customers,
        split=split,
        unit=unit,
        outcome=rule,
    )
    selection = repr((
        by, unit, replace(where, from_=None, until=None), from_us, until_us, options.rules,
        split, rule.rule, inactivity_us, zone.key,
    ))  # fmt: skip
    graph = population.graph
    labels = label(graph, by, options.rules, conditions_of(graph, where, from_us), population.kept)
    journeys = population.journeys(labels, split)
    sets = None
    if options.rules.tolerance_us is not None:
        labels, sets = in_sets(journeys, labels, graph.at_us, options.rules.tolerance_us)
    if options.rules.collapse:
        collapse(journeys, labels)
        sets = None if sets is None else replace(sets, are_collapsed=True)
    units = population.units(journeys, unit, is_cut=split is not None)
    if where.asks_what_was_done:
        asked = Did(where.did or (), where.not_did or ())
        named = names_of(by, labels.items, sets)
        did = units_that_did(asked, journeys, units, labels, graph.at_us, named)
        journeys, units = keep_units(did, journeys, units)
    return Journeys(
        graph=graph,
        by=by,
        unit=unit,
        items=labels.items,
        item_codes=labels.codes,
        journey_starts=journeys.starts,
        journey_ends=journeys.ends,
        journey_units=units.of_journeys,
        unit_customers=units.customers,
        unit_starts=units.starts,
        unit_ends=units.ends,
        as_of_us=graph.as_of_us if until_us is None else min(until_us, graph.as_of_us),
        inactivity_us=inactivity_us,
        confidence=options.confidence,
        timezone=zone.key,
        outcome=compile_outcome(graph, options.outcome),
        where=where,
        kept_customers=population.kept,
        sets=sets,
        selection=selection,
        view_options=options,
    )
