"""How much memory paths have: the order of a Markov chain, chosen by what it foretells.

A chain of a higher order always fits the paths that it was made of better. So one customer in
five is held out, and the likelihood of their paths decides: the order is the lowest that is not
worse than the best one by more than the standard error of the difference. What was never seen gets
a chance from the next lower order (Witten and Bell 1991, doi:10.1109/18.87000), so that no order
is punished for what it has not met.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.statistics.attribution import bits_of

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["OrderFit", "are_held_out", "fit_orders"]

FloatArray = npt.NDArray[np.float64]
Int64Array = npt.NDArray[np.int64]

_ONE_IN = 5


@dataclass(frozen=True, slots=True)
class OrderFit:
    """An order: the mean log-likelihood of a held-out move under it (None: nothing held out)."""

    order: int
    log_likelihood: float | None


def are_held_out(units: Int64Array) -> npt.NDArray[np.bool_]:
    """One in five of these numbers, always the same ones, as if by chance."""
    mixed = (units.astype(np.int64) & 0x7FFFFFFF) * 0x9E3779B1
    return np.asarray((mixed >> 20 & 0xFFFF) % _ONE_IN == 0)


def fit_orders(
    learnt: pa.Table, held_out: pa.Table, n_items: int, highest: int
) -> tuple[int, list[OrderFit]]:
    """The order from 1 to `highest` to take, and how each one fits.

    Parameters
    ----------
    learnt, held_out
        `MOVES` of order `highest` of two parts of the paths.
    """
    n_bits = bits_of(n_items)
    state, following, count = _columns(held_out)
    chances = np.full(len(state), 1 / (n_items + 2))
    logs = []
    for order in range(highest + 1):
        kept = (1 << n_bits * order) - 1
        chances = _smoothed(learnt, state & kept, following, kept, n_bits, chances)
        logs.append(np.log(chances))
    fits = [OrderFit(order, _mean(logs[order], count)) for order in range(1, highest + 1)]
    best = max(logs[1:], key=lambda log: _mean(log, count) or 0.0)
    enough = (fit.order for fit in fits if _is_near(best - logs[fit.order], count))
    return next(enough, 1), fits


def _mean(numbers: FloatArray, count: Int64Array) -> float | None:
    whole = int(count.sum())
    return math.fsum(count * numbers) / whole if whole else None


def _is_near(differences: FloatArray, count: Int64Array) -> bool:
    """Whether moves are less likely by no more than the standard error of their difference."""
    mean = _mean(differences, count)
    if mean is None:
        return True
    variance = (_mean((differences - mean) ** 2, count) or 0.0) / int(count.sum())
    return mean <= math.sqrt(variance)


def _columns(moves: pa.Table) -> tuple[Int64Array, Int64Array, Int64Array]:
    state, following, count = (moves[name].to_numpy() for name in ("state", "next", "moves"))
    there = count > 0
    return state[there], following[there], count[there]


def _smoothed(
    learnt: pa.Table,
    states: Int64Array,
    following: Int64Array,
    kept: int,
    n_bits: int,
    lower: FloatArray,
) -> FloatArray:
    """The chance of each move from what was learnt of its state, mixed with a lower order's."""
    state, after, count = _columns(learnt)
    known, count_of = _summed((state & kept) << n_bits | after, count)
    contexts, of_context = np.unique(known >> n_bits, return_inverse=True)
    seen = np.bincount(of_context, count_of, len(contexts))
    kinds = np.bincount(of_context, minlength=len(contexts))
    met = _found(known, count_of, states << n_bits | following)
    seen_here, kinds_here = _found(contexts, seen, states), _found(contexts, kinds, states)
    whole = seen_here + kinds_here
    mixed = met + kinds_here * lower
    return np.divide(mixed, whole, out=lower.copy(), where=whole > 0)


def _summed(keys: Int64Array, counts: Int64Array) -> tuple[Int64Array, FloatArray]:
    distinct, places = np.unique(keys, return_inverse=True)
    sums = np.bincount(places, counts, len(distinct)).astype(np.float64)
    return distinct, sums


def _found(keys: Int64Array, numbers: npt.NDArray[np.generic], wanted: Int64Array) -> FloatArray:
    """The number of each wanted key, 0 where it is not there; the keys ascend."""
    if not len(keys):
        return np.zeros(len(wanted))
    places = np.searchsorted(keys, wanted).clip(0, len(keys) - 1)
    return np.where(keys[places] == wanted, numbers[places], 0).astype(np.float64)
