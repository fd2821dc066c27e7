"""One reader for each format; all give the same."""

from __future__ import annotations

from journeygraph.loading.formats import Format, Source
from journeygraph.loading.readers.batches import BrokenRow, RawBatch, Reader

__all__ = ["BrokenRow", "RawBatch", "Reader", "open_reader"]


def open_reader(
    source: Source, *, delimiter: str | None = None, columns: tuple[str, ...] = ()
) -> Reader:
    """Open a file with the reader of its format; `delimiter` and `columns` are for CSV."""
    if source.format is Format.CSV:
        from journeygraph.loading.readers.csv import CsvReader

        return CsvReader(source, delimiter=delimiter, columns=columns)
    if source.format is Format.PARQUET:
        from journeygraph.loading.readers.parquet import ParquetReader

        return ParquetReader(source)
    if source.format is Format.JSON_LINES:
        from journeygraph.loading.readers.jsonl import JsonLinesReader

        return JsonLinesReader(source)
    from journeygraph.loading.readers.xes import XesReader

    return XesReader(source)
