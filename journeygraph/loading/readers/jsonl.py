"""JSON Lines: one object on each line; numbers keep their digits, nested values stay JSON text.

A line that is no object is a broken row and holds up nothing. Numbers that a double cannot hold
exactly are read again as they are written, so that a long id keeps its last digits.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from journeygraph.loading.errors import NoRowsError, WrongFormatError
from journeygraph.loading.formats import Source
from journeygraph.loading.readers.batches import RAW, BrokenRow, RawBatch
from journeygraph.loading.readers.text_stream import TextStream

__all__ = ["JsonLinesReader", "object_texts", "parse_object"]

_BLOCK_BYTES = 16 << 20
_LONGEST_LINE = 64 << 20
_N_FIRST = 20
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
            lines = (self._rest + more).splitlines(keepends=True)
            # The last line may go on; a carriage return may be followed by its line feed.
            self._rest = lines.pop() if following else b""
            if len(self._rest) > _LONGEST_LINE:
                raise WrongFormatError(
                    self._source.path, "A line of more than 64 MiB is no row.", line=self._line
                )
            if lines:
                yield from self._batch(lines)
            more = following

    def _batch(self, lines: list[bytes]) -> Iterator[RawBatch]:
        objects: list[Object] = []
        rows: list[int] = []
        numbers: list[int] = []
        broken: list[BrokenRow] = []
        for number, line in enumerate(lines, self._line):
            if line.isspace():
                continue
            found = parse_object(line)
            if isinstance(found, str):
                broken.append(_broken(line, self._row, number, found))
            else:
                objects.append(found)
                rows.append(self._row)
                numbers.append(number)
            self._row += 1
        self._line += len(lines)
        if objects or broken:
            yield RawBatch(
                table=self._table(objects),
                rows=np.array(rows, np.int64),
                lines=np.array(numbers, np.int64),
                broken=tuple(broken),
            )

    def _table(self, objects: list[Object]) -> pa.Table:
        for found in objects:
            if not found.keys() <= self._columns.keys():
                self._columns.update(dict.fromkeys(found))
        columns = {}
        for name in self._columns:
            values = [found.get(name) for found in objects]
            columns[name] = _column(values)
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
