"""Columns of a store's tables as plain arrays, in the order of arrival.

Files are read beside each other, a column at a time and in small batches: what Arrow makes of a
batch is gone before the next one comes, so that reading takes no memory to speak of beyond the
arrays that it fills. Batches become NumPy arrays by their buffers: the first conversion by
`pyarrow` itself imports pandas, which takes longer than reading a million rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from journeygraph.errors import InconsistentGraphError
from journeygraph.lake.errors import reporting_access
from journeygraph.lake.parquet import DataFile, iterate_file, same_in_all_rows
from journeygraph.lake.store import Store
from journeygraph.lake.versions import StoreVersion
from journeygraph.threads import on_threads

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "Tables",
    "Take",
    "Wanted",
    "column_batches",
    "names_by_code",
    "numbers_of",
    "read_rows",
    "scan_rows",
]

_BATCH_ROWS = 1 << 16
_LARGE = 1 << 18
_KINDS = {"int8": "i1", "int16": "i2", "int32": "i4", "int64": "i8", "timestamp[us, tz=UTC]": "i8"}


class Tables(Protocol):
    """A store, or what holds the same tables in memory."""

    def read(
        self, table: str, version: StoreVersion, columns: Sequence[str] | None = None
    ) -> pa.Table:
        """The rows of a table in the order in which they arrived."""
        ...

    def batches(
        self, table: str, version: StoreVersion, columns: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """The same in batches."""
        ...


Take = Callable[[int, npt.NDArray[Any]], None]
"""Takes the numbers of some rows, the first of which is that of the given number."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The type of a column, and what stands for null in it."""

    kind: type[np.integer[Any]]
    none: int | None = None


@dataclass(frozen=True, eq=False, slots=True)
class _Part:
    """Rows of a table that can be read beside others: those of a file, or all of them."""

    first_row: int
    n_rows: int
    batches: Callable[[list[str]], Iterator[pa.RecordBatch]]
    same: Callable[[list[str]], Mapping[str, int]] = lambda _columns: {}
    """Columns that are known to say the same in all rows, and what."""


def scan_rows(
    tables: Tables,
    entry: StoreVersion,
    table: str,
    columns: Mapping[str, tuple[int | None, Take]],
    first_row: int = 0,
) -> None:
    """Give columns of numbers, times (as microseconds) and codes to whom they are for.

    Batches come on several threads, in no stated order, each row of a column once. One in which
    nothing is said is left out: who takes begins with what stands for null.

    Parameters
    ----------
    tables, entry, table
        What to read.
    columns
        By name: what stands for null (None: there may be none), and who takes the numbers.
    first_row
        How many rows to pass over; the row after them has the number 0.

    Raises
    ------
    InconsistentGraphError
        Where the table does not hold as many rows as its version says.
    DamagedStoreError
        Where a file is not what was written.
    """
    parts = _parts(tables, entry, table)
    wanted = [part for part in parts if part.first_row + part.n_rows > first_row]

    def read(task: tuple[_Part, list[str]]) -> int:
        part, names = task
        takers = {name: columns[name] for name in names}
        if _says_nothing(part, takers):
            return len(names) * part.n_rows
        return len(names) * _scan(part, takers, part.first_row - first_row)

    seen = on_threads(read, _tasks(wanted, list(columns)))
    if sum(seen) != len(columns) * sum(part.n_rows for part in wanted):
        raise _wrong_number_of_rows(table, entry)


def read_rows(
    tables: Tables,
    entry: StoreVersion,
    table: str,
    wanted: Mapping[str, Wanted],
    first_row: int = 0,
) -> dict[str, npt.NDArray[Any]]:
    """Whole columns, as `scan_rows` gives them, from a row on."""
    n_rows = max(entry.counts.get(table, 0) - first_row, 0)
    columns = {
        name: np.full(n_rows, column.none or 0, column.kind) for name, column in wanted.items()
    }

    def put(column: npt.NDArray[Any], begin: int, numbers: npt.NDArray[Any]) -> None:
        column[begin : begin + len(numbers)] = numbers

    takers = {name: (wanted[name].none, partial(put, column)) for name, column in columns.items()}
    scan_rows(tables, entry, table, takers, first_row)
    return columns


def column_batches(
    tables: Tables, entry: StoreVersion, table: str, column: str, first_row: int = 0
) -> Iterator[pa.Array]:
    """One column of a table from a row on, batch by batch, in order."""
    for part in _parts(tables, entry, table):
        row = part.first_row - first_row
        for batch in part.batches([column]) if row + part.n_rows > 0 else ():
            if row + batch.num_rows > 0:
                yield batch.column(column).slice(max(-row, 0))
            row += batch.num_rows


def names_by_code(tables: Tables, entry: StoreVersion, table: str) -> list[str]:
    """The names of a table of codes; codes count from 0 without gaps."""
    codes = read_rows(tables, entry, table, {"code": Wanted(np.int64)})["code"].tolist()
    parts = [part.to_pylist() for part in column_batches(tables, entry, table, "name")]
    names = dict(zip(codes, chain.from_iterable(parts), strict=True))
    if sorted(names) != list(range(len(codes))):
        raise InconsistentGraphError(f"codes of {table}", "have gaps")
    return [names[code] for code in range(len(names))]


def _parts(tables: Tables, entry: StoreVersion, table: str) -> list[_Part]:
    n_rows, parts = 0, []
    if table in entry.tables and isinstance(tables, Store):
        for file in tables.files(table, entry):
            batches = partial(_file_batches, tables, table, file)
            same = partial(_file_same, tables, table, file)
            parts.append(_Part(n_rows, file.rows, batches, same))
            n_rows += file.rows
    elif table in entry.tables:
        n_rows = entry.counts.get(table, 0)
        parts.append(_Part(0, n_rows, lambda columns: tables.batches(table, entry, columns)))
    if n_rows != entry.counts.get(table, 0):
        raise _wrong_number_of_rows(table, entry)
    return parts


def _file_batches(
    store: Store, table: str, file: DataFile, columns: list[str]
) -> Iterator[pa.RecordBatch]:
    with reporting_access(store.path, "read"):
        path = store.table_folder(table) / file.name
        yield from iterate_file(path, columns, _BATCH_ROWS, file.rows)


def _file_same(store: Store, table: str, file: DataFile, columns: list[str]) -> Mapping[str, int]:
    with reporting_access(store.path, "read"):
        return same_in_all_rows(store.table_folder(table) / file.name, columns, file.rows)


def _says_nothing(part: _Part, takers: Mapping[str, tuple[int | None, Take]]) -> bool:
    """Whether all rows of a large part hold what stands for null, so that none need be read."""
    nones = {name: none for name, (none, _) in takers.items()}
    return part.n_rows >= _LARGE and None not in nones.values() and part.same([*nones]) == nones


def _tasks(parts: list[_Part], columns: list[str]) -> list[tuple[_Part, list[str]]]:
    """What a thread does at a time: a column of a large file, all columns of a small one.

    To open a file takes as long as to read some ten thousand numbers.
    """
    large = [part for part in parts if part.n_rows >= _LARGE]
    small = [(part, columns) for part in parts if part.n_rows < _LARGE]
    return [(part, [name]) for name in columns for part in large] + small


def _scan(part: _Part, takers: Mapping[str, tuple[int | None, Take]], row: int) -> int:
    """Give columns of a part; rows below 0 are passed over. How many rows there were."""
    before = row
    for batch in part.batches(list(takers)):
        end = row + batch.num_rows
        if end - before > part.n_rows:
            break
        for name, (none, take) in takers.items():
            column = batch.column(name)
            new = column.slice(-row) if row < 0 else column
            if new.null_count < len(new) or (none is None and len(new)):
                take(max(row, 0), numbers_of(new, none))
        row = end
    return row - before


def numbers_of(column: pa.Array, none: int | None) -> npt.NDArray[Any]:
    """Numbers, times (as microseconds) or codes as Arrow holds them, `none` for its nulls."""
    kind = _KINDS.get(str(column.type))
    if kind is None:
        raise InconsistentGraphError("columns", f"are {column.type} where numbers should be")
    valid, data = column.buffers()
    if data is None or not len(column):
        return np.zeros(len(column), kind)
    numbers = np.frombuffer(data, kind)[column.offset : column.offset + len(column)]
    if not column.null_count:
        return numbers
    if none is None:
        raise InconsistentGraphError("columns", "have nulls where none may be")
    bits = np.unpackbits(np.frombuffer(valid, np.uint8), bitorder="little")
    is_said = bits[column.offset : column.offset + len(column)].view(np.bool_)
    return np.where(is_said, numbers, np.array(none, kind))


def _wrong_number_of_rows(table: str, entry: StoreVersion) -> InconsistentGraphError:
    n_rows = entry.counts.get(table, 0)
    return InconsistentGraphError(f"rows of {table}", f"are not the {n_rows} of this version")
