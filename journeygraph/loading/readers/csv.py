"""CSV: scanned for records first, then parsed by pyarrow, all values as text.

The scan (`kernels.csv_records`) knows lines, broken quotes and the number of fields; only
records that it finds whole go to the parser, so that the parser can neither swallow rows nor
stop at one. Type inference is what makes `007`, `7` and `0007` one customer; there is none.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.csv

from journeygraph.kernels.csv_records import BROKEN_QUOTE, scan_records
from journeygraph.loading.errors import (
    DamagedFileError,
    EmptyFileError,
    NoRowsError,
    WrongFormatError,
)
from journeygraph.loading.formats import Source
from journeygraph.loading.readers.batches import RAW, REST, BrokenRow, RawBatch
from journeygraph.loading.readers.csv_dialect import check_header, find_dialect, split_record
from journeygraph.loading.readers.text_stream import TextStream, bad_text

__all__ = ["CsvReader"]

BLOCK_BYTES = 32 << 20
LONGEST_RECORD = 4 << 20
_MOST_RECORDS = 1 << 20
_HEAD_BYTES = 1 << 18
_PARSED_BYTES = 1 << 22

Bytes = npt.NDArray[np.uint8]


class _Records:
    """Where the records of a block are: `size` of them, found in `data`."""

    def __init__(self, capacity: int) -> None:
        self.starts, self.ends, self.lines = (np.zeros(capacity, np.int64) for _ in range(3))
        self.fields = np.zeros(capacity, np.int32)
        self.size = 0
        self.consumed = 0
        self.n_breaks = 0

    def scan(self, data: Bytes, *, is_last: bool, delimiter: int, line: int) -> int:
        """Find the records that `data` begins with; the line that follows them."""
        self.size, self.consumed, line, self.n_breaks = scan_records(
            data, is_last, delimiter, LONGEST_RECORD, line,
            self.starts, self.ends, self.lines, self.fields,
        )  # fmt: skip
        return line


class CsvReader:
    """An opened CSV file.

    Parameters
    ----------
    source, stream
        The file, opened.
    delimiter
        What stands between two values; found out where it is not given.
    columns
        Names for a file that has no header.
    """

    def __init__(
        self,
        source: Source,
        stream: TextStream,
        *,
        delimiter: str | None = None,
        columns: tuple[str, ...] = (),
    ) -> None:
        self._source = source
        self._stream = stream
        head = self._stream.read(_HEAD_BYTES)
        text = head.decode("utf-8", errors="replace")
        dialect = find_dialect(text, delimiter)
        self._delimiter = dialect.delimiter
        self._rest = head[dialect.n_skipped :]
        self._line = 2 if dialect.n_skipped else 1
        self._row = 0
        self.columns = self._read_header(columns)

    @property
    def bytes_read(self) -> int:
        """How far into the file it has come."""
        return self._stream.bytes_read

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def batches(self) -> Iterator[RawBatch]:
        """The rows, some 32 MiB of text at a time."""
        records = _Records(_MOST_RECORDS)
        is_last = False
        while not is_last:
            more = self._stream.read(max(BLOCK_BYTES - len(self._rest), 1 << 16))
            is_last = not more
            data = np.frombuffer(self._rest + more, np.uint8)
            while len(data):
                line = self._line
                self._line = records.scan(
                    data, is_last=is_last, delimiter=ord(self._delimiter), line=line
                )
                if records.consumed == 0:
                    self._refuse_endless(data)
                    break
                if records.size:
                    yield self._batch(data, records)
                data = data[records.consumed :]
            self._rest = data.tobytes()
        if self._row == 0:
            raise NoRowsError(self._source.path, self.columns)

    def _refuse_endless(self, data: Bytes) -> None:
        if len(data) >= BLOCK_BYTES:
            problem = f"A line of more than {BLOCK_BYTES >> 20} MiB is no row of a table."
            raise WrongFormatError(self._source.path, problem, line=self._line)

    def _read_header(self, given: tuple[str, ...]) -> tuple[str, ...]:
        first = _Records(1)
        data = np.frombuffer(self._rest, np.uint8)
        line = first.scan(data, is_last=True, delimiter=ord(self._delimiter), line=self._line)
        if not first.size:
            raise EmptyFileError(self._source.path)
        text = self._text(data[first.starts[0] : first.ends[0]], int(first.lines[0]))
        cells = split_record(text, self._delimiter)
        names = check_header(self._source, cells, given)
        if not given:
            self._rest = self._rest[first.consumed :]
            self._line = line
        return names

    def _text(self, piece: Bytes, line: int) -> str:
        try:
            return piece.tobytes().decode("utf-8")
        except UnicodeDecodeError as error:
            raise bad_text(self._source, error, line) from error

    def _batch(self, data: Bytes, records: _Records) -> RawBatch:
        size = records.size
        rows = np.arange(self._row, self._row + size, dtype=np.int64)
        lines = records.lines[:size].copy()
        self._row += size
        is_whole = records.fields[:size] == len(self.columns)
        if is_whole.all():
            table = self._parse(data, data[: records.consumed], records, size)
            return RawBatch(table=table, rows=rows, lines=lines)
        broken = tuple(
            self._broken(data, records, place, int(rows[place]))
            for place in np.flatnonzero(~is_whole).tolist()
        )
        piece = _only(data, records, is_whole)
        table = self._parse(data, piece, records, int(is_whole.sum()))
        return RawBatch(table=table, rows=rows[is_whole], lines=lines[is_whole], broken=broken)

    def _parse(self, data: Bytes, piece: Bytes, records: _Records, n_rows: int) -> pa.Table:
        names = list(self.columns)
        if n_rows == 0:
            return pa.table({name: pa.array([], pa.string()) for name in names})
        longest = int((records.ends[: records.size] - records.starts[: records.size]).max())
        try:
            table = pa.csv.read_csv(
                pa.BufferReader(pa.py_buffer(piece)),
                read_options=pa.csv.ReadOptions(
                    column_names=names, block_size=max(_PARSED_BYTES, 2 * longest + 1024)
                ),
                parse_options=pa.csv.ParseOptions(
                    delimiter=self._delimiter, newlines_in_values=records.n_breaks > 0
                ),
                convert_options=pa.csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()),
                    null_values=[],
                    strings_can_be_null=False,
                ),
            )
        except pa.ArrowInvalid as error:
            self._refuse_encoding(data, records)
            raise DamagedFileError(self._source.path, str(error)) from error
        if table.num_rows != n_rows:
            what = f"{n_rows} records were found, {table.num_rows} could be parsed"
            raise DamagedFileError(self._source.path, what, int(records.lines[0]))
        # Here, ahead of whoever checks the rows, and not there.
        return table.combine_chunks()

    def _refuse_encoding(self, data: Bytes, records: _Records) -> None:
        try:
            data[: records.consumed].tobytes().decode("utf-8")
        except UnicodeDecodeError as error:
            place = np.searchsorted(records.starts[: records.size], error.start, "right") - 1
            raise bad_text(self._source, error, int(records.lines[place])) from error

    def _broken(self, data: Bytes, records: _Records, place: int, row: int) -> BrokenRow:
        line = int(records.lines[place])
        text = self._text(data[records.starts[place] : records.ends[place]], line)
        if records.fields[place] == BROKEN_QUOTE:
            reason = "a quote is not closed, or text follows the closing quote"
            return BrokenRow(
                row=row, line=line, code="BROKEN_QUOTE", reason=reason, raw={RAW: text}
            )
        cells = split_record(text, self._delimiter)
        reason = f"it has {len(cells)} values, the header names {len(self.columns)}"
        raw = dict(zip(self.columns, cells, strict=False))
        if len(cells) > len(self.columns):
            raw[REST] = orjson.dumps(cells[len(self.columns) :]).decode()
        return BrokenRow(row=row, line=line, code="RAGGED_ROW", reason=reason, raw=raw)


def _only(data: Bytes, records: _Records, keep: npt.NDArray[np.bool_]) -> Bytes:
    """The text of the records to keep, run by run."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], keep, [False])).astype(np.int8)))
    behind = np.append(records.starts[: records.size], records.consumed)
    pieces = [
        data[behind[first] : behind[end]]
        for first, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    ]
    return np.concatenate(pieces) if pieces else data[:0]
