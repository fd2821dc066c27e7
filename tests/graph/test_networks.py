from __future__ import annotations

from collections import Counter

from hypothesis import given

from journeygraph.graph_build import graph_from_rows
from tests.strategies import World, worlds


@given(world=worlds())
def test_a_network_has_an_edge_for_every_row(world: World) -> None:
    network = world.graph.to_networkx()
    edges = [
        (source[1], facts["at_us"], target[1], facts.get("channel"), facts.get("stage"),
         facts.get("value_minor"))
        for source, target, facts in network.edges(data=True)
        if facts["kind"] == "interaction"
    ]  # fmt: skip
    assert Counter(edges) == Counter(world.rows)
    referrals = [
        (source[1] if source[0] == "customer" else None, target[1], facts.get("at_us"),
         facts.get("medium"))
        for source, target, facts in network.edges(data=True)
        if facts["kind"] == "referral"
    ]  # fmt: skip
    assert Counter(referrals) == Counter(world.referrals)
    by_channel = {
        (source[1], target[1]): facts["interactions"]
        for source, target, facts in network.edges(data=True)
        if facts["kind"] == "channel"
    }
    assert by_channel == Counter((row[2], row[3] or "unknown") for row in world.rows)
    customers = [name for kind, name in network.nodes if kind == "customer"]
    assert customers == world.all_customers()


def test_an_edge_leads_back_to_its_row() -> None:
    graph = graph_from_rows([("a", 2, "x"), ("a", 1, "y")], attributes={"a": {"land": "DE"}})
    network = graph.to_networkx()
    for _, target, row in network.edges(("customer", "a"), keys=True):
        assert graph.touchpoints[graph.touchpoint_codes[row]] == target[1]
    assert network.nodes["customer", "a"]["attributes"] == {"land": "DE"}
    assert network.nodes["touchpoint", "x"] == {"kind": "touchpoint", "name": "x"}


def test_a_name_of_two_kinds_is_two_nodes() -> None:
    network = graph_from_rows([("web", 1, "web", "web")], referrals=[(None, "web")]).to_networkx()
    assert set(network.nodes) == {
        ("customer", "web"), ("touchpoint", "web"), ("channel", "web"), ("unattributed", "unknown")
    }  # fmt: skip


def test_an_empty_graph_is_an_empty_network() -> None:
    network = graph_from_rows([]).to_networkx()
    assert (len(network.nodes), len(network.edges)) == (0, 0)
