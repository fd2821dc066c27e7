"""Many groups, one outcome: all fourfold tables at once, tested and ranked.

Every group that can be tested is tested, whatever is listed later: a false discovery rate means
nothing if the groups that it is about were chosen by their p values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journeygraph.kernels.contingency import compare_groups
from queries.intervals import benjamini_hochberg

__all__ = ["FourfoldTables", "fourfold_tables"]

Int64Array = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class FourfoldTables:
    """For each group, units in it and outside it, with and without the outcome.

    Attributes
    ----------
    units, hits
        All units, and those with the outcome.
    sizes, sizes_hit
        By group.
    chi_squares, p_values, q_values
        By group; NaN where a margin is 0, so that there is nothing to compare.
    are_exact
        By group: whether p is of Fisher's exact test.
    """

    units: int
    hits: int
    sizes: Int64Array
    sizes_hit: Int64Array
    chi_squares: FloatArray
    p_values: FloatArray
    q_values: FloatArray
    are_exact: npt.NDArray[np.bool_]

    @property
    def n_tested(self) -> int:
        """Groups with a p value."""
        return int(np.count_nonzero(~np.isnan(self.p_values)))

    def ranking(self, names: Sequence[str], at_least: int) -> Int64Array:
        """Groups of at least so many units: by p, then by chi-square, the largest first, then name.

        Groups that cannot be tested come last, by name.
        """
        groups = np.flatnonzero(self.sizes >= at_least)
        by_name = np.array(sorted(groups.tolist(), key=lambda group: names[group]), np.int64)
        order = np.lexsort((-self.chi_squares[by_name], self.p_values[by_name]))
        return by_name[order]


def fourfold_tables(
    units: int, hits: int, sizes: Int64Array, sizes_hit: Int64Array
) -> FourfoldTables:
    """Test all groups, and say how many of the discoveries are false."""
    chi_squares, p_values, are_exact = compare_groups(sizes, sizes_hit, units, hits)
    return FourfoldTables(
        units=units,
        hits=hits,
        sizes=sizes,
        sizes_hit=sizes_hit,
        chi_squares=chi_squares,
        p_values=p_values,
        q_values=benjamini_hochberg(p_values),
        are_exact=are_exact,
    )
