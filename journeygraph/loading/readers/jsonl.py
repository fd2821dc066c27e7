"""JSON Lines: one object on each line; numbers keep their digits, nested values stay JSON text.

A line that is no object is a broken row and holds up nothing. Numbers that a double cannot hold
exactly are read again as they are written, so that a long id keeps its last digits. Plain lines
are read by a kernel (`kernels.json_lines`), all others one by one; both give the same texts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa

from journeygraph.kernels.json_lines import BLANK, PLAIN, copy_texts, scan_objects
from journeygraph.loading.arrow_text import validity
from journeygraph.loading.errors import NoRowsError, WrongFormatError
from journeygraph.loading.formats import Source
from journeygraph.loading.readers.batches import RAW, BrokenRow, RawBatch
from journeygraph.loading.readers.text_stream import TextStream

__all__ = ["JsonLinesReader", "object_texts", "parse_object"]

_BLOCK_BYTES = 16 << 20
_LONGEST_LINE = 64 << 20
_N_FIRST = 20
_N_KEYS_FROM = 100
"""Lines from which the keys are learnt; of others they are learnt line by line."""
_MOST_LINES = 1 << 17
_MOST_VALUES = 1 << 23
"""Of lines at a time, those that a line does not have included."""
_SLACK_BYTES = 8
_EXACT_DIGITS = 15
_EXACT = 10.0**_EXACT_DIGITS
_AS_THEY_ARE = {str, int, bool, type(None)}

Object = dict[str, Any]


class JsonLinesReader:
    """An opened file of JSON Lines."""

    def __init__(self, source: Source, stream: TextStream) -> None:
        self._source = source
        self._stream = stream
        self._rest = b""
        self._line = 1
        self._row = 0
        self._columns: dict[str, None] = {}
        self._blocks = self._read_blocks()
        self._first = next(self._blocks, None)
        if self._first is None:
            raise NoRowsError(source.path, ())
        if not self._columns:
            self._refuse_other_json()

    @property
    def columns(self) -> tuple[str, ...]:
        """The keys met so far, in the order of their first appearance."""
        return tuple(self._columns)

    @property
    def bytes_read(self) -> int:
        """How far into the file it has come."""
        return self._stream.bytes_read

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def batches(self) -> Iterator[RawBatch]:
        """The rows, some 16 MiB of text at a time."""
        if self._first is not None:
            yield self._first
            self._first = None
        yield from self._blocks

    def _read_blocks(self) -> Iterator[RawBatch]:
        more = self._stream.read(_BLOCK_BYTES)
        while more:
            following = self._stream.read(_BLOCK_BYTES)
            text = self._rest + more
            # The last line may go on; a carriage return may be followed by its line feed.
            end = _last_line(text) if following else len(text)
            self._rest = text[end:]
            if len(self._rest) > _LONGEST_LINE:
                raise WrongFormatError(
                    self._source.path, "A line of more than 64 MiB is no row.", line=self._line
                )
            if end:
                yield from self._batches_of(text[:end])
            more = following

    def _batches_of(self, text: bytes) -> Iterator[RawBatch]:
        rest, is_utf8 = np.frombuffer(text, np.uint8), _is_utf8(text)
        if not self._columns:
            self._learn_keys(rest)
        while len(rest):
            scanned = _Scanned.of(
                rest, list(self._columns), is_utf8=is_utf8, most_lines=_MOST_LINES
            )
            if (scanned.states != BLANK).any():
                yield self._batch(scanned)
            self._line += len(scanned.states)
            rest = rest[scanned.lines[-1] :]

    def _batch(self, scanned: _Scanned) -> RawBatch:
        is_row, is_plain = scanned.states != BLANK, scanned.states == PLAIN
        rows = self._row + np.cumsum(is_row) - 1
        objects: list[Object] = []
        broken: list[BrokenRow] = []
        is_whole = is_row.copy()
        for number in np.flatnonzero(is_row & ~is_plain).tolist():
            line = scanned.line(number)
            found = parse_object(line)
            if isinstance(found, str):
                broken.append(_broken(line, int(rows[number]), self._line + number, found))
                is_whole[number] = False
            else:
                objects.append(found)
        self._row = int(rows[-1]) + 1
        return RawBatch(
            table=self._table(scanned, np.flatnonzero(is_plain), objects, is_plain[is_whole]),
            rows=rows[is_whole],
            lines=self._line + np.flatnonzero(is_whole),
            broken=tuple(broken),
        )

    def _learn_keys(self, data: npt.NDArray[np.uint8]) -> None:
        head = _Scanned.of(data, [], is_utf8=False, most_lines=_N_KEYS_FROM)
        for number in range(len(head.states)):
            found = parse_object(head.line(number))
            if not isinstance(found, str):
                self._columns.update(dict.fromkeys(found))

    def _table(
        self,
        scanned: _Scanned,
        plain: npt.NDArray[np.int64],
        objects: list[Object],
        is_plain: npt.NDArray[np.bool_],
    ) -> pa.Table:
        """The rows of plain lines and of others, which `is_plain` tells apart."""
        n_known = len(self._columns)
        for found in objects:
            if not found.keys() <= self._columns.keys():
                self._columns.update(dict.fromkeys(found))
        places = np.where(is_plain, np.cumsum(is_plain) - 1, len(plain) + np.cumsum(~is_plain) - 1)
        columns = {}
        for place, name in enumerate(self._columns):
            texts = [_column([found.get(name) for found in objects])] if objects else []
            if len(plain) and place < n_known:
                texts.insert(0, scanned.column(place, plain))
            elif len(plain):
                texts.insert(0, pa.nulls(len(plain), pa.string()))
            whole = pa.concat_arrays(texts) if texts else pa.array([], pa.string())
            columns[name] = whole.take(pa.array(places)) if len(texts) > 1 else whole
        return pa.table(columns)

    def _refuse_other_json(self) -> None:
        assert self._first is not None
        first = self._first.broken[0] if self._first.broken else None
        if first is None or len(self._first.broken) < min(_N_FIRST, self._first.n_rows):
            raise NoRowsError(self._source.path, ())
        raise WrongFormatError(
            self._source.path,
            f"No line is a JSON object by itself ({first.reason}).",
            "Write one object on each line: jq -c . FILE, or jq -c '.[]' FILE for an array.",
            line=first.line,
        )


@dataclass(frozen=True, slots=True)
class _Scanned:
    """Lines as `kernels.json_lines` finds them in `data`."""

    data: npt.NDArray[np.uint8]
    lines: npt.NDArray[np.int64]
    states: npt.NDArray[np.int8]
    begins: npt.NDArray[np.int32]
    ends: npt.NDArray[np.int32]

    @classmethod
    def of(
        cls, data: npt.NDArray[np.uint8], names: list[str], *, is_utf8: bool, most_lines: int
    ) -> _Scanned:
        """The first lines of a text, with the keys that are known."""
        quoted = [orjson.dumps(name)[1:] for name in names]
        keys = [key if b"\\" not in key else b"" for key in quoted] or [b""]  # which is none
        starts = np.cumsum([0, *map(len, keys)], dtype=np.int64)
        starts.flags.writeable = False
        n_most = max(min(most_lines, _MOST_VALUES // len(keys), len(data)), 1)
        lines, states = np.zeros(n_most + 1, np.int64), np.zeros(n_most, np.int8)
        begins, ends = np.empty((2, len(keys), n_most), np.int32)
        n_lines = scan_objects(
            data, is_utf8, np.frombuffer(b"".join(keys), np.uint8), starts, lines, states, begins,
            ends,
        )  # fmt: skip
        return cls(data, lines[: n_lines + 1], states[:n_lines], begins, ends)

    def line(self, number: int) -> bytes:
        """A line, as it stands."""
        return self.data[self.lines[number] : self.lines[number + 1]].tobytes()

    def column(self, key: int, lines: npt.NDArray[np.int64]) -> pa.StringArray:
        """What some plain lines have of a key."""
        begins, ends = self.begins[key], self.ends[key]
        sizes = ends[lines] - begins[lines]
        offsets = np.empty(len(lines) + 1, np.int32)
        values = np.empty(int(sizes.sum(dtype=np.int64)) + _SLACK_BYTES, np.uint8)
        is_there = np.empty(len(lines), np.bool_)
        copy_texts(self.data, lines, begins, ends, offsets, values, is_there)
        return pa.StringArray.from_buffers(
            len(lines), pa.py_buffer(offsets), pa.py_buffer(values), validity(is_there)
        )


def _last_line(text: bytes) -> int:
    """Where the last line of a text begins, which ends with it."""
    end = len(text) - (2 if text.endswith(b"\r\n") else 1)
    return max(text.rfind(b"\n", 0, end), text.rfind(b"\r", 0, end)) + 1


def _is_utf8(text: bytes) -> bool:
    if text.isascii():
        return True
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _broken(line: bytes, row: int, number: int, reason: str) -> BrokenRow:
    text = line.decode("utf-8", errors="backslashreplace").rstrip("\r\n")
    return BrokenRow(row=row, line=number, code="BAD_JSON", reason=reason, raw={RAW: text})


def parse_object(line: bytes) -> Object | str:
    """The object on a line, its nested values as JSON texts; or why there is none."""
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        if "infinity" not in error.msg:
            return f"it is not JSON: {error.msg} at character {error.pos + 1}"
        found = _exact(line)
    if not isinstance(found, dict):
        return "it is JSON, but not an object with names and values"
    if set(map(type, found.values())) <= _AS_THEY_ARE:
        return found
    return _with_texts(line, found)


def _with_texts(line: bytes, found: Object) -> Object | str:
    """The same with exact numbers, and nested values as JSON texts."""
    exact: Object | None = None
    for name, value in found.items():
        if isinstance(value, float) and (abs(value) >= _EXACT or len(repr(value)) > _EXACT_DIGITS):
            exact = exact or _exact(line) or {}
            found[name] = exact.get(name, value)
        elif isinstance(value, dict | list):
            try:
                found[name] = orjson.dumps(value).decode()
            except orjson.JSONEncodeError:
                return f"{name!r} is nested too deeply"
    return found


def object_texts(found: Object) -> dict[str, str]:
    """The values of an object as texts, those that are null left out."""
    texts = {name: _text(value) for name, value in found.items()}
    return {name: text for name, text in texts.items() if text is not None}


def _exact(line: bytes) -> Object | None:
    """The object on a line, its numbers as they are written; None where Python cannot read it."""
    try:
        exact = json.loads(line, parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        return None
    return exact if isinstance(exact, dict) else None


def _column(values: list[Any]) -> pa.Array:
    try:
        return pa.array(values, pa.string())
    except (pa.ArrowTypeError, pa.ArrowInvalid):
        return pa.array([_text(value) for value in values], pa.string())


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
