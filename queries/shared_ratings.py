"""Mean ratings of two populations compared row by row, as a regression with clusters would.

Ratings of one customer resemble each other, in one population and between both; so each customer
is a cluster, and what they draw both means by gives the variances and the covariance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.statistics.items_of_units import distinct
from journeygraph.statistics.ratings import Rating, ratings_of_units
from queries.differences import Difference, MeanSums, compare_means
from queries.intervals import SMALL_GROUP
from queries.shared_rows import PairedRows, in_both, products

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys
    from queries.shared_customers import SharedCustomers

__all__ = ["rating_differences"]

Int64Array = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


def rating_differences(
    shared: SharedCustomers, rows_of_codes: Sequence[Int64Array] | None, n_rows: int = 1
) -> list[Difference]:
    """The difference of the mean emotions of each row.

    Parameters
    ----------
    rows_of_codes
        Of both views: the row of each item code; None where everything is one row.
    """
    sides = [
        _Rated.of(view, numbers, None if rows_of_codes is None else rows_of_codes[side], n_rows)
        for side, (view, numbers) in enumerate(shared.everybody())
    ]
    drawn = [side.drawn for side in sides]
    (covariances,) = products(drawn[0], drawn[1], n_rows)
    in_common = in_both(drawn[0], drawn[1], n_rows)
    return [
        compare_means(
            sides[0].mean_sums(row), sides[1].mean_sums(row), float(covariances[row]),
            int(in_common[row]), shared.one.confidence,
            small=bool(min(side.units[row] for side in sides) < SMALL_GROUP),
        )
        for row in range(n_rows)
    ]  # fmt: skip


@dataclass(frozen=True, eq=False, slots=True)
class _Rated:
    """By row: the mean, the units and customers who rated, and how far each draws the mean."""

    means: FloatArray
    units: Int64Array
    customers: Int64Array
    variances: FloatArray
    drawn: PairedRows

    @classmethod
    def of(
        cls, journeys: Journeys, numbers: Int64Array, rows: Int64Array | None, n_rows: int
    ) -> _Rated:
        everybody = np.ones(journeys.n_units, np.bool_)
        units, items, ratings = ratings_of_units(journeys, everybody, Rating.EMOTION)
        places = np.zeros(len(items), np.int64) if rows is None else rows[items]
        counts = np.bincount(places, minlength=n_rows)
        sums = np.bincount(places, ratings, n_rows)
        means = np.divide(sums, counts, out=np.zeros(n_rows), where=counts > 0)
        owners = numbers[journeys.unit_customers[units]]
        customers = _distinct(owners, places, n_rows)
        widened = np.sqrt(customers / np.maximum(customers - 1, 1)) * (customers > 1)
        weights = widened / np.maximum(counts, 1) / 1000
        parts = (ratings - means[places]) * weights[places]
        drawn = PairedRows.of(journeys, numbers, units, places, n_rows, parts)
        variances = np.bincount(drawn.pairs % max(n_rows, 1), drawn.weights[0] ** 2, n_rows)
        return cls(
            means=means / 1000,
            units=_distinct(units, places, n_rows),
            customers=customers,
            variances=variances.astype(np.float64),
            drawn=drawn,
        )

    def mean_sums(self, row: int) -> MeanSums | None:
        customers = int(self.customers[row])
        if not customers:
            return None
        return MeanSums(float(self.means[row]), float(self.variances[row]), customers)


def _distinct(numbers: Int64Array, rows: Int64Array, n_rows: int) -> Int64Array:
    """By row, how many different numbers there are."""
    pairs = distinct(numbers * max(n_rows, 1) + rows)
    return np.bincount(pairs % max(n_rows, 1), minlength=n_rows).astype(np.int64)
