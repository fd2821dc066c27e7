"""What a next contact goes with: units contacted so at a prefix, against those nobody contacted.

Each unit counts once, at its first occasion at the prefix whose horizon is over. Contacted is whom
the company turned to within the window and before any outcome, by the first contact; not contacted
is whom nobody turned to in time. Both are compared within strata of how much of the journey lay
behind them, and of how long the contact took: who pays at once is never reminded, and must not pass
for an example of how well it goes without a reminder. So the times until a contact are cut into
quarters, those not contacted are given one quarter each, by turns, and are compared only if they
had no outcome before it begins. Within a quarter some bias remains, against the contact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.options import Word
from journeygraph.statistics.followed import NEVER, NO_CONTACT, Followed
from journeygraph.statistics.occasions import Occasions
from queries.customer_lists import CustomerList, customers_of_units
from queries.intervals import SMALL_GROUP, Estimate, benjamini_hochberg, wilson
from queries.matched_measures import MatchedMeasure, compare_means, compare_shares
from queries.matched_strata import match

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = [
    "ADJUSTED_FOR",
    "Comparison",
    "Gain",
    "Objective",
    "compare",
    "first_known",
    "gains_of",
]

FloatArray = npt.NDArray[np.float64]
Int64Array = npt.NDArray[np.int64]

ADJUSTED_FOR = (
    "items of the journey so far (1, 2 to 3, 4 to 7, more)",
    "time since the first interaction (within 1, 7, 30, 90 days, more)",
    "an outcome before",
    "time without an outcome until the contact (quarters)",
)
"""What is held equal, in words."""

_DAY_US = 86_400_000_000
_TENURES_US = np.array([1, 7, 30, 90]) * _DAY_US
_LENGTHS = np.array([2, 4, 8])
_QUARTERS = (0.25, 0.5, 0.75, 1.0)


class Objective(Word, argument="objective"):
    """What a next contact is to bring."""

    OUTCOME = "outcome"
    VALUE = "value"
    LOYALTY = "loyalty"


@dataclass(frozen=True, eq=False, slots=True)
class Comparison:
    """The units at a prefix, each at its first occasion there whose horizon is over.

    Attributes
    ----------
    followed
        These occasions, and what came of them.
    amounts
        What each brought: 0 or 1, or value in major units of money.
    """

    followed: Followed
    objective: Objective
    amounts: FloatArray

    @property
    def journeys(self) -> Journeys:
        """The view."""
        return self.followed.occasions.journeys

    @property
    def units(self) -> Int64Array:
        """Whose they are, ascending."""
        return self.followed.units

    @property
    def contacts(self) -> Int64Array:
        """The first contact of each; see `Followed.contact_items`."""
        return self.followed.contact_items

    def strata(self) -> Int64Array:
        """A number for each: equal where as much lay behind them."""
        followed, journeys = self.followed, self.journeys
        since_us = journeys.graph.at_us[journeys.unit_starts[self.units]]
        tenure = np.searchsorted(_TENURES_US, followed.at_us - since_us, "right")
        positions = followed.occasions.positions[followed.which].astype(np.int64)
        length = np.searchsorted(_LENGTHS, positions + 1, "right")
        return (tenure * 4 + length) * 2 + followed.was_outcome

    def customers(self, units: Int64Array) -> CustomerList:
        """The customers of some units."""
        journeys = self.journeys
        return CustomerList(journeys, lambda: customers_of_units(journeys, units))


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Gain:
    """One contact at a prefix, against none.

    Attributes
    ----------
    item
        Its code.
    units, worked
        Units contacted so, and those of them whom the objective was reached with.
    mean
        Share of these units with the objective, or their mean value.
    measured
        The comparison within strata.
    delays_us
        Time until the contact of those it worked for: quartiles, or None where nobody is.
    channel, channel_share
        By which channel it most often worked, and its share of these; None where not said.
    """

    item: int
    units: int
    worked: int
    mean: float
    measured: MatchedMeasure
    q_value: float | None
    delays_us: tuple[int, int, int] | None
    channel: str | None
    channel_share: Estimate
    customers: CustomerList
    worked_customers: CustomerList

    @property
    def small(self) -> bool:
        """Whether fewer than 30 units stand on one side."""
        return min(self.measured.referred.units, self.measured.others.units) < SMALL_GROUP


def first_known(
    occasions: Occasions, at_prefix: npt.NDArray[Any], horizon_us: int
) -> npt.NDArray[Any]:
    """The first occasion of each unit whose horizon is over at the end of the data.

    Parameters
    ----------
    at_prefix
        The occasions at a prefix, ascending.
    """
    known = at_prefix[occasions.are_known(at_prefix, horizon_us)]
    is_first = np.diff(occasions.units[known], prepend=-1) != 0
    first: npt.NDArray[Any] = known[is_first]
    return first


def compare(followed: Followed, objective: Objective) -> Comparison:
    """What units brought, of which each is followed once."""
    if objective is Objective.VALUE:
        amounts = followed.values_minor / 10.0**followed.occasions.journeys.graph.exponent
    elif objective is Objective.LOYALTY:
        amounts = followed.is_active.astype(np.float64)
    else:
        amounts = (followed.outcome_delays_us < NEVER).astype(np.float64)
    return Comparison(followed, objective, amounts)


def gains_of(comparison: Comparison, items: Sequence[int], at_least: int) -> list[Gain]:
    """What each contact goes with, the largest gain first, equals by name.

    Parameters
    ----------
    items
        Codes of what may be a next contact.
    at_least
        Leave out a contact with fewer units, and all where fewer were not contacted.
    """
    contacts = comparison.contacts
    if np.count_nonzero(contacts == NO_CONTACT) < at_least:
        return []
    counts = np.bincount(contacts[contacts >= 0], minlength=comparison.journeys.n_items)
    strata = comparison.strata()
    found = [_gain(comparison, item, strata) for item in items if counts[item] >= max(1, at_least)]
    found = [gain for gain in found if gain.measured.difference is not None]
    names = comparison.journeys.items
    found.sort(key=lambda gain: (-(gain.measured.difference or 0.0), names[gain.item]))
    p_values = [gain.measured.p_value for gain in found]
    q_values = benjamini_hochberg([np.nan if p is None else p for p in p_values])
    return [
        replace(gain, q_value=None if np.isnan(q) else float(q))
        for gain, q in zip(found, q_values.tolist(), strict=True)
    ]


def _gain(comparison: Comparison, item: int, strata: Int64Array) -> Gain:
    contacts, amounts = comparison.contacts, comparison.amounts
    contacted = contacts == item
    worked = contacted & (amounts > 0)
    rows = comparison.followed.contact_rows[worked]
    channel, channel_share = _channel(comparison.journeys, rows)
    return Gain(
        item=item,
        units=int(np.count_nonzero(contacted)),
        worked=len(rows),
        mean=float(amounts[contacted].mean()),
        measured=_measured(comparison, contacted, strata),
        q_value=None,
        delays_us=_quarters(comparison, worked, rows),
        channel=channel,
        channel_share=channel_share,
        customers=comparison.customers(comparison.units[contacted]),
        worked_customers=comparison.customers(comparison.units[worked]),
    )


def _measured(
    comparison: Comparison, contacted: npt.NDArray[np.bool_], strata: Int64Array
) -> MatchedMeasure:
    quarters = _quarters_of_waiting(comparison, contacted)
    either = np.flatnonzero(quarters >= 0)
    matched = match(either, contacted[either], (strata * len(_QUARTERS) + quarters)[either])
    amounts, name = comparison.amounts[matched.customers], comparison.objective.value
    if comparison.objective is Objective.VALUE:
        return compare_means(name, amounts, matched, comparison.journeys)
    return compare_shares(name, amounts > 0, matched, comparison.journeys)


def _quarters_of_waiting(comparison: Comparison, contacted: npt.NDArray[np.bool_]) -> Int64Array:
    """Of those contacted in which quarter of the times until it, of the others which is theirs.

    -1 for who is in neither group, or had the outcome before the quarter begins.
    """
    followed = comparison.followed
    at_us = comparison.journeys.graph.at_us
    delays = at_us[followed.contact_rows[contacted]] - followed.at_us[contacted]
    begins = np.array([-1, *_nearest_ranks(delays, _QUARTERS[:-1])])
    found = np.full(len(contacted), -1, np.int64)
    found[contacted] = np.searchsorted(begins[1:], delays, side="left")
    alone = np.flatnonzero(comparison.contacts == NO_CONTACT)
    turns = np.arange(len(alone)) % len(begins)
    still_waits = followed.outcome_delays_us[alone] > begins[turns]
    found[alone[still_waits]] = turns[still_waits]
    return found


def _nearest_ranks(numbers: Int64Array, shares: Sequence[float]) -> list[int]:
    ascending = np.sort(numbers)
    return [int(ascending[int(np.ceil(share * len(numbers))) - 1]) for share in shares]


def _quarters(
    comparison: Comparison, worked: npt.NDArray[np.bool_], rows: Int64Array
) -> tuple[int, int, int] | None:
    """Nearest rank."""
    if not len(rows):
        return None
    at_us = comparison.journeys.graph.at_us
    delays = at_us[rows] - comparison.followed.at_us[worked]
    first, middle, last = _nearest_ranks(delays, _QUARTERS[:-1])
    return first, middle, last


def _channel(journeys: Journeys, rows: Int64Array) -> tuple[str | None, Estimate]:
    codes = journeys.graph.channel_codes[rows]
    counts = np.bincount(codes, minlength=len(journeys.graph.channels))
    counts[0] = 0  # not said
    most = int(counts.max())
    if not most:
        return None, wilson(0, len(rows), journeys.confidence)
    names = [journeys.graph.channels[code] for code in np.flatnonzero(counts == most)]
    return min(names), wilson(most, len(rows), journeys.confidence)
