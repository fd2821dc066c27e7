"""Pull: load a graph from Neo4j into a store, through the checks that files go through.

The rows of each table are first streamed into a file of JSON Lines, which is then loaded like any
other. So the store is not locked while the network is slow, a connection that is cut leaves the
store as it was, and memory does not grow with the graph. Rows are known by the node's own key:
what is pulled again is there already, and what has changed in the database since goes into
quarantine as a conflict instead of being counted twice.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from journeygraph.backends.neo4j_connection import Neo4jConnection
from journeygraph.backends.neo4j_errors import NoGraphToPullError
from journeygraph.backends.neo4j_mapping import read_mapping
from journeygraph.backends.neo4j_pulled_rows import PulledTable, mapped_tables, own_tables
from journeygraph.graph import JourneyGraph
from journeygraph.graph_store import open_graph
from journeygraph.lake.errors import EmptyStoreError, StoreNotFoundError
from journeygraph.loading.load import load
from journeygraph.loading.options import LoadOptions
from journeygraph.loading.report import LoadReport

__all__ = ["PulledRows", "pull"]

_BATCH = 10_000
_STATE = "MATCH (graph:JourneyGraph) RETURN graph.state, graph.currency, graph.exponent"
_DEFAULTS = LoadOptions()


@dataclass(frozen=True, slots=True)
class PulledRows:
    """How far a pull has come: rows of a table that were fetched."""

    table: str
    rows: int


def pull(
    store: Path | str,
    connection: Neo4jConnection,
    *,
    mapping: Path | None = None,
    options: LoadOptions = _DEFAULTS,
    progress: Callable[[PulledRows], None] = lambda _rows: None,
) -> dict[str, LoadReport]:
    """Load what a database holds into a store.

    Parameters
    ----------
    store
        The folder of a store; made where there is none.
    connection
        To the database.
    mapping
        A file that says what the labels and relationship types mean; without it the graph is
        expected to be one that was pushed.
    options
        How times, money and ratings are written, where there is a mapping.
    progress
        Called while rows are fetched.

    Returns
    -------
    reports
        By table, what was loaded of it; a table without a row, or with nothing new to say of
        customers, has none. Each table that brings something makes a version of the store.

    Raises
    ------
    NoGraphToPullError
        Where no push has written a whole graph, and no mapping says what else there is.
    """
    with tempfile.TemporaryDirectory(prefix="journeygraph-pull-") as folder:
        if mapping is None:
            tables, options = _own(connection)
        else:
            tables = mapped_tables(connection, read_mapping(mapping))
        files = [_fetch(Path(folder), pulled, Path(store), progress) for pulled in tables]
        return {
            pulled.table: load(store, file, _options(pulled, options, names))
            for pulled, (file, names) in zip(tables, files, strict=True)
            if names
        }


def _own(connection: Neo4jConnection) -> tuple[list[PulledTable], LoadOptions]:
    found = connection.read(_STATE)
    if not found or found[0][0] != "whole":
        raise NoGraphToPullError(connection.database, bool(found))
    [[_, currency, exponent]] = found
    options = LoadOptions(currency=currency, exponent=exponent, time_unit="us", allow_future=True)
    return own_tables(connection, exponent), options


def _fetch(
    folder: Path, pulled: PulledTable, store: Path, progress: Callable[[PulledRows], None]
) -> tuple[Path, list[str]]:
    """Write the rows of a table to a file; the file, and the columns that are in it."""
    path = folder / f"neo4j-{pulled.table}.jsonl"
    names: dict[str, None] = {}
    rows = pulled.rows()
    if pulled.table == "customers":
        rows = _news_of_customers(rows, pulled.columns["customer"], store)
    n_rows = 0
    with path.open("wb") as file:
        while batch := list(islice(rows, _BATCH)):
            for row in batch:
                names.update(dict.fromkeys(row))
                file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
            n_rows += len(batch)
            progress(PulledRows(pulled.table, n_rows))
    return path, list(names)


def _options(pulled: PulledTable, options: LoadOptions, names: Sequence[str]) -> LoadOptions:
    """How the file of a table is loaded."""
    columns = {ours: theirs for ours, theirs in pulled.columns.items() if theirs in names}
    if pulled.is_own:  # what is not there is not to be recognised among the properties
        columns = {
            ours: theirs if theirs in names else "" for ours, theirs in pulled.columns.items()
        }
        columns |= {"currency": ""} if pulled.table == "interactions" else {}
    scales = options.scales if pulled.table == "interactions" else {}
    return replace(
        options, table=pulled.table, mapping={**columns, **options.mapping}, scales=scales
    )


def _news_of_customers(
    rows: Iterator[dict[str, Any]], known_by: str, store: Path
) -> Iterator[dict[str, Any]]:
    """The customers of whom the store does not know all that is said already."""
    try:
        graph = open_graph(store)
    except (StoreNotFoundError, EmptyStoreError):
        yield from rows
        return
    while batch := list(islice(rows, _BATCH)):
        there = _said(graph, [str(row.get(known_by)) for row in batch])
        for row, known in zip(batch, there, strict=True):
            said = {name: _as_text(value) for name, value in row.items() if name != known_by}
            if known is None or not said.items() <= known.items():
                yield row


def _as_text(value: Any) -> str:
    """A value as the loading keeps it."""
    if isinstance(value, str):
        return value
    whole = isinstance(value, float) and value.is_integer()
    return orjson.dumps(int(value) if whole else value).decode()


def _said(graph: JourneyGraph, ids: Sequence[str]) -> list[dict[str, str] | None]:
    """The attributes of customers as the store has them, None for one that it does not have."""
    indexes = graph.customer_indexes(ids)
    there = np.flatnonzero(indexes >= 0)
    found: list[dict[str, str] | None] = [None] * len(ids)
    frame = graph.attributes.iloc[indexes[there]]
    for place, known in zip(there.tolist(), frame.to_dict("records"), strict=True):
        found[place] = {str(n): v for n, v in known.items() if isinstance(v, str)}
    return found
