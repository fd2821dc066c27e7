"""Push: make the graph in a Neo4j database that of a version of a store.

What is there is compared first, by one digest a customer, so that a push costs what differs: a
newer version, a load taken out, another dictionary, or what a push that was cut off had not yet
written. Nothing is remembered outside the database. Each transaction holds whole customers and
leaves them whole; the meta node says which version the graph is, and whether a push is under way.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from journeygraph.backends import neo4j_graph_state as state
from journeygraph.backends.neo4j_connection import Neo4jConnection
from journeygraph.backends.neo4j_customers import write_customers
from journeygraph.backends.neo4j_feedback import compare_feedback, write_feedback
from journeygraph.backends.neo4j_rows import PushedGraph
from journeygraph.backends.neo4j_writing import Changes, Writer
from journeygraph.errors import InvalidOptionError
from journeygraph.lake.store import Store

__all__ = ["PushProgress", "PushReport", "push"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PushProgress:
    """How far a push has come: `rows` of the interactions that are to be written."""

    rows: int
    rows_total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PushReport:
    """What a push did.

    Parameters
    ----------
    version
        What the graph is now.
    is_unchanged
        Whether it was that before.
    changes
        Nodes and relationships created, updated and removed, by what they are.
    seconds
        How long it took, comparing included.
    """

    version: int
    is_unchanged: bool
    changes: Changes = field(default_factory=Counter)
    seconds: float

    @property
    def rows_per_second(self) -> float:
        """Interactions written in a second."""
        names = ("interactions created", "interactions updated", "interactions removed")
        return sum(self.changes[name] for name in names) / max(self.seconds, 1e-9)


def push(
    store: Path | str,
    connection: Neo4jConnection,
    *,
    version: int | None = None,
    replace: bool = False,
    batch_rows: int = 5_000,
    progress: Callable[[PushProgress], None] = lambda _progress: None,
) -> PushReport:
    """Make the graph in a database that of a version of a store.

    Parameters
    ----------
    store, version
        A store, and which of its versions; the last by default.
    connection
        To the database.
    replace
        Take out the graph of another store first.
    batch_rows
        About how many interactions a transaction writes.
    progress
        Called after each transaction.

    Raises
    ------
    OtherGraphError
        Where the database holds another store's graph, or customers that nobody pushed.
    OvertakenError
        Where a push of another version began meanwhile.
    """
    if batch_rows < 1:
        raise InvalidOptionError("batch_rows", batch_rows, "at least 1")
    began = time.perf_counter()
    pushed = PushedGraph(Store.open(store), version)
    number = pushed.entry.number
    state.make_constraints(connection)
    state.check_owner(connection, pushed, replace=replace)
    if state.is_whole(connection, pushed) and not _differs(connection, pushed):
        return PushReport(version=number, is_unchanged=True, seconds=time.perf_counter() - began)

    target = state.begin(connection, pushed)  # what is compared from here on, nobody else writes
    difference = state.compare_customers(connection, pushed)
    feedback = compare_feedback(pushed, connection)
    state.write_names(connection, target, pushed)
    total = pushed.n_rows_of(difference.changed)
    changes: Changes = Counter(state.remove_customers(connection, target, difference.gone))
    changes += state.add_customers(connection, target, pushed, difference.new)
    done = 0
    writer = Writer(target=target, names=pushed.row_names)
    for rows, made in write_customers(connection, writer, pushed, difference, batch_rows):
        done += rows
        changes.update(made)
        progress(PushProgress(rows=done, rows_total=total))
    for made in write_feedback(connection, target, feedback, batch_rows):
        changes.update(made)
    state.remove_names(connection, target, pushed)
    state.finish(connection, target, pushed)
    return PushReport(
        version=number,
        is_unchanged=False,
        changes=changes,
        seconds=time.perf_counter() - began,
    )


def _differs(connection: Neo4jConnection, pushed: PushedGraph) -> bool:
    """Whether a graph that says it is this version lacks something of it all the same."""
    difference = state.compare_customers(connection, pushed)
    feedback = compare_feedback(pushed, connection)
    return bool(len(difference.changed) or difference.gone or any(feedback))
