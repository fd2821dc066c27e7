"""Data files: immutable Parquet files that prove their own content.

A file is named `<segment>-<footer digest>-<SHA-256>.parquet`. Its pages carry checksums, which
every read verifies; Parquet has none for its footer, where one flipped bit in 70 was read as
something else, so every read compares the footer with the digest in the name. It has none for
the headers of pages either: the values that they promise and the rows that come are counted.
The SHA-256 of the whole is what `check` compares.

`segment` orders the files of a table: the number of the load (or of the store version, for
tables without loads) times a million, plus the number of the file within it. Reading files by
segment gives rows in the order of arrival.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from journeygraph.lake.durable import sync_file
from journeygraph.lake.errors import DamagedStoreError
from journeygraph.lake.file_schema import FileSchema, restored
from journeygraph.lake.pages import UnfitPagesError, check_pages
from journeygraph.lake.tables import StoredTable

__all__ = [
    "FILES_PER_LOAD",
    "ROWS_PER_FILE",
    "DataFile",
    "SegmentWriter",
    "digest_in_name",
    "groups_of_rows",
    "iterate_file",
    "read_file",
    "read_group",
    "same_in_all_rows",
    "sha256_of",
]

FILES_PER_LOAD = 1_000_000
"""How far the segments of two loads are apart."""

ROWS_PER_FILE = 4 << 20
"""How many rows a file has at most."""

_ROWS_PER_GROUP = 1 << 17
_BYTES_PER_GROUP = 16 << 20
_NAME = re.compile(r"\d+-([0-9a-f]{16})-([0-9a-f]{64})\.parquet")
_MAGIC = b"PAR1"
_MOSTLY_DIFFERENT = {"row", "customer", "at", "line", "referrer", "referred", "id", "raw"}
_CODES = {"touchpoint", "channel", "team", "medium"}
"""Codes of names: packed as differences they take half as long to write as with a dictionary, and
as much room compressed as not."""
_DENSE = {"customer", "at"}
"""Columns of which compression spares too little for what it takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """A data file of a table; `name` is relative to the table's folder."""

    name: str
    segment: int
    rows: int
    size: int
    first_load: int | None
    last_load: int | None


class SegmentWriter:
    """Writes rows into data files of bounded size, in order, with bounded memory.

    Parameters
    ----------
    folder
        Where the files are written.
    table
        The table that they belong to.
    segment
        The segment of the first file; those that follow count up.
    at_once
        Whether rows that fit into one file must come into one: then no column is left out of it
        because the first rows say nothing in it.
    """

    def __init__(
        self, folder: Path, table: StoredTable, segment: int, *, at_once: bool = False
    ) -> None:
        self._folder = folder
        self._table = table
        self._segment = segment
        self._loose = set(table.arrow_schema.names) if at_once else set()
        self._file = FileSchema(table.arrow_schema)
        self._waiting: list[pa.Table] = []
        self._waiting_rows = self._waiting_bytes = 0
        self._open: pq.ParquetWriter | None = None
        self._rows = 0
        self._loads: list[int] = []
        self._files: list[DataFile] = []

    def append(self, rows: pa.Table) -> None:
        """Take rows of the table's schema."""
        for start in range(0, rows.num_rows, _ROWS_PER_GROUP):
            part = rows.slice(start, _ROWS_PER_GROUP)
            self._waiting.append(part)
            self._waiting_rows += part.num_rows
            self._waiting_bytes += part.nbytes
            if self._waiting_rows >= _ROWS_PER_GROUP or self._waiting_bytes >= _BYTES_PER_GROUP:
                self._write_group()

    def finish(self) -> list[DataFile]:
        """Close the last file and give all of them; the last one is not flushed."""
        self._write_group()
        self._close()
        return self._files

    def abandon(self) -> None:
        """Give up the open file. What closing says of it is of no interest: it is rubbish."""
        if self._open is not None:
            with suppress(OSError, pa.ArrowException):
                self._open.close()
            self._open.is_open = False  # or it would be closed once more
            self._open = None

    def _write_group(self) -> None:
        if not self._waiting_rows:
            return
        group = pa.concat_tables(self._waiting)
        self._waiting, self._waiting_rows, self._waiting_bytes = [], 0, 0
        misfits = self._file.misfits(group)
        self._loose |= misfits  # at most one file more for each column
        if misfits or self._rows + group.num_rows > ROWS_PER_FILE:
            self._close(is_last=False)
        if self._open is None:
            self._open = self._opened(group)
        written = self._file.fitted(group)
        self._open.write_table(written, row_group_size=group.num_rows)
        if written.nbytes >= _BYTES_PER_GROUP:  # else it keeps the most there ever was
            pa.default_memory_pool().release_unused()
        self._rows += group.num_rows
        if self._table.by_load:
            self._loads += [group["load"][0].as_py(), group["load"][-1].as_py()]

    def _opened(self, first: pa.Table) -> pq.ParquetWriter:
        self._file = FileSchema.of(self._table.arrow_schema, first, self._loose)
        schema = self._file.written
        texts = [field.name for field in schema if field.type == pa.string()]
        numbers = [field.name for field in schema if field.type != pa.string()]
        codes = {name for name in numbers if name in _CODES - self._file.constant}
        packed = codes | {name for name in numbers if name in _MOSTLY_DIFFERENT}
        without = _MOSTLY_DIFFERENT | packed | self._file.constant
        compressed = [name for name in schema.names if name not in _DENSE | codes]
        return pq.ParquetWriter(
            self._temporary,
            schema,
            compression={name: "zstd" if name in compressed else "none" for name in schema.names},
            compression_level=dict.fromkeys(compressed, 1),
            write_page_checksum=True,
            write_statistics=numbers,  # never of texts: an erased id would live on in them
            use_dictionary=[name for name in (*texts, *numbers) if name not in without],
            column_encoding=dict.fromkeys(packed, "DELTA_BINARY_PACKED"),
        )

    @property
    def _temporary(self) -> Path:
        return self._folder / f"{self._table.name}-{self._segment}.tmp"

    def _close(self, *, is_last: bool = True) -> None:
        if self._open is None:
            return
        self._open.close()
        pa.default_memory_pool().release_unused()
        self._open, self._file = None, FileSchema(self._table.arrow_schema)
        if not is_last:  # now, while others work; the last one is flushed with the commit
            sync_file(self._temporary)
        name = f"{self._segment:015d}-{_footer_digest(self._temporary)}"
        name += f"-{sha256_of(self._temporary)}.parquet"
        final = self._temporary.rename(self._folder / name)
        self._files.append(
            DataFile(
                name=name,
                segment=self._segment,
                rows=self._rows,
                size=final.stat().st_size,
                first_load=self._loads[0] if self._loads else None,
                last_load=self._loads[-1] if self._loads else None,
            )
        )
        self._segment += 1
        self._rows, self._loads = 0, []


def digest_in_name(path: Path) -> str:
    """The SHA-256 that a data file should have."""
    return _named(path)[2]


def sha256_of(path: Path) -> str:
    """The SHA-256 that a file has."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_file(
    path: Path, columns: Sequence[str] | None = None, n_rows: int | None = None
) -> pa.Table:
    """The rows of a data file, every page verified; DamagedStoreError where one is wrong.

    Parameters
    ----------
    path
        The file.
    columns
        Which columns, all by default.
    n_rows
        How many rows the log says that it has, where that is known.
    """
    with _verified(path, columns, n_rows) as file:
        rows = file.read(columns=columns)
        _compare_rows(path, rows, file.metadata.num_rows)
        return restored(rows, file.schema_arrow, columns)


def iterate_file(
    path: Path, columns: Sequence[str] | None, batch_rows: int, n_rows: int | None = None
) -> Iterator[pa.RecordBatch]:
    """The rows of a data file in batches, verified as they come; see `read_file`.

    A group of rows at a time, because the counts of rows are compared group by group.
    """
    with _verified(path, columns, n_rows) as file:
        schema = file.schema_arrow
        for group in range(file.num_row_groups):
            expected, seen = file.metadata.row_group(group).num_rows, 0
            for batch in file.iter_batches(batch_rows, row_groups=[group], columns=columns):
                seen += batch.num_rows
                _compare_rows(path, batch, min(batch_rows, expected - seen + batch.num_rows))
                yield restored(batch, schema, columns)
            if seen != expected:
                raise _wrong_number_of_rows(path, seen, expected)


def groups_of_rows(path: Path, n_rows: int | None = None) -> npt.NDArray[np.int64]:
    """Where each group of rows of a data file begins, and behind them the number of its rows."""
    with _verified(path, None, n_rows, groups=()) as file:
        groups = range(file.num_row_groups)
        return np.cumsum([0, *(file.metadata.row_group(group).num_rows for group in groups)])


def read_group(path: Path, group: int, n_rows: int | None = None) -> pa.Table:
    """The rows of one group of a data file, every page of it verified; see `read_file`."""
    with _verified(path, None, n_rows, groups=(group,)) as file:
        rows = file.read_row_group(group)
        _compare_rows(path, rows, file.metadata.row_group(group).num_rows)
        return restored(rows, file.schema_arrow, None)


def same_in_all_rows(
    path: Path, columns: Sequence[str], n_rows: int | None = None
) -> dict[str, int]:
    """Columns of numbers that say the same in every row, by the footer of the file, and what."""
    with _verified(path, columns, n_rows, groups=()) as file:
        metadata, found = file.metadata, {}
        groups = [metadata.row_group(group) for group in range(metadata.num_row_groups)]
        for place in range(metadata.num_columns):
            name = metadata.schema.column(place).path
            if name in columns:
                found[name] = {_value_of(group.column(place)) for group in groups}
    alone = {name: values.pop() for name, values in found.items() if len(values) == 1}
    return {name: value for name, value in alone.items() if value is not None}


def _value_of(chunk: pq.ColumnChunkMetaData) -> int | None:
    """What all values of a group of rows are; None where they differ, or nobody says."""
    said = chunk.statistics
    if said is None or not said.has_min_max or not said.has_null_count or said.null_count:
        return None
    is_same = isinstance(said.min, int) and said.min == said.max
    return said.min if is_same else None


@contextmanager
def _verified(
    path: Path,
    columns: Sequence[str] | None,
    n_rows: int | None,
    groups: Iterable[int] | None = None,
) -> Iterator[pq.ParquetFile]:
    try:
        if _footer_digest(path) != _named(path)[1]:
            raise DamagedStoreError(path, "the end of this data file is not what was written")
        with pq.ParquetFile(path, page_checksum_verification=True, pre_buffer=False) as file:
            held = file.metadata.num_rows
            if n_rows not in (None, held):
                raise _wrong_number_of_rows(path, held, n_rows)
            check_pages(path, file.metadata, None if columns is None else set(columns), groups)
            yield file
    except FileNotFoundError as error:
        raise DamagedStoreError(path, "this data file is missing") from error
    except PermissionError:
        raise
    except (pa.ArrowException, OSError, UnfitPagesError) as error:
        reason = str(error).partition("\n")[0]
        raise DamagedStoreError(path, f"this data file cannot be read ({reason})") from error


def _compare_rows(path: Path, rows: pa.Table | pa.RecordBatch, expected: int) -> None:
    """Without this a flip in the header of a page, which no checksum covers, could lose rows."""
    rows.validate()  # all columns have the same number of rows
    if rows.num_rows != expected:
        raise _wrong_number_of_rows(path, rows.num_rows, expected)


def _wrong_number_of_rows(path: Path, seen: int, expected: int | None) -> DamagedStoreError:
    return DamagedStoreError(path, f"{seen} of the {expected} rows of this data file can be read")


def _named(path: Path) -> re.Match[str]:
    match = _NAME.fullmatch(path.name)
    if match is None:
        raise DamagedStoreError(path, "this is not a data file that this program wrote")
    return match


def _footer_digest(path: Path) -> str:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(size - 8, 0))
        tail = file.read()
        length = int.from_bytes(tail[:4], "little") + 8
        if tail[4:] != _MAGIC or length > size:
            return "not the end of a Parquet file"
        file.seek(size - length)
        return hashlib.sha256(file.read()).hexdigest()[:16]
