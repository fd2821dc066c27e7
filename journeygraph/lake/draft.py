"""A table as it will be after the commit: rows appended, loads taken out, small files merged.

A draft is a list of data files in the order of their rows. Whatever changes it writes new files
to `staging/`; a file that is there is never changed. What is added and removed in the end is the
difference to the list it began with.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa

from journeygraph.lake.errors import UnfitRowsError
from journeygraph.lake.parquet import (
    FILES_PER_LOAD,
    ROWS_PER_FILE,
    DataFile,
    SegmentWriter,
    read_file,
)
from journeygraph.lake.tables import StoredTable

__all__ = ["TableDraft"]

_MERGED_BYTES = 256 << 20
_FAN_IN = 16
_TIERS = 4


class TableDraft:
    """The draft of one table.

    Parameters
    ----------
    table
        Which.
    folder
        Where its committed files are.
    staging
        Where its new files go.
    files
        Its committed files, in order.
    version
        The number of the store version that is being made.
    """

    def __init__(
        self, table: StoredTable, folder: Path, staging: Path, files: list[DataFile], version: int
    ) -> None:
        self.table = table
        self.folder = folder
        self.staging = staging
        self.files = list(files)
        self.base = files
        self._version = version
        self._open: SegmentWriter | None = None
        self._open_load: int | None = None

    @property
    def added(self) -> list[DataFile]:
        """The files that are staged."""
        known = {file.name for file in self.base}
        return [file for file in self.files if file.name not in known]

    @property
    def removed(self) -> list[DataFile]:
        """The committed files that are no longer wanted."""
        kept = {file.name for file in self.files}
        return [file for file in self.base if file.name not in kept]

    @property
    def rows(self) -> int:
        """How many rows the table will have."""
        return sum(file.rows for file in self.files)

    def append(self, rows: pa.Table, load: int | None) -> None:
        """Write rows, which fit, after all others."""
        if self._open is None or self._open_load != load:
            self.finish()
            self._open = self._writer(self._next_segment(load), at_once=False)
            self._open_load = load
        self._open.append(rows)

    def finish(self) -> None:
        """Close the file that is being written."""
        if self._open is not None:
            self.files += self._open.finish()
            self._open = self._open_load = None

    def abandon(self) -> None:
        """Give up the file that is being written."""
        if self._open is not None:
            self._open.abandon()
            self._open = None

    def replace_load(self, load: int, rows: pa.Table | None) -> None:
        """Put rows (none: nothing) where those of a load are, or would be."""
        self.finish()
        before = [file for file in self.files if _last(file) < load]
        after = [file for file in self.files if _first(file) > load]
        for file in self.files[len(before) : len(self.files) - len(after)]:
            if file.first_load == file.last_load:
                continue
            old = read_file(self._path(file), n_rows=file.rows)
            before += self._written(file.segment, _where(old, "less", load))
            after = self._written_as_load(_where(old, "greater", load)) + after
        new = [] if rows is None else self._written_as_load(rows)
        self.files = before + new + after

    def replace_rows(
        self, is_kept: Callable[[pa.Table], pa.ChunkedArray], new: Sequence[pa.Table]
    ) -> None:
        """Keep the rows for which it holds, and write others behind them; without loads only."""
        self.finish()
        kept, rest = [], []
        for file in self.files:
            rows = read_file(self._path(file), n_rows=file.rows).cast(self.table.arrow_schema)
            remaining = rows.filter(is_kept(rows))
            if remaining.num_rows == rows.num_rows:
                kept.append(file)
            elif remaining.num_rows:
                rest.append(remaining)
        segment = max(self._next_segment(None), self._version * FILES_PER_LOAD)
        self.files = kept
        for rows in [*([pa.concat_tables(rest)] if rest else []), *new]:
            if rows.num_rows:
                written = self._written(segment, rows)
                self.files += written
                segment = written[-1].segment + 1

    def fold(self) -> None:
        """Merge the last files where many small ones have come together.

        Sixteen files of a tier become one of the next, so that thousands of small loads leave
        some dozens of files, and every row is rewritten a few times at most.
        """
        self.finish()
        for tier in range(_TIERS):
            run = self._last_files(tier)
            if len(run) >= _FAN_IN and _fits(run):
                self.files[-len(run) :] = self._merged(run)

    def compact(self) -> None:
        """Merge neighbours into files as large as they may be."""
        self.finish()
        runs: list[list[DataFile]] = []
        for file in self.files:
            if runs and _fits([*runs[-1], file]):
                runs[-1].append(file)
            else:
                runs.append([file])
        self.files = [file for run in runs for file in self._merged(run)]

    def _next_segment(self, load: int | None) -> int:
        segment = (self._version if load is None else load) * FILES_PER_LOAD
        if not self.files:
            return segment
        last = self.files[-1]
        if load is not None and load < _last(last):
            raise UnfitRowsError(
                self.table.name,
                f"load {load} would come after load {last.last_load}; replace the older load",
            )
        return max(segment, last.segment + 1)

    def _last_files(self, tier: int) -> list[DataFile]:
        n_larger = len(self.files)
        while n_larger and _tier(self.files[n_larger - 1]) <= tier:
            n_larger -= 1
        return self.files[n_larger:]

    def _merged(self, run: list[DataFile]) -> list[DataFile]:
        if len(run) == 1:
            return run
        writer = self._writer(run[0].segment)
        for file in run:
            writer.append(read_file(self._path(file), n_rows=file.rows))
        return writer.finish()

    def _written_as_load(self, rows: pa.Table) -> list[DataFile]:
        if not rows.num_rows:
            return []
        return self._written(rows["load"][0].as_py() * FILES_PER_LOAD, rows)

    def _written(self, segment: int, rows: pa.Table) -> list[DataFile]:
        writer = self._writer(segment)
        writer.append(rows)
        return writer.finish()

    def _writer(self, segment: int, *, at_once: bool = True) -> SegmentWriter:
        return SegmentWriter(self.staging, self.table, segment, at_once=at_once)

    def _path(self, file: DataFile) -> Path:
        staged = self.staging / file.name
        return staged if staged.exists() else self.folder / file.name


def _first(file: DataFile) -> int:
    return file.first_load or 0


def _last(file: DataFile) -> int:
    return file.last_load or 0


def _fits(run: list[DataFile]) -> bool:
    rows, size = sum(file.rows for file in run), sum(file.size for file in run)
    return rows <= ROWS_PER_FILE and size <= _MERGED_BYTES


def _tier(file: DataFile) -> int:
    """0 below 1,024 rows, 1 below 16 times that, and so on."""
    return max(0, (file.rows.bit_length() - 7) // 4)


def _where(rows: pa.Table, comparison: str, load: int) -> pa.Table:
    import pyarrow.compute as pc

    compare: Callable[[pa.ChunkedArray, int], pa.ChunkedArray] = getattr(pc, comparison)
    return rows.filter(compare(rows["load"], load))
