"""Reading the next batches while the last one is checked and written, one batch ahead each.

To find the records of a text and to make columns of them takes longer than to check the rows, so
that each has a thread of its own: else whoever checks and writes waits for one of two processors.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TypeVar

from journeygraph.loading.readers.batches import RawBatch, Reader
from journeygraph.loading.readers.csv_table import CsvTable

__all__ = ["batches_ahead", "read_ahead"]

_T = TypeVar("_T")


def batches_ahead(reader: Reader) -> Generator[RawBatch, None, None]:
    """The batches of a reader: one thread finds their rows, the next one makes columns of them.

    An error of a batch is raised when its turn comes. Closing it waits for what is being made.
    """
    with closing(read_ahead(reader.batches())) as found, closing(read_ahead(_made(found))) as made:
        yield from made


def read_ahead(items: Iterator[_T]) -> Generator[_T, None, None]:
    """The same items, made by another thread; an error there is raised here, in its turn.

    Closing it waits for the item that is being made.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="read-ahead") as pool:
        coming = pool.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = pool.submit(next, items, None)
            yield item


def _made(batches: Iterable[RawBatch]) -> Iterator[RawBatch]:
    """The same batches, with the columns that were asked for in those before them."""
    for batch in batches:
        if isinstance(batch.table, CsvTable):
            batch.table.make_asked()
        yield batch
