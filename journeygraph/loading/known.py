"""What the store knows before a load: earlier files, customers, names; and what the load adds.

Without a store (a first load that is only tried) nothing is known, and nothing is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy.typing as npt
import orjson
import pyarrow as pa

from journeygraph.lake.known_customers import KnownCustomers
from journeygraph.lake.names import Names
from journeygraph.lake.store import Store, StoreVersion
from journeygraph.lake.tables import STORED_TABLES
from journeygraph.schema import NAMES_OF_ITEMS, Column, Kind

__all__ = ["Known", "LoadedFile"]

_LISTS = ("touchpoints", "channels", "teams")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedFile:
    """A file of an earlier load. `kept` is what was kept about how it was read."""

    load: int
    file: int
    name: str
    sha256: str
    table: str
    kept: Mapping[str, Any]


@dataclass(slots=True)
class Known:
    """The store's side of a load.

    Parameters
    ----------
    store, base
        Where from; None where there is no store yet, or nothing in it.
    """

    store: Store | None
    base: StoreVersion | None
    files: list[LoadedFile] = field(init=False)
    customers: KnownCustomers = field(init=False)
    names: dict[str, Names] = field(init=False)
    _stored_texts: dict[str, pa.ChunkedArray] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.files = [
            LoadedFile(
                load=row["load"], file=row["file"], name=row["name"], sha256=row["sha256"],
                table=row["table"], kept=orjson.loads(row["mapping_json"] or "{}"),
            )
            for row in self.read("loads").to_pylist()
        ]  # fmt: skip
        self.customers = KnownCustomers(self.store, self.base)
        self.names = {name: Names(self.read(name)) for name in _LISTS}

    def read(
        self, table: str, columns: list[str] | None = None, loads: set[int] | None = None
    ) -> pa.Table:
        """Rows of the store, none where there is no such table."""
        if self.store is None or self.base is None or table not in self.base.tables:
            schema = STORED_TABLES[table].arrow_schema
            names = schema.names if columns is None else ["load", *columns]
            return schema.empty_table().select([name for name in names if name in schema.names])
        return self.store.read(table, self.base, columns, loads)

    def encode(self, column: Column, values: pa.Array) -> pa.Array:
        """Customers as keys and names as codes, new ones included; other columns as they are."""
        if column.kind in {Kind.CUSTOMER, Kind.NAME} and values.null_count == len(values):
            return pa.nulls(len(values), column.arrow_type)
        if column.kind is Kind.CUSTOMER:
            return _with_nulls(self.customers.encode(values))
        if column.kind is Kind.NAME:
            return _with_nulls(self.names[NAMES_OF_ITEMS[column.name]].encode(values))
        return values

    def decode(self, column: Column, values: pa.Array) -> pa.Array:
        """The texts behind stored keys and codes; other columns as they are."""
        if column.kind is Kind.CUSTOMER:
            return self._texts_of("identities", "id").take(values)
        if column.kind is Kind.NAME:
            return self._texts_of(NAMES_OF_ITEMS[column.name], "name").take(values)
        return values

    def _texts_of(self, table: str, column: str) -> pa.ChunkedArray:
        if table not in self._stored_texts:
            self._stored_texts[table] = self.read(table, [column])[column]
        return self._stored_texts[table]

    def touchpoints(self) -> list[str]:
        """The touchpoints of the store, those that the load adds included."""
        added = self.names["touchpoints"].new()["name"].to_pylist()
        return [*self.read("touchpoints")["name"].to_pylist(), *added]

    def additions(self) -> dict[str, pa.Table]:
        """The rows that the load adds to the store's own lists."""
        added = {"identities": self.customers.new()}
        return added | {name: names.new() for name, names in self.names.items()}


def _with_nulls(keys: npt.NDArray[Any]) -> pa.Array:
    is_none = keys < 0
    return pa.array(keys, mask=is_none) if is_none.any() else pa.array(keys)
