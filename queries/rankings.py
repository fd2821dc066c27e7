"""Customers by a number, largest first, equals by id, without reading everybody's id.

A ranking of a million customers is asked for its first ten: only what stands before the page's end
is sorted, and ids are read only of the customers who share a number with somebody on the page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from journeygraph.graph import JourneyGraph

__all__ = ["ranked"]


def ranked(
    graph: JourneyGraph,
    customers: npt.NDArray[np.int64],
    numbers: npt.NDArray[np.integer[Any]],
    start: int,
    end: int,
) -> list[tuple[int, str]]:
    """Index and id of the customers from place `start` to place `end` of a ranking.

    Parameters
    ----------
    customers
        Indexes in the graph of those who are ranked.
    numbers
        By customer index: what they are ranked by, the largest first, equals by id.
    """
    if start >= end:
        return []
    falling = -numbers[customers].astype(np.int64, copy=False)
    if end < len(falling):
        near = np.flatnonzero(falling <= np.partition(falling, end - 1)[end - 1])
        customers, falling = customers[near], falling[near]
    order = np.argsort(falling, kind="stable")
    falling = falling[order]
    first = int(np.searchsorted(falling, falling[start], side="left"))
    behind = int(np.searchsorted(falling, falling[end - 1], side="right"))
    tied = customers[order[first:behind]]
    keyed = zip(falling[first:behind].tolist(), graph.customer_id(tied), tied.tolist(), strict=True)
    page = sorted(keyed)[start - first : end - first]
    return [(index, customer) for _number, customer, index in page]
