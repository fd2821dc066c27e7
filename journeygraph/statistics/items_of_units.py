"""Which of some units meet which items, and take which transitions: each pair once.

Merged tables say how many units there are; who is in two populations at once has to be looked at
one by one, and that is usually few.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["distinct", "transitions_of_units", "visits_of_units"]

_ROWS_AT_ONCE = 1 << 22

Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


def visits_of_units(journeys: Journeys, chosen: BoolArray) -> tuple[Int64Array, Int64Array]:
    """Which of some units meet which item: each pair once, units ascending.

    Parameters
    ----------
    chosen
        By unit.
    """
    n_items = max(journeys.n_items, 1)
    found = [np.zeros(0, np.int64)]
    for _numbers, units, codes in _items(journeys, chosen):
        found.append(distinct(units * n_items + codes))
    pairs = distinct(np.concatenate(found))
    return pairs // n_items, pairs % n_items


def transitions_of_units(
    journeys: Journeys, chosen: BoolArray
) -> tuple[Int64Array, Int64Array, Int64Array]:
    """Which of some units go from which item directly to which: units, sources and targets.

    Each three once, units ascending.

    Parameters
    ----------
    chosen
        By unit.
    """
    n_items = max(journeys.n_items, 1)
    found = [np.zeros(0, np.int64)]
    for numbers, units, codes in _items(journeys, chosen):
        goes_on = numbers[1:] == numbers[:-1]
        edges = codes[:-1] * n_items + codes[1:]
        found.append(distinct((units[:-1] * n_items**2 + edges)[goes_on]))
    units, edges = np.divmod(distinct(np.concatenate(found)), n_items**2)
    return units, edges // n_items, edges % n_items


def distinct(numbers: Int64Array) -> Int64Array:
    """The different ones of some numbers, 0 or more, ascending: `np.unique` hashes, far slower."""
    ascending = np.sort(numbers)
    return ascending[np.diff(ascending, prepend=-1) > 0]


def _items(
    journeys: Journeys, chosen: BoolArray
) -> Iterator[tuple[Int64Array, Int64Array, Int64Array]]:
    """The items of these units in order, whole journeys at once: journey, unit and code of each."""
    kept = np.flatnonzero(chosen[journeys.journey_units])
    lengths = journeys.journey_ends[kept] - journeys.journey_starts[kept]
    bounds = np.searchsorted(
        np.cumsum(lengths), np.arange(_ROWS_AT_ONCE, lengths.sum(), _ROWS_AT_ONCE)
    )
    for part, sizes in zip(np.split(kept, bounds), np.split(lengths, bounds), strict=True):
        firsts = journeys.journey_starts[part] - (np.cumsum(sizes) - sizes)
        codes = journeys.item_codes[np.arange(sizes.sum()) + np.repeat(firsts, sizes)]
        is_item = codes < journeys.n_items
        numbers = np.repeat(part, sizes)[is_item]
        units = journeys.journey_units[numbers].astype(np.int64)
        yield numbers, units, codes[is_item].astype(np.int64)
