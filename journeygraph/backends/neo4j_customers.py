"""Send the customers that differ: in batches of whole customers, very long ones in parts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial

import numpy as np

from journeygraph.backends.neo4j_connection import Neo4jConnection
from journeygraph.backends.neo4j_graph_state import Difference
from journeygraph.backends.neo4j_rows import Int64Array, PushedGraph, Referral
from journeygraph.backends.neo4j_writing import Changes, CustomerState, Writer
from journeygraph.loading.readers.ahead import read_ahead

__all__ = ["write_customers"]

_MOST_CUSTOMERS = 5_000
_KEYS = "MATCH (:Customer {key: $key})-[:MADE]->(i:Interaction) RETURN i.key"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """Whole customers as they should be, and who brought them."""

    customers: list[CustomerState]
    referrals: list[Referral]

    @property
    def n_rows(self) -> int:
        """How many interactions they have."""
        return sum(len(one.rows) for one in self.customers)


def write_customers(
    connection: Neo4jConnection,
    writer: Writer,
    pushed: PushedGraph,
    difference: Difference,
    batch_rows: int,
) -> Iterator[tuple[int, Changes]]:
    """Write what differs; after each transaction, how many interactions it had, and what it did.

    The next batch is made while the server is busy with the last one.
    """
    batches = (
        _batch(pushed, difference, customers)
        for customers in _cut(pushed, difference.changed, batch_rows)
    )
    with closing(read_ahead(batches)) as ready:
        for batch in ready:
            if batch.n_rows > batch_rows and len(batch.customers) == 1:
                yield from _write_long(connection, writer, batch, batch_rows)
            else:
                work = partial(writer.write, customers=batch.customers, referrals=batch.referrals)
                yield batch.n_rows, connection.write(work)


def _write_long(
    connection: Neo4jConnection, writer: Writer, batch: _Batch, batch_rows: int
) -> Iterator[tuple[int, Changes]]:
    """A customer with more interactions than a transaction should have: in parts.

    Until the last part is there the customer has no digest, so that a push that is cut off here
    is gone on with.
    """
    [customer] = batch.customers
    connection.write(partial(writer.open_customer, key=customer.key))
    wanted = {row[0] for row in customer.rows}
    gone = [key for [key] in connection.read(_KEYS, key=customer.key) if key not in wanted]
    for first in range(0, len(gone), batch_rows):
        work = partial(writer.remove, keys=gone[first : first + batch_rows])
        yield 0, connection.write(work)
    before = None
    for first in range(0, len(customer.rows), batch_rows):
        rows = customer.rows[first : first + batch_rows]
        yield len(rows), connection.write(partial(writer.write_part, rows=rows, before=before))
        before = rows[-1][0]
    close = partial(writer.close_customer, customer=customer, referrals=batch.referrals)
    yield 0, connection.write(close)


def _cut(pushed: PushedGraph, customers: Int64Array, batch_rows: int) -> Iterator[Int64Array]:
    """Cut customers into batches, each of about as many rows; a longer customer stands alone."""
    starts = pushed.graph.customer_starts
    ends = np.cumsum(starts[customers + 1] - starts[customers])
    first = 0
    while first < len(customers):
        done = 0 if first == 0 else int(ends[first - 1])
        end = int(np.searchsorted(ends, done + batch_rows, "right"))
        end = max(first + 1, min(end, first + _MOST_CUSTOMERS))
        yield customers[first:end]
        first = end


def _batch(pushed: PushedGraph, difference: Difference, customers: Int64Array) -> _Batch:
    digests = difference.digests[customers].tolist()
    states = [
        CustomerState(properties={**properties, "digest": digest}, rows=rows)
        for properties, digest, rows in zip(
            pushed.customer_rows(customers),
            digests,
            pushed.interaction_rows(customers),
            strict=True,
        )
    ]
    return _Batch(customers=states, referrals=pushed.referrals_to(customers))
