"""Parquet: columns keep their types, rows are numbered, page checksums are verified."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from journeygraph.loading.errors import DamagedFileError, DuplicateColumnsError, NoRowsError
from journeygraph.loading.formats import Source
from journeygraph.loading.readers.batches import RawBatch

__all__ = ["ParquetReader"]

_BATCH_BYTES = 16 << 20
_WIDE_BATCH_BYTES = 4 << 20
"""Long texts are held several times over between here and the data file."""
_MOST_ROWS = 1 << 17
_FEWEST_ROWS = 1 << 10
_NARROW_BYTES = 256
_WORDS_BYTES = 1 << 16
"""Dictionaries of more bytes are not kept as such: writers give up those that grow too large."""


class ParquetReader:
    """An opened Parquet file."""

    def __init__(self, source: Source) -> None:
        self._source = source
        with self._naming_damage():
            self._file = self._opened(pq.read_metadata(source.path))
            self._schema = self._file.schema_arrow
        self._rows_read = 0
        self.columns: tuple[str, ...] = tuple(self._schema.names)
        repeated = [name for name, times in Counter(self.columns).items() if times > 1]
        if repeated:
            self.close()
            raise DuplicateColumnsError(source.path, repeated)
        self._n_rows = self._file.metadata.num_rows
        if self._n_rows == 0:
            self.close()
            raise NoRowsError(source.path, self.columns)

    @property
    def bytes_read(self) -> int:
        """How far into the file it has come, as its share of the rows."""
        return self._source.size * self._rows_read // self._n_rows

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def batches(self) -> Iterator[RawBatch]:
        """The rows, some MiB at a time."""
        with self._naming_damage():
            for batch in self._file.iter_batches(batch_size=self._rows_of_a_batch()):
                rows = np.arange(self._rows_read, self._rows_read + len(batch), dtype=np.int64)
                self._rows_read += len(batch)
                yield RawBatch(table=pa.Table.from_batches([batch]), rows=rows, lines=rows + 1)
        if self._rows_read != self._n_rows:
            what = f"it promises {self._n_rows} rows and has {self._rows_read}"
            raise DamagedFileError(self._source.path, what)

    def _opened(self, metadata: pq.FileMetaData) -> pq.ParquetFile:
        return pq.ParquetFile(
            self._source.path,
            metadata=metadata,
            read_dictionary=_columns_of_words(metadata),
            page_checksum_verification=True,
            pre_buffer=False,  # what is read ahead is kept until the end of the file
        )

    def _rows_of_a_batch(self) -> int:
        metadata = self._file.metadata
        groups = [metadata.row_group(group) for group in range(metadata.num_row_groups)]
        n_bytes = sum(group.total_byte_size for group in groups)
        # Texts unpack to more than their pages, dictionaries most of all.
        of_a_row = 4 * n_bytes // self._n_rows + 16 * len(self.columns)
        n_bytes = _BATCH_BYTES if of_a_row < 4 * _NARROW_BYTES else _WIDE_BATCH_BYTES
        return max(_FEWEST_ROWS, min(_MOST_ROWS, n_bytes // of_a_row))

    @contextmanager
    def _naming_damage(self) -> Iterator[None]:
        try:
            yield
        except (pa.ArrowException, OSError) as error:
            reason = str(error).splitlines()[0].rstrip(".")
            raise DamagedFileError(self._source.path, reason) from error


def _columns_of_words(metadata: pq.FileMetaData) -> list[str]:
    """Columns of texts with few different values, which need not be looked up again row by row."""
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    if sum(group.total_byte_size for group in groups) > _NARROW_BYTES * metadata.num_rows:
        return []  # beside long texts it spares nothing and takes memory
    names = []
    for place in range(metadata.num_columns):
        column = metadata.schema.column(place)
        is_text = column.converted_type == "UTF8" and column.path == column.name
        if is_text and all(_has_few_words(group.column(place)) for group in groups):
            names.append(column.path)
    return names


def _has_few_words(chunk: pq.ColumnChunkMetaData) -> bool:
    return bool(
        chunk.has_dictionary_page
        and 0 <= chunk.data_page_offset - chunk.dictionary_page_offset < _WORDS_BYTES
    )
