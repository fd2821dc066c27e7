"""The keys of ids that are whole numbers, known again without their texts.

A front for `names.CustomerKeys`: it gives no keys, it remembers those that were given.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from journeygraph.kernels.number_keys import fill_numbers, meet_numbers, settle_numbers

__all__ = ["NumberKeys"]

_FEWEST_SLOTS = 1 << 10
_FIRST_NEW = 1 << 62
"""Beyond all keys."""

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
        self._n_met = 0

    def encode(self, numbers: Ints) -> Ints:
        """The keys of numbers."""
        self._make_room(self._n_met + len(numbers))
        keys, new_rows, new_slots = np.empty((3, len(numbers)), np.int64)
        bits = _read_only(np.ascontiguousarray(numbers).view(np.uint64))
        n_new = int(
            meet_numbers(bits, self._seed, _FIRST_NEW, self._slots, keys, new_rows, new_slots)
        )
        if n_new:
            new_keys = self._ask(numbers[new_rows[:n_new]])
            settle_numbers(_FIRST_NEW, _read_only(new_keys), new_slots[:n_new], self._slots, keys)
            self._n_met += n_new
        return keys

    def _make_room(self, n_numbers: int) -> None:
        """Have slots for so many; three of four stay free when they are made anew."""
        if 3 * len(self._slots) < 5 * n_numbers:
            before = self._slots
            self._slots = np.zeros((1 << (4 * n_numbers - 1).bit_length(), 2), np.uint64)
            fill_numbers(before, self._seed, self._slots)


def _read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view
