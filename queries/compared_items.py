"""Items of two populations side by side: who meets them, who leaves there, what is felt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.statistics.base import total
from journeygraph.statistics.items_of_units import visits_of_units
from journeygraph.statistics.ratings import RATINGS, Rating
from queries.compared_shares import ComparedShares, known, nobody, q_values_of, tested
from queries.customer_lists import CustomerList
from queries.differences import Difference, share_difference
from queries.drop_off import ItemDropOff
from queries.drop_off_contrast import ComparedExits
from queries.intervals import Estimate, wilson
from queries.means import Mean, mean_of
from queries.paging import PageInfo, page_bounds, page_info
from queries.shared_customers import SharedCustomers
from queries.shared_ratings import rating_differences

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["ComparedItem", "ComparedItems", "ItemSide", "ItemTable"]

Int64Array = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ItemSide:
    """An item in one population.

    Attributes
    ----------
    units, share
        Units that meet it, and their share of all of this population.
    exits, open
        Units last seen at it: closed without the outcome, and open.
    rate
        exits / (units - open).
    emotion
        What was felt there.
    customers, exit_customers
        Who stands behind units and exits.
    """

    units: int
    share: Estimate
    exits: int
    open: int
    rate: Estimate
    emotion: Mean
    customers: CustomerList
    exit_customers: CustomerList


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ComparedItem:
    """An item in both populations, and how far apart they are."""

    item: str
    population: ItemSide
    against: ItemSide
    share_difference: Difference
    rate_difference: Difference
    emotion_difference: Difference


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ComparedItems:
    """A page of items: smallest p of the shares first, then most units of both, then name.

    Attributes
    ----------
    eligible
        Items that enough units of both together meet.
    shares_tested, rates_tested, emotions_tested
        Those with a p value of each difference: over so many the q values are taken.
    """

    eligible: int
    shares_tested: int
    rates_tested: int
    emotions_tested: int
    nodes: tuple[ComparedItem, ...]
    page_info: PageInfo


@dataclass(frozen=True, eq=False)
class ItemTable:
    """What is counted of each item of two views, once for all pages."""

    shared: SharedCustomers

    def page(self, first: int, after: str | None, at_least: int) -> ComparedItems:
        """A page of items.

        Raises
        ------
        InvalidOptionError
            Where `at_least` is below 1, or `first` or `after` do not name a page.
        """
        is_eligible = self._shares.eligible(at_least)
        p_values = self._shares.p_values, self._exits.p_values, self._emotions.p_values
        shares, rates, emotions = (q_values_of(p, is_eligible) for p in p_values)
        order = self._shares.ranking(is_eligible)
        start, end = page_bounds(len(order), first, after)
        return ComparedItems(
            eligible=len(order),
            shares_tested=tested(shares),
            rates_tested=tested(rates),
            emotions_tested=tested(emotions),
            nodes=tuple(
                self._node(row, shares, rates, emotions) for row in order[start:end].tolist()
            ),
            page_info=page_info(len(order), start, end),
        )

    @cached_property
    def _exits(self) -> ComparedExits:
        return ComparedExits.of(self.shared)

    @cached_property
    def _rows_of_codes(self) -> tuple[Int64Array, Int64Array]:
        """Of both views: the row of each item code; 0 where nobody meets it."""
        row_of = {name: row for row, name in enumerate(self._exits.names)}
        one, other = (
            np.array([row_of.get(name, 0) for name in view.items] or [0], np.int64)
            for view in (self.shared.one, self.shared.other)
        )
        return one, other

    @cached_property
    def _shares(self) -> ComparedShares:
        one, other = (
            np.array([_visits(side.get(name)) for name in self._exits.names], np.int64)
            for side in (self._exits.population, self._exits.against)
        )
        met = (visits_of_units(view, chosen) for view, chosen in self.shared.units())
        pairs = [
            (units, rows[codes])
            for rows, (units, codes) in zip(self._rows_of_codes, met, strict=True)
        ]
        return ComparedShares.of(self.shared, (one, other), pairs)

    @cached_property
    def _emotions(self) -> _Emotions:
        return _Emotions.of(self.shared, self._rows_of_codes, len(self._exits.names))

    def _node(
        self, row: int, shares: FloatArray, rates: FloatArray, emotions: FloatArray
    ) -> ComparedItem:
        exits = self._exits
        return ComparedItem(
            item=exits.names[row],
            population=self._side(0, row),
            against=self._side(1, row),
            share_difference=self._shares.difference(row, shares),
            rate_difference=share_difference(
                exits.differences[row], known(exits.p_values[row]), exits.is_small(row),
                known(rates[row]),
            ),
            emotion_difference=replace(
                self._emotions.differences[row], q_value=known(emotions[row])
            ),
        )  # fmt: skip

    def _side(self, number: int, row: int) -> ItemSide:
        view = (self.shared.one, self.shared.other)[number]
        found = (self._exits.population, self._exits.against)[number].get(self._exits.names[row])
        units = _visits(found)
        return ItemSide(
            units=units,
            share=wilson(units, view.n_units, view.confidence),
            exits=0 if found is None else found.exits,
            open=0 if found is None else found.open,
            rate=wilson(0, 0, view.confidence) if found is None else found.rate,
            emotion=mean_of(self._emotions.sums[number].get(row), view.confidence),
            customers=nobody(view) if found is None else found.visitors,
            exit_customers=nobody(view) if found is None else found.customers,
        )


@dataclass(frozen=True, eq=False, slots=True)
class _Emotions:
    """What was felt at each item: sums of both views by row, and the differences."""

    sums: tuple[dict[int, Any], dict[int, Any]]
    differences: tuple[Difference, ...]

    @classmethod
    def of(
        cls, shared: SharedCustomers, rows_of_codes: tuple[Int64Array, Int64Array], n_rows: int
    ) -> _Emotions:
        views = shared.one, shared.other
        one, other = (
            {int(rows[counted["item"]]): counted for counted in _felt(view)}
            for view, rows in zip(views, rows_of_codes, strict=True)
        )
        return cls((one, other), tuple(rating_differences(shared, rows_of_codes, n_rows)))

    @property
    def p_values(self) -> FloatArray:
        p_values = [np.nan if one.p_value is None else one.p_value for one in self.differences]
        return np.array(p_values, np.float64)


def _felt(journeys: Journeys) -> list[dict[str, int]]:
    rows: list[dict[str, int]] = total(
        RATINGS, journeys, rating=Rating.EMOTION, by=("item",)
    ).to_pylist()
    return rows


def _visits(found: ItemDropOff | None) -> int:
    return 0 if found is None else found.visits
