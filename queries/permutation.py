"""How large the largest of many differences is by chance alone: labels permuted within strata.

A hundred touchpoints are a hundred chances. Permuting who is loyal, within strata, breaks every
association and keeps all that touchpoints have in common; the share of permutations whose largest
|z| over all touchpoints reaches a touchpoint's own is its family-wise adjusted p (the single-step
maxT of Westfall and Young 1993). One is added above and below, so that no p is 0: the labels as
they are count as a permutation (Phipson and Smyth 2010, doi:10.2202/1544-6115.1585).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journeygraph.errors import InvalidOptionError
from journeygraph.kernels.exposures import count_shuffled
from journeygraph.statistics.exposures import Exposures
from journeygraph.statistics.loyalty_future import sealed
from journeygraph.threads import on_threads
from queries.strata import PooledTables, Strata

__all__ = ["MOST_PERMUTATIONS", "Permuted", "permute", "validate_permutations"]

FloatArray = npt.NDArray[np.float64]

MOST_PERMUTATIONS = 100_000


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Permuted:
    """What chance does.

    Attributes
    ----------
    largest
        By permutation, the largest |z| over touchpoints, ascending.
    p_values
        By item, adjusted for looking at all of them; NaN where there is nothing to compare.
    """

    largest: FloatArray
    p_values: FloatArray

    def limit(self, confidence: float) -> float | None:
        """The |z| that so many of the permutations do not exceed; None where there are none."""
        if not len(self.largest):
            return None
        return float(np.quantile(self.largest, confidence, method="inverted_cdf"))


def validate_permutations(permutations: int, seed: int) -> None:
    """Refuse what is no number of permutations, or no seed.

    Raises
    ------
    InvalidOptionError
        Where one of them is negative, or there are too many permutations.
    """
    if not 0 <= permutations <= MOST_PERMUTATIONS:
        expected = f"a whole number from 0 to {MOST_PERMUTATIONS}"
        raise InvalidOptionError("permutations", permutations, expected)
    if seed < 0:
        raise InvalidOptionError("seed", seed, "a whole number, 0 or more")


def permute(
    exposures: Exposures, strata: Strata, tables: PooledTables, permutations: int, seed: int
) -> Permuted:
    """Permute who is loyal; `exposures` of judged units alone."""
    judged = np.flatnonzero(exposures.are_judged)
    order = judged[np.argsort(strata.codes[judged], kind="stable")]
    place_of = np.zeros(len(exposures.are_judged), np.int32)
    place_of[order] = np.arange(len(order), dtype=np.int32)
    starts = np.searchsorted(strata.codes[order], np.arange(strata.n + 1))
    arguments = (
        sealed(place_of[exposures.units]), sealed(exposures.items),
        sealed(exposures.are_loyal[order].astype(np.uint8)), sealed(starts.astype(np.int64)),
    )  # fmt: skip
    tested = np.flatnonzero(tables.variances > 0)
    expected, deviations = tables.expected[tested], np.sqrt(tables.variances[tested])

    def largest_of(number: int) -> float:
        chances = np.random.default_rng([seed, number]).random(len(order))
        counts = count_shuffled(*arguments, sealed(chances), exposures.n_items)
        return float(np.abs((counts[tested] - expected) / deviations).max(initial=0.0))

    largest = np.sort(np.array(on_threads(largest_of, range(permutations)), np.float64))
    p_values = np.full(exposures.n_items, np.nan)
    own = np.abs(tables.z_values[tested]) * (1 - 1e-12)  # rounding must not tell equals apart
    reached = len(largest) - np.searchsorted(largest, own, side="left")
    p_values[tested] = (1 + reached) / (1 + len(largest))
    return Permuted(largest=largest, p_values=p_values)
