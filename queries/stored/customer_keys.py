"""Customers by their keys, which is what is stored of them: ids stand in one table only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from journeygraph.graph import JourneyGraph
from journeygraph.store_columns import StoreColumns

__all__ = ["ids_of", "keys_of"]


def keys_of(graph: JourneyGraph, customers: Sequence[str]) -> list[int]:
    """The keys of customers given by id, who are in the graph."""
    indexes = graph.customer_indexes(customers)
    return [int(key) for key in _keys(graph)[indexes]]


def ids_of(graph: JourneyGraph, keys: Sequence[int | None]) -> list[str | None]:
    """The ids of customers given by key; None of those whom the graph does not have."""
    known = _keys(graph)
    further = graph.further
    if isinstance(further, StoreColumns):  # computed before they were merged, perhaps
        said = np.array([-1 if key is None else key for key in keys], np.int64)
        keys = [key if key >= 0 else None for key in further.merged.resolve(said).tolist()]
    found: list[str | None] = []
    for key in keys:
        place = -1 if key is None else int(np.searchsorted(known, key))
        is_there = 0 <= place < len(known) and known[place] == key
        found.append(graph.customer_id(np.array([place]))[0] if is_there else None)
    return found


def _keys(graph: JourneyGraph) -> npt.NDArray[np.int64]:
    """By customer index, ascending; of a graph that is of no store, the indexes themselves."""
    further = graph.further
    if isinstance(further, StoreColumns):
        keys: npt.NDArray[np.int64] = further.core["customer_keys"]
        return keys
    return graph.customer_numbers.astype(np.int64, copy=False)
