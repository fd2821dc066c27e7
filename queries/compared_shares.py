"""Rows of a table in two populations: how many units of each are in them, and every row tested.

Which rows are eligible hangs on the units of both populations together, which say nothing about
how these differ; so the q values keep their promise (Bourgon, Gentleman and Huber 2010,
doi:10.1073/pnas.0914005107).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.errors import InvalidOptionError
from journeygraph.statistics.sequences import read_only
from queries.customer_lists import CustomerList
from queries.differences import Difference, share_difference
from queries.fourfold import fourfold_tables
from queries.intervals import SMALL_GROUP, benjamini_hochberg
from queries.shared_customers import (
    NOTHING_SHARED,
    SharedCustomers,
    SharedRows,
    compare_shares,
    overlapping_p_values,
)
from queries.shared_rows import shared_shares

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["ComparedShares", "known", "nobody", "q_values_of", "tested"]

Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class ComparedShares:
    """Units of both populations in each row, and the p values of their shares of all units.

    Attributes
    ----------
    units
        By row, of both.
    sums
        What customers who are in both do; None where there are none.
    p_values
        By row; NaN where there is nothing to compare. Where somebody is in both and fewer than 5
        are expected in a cell, no smaller than that of Fisher's exact test.
    """

    shared: SharedCustomers
    units: tuple[Int64Array, Int64Array]
    sums: SharedRows | None
    p_values: FloatArray

    @classmethod
    def of(
        cls,
        shared: SharedCustomers,
        units: tuple[Int64Array, Int64Array],
        pairs: Sequence[tuple[Int64Array, Int64Array]],
    ) -> ComparedShares:
        """Test the shares of all rows.

        Parameters
        ----------
        units
            By row, of both views.
        pairs
            Of both: which unit of a shared customer is in which row.
        """
        n_units, n_others = shared.one.n_units, shared.other.n_units
        sizes, hits = read_only(units[0] + units[1]), read_only(units[0])
        tables = fourfold_tables(n_units + n_others, n_units, sizes, hits)
        if not shared.n:
            return cls(shared, units, None, tables.p_values)
        sums = shared_shares(shared, pairs[0], pairs[1], len(units[0]))
        p_values = overlapping_p_values((units[0], n_units), (units[1], n_others), sums)
        larger = np.maximum(p_values, tables.p_values)
        return cls(shared, units, sums, np.where(tables.are_exact, larger, p_values))

    def eligible(self, at_least: int) -> BoolArray:
        """Rows of at least so many units of both together.

        Raises
        ------
        InvalidOptionError
            Where that is below 1.
        """
        if at_least < 1:
            raise InvalidOptionError("at_least", at_least, "a whole number above 0")
        units, others = self.units
        return units + others >= at_least

    def ranking(self, is_eligible: BoolArray) -> Int64Array:
        """Eligible rows by p, then by units, then as they stand."""
        units, others = self.units
        order = np.lexsort((-(units + others), np.nan_to_num(self.p_values, nan=2.0)))
        return order[is_eligible[order]]

    def difference(self, row: int, q_values: FloatArray) -> Difference:
        """How far apart both are in one row."""
        of, other_of = self.shared.one.n_units, self.shared.other.n_units
        units, others = self.units
        difference, _ = compare_shares(
            (int(units[row]), of), (int(others[row]), other_of),
            NOTHING_SHARED if self.sums is None else self.sums.at(row), self.shared.one.confidence,
        )  # fmt: skip
        is_small = min(of, other_of) < SMALL_GROUP
        return share_difference(
            difference, known(self.p_values[row]), is_small, known(q_values[row])
        )


def q_values_of(p_values: FloatArray, is_eligible: BoolArray) -> FloatArray:
    """The false discovery rate of each row over all eligible ones."""
    return benjamini_hochberg(np.where(is_eligible, p_values, np.nan))


def tested(q_values: FloatArray) -> int:
    """How many of them there are."""
    return int(np.count_nonzero(~np.isnan(q_values)))


def known(number: float) -> float | None:
    """A number, or None where it is none."""
    return None if np.isnan(number) else float(number)


def nobody(journeys: Journeys) -> CustomerList:
    """The list behind a count of 0."""
    return CustomerList(journeys, lambda: np.zeros(0, np.int64))
