"""Transitions of two populations side by side: who takes them, and how often."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.statistics.counted_sequences import ngrams_of
from journeygraph.statistics.items_of_units import distinct, transitions_of_units
from journeygraph.statistics.sequences import SequenceCounts
from queries.compared_shares import ComparedShares, nobody, q_values_of, tested
from queries.customer_lists import CustomerList
from queries.differences import Difference
from queries.intervals import Estimate, wilson
from queries.paging import PageInfo, page_bounds, page_info
from queries.sequence_pages import customers_on
from queries.shared_customers import SharedCustomers

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["ComparedTransition", "ComparedTransitions", "TransitionSide", "TransitionTable"]

Int64Array = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class TransitionSide:
    """A transition in one population: units that take it, and how often it is taken."""

    units: int
    share: Estimate
    count: int
    customers: CustomerList


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ComparedTransition:
    """A transition in both populations, and how far apart they are."""

    source: str
    target: str
    population: TransitionSide
    against: TransitionSide
    share_difference: Difference


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ComparedTransitions:
    """A page of transitions: smallest p first, then most units of both, then by names."""

    eligible: int
    shares_tested: int
    nodes: tuple[ComparedTransition, ...]
    page_info: PageInfo


@dataclass(frozen=True, eq=False, slots=True)
class TransitionTable:
    """Every transition of two views.

    Attributes
    ----------
    names
        Of all items of both, ascending.
    sources, targets
        By row, numbers of names; the rows ascend by both.
    counts
        By row, of both views, how often it is taken.
    """

    names: tuple[str, ...]
    sources: Int64Array
    targets: Int64Array
    counts: tuple[Int64Array, Int64Array]
    shares: ComparedShares

    @classmethod
    def of(cls, shared: SharedCustomers) -> TransitionTable:
        """Count and test them."""
        views = shared.one, shared.other
        names = tuple(sorted({*shared.one.items, *shared.other.items}))
        number = {name: place for place, name in enumerate(names)}
        codes = [np.array([number[name] for name in view.items], np.int64) for view in views]
        n_names = max(len(names), 1)
        counted = [_counted(view, own, n_names) for view, own in zip(views, codes, strict=True)]
        keys = distinct(np.concatenate([found[0] for found in counted]))
        units, counts = (
            [_placed(keys, found[0], found[column]) for found in counted] for column in (1, 2)
        )
        pairs = []
        for own, (view, chosen) in zip(codes, shared.units(), strict=True):
            takers, sources, targets = transitions_of_units(view, chosen)
            taken = own[sources] * n_names + own[targets]
            pairs.append((takers, np.searchsorted(keys, taken)))
        shares = ComparedShares.of(shared, (units[0], units[1]), pairs)
        return cls(names, keys // n_names, keys % n_names, (counts[0], counts[1]), shares)

    def page(self, first: int, after: str | None, at_least: int) -> ComparedTransitions:
        """A page of transitions.

        Raises
        ------
        InvalidOptionError
            Where `at_least` is below 1, or `first` or `after` do not name a page.
        """
        is_eligible = self.shares.eligible(at_least)
        q_values = q_values_of(self.shares.p_values, is_eligible)
        order = self.shares.ranking(is_eligible)
        start, end = page_bounds(len(order), first, after)
        return ComparedTransitions(
            eligible=len(order),
            shares_tested=tested(q_values),
            nodes=tuple(self._node(row, q_values) for row in order[start:end].tolist()),
            page_info=page_info(len(order), start, end),
        )

    def _node(self, row: int, q_values: FloatArray) -> ComparedTransition:
        return ComparedTransition(
            source=self.names[self.sources[row]],
            target=self.names[self.targets[row]],
            population=self._side(0, row),
            against=self._side(1, row),
            share_difference=self.shares.difference(row, q_values),
        )

    def _side(self, number: int, row: int) -> TransitionSide:
        shared = self.shares.shared
        view, units = (shared.one, shared.other)[number], int(self.shares.units[number][row])
        edge = self.names[self.sources[row]], self.names[self.targets[row]]
        return TransitionSide(
            units=units,
            share=wilson(units, view.n_units, view.confidence),
            count=int(self.counts[number][row]),
            customers=_takers(view, *edge) if units else nobody(view),
        )


def _counted(
    journeys: Journeys, numbers: Int64Array, n_names: int
) -> tuple[Int64Array, Int64Array, Int64Array]:
    """Every transition as one number, ascending, with its units and how often it is taken."""
    found = ngrams_of(journeys, 2)
    assert isinstance(found, SequenceCounts)  # the rows are here
    edges = found.lists().items.reshape(-1, 2).astype(np.int64)
    keys = numbers[edges[:, 0]] * n_names + numbers[edges[:, 1]]
    order = np.argsort(keys)
    return keys[order], found.units[order], found.counts[order]


def _placed(keys: Int64Array, found: Int64Array, numbers: Int64Array) -> Int64Array:
    placed = np.zeros(len(keys), np.int64)
    placed[np.searchsorted(keys, found)] = numbers
    return placed


def _takers(journeys: Journeys, source: str, target: str) -> CustomerList:
    codes = journeys.items.index(source), journeys.items.index(target)
    return customers_on(journeys, codes, 2)
