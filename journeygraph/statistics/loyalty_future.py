"""What a unit's customer did after its index row: where those rows stand, and in what order.

Of a customer that is the rest of the history; of a journey all that its customer did later, in this
journey or not, where journeys may overlap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from journeygraph.cohorts import limits_of
from journeygraph.kernels.select import end_rows
from journeygraph.moments import time_zone
from journeygraph.splitting import Unit

if TYPE_CHECKING:
    from journeygraph.graph import JourneyGraph
    from journeygraph.journeys import Journeys

__all__ = ["Future", "future_of", "order_by_time", "outcomes_of", "sealed"]

Int64Array = npt.NDArray[np.int64]


def sealed(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A plain array that cannot be written to: kernels are compiled for that one kind."""
    view = np.asarray(array).view()
    view.flags.writeable = False
    return view


class Future(NamedTuple):
    """Where to look for what a unit's customer did after the index row."""

    index_rows: Int64Array
    row_ends: Int64Array
    at_us: Int64Array
    order: Int64Array | None  # of the graph's rows, where that is not by time


def future_of(journeys: Journeys) -> Future:
    """Of a journey, all that its customer did later, before `until`, in this journey or not."""
    graph, index_rows = journeys.graph, journeys.unit_first_outcome
    if journeys.unit is Unit.CUSTOMER:
        return Future(index_rows, journeys.unit_ends, sealed(graph.at_us), None)
    order = order_by_time(graph)
    at_us = graph.at_us if order is None else graph.at_us[order]
    if order is not None:
        place_of_row = np.append(np.argsort(order), -1)  # the last for those without an index row
        index_rows = place_of_row[index_rows]
    until_us = limits_of(journeys.where, time_zone(journeys.timezone))[1]
    row_ends = graph.customer_starts[1:]
    if until_us is not None:
        row_ends = end_rows(graph.customer_starts, sealed(at_us), until_us)
    return Future(index_rows, row_ends[journeys.unit_customers], sealed(at_us), order)


def order_by_time(graph: JourneyGraph) -> Int64Array | None:
    """The order that puts each customer's rows by time; None where they stand so already.

    Journeys that overlap are laid out one after the other, and their customer is not, then.
    """
    falls = np.flatnonzero(graph.at_us[1:] < graph.at_us[:-1]) + 1
    if np.isin(falls, graph.customer_starts).all():
        return None
    return np.lexsort((graph.at_us, graph.interaction_customers))


def outcomes_of(journeys: Journeys, order: Int64Array | None) -> Int64Array:
    """Rows that are the outcome, as the future is ordered; of a journey, its customer's too."""
    rows = journeys.outcome_rows
    if journeys.unit is Unit.JOURNEY:
        rows = journeys.outcome.rows(journeys.graph)
    return sealed(rows if order is None else np.sort(np.argsort(order)[rows]))
