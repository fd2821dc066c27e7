"""How probable each next item is, as the model and simpler rules say it, and how right they were.

All are taught by the same occasions, and tested on the same later ones. What follows an occasion is
one of the items, or nothing within the window: together they are certain. Every rule is given one
occasion more, spread as what follows anything, so that none says "never" to what it has not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from journeygraph.options import Word
from journeygraph.statistics.occasions import Occasions
from journeygraph.statistics.prefixes import Prefixes

__all__ = ["Predictor", "Scored", "Taught", "score"]

FloatArray = npt.NDArray[np.float64]
Int64Array = npt.NDArray[np.int64]


class Predictor(Word, argument="predictor"):
    """Who says what comes next."""

    MODEL = "model"
    FIRST_ORDER_CHAIN = "first_order_chain"
    MOST_POPULAR = "most_popular"
    LAST_ITEM = "last_item"


@dataclass(frozen=True, eq=False, slots=True)
class Scored:
    """How right one predictor was, one entry for each tested occasion.

    Attributes
    ----------
    loss
        Minus the natural logarithm of the probability of what came.
    ranks
        The place of what came among all that may come, from 1; the most probable first.
    confidence
        The probability of what was said to be the most probable.
    """

    loss: FloatArray
    ranks: Int64Array
    confidence: FloatArray


@dataclass(frozen=True, eq=False)
class Taught:
    """What was learnt from occasions that lie before all that is tested.

    Attributes
    ----------
    are_taught
        Which occasions it was learnt from.
    at_least
        Units that must have stood at a prefix for the model to go by it.
    """

    occasions: Occasions
    prefixes: Prefixes
    are_taught: npt.NDArray[np.bool_]
    at_least: int

    @property
    def n_outcomes(self) -> int:
        """The items, and nothing."""
        return self.occasions.journeys.n_items + 1

    @cached_property
    def popular(self) -> FloatArray:
        """What follows anything, (n_outcomes,); each is given an equal part of one occasion."""
        next_items = self.occasions.next_items[self.are_taught]
        counts = np.bincount(next_items, minlength=self.n_outcomes) + 1 / self.n_outcomes
        return np.asarray(counts / counts.sum())

    @cached_property
    def repeats(self) -> float:
        """How often the item before came again."""
        items, next_items = self.occasions.items, self.occasions.next_items
        again = int(np.count_nonzero((items == next_items)[self.are_taught]))
        return (again + 1 / self.n_outcomes) / (int(np.count_nonzero(self.are_taught)) + 1)

    def after(self, length: int, prefix: int, at_least: int) -> FloatArray | None:
        """What follows a prefix; None where fewer units stood there."""
        there = self.prefixes.levels[length - 1].occasions(prefix)
        there = there[self.are_taught[there]]
        n_units = np.count_nonzero(np.diff(self.occasions.units[there], prepend=-1))
        if n_units < at_least:
            return None
        counts = np.bincount(self.occasions.next_items[there], minlength=self.n_outcomes)
        return np.asarray((counts + self.popular) / (len(there) + 1))

    def last_item(self, item: int) -> FloatArray:
        """The item again as often as items come again, and else what follows anything."""
        repeated = np.zeros(self.n_outcomes)
        repeated[item] = 1.0
        rest = self.popular * (repeated == 0)
        return np.asarray(
            self.repeats * repeated + (1 - self.repeats) * rest / max(rest.sum(), 1e-300)
        )


_Group = tuple[Int64Array, FloatArray | None]
"""Tested occasions of one prefix, and what is said of them; None where nothing can be."""


def score(predictor: Predictor, taught: Taught, tested: Int64Array) -> tuple[Scored, int]:
    """Score a predictor on some occasions.

    Parameters
    ----------
    tested
        Occasions, ascending.

    Returns
    -------
    scored, said_nothing
        In the order of `tested`; of how many of them nothing was known, so that they are told what
        follows anything.
    """
    n = len(tested)
    scored = Scored(np.zeros(n), np.zeros(n, np.int64), np.zeros(n))
    came = taught.occasions.next_items[tested]
    said_nothing = 0
    for places, known in _GROUPS[predictor](taught, tested):
        if known is None:
            said_nothing += len(places)
        said = taught.popular if known is None else known
        ranks = np.empty(len(said), np.int64)
        ranks[np.lexsort((-taught.popular, -said))] = np.arange(1, len(said) + 1)
        scored.loss[places] = -np.log(said[came[places]])
        scored.ranks[places] = ranks[came[places]]
        scored.confidence[places] = said.max()
    return scored, said_nothing


def _by_model(taught: Taught, tested: Int64Array) -> Iterator[_Group]:
    left = np.arange(len(tested))
    for length in range(len(taught.prefixes.levels), 0, -1):
        undecided = []
        for prefix, places in _by_prefix(taught, tested, left, length):
            known = taught.after(length, prefix, taught.at_least) if prefix >= 0 else None
            if known is None:
                undecided.append(places)
            else:
                yield places, known
        left = np.sort(np.concatenate([np.zeros(0, np.int64), *undecided]))
    yield left, None


def _by_chain(taught: Taught, tested: Int64Array) -> Iterator[_Group]:
    for prefix, places in _by_prefix(taught, tested, np.arange(len(tested)), 1):
        yield places, taught.after(1, prefix, 1)


def _by_popularity(taught: Taught, tested: Int64Array) -> Iterator[_Group]:
    yield np.arange(len(tested)), taught.popular


def _by_last_item(taught: Taught, tested: Int64Array) -> Iterator[_Group]:
    for _prefix, places in _by_prefix(taught, tested, np.arange(len(tested)), 1):
        yield places, taught.last_item(int(taught.occasions.items[tested[places[0]]]))


def _by_prefix(
    taught: Taught, tested: Int64Array, places: Int64Array, length: int
) -> Iterator[tuple[int, Int64Array]]:
    """Places of tested occasions by their prefix of a length, -1 where their journey is shorter."""
    prefixes = taught.prefixes.levels[length - 1].of_occasions[tested[places]]
    order = np.argsort(prefixes, kind="stable")
    starts = np.flatnonzero(np.diff(prefixes[order], prepend=-2))
    for group in np.split(order, starts[1:]) if len(order) else []:
        yield int(prefixes[group[0]]), places[group]


_GROUPS: dict[Predictor, Callable[[Taught, Int64Array], Iterator[_Group]]] = {
    Predictor.MODEL: _by_model,
    Predictor.FIRST_ORDER_CHAIN: _by_chain,
    Predictor.MOST_POPULAR: _by_popularity,
    Predictor.LAST_ITEM: _by_last_item,
}
