"""Two populations, or two periods, side by side in the numbers that views of journeys show.

The second population is that of other conditions, all else alike: units, what share of them had the
outcome, left or are still open, what they brought, how long their journeys are and what they felt;
every item and every transition with its share in both. Every difference has an interval and a p
value, and a q value over all rows of its table that can be tested, whatever is listed. Customers
may be in both: they count in each, and the tests and intervals allow for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from journeygraph.cohorts import Where
from journeygraph.given import mapping_as
from queries.compared_items import ComparedItems, ItemTable
from queries.compared_measures import (
    ComparedAverage,
    ComparedEmotion,
    ComparedShare,
    Measures,
    measures_of,
)
from queries.compared_transitions import ComparedTransitions, TransitionTable
from queries.customer_lists import CustomerList, customers_of
from queries.differences import Difference, with_q_values
from queries.intervals import SMALL_GROUP
from queries.question import Question
from queries.shared_customers import SharedCustomers

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["Compare", "CompareAnswer", "compare", "compare_views"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare(Question):
    """How a second population differs from that of the journeys.

    Attributes
    ----------
    with_
        The second population is that of these conditions, of any kind, in place of those of the
        journeys, which are the first. Periods end each at their own `until`.
    """

    with_: Where | Mapping[str, Any]


@dataclass(frozen=True, eq=False, kw_only=True)
class CompareAnswer:
    """Two populations compared; rows of items and of transitions come in pages.

    Attributes
    ----------
    units, against_units
        All units of the first and of the second population.
    shared
        Customers in both.
    tested
        How many of the measures below have a p value: over so many their q values are taken.
    outcome_rate
        Units with the outcome, of all units.
    exit_rate
        Closed units without the outcome, of all that are not open.
    open_share
        Open units, of all.
    value_per_unit
        What a unit brought in its whole history, in major units of money.
    items_per_journey, journey_seconds
        How many items a journey has, and how long it takes from the first to the end of the last.
    emotion
        What was felt, over all interactions.
    warnings
        What to be careful about.
    customers, against_customers, shared_customers
        Who is in the first, in the second, and in both.
    """

    units: int
    against_units: int
    shared: int
    tested: int
    wording: str
    outcome_rate: ComparedShare
    exit_rate: ComparedShare
    open_share: ComparedShare
    value_per_unit: ComparedAverage
    items_per_journey: ComparedAverage
    journey_seconds: ComparedAverage
    emotion: ComparedEmotion
    warnings: tuple[str, ...]
    customers: CustomerList
    against_customers: CustomerList
    shared_customers: CustomerList
    _shared: SharedCustomers = field(repr=False)

    def items(self, first: int = 50, after: str | None = None, at_least: int = 1) -> ComparedItems:
        """A page of items, smallest p of the shares first.

        Parameters
        ----------
        first, after
            How many, and behind which cursor.
        at_least
            Neither test nor list items that fewer units of both together meet.

        Raises
        ------
        InvalidOptionError
            Where one of them cannot be used.
        """
        return self._items.page(first, after, at_least)

    def transitions(
        self, first: int = 50, after: str | None = None, at_least: int = 1
    ) -> ComparedTransitions:
        """A page of transitions, smallest p first; parameters and errors as of `items`."""
        return self._transitions.page(first, after, at_least)

    @cached_property
    def _items(self) -> ItemTable:
        return ItemTable(self._shared)

    @cached_property
    def _transitions(self) -> TransitionTable:
        return TransitionTable.of(self._shared)


def compare(question: Compare, journeys: Journeys) -> CompareAnswer:
    """Answer the question.

    Raises
    ------
    JourneyGraphError
        Where the conditions cannot be used, or name what is not there.
    """
    return compare_views(journeys, journeys.with_where(mapping_as(Where, question.with_, "with")))


def compare_views(population: Journeys, against: Journeys) -> CompareAnswer:
    """Compare two views, whose items are matched by name; of two stores, customers by their ids."""
    shared = SharedCustomers.of(population, against)
    measures = _with_q_values(measures_of(shared))
    return CompareAnswer(
        units=population.n_units,
        against_units=against.n_units,
        shared=shared.n,
        tested=sum(measure.difference.p_value is not None for measure in measures),
        wording="associated with",
        **measures._asdict(),
        warnings=(*shared.warnings(), *_warnings(population, against)),
        customers=customers_of(population),
        against_customers=customers_of(against),
        shared_customers=shared.customers(),
        _shared=shared,
    )


def _with_q_values(measures: Measures) -> Measures:
    differences = with_q_values([measure.difference for measure in measures])
    pairs: list[tuple[Any, Difference]] = list(zip(measures, differences, strict=True))
    return Measures(*(replace(measure, difference=found) for measure, found in pairs))


def _warnings(population: Journeys, against: Journeys) -> Iterator[str]:
    fewest = min(population.n_units, against.n_units)
    if fewest < SMALL_GROUP:
        yield (
            f"One of the populations has {fewest} units: fewer than {SMALL_GROUP} cannot tell "
            "two populations apart."
        )
