"""Occasions: every time a unit stands at an item of its journey.

An occasion is what a decision is made at: so much of the journey is known, and what comes is still
open. What is not yet known at the end of the data is never counted as "nothing happened": see
`are_known`. What came of some occasions is told by `followed`.

There are as many as interactions, so that each is told in as few bytes as there can be.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.cohorts import limits_of
from journeygraph.kernels.occasions import count_occasions, list_occasions, moments_of
from journeygraph.moments import time_zone

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["Occasions", "occasions_of", "sealed", "type_of_rows"]

BoolArray = npt.NDArray[np.bool_]
Int64Array = npt.NDArray[np.int64]
IntArray = npt.NDArray[Any]


@dataclass(frozen=True, eq=False, kw_only=True)
class Occasions:
    """The occasions of journeys, in the order of their rows, one entry each.

    Attributes
    ----------
    within_us
        How long after an occasion a next item counts.
    rows, units
        The row of the item, and the unit; 32 bits where they fit.
    positions
        The place in the journey, from 0; 255 for all that lie further on, too.
    items, next_items
        Codes of the item, and of the next one of the journey within the window; `n_items` where
        there is none.
    """

    journeys: Journeys
    within_us: int
    rows: IntArray
    units: IntArray
    positions: npt.NDArray[np.uint8]
    items: IntArray
    next_items: IntArray

    def at_us(self, which: IntArray) -> Int64Array:
        """When some of them are."""
        return self.moments_of(self.rows[which])

    def moments_of(self, rows: IntArray) -> Int64Array:
        """When some rows of the graph are."""
        found: Int64Array = moments_of(rows, sealed(self.journeys.graph.at_us))
        return found

    def are_known(self, which: IntArray, so_long_us: int) -> BoolArray:
        """Of some of them, whether all of so long after them lies before the end of the data."""
        return self.at_us(which) + so_long_us <= self.known_until_us

    @cached_property
    def known_until_us(self) -> int:
        """The last moment of which all is known: `until` itself is not."""
        journeys = self.journeys
        until_us = limits_of(journeys.where, time_zone(journeys.timezone))[1]
        latest_us = journeys.graph.as_of_us
        return latest_us if until_us is None else min(until_us - 1, latest_us)


def occasions_of(journeys: Journeys, within_us: int) -> Occasions:
    """Every occasion of these journeys.

    Parameters
    ----------
    within_us
        How long after an occasion a next item counts; inclusive.
    """
    codes, ranges = journeys.item_codes, (journeys.journey_starts, journeys.journey_ends)
    n_occasions = count_occasions(codes, journeys.n_items, *ranges)
    found = Occasions(
        journeys=journeys,
        within_us=within_us,
        rows=np.empty(n_occasions, type_of_rows(len(codes))),
        units=np.empty(n_occasions, type_of_rows(journeys.n_units)),
        positions=np.empty(n_occasions, np.uint8),
        items=np.empty(n_occasions, codes.dtype),
        next_items=np.empty(n_occasions, codes.dtype),
    )
    list_occasions(
        codes, journeys.n_items, *ranges, journeys.journey_units,
        sealed(journeys.graph.at_us), within_us,
        found.rows, found.units, found.positions, found.items, found.next_items,
    )  # fmt: skip
    return found


def type_of_rows(n_rows: int) -> type[np.int32 | np.int64]:
    """The smallest type for numbers of so many rows, and for -1."""
    return np.int32 if n_rows <= np.iinfo(np.int32).max else np.int64


def sealed(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A plain array that cannot be written to: kernels are compiled for that one kind."""
    view = np.asarray(array).view()
    view.flags.writeable = False
    return view
