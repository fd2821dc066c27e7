"""Which of a table's columns a data file holds, and in what form.

Most loads say nothing in half of the columns. A column that is null in every row of a file is
left out of it, which Delta Lake reads as null; one without any null is written as one that has
none, and one that says the same everywhere without a dictionary: the three cost a third of all
writing. What was done is noted in the footer, so that the rows come back exactly as they were
given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import orjson
import pyarrow as pa

__all__ = ["FileSchema", "restored"]

_NOTE = b"journeygraph.columns"
_TYPES = {
    str(kind): kind
    for kind in (
        pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.string(), pa.timestamp("us", tz="UTC")
    )
}  # fmt: skip

_Rows = TypeVar("_Rows", pa.Table, pa.RecordBatch)


@dataclass(frozen=True, slots=True)
class FileSchema:
    """The columns of one data file.

    Parameters
    ----------
    table
        The columns of its table.
    left_out
        Those that are null in all of its rows.
    whole
        Those that are null in none of them, although the table allows it.
    constant
        Numbers that are the same in its first rows.
    """

    table: pa.Schema
    left_out: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()
    constant: frozenset[str] = frozenset()

    @classmethod
    def of(cls, table: pa.Schema, rows: pa.Table, loose: set[str]) -> FileSchema:
        """The columns of a file that begins with these rows; `loose` ones are taken as they are."""
        may_be = [field.name for field in table if field.nullable and field.name not in loose]
        may_be = [name for name in may_be if str(table.field(name).type) in _TYPES]
        return cls(
            table=table,
            left_out=frozenset(n for n in may_be if rows[n].null_count == rows.num_rows),
            whole=frozenset(name for name in may_be if not rows[name].null_count),
            constant=frozenset(
                field.name
                for field in table
                if pa.types.is_integer(field.type) and _is_constant(rows[field.name])
            ),
        )

    def misfits(self, rows: pa.Table) -> set[str]:
        """Columns in which these rows are not what the file's other rows are."""
        said = {name for name in self.left_out if rows[name].null_count < rows.num_rows}
        return said | {name for name in self.whole if rows[name].null_count}

    @property
    def written(self) -> pa.Schema:
        """The columns that the file has, and the note of what was done to the others."""
        fields = [
            field.with_nullable(field.nullable and field.name not in self.whole)
            for field in self.table
            if field.name not in self.left_out
        ]
        changed = self.left_out | self.whole
        note = {
            field.name: str(field.type) if field.name in changed else None for field in self.table
        }
        return pa.schema(fields, {_NOTE: orjson.dumps(note)} if changed else None)

    def fitted(self, rows: pa.Table) -> pa.Table:
        """Rows of the table in the form of the file."""
        schema = self.written
        return pa.Table.from_arrays([rows[name] for name in schema.names], schema=schema)


def restored(rows: _Rows, file: pa.Schema, columns: Sequence[str] | None) -> _Rows:
    """Rows as they were given to be written.

    Parameters
    ----------
    rows
        As they were read.
    file
        The columns of their file, with its note.
    columns
        Which were asked for, all by default.
    """
    note = (file.metadata or {}).get(_NOTE)
    if note is None or (columns is not None and not len(columns)):
        return rows
    kinds = orjson.loads(note)
    fields, arrays = [], []
    for name in kinds if columns is None else columns:
        if name in rows.schema.names:
            fields.append(rows.schema.field(name))
            arrays.append(rows.column(name))
        elif name in kinds:
            fields.append(pa.field(name, _TYPES[kinds[name]]))
            arrays.append(pa.nulls(rows.num_rows, fields[-1].type))
    fields = [field.with_nullable(field.nullable or kinds[field.name] is not None)
              for field in fields]  # fmt: skip
    return type(rows).from_arrays(arrays, schema=pa.schema(fields))


def _is_constant(numbers: pa.ChunkedArray) -> bool:
    import pyarrow.compute as pc

    ends = pc.min_max(numbers)
    return bool(numbers.null_count == 0 and ends["min"] == ends["max"])
