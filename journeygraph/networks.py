"""A graph as networkx knows it: for people who work there, and for algorithms that live there.

Nodes are pairs of kind and name, so that a customer called "web" is not the channel. Every
interaction is an edge of its own, under its row as key, hence some kilobyte each: a view for
selections and small stores, not the way in which this engine counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from journeygraph.graph import MISSING, JourneyGraph
from journeygraph.vocabulary import STAGES, UNKNOWN

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["to_networkx"]

Node = tuple[str, str]
Edge = tuple[Node, Node, Any, dict[str, Any]]

_BLOCK = 65_536
_UNATTRIBUTED: Node = ("unattributed", UNKNOWN)


def to_networkx(graph: JourneyGraph) -> nx.MultiDiGraph[Node]:
    """The graph as a MultiDiGraph.

    Returns
    -------
    network
        Nodes `("customer", id)`, `("touchpoint", name)` and `("channel", name)`, with `kind` and
        `name` as attributes; customers also have their attributes, under `attributes`.
        Edges, by their attribute `kind`:

        - "interaction", customer to touchpoint, key = row in the graph: `at_us`, and where they
          are said `channel`, `stage` and `value_minor`;
        - "referral", referrer to referred, key = ("referral", number): `at_us` and `medium`
          where said. Word of mouth of unknown source comes from `("unattributed", "unknown")`;
        - "channel", touchpoint to channel, key = "channel": `interactions`, how many.
    """
    import networkx as nx

    network: nx.MultiDiGraph[Node] = nx.MultiDiGraph(
        version=graph.version, as_of_us=graph.as_of_us, currency=graph.currency
    )
    ids = [("customer", id_) for id_ in graph.customer_id(np.arange(graph.n_customers))]
    places = [("touchpoint", name) for name in graph.touchpoints]
    is_said = bool((graph.channel_codes != 0).all())
    media = [("channel", name) for name in graph.channels[is_said:]]
    for node in (*ids, *places, *media):
        network.add_node(node, kind=node[0], name=node[1])
    for node, attributes in zip(ids, _attributes(graph), strict=False):
        network.nodes[node]["attributes"] = attributes
    if (graph.referrals.referrers < 0).any():
        network.add_node(_UNATTRIBUTED, kind=_UNATTRIBUTED[0], name=_UNATTRIBUTED[1])
    edges = (_interactions(graph, ids, places), _channels(graph, places), _referrals(graph, ids))
    for source, target, key, facts in chain(*edges):
        network.add_edge(source, target, key, **facts)
    return network


def _attributes(graph: JourneyGraph) -> list[dict[str, str]]:
    frame = graph.attributes
    if frame.empty:
        return []
    there: list[dict[str, str]] = [{} for _ in range(graph.n_customers)]
    for name in frame.columns:
        for customer, value in frame[name].dropna().items():
            there[int(str(customer))][str(name)] = value
    return there


def _interactions(graph: JourneyGraph, ids: list[Node], places: list[Node]) -> Iterator[Edge]:
    customers = graph.interaction_customers
    for begin in range(0, graph.n_interactions, _BLOCK):
        rows = slice(begin, begin + _BLOCK)
        columns = (customers, graph.touchpoint_codes, graph.at_us, graph.channel_codes,
                   graph.stage_codes, graph.value_minor)  # fmt: skip
        block = zip(*(column[rows].tolist() for column in columns), strict=True)
        for row, (customer, touchpoint, at_us, channel, stage, value) in enumerate(block, begin):
            facts: dict[str, Any] = {"kind": "interaction", "at_us": at_us}
            if channel:
                facts["channel"] = graph.channels[channel]
            if stage:
                facts["stage"] = STAGES[stage - 1]
            if value != MISSING:
                facts["value_minor"] = value
            yield ids[customer], places[touchpoint], row, facts


def _channels(graph: JourneyGraph, places: list[Node]) -> Iterator[Edge]:
    width = len(graph.channels)
    pairs = graph.touchpoint_codes.astype(np.int64) * width + graph.channel_codes
    for pair, count in zip(*np.unique(pairs, return_counts=True), strict=True):
        touchpoint, channel = divmod(int(pair), width)
        facts = {"kind": "channel", "interactions": int(count)}
        yield places[touchpoint], ("channel", graph.channels[channel]), "channel", facts


def _referrals(graph: JourneyGraph, ids: list[Node]) -> Iterator[Edge]:
    stored = graph.referrals
    columns = (stored.referrers, stored.referred, stored.at_us, stored.medium_codes)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for number, (referrer, referred, at_us, medium) in enumerate(rows):
        facts: dict[str, Any] = {"kind": "referral"}
        if at_us != MISSING:
            facts["at_us"] = at_us
        if medium:
            facts["medium"] = graph.channels[medium]
        source = ids[referrer] if referrer >= 0 else _UNATTRIBUTED
        yield source, ids[referred], ("referral", number), facts
