"""CSV, all values as text: found by our own scan, which knows lines and broken quotes.

`kernels.csv_records` finds the fields of every record; columns are copied out when they are
asked for (`csv_table`). Type inference is what makes `007`, `7` and `0007` one customer; there
is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import orjson

from journeygraph.kernels.csv_records import BROKEN_QUOTE, scan_records
from journeygraph.loading.errors import EmptyFileError, NoRowsError, WrongFormatError
from journeygraph.loading.formats import Source
from journeygraph.loading.readers.batches import RAW, REST, BrokenRow, RawBatch
from journeygraph.loading.readers.csv_dialect import check_header, find_dialect, split_record
from journeygraph.loading.readers.csv_table import CsvTable, Form, Records
from journeygraph.loading.readers.text_stream import TextStream, bad_text

__all__ = ["CsvReader"]

BLOCK_BYTES = 4 << 20
"""What is read at a time: small enough for caches and for threads to share the work."""
LONGEST_LINE = 32 << 20
LONGEST_RECORD = 4 << 20
_MOST_RECORDS = 1 << 17
_MOST_BOUNDS = 1 << 23
"""Of fields at a time: more than a block of whole records has."""
_HEAD_BYTES = 1 << 18
_LEAST_BYTES = 1 << 16

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scanned:
    """The records that a piece of text begins with, the bytes they use, the line that follows."""

    records: Records
    consumed: int
    line: int


def _scan(
    data: Bytes, *, is_last: bool, delimiter: str, line: int, n_columns: int, at_most: int
) -> _Scanned:
    at_most = min(at_most, 1 + _MOST_BOUNDS // (n_columns + 1))
    lines, fields = np.empty(at_most, np.int64), np.empty(at_most, np.int32)
    bounds = np.empty((at_most, n_columns + 1), np.int32)
    size, consumed, line, _ = scan_records(
        data, is_last, ord(delimiter), LONGEST_RECORD, line, lines, fields, bounds
    )
    records = Records(data=data, lines=lines[:size], fields=fields[:size], bounds=bounds[:size])
    return _Scanned(records=records, consumed=consumed, line=line)


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
        self._asked: set[tuple[str, Form]] = set()
        self.columns = self._read_header(columns)
        self._places = {name: place for place, name in enumerate(self.columns)}

    @property
    def bytes_read(self) -> int:
        """How far into the file it has come."""
        return self._stream.bytes_read

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def batches(self) -> Iterator[RawBatch]:
        """The rows, some MiB of text at a time."""
        is_last = False
        least = _LEAST_BYTES
        while not is_last:
            more = self._stream.read(max(BLOCK_BYTES - len(self._rest), least))
            is_last = not more
            text = self._rest + more
            data = np.frombuffer(text, np.uint8)
            while len(data):
                found = _scan(
                    data, is_last=is_last, delimiter=self._delimiter, line=self._line,
                    n_columns=len(self.columns), at_most=min(_MOST_RECORDS, len(data)),
                )  # fmt: skip
                if found.consumed == 0:
                    self._refuse_endless(data)
                    least = len(data)  # or a long line would be looked at again and again
                    break
                if len(found.records):
                    if not text.isascii():
                        self._check_encoding(data[: found.consumed], found.records)
                    yield self._batch(found.records)
                data, self._line = data[found.consumed :], found.line
            self._rest = data.tobytes()
        if self._row == 0:
            raise NoRowsError(self._source.path, self.columns)

    def _refuse_endless(self, data: Bytes) -> None:
        if len(data) >= LONGEST_LINE:
            problem = f"A line of more than {LONGEST_LINE >> 20} MiB is no row of a table."
            raise WrongFormatError(self._source.path, problem, line=self._line)

    def _read_header(self, given: tuple[str, ...]) -> tuple[str, ...]:
        first = self._first_record()
        if not len(first.records):
            raise EmptyFileError(self._source.path)
        text = self._text(first.records.text_of(0), int(first.records.lines[0]))
        cells = split_record(text, self._delimiter)
        names = check_header(self._source, cells, given)
        if not given:
            self._rest = self._rest[first.consumed :]
            self._line = first.line
        return names

    def _first_record(self) -> _Scanned:
        """What the file begins with, read to its end: names may be very many."""
        is_last = False
        while True:
            data = np.frombuffer(self._rest, np.uint8)
            first = _scan(
                data, is_last=is_last, delimiter=self._delimiter, line=self._line, n_columns=1,
                at_most=1,
            )  # fmt: skip
            if len(first.records) or is_last:
                return first
            self._refuse_endless(data)
            more = self._stream.read(max(len(data), _HEAD_BYTES))
            is_last = not more
            self._rest += more

    def _text(self, piece: Bytes, line: int) -> str:
        try:
            return piece.tobytes().decode("utf-8")
        except UnicodeDecodeError as error:
            raise bad_text(self._source, error, line) from error

    def _batch(self, records: Records) -> RawBatch:
        rows = np.arange(self._row, self._row + len(records), dtype=np.int64)
        self._row += len(records)
        is_whole = records.fields == len(self.columns)
        n_whole = int(np.count_nonzero(is_whole))
        table = CsvTable(records=records, places=self._places, num_rows=n_whole, asked=self._asked)
        if n_whole == len(records):
            return RawBatch(table=table, rows=rows, lines=records.lines)
        broken = tuple(
            self._broken(records, place, int(rows[place]))
            for place in np.flatnonzero(~is_whole).tolist()
        )
        return RawBatch(
            table=table, rows=rows[is_whole], lines=records.lines[is_whole], broken=broken
        )

    def _check_encoding(self, data: Bytes, records: Records) -> None:
        try:
            data.tobytes().decode("utf-8")
        except UnicodeDecodeError as error:
            place = max(int(np.searchsorted(records.bounds[:, 0], error.start, "right")) - 1, 0)
            raise bad_text(self._source, error, int(records.lines[place])) from error

    def _broken(self, records: Records, place: int, row: int) -> BrokenRow:
        line = int(records.lines[place])
        text = self._text(records.text_of(place), line)
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
