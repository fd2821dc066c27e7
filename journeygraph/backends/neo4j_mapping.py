"""A mapping of somebody else's labels and relationship types to our tables, from a YAML file.

    customers:
      label: Person
      id: email                              # the property that a customer is known by
    interactions:
      label: Event
      id: eventId
      customer: {relationship: DID}          # or the property that holds the customer's id
      columns:                               # ours: theirs
        at: when
        touchpoint: {relationship: ON, property: name}
    referrals:
      relationship: INVITED                  # from who brought to who was brought

Properties that `columns` does not name are recognised by their names, as columns of files are,
and kept as properties or attributes where they are not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from journeygraph.backends.neo4j_errors import BadMappingError
from journeygraph.errors import near_misses
from journeygraph.loading.yaml_text import Entry, read_entries
from journeygraph.schema import TABLES

__all__ = ["MappedTable", "read_mapping"]

_KEYS = {
    "customers": ("label", "id"),
    "interactions": ("label", "id", "customer", "columns"),
    "referrals": ("relationship", "id", "referrer", "columns"),
    "feedback": ("label", "id", "customer", "columns"),
}
_NEEDED = {
    "customers": ("label", "id"),
    "interactions": ("label", "id", "customer"),
    "referrals": ("relationship",),
    "feedback": ("label", "id", "customer"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedTable:
    """One table as a query, and which of the query's columns are which of ours.

    Parameters
    ----------
    table
        customers, interactions, referrals or feedback.
    query
        Gives for each row a map of properties and one of further columns.
    columns
        Our column to that of the row.
    """

    table: str
    query: str
    columns: Mapping[str, str] = field(default_factory=dict)


def read_mapping(path: Path) -> list[MappedTable]:
    """The tables that a mapping file describes, customers first.

    Raises
    ------
    BadMappingError
        With the line.
    """

    def problem(what: str, line: int | None) -> BadMappingError:
        return BadMappingError(path, what, line)

    sections = {entry.key: entry for entry in read_entries(path, problem)}
    for name, entry in sections.items():
        if name not in TABLES_IN_ORDER or entry.entries is None:
            known = ", ".join(sorted(TABLES_IN_ORDER, key=[*TABLES].index))
            raise problem(f"{name!r} is not one of the tables {known}, with what is in it.",
                          entry.line)  # fmt: skip
    if "customers" not in sections:
        raise problem("What a customer is, is not said: customers: {label: …, id: …}.", None)
    return [
        _Section(path, sections[table], sections["customers"]).table()
        for table in TABLES_IN_ORDER
        if table in sections
    ]


TABLES_IN_ORDER = ("customers", "interactions", "referrals", "feedback")
"""Customers come first, so that they are numbered as the database has them."""


class _Section:
    """What the file says of one table."""

    def __init__(self, path: Path, section: Entry, customers: Entry) -> None:
        self._path = path
        self._table = section.key
        self._line = section.line
        self._said = {entry.key: entry for entry in section.entries or ()}
        self._customers = {entry.key: entry for entry in customers.entries or ()}
        self._linked: dict[str, str] = {}
        self._columns: dict[str, str] = {}
        for key, entry in self._said.items():
            if key not in _KEYS[self._table]:
                raise self._unknown(key, _KEYS[self._table], entry)
        for key in _NEEDED[self._table]:
            if key not in self._said:
                raise self._problem(f"{self._table!r} needs {key!r}.", self._line)

    def table(self) -> MappedTable:
        """The query and its columns."""
        if self._table == "customers":
            query = self._query_of_customers()
        elif self._table == "referrals":
            query = self._query_of_referrals()
        else:
            query = self._query_of_nodes()
        return MappedTable(table=self._table, query=query, columns=self._columns)

    def _query_of_customers(self) -> str:
        self._columns["customer"] = self._text(self._said["id"])
        label = self._name(self._said["label"])
        return f"MATCH (node:{label}) RETURN properties(node), {{}}"

    def _query_of_referrals(self) -> str:
        label, known_by = self._customer()
        link = self._name(self._said["relationship"])
        self._read_columns("referral")
        begin = self._said.get("referrer")
        if begin is not None and begin.text not in ("start", "end"):
            raise self._problem("'referrer' is start or end.", begin.line)
        is_reverse = begin is not None and begin.text == "end"
        arrow = f"<-[referral:{link}]-" if is_reverse else f"-[referral:{link}]->"
        self._linked |= {"referrer": f"a.{known_by}", "referred": f"b.{known_by}"}
        self._columns |= {"referrer": "referrer", "referred": "referred"}
        self._identify("referral")
        pattern = f"(a:{label}){arrow}(b:{label})"
        return f"MATCH {pattern} RETURN properties(referral), {self._further()}"

    def _query_of_nodes(self) -> str:
        label, known_by = self._customer()
        self._read_columns("node")
        self._identify("node")
        pattern = f"(node:{self._name(self._said['label'])})"
        owner = self._said["customer"]
        if owner.entries is None:
            self._columns["customer"] = self._text(owner)
            return f"MATCH {pattern} RETURN properties(node), {self._further()}"
        link = self._entry_of(owner, "relationship", ("relationship",))
        self._linked["customer"] = f"customer.{known_by}"
        self._columns["customer"] = "customer"
        pattern = f"(customer:{label})-[:{self._name(link)}]-{pattern}"
        return f"MATCH {pattern} RETURN properties(node), {self._further()}"

    def _customer(self) -> tuple[str, str]:
        for key in _NEEDED["customers"]:
            if key not in self._customers:
                raise self._problem(f"'customers' needs {key!r}.", self._line)
        return self._name(self._customers["label"]), self._name(self._customers["id"])

    def _identify(self, variable: str) -> None:
        """By a property, or else by the database's own id."""
        if "id" in self._said:
            self._columns["id"] = self._text(self._said["id"])
        else:
            self._linked["element id"] = f"elementId({variable})"
            self._columns["id"] = "element id"

    def _read_columns(self, variable: str) -> None:
        entry = self._said.get("columns")
        known = [column.name for column in TABLES[self._table].columns]
        for column in () if entry is None else entry.entries or ():
            if column.key not in known:
                raise self._unknown(column.key, known, column)
            if column.entries is None:
                self._columns[column.key] = column.text
                continue
            link = self._entry_of(column, "relationship", ("relationship", "property"))
            name = self._entry_of(column, "property", ("relationship", "property"))
            source = f"{link.text}.{name.text}"
            path = f"({variable})-[:{self._name(link)}]-(other)"
            self._linked[source] = f"head([{path} | other.{self._name(name)}])"
            self._columns[column.key] = source

    def _further(self) -> str:
        """The further columns as a map."""
        pairs = (f"{_quoted(name)}: {how}" for name, how in self._linked.items())
        return "{" + ", ".join(pairs) + "}"

    def _entry_of(self, entry: Entry, key: str, known: tuple[str, ...]) -> Entry:
        inside = {one.key: one for one in entry.entries or ()}
        for name in inside:
            if name not in known:
                raise self._unknown(name, known, inside[name])
        if key not in inside:
            raise self._problem(f"{entry.key!r} needs {key!r}.", entry.line)
        return inside[key]

    def _text(self, entry: Entry) -> str:
        if not entry.text:
            raise self._problem(f"{entry.key!r} needs a name.", entry.line)
        return entry.text

    def _name(self, entry: Entry) -> str:
        text = self._text(entry)
        if "`" in text or "\\" in text or not text.isprintable():
            raise self._problem(f"{text!r} cannot be a name here.", entry.line)
        return _quoted(text)

    def _unknown(self, key: str, known: tuple[str, ...] | list[str], entry: Entry) -> Exception:
        near = near_misses(key, known, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}."
        return self._problem(f"{key!r} means nothing in {self._table!r}; {hint}", entry.line)

    def _problem(self, what: str, line: int | None) -> BadMappingError:
        return BadMappingError(self._path, what, line)


def _quoted(name: str) -> str:
    return f"`{name}`"
