"""What customers who are in both of two views do at each item: meet it, and leave there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.statistics.exits import exits_by_unit
from journeygraph.statistics.items_of_units import visits_of_units
from queries.shared_customers import SharedCustomers, SharedSums
from queries.shared_rows import PairedRows, products

if TYPE_CHECKING:
    from collections.abc import Sequence

    from journeygraph.journeys import Journeys

__all__ = ["shared_exits"]

Int64Array = npt.NDArray[np.int64]


def shared_exits(shared: SharedCustomers, names: Sequence[str]) -> dict[str, SharedSums]:
    """By name of an item, of all names: the sums over customers in both.

    Parameters
    ----------
    names
        Of all items of both views that somebody meets.
    """
    numbers = {name: number for number, name in enumerate(names)}
    one, other = (_met(view, places, numbers) for view, places in shared.places())
    sums = products(one, other, len(names))
    return {name: SharedSums(*(int(by_item[numbers[name]]) for by_item in sums)) for name in names}


def _met(journeys: Journeys, places: Int64Array, numbers: dict[str, int]) -> PairedRows:
    """Units that exit at each item, and units that meet it and are not open there."""
    units, items = visits_of_units(journeys, places[journeys.unit_customers] >= 0)
    last_items, is_open, exits = exits_by_unit(journeys)
    is_last = last_items[units] == items
    code_numbers = np.array([numbers.get(name, 0) for name in journeys.items] or [0], np.int64)
    return PairedRows.of(
        journeys, places, units, code_numbers[items], len(numbers),
        is_last & exits[units], ~(is_last & is_open[units]),
    )  # fmt: skip
