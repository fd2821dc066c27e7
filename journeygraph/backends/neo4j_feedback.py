"""Feedback in Neo4j: nodes of their own, compared by a digest each.

Feedback may be of a customer whom nothing else names. The graph does not have such a customer, so
the feedback stands alone and keeps the customer's id.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

import orjson
import pyarrow as pa

from journeygraph.backends.neo4j_connection import Neo4jConnection, Transaction
from journeygraph.backends.neo4j_model import arrival_key
from journeygraph.backends.neo4j_rows import PushedGraph
from journeygraph.backends.neo4j_writing import Changes, hold
from journeygraph.vocabulary import FEEDBACK_KINDS

__all__ = ["FeedbackChanges", "compare_feedback", "write_feedback"]

_TIMES = ("opened_at", "acknowledged_at", "acted_at", "closed_at", "due_at")
_DIGESTS = "MATCH (feedback:Feedback) RETURN feedback.key, feedback.digest"
_REMOVE = "UNWIND $keys AS key MATCH (feedback:Feedback {key: key}) DETACH DELETE feedback"
_CREATE = """
UNWIND $rows AS row
CREATE (feedback:Feedback)
SET feedback = row
WITH feedback
CALL (feedback) {
  MATCH (customer:Customer {key: feedback.customer}) CREATE (customer)-[:GAVE]->(feedback)
}
CALL (feedback) {
  MATCH (touchpoint:Touchpoint {code: feedback.touchpoint})
  CREATE (feedback)-[:ABOUT]->(touchpoint)
}
"""

FeedbackChanges = tuple[list[str], list[dict[str, Any]]]
"""Keys of those that go, and the properties of those that come."""


def compare_feedback(pushed: PushedGraph, connection: Neo4jConnection) -> FeedbackChanges:
    """What differs between the feedback of a store and that in the database."""
    there: dict[str, int | None] = dict(connection.read(_DIGESTS))
    gone, new = set(there), []
    for row in _rows(pushed):
        if there.get(row["key"]) == row["digest"]:
            gone.discard(row["key"])
        else:
            new.append(row)
    return sorted(gone), new


def write_feedback(
    connection: Neo4jConnection, target: str, changes: FeedbackChanges, batch_rows: int
) -> Iterator[Changes]:
    """Take out and put in, batch by batch."""
    gone, new = changes
    for first in range(0, max(len(gone), len(new)), batch_rows):
        removed, created = gone[first : first + batch_rows], new[first : first + batch_rows]
        removed = [*removed, *(row["key"] for row in created)]

        def work(
            transaction: Transaction,
            removed: list[str] = removed,
            created: list[dict[str, Any]] = created,
        ) -> None:
            hold(transaction, target)
            transaction.run(_REMOVE, keys=removed).consume()
            transaction.run(_CREATE, rows=created).consume()

        connection.write(work)
        yield Counter({"feedback created": len(created)})


def _rows(pushed: PushedGraph) -> Iterator[dict[str, Any]]:
    store, entry = pushed.store, pushed.entry
    if not store.has_rows("feedback", entry):
        return
    ids = _ids(pushed)
    teams = _names(pushed, "teams")
    known = set(pushed.customer_keys.tolist())
    for batch in store.batches("feedback", entry):
        table = pa.Table.from_batches([batch])
        for name in _TIMES:
            place = table.schema.get_field_index(name)
            table = table.set_column(place, f"{name}_us", table[name].cast(pa.int64()))
        for row in table.to_pylist():
            arrival = (row.pop("load"), row.pop("file"), row.pop("row"))
            further = orjson.loads(row.pop("properties") or "{}")
            row |= {f"property_{name}": value for name, value in further.items()}
            row |= {
                "key": arrival_key(*arrival),
                "customer_id": ids[row["customer"]],
                "kind": FEEDBACK_KINDS[row["kind"] - 1],
                "team": None if row["team"] is None else teams[row["team"]],
            }
            row = {name: value for name, value in row.items() if value is not None}
            yield {**row, "digest": _digest(row, row["customer"] in known)}


def _digest(row: dict[str, Any], has_customer: bool) -> int:
    content = orjson.dumps([row, has_customer], option=orjson.OPT_SORT_KEYS)
    return int.from_bytes(hashlib.sha256(content).digest()[:8], "little", signed=True)


def _ids(pushed: PushedGraph) -> dict[int, str]:
    """The ids of the customers who gave feedback."""
    import pyarrow.compute as pc

    store, entry = pushed.store, pushed.entry
    keys = pc.unique(store.read("feedback", entry, ["customer"])["customer"])
    table = store.read("identities", entry)
    found = table.filter(pc.is_in(table["customer"], keys))
    return dict(zip(found["customer"].to_pylist(), found["id"].to_pylist(), strict=True))


def _names(pushed: PushedGraph, table: str) -> dict[int, str]:
    if table not in pushed.entry.tables:
        return {}
    found = pushed.store.read(table, pushed.entry)
    return dict(zip(found["code"].to_pylist(), found["name"].to_pylist(), strict=True))
