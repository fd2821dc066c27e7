from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from journeygraph.errors import (
    InconsistentGraphError,
    InvalidOptionError,
    UnknownColumnError,
    UnknownCustomerError,
)
from journeygraph.graph import MISSING, JourneyGraph
from journeygraph.graph_build import graph_from_rows
from journeygraph.vocabulary import STAGES
from tests.strategies import World, worlds


def rows_of(graph: JourneyGraph) -> list[tuple[object, ...]]:
    """What a graph holds, read back one interaction after another."""
    ids = graph.customer_id(graph.interaction_customers)
    return [
        (
            ids[row],
            int(graph.at_us[row]),
            graph.touchpoints[graph.touchpoint_codes[row]],
            graph.channels[code] if (code := graph.channel_codes[row]) else None,
            STAGES[code - 1] if (code := graph.stage_codes[row]) else None,
            int(graph.value_minor[row]) if graph.value_minor[row] != MISSING else None,
        )
        for row in range(graph.n_interactions)
    ]


@given(world=worlds(extreme_times=True, many_touchpoints=True))
def test_a_graph_is_the_plain_sort_of_its_rows(world: World) -> None:
    graph = world.graph
    expected = [row for customer in world.all_customers() for row in world.of_customer(customer)]
    assert rows_of(graph) == expected
    assert graph.customer_id(np.arange(graph.n_customers)) == world.all_customers()
    assert graph.as_of_us == max((row[1] for row in world.rows), default=0)
    assert np.diff(graph.customer_starts).tolist() == [
        len(world.of_customer(customer)) for customer in world.all_customers()
    ]


@given(world=worlds())
def test_further_columns_stand_beside_their_interactions(world: World) -> None:
    graph = world.graph
    rows = graph.column("row")
    for name, values in world.columns.items():
        if name in ("session", "colour") and any(values):
            coded = graph.coded(name)
            there = [coded.names[code] if code >= 0 else None for code in coded.codes]
            assert there == [values[row] for row in rows]
    if "sequence" in world.columns:
        assert graph.column("sequence").tolist() == [world.columns["sequence"][row] for row in rows]


@given(world=worlds())
def test_referrals_stay_as_they_arrived(world: World) -> None:
    graph = world.graph
    referrals = graph.referrals
    ids = graph.customer_id(np.arange(graph.n_customers))
    assert [
        (
            ids[referrer] if referrer >= 0 else None,
            ids[referred],
            at if at != MISSING else None,
            graph.channels[medium] if medium else None,
        )
        for referrer, referred, at, medium in zip(
            referrals.referrers.tolist(),
            referrals.referred.tolist(),
            referrals.at_us.tolist(),
            referrals.medium_codes.tolist(),
            strict=True,
        )
    ] == world.referrals


def test_the_dictionary_speaks_only_where_the_data_does_not() -> None:
    graph = graph_from_rows(
        [("a", 1, "ad", "email", None), ("a", 2, "ad", None, "purchase"), ("a", 3, "shop")],
        dictionary={"ad": {"channel": "Advertisement", "stage": "inquiry", "initiator": "company"}},
        initiator=[None, "customer", None],
    )
    assert [graph.channels[code] for code in graph.channel_codes] == [
        "email", "advertising", "unknown"
    ]  # fmt: skip
    assert graph.stage_codes.tolist() == [1, 3, 0]
    assert graph.column("initiator").tolist() == [2, 1, 0]


def test_a_channel_called_unknown_is_not_said() -> None:
    graph = graph_from_rows([("a", 1, "x", "unknown"), ("a", 2, "x", "web")])
    assert graph.channels == ("unknown", "web")
    assert graph.channel_codes.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("n_names", "kind"), [(254, np.uint8), (255, np.uint16), (65_534, np.uint16), (65_535, "u4")]
)
def test_codes_are_as_small_as_the_names_allow(n_names: int, kind: object) -> None:
    graph = graph_from_rows([("a", 1, "x9")], touchpoints=[f"x{name}" for name in range(n_names)])
    assert graph.touchpoint_codes.dtype == np.dtype(kind)  # type: ignore[call-overload]
    assert graph.touchpoints[graph.touchpoint_codes[0]] == "x9"


def test_an_empty_graph_is_a_graph() -> None:
    graph = graph_from_rows([])
    assert (graph.n_customers, graph.n_interactions, graph.as_of_us) == (0, 0, 0)
    assert graph.customer_starts.tolist() == [0]
    assert graph.column("cost").tolist() == []


def test_nothing_can_be_written() -> None:
    graph = graph_from_rows([("a", 1, "x"), ("b", 1, "x")], referrals=[("a", "b")])
    for array in (graph.at_us, graph.value_minor, graph.customer_starts, graph.referrals.referred):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    with pytest.raises(AttributeError):
        graph.as_of_us = 3  # type: ignore[misc]


def test_who_is_not_here_is_named() -> None:
    graph = graph_from_rows([("007", 1, "x"), ("7", 2, "x")])
    assert (graph.customer_index("007"), graph.customer_index("7")) == (0, 1)
    for unknown in ("0007", "", "7\0", "\ud800"):
        with pytest.raises(UnknownCustomerError):
            graph.customer_index(unknown)


def test_a_column_that_is_not_here_is_named_with_near_misses() -> None:
    graph = graph_from_rows([("a", 1, "x")], colour=["red"])
    with pytest.raises(UnknownColumnError, match="Did you mean 'colour'"):
        graph.coded("color")


def test_a_word_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidOptionError):
        graph_from_rows([("a", 1, "x", None, "nonsense")])


@given(world=worlds())
def test_codes_that_name_nothing_are_refused(world: World) -> None:
    graph = world.graph
    fields = {name: getattr(graph, name) for name in graph.__dataclass_fields__}
    for name in ("touchpoint_codes", "channel_codes", "stage_codes"):
        if graph.n_interactions:
            broken = np.array(fields[name])
            broken[-1] = 255
            with pytest.raises(InconsistentGraphError, match=name):
                JourneyGraph(**{**fields, name: broken})
    with pytest.raises(InconsistentGraphError):
        JourneyGraph(**{**fields, "customer_starts": graph.customer_starts + 1})
