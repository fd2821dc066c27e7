"""Which rows are there already: by the file they come from, or by an id of their own.

The same file again brings what it brought before, row by row; only rows that were not accepted
then can be. A row with an id is a duplicate where the id has the same content, and a conflict
where it has another. Ids are compared as texts; contents by a hash of 64 bits, but only ever
those of one id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from journeygraph.lake.names import CustomerKeys
from journeygraph.lake.parquet import DataFile, groups_of_rows, read_group
from journeygraph.lake.text_indexes import IdIndex
from journeygraph.loading.arrow_text import as_one
from journeygraph.loading.known import Known
from journeygraph.loading.readers.batches import IntArray
from journeygraph.schema import Column, Kind, Table

__all__ = ["EarlierRows", "KnownIds", "StoredIds", "earlier_rows"]

Mask = npt.NDArray[np.bool_]
Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierRows:
    """Rows of the same file in earlier loads: numbers within the file, ascending."""

    accepted: IntArray
    quarantined: IntArray
    loads: tuple[int, ...]

    def are_accepted(self, rows: IntArray) -> Mask:
        """Which of the rows were accepted before."""
        return np.isin(rows, self.accepted) if len(self.accepted) else np.zeros(len(rows), np.bool_)

    def are_quarantined(self, rows: IntArray) -> Mask:
        """Which of the rows are in quarantine."""
        is_there = np.zeros(len(rows), np.bool_)
        return np.isin(rows, self.quarantined) if len(self.quarantined) else is_there


def earlier_rows(known: Known, table: str, sha256: str) -> EarlierRows:
    """What earlier loads took of a file."""
    same = [file for file in known.files if file.sha256 == sha256 and file.table == table]
    loads = {file.load for file in same}
    if not same:
        nothing = np.zeros(0, np.int64)
        return EarlierRows(accepted=nothing, quarantined=nothing, loads=())

    def rows_of(rows: pa.Table) -> IntArray:
        parts = [np.zeros(0, np.int64)]
        of_load, of_file = rows["load"].to_numpy(), rows["file"].to_numpy()
        for file in same:
            parts.append(rows["row"].to_numpy()[(of_load == file.load) & (of_file == file.file)])
        return np.unique(np.concatenate(parts))

    return EarlierRows(
        accepted=rows_of(known.read(table, ["file", "row"], loads)),
        quarantined=rows_of(known.read("quarantine", ["file", "row"], loads)),
        loads=tuple(sorted(loads)),
    )


class KnownIds:
    """The ids of a table: those of the store, and those that the load brings.

    Parameters
    ----------
    known
        The store.
    table
        Which of its tables.
    """

    def __init__(self, known: Known, table: Table) -> None:
        self._table = table
        # The keys of ids, by the same means as those of customers.
        self._keys = CustomerKeys()
        self._contents = np.zeros(1024, np.uint64)
        self._stored = StoredIds(known, table)

    def settle(self, values: Mapping[str, pa.Array]) -> tuple[Mask, Mask]:
        """Which of these rows, all otherwise fit, are duplicates, and which are conflicts."""
        before = self._keys.mark()
        keys = self._keys.encode(values["id"])
        contents = hash_contents(self._table, values)
        self._make_room()
        fresh, first = np.unique(keys, return_index=True)
        fresh, first = fresh[fresh >= before.n_keys], first[fresh >= before.n_keys]
        self._contents[fresh] = contents[first]
        is_known = keys >= 0
        if len(fresh):
            stored, of_stored = self._stored.contents_of(self._keys.texts_behind(before))
            self._contents[before.n_keys + stored] = of_stored
            first = np.delete(first, stored)
        is_known[first] = False
        is_same = self._contents[keys] == contents
        return is_known & is_same, is_known & ~is_same

    def _make_room(self) -> None:
        if len(self._keys) > len(self._contents):
            grown = np.zeros(2 * len(self._keys), np.uint64)
            grown[: len(self._contents)] = self._contents
            self._contents = grown


class StoredIds:
    """The contents of the rows that a store has under some ids.

    The index of ids says which rows may have them; the groups of rows around those are read, once
    in a load, and compared.

    Parameters
    ----------
    known
        The store.
    table
        Which of its tables.
    """

    def __init__(self, known: Known, table: Table) -> None:
        self._known = known
        self._table = table
        self._starts: dict[str, IntArray] = {}
        self._groups: dict[tuple[str, int], tuple[pa.Array, Hashes]] = {}
        self._index: IdIndex | None = None
        has_ids = any(file.table == table.name and file.kept.get("has_id") for file in known.files)
        if has_ids and known.store is not None and known.base is not None:
            self._index = IdIndex(known.store, known.base, table.name)

    def contents_of(self, ids: pa.Array) -> tuple[IntArray, Hashes]:
        """Places among the ids, ascending, of those that the store has, and their contents."""
        contents = np.zeros(len(ids), np.uint64)
        is_there = np.zeros(len(ids), np.bool_)
        for file, places, rows in () if self._index is None else self._index.candidates(ids):
            starts = self._starts_of(file)
            groups = np.searchsorted(starts, rows, "right") - 1
            for group in np.unique(groups).tolist():
                of_group = groups == group
                found, hashes = self._group(file, group)
                at, within = places[of_group], rows[of_group] - starts[group]
                is_same = pc.equal(ids.take(pa.array(at)), found.take(pa.array(within)))
                same = np.flatnonzero(pc.fill_null(is_same, False).to_numpy(zero_copy_only=False))
                is_there[at[same]] = True
                contents[at[same]] = hashes[within[same]]
        return np.flatnonzero(is_there), contents[is_there]

    def _starts_of(self, file: DataFile) -> IntArray:
        if file.name not in self._starts:
            self._starts[file.name] = groups_of_rows(self._path(file), file.rows)
        return self._starts[file.name]

    def _group(self, file: DataFile, group: int) -> tuple[pa.Array, Hashes]:
        """The ids of a group of rows and the hashes of their contents."""
        if (file.name, group) not in self._groups:
            rows = read_group(self._path(file), group, file.rows)
            values = {
                column.name: self._known.decode(column, rows[column.name])
                for column in self._table.columns
            }
            values["properties"] = rows["properties"]
            ids = as_one(rows["id"]).cast(pa.large_string())
            self._groups[file.name, group] = ids, hash_contents(self._table, values)
        return self._groups[file.name, group]

    def _path(self, file: DataFile) -> Path:
        assert self._known.store is not None
        return self._known.store.table_folder(self._table.name) / file.name


def hash_contents(table: Table, values: Mapping[str, pa.Array | pa.ChunkedArray]) -> Hashes:
    """A hash of each row but for its id; equal for rows of equal content within this process."""
    import polars as pl

    kept = [column for column in table.columns if column.name != "id"]
    columns = {column.name: _plain_type(column, values[column.name]) for column in kept}
    columns["properties"] = _plain_type(None, values["properties"])
    frame = pl.DataFrame(pl.from_arrow(pa.table(columns)))
    return frame.hash_rows(seed=0).to_numpy()


def _plain_type(
    column: Column | None, values: pa.Array | pa.ChunkedArray
) -> pa.Array | pa.ChunkedArray:
    is_customer = column is not None and column.kind is Kind.CUSTOMER
    if pa.types.is_dictionary(values.type) or is_customer:
        return values.cast(pa.string())
    return values.cast(pa.int64()) if pa.types.is_timestamp(values.type) else values
