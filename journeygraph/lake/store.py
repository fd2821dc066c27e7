"""A store: a folder of versioned tables, read one whole version at a time.

    store.json                the mark of a store
    tables/<name>/            Delta tables
    versions/00000001.json    one per version, written last
    staging/                  what a writer has not committed
    attic/                    what a crash left half-committed
    cache/                    what can be made again
    lock                      held by the writer

Readers take no lock: they read what a version names, and that does not change.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import orjson
import pyarrow as pa

from journeygraph.durations import Duration
from journeygraph.lake.durable import make_folder, write_file
from journeygraph.lake.errors import (
    DamagedStoreError,
    EmptyStoreError,
    NewerStoreError,
    NotAStoreError,
    StoreNotFoundError,
    UnknownVersionError,
    reporting_access,
)
from journeygraph.lake.log import files_at
from journeygraph.lake.parquet import DataFile, iterate_file, read_file
from journeygraph.lake.tables import STATISTICS, STORED_TABLES, StoredTable
from journeygraph.lake.versions import StoreVersion, load_version, version_numbers

if TYPE_CHECKING:
    from journeygraph.lake.writer import StoreWriter

__all__ = ["Store", "StoreVersion"]

_Read = TypeVar("_Read")
_LAYOUT = 1
_BATCH_ROWS = 1 << 16


class Store:
    """A store that exists. Made by `create_or_open` or `open`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def create_or_open(cls, path: Path | str) -> Store:
        """The store at `path`; where there is nothing, or an empty folder, a new one."""
        path = Path(path)
        with reporting_access(path, "created"):
            _refuse_file(path)
            if not _has_mark(path):
                make_folder(path)
                _refuse_strangers(path)
                identity = uuid.uuid4().hex
                mark = {"format": "journeygraph", "layout": _LAYOUT, "identity": identity}
                write_file(path / "store.json", orjson.dumps(mark))
        return cls.open(path)

    @classmethod
    def open(cls, path: Path | str) -> Store:
        """The store at `path`.

        Raises
        ------
        StoreNotFoundError, NotAStoreError, NewerStoreError, DamagedStoreError, StoreAccessError
        """
        path = Path(path)
        with reporting_access(path, "read"):
            if not path.exists():
                raise StoreNotFoundError(path)
            _refuse_file(path)
            if not _has_mark(path):
                raise _without_mark(path)
            _check_mark(path / "store.json")
        return cls(path)

    @property
    def identity(self) -> str:
        """What tells this store from any other; a copy has the same. "" where it has none."""
        with reporting_access(self.path, "read"):
            return str(_check_mark(self.path / "store.json").get("identity", ""))

    def version_numbers(self) -> list[int]:
        """The numbers of all versions, ascending, without reading them."""
        with reporting_access(self.path, "read"):
            return version_numbers(self.path / "versions")

    def changed_at(self) -> tuple[int, int]:
        """What differs after a version was added; one look at a folder, for those who ask often."""
        with reporting_access(self.path, "read"):
            try:
                facts = (self.path / "versions").stat()
            except FileNotFoundError:
                return 0, 0
            return facts.st_mtime_ns, facts.st_ino

    def versions(self) -> list[StoreVersion]:
        """All versions, the first first."""
        with reporting_access(self.path, "read"):
            return [
                load_version(self.path / "versions", number) for number in self.version_numbers()
            ]

    def latest(self) -> StoreVersion | None:
        """The last version; None where nothing has been loaded."""
        numbers = self.version_numbers()
        with reporting_access(self.path, "read"):
            return load_version(self.path / "versions", numbers[-1]) if numbers else None

    def version(self, number: int | None = None) -> StoreVersion:
        """A version by its number, the last by default.

        Raises
        ------
        EmptyStoreError, UnknownVersionError
        """
        numbers = self.version_numbers()
        if not numbers:
            raise EmptyStoreError(self.path)
        if number is None:
            number = numbers[-1]
        if number not in numbers:
            raise UnknownVersionError(self.path, number, numbers)
        with reporting_access(self.path, "read"):
            return load_version(self.path / "versions", number)

    def has_rows(self, table: str, version: StoreVersion) -> bool:
        """Whether a table has any row in this version."""
        return version.counts.get(table, 0) > 0

    def files(self, table: str, version: StoreVersion) -> list[DataFile]:
        """The data files of a table, in the order of their rows."""
        if table not in version.tables:
            return []
        with reporting_access(self.path, "read"):
            return self._even_if_compacted(table, version, partial(self._files, table))

    def table_folder(self, table: str) -> Path:
        """Where a table is kept."""
        return self.path / "tables" / table

    def table_names(self) -> list[str]:
        """Every table that there can be something of: those of a store, then stored statistics."""
        folders = sorted((self.path / "tables").glob(f"{STATISTICS}*"))
        return [*STORED_TABLES, *(folder.name for folder in folders)]

    def table(self, name: str, version: StoreVersion) -> StoredTable:
        """A table with its columns; those of stored statistics are read from its log."""
        if name in STORED_TABLES:
            return STORED_TABLES[name]
        with reporting_access(self.path, "read"):
            from journeygraph.lake.delta import columns_of

            columns = columns_of(self.table_folder(name), version.tables[name])
        return StoredTable(name, columns, False)

    def read(
        self,
        table: str,
        version: StoreVersion,
        columns: Sequence[str] | None = None,
        loads: Collection[int] | None = None,
    ) -> pa.Table:
        """The rows of a table in the order in which they arrived.

        Parameters
        ----------
        table
            One of `STORED_TABLES`, or of stored statistics that the version has.
        version
            As of when.
        columns
            Which columns, all by default. `load` always comes in front where rows belong to a
            load.
        loads
            Only the rows of these loads.

        Raises
        ------
        DamagedStoreError
            Naming the file whose content is not what was written.
        """
        read = partial(self._read, table, columns, loads)
        with reporting_access(self.path, "read"):
            return self._even_if_compacted(table, version, read)

    def batches(
        self, table: str, version: StoreVersion, columns: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """The same as `read`, in batches of bounded size."""
        schema = _selected(self.table(table, version), columns)
        with reporting_access(self.path, "read"):
            for file in self.files(table, version):
                path = self.table_folder(table) / file.name
                for batch in iterate_file(path, schema.names, _BATCH_ROWS, file.rows):
                    yield batch.cast(schema)

    def writer(self, wait: Duration = "10s") -> AbstractContextManager[StoreWriter]:
        """The right to write, exclusively; what is not committed when it ends is discarded.

        Parameters
        ----------
        wait
            How long to wait for another writer before giving up with StoreBusyError.
        """
        from journeygraph.lake.writer import open_writer

        return open_writer(self, wait)

    def _files(self, table: str, version: StoreVersion) -> list[DataFile]:
        return files_at(self.table_folder(table), version.tables[table], version.digests[table])

    def _read(
        self,
        table: str,
        columns: Sequence[str] | None,
        loads: Collection[int] | None,
        version: StoreVersion,
    ) -> pa.Table:
        schema = _selected(self.table(table, version), columns)
        parts = [schema.empty_table()]
        for file in _of_loads(self.files(table, version), loads):
            path = self.table_folder(table) / file.name
            rows = read_file(path, schema.names, file.rows)
            parts.append(_rows_of_loads(rows.cast(schema), file, loads))
        return pa.concat_tables(parts)

    def _even_if_compacted(
        self, table: str, version: StoreVersion, read: Callable[[StoreVersion], _Read]
    ) -> _Read:
        """What is read; again, if meanwhile the version was compacted and its old files vacuumed.

        A reader may hold a version for hours.
        """
        try:
            return read(version)
        except DamagedStoreError:
            now = self.version(version.number)
            if now.digests.get(table) == version.digests.get(table):
                raise
            return read(now)


def _has_mark(path: Path) -> bool:
    return (path / "store.json").exists()


def _refuse_file(path: Path) -> None:
    if path.exists() and not path.is_dir():
        raise NotAStoreError(path, "a file")
    for parent in path.parents:
        if parent.exists() and not parent.is_dir():
            raise NotAStoreError(path, f"below {parent}, which is a file")


def _without_mark(path: Path) -> DamagedStoreError | NotAStoreError:
    if (path / "versions").is_dir() and (path / "tables").is_dir():
        return DamagedStoreError(path / "store.json", "the mark of the store is missing")
    return NotAStoreError(path, "some other folder" if any(path.iterdir()) else "an empty folder")


def _refuse_strangers(path: Path) -> None:
    """A new store goes into an empty folder only, but for what its own making has left."""
    if any(not child.name.startswith(".store.json.") for child in path.iterdir()):
        raise _without_mark(path)


def _check_mark(mark: Path) -> dict[str, Any]:
    try:
        content = orjson.loads(mark.read_bytes())
    except orjson.JSONDecodeError as error:
        raise DamagedStoreError(mark, "the mark of the store cannot be read") from error
    if not isinstance(content, dict) or content.get("format") != "journeygraph":
        raise NotAStoreError(mark.parent, "a folder of another program")
    if content.get("layout") != _LAYOUT:
        raise NewerStoreError(mark.parent, content.get("layout"), _LAYOUT)
    return content


def _selected(table: StoredTable, columns: Sequence[str] | None) -> pa.Schema:
    schema = table.arrow_schema
    if columns is None:
        return schema
    names = list(dict.fromkeys([*(["load"] if "load" in schema.names else []), *columns]))
    return pa.schema([schema.field(name) for name in names])


def _of_loads(files: list[DataFile], loads: Collection[int] | None) -> list[DataFile]:
    if loads is None:
        return files
    return [
        file
        for file in files
        if file.first_load is not None
        and file.last_load is not None
        and any(file.first_load <= load <= file.last_load for load in loads)
    ]


def _rows_of_loads(rows: pa.Table, file: DataFile, loads: Collection[int] | None) -> pa.Table:
    if loads is None or file.first_load == file.last_load:
        return rows
    import pyarrow.compute as pc

    return rows.filter(pc.is_in(rows["load"], pa.array(sorted(loads), pa.int32())))
