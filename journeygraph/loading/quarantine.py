"""The quarantine as a file that a person mends in a spreadsheet or an editor.

In front stand columns that say which row it is and why it was refused; behind them the columns
of its source, as they were. `retry` takes the mended file back.
"""

from __future__ import annotations

import csv
import hashlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

import orjson

from journeygraph.lake.store import Store
from journeygraph.loading.errors import UnknownLoadError, UnreadableFileError
from journeygraph.loading.known import Known, LoadedFile
from journeygraph.loading.readers.batches import RAW, REST

__all__ = ["MARKS", "export_quarantine", "exported_name", "proof_of", "source_name"]

MARKS = ("_load", "_file", "_row", "_name", "_proof", "_line", "_column", "_code", "_reason")
"""Columns in front. The first five say which row it is, and that it is of this store."""

_CLASH = "source:"

Row = dict[str, str]


def exported_name(column: str) -> str:
    """What a column of a source is called in an exported file."""
    return f"{_CLASH}{column}" if column in MARKS or column.startswith(_CLASH) else column


def proof_of(sha256: str, row: int) -> str:
    """What shows that a row is that of a file: numbers alone fit the rows of any store.

    Parameters
    ----------
    sha256
        Of the file.
    row
        Its number within the file.
    """
    # A spreadsheet would make a number of digits with an e among them, but for the p.
    return "p" + hashlib.sha256(f"{sha256}:{row}".encode()).hexdigest()[:16]


def source_name(column: str) -> str:
    """What a column of an exported file was called in its source."""
    return column.removeprefix(_CLASH)


def export_quarantine(
    store_path: Path | str,
    target: Path | str,
    *,
    load: int | None = None,
    version: int | None = None,
) -> int:
    """Write the rows in quarantine.

    Parameters
    ----------
    store_path
        The store.
    target
        A file; JSON Lines if its name ends in .jsonl, else CSV. "-" is standard output.
    load
        Only the rows of this load.
    version
        Of this version of the store.

    Returns
    -------
    int
        How many rows were written.

    Raises
    ------
    UnknownLoadError, UnreadableFileError
    """
    store = Store.open(store_path)
    known = Known(store, store.version(version))
    loads = sorted({file.load for file in known.files})
    if load is not None and load not in loads:
        raise UnknownLoadError(Path(store_path), load, loads)
    chosen = loads if load is None else [load]
    rows = _rows(known, chosen)
    if str(target) == "-":
        return _write_csv(sys.stdout, _columns(known, chosen), rows)
    path = Path(target)
    try:
        if path.suffix.lower() in {".jsonl", ".ndjson"}:
            return _write_jsonl(path, rows)
        # The mark at the beginning is what spreadsheets know UTF-8 by.
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            return _write_csv(file, _columns(known, chosen), rows)
    except OSError as error:
        raise UnreadableFileError(path, error.strerror or str(error)) from error


def _rows(known: Known, loads: Iterable[int]) -> Iterator[Row]:
    """The rows in the order in which they stood in their files."""
    files = {(file.load, file.file): file for file in known.files}
    for load in loads:
        rows = known.read("quarantine", None, {load}).sort_by(
            [("file", "ascending"), ("row", "ascending")]
        )
        for batch in rows.to_batches(max_chunksize=1 << 14):
            for row in batch.to_pylist():
                yield _exported(row, files[load, row["file"]])


def _exported(row: dict[str, Any], file: LoadedFile) -> Row:
    marks = {
        "_load": str(row["load"]), "_file": str(row["file"]), "_row": str(row["row"]),
        "_name": file.name, "_proof": proof_of(file.sha256, row["row"]),
        "_line": str(row["line"] or ""), "_column": row["column"] or "",
        "_code": row["code"], "_reason": row["reason"],
    }  # fmt: skip
    raw = orjson.loads(row["raw"] or "{}")
    return marks | {exported_name(column): value for column, value in raw.items()}


def _columns(known: Known, loads: Iterable[int]) -> list[str]:
    """All columns that the rows have, in the order of their sources."""
    found = {(file.load, file.file): file.kept.get("found", ()) for file in known.files}
    columns = dict.fromkeys(MARKS)
    last = dict.fromkeys((REST, RAW))
    for row in _rows(known, loads):
        names = found.pop((int(row["_load"]), int(row["_file"])), ())
        columns.update(dict.fromkeys(map(exported_name, names)))
        columns.update(dict.fromkeys(name for name in row if name not in last))
    return [*columns, *last]


def _write_csv(file: TextIO, columns: list[str], rows: Iterable[Row]) -> int:
    writer = csv.DictWriter(file, columns, restval="", lineterminator="\r\n")
    writer.writeheader()
    n_rows = 0
    for row in rows:
        writer.writerow(row)
        n_rows += 1
    return n_rows


def _write_jsonl(path: Path, rows: Iterable[Row]) -> int:
    n_rows = 0
    with path.open("wb") as file:
        for row in rows:
            file.write(orjson.dumps(row) + b"\n")
            n_rows += 1
    return n_rows
