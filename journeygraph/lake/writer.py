"""Writing to a store: everything is staged first, and one rename at the end makes it visible.

    1  rows become data files in `staging/`
    2  they are moved into the folders of their tables, where nothing names them yet
    3  every changed table gets one Delta commit, read back
    4  all that is flushed to the disk
    5  the version is written; from here on the load is there

A crash before 5 leaves what no version names; the next writer takes it back. Tables do not wait
for each other: 1 to 3 are done table by table on threads, 4 all at once, while indexes are made.
"""

from __future__ import annotations

import dataclasses
import shutil
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pyarrow as pa

from journeygraph.durations import Duration, parse_duration
from journeygraph.lake import delta
from journeygraph.lake.draft import TableDraft
from journeygraph.lake.durable import make_folder, sync_all
from journeygraph.lake.errors import EmptyStoreError, UnfitRowsError, reporting_access
from journeygraph.lake.lock import exclusive_lock
from journeygraph.lake.log import LogReader, digest_of_files
from journeygraph.lake.names import CustomerKeys
from journeygraph.lake.store import Store
from journeygraph.lake.tables import STORED_TABLES, StoredTable
from journeygraph.lake.text_indexes import make_indexes
from journeygraph.lake.versions import Dictionary, StoreVersion, save_version
from journeygraph.threads import on_threads

__all__ = ["StoreWriter", "open_writer"]

_CHECKPOINT_EVERY = 20
_NOTHING = StoreVersion(
    number=0, at_us=0, kind="", load=None, note="", tables={}, revisions={}, digests={}, counts={},
    next_load=1,
)  # fmt: skip


class StoreWriter:
    """What the holder of the lock writes with; made by `Store.writer`.

    Parameters
    ----------
    store
        Where to.
    base
        The version that it builds on; None for an empty store.
    staging
        A folder of its own.
    """

    def __init__(self, store: Store, base: StoreVersion | None, staging: Path) -> None:
        self.store = store
        self.base = base
        self._staging = staging
        self._drafts: dict[str, TableDraft] = {}
        self._with_ids: set[str] = set()

    @property
    def next_load(self) -> int:
        """The number that a new load gets: 1, 2, …; none is given twice."""
        return self._before.next_load

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

        Raises
        ------
        UnfitRowsError
            Where columns, types or the load do not fit; nothing is converted.
        """
        ready = _fit(STORED_TABLES[table], rows, load)
        if table != "identities" and "id" in ready.column_names:
            self._with_ids |= {table} if ready["id"].null_count < ready.num_rows else set()
        with reporting_access(self.store.path, "written"):
            self._draft(table).append(ready, load)

    def remove_load(self, table: str, load: int) -> None:
        """Take the rows of a load out of a table."""
        with reporting_access(self.store.path, "written"):
            self._draft(table).replace_load(load, None)

    def replace_load(self, table: str, load: int, rows: pa.Table) -> None:
        """Put other rows in the place of the rows of a load."""
        ready = _fit(STORED_TABLES[table], rows, load)
        with reporting_access(self.store.path, "written"):
            self._draft(table).replace_load(load, ready)

    def replace_rows(
        self,
        table: StoredTable,
        is_kept: Callable[[pa.Table], pa.ChunkedArray],
        new: Sequence[pa.Table],
    ) -> None:
        """Keep some rows of a table without loads, and put others behind them.

        Parameters
        ----------
        table
            Which; it is made where the store does not have it.
        is_kept
            Of rows, which stay: true or false each. Files of which all stay are not touched.
        new
            Rows that come; each of these tables into files of its own.

        Raises
        ------
        UnfitRowsError
            Where columns or types do not fit.
        """
        before = self._before
        if table.name in before.tables and self.store.table(table.name, before) != table:
            raise UnfitRowsError(table.name, "it has other columns; write them to another table")
        ready = [_fit(table, rows, None) for rows in new]
        with reporting_access(self.store.path, "written"):
            self._draft(table.name, table).replace_rows(is_kept, ready)

    def commit(
        self,
        *,
        kind: str,
        load: int | None = None,
        note: str = "",
        currency: str | None = None,
        exponent: int | None = None,
        dictionary: Dictionary | None = None,
        customers: CustomerKeys | None = None,
    ) -> StoreVersion:
        """Make everything staged visible at once, as a new version of the store.

        Currency, exponent and dictionary stay as they were where they are not given. `customers`
        are the keys of all customers, where they are at hand: it spares reading them again.
        """
        before = self._before
        with reporting_access(self.store.path, "written"):
            on_threads(TableDraft.fold, list(self._drafts.values()))
            changed = self._changed()
            named = self._commit_tables(before, changed, customers)
            version = dataclasses.replace(
                named,
                number=before.number + 1,
                at_us=time.time_ns() // 1_000,
                kind=kind,
                load=load,
                note=note,
                revisions={**before.revisions, **{name: named.digests[name] for name in changed}},
                counts={**before.counts, **{name: draft.rows for name, draft in changed.items()}},
                next_load=max(before.next_load, 1 + (load or 0)),
                currency=before.currency if currency is None else currency,
                exponent=before.exponent if exponent is None else exponent,
                dictionary=before.dictionary if dictionary is None else dictionary,
            )
            self._publish(version)
        return version

    def compact(self) -> StoreVersion:
        """Merge the small files of all tables; the last version then names the merged ones.

        It keeps its number: no row has changed.
        """
        if self.base is None:
            raise EmptyStoreError(self.store.path)
        with reporting_access(self.store.path, "written"):
            for table in self.base.tables:
                self._draft(table).compact()
            version = self._commit_tables(self.base, self._changed())
            for name, delta_version in version.tables.items():
                delta.checkpoint(self.store.table_folder(name), delta_version)
            self._publish(version)
        return version

    def discard(self) -> None:
        """Forget everything staged."""
        for draft in self._drafts.values():
            draft.abandon()
        self._drafts.clear()
        shutil.rmtree(self._staging, ignore_errors=True)

    @property
    def _before(self) -> StoreVersion:
        return _NOTHING if self.base is None else self.base

    def _draft(self, table: str, columns: StoredTable | None = None) -> TableDraft:
        if table not in self._drafts:
            staging = self._staging / table
            staging.mkdir(parents=True, exist_ok=True)
            self._drafts[table] = TableDraft(
                columns or self.store.table(table, self._before),
                self.store.table_folder(table),
                staging,
                self.store.files(table, self._before),
                self._before.number + 1,
            )
        return self._drafts[table]

    def _changed(self) -> dict[str, TableDraft]:
        return {name: draft for name, draft in self._drafts.items() if draft.added or draft.removed}

    def _commit_tables(
        self,
        before: StoreVersion,
        changed: dict[str, TableDraft],
        customers: CustomerKeys | None = None,
    ) -> StoreVersion:
        """Commit all tables; the version before, naming what was committed.

        Indexes are made while files are flushed, which is mostly waiting.
        """
        names = list(changed)
        numbers = on_threads(lambda name: _commit_table(before, changed[name]), names)
        tables = {**before.tables, **dict(zip(names, numbers, strict=True))}
        digests = {name: digest_of_files(draft.files) for name, draft in changed.items()}
        named = dataclasses.replace(before, tables=tables, digests={**before.digests, **digests})
        unflushed = [
            path
            for name, draft in changed.items()
            for path in delta.unflushed_by(draft.folder, tables[name], draft.added)
        ]
        indexes = partial(make_indexes, self.store, named, names, self._with_ids, customers)
        on_threads(lambda work: work(), [partial(sync_all, unflushed), indexes])
        for name, draft in changed.items():
            if tables[name] % _CHECKPOINT_EVERY == _CHECKPOINT_EVERY - 1:
                delta.checkpoint(draft.folder, tables[name])
        return named

    def _publish(self, version: StoreVersion) -> None:
        save_version(self.store.path / "versions", version)
        self.base = version
        self._drafts.clear()


def _commit_table(before: StoreVersion, draft: TableDraft) -> int:
    """Move the files of a draft to its table and commit them; the new Delta version."""
    added = draft.added
    draft.folder.mkdir(parents=True, exist_ok=True)
    for file in added:
        (draft.staging / file.name).replace(draft.folder / file.name)
    base = before.tables.get(draft.table.name)
    number = delta.commit(draft.folder, draft.table, base, added, draft.removed)
    # read back: the library's word is not taken for it
    reader = LogReader(draft.folder, -1 if base is None else base, draft.base)
    reader.files(number, digest_of_files(draft.files))
    return number


@contextmanager
def open_writer(store: Store, wait: Duration) -> Iterator[StoreWriter]:
    """Take the lock, take back what a crash has left, and write; see `Store.writer`."""
    wait_us = parse_duration(wait, "wait")
    with ExitStack() as stack:
        with reporting_access(store.path, "written"):
            stack.enter_context(exclusive_lock(store.path / "lock", wait_us))
            base = store.latest()
            _recover(store, base)
            staging = store.path / "staging" / uuid.uuid4().hex
            staging.mkdir(parents=True)
        writer = StoreWriter(store, base, staging)
        stack.callback(writer.discard)
        yield writer


def _recover(store: Store, base: StoreVersion | None) -> None:
    shutil.rmtree(store.path / "staging", ignore_errors=True)
    for name in ("tables", "versions"):
        make_folder(store.path / name)
    for table in store.table_names():
        named = None if base is None else base.tables.get(table)
        delta.roll_back(store.table_folder(table), named, store.path / "attic")


def _fit(table: StoredTable, rows: pa.Table | pa.RecordBatch, load: int | None) -> pa.Table:
    """The rows with exactly the columns of the table; nothing is converted but kinds of text."""
    if (load is not None) is not table.by_load:
        raise UnfitRowsError(table.name, "they need a load" if table.by_load else "it has no loads")
    given = rows if isinstance(rows, pa.Table) else pa.Table.from_batches([rows])
    if sorted(given.column_names) != sorted(table.columns.names):
        raise UnfitRowsError(
            table.name, f"columns {given.column_names} instead of {table.columns.names}"
        )
    columns = [_fit_column(table, field, given[field.name]) for field in table.columns]
    if load is not None:
        columns.insert(0, pa.repeat(pa.scalar(load, pa.int32()), given.num_rows))
    return pa.table(columns, schema=table.arrow_schema)


def _fit_column(table: StoredTable, field: pa.Field, given: pa.ChunkedArray) -> pa.ChunkedArray:
    if field.type == pa.string() and given.type in (pa.large_string(), pa.string_view()):
        given = given.cast(pa.string())
    if given.type != field.type:
        raise UnfitRowsError(table.name, f"{field.name} is {given.type} instead of {field.type}")
    if not field.nullable and given.null_count:
        raise UnfitRowsError(table.name, f"{field.name} is missing in {given.null_count} of them")
    return given
