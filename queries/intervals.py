"""How sure a share is, and how many discoveries among many are false.

A share of few says little, and every answer says how little: Wilson's score interval, which
unlike the textbook one stays within 0 and 1, does not collapse at 0 or at 1, and keeps its
promise for small groups (Brown, Cai and DasGupta 2001, doi:10.1214/ss/1009213286). Rates that
have nothing below the line have no value, rather than 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from journeygraph.errors import InvalidOptionError

__all__ = [
    "SMALL_GROUP",
    "Estimate",
    "benjamini_hochberg",
    "normal_quantile",
    "student_quantile",
    "wilson",
]

SMALL_GROUP = 30
"""Answers about fewer units than this are flagged `small`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A value, its interval, and the counts that it comes from.

    `value`, `low` and `high` are None where there is nothing to estimate from (`of` is 0).
    """

    value: float | None
    low: float | None
    high: float | None
    successes: int
    of: int


@lru_cache(maxsize=64)
def normal_quantile(confidence: float) -> float:
    """Half width, in standard errors, of a two-sided interval of this confidence.

    Raises
    ------
    InvalidOptionError
        Where the confidence is not strictly between 0 and 1.
    """
    if not 0 < confidence < 1:
        raise InvalidOptionError("confidence", confidence, "a number between 0 and 1, say 0.95")
    return NormalDist().inv_cdf(0.5 + confidence / 2)


def student_quantile(degrees: float, confidence: float) -> float:
    """The same where the errors were estimated, with so many degrees of freedom."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 0.5 + confidence / 2))


def wilson(successes: int, of: int, confidence: float, worth: float | None = None) -> Estimate:
    """The share `successes / of` with Wilson's score interval.

    Parameters
    ----------
    worth
        How many independent ones tell as much as those below the line, where they are not.

    Raises
    ------
    InvalidOptionError
        Where it is not a share, or the confidence is not strictly between 0 and 1.
    """
    quantile = normal_quantile(confidence)
    if not 0 <= successes <= of:
        raise InvalidOptionError("successes", successes, f"a count from 0 to {of}")
    if of == 0:
        return Estimate(value=None, low=None, high=None, successes=0, of=0)
    share = successes / of
    widening = quantile * quantile / (of if worth is None else worth)
    middle = (share + widening / 2) / (1 + widening)
    half = math.sqrt(widening * (share * (1 - share) + widening / 4)) / (1 + widening)
    return Estimate(
        value=share,
        low=max(0.0, middle - half) if successes else 0.0,
        high=min(1.0, middle + half) if successes < of else 1.0,
        successes=int(successes),
        of=int(of),
    )


def benjamini_hochberg(p_values: ArrayLike) -> NDArray[np.float64]:
    """The q value of each p value: the false discovery rate at which it is still found.

    NaN (no test was possible) stays NaN and is not counted among the tests.

    Raises
    ------
    InvalidOptionError
        Where a p value is not between 0 and 1.

    Notes
    -----
    Benjamini and Hochberg (1995), step-up: the smallest p x tests / rank over all ranks from
    its own upwards, at most 1.
    """
    p = np.asarray(p_values, dtype=np.float64)
    wrong = p[(p < 0) | (p > 1)]
    if len(wrong):
        raise InvalidOptionError("p_values", float(wrong[0]), "numbers from 0 to 1")
    tested = np.flatnonzero(~np.isnan(p))
    ascending = tested[np.argsort(p[tested], kind="stable")]
    ranks = np.arange(1, len(tested) + 1)
    stepped = p[ascending] * len(tested) / ranks
    q = np.full(len(p), np.nan)
    q[ascending] = np.minimum(np.minimum.accumulate(stepped[::-1])[::-1], 1.0)
    return q
