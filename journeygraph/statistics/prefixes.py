"""Prefixes: the last items of a journey as a number, and the occasions that share them.

A prefix of length k is the last k items up to an occasion, all of one journey. It is numbered by
what is before it and its last item, so that the number of a long one is made of that of a shorter
one, and any prefix, of an occasion or written out, is found by k searches in sorted arrays. Numbers
are exact: nothing is hashed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["UNKNOWN_PREFIX", "PrefixLevel", "Prefixes"]

Int64Array = npt.NDArray[np.int64]

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
    of_occasions: Int64Array
    order: Int64Array
    starts: Int64Array

    def occasions(self, prefix: int) -> Int64Array:
        """The occasions that have this prefix, ascending."""
        return self.order[self.starts[prefix] : self.starts[prefix + 1]]


@dataclass(frozen=True, eq=False, slots=True)
class Prefixes:
    """The prefixes of occasions, of lengths 1, 2, … up to the longest."""

    n_items: int
    levels: tuple[PrefixLevel, ...]

    @classmethod
    def of(cls, items: Int64Array, positions: Int64Array, n_items: int, longest: int) -> Prefixes:
        """Number the prefixes of occasions.

        Parameters
        ----------
        items, positions
            (n_occasions,) the item and the place in the journey, from 0, in the order of rows.
        longest
            Length of the longest prefix, 1 or more.
        """
        levels: list[PrefixLevel] = []
        before = np.zeros(len(items), np.int64)  # one prefix of no item
        for length in range(1, longest + 1):
            has_it = positions >= length - 1
            keys = before[has_it] * n_items + items[has_it]
            level = _level(keys, has_it)
            levels.append(level)
            before = np.full(len(items), UNKNOWN_PREFIX, np.int64)
            before[1:] = level.of_occasions[:-1]
        return cls(n_items, tuple(levels))

    def find(self, items: Sequence[Int64Array]) -> Int64Array:
        """Numbers of prefixes written out, `UNKNOWN_PREFIX` for those that no occasion has.

        Parameters
        ----------
        items
            One array for each place, the earliest first, as many as the length: an entry for each
            prefix. A code below 0 is no item, and makes the prefix unknown.
        """
        found = np.zeros(len(items[0]), np.int64)
        for level, place in zip(self.levels, items, strict=False):
            wanted = np.where((found < 0) | (place < 0), -1, found * self.n_items + place)
            where = np.searchsorted(level.keys, wanted)
            where[where == len(level.keys)] = 0
            hit = (level.keys[where] == wanted) if len(level.keys) else np.zeros(len(wanted), bool)
            found = np.where(hit, where, UNKNOWN_PREFIX)
        return found


def _level(keys: Int64Array, has_it: npt.NDArray[np.bool_]) -> PrefixLevel:
    known, numbers = np.unique(keys, return_inverse=True)
    of_occasions = np.full(len(has_it), UNKNOWN_PREFIX, np.int64)
    of_occasions[has_it] = numbers
    order = np.flatnonzero(has_it)[np.argsort(numbers, kind="stable")]
    starts = np.zeros(len(known) + 1, np.int64)
    np.cumsum(np.bincount(numbers, minlength=len(known)), out=starts[1:])
    return PrefixLevel(keys=known, of_occasions=of_occasions, order=order, starts=starts)
