"""What a database holds and what it should hold, as plain Python, in the words of the model."""

from __future__ import annotations

from typing import Any

import numpy as np

import journeygraph
from journeygraph.backends.neo4j_connection import Neo4jConnection, Neo4jSettings
from journeygraph.graph import MISSING, MISSING_SCALE
from journeygraph.lake.store import Store
from tests.loading.stored import rows_of
from tests.neo4j_server.process import PASSWORD, USER, Neo4jServer

__all__ = ["connect", "found_in", "wanted_of"]

_WORDS = ("initiator", "environment", "level")
_SCALES = ("emotion", "expectation", "experience")
_TEXTS = ("team", "session", "emotion_label", "emotion_source", "id")


def connect(server: Neo4jServer, **options: Any) -> Neo4jConnection:
    settings = {"uri": server.uri, "user": USER, "password": PASSWORD, **options}
    return Neo4jConnection.open(Neo4jSettings(**settings))


def found_in(server: Neo4jServer) -> dict[str, Any]:
    """Everything that the database holds, but for the digests and the meta node."""
    with server.driver() as driver:

        def ask(query: str) -> list[list[Any]]:
            return [list(record.values()) for record in driver.execute_query(query).records]

        customers = ask("MATCH (c:Customer) RETURN c.key, properties(c) ORDER BY c.key")
        for _, properties in customers:
            del properties["digest"]
        feedback = ask(
            "MATCH (f:Feedback) RETURN f.key, properties(f), [(c)-[:GAVE]->(f) | c.key], "
            "[(f)-[:ABOUT]->(t) | t.name] ORDER BY f.key"
        )
        for _, properties, *_ in feedback:
            del properties["digest"]
        return {
            "customers": customers,
            "interactions": ask(
                "MATCH (c:Customer)-[:MADE]->(i:Interaction) RETURN c.key, i.place, properties(i), "
                "[(i)-[:AT]->(n) | n.name], [(i)-[:BY]->(n) | n.name], [(i)-[:IN]->(n) | n.name], "
                "[(i)-[:NEXT]->(n) | n.key] ORDER BY c.key, i.place"
            ),
            "lonely": ask("MATCH (i:Interaction) WHERE NOT (i)<-[:MADE]-() RETURN count(i)"),
            "referrals": ask(
                "MATCH (a)-[r:REFERRED]->(b) RETURN r.arrival, a.key, b.key, r.at_us, r.medium "
                "ORDER BY r.arrival"
            ),
            "feedback": feedback,
            "names": ask(
                "MATCH (n) WHERE n:Touchpoint OR n:Channel OR n:Stage "
                "RETURN labels(n)[0], n.code, n.name ORDER BY labels(n)[0], n.code"
            ),
            "graph": ask(
                "MATCH (g:JourneyGraph) "
                "RETURN g.version, g.state, g.as_of_us, g.currency, g.exponent"
            ),
        }


def wanted_of(path: Any, version: int | None = None) -> dict[str, Any]:
    """The same, of a store, one row after another."""
    graph = journeygraph.open(path, version)
    store = Store.open(path)
    entry = store.version(graph.version)
    there = {row["id"]: row["customer"] for row in store.read("identities", entry).to_pylist()}
    ids = graph.customer_id(np.arange(graph.n_customers))
    keys = [there[name] for name in ids]
    attributes: list[dict[Any, Any]] = graph.attributes.to_dict("records")
    own = {"key", "id", "digest", ""}
    customers = [
        [
            key,
            {
                **{
                    f"attribute_{n}" if n in own or n.startswith("attribute_") else n: v
                    for n, v in said.items()
                    if isinstance(v, str)
                },
                "key": key,
                "id": name,
            },
        ]
        for key, name, said in zip(keys, ids, attributes, strict=True)
    ]
    return {
        "customers": customers,
        "interactions": list(_interactions(graph, keys)),
        "lonely": [[0]],
        "referrals": _referrals(path, graph, there),
        "feedback": _feedback(path, graph, there, set(keys)),
        "names": [
            *(["Channel", code, name] for code, name in enumerate(graph.channels) if code),
            *(
                ["Stage", code, name]
                for code, name in enumerate(("inquiry", "comparison", "purchase", "support"), 1)
            ),
            *(["Touchpoint", code, name] for code, name in enumerate(graph.touchpoints)),
        ],
        "graph": [[graph.version, "whole", graph.as_of_us, graph.currency, graph.exponent]],
    }


def _key(load: int, file: int, row: int) -> str:
    return ".".join([str(load).zfill(6), str(file).zfill(6), str(row).zfill(12)])


def _interactions(graph: journeygraph.JourneyGraph, keys: list[int]) -> Any:
    names = [*graph.further.property_names()]
    columns = {name: graph.column(name).tolist() for name in
               ("at", "sequence", "touchpoint", "channel", "stage", "value", "cost", *_SCALES,
                "load", "file", "row")}  # fmt: skip
    coded = {name: graph.coded(name) for name in (*_WORDS, *_TEXTS)}
    coded |= {f"property_{name}": graph.property(name) for name in names}
    for customer, key in enumerate(keys):
        begin, end = graph.customer_starts[customer : customer + 2].tolist()
        arrivals = [_key(*(columns[name][row] for name in ("load", "file", "row")))
                    for row in range(begin, end)]  # fmt: skip
        for row in range(begin, end):
            said = {name: columns[name][row] for name in columns}
            properties = {
                "key": arrivals[row - begin],
                "customer": key,
                "place": row - begin,
                "at_us": said["at"],
                "sequence": said["sequence"] or None,
                "touchpoint": said["touchpoint"],
                "channel": said["channel"] or None,
                "stage": said["stage"] or None,
                "value_minor": None if said["value"] == MISSING else said["value"],
                "cost_minor": None if said["cost"] == MISSING else said["cost"],
                **{n: None if said[n] == MISSING_SCALE else said[n] for n in _SCALES},
                **{
                    n: column.names[code] if (code := column.codes[row]) >= 0 else None
                    for n, column in coded.items()
                },
            }
            stages = ("inquiry", "comparison", "purchase", "support")
            yield [
                key,
                row - begin,
                {name: value for name, value in properties.items() if value is not None},
                [graph.touchpoints[said["touchpoint"]]],
                [graph.channels[said["channel"]]] if said["channel"] else [],
                [stages[said["stage"] - 1]] if said["stage"] else [],
                arrivals[row - begin + 1 : row - begin + 2],
            ]


def _referrals(path: Any, graph: journeygraph.JourneyGraph, keys: dict[str, int]) -> Any:
    channels = {name: code for code, name in enumerate(graph.channels)}
    return [
        [
            _key(row["load"], row["file"], row["row"]),
            None if row["referrer"] is None else keys[row["referrer"]],
            keys[row["referred"]],
            row["at"],
            channels.get(row["medium"] or "unknown") or None,
        ]
        for row in rows_of(path, "referrals", graph.version)
    ]


def _feedback(
    path: Any, graph: journeygraph.JourneyGraph, keys: dict[str, int], known: set[int]
) -> Any:
    found = []
    for row in rows_of(path, "feedback", graph.version):
        key = keys[row["customer"]]
        said = {
            "key": _key(row["load"], row["file"], row["row"]),
            "customer": key,
            "customer_id": row["customer"],
            "touchpoint": None
            if row["touchpoint"] is None
            else graph.touchpoints.index(row["touchpoint"]),
            **{name: row[name] for name in ("kind", "team", "text", "id")},
            **{
                f"{name}_us": row[name]
                for name in ("opened_at", "acknowledged_at", "acted_at", "closed_at", "due_at")
            },
            **{f"property_{name}": value for name, value in row["properties"].items()},
        }
        said = {name: value for name, value in said.items() if value is not None}
        found.append(
            [
                said["key"],
                said,
                [key] if key in known else [],
                [] if row["touchpoint"] is None else [row["touchpoint"]],
            ]
        )
    return found
