"""The values that the headers of pages promise, added up and compared with the footer.

Headers of pages have no checksum. Where a column has several pages, a flip in the header of one
could make a reader take padding for values, and so move all that follow, with the number of rows
unchanged. The footer, which has a digest, says how many values the pages of a column hold
together. No library shows the headers, so they are read here: structs of Thrift's compact
protocol (https://parquet.apache.org/docs/file-format/metadata/).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import pyarrow.parquet as pq

__all__ = ["UnfitPagesError", "check_pages"]

_HEADER_BYTES = 1024
_DATA_PAGE, _DICTIONARY_PAGE = 0, 2
_TYPE, _COMPRESSED_SIZE, _DATA_HEADER = (1,), (3,), (5,)
_N_VALUES = (*_DATA_HEADER, 1)
_BOOLEANS, _INTEGERS, _BINARY, _STRUCT = {1, 2}, {4, 5, 6}, 8, 12

Header = dict[tuple[int, ...], int]


class UnfitPagesError(ValueError):
    """The pages of a column are not those that the footer describes."""


def check_pages(
    path: Path,
    metadata: pq.FileMetaData,
    columns: set[str] | None,
    groups: Iterable[int] | None = None,
) -> None:
    """Compare the pages of columns, all by default, with the footer; of some groups or of all.

    Raises
    ------
    UnfitPagesError
        Where they hold more or fewer values, or end elsewhere.
    """
    with path.open("rb", buffering=0) as file:
        for group in range(metadata.num_row_groups) if groups is None else groups:
            for number in range(metadata.num_columns):
                chunk = metadata.row_group(group).column(number)
                if columns is None or chunk.path_in_schema in columns:
                    _check_chunk(file, chunk)


def _check_chunk(file: BinaryIO, chunk: pq.ColumnChunkMetaData) -> None:
    n_values = 0
    for header in _headers(file, chunk):
        if header.get(_TYPE) == _DATA_PAGE:
            n_values += header.get(_N_VALUES, 0)
        elif header.get(_TYPE) != _DICTIONARY_PAGE:
            raise UnfitPagesError("a page is of no known type")
    if n_values != chunk.num_values:
        raise UnfitPagesError(f"pages of {n_values} values instead of {chunk.num_values}")


def _headers(file: BinaryIO, chunk: pq.ColumnChunkMetaData) -> Iterator[Header]:
    begin = chunk.dictionary_page_offset if chunk.has_dictionary_page else chunk.data_page_offset
    end = begin + chunk.total_compressed_size
    while begin < end:
        file.seek(begin)
        header: Header = {}
        try:
            length = _read_struct(file.read(_HEADER_BYTES), 0, (), header)
        except IndexError as error:
            raise UnfitPagesError("the header of a page cannot be read") from error
        yield header
        begin += length + max(header.get(_COMPRESSED_SIZE, 0), 0)
    if begin != end:
        raise UnfitPagesError("a page ends where no page ends")


def _read_struct(content: bytes, at: int, within: tuple[int, ...], found: Header) -> int:
    """Put the integers of a struct into `found`, by the path of their fields; where it ends."""
    field = 0
    while (head := content[at]) != 0:
        at += 1
        kind = head & 15
        if not head >> 4:
            raise UnfitPagesError("the header of a page has a field of no known number")
        field += head >> 4
        if kind == _STRUCT:
            at = _read_struct(content, at, (*within, field), found)
        elif kind == _BINARY:
            length, at = _read_varint(content, at)
            at += length
        elif kind in _INTEGERS:
            zigzag, at = _read_varint(content, at)
            found[(*within, field)] = (zigzag >> 1) ^ -(zigzag & 1)
        elif kind not in _BOOLEANS:
            raise UnfitPagesError("the header of a page has a field of no known type")
    return at + 1


def _read_varint(content: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while content[at] & 128:
        number |= (content[at] & 127) << shift
        shift += 7
        at += 1
    return number | content[at] << shift, at + 1
