"""Prefixes: the last items of a journey as a number, and the occasions that share them.

A prefix of length k is the last k items up to an occasion, all of one journey. It is numbered by
what is before it and its last item, so that the number of a long one is made of that of a shorter
one, and any prefix, of an occasion or written out, is found by k searches in sorted arrays. Numbers
are exact: nothing is hashed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from journeygraph.kernels import prefixes as kernels
from journeygraph.statistics.occasions import Occasions, type_of_rows

__all__ = ["UNKNOWN_PREFIX", "PrefixLevel", "Prefixes", "levels_of"]

Int64Array = npt.NDArray[np.int64]
IntArray = npt.NDArray[Any]

UNKNOWN_PREFIX = -1
"""The number of a prefix that no occasion has."""


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class PrefixLevel:
    """All prefixes of one length, numbered from 0.

    Attributes
    ----------
    keys
        (n_prefixes,) number of what is before the last item, times n_items, plus that item;
        ascending.
    of_occasions
        (n_occasions,) each occasion's prefix; -1 where its journey is shorter.
    order, starts
        Occasions by their prefix, in their order within it: those of prefix p are
        order[starts[p]:starts[p + 1]].
    """

    keys: Int64Array
    of_occasions: IntArray
    order: IntArray
    starts: Int64Array

    def occasions(self, prefix: int) -> IntArray:
        """The occasions that have this prefix, ascending."""
        return self.order[self.starts[prefix] : self.starts[prefix + 1]]


def levels_of(occasions: Occasions, longest: int) -> Iterator[PrefixLevel]:
    """The prefixes of occasions of lengths 1, 2, … up to the longest, one level after the other.

    A level takes 8 bytes an occasion, as long as somebody holds it.
    """
    n_items, items = occasions.journeys.n_items, occasions.items
    by_item = np.empty(len(items), type_of_rows(len(items)))
    kernels.order_by_item(items, n_items, by_item)
    level = _level(by_item, occasions, by_item[:0])
    yield level
    for length in range(2, longest + 1):
        before, n_before, order = level.of_occasions, len(level.keys), np.empty_like(by_item)
        del level
        n_having = kernels.order_by_prefix(
            by_item, before, n_before, occasions.positions, length, order
        )
        level = _level(order[:n_having], occasions, before)
        del before, order
        yield level


def _level(order: IntArray, occasions: Occasions, before: IntArray) -> PrefixLevel:
    of_occasions = np.full(len(occasions.items), UNKNOWN_PREFIX, order.dtype)
    keys, starts = kernels.number_prefixes(
        order, occasions.items, occasions.journeys.n_items, before, of_occasions
    )
    return PrefixLevel(keys=keys, of_occasions=of_occasions, order=order, starts=starts)


class Prefixes:
    """The prefixes of occasions; those of a length are numbered when they are first asked for."""

    def __init__(self, occasions: Occasions, longest: int) -> None:
        self.n_items = occasions.journeys.n_items
        self._left = levels_of(occasions, longest)
        self._made: list[PrefixLevel] = []
        self._making = Lock()

    def level(self, length: int) -> PrefixLevel:
        """All prefixes of a length, from 1 to the longest."""
        with self._making:
            while len(self._made) < length:
                self._made.append(next(self._left))
        return self._made[length - 1]

    def find(self, items: Sequence[int]) -> int:
        """The number of a prefix that is written out, `UNKNOWN_PREFIX` if no occasion has it.

        Parameters
        ----------
        items
            Codes, the earliest first.
        """
        found = 0
        for length, item in enumerate(items, 1):
            keys, wanted = self.level(length).keys, found * self.n_items + item
            found = int(np.searchsorted(keys, wanted))
            if found == len(keys) or keys[found] != wanted:
                return UNKNOWN_PREFIX
        return found
