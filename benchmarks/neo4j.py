"""How fast a push is, beside the fastest that plain statements are in the same server.

    python -m benchmarks.neo4j [--customers 20000] [--rounds 3]

Starts the server that the tests use (`make neo4j-server` fetches it), with all its optimisations,
and in turn, round by round, fills it twice from nothing:

- by plain `UNWIND` statements with `CREATE`: the same nodes, properties and relationships, in
  transactions of the same size, made ahead and timed alone; no constraint is checked but that on
  customers, which the statements look up, nothing is compared, and a second run would double all;
- by `push`, all of it: the store opened and read, digests, constraints, comparisons.

The best round of each counts. Then the same push again, which changes nothing, and one after a load
that adds one interaction to each hundredth customer.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import journeygraph
from api.demo_data import write_demo_data
from journeygraph.backends.neo4j_connection import Neo4jConnection, Neo4jSettings
from journeygraph.backends.neo4j_push import push
from journeygraph.backends.neo4j_rows import PushedGraph
from journeygraph.lake.store import Store
from journeygraph.loading.options import LoadOptions
from tests.neo4j_server.places import CLASSES, JARS, TEMPLATE, is_here
from tests.neo4j_server.process import PASSWORD, USER, Neo4jServer

__all__ = ["main"]

_BATCH = 5_000
_CREATE = """
UNWIND $rows AS row
MATCH (c:Customer {key: row[0]})
MATCH (t:Touchpoint {code: row[1]})
CREATE (c)-[:MADE]->(i:Interaction)-[:AT]->(t)
SET i = row[4]
WITH i, row
OPTIONAL MATCH (h:Channel {code: row[2]})
FOREACH (one IN CASE WHEN h IS NULL THEN [] ELSE [h] END | CREATE (i)-[:BY]->(one))
WITH i, row
OPTIONAL MATCH (s:Stage {code: row[3]})
FOREACH (one IN CASE WHEN s IS NULL THEN [] ELSE [s] END | CREATE (i)-[:IN]->(one))
WITH collect(i) AS made, collect(row[0]) AS owners
UNWIND range(1, size(made) - 1) AS place
WITH made[place - 1] AS before, made[place] AS after
WHERE before.customer = after.customer
CREATE (before)-[:NEXT]->(after)
"""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--customers", type=int, default=20_000)
    options.add_argument("--rounds", type=int, default=3)
    given = options.parse_args()
    if not is_here():
        options.error("there is no server: make neo4j-server")
    with tempfile.TemporaryDirectory() as folder:
        store = _store(Path(folder), given.customers)
        home = Path(folder) / "neo4j"
        shutil.copytree(TEMPLATE, home)
        jvm = (f"-XX:SharedArchiveFile={CLASSES}", "-Xlog:cds=off", "-Xmx2g")
        with Neo4jServer(home, JARS, options=jvm) as server:
            server.start()
            settings = Neo4jSettings(uri=server.uri, user=USER, password=PASSWORD)
            with Neo4jConnection.open(settings) as connection:
                _measure(server, connection, store, given.rounds)


def _measure(server: Neo4jServer, connection: Neo4jConnection, store: Path, rounds: int) -> None:
    pushed = PushedGraph(Store.open(store))
    n = pushed.graph.n_interactions
    batches = list(_batches(pushed))
    push(store, connection)  # warms the server up, and makes the constraints
    plain, whole = [], []
    for _ in range(rounds):
        server.empty()
        plain.append(_plain(connection, pushed, batches))
        server.empty()
        whole.append(_seconds(store, connection))
    print(f"{n:,} interactions of {pushed.graph.n_customers:,} customers, best of {rounds} rounds")
    print(f"plain UNWIND          {n / min(plain):9,.0f} interactions/s")
    print(f"push                  {n / min(whole):9,.0f} interactions/s")
    print(f"push / plain          {min(plain) / min(whole):9.2f}")
    print(f"the same push again   {_seconds(store, connection):9.2f} s")
    _load_more(store, pushed)
    print(f"after a small load    {_seconds(store, connection):9.2f} s")


def _seconds(store: Path, connection: Neo4jConnection) -> float:
    began = time.perf_counter()
    push(store, connection, batch_rows=_BATCH)
    return time.perf_counter() - began


def _plain(connection: Neo4jConnection, pushed: PushedGraph, batches: list[Any]) -> float:
    """Seconds of the plain statements over interactions; the other nodes are there before."""
    graph = pushed.graph
    for label, names in (("Touchpoint", graph.touchpoints), ("Channel", graph.channels)):
        rows = [[code, name] for code, name in enumerate(names)]
        connection.run(f"UNWIND $rows AS r CREATE (:{label} {{code: r[0], name: r[1]}})", rows=rows)
    connection.run("UNWIND range(1, 4) AS code CREATE (:Stage {code: code, name: toString(code)})")
    everyone = np.arange(graph.n_customers)
    customers = pushed.customer_rows(everyone)
    for first in range(0, len(customers), 10_000):
        batch = customers[first : first + 10_000]
        connection.run("UNWIND $rows AS row CREATE (c:Customer) SET c = row", rows=batch)
    began = time.perf_counter()
    for batch in batches:
        connection.run(_CREATE, rows=batch)
    return time.perf_counter() - began


def _batches(pushed: PushedGraph) -> Iterator[list[list[Any]]]:
    graph = pushed.graph
    everyone = np.arange(graph.n_customers)
    rows: list[list[Any]] = []
    for of_customer in pushed.interaction_rows(everyone):
        for row in of_customer:
            said = {n: v for n, v in zip(pushed.row_names, row, strict=False) if v is not None}
            codes = [said["touchpoint"], said.get("channel"), said.get("stage")]
            rows.append([said["customer"], *codes, {**said, **row[-1]}])
        if len(rows) >= _BATCH:
            yield rows
            rows = []
    if rows:
        yield rows


def _store(folder: Path, customers: int) -> Path:
    files = write_demo_data(folder / "files", customers=customers)
    for table in ("customers", "interactions", "referrals"):
        options = LoadOptions(table=table, currency="EUR")
        journeygraph.load(folder / "store", getattr(files, table), options)
    return folder / "store"


def _load_more(store: Path, pushed: PushedGraph) -> None:
    ids = pushed.graph.customer_id(np.arange(0, pushed.graph.n_customers, 100))
    file = store.parent / "more.csv"
    file.write_text("customer,at,touchpoint\n" + "".join(f"{c},2024-06-01,ad\n" for c in ids))
    journeygraph.load(store, file)


if __name__ == "__main__":
    main()
