"""XES event logs, streamed: an event is a row, the attributes of its trace are `case:` columns.

The parser's own calls are used instead of a tree, so that a log larger than memory passes
through and every event knows its line. Document types are refused before anything is read of
them: only `defusedxml` does that reliably.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol
from xml.etree.ElementTree import ParseError

import numpy as np
import pyarrow as pa
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from journeygraph.loading.errors import (
    DamagedFileError,
    NoRowsError,
    UnsafeXmlError,
    WrongFormatError,
)
from journeygraph.loading.formats import Source
from journeygraph.loading.readers.batches import RawBatch
from journeygraph.loading.readers.text_stream import TextStream

__all__ = ["XesReader"]

_PIECE_BYTES = 1 << 16
_BATCH_EVENTS = 100_000
_ATTRIBUTES = {"string", "date", "int", "float", "boolean", "id", "list", "container", "values"}

Event = dict[str, str]


class _Positioned(Protocol):
    CurrentLineNumber: int


class _Events:
    """What the parser calls: collects events with their lines."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._trace: Event | None = None
        self._of_trace: list[Event] = []
        self._event: Event | None = None
        self._event_line = 0
        self._path: list[str] = []
        self._outside = 0
        self._depth = 0
        self.position: _Positioned | None = None
        self.events: list[Event] = []
        self.lines: list[int] = []
        self.columns: dict[str, None] = {}

    def listen_to(self, expat: Any) -> None:
        """Take the place of the tree that the parser would build: its calls cost three times."""
        self.position = expat
        expat.StartElementHandler = self._start
        expat.EndElementHandler = self._end
        expat.DefaultHandlerExpand = None

    def _start(self, tag: str, given: list[str]) -> None:
        name = tag.rpartition("}")[2] if "}" in tag else tag
        if self._depth == 0 and name != "log":
            raise WrongFormatError(self._source.path, f"This is XML, but <{name}> is no event log.")
        self._depth += 1
        if name in _ATTRIBUTES:
            self._attribute(name, given)
        elif name == "event":
            self._event = {}
            self._event_line = self.position.CurrentLineNumber if self.position else 0
        elif name == "trace":
            self._trace = {}
        elif name == "global":
            self._outside += 1

    def _end(self, tag: str) -> None:
        name = tag.rpartition("}")[2] if "}" in tag else tag
        self._depth -= 1
        if name in _ATTRIBUTES:
            self._path.pop()
        elif name == "event":
            self._finish_event()
        elif name == "trace":
            self._finish_trace()
        elif name == "global":
            self._outside -= 1

    def _attribute(self, name: str, given: list[str]) -> None:
        attributes = dict(zip(given[::2], given[1::2], strict=True))
        # <values> only holds the entries of a list.
        self._path.append("" if name == "values" else attributes.get("key", ""))
        target = self._event if self._event is not None else self._trace
        if target is None or self._outside or "value" not in attributes:
            return
        path = self._path[0] if len(self._path) == 1 else ".".join(filter(None, self._path))
        full = path if self._event is not None else f"case:{path}"
        value = attributes["value"]
        target[full] = f"{target[full]}, {value}" if full in target else value

    def _finish_event(self) -> None:
        if self._event is None:
            return
        self._of_trace.append(self._event)
        self.lines.append(self._event_line)
        self._event = None
        if self._trace is None:
            self._finish_trace()

    def _finish_trace(self) -> None:
        trace = self._trace or {}
        self._trace = None
        for event in self._of_trace:
            whole = {**trace, **event}
            if not whole.keys() <= self.columns.keys():
                self.columns.update(dict.fromkeys(whole))
            self.events.append(whole)
        self._of_trace = []


class XesReader:
    """An opened event log."""

    def __init__(self, source: Source, stream: TextStream) -> None:
        self._source = source
        self._stream = stream
        self._row = 0
        self._found = _Events(source)
        self._batches = self._read_batches()
        self._first = next(self._batches, None)
        if self._first is None:
            raise NoRowsError(source.path, ())

    @property
    def columns(self) -> tuple[str, ...]:
        """The attributes met so far, in the order of their first appearance."""
        return tuple(self._found.columns)

    @property
    def bytes_read(self) -> int:
        """How far into the file it has come."""
        return self._stream.bytes_read

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def batches(self) -> Iterator[RawBatch]:
        """The events, 100,000 at a time."""
        if self._first is not None:
            yield self._first
            self._first = None
        yield from self._batches

    def _read_batches(self) -> Iterator[RawBatch]:
        parser: Any = DefusedXMLParser(target=self._found, forbid_dtd=True)
        self._found.listen_to(parser.parser)
        try:
            while piece := self._stream.read_raw(_PIECE_BYTES):
                parser.feed(piece)
                if len(self._found.events) >= _BATCH_EVENTS:
                    yield self._batch()
            parser.close()
        except ParseError as error:
            what = f"it is not well-formed XML: {str(error).split(':')[0]}"
            raise DamagedFileError(self._source.path, what, error.position[0]) from error
        except DefusedXmlException as error:
            raise UnsafeXmlError(self._source.path) from error
        if self._found.events:
            yield self._batch()

    def _batch(self) -> RawBatch:
        found = self._found
        rows = np.arange(self._row, self._row + len(found.events), dtype=np.int64)
        self._row += len(rows)
        table = pa.table(
            {
                name: pa.array([event.get(name) for event in found.events], pa.string())
                for name in found.columns
            }
        )
        lines = np.array(found.lines[: len(rows)], np.int64)
        del found.lines[: len(rows)]
        found.events = []
        return RawBatch(table=table, rows=rows, lines=lines)
