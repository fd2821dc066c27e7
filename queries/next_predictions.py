"""How probable each next item is, as the model and simpler rules say it, and how right they were.

All are taught by the same occasions, and tested on the same later ones. What follows an occasion is
one of the items, or nothing within the window: together they are certain. Every rule is given one
occasion more, spread as what follows anything, so that none says "never" to what it has not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from journeygraph.kernels.predictions import TAUGHT, score_prefixes
from journeygraph.options import Word
from journeygraph.statistics.occasions import Occasions
from journeygraph.statistics.prefixes import PrefixLevel, levels_of

__all__ = ["Predictor", "Scored", "Taught", "scores_of"]

FloatArray = npt.NDArray[np.float64]
Int64Array = npt.NDArray[np.int64]
IntArray = npt.NDArray[Any]


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
    said_nothing
        Of how many nothing was known, so that they are told what follows anything.
    """

    loss: FloatArray
    ranks: npt.NDArray[np.int32]
    confidence: FloatArray
    said_nothing: int = 0


@dataclass(frozen=True, eq=False)
class Taught:
    """What was learnt from occasions that lie before all that is tested.

    Attributes
    ----------
    places
        Of occasions, as `kernels.predictions.place_occasions` has them.
    n_tested
        How many are tested.
    length, at_least
        How many last items the model goes by, and units that must have stood there.
    """

    occasions: Occasions
    places: IntArray
    n_tested: int
    length: int
    at_least: int

    @property
    def n_outcomes(self) -> int:
        """The items, and nothing."""
        return self.occasions.journeys.n_items + 1

    @cached_property
    def units(self) -> IntArray:
        """Whose each tested occasion is, ascending."""
        return self.occasions.units[self.places >= 0]

    @cached_property
    def came(self) -> IntArray:
        """What came of each tested occasion."""
        return self.occasions.next_items[self.places >= 0]

    @cached_property
    def popular(self) -> FloatArray:
        """What follows anything, (n_outcomes,); each is given an equal part of one occasion."""
        next_items = self.occasions.next_items[self.places == TAUGHT]
        counts = np.bincount(next_items, minlength=self.n_outcomes) + 1 / self.n_outcomes
        return np.asarray(counts / counts.sum())

    @cached_property
    def by_popularity(self) -> Int64Array:
        """The outcomes, the most popular first, equals ascending."""
        return np.argsort(-self.popular, kind="stable")

    @cached_property
    def repeats(self) -> float:
        """How often the item before came again."""
        is_taught, occasions = self.places == TAUGHT, self.occasions
        again = int(np.count_nonzero((occasions.items == occasions.next_items) & is_taught))
        return (again + 1 / self.n_outcomes) / (int(np.count_nonzero(is_taught)) + 1)

    @cached_property
    def last_items(self) -> PrefixLevel:
        """Occasions by their item."""
        return next(levels_of(self.occasions, 1))

    def last_item(self, item: int) -> FloatArray:
        """The item again as often as items come again, and else what follows anything."""
        repeated = np.zeros(self.n_outcomes)
        repeated[item] = 1.0
        rest = self.popular * (repeated == 0)
        return np.asarray(
            self.repeats * repeated + (1 - self.repeats) * rest / max(rest.sum(), 1e-300)
        )


@dataclass(frozen=True, eq=False, slots=True)
class _Said:
    """What is said of tested occasions: how probable what came was, and as in `Scored`."""

    chances: FloatArray
    ranks: npt.NDArray[np.int32]
    confidence: FloatArray

    @classmethod
    def popular(cls, taught: Taught) -> _Said:
        """Of all what follows anything, until something else is said."""
        rank_of = np.empty(taught.n_outcomes, np.int32)
        rank_of[taught.by_popularity] = np.arange(1, taught.n_outcomes + 1)
        confidence = np.full(taught.n_tested, taught.popular.max())
        return cls(taught.popular[taught.came], rank_of[taught.came], confidence)

    def say(self, taught: Taught, level: PrefixLevel, at_least: int) -> int:
        """Say what followed prefixes where enough units stood; of how many occasions that is."""
        said: int = score_prefixes(
            level.order, level.starts, taught.occasions.units, taught.occasions.next_items,
            taught.places, at_least, taught.popular, taught.by_popularity,
            self.chances, self.ranks, self.confidence,
        )  # fmt: skip
        return said

    def scored(self, said_nothing: int = 0) -> Scored:
        """How right that was; chances are turned into losses where they are."""
        loss = np.log(self.chances, out=self.chances)
        return Scored(np.negative(loss, out=loss), self.ranks, self.confidence, said_nothing)


def scores_of(taught: Taught) -> Iterator[tuple[Predictor, Scored]]:
    """Score every predictor, one after the other, on the tested occasions in their order."""
    for predictor, score in _SCORES.items():
        yield predictor, score(taught)


def _of_model(taught: Taught) -> Scored:
    """Longer prefixes say it better: what they say stands instead of what shorter ones said."""
    said, n_said = _Said.popular(taught), 0
    for level in levels_of(taught.occasions, taught.length):
        # who has enough units at a prefix has them at each shorter one
        n_said = max(n_said, said.say(taught, level, taught.at_least))
    return said.scored(taught.n_tested - n_said)


def _of_chain(taught: Taught) -> Scored:
    said = _Said.popular(taught)
    return said.scored(taught.n_tested - said.say(taught, taught.last_items, 1))


def _of_popularity(taught: Taught) -> Scored:
    return _Said.popular(taught).scored()


def _of_last_item(taught: Taught) -> Scored:
    said, level = _Said.popular(taught), taught.last_items
    rank_of = np.empty(taught.n_outcomes, np.int32)
    for prefix, item in enumerate(level.keys.tolist()):
        there = level.occasions(prefix)
        places = taught.places[there]
        places = places[places >= 0]
        came, chances = taught.came[places], taught.last_item(item)
        ranking = np.lexsort((-taught.popular, -chances))
        rank_of[ranking] = np.arange(1, taught.n_outcomes + 1)
        said.chances[places], said.ranks[places] = chances[came], rank_of[came]
        said.confidence[places] = chances[ranking[0]]
    return said.scored()


_SCORES: dict[Predictor, Callable[[Taught], Scored]] = {
    Predictor.MODEL: _of_model,
    Predictor.FIRST_ORDER_CHAIN: _of_chain,
    Predictor.MOST_POPULAR: _of_popularity,
    Predictor.LAST_ITEM: _of_last_item,
}
