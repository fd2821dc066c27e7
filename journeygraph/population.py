"""Whose histories a view looks at, up to when, and where a history is cut.

All that is judged before any filter of interactions or rule of names: the end of the data, the
outcome, which customers are meant, and which rows make a journey by column or by outcome.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from journeygraph.cohorts import CustomerWhere, History, kept_customers
from journeygraph.conditions import BoolArray
from journeygraph.graph import IntArray, JourneyGraph, number_type
from journeygraph.kernels.select import end_rows
from journeygraph.labelling import Labels
from journeygraph.outcome import Outcome
from journeygraph.regrouping import split_by_column
from journeygraph.splitting import Ranges, Split, Unit, bounds, cut_at, gaps, with_items

__all__ = ["Population", "Units", "population_of"]

Int64Array = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Units:
    """Which unit each journey belongs to, whose it is, and its whole history."""

    of_journeys: IntArray
    customers: IntArray
    starts: Int64Array
    ends: Int64Array


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Population:
    """Histories of customers.

    Attributes
    ----------
    graph
        Whose rows all this is about: the graph given, or one in another order of rows.
    starts, ends
        Rows of each customer's history, by customer index.
    kept
        By customer index who is meant; None for everybody.
    cuts
        Rows at which a split by column or by outcome begins a journey.
    is_cut_short
        Whether rows of the graph are left out at the end of histories.
    """

    graph: JourneyGraph
    starts: Int64Array
    ends: Int64Array
    kept: BoolArray | None
    cuts: Int64Array
    is_cut_short: bool

    @property
    def histories(self) -> Ranges:
        """The histories, that are not empty, of the customers who are meant."""
        if self.kept is None and not self.is_cut_short and self.graph.all_interact:
            return Ranges(self.starts, self.ends, self.graph.customer_numbers)
        meant = self.ends > self.starts
        if self.kept is not None:
            meant &= self.kept
        if meant.all():
            return Ranges(self.starts, self.ends, self.graph.customer_numbers)
        customers = self.graph.customer_numbers[meant]
        return Ranges(*bounds(self.starts[customers], self.ends[customers]), customers)

    def journeys(self, labels: Labels, split: Split | None) -> Ranges:
        """The journeys: histories, cut as the split says, that hold an item."""
        ranges = self.histories
        if split is not None and split.inactivity is not None:
            cuts = gaps(ranges, labels, self.graph.at_us, split.gap_us)
        else:
            cuts = self.cuts
        return with_items(cut_at(ranges, cuts), labels)

    def units(self, journeys: Ranges, unit: Unit, *, is_cut: bool) -> Units:
        """What is counted: the journeys, or the customers who have one.

        Parameters
        ----------
        is_cut
            Whether a history may be several journeys.
        """
        if unit is Unit.JOURNEY or not is_cut:
            return Units(
                of_journeys=self._numbers(len(journeys.starts)),
                customers=journeys.customers,
                starts=journeys.starts,
                ends=journeys.ends,
            )
        is_first = np.ones(len(journeys.customers), np.bool_)
        np.not_equal(journeys.customers[1:], journeys.customers[:-1], out=is_first[1:])
        of_journeys: IntArray = np.cumsum(is_first, dtype=number_type(len(is_first)))
        of_journeys -= 1
        customers, starts, ends = self.graph.customer_numbers, self.starts, self.ends
        if np.count_nonzero(is_first) < len(customers):
            customers = journeys.customers[is_first]
            starts, ends = bounds(starts[customers], ends[customers])
        return Units(of_journeys=of_journeys, customers=customers, starts=starts, ends=ends)

    def _numbers(self, n_numbers: int) -> IntArray:
        shared = self.graph.customer_numbers
        if n_numbers <= len(shared):
            return shared[:n_numbers]
        return np.arange(n_numbers, dtype=number_type(n_numbers))


def population_of(
    graph: JourneyGraph,
    *,
    until_us: int | None,
    customers: CustomerWhere | None,
    split: Split | None,
    unit: Unit,
    outcome: Outcome,
) -> Population:
    """Resolve whose histories are meant; parameters as of `make_journeys`."""
    starts = graph.customer_starts[:-1]
    ends = graph.customer_starts[1:]
    is_cut_short = until_us is not None and until_us <= graph.as_of_us
    if is_cut_short:
        ends = end_rows(graph.customer_starts, graph.at_us, until_us)
    nothing = np.zeros(0, np.int64)
    outcome_rows = outcome.rows(graph) if _asks_for_outcome(customers, split) else nothing
    kept = None
    if customers is not None:
        history = History(starts=starts, ends=ends, outcome_rows=outcome_rows)
        kept = kept_customers(graph, customers, history)
    cuts = outcome_rows + 1 if split is not None and split.outcome else nothing
    whole = Population(
        graph=graph, starts=starts, ends=ends, kept=kept, cuts=cuts, is_cut_short=is_cut_short
    )
    if split is None or split.column is None:
        return whole
    ordered, cuts = split_by_column(graph, split.column, whole.histories, unit)
    return replace(whole, graph=ordered, cuts=cuts)


def _asks_for_outcome(customers: CustomerWhere | None, split: Split | None) -> bool:
    if split is not None and split.outcome:
        return True
    return customers is not None and customers.has_outcome is not None
