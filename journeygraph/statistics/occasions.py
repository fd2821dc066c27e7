"""Occasions: every time a unit stands at an item of its journey, and what came of it.

An occasion is what a decision is made at: so much of the journey is known, and the next contact is
still open. It is *followed up* where it is long enough before the end of the data that all asked
about it has had its time; what is not yet known is never counted as "nothing happened".

Contacts, outcome, value and activity are looked for in the unit's whole history, filtered or not;
what comes next is the next item of the journey.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.cohorts import limits_of
from journeygraph.graph import MISSING
from journeygraph.kernels.occasions import find_later_rows, list_occasions
from journeygraph.moments import time_zone
from journeygraph.vocabulary import INITIATORS

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = [
    "NEVER",
    "NO_CONTACT",
    "OTHER_CONTACT",
    "Contacts",
    "Occasions",
    "contacts_of",
    "occasions_of",
]

BoolArray = npt.NDArray[np.bool_]
Int64Array = npt.NDArray[np.int64]

NO_CONTACT = -1
"""In `contact_items`: nobody turned to the unit in time, before it had the outcome."""

NEVER = int(np.iinfo(np.int64).max)
"""In `outcome_delays_us`: no outcome within the horizon."""

OTHER_CONTACT = -2
"""In `contact_items`: somebody did, by what is no item of these journeys."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Contacts:
    """Which interactions are a contact by the company.

    Attributes
    ----------
    are
        By row of the graph. An outcome is none, nor is what extends the item before it.
    rule
        In words.
    is_known
        Whether it was said, by option or by the data; else every item is taken for one.
    """

    are: BoolArray
    rule: str
    is_known: bool


@dataclass(frozen=True, eq=False, kw_only=True)
class Occasions:
    """The occasions of journeys, in the order of their rows, one entry each.

    Attributes
    ----------
    rows, units, positions
        The row of the item, the unit, and the place in the journey, from 0.
    next_items
        Code of the next item of the journey within the window; `n_items` where there is none.
    contact_rows, contact_items
        The first contact within the window and before any outcome: row and item, or `NO_CONTACT`,
        or `OTHER_CONTACT`.
    outcome_delays_us
        How long it took to the next outcome; `NEVER` where it did not come within the horizon.
    is_active, values_minor
        Whether the customer was active in the last of the horizon; what the unit brought in it.
    was_outcome
        Whether the unit had the outcome by then.
    """

    journeys: Journeys
    contacts: Contacts
    within_us: int
    horizon_us: int
    rows: Int64Array
    units: Int64Array
    positions: Int64Array
    next_items: Int64Array
    contact_rows: Int64Array
    contact_items: Int64Array
    outcome_delays_us: Int64Array
    is_active: BoolArray
    values_minor: Int64Array
    was_outcome: BoolArray

    @cached_property
    def at_us(self) -> Int64Array:
        """When each is."""
        return self.journeys.graph.at_us[self.rows]

    @cached_property
    def items(self) -> Int64Array:
        """At which item each is."""
        return self.journeys.item_codes[self.rows].astype(np.int64)

    @cached_property
    def are_followed_within(self) -> BoolArray:
        """Whose window is over at the end of the data."""
        return self.at_us + self.within_us <= self.known_until_us

    @cached_property
    def are_followed_up(self) -> BoolArray:
        """Whose horizon is over at the end of the data."""
        return self.at_us + self.horizon_us <= self.known_until_us

    @cached_property
    def known_until_us(self) -> int:
        """The last moment of which all is known: `until` itself is not."""
        journeys = self.journeys
        until_us = limits_of(journeys.where, time_zone(journeys.timezone))[1]
        latest_us = journeys.graph.as_of_us
        return latest_us if until_us is None else min(until_us - 1, latest_us)


def contacts_of(journeys: Journeys, items: Sequence[int] | None) -> Contacts:
    """Which interactions are a contact.

    Parameters
    ----------
    items
        Codes of the items that are; None for what the company began, and where no interaction
        says who began it, every item.
    """
    codes = journeys.item_codes
    if items is not None:
        wanted = np.zeros(journeys.n_items, np.bool_)
        wanted[list(items)] = True
        are = _at_items(codes, wanted)
        rule, is_known = "at the touchpoints named", True
    elif journeys.graph.says("initiator"):
        are = journeys.graph.column("initiator") == INITIATORS.index("company") + 1
        rule, is_known = "begun by the company", True
    else:
        are = codes < journeys.n_items
        rule, is_known = "at any item", False
    are = are & (codes != journeys.repeated_code)
    are[journeys.outcome_rows] = False
    return Contacts(are=are, rule=rule, is_known=is_known)


def _at_items(codes: npt.NDArray[Any], wanted: BoolArray) -> BoolArray:
    are = codes < len(wanted)
    are[are] = wanted[codes[are]]
    return are


def occasions_of(
    journeys: Journeys, contacts: Contacts, within_us: int, horizon_us: int
) -> Occasions:
    """Every occasion of these journeys, followed.

    Parameters
    ----------
    within_us
        How long after an occasion a next item, or a contact, counts; inclusive.
    horizon_us
        How long outcome, value and activity are looked for; inclusive.
    """
    codes = journeys.item_codes
    rows, units, positions, next_rows = list_occasions(
        codes, journeys.n_items, journeys.journey_starts, journeys.journey_ends,
        journeys.journey_units,
    )  # fmt: skip
    follow = _Follow(journeys, rows, units)
    next_items = np.full(len(rows), journeys.n_items, np.int64)
    is_soon = follow.are_within(next_rows, within_us)
    next_items[is_soon] = codes[next_rows[is_soon]]
    outcome_rows = follow.next_of(journeys.outcome_rows)
    contact_rows = follow.next_of(np.flatnonzero(contacts.are))
    in_time = follow.are_within(contact_rows, within_us)
    in_time &= (outcome_rows < 0) | (contact_rows < outcome_rows)
    contact_rows[~in_time] = -1
    contact_items = np.full(len(rows), NO_CONTACT, np.int64)
    found = codes[contact_rows[in_time]].astype(np.int64)
    contact_items[in_time] = np.where(found < journeys.n_items, found, OTHER_CONTACT)
    values = np.where(journeys.graph.value_minor == MISSING, 0, journeys.graph.value_minor)
    is_activity = journeys.graph.column("initiator") <= INITIATORS.index("customer") + 1
    ends, away_us = follow.later(horizon_us), max(0, horizon_us - journeys.inactivity_us)
    return Occasions(
        journeys=journeys,
        contacts=contacts,
        within_us=within_us,
        horizon_us=horizon_us,
        rows=rows,
        units=units,
        positions=positions,
        next_items=next_items,
        contact_rows=contact_rows,
        contact_items=contact_items,
        outcome_delays_us=follow.delays(outcome_rows, horizon_us),
        is_active=_between(is_activity, follow.later(away_us), ends) > 0,
        values_minor=_between(values, rows + 1, ends),
        was_outcome=follow.are_behind(journeys.outcome_rows),
    )


@dataclass(frozen=True, eq=False, slots=True)
class _Follow:
    """Looks from each occasion along its unit's history."""

    journeys: Journeys
    rows: Int64Array
    units: Int64Array

    def next_of(self, wanted: Int64Array) -> Int64Array:
        """The first of some rows, ascending, behind each occasion; -1 where there is none."""
        places = np.searchsorted(wanted, self.rows, side="right")
        found = np.append(wanted, np.iinfo(np.int64).max)[places]
        return np.where(found < self.journeys.unit_ends[self.units], found, -1)

    def are_behind(self, wanted: Int64Array) -> BoolArray:
        """Whether one of some rows, ascending, is at or before each occasion."""
        up_to = np.searchsorted(wanted, self.rows, side="right")
        before = np.searchsorted(wanted, self.journeys.unit_starts[self.units], side="left")
        return np.asarray(up_to > before)

    def are_within(self, later_rows: Int64Array, limit_us: int) -> BoolArray:
        """Whether there is a later row, at most so long after the occasion."""
        at_us = self.journeys.graph.at_us
        are = later_rows >= 0
        are[are] = at_us[later_rows[are]] - at_us[self.rows[are]] <= limit_us
        return are

    def delays(self, later_rows: Int64Array, limit_us: int) -> Int64Array:
        """How much later each row is, `NEVER` where it is not there or beyond the limit."""
        found = np.full(len(self.rows), NEVER, np.int64)
        are = self.are_within(later_rows, limit_us)
        at_us = self.journeys.graph.at_us
        found[are] = at_us[later_rows[are]] - at_us[self.rows[are]]
        return found

    def later(self, later_us: int) -> Int64Array:
        """The first row that is later than so long after each occasion."""
        found: Int64Array = find_later_rows(
            self.rows, self.units, self.journeys.unit_starts, self.journeys.unit_ends,
            _sealed(self.journeys.graph.at_us), later_us,
        )  # fmt: skip
        return found


def _between(numbers: npt.NDArray[Any], starts: Int64Array, ends: Int64Array) -> Int64Array:
    """The sums of ranges of rows."""
    sums = np.zeros(len(numbers) + 1, np.int64)
    np.cumsum(numbers, out=sums[1:])
    return np.asarray(sums[ends] - sums[starts])


def _sealed(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A plain array that cannot be written to: kernels are compiled for that one kind."""
    view = np.asarray(array).view()
    view.flags.writeable = False
    return view
