"""What customers who are in both of two views do at each item: meet it, and leave there."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from journeygraph.statistics.exits import exits_by_unit, visits_of_units
from queries.shared_customers import SharedCustomers, SharedSums

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journeygraph.journeys import Journeys

__all__ = ["shared_exits"]

Int64Array = npt.NDArray[np.int64]


class _Met(NamedTuple):
    """Pairs of a shared customer and an item, as one number each: ascending, each once.

    `of` are units that meet the item and are not open there, `hits` those that exit there.
    """

    pairs: Int64Array
    of: Int64Array
    hits: Int64Array


def shared_exits(shared: SharedCustomers, names: Sequence[str]) -> dict[str, SharedSums]:
    """By name of an item, of all names: the sums over customers in both.

    Parameters
    ----------
    names
        Of all items of both views that somebody meets.
    """
    numbers = {name: number for number, name in enumerate(names)}
    one = _met(shared.one, shared.in_one, numbers)
    other = _met(shared.other, shared.in_other, numbers)
    pairs, here, there = np.intersect1d(
        one.pairs, other.pairs, assume_unique=True, return_indices=True
    )
    items = pairs % max(len(names), 1)
    products = [
        np.bincount(items, mine[here] * theirs[there], len(names)).astype(np.int64)
        for mine in (one.hits, one.of)
        for theirs in (other.hits, other.of)
    ]
    return {name: SharedSums(*(int(sums[numbers[name]]) for sums in products)) for name in names}


def _met(journeys: Journeys, customers: Int64Array, numbers: dict[str, int]) -> _Met:
    places = np.full(journeys.graph.n_customers, -1, np.int64)
    places[customers] = np.arange(len(customers))
    of_unit = places[journeys.unit_customers]
    units, items = visits_of_units(journeys, of_unit >= 0)
    last_items, is_open, exits = exits_by_unit(journeys)
    is_last = last_items[units] == items
    code_numbers = np.array([numbers.get(name, 0) for name in journeys.items] or [0], np.int64)
    pairs = of_unit[units] * max(len(numbers), 1) + code_numbers[items]
    found, which = np.unique(pairs, return_inverse=True)
    of = np.bincount(which, ~(is_last & is_open[units]), len(found))
    hits = np.bincount(which, is_last & exits[units], len(found))
    return _Met(found, of.astype(np.int64), hits.astype(np.int64))
