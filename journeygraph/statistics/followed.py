"""What came of occasions: contacts, outcome, value and activity behind each.

They are looked for in the unit's whole history, filtered or not. Only occasions that are asked
about are followed, so that memory and time hang on these, and not on the journeys.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.graph import MISSING
from journeygraph.kernels.occasions import (
    are_any_at_most,
    find_later_rows,
    find_marked_rows,
    sum_rows,
)
from journeygraph.statistics.occasions import Occasions, sealed
from journeygraph.vocabulary import INITIATORS

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = [
    "NEVER",
    "NO_CONTACT",
    "OTHER_CONTACT",
    "Contacts",
    "Followed",
    "contacts_of",
    "follow",
]

BoolArray = npt.NDArray[np.bool_]
Int64Array = npt.NDArray[np.int64]
IntArray = npt.NDArray[Any]

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
class Followed:
    """Some occasions and what came of them, one entry each.

    Attributes
    ----------
    which
        These occasions, ascending.
    horizon_us
        How long outcome, value and activity are looked for; inclusive.
    contact_rows, contact_items
        The first contact within the window and before any outcome: row and item, or `NO_CONTACT`,
        or `OTHER_CONTACT`.
    outcome_delays_us
        How long it took to the next outcome; `NEVER` where it did not come within the horizon.
    was_outcome
        Whether the unit had the outcome by then.
    """

    occasions: Occasions
    which: IntArray
    horizon_us: int
    contact_rows: Int64Array
    contact_items: Int64Array
    outcome_delays_us: Int64Array
    was_outcome: BoolArray

    @cached_property
    def units(self) -> Int64Array:
        """Whose each is, ascending."""
        return self.occasions.units[self.which].astype(np.int64)

    @cached_property
    def at_us(self) -> Int64Array:
        """When each is."""
        return self.occasions.at_us(self.which)

    @cached_property
    def is_active(self) -> BoolArray:
        """Whether the customer was active in the last of the horizon."""
        journeys, later = self.occasions.journeys, _Later(self.occasions, self.which)
        away_us = max(0, self.horizon_us - journeys.inactivity_us)
        initiators = sealed(journeys.graph.column("initiator"))
        most = INITIATORS.index("customer") + 1
        found: BoolArray = are_any_at_most(
            later.than(away_us), later.than(self.horizon_us), initiators, most
        )
        return found

    @cached_property
    def values_minor(self) -> Int64Array:
        """What the unit brought within the horizon."""
        later = _Later(self.occasions, self.which)
        starts, ends = later.rows + 1, later.than(self.horizon_us)
        values = sealed(self.occasions.journeys.graph.value_minor)
        found: Int64Array = sum_rows(starts, ends, values, MISSING)
        return found


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
    are &= codes != journeys.repeated_code
    are[journeys.outcome_rows] = False
    return Contacts(are=are, rule=rule, is_known=is_known)


def _at_items(codes: npt.NDArray[Any], wanted: BoolArray) -> BoolArray:
    are = codes < len(wanted)
    are[are] = wanted[codes[are]]
    return are


def follow(occasions: Occasions, which: IntArray, contacts: Contacts, horizon_us: int) -> Followed:
    """What came of some occasions.

    Parameters
    ----------
    which
        These occasions, ascending. It takes time for every row that lies within the horizon of
        each, so that it is best asked of one for each unit.
    horizon_us
        How long outcome, value and activity are looked for; inclusive.
    """
    journeys, later = occasions.journeys, _Later(occasions, which)
    outcome_rows = later.next_of(journeys.outcome_rows)
    contact_rows = find_marked_rows(
        later.rows + 1, later.than(occasions.within_us), sealed(contacts.are)
    )
    contact_rows[(outcome_rows >= 0) & (contact_rows >= outcome_rows)] = -1
    contact_items = np.full(len(which), NO_CONTACT, np.int64)
    is_met = contact_rows >= 0
    found = journeys.item_codes[contact_rows[is_met]].astype(np.int64)
    contact_items[is_met] = np.where(found < journeys.n_items, found, OTHER_CONTACT)
    return Followed(
        occasions=occasions,
        which=which,
        horizon_us=horizon_us,
        contact_rows=contact_rows,
        contact_items=contact_items,
        outcome_delays_us=later.delays(outcome_rows, horizon_us),
        was_outcome=later.are_behind(journeys.outcome_rows),
    )


class _Later:
    """Looks from some occasions along their units' histories."""

    def __init__(self, occasions: Occasions, which: IntArray) -> None:
        self.occasions, self.journeys = occasions, occasions.journeys
        self.rows: Int64Array = occasions.rows[which].astype(np.int64)
        self.units: IntArray = occasions.units[which]

    def next_of(self, wanted: Int64Array) -> Int64Array:
        """The first of some rows, ascending, behind each occasion; -1 where there is none."""
        places = np.searchsorted(wanted, self.rows, side="right")
        found = np.full(len(places), -1, np.int64)
        is_there = places < len(wanted)
        found[is_there] = wanted[places[is_there]]
        found[found >= self.journeys.unit_ends[self.units]] = -1
        return found

    def are_behind(self, wanted: Int64Array) -> BoolArray:
        """Whether one of some rows, ascending, is at or before each occasion."""
        up_to = np.searchsorted(wanted, self.rows, side="right")
        before = np.searchsorted(wanted, self.journeys.unit_starts[self.units], side="left")
        return np.asarray(up_to > before)

    def delays(self, later_rows: Int64Array, limit_us: int) -> Int64Array:
        """How much later each row is, `NEVER` where it is not there or beyond the limit."""
        found = np.full(len(self.rows), NEVER, np.int64)
        are = np.flatnonzero(later_rows >= 0)
        waits_us = self.occasions.moments_of(later_rows[are])
        waits_us -= self.occasions.moments_of(self.rows[are])
        in_time = waits_us <= limit_us
        found[are[in_time]] = waits_us[in_time]
        return found

    def than(self, later_us: int) -> Int64Array:
        """The first row that is later than so long after each occasion."""
        found: Int64Array = find_later_rows(
            self.rows, self.units, self.journeys.unit_starts, self.journeys.unit_ends,
            sealed(self.journeys.graph.at_us), later_us,
        )  # fmt: skip
        return found
