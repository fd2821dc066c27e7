"""Columns of a store's tables as plain arrays, in the order of arrival."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from journeygraph.errors import InconsistentGraphError
from journeygraph.lake.versions import StoreVersion

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Tables", "Wanted", "column_batches", "names_by_code", "read_rows"]


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


@dataclass(frozen=True, slots=True)
class Wanted:
    """The type of a column, and what stands for null in it."""

    kind: type[np.integer[Any]]
    none: int | None = None


def read_rows(
    tables: Tables, entry: StoreVersion, table: str, wanted: Mapping[str, Wanted]
) -> dict[str, npt.NDArray[Any]]:
    """Columns of numbers, times (as microseconds) and codes of a table.

    Raises
    ------
    InconsistentGraphError
        Where the table does not hold as many rows as its version says.
    DamagedStoreError
        Where a file is not what was written.
    """
    n_rows = entry.counts.get(table, 0)
    columns = {name: np.zeros(n_rows, column.kind) for name, column in wanted.items()}
    done = 0
    for batch in _batches(tables, entry, table, list(wanted)):
        end = done + batch.num_rows
        if end > n_rows:
            break
        for name, column in wanted.items():
            numbers = batch.column(name)
            if column.none != 0 or numbers.null_count < len(numbers):  # zeros stand there
                columns[name][done:end] = _numbers(numbers, column.none)
        done = end
    if done != n_rows:
        raise InconsistentGraphError(f"rows of {table}", f"are not the {n_rows} of this version")
    return columns


def column_batches(
    tables: Tables, entry: StoreVersion, table: str, column: str
) -> Iterator[pa.Array]:
    """One column of a table, batch by batch."""
    for batch in _batches(tables, entry, table, [column]):
        yield batch.column(column)


def names_by_code(tables: Tables, entry: StoreVersion, table: str) -> list[str]:
    """The names of a table of codes; codes count from 0 without gaps."""
    if table not in entry.tables:
        return []
    rows = tables.read(table, entry)
    names = dict(zip(rows["code"].to_pylist(), rows["name"].to_pylist(), strict=True))
    if sorted(names) != list(range(len(names))):
        raise InconsistentGraphError(f"codes of {table}", "have gaps")
    return [names[code] for code in range(len(names))]


def _batches(
    tables: Tables, entry: StoreVersion, table: str, columns: list[str]
) -> Iterator[pa.RecordBatch]:
    return tables.batches(table, entry, columns) if table in entry.tables else iter(())


def _numbers(column: pa.Array, none: int | None) -> npt.NDArray[Any]:
    import pyarrow as pa

    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    if column.null_count:
        if none is None:
            raise InconsistentGraphError("columns", "have nulls where none may be")
        column = column.fill_null(none)
    numbers: npt.NDArray[Any] = column.to_numpy(zero_copy_only=False)
    return numbers
