"""When a contact is in time for a customer: between the quartiles of when it worked, and allowed.

Time runs from the customer's last item. What would have had to happen before now is not put off:
its time is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.errors import InvalidOptionError
from queries.contact_limits import LimitRules
from queries.next_gains import Gain

if TYPE_CHECKING:
    from queries.next_model import NextModel

__all__ = ["ContactTimes", "Spans", "Standing", "contacts_so_far", "standing_of"]

BoolArray = npt.NDArray[np.bool_]
Int64Array = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ContactTimes:
    """When each contact of a decision may be made.

    Attributes
    ----------
    spans
        From and until, of each contact.
    in_time
        Places of those that can be made.
    too_late, held_back
        How many are too late anyway, and how many are by the limits.
    """

    spans: tuple[tuple[int, int], ...]
    in_time: tuple[int, ...]
    too_late: int
    held_back: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a customer is: the last items of the last journey, and since when."""

    customer: int
    codes: tuple[int, ...]
    since_us: int

    def times(self, model: NextModel, gains: Sequence[Gain], limits: LimitRules) -> ContactTimes:
        """When each contact may be made to this customer."""
        n_gains = len(gains)
        contacts_us, starts = contacts_so_far(model, np.array([self.customer]))
        of = np.zeros(n_gains, np.int64)
        spans = Spans.of(np.full(n_gains, self.since_us), gains, model.journeys.as_of_us).limited(
            limits, contacts_us, starts, of
        )
        pairs = zip(spans.from_us.tolist(), spans.until_us.tolist(), strict=True)
        return ContactTimes(
            spans=tuple(pairs),
            in_time=tuple(np.flatnonzero(spans.are_in_time).tolist()),
            too_late=int(np.count_nonzero(spans.are_too_late)),
            held_back=int(np.count_nonzero(~spans.are_too_late & ~spans.are_in_time)),
        )


@dataclass(frozen=True, eq=False, slots=True)
class Spans:
    """From when until when contacts may be made, one entry each."""

    from_us: Int64Array
    until_us: Int64Array
    are_too_late: BoolArray

    @classmethod
    def of(cls, since_us: Int64Array, gains: Sequence[Gain], now_us: int) -> Spans:
        """Between the quartiles, not before now; a contact that never worked has no time.

        Parameters
        ----------
        since_us, gains
            One for each: when the customer was at the last item, and the contact.
        """
        nothing = (0, 0, -1)
        delays = np.array([gain.delays_us or nothing for gain in gains], np.int64).reshape(-1, 3)
        until_us = since_us + delays[:, 2]
        from_us = np.maximum(since_us + delays[:, 0], now_us)
        return cls(from_us, until_us, until_us < now_us)

    @property
    def are_in_time(self) -> BoolArray:
        """Which can still be made."""
        return np.asarray(self.from_us <= self.until_us)

    def limited(
        self, limits: LimitRules, contacts_us: Int64Array, starts: Int64Array, of: Int64Array
    ) -> Spans:
        """The same, put off as the limits ask.

        Parameters
        ----------
        contacts_us, starts
            As from `contacts_so_far`.
        of
            Whose each entry is, a number into `starts`.
        """
        ends = starts[1:][of]
        begins = starts[:-1][of]
        from_us = limits.earliest(self.from_us, contacts_us, begins, ends)
        return Spans(from_us, self.until_us, self.are_too_late)


def standing_of(model: NextModel, customer: str) -> Standing:
    """Where a customer is at the end of the data.

    Raises
    ------
    UnknownCustomerError
        Where there is no such customer.
    InvalidOptionError
        Where the customer has no journey in this view.
    """
    index = model.journeys.graph.customer_index(customer)
    customers, latest = model.standings
    place = int(np.searchsorted(customers, index))
    if place == len(customers) or customers[place] != index:
        raise InvalidOptionError("customer", customer, "a customer with a journey in this view")
    occasions, last = model.occasions, int(latest[place])
    first = last - min(int(occasions.positions[last]), model.options.length - 1)
    codes = tuple(occasions.items[first : last + 1].tolist())
    return Standing(index, codes, int(occasions.at_us(latest[place : place + 1])[0]))


def contacts_so_far(model: NextModel, customers: Int64Array) -> tuple[Int64Array, Int64Array]:
    """When customers were contacted up to the end of the data.

    Parameters
    ----------
    customers
        Indexes, ascending.

    Returns
    -------
    contacts_us, starts
        Ascending for each; those of the c-th customer are contacts_us[starts[c]:starts[c + 1]].
    """
    journeys = model.journeys
    rows = model.contact_rows
    at_us = journeys.graph.at_us[rows]
    begins = np.searchsorted(rows, journeys.graph.customer_starts[customers])
    ends = np.searchsorted(rows, journeys.graph.customer_starts[customers + 1])
    counts = ends - begins
    starts = np.zeros(len(customers) + 1, np.int64)
    np.cumsum(counts, out=starts[1:])
    places = np.arange(starts[-1]) + np.repeat(begins - starts[:-1], counts)
    return at_us[places], starts
