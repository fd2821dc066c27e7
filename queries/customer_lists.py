"""Behind every count stands the list of its customers, found when it is asked for.

A list is found by a scan of the same view that gave the count, so that both agree by
construction; nobody pays for a list that nobody reads. A page goes on behind the last customer
of the page before (not behind a number of them), in the order of their first appearance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.statistics.finders import (
    EVERY_UNIT,
    Finder,
    customers_of_units,
    find_customers,
)
from queries.paging import cursor_of, position_of, validate_first

if TYPE_CHECKING:
    from journeygraph.graph import JourneyGraph
    from journeygraph.journeys import Journeys

__all__ = [
    "CustomerList",
    "CustomerPage",
    "customers_of",
    "customers_of_units",
    "page_of_customers",
]

Indexes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerPage:
    """A piece of a list of customers."""

    ids: tuple[str, ...]
    has_next_page: bool
    end_cursor: str | None


@dataclass(frozen=True, eq=False)
class CustomerList:
    """The customers behind a count.

    Parameters
    ----------
    journeys
        The view that was asked.
    find
        Gives the indexes of the customers in the graph, distinct and ascending.
    """

    journeys: Journeys
    find: Callable[[], Indexes]

    @classmethod
    def of(cls, journeys: Journeys, finder: Finder, **options: Any) -> CustomerList:
        """Those whose units a finder finds, by any engine."""
        return cls(journeys, partial(find_customers, finder, journeys, **options))

    @cached_property
    def indexes(self) -> Indexes:
        """Indexes of the customers in the graph, ascending."""
        return self.find()

    @property
    def count(self) -> int:
        """How many customers there are."""
        return len(self.indexes)

    def page(self, first: int, after: str | None = None) -> CustomerPage:
        """The ids of the `first` customers behind the cursor `after`."""
        return page_of_customers(self.journeys.graph, self.indexes, first, after)


def page_of_customers(
    graph: JourneyGraph, indexes: Indexes, first: int, after: str | None
) -> CustomerPage:
    """The ids of the `first` of these customers, ascending indexes, behind the cursor `after`."""
    validate_first(first)
    last = -1 if after is None else position_of(after)
    start = int(np.searchsorted(indexes, last, side="right"))
    listed = indexes[start : start + first]
    return CustomerPage(
        ids=tuple(graph.customer_id(listed)),
        has_next_page=start + len(listed) < len(indexes),
        end_cursor=cursor_of(int(listed[-1])) if len(listed) else None,
    )


def customers_of(journeys: Journeys) -> CustomerList:
    """Everybody who has one of these journeys."""
    return CustomerList.of(journeys, EVERY_UNIT)
