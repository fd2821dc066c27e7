"""Customers who are in both of two populations, and shares compared in spite of them.

Two periods have many customers in common, and what one of them does in the first says something of
what the same one does in the second. Taking the two for strangers would be wrong, and leaving these
customers out would compare other populations than were asked for. So both stay as they are, and the
covariance that the shared customers bring enters the variance of the difference, as for partially
overlapping samples (Derrick, Dobson-McKittrick, Toher and White 2015, Journal of Applied
Quantitative Methods 10(3)). Without a shared customer the test is Pearson's chi-square, and where
both are the same customers McNemar's. The interval of the difference is Newcombe's with the
correlation of the two shares in it (Zou and Donner 2008, doi:10.1002/sim.3095).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from journeygraph.statistics.items_of_units import distinct
from journeygraph.statistics.sequences import read_only
from queries.contrasts import risk_difference
from queries.customer_lists import CustomerList
from queries.fourfold import fourfold_tables
from queries.intervals import Estimate

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = [
    "NOTHING_SHARED",
    "SharedCustomers",
    "SharedRows",
    "SharedSums",
    "compare_overlapping",
    "compare_shares",
    "overlapping_p_values",
]

Int64Array = npt.NDArray[np.int64]

_Units = Int64Array | slice

_EXACT = 1e-12  # rounding must not pass for a variance


class SharedSums(NamedTuple):
    """Sums over customers of the products of what each does in the first and in the second.

    Attributes
    ----------
    hits, hits_of, of_hits, of
        Successes times successes, successes times units below the line, the other way round, and
        units below both lines.
    """

    hits: int
    hits_of: int
    of_hits: int
    of: int


NOTHING_SHARED = SharedSums(0, 0, 0, 0)
"""Of two populations apart."""


class SharedRows(NamedTuple):
    """The same sums of every row of a table."""

    hits: Int64Array
    hits_of: Int64Array
    of_hits: Int64Array
    of: Int64Array

    def at(self, row: int) -> SharedSums:
        """Those of one row."""
        return SharedSums(*(int(sums[row]) for sums in self))


def compare_overlapping(
    one: tuple[int, int], other: tuple[int, int], shared: SharedSums, confidence: float
) -> tuple[Estimate, float | None]:
    """The difference of two shares, and the p value that there is none.

    Parameters
    ----------
    one, other
        (successes, of) of both populations, the shared customers among them.

    Returns
    -------
    p is None where nothing varies.
    """
    (hits, of), (other_hits, other_of) = one, other
    if not of or not other_of:
        return risk_difference(hits, of, other_hits, other_of, confidence), None
    share, other_share = hits / of, other_hits / other_of
    spreads = [part * (1 - part) for part in (share, other_share)]
    covariance = _covariance(shared, share, other_share)
    spread = math.sqrt(spreads[0] * spreads[1] * of * other_of)
    correlation = max(-1.0, min(1.0, covariance / spread)) if spread > 0 else 0.0
    difference = risk_difference(hits, of, other_hits, other_of, confidence, correlation)
    p_value = _p_value(one, other, shared)
    return difference, None if math.isnan(p_value) else p_value


def compare_shares(
    one: tuple[int, int], other: tuple[int, int], shared: SharedSums, confidence: float
) -> tuple[Estimate, float | None]:
    """The same by the test that fits: chi-square, or exact for few, where nobody is shared."""
    if shared.of:
        return compare_overlapping(one, other, shared, confidence)
    (hits, of), (other_hits, other_of) = one, other
    tables = fourfold_tables(
        of + other_of, hits + other_hits, read_only(np.array([of])), read_only(np.array([hits]))
    )
    p_value = float(tables.p_values[0])
    difference = risk_difference(*one, *other, confidence)
    return difference, None if math.isnan(p_value) else p_value


def overlapping_p_values(
    one: tuple[Int64Array, int], other: tuple[Int64Array, int], shared: SharedRows
) -> npt.NDArray[np.float64]:
    """The p values that the shares of many rows do not differ; NaN where nothing varies.

    Parameters
    ----------
    one, other
        (successes by row, of) of both populations, the shared customers among them.
    """
    (hits, of), (other_hits, other_of) = one, other
    rows = enumerate(zip(hits.tolist(), other_hits.tolist(), strict=True))
    return np.array(
        [_p_value((a, of), (b, other_of), shared.at(row)) for row, (a, b) in rows], np.float64
    )


def _p_value(one: tuple[int, int], other: tuple[int, int], shared: SharedSums) -> float:
    (hits, of), (other_hits, other_of) = one, other
    if not of or not other_of:
        return math.nan
    pooled = (hits + other_hits) / (of + other_of)
    variance = pooled * (1 - pooled) * (1 / of + 1 / other_of)
    variance -= 2 * _covariance(shared, pooled, pooled) / (of * other_of)
    if not variance > _EXACT / min(of, other_of):
        return math.nan
    return math.erfc(abs(hits / of - other_hits / other_of) / math.sqrt(2 * variance))


def _covariance(shared: SharedSums, share: float, other_share: float) -> float:
    """Sum over shared customers of the products of their distances from the shares."""
    return (
        shared.hits
        - other_share * shared.hits_of
        - share * shared.of_hits
        + share * other_share * shared.of
    )


@dataclass(frozen=True, eq=False, slots=True)
class SharedCustomers:
    """Customers with a unit in both of two views.

    Attributes
    ----------
    one, other
        The views.
    in_one, in_other
        Their customer indexes in the graphs of both, side by side, ascending in the first.
    """

    one: Journeys
    other: Journeys
    in_one: Int64Array
    in_other: Int64Array

    @classmethod
    def of(cls, one: Journeys, other: Journeys) -> SharedCustomers:
        """Who is in both; the views may be of different graphs."""
        return cls.among(one, other, slice(None), slice(None))

    @classmethod
    def among(
        cls, one: Journeys, other: Journeys, units: _Units, others: _Units
    ) -> SharedCustomers:
        """Who has one of these units in the one, and one of those in the other."""
        mine = distinct(one.unit_customers[units].astype(np.int64))
        theirs = distinct(other.unit_customers[others].astype(np.int64))
        if _customers_alike(one, other):
            both = np.intersect1d(mine, theirs, assume_unique=True).astype(np.int64, copy=False)
            return cls(one, other, both, both)
        found = other.graph.customer_indexes(one.graph.customer_id(mine))
        is_there = np.isin(found, theirs) & (found >= 0)
        return cls(one, other, mine[is_there].astype(np.int64), found[is_there].astype(np.int64))

    def units(self) -> Iterator[tuple[Journeys, npt.NDArray[np.bool_]]]:
        """Both views, each with which of its units are of customers who are in both."""
        for view, customers in ((self.one, self.in_one), (self.other, self.in_other)):
            is_shared = np.zeros(view.graph.n_customers, np.bool_)
            is_shared[customers] = True
            yield view, is_shared[view.unit_customers]

    def places(self) -> Iterator[tuple[Journeys, Int64Array]]:
        """Both views, each with a number by customer index: the same in both; -1 for the others."""
        for view, customers in ((self.one, self.in_one), (self.other, self.in_other)):
            places = np.full(view.graph.n_customers, -1, np.int64)
            places[customers] = np.arange(self.n)
            yield view, places

    def nobody(self) -> SharedCustomers:
        """The same views, known to be apart."""
        none = np.zeros(0, np.int64)
        return SharedCustomers(self.one, self.other, none, none)

    @property
    def n(self) -> int:
        """How many."""
        return len(self.in_one)

    def customers(self) -> CustomerList:
        """Who they are."""
        return CustomerList(self.one, lambda: self.in_one)

    def warnings(self) -> tuple[str, ...]:
        """What to know of them; nothing where there are none."""
        if not self.n:
            return ()
        return (
            f"{self.n} customers are in both populations: they count in each, and the tests and "
            "intervals allow for it.",
        )

    def sums(
        self,
        first: tuple[Int64Array, Int64Array],
        second: tuple[Int64Array, Int64Array],
    ) -> SharedSums:
        """The sums of two views.

        Parameters
        ----------
        first, second
            Units that succeed and units below the line, of each view.
        """
        if not self.n:
            return NOTHING_SHARED
        hits, of = (self._times(self.one, units, self.in_one) for units in first)
        other_hits, other_of = (self._times(self.other, units, self.in_other) for units in second)
        return SharedSums(
            int(hits @ other_hits), int(hits @ other_of), int(of @ other_hits), int(of @ other_of)
        )

    def numbers(self, units: Int64Array, others: Int64Array) -> tuple[Int64Array, Int64Array]:
        """A number for the customer of each unit of both views: the same for the same customer."""
        (_one, mine), (_other, theirs) = self.everybody()
        return mine[self.one.unit_customers[units]], theirs[self.other.unit_customers[others]]

    def everybody(self) -> Iterator[tuple[Journeys, Int64Array]]:
        """Both views, each with a number by customer index: the same for the same customer."""
        n = self.one.graph.n_customers
        yield self.one, np.arange(n)
        of_other = np.arange(self.other.graph.n_customers) + n
        of_other[self.in_other] = self.in_one
        yield self.other, of_other

    @staticmethod
    def _times(journeys: Journeys, units: Int64Array, customers: Int64Array) -> Int64Array:
        """How many of these units each shared customer has."""
        counts = np.bincount(journeys.unit_customers[units], minlength=journeys.graph.n_customers)
        return counts[customers].astype(np.int64, copy=False)


def _customers_alike(one: Journeys, other: Journeys) -> bool:
    """Whether customers have the same indexes in both."""
    if one.graph is other.graph:
        return True
    options, others = one.view_options, other.view_options
    return options is not None and others is not None and options.graph is others.graph
