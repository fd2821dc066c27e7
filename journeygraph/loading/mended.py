"""A mended file of the quarantine, read: which row each is, and its values as they are now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from journeygraph.loading.arrow_text import as_texts
from journeygraph.loading.errors import NotAQuarantineFileError
from journeygraph.loading.formats import identify
from journeygraph.loading.quarantine import MARKS, source_name
from journeygraph.loading.readers import RawBatch, open_reader
from journeygraph.loading.readers.batches import RAW, REST
from journeygraph.loading.readers.jsonl import object_texts, parse_object

__all__ = ["MendedFile", "MendedRow", "Place", "read_mended", "whole_row"]

_WHICH = MARKS[:3]
_NEEDED = MARKS[:5]

Place = tuple[int, int]
"""A load, and a file of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MendedRow:
    """A row of the mended file.

    Parameters
    ----------
    row, name, proof
        Its number in its source, the name of that, and what shows that it is that row.
    line
        Its line in the mended file.
    values
        By column of its source.
    """

    row: int
    name: str
    proof: str
    line: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MendedFile:
    """A mended file: its rows by the load and file that they come from, and its columns."""

    rows: Mapping[Place, list[MendedRow]]
    columns: frozenset[str]


def read_mended(path: Path) -> MendedFile:
    """Read a mended file."""
    columns: set[str] = set()
    rows: dict[Place, list[MendedRow]] = {}
    with closing(open_reader(identify(path))) as reader:
        missing = [mark for mark in _NEEDED if mark not in reader.columns]
        if missing:
            raise NotAQuarantineFileError(path, missing)
        for batch in reader.batches():
            if batch.broken:
                broken = batch.broken[0]
                raise NotAQuarantineFileError(path, _WHICH, broken.line)
            columns.update(map(source_name, set(batch.table.column_names).difference(MARKS)))
            for place, row in _mended_of(path, batch):
                rows.setdefault(place, []).append(row)
    return MendedFile(rows=rows, columns=frozenset(columns))


def _mended_of(path: Path, batch: RawBatch) -> Iterator[tuple[Place, MendedRow]]:
    columns = {name: as_texts(batch.table[name]).to_pylist() for name in batch.table.column_names}
    sources = [name for name in columns if name not in MARKS]
    for place, line in enumerate(batch.lines.tolist()):
        which = [columns[mark][place].strip() for mark in _WHICH]
        if not all(text.isdecimal() and len(text) < 19 for text in which):
            raise NotAQuarantineFileError(path, _WHICH, line)
        load, file, row = map(int, which)
        values = {source_name(name): columns[name][place] for name in sources}
        yield (
            (load, file),
            MendedRow(
                row=row, name=columns["_name"][place].strip(),
                proof=columns["_proof"][place].strip(), line=line, values=values,
            ),
        )  # fmt: skip


def whole_row(row: MendedRow, code: str, before: Mapping[str, Any]) -> MendedRow | None:
    """The row with its values; None where it is as broken as it was.

    A row whose columns could not be told apart is taken from its columns once somebody filled
    them, or from its text once that is a JSON object.
    """
    given = {name: value for name, value in row.values.items() if value}
    if RAW in before:
        filled = {name: value for name, value in given.items() if name not in {RAW, REST}}
        if filled:
            return replace(row, values=filled)
        found = parse_object(given.get(RAW, "").encode())
        return None if isinstance(found, str) else replace(row, values=object_texts(found))
    is_as_ragged = code == "RAGGED_ROW" and (REST in given or given == dict(before))
    return None if is_as_ragged else replace(row, values=given)
