"""Products over customers who are in both of two populations, of many rows of a table at once.

A row is an item, or a transition: what a customer's units do in it in the first population times
what they do in it in the second, summed over the customers. `shared_customers` says what that is
good for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from queries.shared_customers import SharedRows

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from queries.shared_customers import SharedCustomers

__all__ = ["PairedRows", "in_both", "products", "shared_shares"]

Int64Array = npt.NDArray[np.int64]
Pairs = tuple[Int64Array, Int64Array]
"""Units and rows, side by side, each pair once."""


class PairedRows(NamedTuple):
    """Pairs of a customer and a row, as one number each: ascending, each once.

    Attributes
    ----------
    weights
        What the customer's units add up to in the row, one array for each thing that is counted.
    """

    pairs: Int64Array
    weights: tuple[npt.NDArray[Any], ...]

    @classmethod
    def of(
        cls,
        journeys: Journeys,
        places: Int64Array,
        units: Int64Array,
        rows: Int64Array,
        n_rows: int,
        *weights: npt.NDArray[Any],
    ) -> PairedRows:
        """Of one of the two views.

        Parameters
        ----------
        places
            By customer index in this view's graph: a number, the same for the same customer in
            both views; -1 for who is not looked at.
        units, rows
            Which unit does something in which row.
        weights
            How much, of each thing that is counted.
        """
        mine = places[journeys.unit_customers[units]]
        is_meant = mine >= 0
        pairs, which = np.unique(mine[is_meant] * n_rows + rows[is_meant], return_inverse=True)
        sums = [np.bincount(which, weight[is_meant], len(pairs)) for weight in weights]
        return cls(pairs, tuple(sums))


def products(one: PairedRows, other: PairedRows, n_rows: int) -> list[npt.NDArray[np.float64]]:
    """By row: every weight of the one times every weight of the other, summed over customers."""
    pairs, here, there = np.intersect1d(
        one.pairs, other.pairs, assume_unique=True, return_indices=True
    )
    rows = pairs % max(n_rows, 1)
    return [
        np.bincount(rows, mine[here] * theirs[there], n_rows).astype(np.float64)
        for mine in one.weights
        for theirs in other.weights
    ]


def in_both(one: PairedRows, other: PairedRows, n_rows: int) -> Int64Array:
    """By row: how many customers are there in both."""
    pairs = np.intersect1d(one.pairs, other.pairs, assume_unique=True)
    return _whole(np.bincount(pairs % max(n_rows, 1), minlength=n_rows))


def shared_shares(shared: SharedCustomers, first: Pairs, second: Pairs, n_rows: int) -> SharedRows:
    """What shared customers bring to the shares of all units that are in each row.

    Parameters
    ----------
    first, second
        The units of each view, and the rows that they are in.
    """
    of = _units_of(shared.one, shared.in_one)
    other_of = _units_of(shared.other, shared.in_other)
    mine, theirs = (
        PairedRows.of(view, places, *pairs, n_rows, np.ones(len(pairs[0])))
        for (view, places), pairs in zip(shared.places(), (first, second), strict=True)
    )
    (hits,) = products(mine, theirs, n_rows)
    return SharedRows(
        hits=_whole(hits),
        hits_of=_with_all(mine, other_of, n_rows),
        of_hits=_with_all(theirs, of, n_rows),
        of=np.full(n_rows, of @ other_of, np.int64),
    )


def _units_of(journeys: Journeys, customers: Int64Array) -> Int64Array:
    counts = np.bincount(journeys.unit_customers, minlength=journeys.graph.n_customers)
    return _whole(counts[customers])


def _with_all(side: PairedRows, all_units: Int64Array, n_rows: int) -> Int64Array:
    """By row: units in it times all units that the same customer has in the other view."""
    weights = side.weights[0] * all_units[side.pairs // max(n_rows, 1)]
    return _whole(np.bincount(side.pairs % max(n_rows, 1), weights, n_rows))


def _whole(numbers: npt.NDArray[Any]) -> Int64Array:
    return numbers.astype(np.int64)
