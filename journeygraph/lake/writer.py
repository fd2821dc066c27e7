"""Writing to a store: everything is staged first, and one rename at the end makes it visible.

    1  rows become data files in `staging/`, flushed
    2  they are moved into the folders of their tables, where nothing names them yet
    3  every changed table gets one Delta commit, flushed and read back
    4  the version is written; from here on the load is there

A crash before 4 leaves what no version names; the next writer takes it back (`recover`).
"""

from __future__ import annotations

import shutil
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from journeygraph.durations import Duration, parse_duration
from journeygraph.lake import delta
from journeygraph.lake.durable import make_folder, sync_folder
from journeygraph.lake.errors import UnfitRowsError, reporting_access
from journeygraph.lake.lock import exclusive_lock
from journeygraph.lake.parquet import FILES_PER_LOAD, DataFile, SegmentWriter, read_file
from journeygraph.lake.store import Store
from journeygraph.lake.tables import STORED_TABLES, StoredTable
from journeygraph.lake.versions import Dictionary, StoreVersion, save_version

__all__ = ["StoreWriter", "open_writer"]

_CHECKPOINT_EVERY = 50
_V = TypeVar("_V")


@dataclass(slots=True)
class _Draft:
    """A table as it will be: `files` in order, of which those not in `base` are staged."""

    table: StoredTable
    base: list[DataFile]
    files: list[DataFile]
    open: SegmentWriter | None = None
    open_load: int | None = None

    @property
    def added(self) -> list[DataFile]:
        known = {file.name for file in self.base}
        return [file for file in self.files if file.name not in known]

    @property
    def removed(self) -> list[DataFile]:
        kept = {file.name for file in self.files}
        return [file for file in self.base if file.name not in kept]


@dataclass(slots=True)
class StoreWriter:
    """What the holder of the lock writes with; made by `Store.writer`.

    Parameters
    ----------
    store
        Where to.
    base
        The version that it builds on; None for an empty store.
    """

    store: Store
    base: StoreVersion | None
    _staging: Path
    _drafts: dict[str, _Draft] = field(default_factory=dict)

    @property
    def next_load(self) -> int:
        """The number that a new load gets, from 1."""
        return 1 if self.base is None else self.base.next_load

    def append(self, table: str, rows: pa.Table | pa.RecordBatch, load: int | None = None) -> None:
        """Stage rows at the end of a table, in bounded memory.

        Parameters
        ----------
        table
            One of `STORED_TABLES`.
        rows
            Exactly its columns, in any order, without `load`.
        load
            The load that they belong to, at least the last one that the table has; None for
            the tables without loads.
        """
        draft = self._draft(table)
        ready = _fit(draft.table, rows, load)
        if ready.num_rows == 0:
            return
        with reporting_access(self.store.path, "written"):
            self._open_segment(draft, load).append(ready)

    def remove_load(self, table: str, load: int) -> None:
        """Take the rows of a load out of a table."""
        self._replace(table, load, None)

    def replace_load(self, table: str, load: int, rows: pa.Table) -> None:
        """Put other rows in the place of the rows of a load."""
        self._replace(table, load, _fit(self._draft(table).table, rows, load))

    def commit(
        self,
        *,
        kind: str,
        load: int | None = None,
        note: str = "",
        currency: str | None = None,
        exponent: int | None = None,
        dictionary: Dictionary | None = None,
    ) -> StoreVersion:
        """Make everything staged visible at once, as a new version of the store.

        What is not given (currency, exponent, dictionary) stays as it was.
        """
        base = self.base
        number = 1 if base is None else base.number + 1
        with reporting_access(self.store.path, "written"):
            for draft in self._drafts.values():
                _close(draft)
            changed = {name: draft for name, draft in self._drafts.items() if _differs(draft)}
            named = {name: self._commit_table(draft) for name, draft in changed.items()}
            version = StoreVersion(
                number=number,
                at_us=time.time_ns() // 1_000,
                kind=kind,
                load=load,
                note=note,
                tables=_merged(base.tables if base else None, named),
                revisions=_merged(base.revisions if base else None, dict.fromkeys(changed, number)),
                digests=_merged(
                    base.digests if base else None,
                    {name: delta.digest_of_files(draft.files) for name, draft in changed.items()},
                ),
                counts=_merged(
                    base.counts if base else None,
                    {
                        name: sum(file.rows for file in draft.files)
                        for name, draft in changed.items()
                    },
                ),
                next_load=max(self.next_load, 1 + (load or 0)),
                currency=currency or (base.currency if base else None),
                exponent=exponent if exponent is not None else base.exponent if base else 2,
                dictionary=dictionary
                if dictionary is not None
                else base.dictionary
                if base
                else {},
            )
            self._verify(version, changed)
            save_version(self.store.path / "versions", version)
            self._checkpoint(version, changed)
        self.base = version
        self._drafts.clear()
        return version

    def discard(self) -> None:
        """Forget everything staged."""
        for draft in self._drafts.values():
            if draft.open is not None:
                draft.open.abandon()
        self._drafts.clear()
        shutil.rmtree(self._staging, ignore_errors=True)

    def _draft(self, table: str) -> _Draft:
        if table not in self._drafts:
            files = [] if self.base is None else self.store.files(table, self.base)
            self._drafts[table] = _Draft(STORED_TABLES[table], files, list(files))
        return self._drafts[table]

    def _open_segment(self, draft: _Draft, load: int | None) -> SegmentWriter:
        if draft.open is not None and draft.open_load == load:
            return draft.open
        _close(draft)
        segment = self._first_segment(load)
        if draft.files:
            last = draft.files[-1]
            if load is not None and last.last_load is not None and load < last.last_load:
                raise UnfitRowsError(
                    draft.table.name,
                    f"load {load} comes after load {last.last_load}, which is later; "
                    "replace the rows of the older load",
                )
            segment = max(segment, last.segment + 1)
        draft.open, draft.open_load = SegmentWriter(self._staging, draft.table, segment), load
        return draft.open

    def _first_segment(self, load: int | None) -> int:
        number = 1 if self.base is None else self.base.number + 1
        return (number if load is None else load) * FILES_PER_LOAD

    def _replace(self, table: str, load: int, rows: pa.Table | None) -> None:
        draft = self._draft(table)
        with reporting_access(self.store.path, "written"):
            _close(draft)
            position = len(draft.files)
            kept: list[DataFile] = []
            for file in draft.files:
                if (file.last_load or 0) < load:
                    kept.append(file)
            later = [file for file in draft.files if (file.first_load or 0) > load]
            position = len(kept)
            for file in draft.files[position : len(draft.files) - len(later)]:
                kept += self._without(draft, file, load)
            draft.files = kept + later
            if rows is not None and rows.num_rows:
                self._insert(draft, load, rows)

    def _without(self, draft: _Draft, file: DataFile, load: int) -> list[DataFile]:
        """What is left of a file without a load: at most a file before and one after it."""
        import pyarrow.compute as pc

        rows = read_file(self._path(draft, file))
        before = rows.filter(pc.less(rows["load"], load))
        after = rows.filter(pc.greater(rows["load"], load))
        left = []
        if before.num_rows:
            left += self._written(draft, file.segment, before)
        if after.num_rows:
            left += self._written(draft, after["load"][0].as_py() * FILES_PER_LOAD, after)
        return left

    def _insert(self, draft: _Draft, load: int, rows: pa.Table) -> None:
        before = [file for file in draft.files if (file.last_load or 0) < load]
        after = draft.files[len(before) :]
        draft.files = [*before, *self._written(draft, load * FILES_PER_LOAD, rows), *after]

    def _written(self, draft: _Draft, segment: int, rows: pa.Table) -> list[DataFile]:
        writer = SegmentWriter(self._staging, draft.table, segment)
        writer.append(rows)
        return writer.finish()

    def _path(self, draft: _Draft, file: DataFile) -> Path:
        staged = self._staging / file.name
        return staged if staged.exists() else self.store.table_folder(draft.table.name) / file.name

    def _commit_table(self, draft: _Draft) -> int:
        folder = self.store.table_folder(draft.table.name)
        make_folder(folder)
        for file in draft.added:
            (self._staging / file.name).replace(folder / file.name)
        sync_folder(folder)
        base = None if self.base is None else self.base.tables.get(draft.table.name)
        return delta.commit(folder, draft.table, base, draft.added, draft.removed)

    def _verify(self, version: StoreVersion, changed: Mapping[str, _Draft]) -> None:
        """Read the lists of files back: the library's word is not taken for it."""
        for name in changed:
            self.store.files(name, version)

    def _checkpoint(self, version: StoreVersion, changed: Mapping[str, _Draft]) -> None:
        for name in changed:
            if version.tables[name] % _CHECKPOINT_EVERY == _CHECKPOINT_EVERY - 1:
                delta.checkpoint(self.store.table_folder(name), version.tables[name])


@contextmanager
def open_writer(store: Store, wait: Duration) -> Iterator[StoreWriter]:
    """Take the lock, take back what a crash has left, and write; see `Store.writer`."""
    wait_us = parse_duration(wait, "wait")
    with reporting_access(store.path, "written"), exclusive_lock(store.path / "lock", wait_us):
        base = store.latest()
        _recover(store, base)
        staging = store.path / "staging" / uuid.uuid4().hex
        make_folder(staging)
        writer = StoreWriter(store, base, staging)
        try:
            yield writer
        finally:
            writer.discard()


def _recover(store: Store, base: StoreVersion | None) -> None:
    shutil.rmtree(store.path / "staging", ignore_errors=True)
    for name in ("tables", "versions"):
        make_folder(store.path / name)
    for table in STORED_TABLES:
        folder = store.table_folder(table)
        if folder.is_dir():
            named = None if base is None else base.tables.get(table)
            delta.roll_back(folder, named, store.path / "attic")


def _fit(table: StoredTable, rows: pa.Table | pa.RecordBatch, load: int | None) -> pa.Table:
    """The rows with exactly the columns of the table; nothing is converted but kinds of text."""
    if (load is not None) is not table.by_load:
        raise UnfitRowsError(table.name, "they need a load" if table.by_load else "it has no loads")
    given = rows if isinstance(rows, pa.Table) else pa.Table.from_batches([rows])
    if sorted(given.column_names) != sorted(table.columns.names):
        raise UnfitRowsError(
            table.name, f"columns {given.column_names} instead of {table.columns.names}"
        )
    columns = [_column(table, field, given[field.name]) for field in table.columns]
    if load is not None:
        columns.insert(0, pa.repeat(pa.scalar(load, pa.int32()), given.num_rows))
    return pa.table(columns, schema=table.arrow_schema)


def _column(table: StoredTable, field: pa.Field, given: pa.ChunkedArray) -> pa.ChunkedArray:
    if field.type == pa.string() and pa.types.is_large_string(given.type):
        given = given.cast(pa.string())
    if given.type != field.type:
        raise UnfitRowsError(table.name, f"{field.name} is {given.type} instead of {field.type}")
    if not field.nullable and given.null_count:
        raise UnfitRowsError(table.name, f"{field.name} is missing in {given.null_count} of them")
    return given


def _close(draft: _Draft) -> None:
    if draft.open is not None:
        draft.files += draft.open.finish()
        draft.open = draft.open_load = None


def _differs(draft: _Draft) -> bool:
    return bool(draft.added or draft.removed)


def _merged(base: Mapping[str, _V] | None, news: Mapping[str, _V]) -> dict[str, _V]:
    return {**(base or {}), **news}
