"""One transaction of a push: some customers as they should be, whatever is there of them.

The transaction begins by writing to the meta node, which locks it: pushes take turns, and each
sees whether another one has begun since. Then it looks what is there. A customer of whom nothing
is there is created in one statement; of any other the interactions are read and compared, and
only what differs is written. So a transaction whose commit may or may not have happened can
simply be done again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from journeygraph.backends.neo4j_connection import Transaction
from journeygraph.backends.neo4j_errors import OvertakenError
from journeygraph.backends.neo4j_model import META
from journeygraph.backends.neo4j_rows import Referral

__all__ = ["Changes", "CustomerState", "Writer", "hold", "written_row"]

Row = list[Any]
Properties = dict[str, Any]

_HOLD = f"""
MATCH (graph:JourneyGraph {{name: '{META}'}})
SET graph.held = coalesce(graph.held, 0) + 1
RETURN graph.target AS target, graph.target_version AS version
"""
_THERE = """
UNWIND $keys AS key
MATCH (customer:Customer {key: key})
RETURN
  key, customer.digest,
  EXISTS { (customer)-[:MADE]->() } OR EXISTS { (customer)<-[:REFERRED]-() }
"""
_CREATE = """
OPTIONAL MATCH (touchpoint:Touchpoint)
WITH touchpoint ORDER BY touchpoint.code
WITH collect(touchpoint) AS touchpoints
OPTIONAL MATCH (channel:Channel)
WITH touchpoints, channel ORDER BY channel.code
WITH touchpoints, collect(channel) AS channels
OPTIONAL MATCH (stage:Stage)
WITH touchpoints, channels, stage ORDER BY stage.code
WITH touchpoints, channels, collect(stage) AS stages
UNWIND $customers AS one
MATCH (customer:Customer {key: one[0]})
CALL (customer, one, touchpoints, channels, stages) {
  UNWIND one[1] AS row
  CREATE (customer)-[:MADE]->(i:Interaction {%s})
  SET i += row[-1]
  WITH i, touchpoints[i.touchpoint] AS touchpoint, channels[i.channel - 1] AS channel,
    stages[i.stage - 1] AS stage
  CREATE (i)-[:AT]->(touchpoint)
  FOREACH (said IN CASE WHEN channel IS NULL THEN [] ELSE [channel] END | CREATE (i)-[:BY]->(said))
  FOREACH (said IN CASE WHEN stage IS NULL THEN [] ELSE [stage] END | CREATE (i)-[:IN]->(said))
  WITH collect(i) AS made
  UNWIND range(1, size(made) - 1) AS place
  WITH made[place - 1] AS before, made[place] AS after
  CREATE (before)-[:NEXT]->(after)
}
"""
_OF_CUSTOMERS = """
UNWIND $keys AS key
MATCH (:Customer {key: key})-[:MADE]->(i:Interaction)
RETURN properties(i), [(before)-[:NEXT]->(i) | before.key]
"""
_OF_KEYS = """
UNWIND $keys AS key
MATCH (i:Interaction {key: key})
RETURN properties(i), [(before)-[:NEXT]->(i) | before.key]
"""
_REMOVE = "UNWIND $keys AS key MATCH (i:Interaction {key: key}) DETACH DELETE i"
_ADD = """
UNWIND $rows AS row
MATCH (customer:Customer {key: row.customer})
CREATE (customer)-[:MADE]->(i:Interaction)
SET i = row
"""
_UPDATE = "UNWIND $rows AS row MATCH (i:Interaction {key: row.key}) SET i = row"
_UNLINK = "UNWIND $keys AS key MATCH (:Interaction {key: key})-[link:AT|BY|IN]->() DELETE link"
_LINK = """
UNWIND $keys AS key
MATCH (i:Interaction {key: key})
MATCH (touchpoint:Touchpoint {code: i.touchpoint})
CREATE (i)-[:AT]->(touchpoint)
WITH i
CALL (i) { MATCH (channel:Channel {code: i.channel}) CREATE (i)-[:BY]->(channel) }
CALL (i) { MATCH (stage:Stage {code: i.stage}) CREATE (i)-[:IN]->(stage) }
"""
_UNTHREAD = "UNWIND $keys AS key MATCH ()-[next:NEXT]->(:Interaction {key: key}) DELETE next"
_THREAD = """
UNWIND $pairs AS pair
MATCH (before:Interaction {key: pair[0]})
MATCH (after:Interaction {key: pair[1]})
CREATE (before)-[:NEXT]->(after)
"""
_REFERRALS = """
UNWIND $keys AS key
MATCH (referred:Customer {key: key})<-[referral:REFERRED]-(referrer)
RETURN referral.arrival, referrer.key, key, referral.at_us, referral.medium
"""
_REMOVE_REFERRALS = """
UNWIND $rows AS row
MATCH (:Customer {key: row[2]})<-[referral:REFERRED {arrival: row[0]}]-()
DELETE referral
"""
_REFER = """
UNWIND $rows AS row
MATCH (referrer:Customer {key: row[1]})
MATCH (referred:Customer {key: row[2]})
CREATE (referrer)-[:REFERRED {arrival: row[0], at_us: row[3], medium: row[4]}]->(referred)
"""
_REFER_UNKNOWN = """
MERGE (nobody:UnknownReferrer {name: 'unknown'})
WITH nobody
UNWIND $rows AS row
MATCH (referred:Customer {key: row[2]})
CREATE (nobody)-[:REFERRED {arrival: row[0], at_us: row[3], medium: row[4]}]->(referred)
"""
_UNFINISHED = "MATCH (customer:Customer {key: $key}) REMOVE customer.digest"
_CUSTOMERS = "UNWIND $rows AS row MATCH (customer:Customer {key: row.key}) SET customer = row"

Changes = Counter[str]
"""How many were created, updated and removed, by what they are: "interactions created"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerState:
    """A customer as it should be.

    Parameters
    ----------
    properties
        With key, id and digest.
    rows
        The interactions, in order.
    """

    properties: Properties
    rows: list[Row] = field(repr=False)

    @property
    def key(self) -> int:
        """Which customer."""
        return int(self.properties["key"])


def hold(transaction: Transaction, target: str) -> None:
    """Have the graph alone until the transaction ends.

    Raises
    ------
    OvertakenError
        Where another push has taken it over since.
    """
    [found] = transaction.run(_HOLD).values() or [[None, None]]
    if found[0] != target:
        raise OvertakenError(found[1])


def written_row(names: Sequence[str], row: Row) -> Properties:
    """A row as the properties of its interaction: what is not said is left out."""
    *values, further = row
    said = zip(names, values, strict=True)
    return {**further, **{name: value for name, value in said if value is not None}}


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes customers within a transaction.

    Parameters
    ----------
    target
        What is pushed: a digest of the version.
    names
        What the values of a row are, but for the last one.
    """

    target: str
    names: tuple[str, ...]

    def write(
        self,
        transaction: Transaction,
        customers: Sequence[CustomerState],
        referrals: Sequence[Referral],
    ) -> Changes:
        """Make customers what they should be; those that are already are passed over."""
        hold(transaction, self.target)
        there = self._there(transaction, customers)
        wanted = [one for one in customers if there[one.key][0] != one.properties["digest"]]
        keys = {one.key for one in wanted}
        mine = [referral for referral in referrals if referral.referred in keys]
        fresh = [one for one in wanted if not there[one.key][1]]
        others = [one for one in wanted if there[one.key][1]]
        changes = self._create(transaction, fresh)
        if others:
            changes += self._compare(transaction, others)
        changes += _write_referrals(transaction, [one.key for one in others], mine)
        _run(transaction, _CUSTOMERS, rows=[one.properties for one in wanted])
        changes["customers written"] = len(wanted)
        return changes

    def open_customer(self, transaction: Transaction, key: int) -> None:
        """Say that a customer is not whole until `close_customer`."""
        hold(transaction, self.target)
        transaction.run(_UNFINISHED, key=key).consume()

    def close_customer(
        self, transaction: Transaction, customer: CustomerState, referrals: Sequence[Referral]
    ) -> Changes:
        """Say that a customer whose interactions were written in parts is whole."""
        hold(transaction, self.target)
        changes = _write_referrals(transaction, [customer.key], referrals)
        _run(transaction, _CUSTOMERS, rows=[customer.properties])
        changes["customers written"] = 1
        return changes

    def remove(self, transaction: Transaction, keys: list[str]) -> Changes:
        """Take interactions out."""
        hold(transaction, self.target)
        _run(transaction, _REMOVE, keys=keys)
        return Counter({"interactions removed": len(keys)})

    def write_part(
        self, transaction: Transaction, rows: Sequence[Row], before: str | None
    ) -> Changes:
        """Make some neighbouring interactions of one customer what they should be.

        `before` is the key of the interaction in front of them. Others stay as they are.
        """
        hold(transaction, self.target)
        there = transaction.run(_OF_KEYS, keys=[row[0] for row in rows]).values()
        wanted = {row[0]: written_row(self.names, row) for row in rows}
        return _make(transaction, there, wanted, _threads([rows], before))

    def _there(
        self, transaction: Transaction, customers: Sequence[CustomerState]
    ) -> Mapping[int, tuple[int | None, bool]]:
        keys = [one.key for one in customers]
        return {
            key: (digest, has_more)
            for key, digest, has_more in transaction.run(_THERE, keys=keys).values()
        }

    def _create(self, transaction: Transaction, customers: Sequence[CustomerState]) -> Changes:
        """Create all interactions of customers who have none."""
        with_rows = [[one.key, one.rows] for one in customers if one.rows]
        columns = ", ".join(f"{name}: row[{place}]" for place, name in enumerate(self.names))
        if with_rows:
            transaction.run(_CREATE % columns, customers=with_rows).consume()
        return Counter({"interactions created": sum(len(one.rows) for one in customers)})

    def _compare(self, transaction: Transaction, customers: Sequence[CustomerState]) -> Changes:
        """Read the interactions of customers, and write what differs."""
        there = transaction.run(_OF_CUSTOMERS, keys=[one.key for one in customers]).values()
        wanted = {row[0]: written_row(self.names, row) for one in customers for row in one.rows}
        gone = [known["key"] for known, _ in there if known["key"] not in wanted]
        _run(transaction, _REMOVE, keys=gone)
        kept = [(known, before) for known, before in there if known["key"] in wanted]
        changes = _make(transaction, kept, wanted, _threads([one.rows for one in customers], None))
        changes["interactions removed"] = len(gone)
        return changes


def _threads(customers: Iterable[Sequence[Row]], first: str | None) -> dict[str, str | None]:
    """For each interaction the key of the one before it."""
    found: dict[str, str | None] = {}
    for rows in customers:
        before = first
        for row in rows:
            found[row[0]] = before
            before = row[0]
    return found


def _make(
    transaction: Transaction,
    there: Iterable[Sequence[Any]],
    wanted: Mapping[str, Properties],
    threads: Mapping[str, str | None],
) -> Changes:
    """Write what differs between what is there and what should be."""
    known = {properties["key"]: (properties, before) for properties, before in there}
    added = [row for key, row in wanted.items() if key not in known]
    updated = [row for key, row in wanted.items() if key in known and known[key][0] != row]
    moved = [row["key"] for row in updated if _places(row) != _places(known[row["key"]][0])]
    befores = {key: [] if before is None else [before] for key, before in threads.items()}
    torn = [key for key in known if known[key][1] and known[key][1] != befores[key]]
    pairs = [
        [before, key]
        for key, before in threads.items()
        if before is not None and (key not in known or known[key][1] != [before])
    ]
    _run(transaction, _ADD, rows=added)
    _run(transaction, _UPDATE, rows=updated)
    _run(transaction, _UNLINK, keys=moved)
    _run(transaction, _LINK, keys=[*moved, *(row["key"] for row in added)])
    _run(transaction, _UNTHREAD, keys=torn)
    _run(transaction, _THREAD, pairs=pairs)
    return Counter({"interactions created": len(added), "interactions updated": len(updated)})


def _places(row: Properties) -> tuple[Any, ...]:
    """Which nodes an interaction is linked to."""
    return tuple(row.get(name) for name in ("touchpoint", "channel", "stage"))


def _write_referrals(
    transaction: Transaction, known: Sequence[int], referrals: Sequence[Referral]
) -> Changes:
    """Make the referrals to customers what they should be; only of `known` may any be there."""
    there = transaction.run(_REFERRALS, keys=list(known)).values() if known else []
    known_rows = {tuple(row) for row in there}
    wanted = {tuple(referral.row()) for referral in referrals}
    gone = [list(row) for row in known_rows - wanted]
    new = [list(row) for row in sorted(wanted - known_rows, key=lambda row: row[0])]
    _run(transaction, _REMOVE_REFERRALS, rows=gone)
    _run(transaction, _REFER, rows=[row for row in new if row[1] is not None])
    _run(transaction, _REFER_UNKNOWN, rows=[row for row in new if row[1] is None])
    return Counter({"referrals created": len(new), "referrals removed": len(gone)})


def _run(transaction: Transaction, query: str, **parameters: list[Any]) -> None:
    """Run a statement over some rows, unless there are none."""
    if all(parameters.values()):
        transaction.run(query, parameters).consume()
