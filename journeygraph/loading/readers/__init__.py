"""One reader for each format; all give the same."""

from __future__ import annotations

from contextlib import ExitStack, closing

from journeygraph.loading.formats import Format, Source
from journeygraph.loading.readers.batches import BrokenRow, RawBatch, Reader
from journeygraph.loading.readers.text_stream import TextStream

__all__ = ["BrokenRow", "RawBatch", "Reader", "open_reader"]


def open_reader(
    source: Source, *, delimiter: str | None = None, columns: tuple[str, ...] = ()
) -> Reader:
    """Open a file with the reader of its format; `delimiter` and `columns` are for CSV."""
    if source.format is Format.PARQUET:
        from journeygraph.loading.readers.parquet import ParquetReader

        return ParquetReader(source)
    with ExitStack() as opened:
        stream = opened.enter_context(closing(TextStream(source)))
        reader = _reader_of_text(source, stream, delimiter, columns)
        opened.pop_all()
    return reader


def _reader_of_text(
    source: Source, stream: TextStream, delimiter: str | None, columns: tuple[str, ...]
) -> Reader:
    if source.format is Format.CSV:
        from journeygraph.loading.readers.csv import CsvReader

        return CsvReader(source, stream, delimiter=delimiter, columns=columns)
    if source.format is Format.JSON_LINES:
        from journeygraph.loading.readers.jsonl import JsonLinesReader

        return JsonLinesReader(source, stream)
    from journeygraph.loading.readers.xes import XesReader

    return XesReader(source, stream)
