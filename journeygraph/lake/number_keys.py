"""The keys of ids that are whole numbers, known again without their texts.

A front for `names.CustomerKeys`: it gives no keys, it remembers those that were given.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from journeygraph.kernels.number_keys import (
    fill_numbers,
    meet_numbers,
    settle_numbers,
    take_into_range,
)

__all__ = ["NumberKeys"]

_FEWEST_SLOTS = 1 << 10
_FIRST_NEW = 1 << 62
"""Beyond all keys."""
_SMALL_RANGE = 1 << 22
_MOST_OF_A_NUMBER = 4
"""A range with so many places for each number that was met is worth its memory."""
_LEAST, _MOST = -(1 << 63), (1 << 63) - 1

Ints = npt.NDArray[np.int64]


class NumberKeys:
    """What is remembered of numbers that were met.

    Parameters
    ----------
    ask
        Gives the keys of numbers that are met for the first time, each one once.
    """

    def __init__(self, ask: Callable[[Ints], Ints]) -> None:
        self._ask = ask
        self._seed = np.uint64(secrets.randbits(64))
        self._slots = np.zeros((_FEWEST_SLOTS, 2), np.uint64)
        self._n_in_slots = self._n_met = 0
        self._first = 0
        self._ranged = np.zeros(0, np.int64)

    def encode(self, numbers: Ints) -> Ints:
        """The keys of numbers."""
        if not len(numbers):
            return np.empty(0, np.int64)
        numbers = np.ascontiguousarray(numbers)
        self._make_room(numbers)
        keys, new_rows, new_slots = np.empty((3, len(numbers)), np.int64)
        bits = _read_only(numbers.view(np.uint64))
        n_new = int(
            meet_numbers(
                bits, _bits(self._first), self._ranged, self._seed, _FIRST_NEW, self._slots,
                keys, new_rows, new_slots,
            )
        )  # fmt: skip
        if n_new:
            new_keys, new_slots = self._ask(numbers[new_rows[:n_new]]), new_slots[:n_new]
            settle_numbers(
                _FIRST_NEW, _read_only(new_keys), new_slots, self._ranged, self._slots, keys
            )
            self._n_met += n_new
            self._n_in_slots += int(np.count_nonzero(new_slots >= 0))
        return keys

    def _make_room(self, numbers: Ints) -> None:
        """Have a place for each number, in the range if that can be had for all, else a slot."""
        least, most = int(numbers.min()), int(numbers.max())
        first, size = self._first, len(self._ranged)
        if first <= least and most < first + size:
            return
        if size:
            least, most = min(least, first), max(most, first + size - 1)
        worth = max(_SMALL_RANGE, _MOST_OF_A_NUMBER * (self._n_met + len(numbers)))
        if most - least < worth:
            self._widen(least, most)
        else:
            is_beyond = numbers.view(np.uint64) - _bits(first) >= np.uint64(size)
            self._make_slots(self._n_in_slots + int(np.count_nonzero(is_beyond)))

    def _widen(self, least: int, most: int) -> None:
        """Have a range that holds these, and as much again where numbers come from."""
        first, before, size = self._first, self._ranged, most + 1 - least
        begin = max(least - size, _LEAST) if len(before) and least < first else least
        self._ranged = np.zeros(min(most + size, _MOST) + 1 - begin, np.int64)
        if len(before):
            self._ranged[first - begin :][: len(before)] = before
        self._first = begin
        n_taken = int(take_into_range(self._slots, _bits(begin), self._ranged))
        if n_taken == self._n_in_slots:
            self._slots, self._n_in_slots = np.zeros((_FEWEST_SLOTS, 2), np.uint64), 0

    def _make_slots(self, n_numbers: int) -> None:
        """Have slots for so many; three of four stay free when they are made anew."""
        if 3 * len(self._slots) < 5 * n_numbers:
            before = self._slots
            self._slots = np.zeros((1 << (4 * n_numbers - 1).bit_length(), 2), np.uint64)
            fill_numbers(before, self._seed, self._slots)


def _bits(number: int) -> np.uint64:
    return np.uint64(number & 0xFFFF_FFFF_FFFF_FFFF)


def _read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view
