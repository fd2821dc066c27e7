"""Customers by a number, largest first, equals by id, without reading everybody's id.

A ranking of a million customers is asked for its first ten. Ids are read only of the customers
who share a number with somebody on the page.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from journeygraph.graph import JourneyGraph

__all__ = ["Ranking"]

Int64Array = npt.NDArray[np.int64]


class Ranking:
    """Customers in the order of a number, largest first, equals by id.

    Parameters
    ----------
    customers
        Indexes of the customers in the graph.
    numbers
        By customer index: what they are ranked by.
    """

    def __init__(
        self, graph: JourneyGraph, customers: Int64Array, numbers: npt.NDArray[np.integer[Any]]
    ) -> None:
        self._graph = graph
        self._customers = customers
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._customers)

    @cached_property
    def _by_number(self) -> Int64Array:
        return self._customers[np.argsort(-self._numbers[self._customers], kind="stable")]

    @cached_property
    def _falling(self) -> npt.NDArray[np.integer[Any]]:
        return -self._numbers[self._by_number]

    def part(self, start: int, end: int) -> list[tuple[int, str]]:
        """Index and id of the customers from one place to another."""
        if start >= end:
            return []
        falling = self._falling
        first = int(np.searchsorted(falling, falling[start], side="left"))
        behind = int(np.searchsorted(falling, falling[end - 1], side="right"))
        tied = self._by_number[first:behind]
        ids = self._graph.customer_id(tied)
        numbers = falling[first:behind].tolist()
        order = sorted(range(len(ids)), key=lambda place: (numbers[place], ids[place]))
        return [(int(tied[place]), ids[place]) for place in order[start - first : end - first]]
