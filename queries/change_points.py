"""Where the level of a series changes: stretches that stand out, against shuffled periods.

For every stretch of periods the level in it and the level around it are compared by their weighted
squared difference, which for shares is Pearson's chi-square of both and for counts that of two
Poisson rates, up to a factor that is the same for all stretches. The one that stands out most has a
change at each end that lies inside the series, and what is before it, in it and behind it is looked
at again (circular binary segmentation: Olshen, Venkatraman, Lucito and Wigler 2004,
doi:10.1093/biostatistics/kxh008), so that a level that rises and falls back is found as well as one
that stays. How far the most outstanding stretch stands out by chance say the periods in another
order: so a series that scatters more than coin tosses would is not taken for one that changes, and
all stretches are paid for at once. One is added above and below, so that no p is 0.

Periods are taken for exchangeable where nothing changes: seasons, and levels that drift, are
changes by this measure as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from queries.intervals import benjamini_hochberg

__all__ = ["FEWEST_POINTS", "MOST_POINTS", "LevelChange", "find_changes"]

FloatArray = npt.NDArray[np.float64]

FEWEST_POINTS = 9
"""In fewer, no order of the points is as rare as one in twenty."""

MOST_POINTS = 400
"""In more, looking at every stretch of every order takes longer than anybody waits."""

_FEWEST = 2  # points that a level is of
_NUMBERS_AT_ONCE = 1 << 20
_EXACT = 1e-12  # rounding must not tell equals apart


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelChange:
    """A change of level.

    Attributes
    ----------
    place
        Of the first point behind it.
    first, last
        The points that it was found among: from this place, up to this one.
    p_value, q_value
        That something stands out as far among them by chance, and the false discovery rate over
        all parts of the series that were looked at. Both ends of a stretch have the same.
    """

    place: int
    first: int
    last: int
    p_value: float
    q_value: float


@dataclass(frozen=True, slots=True)
class _Scanned:
    """What stands out most in a part of the points, from `begin` up to before `end`."""

    first: int
    last: int
    begin: int
    end: int
    p_value: float

    @property
    def places(self) -> list[int]:
        """Where the level changes."""
        return [one for one in (self.begin, self.end) if self.first < one <= self.last]


def find_changes(
    sums: FloatArray, weights: FloatArray, *, permutations: int, seed: int, at_most: float
) -> tuple[list[LevelChange], int]:
    """Changes of level, the earliest first, and how many parts of the series were looked at.

    Parameters
    ----------
    sums, weights
        (n_points,) the level of a point is its sum by its weight, which is above 0.
    permutations, seed
        How often points are shuffled, and what that hangs on; without any, and of more than
        `MOST_POINTS` points, nothing is looked at.
    at_most
        The p up to which a stretch is taken to stand out, and what it leaves is looked at again.
    """
    scanned: list[_Scanned] = []
    waiting = [(0, len(sums))] if permutations and len(sums) <= MOST_POINTS else []
    while waiting:
        first, end = waiting.pop()
        if end - first < FEWEST_POINTS:
            continue
        part = slice(first, end)
        random = np.random.default_rng([seed, first, end])
        (begin, behind), p_value = _scan(sums[part], weights[part], permutations, random)
        one = _Scanned(first, end - 1, first + begin, first + behind, p_value)
        scanned.append(one)
        if p_value <= at_most:
            waiting += list(pairwise([first, *one.places, end]))
    q_values = benjamini_hochberg([one.p_value for one in scanned]).tolist()
    found = [
        LevelChange(
            place=place, first=one.first, last=one.last, p_value=one.p_value, q_value=q_value
        )
        for one, q_value in zip(scanned, q_values, strict=True)
        if one.p_value <= at_most
        for place in one.places
    ]
    return sorted(found, key=lambda change: change.place), len(scanned)


def _scan(
    sums: FloatArray, weights: FloatArray, permutations: int, random: np.random.Generator
) -> tuple[tuple[int, int], float]:
    """What stands out most, and how often anything stands out as far where points are shuffled."""
    n, best, largest = len(sums), (0, _FEWEST), -1.0
    for width, contrasts in _contrasts(sums[None], weights[None]):
        place = int(np.argmax(contrasts[0]))
        if contrasts[0, place] > largest * (1 + _EXACT):
            best, largest = (place, place + width), float(contrasts[0, place])
    reached, done = 0, 0
    while done < permutations:
        rows = min(permutations - done, max(1, _NUMBERS_AT_ONCE // n))
        orders = random.permuted(np.broadcast_to(np.arange(n), (rows, n)), axis=1)
        most = np.full(rows, -1.0)
        for _width, contrasts in _contrasts(sums[orders], weights[orders]):
            np.maximum(most, contrasts.max(axis=1), out=most)
        reached += int(np.count_nonzero(most >= largest * (1 - _EXACT)))
        done += rows
    return best, (1 + reached) / (1 + permutations)


def _contrasts(sums: FloatArray, weights: FloatArray) -> Iterator[tuple[int, FloatArray]]:
    """By width, by row of points and by where it begins: how far a stretch stands out.

    No single point is left at an edge: such stretches, which begin second or end last but one,
    stand out by nothing.
    """
    n = sums.shape[1]
    added, heavy = (np.pad(np.cumsum(of, axis=1), ((0, 0), (1, 0))) for of in (sums, weights))
    whole, all_weight = added[:, -1:], heavy[:, -1:]
    for width in range(_FEWEST, n - _FEWEST + 1):
        inner = added[:, width:] - added[:, :-width]
        weight = heavy[:, width:] - heavy[:, :-width]
        rest = all_weight - weight
        contrasts: FloatArray = weight * rest / all_weight
        contrasts *= (inner / weight - (whole - inner) / rest) ** 2
        last = n - width
        for place in {1, last - 1} - {0, last}:
            contrasts[:, place] = 0.0
        yield width, contrasts
