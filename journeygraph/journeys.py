"""A population, cleaned and cut: which rows of a graph make which journeys of which items.

Every question takes a `Journeys`, so that a population is defined once and asked many things.
It never copies the interactions: it is at most one array of item codes beside the graph's
columns, and ranges of rows. A position in a view is a row of its graph, so times, values and all
else are the graph's own arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from journeygraph.errors import InvalidOptionError, UnknownItemError
from journeygraph.graph import IntArray, JourneyGraph
from journeygraph.outcome import Outcome
from journeygraph.threads import n_threads
from journeygraph.vocabulary import STAGES, UNKNOWN, code_of, normalise_channel

__all__ = ["Block", "By", "Journeys", "Unit", "make_journeys", "repeated_code", "skipped_code"]

Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_FEWEST_PER_BLOCK = 1 << 16


class By(StrEnum):
    """What a path is made of."""

    TOUCHPOINT = "touchpoint"
    CHANNEL = "channel"
    STAGE = "stage"
    TOUCHPOINT_AT_CHANNEL = "touchpoint_at_channel"

    @classmethod
    def _missing_(cls, value: object) -> By:
        return _word(cls, "by", value)


class Unit(StrEnum):
    """What is counted."""

    CUSTOMER = "customer"
    JOURNEY = "journey"

    @classmethod
    def _missing_(cls, value: object) -> Unit:
        return _word(cls, "unit", value)


def _word(kind: Any, argument: str, value: object) -> Any:
    if isinstance(value, str) and value.lower() in list(kind):
        return kind(value.lower())
    raise InvalidOptionError(argument, value, "one of " + ", ".join(word.name for word in kind))


def repeated_code(codes: npt.DTypeLike) -> int:
    """The code of an interaction that repeats the item before it: the largest of the type."""
    return int(np.iinfo(codes).max)


def skipped_code(codes: npt.DTypeLike) -> int:
    """The code of an interaction that was filtered out or excluded: the last but one."""
    return int(np.iinfo(codes).max) - 1


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
        Journeys do not overlap, and stand in the order of their rows.
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
    """

    graph: JourneyGraph
    by: By
    unit: Unit
    items: tuple[str, ...]
    item_codes: IntArray
    journey_starts: Int64Array
    journey_ends: Int64Array
    journey_units: IntArray
    unit_customers: Int64Array
    unit_starts: Int64Array
    unit_ends: Int64Array
    as_of_us: int
    inactivity_us: int
    confidence: float
    timezone: str
    outcome: Outcome
    until_us: int | None = None

    def __post_init__(self) -> None:
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
        """Rows within the units' whole histories that are the outcome, ascending."""
        until = np.iinfo(np.int64).max if self.until_us is None else self.until_us
        rows = self.outcome.rows(self.graph, until)
        unit = np.searchsorted(self.unit_starts, rows, side="right") - 1
        within = unit >= 0
        within[within] = rows[within] < self.unit_ends[unit[within]]
        return rows[within]

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
        return self._outcome_at(np.searchsorted(self.outcome_rows, self.unit_starts))

    @cached_property
    def unit_last_outcome(self) -> Int64Array:
        """Row of each unit's last outcome, -1 where it has none."""
        return self._outcome_at(np.searchsorted(self.outcome_rows, self.unit_ends) - 1)

    def _outcome_at(self, places: Int64Array) -> Int64Array:
        if not len(self.outcome_rows):
            return np.full(self.n_units, -1, np.int64)
        rows = self.outcome_rows[places.clip(0, len(self.outcome_rows) - 1)]
        return np.where((rows >= self.unit_starts) & (rows < self.unit_ends), rows, -1)

    @cached_property
    def journey_has_outcome(self) -> BoolArray:
        """Whether each journey holds an outcome, filtered or not."""
        first = np.searchsorted(self.outcome_rows, self.journey_starts)
        return np.asarray(np.searchsorted(self.outcome_rows, self.journey_ends) > first)

    @cached_property
    def unit_value_minor(self) -> Int64Array:
        """What each unit brought in its whole history, in minor units of money."""
        values = self.graph.value_minor
        known = np.where(values == np.iinfo(np.int64).min, 0, values)
        sums = np.concatenate([np.zeros(1, np.int64), np.cumsum(known)])
        return sums[self.unit_ends] - sums[self.unit_starts]

    def item_code(self, argument: str, name: str) -> int:
        """The code of an item given by name, under the name of the argument that gave it.

        Raises
        ------
        UnknownItemError
            Where no item has this name.
        """
        for spelling in _spellings(self.by, name):
            code = self._codes.get(spelling)
            if code is not None:
                return code
        raise UnknownItemError(argument, name, self.items)

    @cached_property
    def _codes(self) -> dict[str, int]:
        return {name: code for code, name in enumerate(self.items)}

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
        sizes = np.cumsum(self.journey_ends - self.journey_starts)
        n_rows = int(sizes[-1]) if len(sizes) else 0
        if at_most is None:
            at_most = min(n_threads(), n_rows // _FEWEST_PER_BLOCK + 1)
        goals = n_rows * np.arange(1, at_most) // at_most
        customers = self.unit_customers[self.journey_units]
        at = customers[np.searchsorted(sizes, goals, side="right")] if len(goals) else customers[:0]
        cuts = np.unique(np.concatenate([[0], np.searchsorted(customers, at), [len(sizes)]]))
        return [self._block(int(lo), int(hi)) for lo, hi in zip(cuts[:-1], cuts[1:], strict=True)]

    def _block(self, journey_lo: int, journey_hi: int) -> Block:
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


def _spellings(by: By, name: str) -> tuple[str, ...]:
    if by is By.CHANNEL:
        return name, normalise_channel(name)
    if by is By.STAGE:
        code = code_of(name, STAGES)
        return (name, STAGES[code - 1]) if code else (name,)
    return (name,)


def make_journeys(
    graph: JourneyGraph,
    *,
    by: By | str = By.TOUCHPOINT,
    unit: Unit | str = Unit.CUSTOMER,
    inactivity: str = "30d",
    confidence: float = 0.95,
    timezone: str = "UTC",
) -> Journeys:
    """Select, clean and split."""
    from journeygraph.durations import parse_duration
    from journeygraph.outcome import compile_outcome

    by = By(by)
    items, codes = {
        By.TOUCHPOINT: (graph.touchpoints, graph.touchpoint_codes),
        By.CHANNEL: (graph.channels, graph.channel_codes),
        By.STAGE: ((UNKNOWN, *STAGES), graph.stage_codes),
    }[by]
    customers = np.flatnonzero(np.diff(graph.customer_starts)).astype(np.int64)
    starts = graph.customer_starts[customers]
    ends = graph.customer_starts[customers + 1]
    return Journeys(
        graph=graph,
        by=by,
        unit=Unit(unit),
        items=items,
        item_codes=codes,
        journey_starts=starts,
        journey_ends=ends,
        journey_units=np.arange(len(starts), dtype=np.int64),
        unit_customers=customers,
        unit_starts=starts,
        unit_ends=ends,
        as_of_us=graph.as_of_us,
        inactivity_us=parse_duration(inactivity, "inactivity"),
        confidence=confidence,
        timezone=timezone,
        outcome=compile_outcome(graph),
    )
