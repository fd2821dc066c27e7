"""From what was counted on paths to what each item is credited with, method by method.

Every method but participation divides the outcomes among the items: its credits add up to them.
Counts stay whole until here, so that credit does not depend on how the customers were divided.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.kernels.touches import CREDIT_PARTS, VALUE_PARTS
from journeygraph.options import Word
from journeygraph.statistics.absorbing import removals
from journeygraph.statistics.attribution import (
    DECAYED_TOUCHES,
    ITEM_SETS,
    ITEMS_MET,
    MOVES,
    TOUCHES,
)
from journeygraph.statistics.shapley import MOST_EXACT_ITEMS, rate_values, sampled_rate_values

__all__ = [
    "AttributionMethod",
    "Count",
    "Credits",
    "Recipe",
    "Worth",
    "counted_once",
    "credits_of",
    "whole_parts",
]

FloatArray = npt.NDArray[np.float64]
Count = Callable[..., pa.Table]
"""Gives the whole of a statistic: `count(TOUCHES, skip_direct=True)`."""


class AttributionMethod(Word, argument="method"):
    """How outcomes are divided among the items before them."""

    FIRST = "first"
    LAST = "last"
    LAST_NON_DIRECT = "last_non_direct"
    LINEAR = "linear"
    POSITION = "position"
    TIME_DECAY = "time_decay"
    PARTICIPATION = "participation"
    MARKOV = "markov"
    SHAPLEY = "shapley"


class Worth(Word, argument="worth"):
    """What a set of items is worth, for Shapley values."""

    OUTCOMES = "outcomes"
    OUTCOME_RATE = "outcome_rate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A method with all that it needs to know.

    Attributes
    ----------
    n_items
        Items that there are.
    order
        Of the Markov chain.
    half_life_us
        Of time decay.
    weights
        Of position: first, between, last; together 1.
    worth, samples, seed, confidence
        Of Shapley values.
    """

    method: AttributionMethod
    n_items: int
    order: int = 1
    half_life_us: int = 1
    weights: tuple[float, float, float] = (0.4, 0.2, 0.4)
    worth: Worth = Worth.OUTCOMES
    samples: int = 0
    seed: int = 0
    confidence: float = 0.95


class Credits(NamedTuple):
    """What items are credited with, by item.

    `effects` are removal effects, of Markov only; `bound` is what a sampled credit may be off by;
    `value` is in minor units, None where it goes by the shares of the credit. `whole` is what
    shares are of, None where that is the sum of the credit.
    """

    credit: FloatArray
    value: FloatArray | None
    effects: FloatArray | None = None
    bound: float | None = None
    whole: int | None = None

    @property
    def shares(self) -> FloatArray:
        """The share of each item; 0 where nothing is credited."""
        whole = math.fsum(self.credit) if self.whole is None else self.whole
        return self.credit / whole if whole else np.zeros(len(self.credit))


def credits_of(recipe: Recipe, count: Count) -> Credits:
    """What a method credits the items with, of paths that `count` counts."""
    return _METHODS[recipe.method](recipe, count)


def _column(table: pa.Table, name: str) -> npt.NDArray[np.int64]:
    return np.asarray(table[name].to_numpy())


def _by_item(recipe: Recipe, table: pa.Table, numbers: npt.NDArray[Any]) -> FloatArray:
    sums = np.bincount(_column(table, "item"), numbers, recipe.n_items)
    return sums.astype(np.float64)


def _of_touches(share: Callable[[Recipe, pa.Table, str], npt.NDArray[Any]]) -> Any:
    def credit(recipe: Recipe, count: Count) -> Credits:
        skip_direct = recipe.method is AttributionMethod.LAST_NON_DIRECT
        table = count(TOUCHES, skip_direct=skip_direct)
        return Credits(
            _by_item(recipe, table, share(recipe, table, "")),
            _by_item(recipe, table, share(recipe, table, "_value")),
        )

    return credit


def _only(name: str) -> Callable[[Recipe, pa.Table, str], npt.NDArray[Any]]:
    return lambda _recipe, table, of: _column(table, name + of)


def _linear(_recipe: Recipe, table: pa.Table, of: str) -> npt.NDArray[Any]:
    return _column(table, f"any{of}") / _column(table, "length")


def _position(recipe: Recipe, table: pa.Table, of: str) -> npt.NDArray[Any]:
    """One item takes all, two share as first and last do, else first, between and last."""
    first, between, last = recipe.weights
    ends = first + last
    half = (first / ends, last / ends) if ends > 0 else (0.5, 0.5)
    length = _column(table, "length")
    firsts, lasts, touches = (_column(table, name + of) for name in ("first", "last", "any"))
    others = touches - firsts - lasts
    longer = firsts * first + lasts * last + others * between / np.maximum(length - 2, 1)
    return np.where(
        length == 1, touches, np.where(length == 2, firsts * half[0] + lasts * half[1], longer)
    )


def _time_decay(recipe: Recipe, count: Count) -> Credits:
    table = count(DECAYED_TOUCHES, half_life_us=recipe.half_life_us)
    return Credits(
        _by_item(recipe, table, _column(table, "credit_parts")) / CREDIT_PARTS,
        _by_item(recipe, table, _column(table, "value_parts")) / VALUE_PARTS,
    )


def _participation(recipe: Recipe, count: Count) -> Credits:
    table = count(ITEMS_MET)
    return Credits(
        _by_item(recipe, table, _column(table, "outcomes")),
        _by_item(recipe, table, _column(table, "value_minor")),
        whole=counted_once(_column(table, "size"), _column(table, "outcomes")),
    )


def counted_once(size: npt.NDArray[np.int64], numbers: npt.NDArray[np.int64]) -> int:
    """What `ITEMS_MET` counts for each of the `size` items of a path, counted once."""
    by_size = np.zeros(int(size.max(initial=0)) + 1, np.int64)
    np.add.at(by_size, size, numbers)
    return sum(sum_of // max(n, 1) for n, sum_of in enumerate(by_size.tolist()))


def _markov(recipe: Recipe, count: Count) -> Credits:
    table = count(MOVES, order=recipe.order)
    ends_so = _column(table, "next") == recipe.n_items + 1
    outcomes = int(_column(table, "moves")[ends_so].sum())
    effects = removals(table, recipe.n_items, recipe.order).effects
    return Credits(_shared(effects, outcomes), None, effects=effects)


def _shared(weights: FloatArray, outcomes: int) -> FloatArray:
    whole = math.fsum(weights)
    return weights / whole * outcomes if whole else np.zeros(len(weights))


def _shapley(recipe: Recipe, count: Count) -> Credits:
    if recipe.worth is Worth.OUTCOME_RATE:
        return _shapley_of_rates(recipe, count)
    table = count(ITEMS_MET)
    size = _column(table, "size")
    return Credits(
        _by_item(recipe, table, _column(table, "outcomes") / size),
        _by_item(recipe, table, _column(table, "value_minor") / size),
    )


def _shapley_of_rates(recipe: Recipe, count: Count) -> Credits:
    table = count(ITEM_SETS)
    sets, outcomes, nulls = (_column(table, name) for name in ("items", "outcomes", "nulls"))
    there = outcomes + nulls > 0
    games = sets[there], outcomes[there], nulls[there], recipe.n_items
    bound = None
    if recipe.n_items <= MOST_EXACT_ITEMS:
        values = rate_values(*games)
    else:
        values, bound = sampled_rate_values(
            *games, samples=recipe.samples, seed=recipe.seed, confidence=recipe.confidence
        )
    scale = int((outcomes + nulls).sum())  # outcomes over the rate of all paths
    return Credits(values * scale, None, bound=None if bound is None else bound * scale)


_METHODS: dict[AttributionMethod, Callable[[Recipe, Count], Credits]] = {
    AttributionMethod.FIRST: _of_touches(_only("first")),
    AttributionMethod.LAST: _of_touches(_only("last")),
    AttributionMethod.LAST_NON_DIRECT: _of_touches(_only("last")),
    AttributionMethod.LINEAR: _of_touches(_linear),
    AttributionMethod.POSITION: _of_touches(_position),
    AttributionMethod.TIME_DECAY: _time_decay,
    AttributionMethod.PARTICIPATION: _participation,
    AttributionMethod.MARKOV: _markov,
    AttributionMethod.SHAPLEY: _shapley,
}


def whole_parts(shares: FloatArray, whole: int) -> list[int]:
    """Whole numbers that add up to `whole`, each within 1 of its share: largest remainders first.

    Parameters
    ----------
    shares
        They add up to `whole`, up to rounding.
    """
    parts = [math.floor(share) for share in shares.tolist()]
    if not parts:
        return []
    each, left = divmod(whole - sum(parts), len(parts))
    remainders = sorted(range(len(parts)), key=lambda place: (parts[place] - shares[place], place))
    for rank, place in enumerate(remainders):
        parts[place] += each + (rank < left)
    return parts
