"""Rows as they come out of a database, as the loading of files takes them.

Our own model is read page by page, each page in a transaction that is tried again; somebody
else's as one stream.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from journeygraph.backends.neo4j_connection import Neo4jConnection
from journeygraph.backends.neo4j_mapping import MappedTable
from journeygraph.backends.neo4j_model import OWN_PROPERTIES, attribute_of
from journeygraph.schema import TABLES
from journeygraph.vocabulary import STAGES

__all__ = ["PulledTable", "mapped_tables", "own_tables"]

Row = dict[str, Any]
PAGE = 10_000
_PREFIX = "journeygraph:"
"""Before the names of our columns, so that no property is taken for one."""

_CUSTOMERS = """
MATCH (customer:Customer)
WHERE customer.key > $after
RETURN customer.key, properties(customer)
ORDER BY customer.key
LIMIT $limit
"""
_INTERACTIONS = """
MATCH (i:Interaction)
WHERE i.key > $after
WITH i ORDER BY i.key LIMIT $limit
RETURN i.key, properties(i), [(customer)-[:MADE]->(i) | customer.id]
"""
_FEEDBACK = """
MATCH (feedback:Feedback)
WHERE feedback.key > $after
RETURN feedback.key, properties(feedback), [feedback.customer_id]
ORDER BY feedback.key
LIMIT $limit
"""
_REFERRALS = """
MATCH (referrer)-[referral:REFERRED]->(referred:Customer)
RETURN referral.arrival, referrer.id, referred.id, referral.at_us, referral.medium
ORDER BY referral.arrival
"""
_NAMES = "MATCH (node:%s) RETURN node.code, node.name"


@dataclass(frozen=True, slots=True, kw_only=True)
class PulledTable:
    """The rows of one table, and which of their columns are which of ours.

    `columns` says so for all of ours that a row may have; those that no row has are left out.
    """

    table: str
    rows: Callable[[], Iterator[Row]]
    columns: Mapping[str, str]
    is_own: bool


def own_tables(connection: Neo4jConnection, exponent: int) -> list[PulledTable]:
    """The tables of the graph that a push has written, in the order of arrival."""
    codes: dict[str, dict[Any, str]] = {
        label: dict(connection.read(_NAMES % label)) for label in ("Touchpoint", "Channel")
    }
    own = _OwnRows(connection, codes["Touchpoint"], codes["Channel"], exponent)
    rows = {
        "customers": own.customers,
        "interactions": own.interactions,
        "referrals": own.referrals,
        "feedback": own.feedback,
    }
    return [
        PulledTable(
            table=table,
            rows=make,
            columns={column.name: _PREFIX + column.name for column in TABLES[table].columns},
            is_own=True,
        )
        for table, make in rows.items()
    ]


def mapped_tables(connection: Neo4jConnection, tables: list[MappedTable]) -> list[PulledTable]:
    """The tables that a mapping describes."""
    return [
        PulledTable(
            table=mapped.table,
            rows=lambda mapped=mapped: _mapped_rows(connection, mapped),  # type: ignore[misc]
            columns=mapped.columns,
            is_own=False,
        )
        for mapped in tables
    ]


def _mapped_rows(connection: Neo4jConnection, mapped: MappedTable) -> Iterator[Row]:
    for properties, further in connection.stream(mapped.query):
        row = {**properties, **further}
        yield {name: _plain(value) for name, value in row.items() if value is not None}


def _plain(value: Any) -> Any:
    """A value as JSON has it; times as ISO 8601, whatever else the driver has as text."""
    if isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.iso_format() if hasattr(value, "iso_format") else str(value)


@dataclass(frozen=True, slots=True)
class _OwnRows:
    connection: Neo4jConnection
    touchpoints: Mapping[Any, str]
    channels: Mapping[Any, str]
    exponent: int

    def customers(self) -> Iterator[Row]:
        """Id and attributes, in the order of the keys."""
        for _, known in _pages(self.connection, _CUSTOMERS, -1):
            said = {attribute_of(n): v for n, v in known.items() if n not in OWN_PROPERTIES}
            yield {f"{_PREFIX}customer": known["id"], **said}

    def interactions(self) -> Iterator[Row]:
        """All that is said of an interaction."""
        for key, known, owners in _pages(self.connection, _INTERACTIONS, ""):
            yield {
                **_ours(self._interaction(known, key, owners)),
                **_properties(known),
            }

    def referrals(self) -> Iterator[Row]:
        """In the order of arrival, which the server sorts."""
        for arrival, referrer, referred, at_us, medium in self.connection.stream(_REFERRALS):
            row = {
                "referrer": referrer,
                "referred": referred,
                "at": at_us,
                "medium": self.channels.get(medium),
                "id": f"neo4j:{arrival}",
            }
            yield _ours(row)

    def feedback(self) -> Iterator[Row]:
        """All that is said of feedback."""
        for key, known, owners in _pages(self.connection, _FEEDBACK, ""):
            times = {n.removesuffix("_us"): v for n, v in known.items() if n.endswith("_at_us")}
            row = {
                **times,
                "customer": owners[0],
                "touchpoint": self.touchpoints.get(known.get("touchpoint")),
                "id": known.get("id", f"neo4j:{key}"),
                **{name: known.get(name) for name in ("kind", "team", "text")},
            }
            yield {**_ours(row), **_properties(known)}

    def _interaction(self, known: Row, key: str, owners: list[str]) -> Row:
        stage = known.get("stage")
        same = ("sequence", "initiator", "environment", "level", "team", "session",
                "emotion_label", "emotion_source")  # fmt: skip
        return {
            **{name: known.get(name) for name in same},
            "customer": owners[0] if owners else None,
            "at": known.get("at_us"),
            "touchpoint": self.touchpoints.get(known.get("touchpoint")),
            "channel": self.channels.get(known.get("channel")),
            "stage": None if stage is None else STAGES[stage - 1],
            "value": _decimal(known.get("value_minor"), self.exponent),
            "cost": _decimal(known.get("cost_minor"), self.exponent),
            **{n: _decimal(known.get(n), 3) for n in ("emotion", "expectation", "experience")},
            "id": known.get("id", f"neo4j:{key}"),
        }


def _pages(connection: Neo4jConnection, query: str, after: Any) -> Iterator[list[Any]]:
    """All rows of a query that gives them page by page, by the first column."""
    while page := connection.read(query, after=after, limit=PAGE):
        yield from page
        after = page[-1][0]


def _ours(row: Row) -> Row:
    return {f"{_PREFIX}{name}": value for name, value in row.items() if value is not None}


def _properties(known: Row) -> Row:
    prefix = "property_"
    return {n.removeprefix(prefix): v for n, v in known.items() if n.startswith(prefix)}


def _decimal(number: int | None, exponent: int) -> str | None:
    """An integer in minor units as the decimal number that it stands for."""
    if number is None or exponent == 0:
        return None if number is None else str(number)
    whole, part = divmod(abs(number), 10**exponent)
    return f"{'-' if number < 0 else ''}{whole}.{part:0{exponent}d}"
