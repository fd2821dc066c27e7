"""How trees of referrals spread: by one who brings many, or from hand to hand.

The mean distance between two members of a tree (structural virality, Goel, Anderson, Hofman and
Watts 2016, doi:10.1287/mnsc.2015.2158) is 2 - 2/n for a star of n and (n + 1)/3 for a path of n.
It is exact and linear: an edge lies between s x (n - s) pairs of members, where s are below it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from journeygraph.graph import MISSING
from journeygraph.kernels.cascades import spread_of_cascades

__all__ = ["CascadeShapes", "median_of", "measure_shapes", "times_of_coming"]

Int64Array = npt.NDArray[np.int64]
Int32Array = npt.NDArray[np.int32]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class CascadeShapes:
    """What is said of each tree, in the order of `chains`.

    Attributes
    ----------
    sizes
        Members, the root included.
    breadths
        Members of the largest generation.
    generation_starts, generation_sizes
        The generations of tree t, its root first, are
        `generation_sizes[generation_starts[t] : generation_starts[t + 1]]`.
    wholes, remainders
        The sum of the distances of all pairs is `sizes x wholes + remainders`: in two parts, since
        that of a path of four million does not fit into 64 bits.
    """

    sizes: Int64Array
    breadths: Int64Array
    generation_starts: Int64Array
    generation_sizes: Int64Array
    wholes: Int64Array
    remainders: Int64Array

    @property
    def virality(self) -> npt.NDArray[np.float64]:
        """The mean distance of two members."""
        means = (self.wholes + self.remainders / self.sizes) * 2
        return np.asarray(means / (self.sizes - 1))

    def pair_distances(self, tree: int) -> int:
        """The sum of the distances of all pairs (Wiener's index), exact."""
        return int(self.sizes[tree]) * int(self.wholes[tree]) + int(self.remainders[tree])

    def generations(self, tree: int) -> list[int]:
        """How many members stand at each depth, the root first."""
        start, end = self.generation_starts[tree : tree + 2]
        sizes: list[int] = self.generation_sizes[start:end].tolist()
        return sizes


def measure_shapes(
    leaves_first: Int32Array,
    downstream: Int32Array,
    heights: Int32Array,
    depths: Int32Array,
    roots: Int32Array,
    chains: Int64Array,
) -> CascadeShapes:
    """Measure the trees of a forest; see `ReferralForest` for what the arrays are."""
    generation_starts = np.zeros(len(chains) + 1, np.int64)
    np.cumsum(heights[chains] + 1, out=generation_starts[1:])
    trees = np.full(len(roots), -1, np.int32)
    trees[chains] = np.arange(len(chains), dtype=np.int32)
    generation_sizes, wholes, remainders = spread_of_cascades(
        leaves_first, downstream, depths, roots, trees, generation_starts
    )
    breadths = (
        np.maximum.reduceat(generation_sizes, generation_starts[:-1])
        if len(chains)
        else np.zeros(0, np.int64)
    )
    return CascadeShapes(
        sizes=downstream[chains].astype(np.int64) + 1,
        breadths=breadths,
        generation_starts=generation_starts,
        generation_sizes=generation_sizes,
        wholes=wholes,
        remainders=remainders,
    )


def times_of_coming(
    first_at_us: Int64Array, parent_referrals: Int64Array, referral_at_us: Int64Array
) -> Int64Array:
    """By customer index: the first interaction, else when brought, else MISSING."""
    came = first_at_us.copy()
    unseen = np.flatnonzero((first_at_us == MISSING) & (parent_referrals >= 0))
    came[unseen] = referral_at_us[parent_referrals[unseen]]
    return came


def median_of(lengths_us: npt.NDArray[Any]) -> float | None:
    """The median in seconds, by nearest rank; None of nothing."""
    if not len(lengths_us):
        return None
    middle = (len(lengths_us) - 1) // 2
    return float(np.partition(lengths_us, middle)[middle]) / 1e6
