"""Which format a file has: by what stands in it, then by its name.

A name is a promise that exports often break (a `.csv` that is a web page, a `.json` that is
gzipped), so the first bytes decide, and the name only settles what they leave open. What is
known but not read is named, with the way to something that is.
"""

from __future__ import annotations

import codecs
import gzip
import zlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

import orjson

from journeygraph.errors import InvalidOptionError
from journeygraph.loading.errors import (
    BinaryFileError,
    DamagedFileError,
    EmptyFileError,
    IsFolderError,
    MissingFileError,
    UnreadableFileError,
    WrongFormatError,
)

__all__ = ["Format", "Source", "identify", "known_encoding", "open_source"]

HEAD_BYTES = 65_536
_UTF8_BOM = codecs.BOM_UTF8
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (_UTF8_BOM, "utf-8"),
)
_NOT_READ = (
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook",
     "Unpack it, or save the sheet as CSV (UTF-8)."),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file", "Save the sheet as CSV (UTF-8)."),
    (b"SQLite format 3\x00", "an SQLite database", "Export the table as CSV."),
    (b"%PDF", "a PDF document", ""),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd", "Unpack it first: zstd -d FILE"),
    (b"BZh", "compressed by bzip2", "Unpack it first: bunzip2 FILE"),
    (b"\xfd7zXZ\x00", "compressed by xz", "Unpack it first: unxz FILE"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "Unpack it first."),
    (b"ARROW1", "an Arrow or Feather file", "Write it as Parquet."),
    (b"FEA1", "a Feather file", "Write it as Parquet."),
    (b"ORC", "an ORC file", "Write it as Parquet."),
    (b"Obj\x01", "an Avro file", "Write it as Parquet."),
    (b"PARE", "an encrypted Parquet file", "Write it without encryption."),
)  # fmt: skip
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r\f\x1b\x1e\x1f")
_FEW_CONTROLS = 8
_BLANKS = b" \t\r\n\f\v"


class Format(StrEnum):
    """What is read."""

    CSV = "csv"
    PARQUET = "parquet"
    JSON_LINES = "jsonl"
    XES = "xes"


_BY_SUFFIX = {
    ".parquet": Format.PARQUET, ".pq": Format.PARQUET, ".xes": Format.XES,
    ".jsonl": Format.JSON_LINES, ".ndjson": Format.JSON_LINES, ".json": Format.JSON_LINES,
    ".csv": Format.CSV, ".tsv": Format.CSV, ".tab": Format.CSV, ".psv": Format.CSV,
}  # fmt: skip
_TITLES = {Format.CSV: "CSV", Format.PARQUET: "Parquet", Format.JSON_LINES: "JSON Lines",
           Format.XES: "XES"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file whose format is known. `encoding` is that of its text."""

    path: Path
    format: Format
    is_gzip: bool
    encoding: str
    size: int


def known_encoding(encoding: str) -> str:
    """The name of an encoding of text that Python knows; InvalidOptionError for any other."""
    expected = "an encoding of text, as utf-8, latin-1, cp1252 or utf-16"
    try:
        # Only an encoding of text turns bytes into a str; "zip" and "base64" do not.
        b"a".decode(encoding)
        return codecs.lookup(encoding).name
    except (LookupError, ValueError) as error:
        if isinstance(error, UnicodeDecodeError):
            return codecs.lookup(encoding).name
        raise InvalidOptionError("encoding", encoding, expected) from error


def identify(path: Path, encoding: str | None = None) -> Source:
    """Find out what a file is.

    Parameters
    ----------
    path
        A file.
    encoding
        What its text is said to be; without it UTF-8, or what a byte order mark says.

    Raises
    ------
    JourneyGraphError
        MissingFileError, IsFolderError, UnreadableFileError, EmptyFileError, DamagedFileError,
        WrongFormatError or BinaryFileError.
    """
    size = _size_of(path)
    head = _head_of(path)
    is_gzip = head.startswith(b"\x1f\x8b")
    if is_gzip:
        head = _gzip_head(path)
    if not head.strip(_BLANKS):
        raise EmptyFileError(path)
    _refuse_other_formats(path, head, is_gzip)
    if head.startswith(b"PAR1"):
        return Source(path=path, format=Format.PARQUET, is_gzip=False, encoding="utf-8", size=size)
    found, begin = _encoding_of(path, head, encoding)
    format_ = _format_of_text(path, begin)
    return Source(path=path, format=format_, is_gzip=is_gzip, encoding=found, size=size)


def open_source(source: Source) -> tuple[BinaryIO, BinaryIO]:
    """Open a file: the stream of its content, and the file itself, whose position is progress."""
    try:
        raw = source.path.open("rb")
    except OSError as error:
        raise UnreadableFileError(source.path, error.strerror or str(error)) from error
    if not source.is_gzip:
        return raw, raw
    return gzip.GzipFile(fileobj=raw, mode="rb"), raw  # type: ignore[return-value]


def _size_of(path: Path) -> int:
    try:
        found = path.stat()
        if path.is_dir():
            raise IsFolderError(path, sorted(entry.name for entry in path.iterdir()))
        if not path.is_file():
            raise UnreadableFileError(path, "it is a pipe or a device")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise MissingFileError(path, _neighbours(path)) from error
    except (OSError, ValueError) as error:
        raise UnreadableFileError(path, getattr(error, "strerror", None) or str(error)) from error
    if found.st_size == 0:
        raise EmptyFileError(path)
    return found.st_size


def _neighbours(path: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in path.parent.iterdir() if entry.is_file())
    except OSError:
        return []


def _head_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError as error:
        raise UnreadableFileError(path, error.strerror or str(error)) from error


def _gzip_head(path: Path) -> bytes:
    try:
        with gzip.open(path) as file:
            return file.read(HEAD_BYTES)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DamagedFileError(path, f"it cannot be unpacked ({error})") from error


def _refuse_other_formats(path: Path, head: bytes, is_gzip: bool) -> None:
    for magic, what, remedy in _NOT_READ:
        if head.startswith(magic):
            raise WrongFormatError(path, f"This is {what}.", remedy)
    if head.startswith(b"\x1f\x8b"):
        raise WrongFormatError(path, "This is gzipped twice.", "Unpack it once: gunzip FILE")
    if is_gzip and head.startswith(b"PAR1"):
        raise WrongFormatError(
            path, "This is Parquet within gzip.", "Unpack it: Parquet is compressed inside."
        )
    if is_gzip and head[257:262] == b"ustar":
        raise WrongFormatError(path, "This is a tar archive.", "Unpack it: tar -xzf FILE")


def _encoding_of(path: Path, head: bytes, encoding: str | None) -> tuple[str, str]:
    """The encoding of a text, and how it begins."""
    marked = next((name for bom, name in _BOMS if head.startswith(bom)), None)
    name = known_encoding(encoding) if encoding else marked or "utf-8"
    if name == "utf-8":
        _refuse_binary(path, head)
        name = "utf-8-sig" if marked == "utf-8" else name
    return name, head.decode(name, errors="replace")


def _refuse_binary(path: Path, head: bytes) -> None:
    every_second = [head[start::2].count(0) for start in (0, 1)]
    if min(every_second) < max(every_second) // 20 and max(every_second) > len(head) // 4:
        kind = "utf-16-le" if every_second[1] > every_second[0] else "utf-16-be"
        raise WrongFormatError(
            path,
            "This looks like text in UTF-16 without its mark.",
            f"Say so: --encoding {kind}",
        )
    n_controls = len(head) - len(head.translate(None, _CONTROLS))
    if b"\x00" in head or n_controls > max(_FEW_CONTROLS, len(head) // 20):
        raise BinaryFileError(path)


def _format_of_text(path: Path, begin: str) -> Format:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    suffix = next((name for name in reversed(suffixes) if name != ".gz"), "")
    promised = _BY_SUFFIX.get(suffix)
    found = _format_of_content(path, begin.lstrip(), promised)
    if promised is not None and promised != found and found is Format.CSV:
        raise WrongFormatError(
            path,
            f"The name promises {_TITLES[promised]}, but the content is not.",
            "If it is CSV, name it so.",
        )
    return found


def _format_of_content(path: Path, begin: str, promised: Format | None) -> Format:
    if begin.startswith("<"):
        if "<log" in begin:
            return Format.XES
        what = "a web page" if "<html" in begin.lower() else "XML, but no event log (XES)"
        raise WrongFormatError(path, f"This is {what}.")
    if begin.startswith(("{", "[")) and not (promised is Format.CSV and _is_no_json(begin)):
        if begin.startswith("["):
            raise WrongFormatError(
                path,
                "This is one JSON document, not one object on each line.",
                "Write it as JSON Lines: jq -c '.[]' FILE > FILE.jsonl",
            )
        return Format.JSON_LINES
    return Format.CSV


def _is_no_json(begin: str) -> bool:
    """Whether the first line is no JSON by itself."""
    line = begin.splitlines()[0]
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return True
    return False
