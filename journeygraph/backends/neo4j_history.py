"""One customer's history as a local graph, so that a profile reads it as it reads any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from journeygraph.backends.neo4j_model import OWN_PROPERTIES, attribute_of
from journeygraph.graph import TEXTS, WORDS, IntArray, JourneyGraph, code_type
from journeygraph.graph_build import graph_from_rows
from journeygraph.vocabulary import STAGES

if TYPE_CHECKING:
    from journeygraph.backends.neo4j_graph import Neo4jGraph

__all__ = ["graph_of_history"]

Properties = Mapping[str, Any]

_SAID = frozenset({"emotion", "expectation", "experience", *WORDS, *TEXTS} - {"stage"})


def graph_of_history(
    graph: Neo4jGraph, known: Properties, interactions: Sequence[Properties]
) -> JourneyGraph:
    """A graph of one customer.

    Parameters
    ----------
    graph
        Where the customer is.
    known
        The properties of the customer's node.
    interactions
        Those of the interactions' nodes, in their order.
    """
    rows = [
        (
            known["id"],
            one["at_us"],
            graph.touchpoints[one["touchpoint"]],
            graph.channels[one["channel"]] if one.get("channel") else None,
            STAGES[one["stage"] - 1] if one.get("stage") else None,
            one.get("value_minor"),
        )
        for one in interactions
    ]
    alone = graph_from_rows(
        rows,
        attributes={known["id"]: _attributes(known)},
        currency=graph.currency,
        exponent=graph.exponent,
        version=graph.version,
        **_columns(interactions),
    )
    # with all names of the whole: what is usually the outcome hangs on them
    return replace(
        alone,
        touchpoints=tuple(graph.touchpoints),
        touchpoint_codes=_codes(interactions, "touchpoint", graph.touchpoints),
        channels=tuple(graph.channels),
        channel_codes=_codes(interactions, "channel", graph.channels),
    )


def _codes(interactions: Sequence[Properties], name: str, names: Sequence[str]) -> IntArray:
    return np.array([one.get(name) or 0 for one in interactions], code_type(len(names)))


def _attributes(known: Properties) -> dict[str, Any]:
    return {
        attribute_of(name): value for name, value in known.items() if name not in OWN_PROPERTIES
    }


def _columns(interactions: Sequence[Properties]) -> dict[str, Any]:
    """Columns that a profile shows or orders by; the key says load, file and row of arrival."""
    arrivals = [tuple(map(int, one["key"].split("."))) for one in interactions]
    columns: dict[str, Any] = {
        "cost": [one.get("cost_minor") for one in interactions],
        "sequence": [one.get("sequence", 0) for one in interactions],
    }
    for place, name in enumerate(("load", "file", "row")):
        columns[name] = [arrival[place] for arrival in arrivals]
    for name in dict.fromkeys(name for one in interactions for name in one):
        if name in _SAID:
            columns[name] = [one.get(name) for one in interactions]
    return columns
