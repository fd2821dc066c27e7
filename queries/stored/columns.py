"""The columns of stored statistics: what each holds, in which unit, and of what it is a share.

A name says the unit as everywhere: `…_seconds`, `…_minor` (minor units of money), `…_us` (a
moment). A list of names is kept as JSON in a column `…_json`, because any other sign between
names may stand in one. Customers are kept by their keys: ids stand in one table of a store only,
so that they can be erased there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson
import pyarrow as pa

__all__ = ["COMMON", "Column", "ColumnKind", "schema_of", "shown_name", "shown_value", "table_of"]


class ColumnKind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    TEXTS = "texts"
    COUNT = "count"
    NUMBER = "number"
    MONEY = "money"
    MOMENT = "moment"
    FLAG = "flag"
    CUSTOMER = "customer"


_ARROW = {
    ColumnKind.TEXT: pa.string(),
    ColumnKind.TEXTS: pa.string(),
    ColumnKind.COUNT: pa.int64(),
    ColumnKind.NUMBER: pa.float64(),
    ColumnKind.MONEY: pa.int64(),
    ColumnKind.MOMENT: pa.int64(),
    ColumnKind.FLAG: pa.bool_(),
    ColumnKind.CUSTOMER: pa.int64(),
}
_ENDINGS = {
    ColumnKind.TEXTS: "_json",
    ColumnKind.MONEY: "_minor",
    ColumnKind.MOMENT: "_us",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a stored statistic.

    Parameters
    ----------
    name
        As stored, its unit in its ending.
    kind
        What it holds.
    about
        What it says, in a sentence.
    above, below
        Of a rate, the columns of the counts above and below the line.
    """

    name: str
    kind: ColumnKind
    about: str
    above: str | None = None
    below: str | None = None

    @property
    def is_measure(self) -> bool:
        """Whether it is a number that can change from one time to another."""
        return self.kind in {ColumnKind.COUNT, ColumnKind.NUMBER, ColumnKind.MONEY}

    @property
    def arrow_type(self) -> pa.DataType:
        """How it is stored."""
        return _ARROW[self.kind]


COMMON = (
    Column("plan", ColumnKind.TEXT, "The name of the plan that asked for it."),
    Column("plan_hash", ColumnKind.TEXT, "SHA-256 of the plan, however it is written."),
    Column("entry", ColumnKind.TEXT, "The name of the plan's entry."),
    Column("period", ColumnKind.TEXT, "Day, week or month as 2024-03-31, 2024-W13 or 2024-03; "
           "null for all times."),
    Column("period_from_us", ColumnKind.MOMENT, "First moment of the period."),
    Column("period_until_us", ColumnKind.MOMENT, "First moment after the period."),
    Column("segment_by", ColumnKind.TEXT, "What the segment is one of: a column, or `attribute` "
           "and a name; null for everybody."),
    Column("segment_value", ColumnKind.TEXT, "The value of the segment; null for everybody."),
    Column("store_version", ColumnKind.COUNT, "The version of the data that it was computed of."),
    Column("computed_at_us", ColumnKind.MOMENT, "When it was computed."),
    Column("as_of_us", ColumnKind.MOMENT, "The end of the data that openness was judged at."),
    Column("part", ColumnKind.TEXT, "Digest of all that these rows depend on."),
    Column("rank", ColumnKind.COUNT, "The place of the row in its list, from 1; 0 for the whole."),
    Column("scope", ColumnKind.TEXT, "`listed`, `other` for all that is not listed, or `whole`."),
)  # fmt: skip
"""What every row says beside its own numbers."""

_REQUIRED = {
    "plan", "plan_hash", "entry", "store_version", "computed_at_us", "as_of_us", "part", "rank",
    "scope",
}  # fmt: skip


def schema_of(columns: tuple[Column, ...]) -> pa.Schema:
    """The columns of a table of these, the common ones first."""
    return pa.schema(
        [
            pa.field(column.name, column.arrow_type, nullable=column.name not in _REQUIRED)
            for column in (*COMMON, *columns)
        ]
    )


def table_of(columns: tuple[Column, ...], rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Rows as a table; what a row does not say is null."""
    return pa.table(
        {
            column.name: pa.array(
                [_stored(column, row.get(column.name)) for row in rows], column.arrow_type
            )
            for column in columns
        }
    )


def _stored(column: Column, value: Any) -> Any:
    if column.kind is ColumnKind.TEXTS and value is not None:
        return orjson.dumps(list(value)).decode()
    return value


def shown_name(column: Column) -> str:
    """The name without its unit: what GraphQL, JSON and errors call it."""
    return column.name.removesuffix(_ENDINGS.get(column.kind, "\0"))


def shown_value(column: Column, value: Any) -> Any:
    """A value as it was before it was stored; amounts stay in minor units."""
    if column.kind is ColumnKind.TEXTS and value is not None:
        return tuple(orjson.loads(value))
    return value
