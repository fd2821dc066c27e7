"""What a view holds beyond its graph, in bytes per interaction."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from journeygraph.graph import JourneyGraph
from journeygraph.graph_build import graph_from_rows
from journeygraph.journeys import Journeys

HOUR_US, DAY_US = 3_600_000_000, 86_400_000_000
OF_GRAPH = (
    "customer_starts", "at_us", "touchpoint_codes", "channel_codes", "stage_codes", "value_minor",
    "customer_numbers",
)  # fmt: skip
OF_VIEW = (
    "item_codes", "journey_starts", "journey_ends", "journey_units", "unit_customers",
    "unit_starts", "unit_ends",
)  # fmt: skip


def buffer_of(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The array whose memory another one shows."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def bytes_held(view: Journeys) -> int:
    """Bytes of all arrays of a view, each buffer once, those of its graph left out."""
    own = {id(buffer_of(getattr(view.graph, name))) for name in OF_GRAPH}
    buffers = {id(it): it for it in (buffer_of(getattr(view, name)) for name in OF_VIEW)}
    return sum(buffer.nbytes for place, buffer in buffers.items() if place not in own)


@pytest.fixture(scope="module", params=[0, 50])
def graph(request: pytest.FixtureRequest) -> JourneyGraph:
    """Visits of three interactions, two hours each; the last one of a visit is the outcome.

    Of the customers, as many as the parameter says have no interaction.
    """
    steps = ["ad", "page", "purchase"]
    rows = [
        (f"c{who}", visit * DAY_US + step * HOUR_US, steps[step], "web", None, None)
        for who in range(400)
        for visit in range(1 + who % 6)
        for step in range(3)
    ]
    sessions = [f"{customer} {at // DAY_US}" for customer, at, *_ in rows]
    idle = [f"idle {number}" for number in range(request.param)]
    return graph_from_rows(rows, customers=idle, session=sessions)


@pytest.mark.parametrize(
    "split", [{"inactivity": "12h"}, {"outcome": True}, {"column": "session"}], ids=str
)
def test_a_split_holds_four_bytes_an_interaction(
    graph: JourneyGraph, split: dict[str, Any]
) -> None:
    view = graph.journeys(split=split)
    assert 3 * view.n_journeys == graph.n_interactions
    of_units = 12 * view.n_units if view.n_units < graph.n_customers else 0
    assert bytes_held(view) <= 4 * graph.n_interactions + of_units + 64
    assert np.array_equal(view.journey_starts[1:], view.journey_ends[:-1])
    assert buffer_of(view.journey_starts) is buffer_of(view.journey_ends)


def test_a_plain_view_holds_nothing(graph: JourneyGraph) -> None:
    view = graph.journeys()
    assert bytes_held(view) <= (0 if view.n_units == graph.n_customers else 13 * graph.n_customers)


@pytest.mark.parametrize("unit", ["customer", "journey"])
def test_units_and_customers_are_numbers_of_four_bytes(graph: JourneyGraph, unit: str) -> None:
    for split in (None, {"inactivity": "12h"}, {"outcome": True}):
        view = graph.journeys(split=split, unit=unit)
        assert {view.journey_units.dtype, view.unit_customers.dtype} == {np.dtype(np.int32)}


def test_ranges_that_leave_something_out_have_bounds_of_their_own(graph: JourneyGraph) -> None:
    """The visits of the first day have no item that is kept: their rows are of no journey."""
    where = {"touchpoints": ["ad"], "from": "1970-01-02"}
    view = graph.journeys(where=where, split={"outcome": True})
    starts, ends = view.journey_starts, view.journey_ends
    assert np.all(graph.at_us[starts] >= DAY_US)
    assert np.any(starts[1:] > ends[:-1])
    assert np.all(starts[1:] >= ends[:-1])
