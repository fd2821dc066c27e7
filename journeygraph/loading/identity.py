"""Which rows are there already: by the file they come from, or by an id of their own.

The same file again brings what it brought before, row by row; only rows that were not accepted
then can be. A row with an id is a duplicate where the id has the same content, and a conflict
where it has another. Ids are compared as texts; contents by a hash of 64 bits, but only ever
those of one id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.lake.names import CustomerKeys
from journeygraph.loading.known import Known
from journeygraph.loading.readers.batches import IntArray
from journeygraph.schema import Table

__all__ = ["EarlierRows", "KnownIds", "earlier_rows"]

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
        self._known = known
        self._table = table
        self._loads = {
            file.load
            for file in known.files
            if file.table == table.name and file.kept.get("has_id")
        }
        # The keys of ids, by the same means as those of customers.
        self._keys = CustomerKeys()
        stored = known.read(table.name, ["id"], self._loads)["id"] if self._loads else None
        if stored is not None:
            self._keys.encode(stored)
        self._n_stored = len(self._keys)
        self._contents = np.zeros(2 * self._n_stored + 1024, np.uint64)
        self._is_read = self._n_stored == 0

    def settle(self, values: Mapping[str, pa.Array]) -> tuple[Mask, Mask]:
        """Which of these rows, all otherwise fit, are duplicates, and which are conflicts."""
        n_before = len(self._keys)
        keys = self._keys.encode(values["id"])
        contents = hash_contents(self._table, values)
        self._make_room()
        if not self._is_read and ((keys >= 0) & (keys < self._n_stored)).any():
            self._read_stored()
        fresh, first = np.unique(keys, return_index=True)
        first = first[fresh >= n_before]
        self._contents[keys[first]] = contents[first]
        is_known = keys >= 0
        is_known[first] = False
        is_same = self._contents[keys] == contents
        return is_known & is_same, is_known & ~is_same

    def _make_room(self) -> None:
        if len(self._keys) > len(self._contents):
            grown = np.zeros(2 * len(self._keys), np.uint64)
            grown[: len(self._contents)] = self._contents
            self._contents = grown

    def _read_stored(self) -> None:
        """Hash the contents that the store has, now that one of them is asked for."""
        rows = self._known.read(self._table.name, None, self._loads)
        values = {
            column.name: self._known.decode(column, rows[column.name])
            for column in self._table.columns
        }
        values["properties"] = rows["properties"]
        keys = self._keys.encode(rows["id"])
        contents = hash_contents(self._table, values)
        self._contents[keys[keys >= 0]] = contents[keys >= 0]
        self._is_read = True


def hash_contents(table: Table, values: Mapping[str, pa.Array | pa.ChunkedArray]) -> Hashes:
    """A hash of each row but for its id; equal for rows of equal content within this process."""
    import polars as pl

    names = [column.name for column in table.columns if column.name != "id"]
    columns = {name: _plain_type(values[name]) for name in (*names, "properties")}
    frame = pl.DataFrame(pl.from_arrow(pa.table(columns)))
    return frame.hash_rows(seed=0).to_numpy()


def _plain_type(values: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    if pa.types.is_dictionary(values.type):
        return values.cast(pa.string())
    return values.cast(pa.int64()) if pa.types.is_timestamp(values.type) else values
