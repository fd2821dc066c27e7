"""Who stands behind a number: a finder has a name, so that every engine can be asked for it.

Where the rows are here, it is a function that looks through the view that gave the number, so
that the list and the number agree by construction; where they are not, the engine that has them
runs the same function there, or says the same in its own language.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.statistics.elsewhere import JourneysElsewhere

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["EVERY_UNIT", "Finder", "customers_of_units", "find_customers"]

Int64Array = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finder:
    """Which units are meant.

    Attributes
    ----------
    name
        What they are, the same down the layers.
    units
        `units(journeys, **options)`: numbers of units, distinct. It must look at each customer
        by themselves, so that any division of the customers gives the same.
    """

    name: str
    units: Callable[..., npt.NDArray[np.integer[Any]]]


def find_customers(finder: Finder, journeys: Journeys, **options: Any) -> Int64Array:
    """Indexes of the customers of the units that are meant, distinct and ascending.

    Parameters
    ----------
    options
        Handed to the finder's `units`.
    """
    if isinstance(journeys, JourneysElsewhere):
        return journeys.customers(finder, options)
    return customers_of_units(journeys, finder.units(journeys, **options))


def customers_of_units(journeys: Journeys, units: npt.NDArray[np.integer[Any]]) -> Int64Array:
    """The customers of these units: themselves, or those whose journeys they are."""
    customers = np.sort(journeys.unit_customers[units])  # np.unique hashes: much slower
    return customers[np.diff(customers, prepend=-1) > 0].astype(np.int64, copy=False)


def _every(journeys: Journeys) -> Int64Array:
    return np.arange(journeys.n_units)


EVERY_UNIT = Finder(name="every unit", units=_every)
