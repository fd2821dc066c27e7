"""Which tables a store has, and the columns of each.

The four tables that files are loaded into come from `journeygraph.schema`; the others are the
store's own: who has which key, which keys are one customer, which name has which code, what was
loaded, what was refused.

Rows of the tables with `by_load` belong to a load and go when it is taken out; they carry its
number in the column `load`. The others only ever grow, but for what is un-merged.

Tables of stored statistics, whose names begin with `STATISTICS`, come on top: which there are, and
their columns, is decided by who writes them. Their own logs say what columns they have.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from journeygraph import schema

__all__ = ["STATISTICS", "STORED_TABLES", "StoredTable"]

STATISTICS = "statistics_"
"""How the names of tables of stored statistics begin."""


@dataclass(frozen=True, slots=True)
class StoredTable:
    """A table as the store keeps it; `columns` are without `load`."""

    name: str
    columns: pa.Schema
    by_load: bool

    @property
    def arrow_schema(self) -> pa.Schema:
        """The columns, `load` in front where rows belong to a load."""
        if not self.by_load:
            return self.columns
        return pa.schema([pa.field("load", pa.int32(), nullable=False), *self.columns])


def _required(name: str, kind: pa.DataType) -> pa.Field:
    return pa.field(name, kind, nullable=False)


_CODED = pa.schema([_required("code", pa.int32()), _required("name", pa.string())])
_IDENTITIES = pa.schema([_required("customer", pa.int64()), _required("id", pa.string())])
_MERGES = pa.schema([_required("customer", pa.int64()), _required("into", pa.int64())])
_LOADS = pa.schema(
    [
        _required("file", pa.int32()),
        _required("name", pa.string()),
        _required("sha256", pa.string()),
        _required("table", pa.string()),
        _required("read", pa.int64()),
        _required("accepted", pa.int64()),
        _required("duplicates", pa.int64()),
        pa.field("quarantined_json", pa.string()),
        pa.field("mapping_json", pa.string()),
        _required("at", pa.timestamp("us", tz="UTC")),
    ]
)
_QUARANTINE = pa.schema(
    [
        _required("file", pa.int32()),
        _required("row", pa.int64()),
        pa.field("line", pa.int64()),
        _required("table", pa.string()),
        pa.field("column", pa.string()),
        _required("code", pa.string()),
        _required("reason", pa.string()),
        pa.field("raw", pa.string()),
    ]
)

STORED_TABLES = {
    table.name: table
    for table in (
        *(StoredTable(name, table.arrow_schema, True) for name, table in schema.TABLES.items()),
        StoredTable("identities", _IDENTITIES, False),
        StoredTable("merges", _MERGES, False),
        StoredTable("touchpoints", _CODED, False),
        StoredTable("channels", _CODED, False),
        StoredTable("teams", _CODED, False),
        StoredTable("loads", _LOADS, True),
        StoredTable("quarantine", _QUARANTINE, True),
    )
}
