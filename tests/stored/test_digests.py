"""Digests of the past are equal where what they are of is equal, and only there."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from journeygraph.graph import MISSING
from journeygraph.graph_build import graph_from_rows
from journeygraph.graph_digests import PastDigests
from tests.strategies import DAY_US, World, worlds

MOMENTS = (0, 3, DAY_US, 3 * DAY_US, 30 * DAY_US)


def past_of(graph, before_us, *columns):
    """What happened before a moment, as plain rows: the naive twin of a digest."""
    return [
        (
            int(graph.interaction_customers[row]),
            int(graph.at_us[row]),
            graph.touchpoints[graph.touchpoint_codes[row]],
            graph.channels[graph.channel_codes[row]],
            int(graph.stage_codes[row]),
            None if graph.value_minor[row] == MISSING else int(graph.value_minor[row]),
            *(int(graph.column(name)[row]) for name in columns),
        )
        for row in range(graph.n_interactions)
        if before_us is None or graph.at_us[row] < before_us
    ]


@given(worlds(), worlds(), st.integers(0, 24))
def test_equal_where_the_past_is_equal(world, other, n_rows):
    """The second world shares its first rows with the first one, as after a load."""
    mixed = World(rows=world.rows[:n_rows] + other.rows)
    first, second = world.graph, mixed.graph
    digests = PastDigests(first, MOMENTS), PastDigests(second, MOMENTS)
    for moment in (*MOMENTS, None):
        is_same = past_of(first, moment) == past_of(second, moment)
        assert (digests[0].rows(moment) == digests[1].rows(moment)) is is_same


@given(worlds())
def test_later_rows_change_no_earlier_digest(world):
    graph = world.graph
    later = [("zz", 60 * DAY_US, "new", "fax", None, 1)]
    more = graph_from_rows([*world.rows, *later])
    rows, more_rows = PastDigests(graph, MOMENTS), PastDigests(more, MOMENTS)
    if not set(world.columns) & {"sequence"}:
        assert all(rows.rows(moment) == more_rows.rows(moment) for moment in MOMENTS)
    assert rows.rows(None) != more_rows.rows(None)


def test_order_and_columns_count():
    rows = [("a", 1, "ad", None, None, None), ("a", 1, "cart", None, None, None)]
    one, two = graph_from_rows(rows), graph_from_rows(rows[::-1])
    assert PastDigests(one, [5]).rows(5) != PastDigests(two, [5]).rows(5)
    said = graph_from_rows(rows, initiator=["customer", None], colour=["red", "blue"])
    other = graph_from_rows(rows, initiator=["customer", None], colour=["red", "green"])
    here, there = PastDigests(said, [5]), PastDigests(other, [5])
    assert here.rows(5) == there.rows(5)
    assert here.column("initiator", 5) == there.column("initiator", 5)
    assert here.column("colour", 5) != there.column("colour", 5)


def test_nothing_has_a_digest():
    nothing = PastDigests(graph_from_rows([]), [])
    assert nothing.rows(None) == nothing.rows(5) == "0" * 16
