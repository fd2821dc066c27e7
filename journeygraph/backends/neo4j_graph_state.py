"""The graph in the database as a whole: whose it is, what differs, and what it says of itself."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import orjson

from journeygraph.backends.neo4j_connection import Neo4jConnection, Transaction
from journeygraph.backends.neo4j_digests import customer_digests
from journeygraph.backends.neo4j_errors import OtherGraphError
from journeygraph.backends.neo4j_model import LABELS, META, constraint_statements
from journeygraph.backends.neo4j_rows import Int64Array, PushedGraph
from journeygraph.backends.neo4j_writing import Changes, hold
from journeygraph.vocabulary import STAGES

__all__ = [
    "Difference",
    "add_customers",
    "begin",
    "check_owner",
    "compare_customers",
    "finish",
    "is_whole",
    "make_constraints",
    "remove_customers",
    "remove_names",
    "write_names",
]

_BATCH = 10_000
_GRAPH = f"MATCH (graph:JourneyGraph {{name: '{META}'}})"
_STATE = f"{_GRAPH} RETURN graph.store, graph.version, graph.state, graph.target"
_BEGIN = f"""
MERGE (graph:JourneyGraph {{name: '{META}'}})
SET graph.store = $store, graph.state = 'pushing', graph.target = $target,
  graph.target_version = $version
"""
_FINISH = f"""
{_GRAPH}
SET graph = $properties
"""
_DIGESTS = """
MATCH (customer:Customer)
WHERE customer.key > $after
RETURN customer.key, customer.digest
ORDER BY customer.key
LIMIT $limit
"""
_REMOVE_INTERACTIONS = """
UNWIND $keys AS key
MATCH (:Customer {key: key})-[:MADE]->(i:Interaction)
WITH i LIMIT $limit
DETACH DELETE i
RETURN count(*)
"""
_REMOVE_CUSTOMERS = """
UNWIND $keys AS key
MATCH (customer:Customer {key: key})
DETACH DELETE customer
"""
_ADD_CUSTOMERS = """
UNWIND $rows AS row
MERGE (customer:Customer {key: row[0]})
ON CREATE SET customer.id = row[1]
"""
_WIPE = "MATCH (node:%s) WITH node LIMIT $limit DETACH DELETE node RETURN count(*)"
_NAMES = "MATCH (node:%s) RETURN node.name, node.code"
_FREE_CODES = "UNWIND $names AS name MATCH (node:%s {name: name}) SET node.code = -1 - node.code"
_WRITE_NAMES = "UNWIND $rows AS row MERGE (node:%s {name: row[0]}) SET node.code = row[1]"
_REMOVE_NAMES = "MATCH (node:%s) WHERE NOT node.name IN $names DETACH DELETE node"


@dataclass(frozen=True, eq=False, kw_only=True)
class Difference:
    """How the customers in the database differ from those of the graph.

    Parameters
    ----------
    digests
        Of all customers, by index.
    changed
        Indexes of those that are to be written, ascending.
    new
        Indexes of those of them that have no node.
    gone
        Keys of nodes that the graph has no customer for.
    """

    digests: Int64Array
    changed: Int64Array
    new: Int64Array
    gone: list[int]


def make_constraints(connection: Neo4jConnection) -> None:
    """Make what is not there yet."""
    there = {name for [name] in connection.read("SHOW CONSTRAINTS YIELD name")}
    missing = [
        statement for name, statement in constraint_statements().items() if name not in there
    ]
    for statement in missing:
        connection.run(statement)
    if missing:
        connection.run("CALL db.awaitIndexes(300)")


def check_owner(connection: Neo4jConnection, pushed: PushedGraph, *, replace: bool) -> None:
    """Refuse a database that holds something else, or empty it of it.

    Raises
    ------
    OtherGraphError
    """
    found = connection.read(_STATE)
    if found and found[0][0] == pushed.store.identity:
        return
    if replace:
        _wipe(connection)
        return
    if found:
        raise OtherGraphError(connection.database, "the graph of another store")
    for label in LABELS:
        if connection.read(f"MATCH (:{label}) RETURN 1 LIMIT 1"):
            raise OtherGraphError(connection.database, f"nodes {label} that no push has written")


def compare_customers(connection: Neo4jConnection, pushed: PushedGraph) -> Difference:
    """What differs, by the digests of all customers."""
    digests = customer_digests(pushed)
    keys = pushed.customer_keys
    there = np.zeros(len(keys), np.int64)
    is_there = np.zeros(len(keys), np.bool_)
    gone: list[int] = []
    after = -1
    while found := connection.read(_DIGESTS, after=after, limit=100_000):
        after = found[-1][0]
        known = np.array([key for key, _ in found], np.int64)
        at = np.minimum(np.searchsorted(keys, known), max(len(keys) - 1, 0))
        is_ours = keys[at] == known if len(keys) else np.zeros(len(known), np.bool_)
        gone += known[~is_ours].tolist()
        there[at[is_ours]] = np.array([digest or 0 for _, digest in found], np.int64)[is_ours]
        is_there[at[is_ours]] = True
    changed = np.flatnonzero(there != digests)
    return Difference(digests=digests, changed=changed, new=changed[~is_there[changed]], gone=gone)


def is_whole(connection: Neo4jConnection, pushed: PushedGraph) -> bool:
    """Whether the graph says that it is this version."""
    found = connection.read(_STATE)
    return bool(found) and found[0][1:] == [pushed.entry.number, "whole", _target(pushed)]


def begin(connection: Neo4jConnection, pushed: PushedGraph) -> str:
    """Say that a push is under way, which stops those of other versions; what it is known by."""
    target = _target(pushed)
    connection.run(_BEGIN, store=pushed.store.identity, target=target, version=pushed.entry.number)
    return target


def finish(connection: Neo4jConnection, target: str, pushed: PushedGraph) -> None:
    """Say that the graph is this version, whole."""
    graph = pushed.graph
    properties = {
        "name": META,
        "store": pushed.store.identity,
        "version": pushed.entry.number,
        "state": "whole",
        "target": target,
        "target_version": pushed.entry.number,
        "as_of_us": graph.as_of_us,
        "currency": graph.currency,
        "exponent": graph.exponent,
        "pushed_at_us": time.time_ns() // 1_000,
    }
    _held(connection, target, _FINISH, properties=properties)


def write_names(connection: Neo4jConnection, target: str, pushed: PushedGraph) -> None:
    """Touchpoints, channels and stages by code; a name whose code is another now keeps its node."""
    for label, names in _names(pushed).items():
        there: dict[str, int] = dict(connection.read(_NAMES % label))
        rows = [[name, code] for name, code in names.items() if there.get(name) != code]
        taken = {code for _, code in rows}
        moved = [
            name
            for name, code in there.items()
            if code in taken or name in {row[0] for row in rows}
        ]
        if rows:
            connection.write(
                partial(_write_names, target=target, label=label, rows=rows, moved=moved)
            )


def remove_names(connection: Neo4jConnection, target: str, pushed: PushedGraph) -> None:
    """Those that the graph does not have any more."""
    for label, names in _names(pushed).items():
        if any(name not in names for name, _ in connection.read(_NAMES % label)):
            _held(connection, target, _REMOVE_NAMES % label, names=list(names))


def remove_customers(connection: Neo4jConnection, target: str, keys: Sequence[int]) -> Changes:
    """Take customers out, with their interactions and referrals."""
    changes: Changes = Changes()
    for first in range(0, len(keys), _BATCH):
        batch = list(keys[first : first + _BATCH])
        n_removed = _BATCH
        while n_removed == _BATCH:
            found = _held(connection, target, _REMOVE_INTERACTIONS, keys=batch, limit=_BATCH)
            n_removed = found[0][0]
            changes["interactions removed"] += n_removed
        _held(connection, target, _REMOVE_CUSTOMERS, keys=batch)
        changes["customers removed"] += len(batch)
    return changes


def add_customers(
    connection: Neo4jConnection, target: str, pushed: PushedGraph, customers: Int64Array
) -> Changes:
    """Nodes for customers that have none, so that whoever was brought finds who brought."""
    for first in range(0, len(customers), _BATCH):
        batch = customers[first : first + _BATCH]
        keys, ids = pushed.customer_keys[batch].tolist(), pushed.graph.customer_id(batch)
        rows = [list(row) for row in zip(keys, ids, strict=True)]
        _held(connection, target, _ADD_CUSTOMERS, rows=rows)
    return Changes({"customers created": len(customers)})


def _target(pushed: PushedGraph) -> str:
    entry = pushed.entry
    content = [
        entry.number, entry.at_us, dict(entry.revisions), dict(entry.dictionary), entry.currency,
        entry.exponent,
    ]  # fmt: skip
    plain = orjson.dumps(content, option=orjson.OPT_SORT_KEYS, default=dict)
    return hashlib.sha256(plain).hexdigest()[:32]


def _names(pushed: PushedGraph) -> dict[str, dict[str, int]]:
    """Label to names and their codes."""
    graph = pushed.graph
    return {
        "Touchpoint": {name: code for code, name in enumerate(graph.touchpoints)},
        "Channel": {name: code for code, name in enumerate(graph.channels) if code},
        "Stage": {name: code for code, name in enumerate(STAGES, 1)},
    }


def _write_names(
    transaction: Transaction, target: str, label: str, rows: list[list[Any]], moved: list[str]
) -> None:
    hold(transaction, target)
    transaction.run(_FREE_CODES % label, names=moved).consume()
    transaction.run(_WRITE_NAMES % label, rows=rows).consume()


def _wipe(connection: Neo4jConnection) -> None:
    """Remove all nodes of the model; the meta node first, which stops a push that is under way."""
    for label in LABELS:
        while connection.write(_removal(label)):
            pass


def _removal(label: str) -> Callable[[Transaction], int]:
    def work(transaction: Transaction) -> int:
        query: Any = _WIPE % label
        [[n_nodes]] = transaction.run(query, limit=_BATCH).values()
        return int(n_nodes)

    return work


def _held(connection: Neo4jConnection, target: str, query: str, **parameters: Any) -> list[Any]:
    """Write by one query while no other push does."""

    def work(transaction: Transaction) -> list[Any]:
        hold(transaction, target)
        text: Any = query
        return transaction.run(text, parameters).values()

    return connection.write(work)
