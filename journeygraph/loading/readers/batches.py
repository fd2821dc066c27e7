"""What every reader gives: batches of source columns, and the rows that could not be read.

Values stay what they are in the source: text stays text (`007` is no number, `NA` is a name),
typed columns keep their types. Every row knows its number within the file, which is its identity
where there is no id, and its line, which is where a person finds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["RAW", "REST", "BrokenRow", "IntArray", "RawBatch", "Reader"]

IntArray = npt.NDArray[np.int64]

RAW = "_raw"
"""Key of the text of a row that could not be taken apart."""
REST = "_rest"
"""Key of the values beyond the last column, as a JSON list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRow:
    """A row that the reader could not make into values: `code` and `reason` say why."""

    row: int
    line: int
    code: str
    reason: str
    raw: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawBatch:
    """Rows of a file, in their order.

    `rows` are 0-based and count the broken ones too. `lines` are 1-based lines of the text; row
    numbers, from 1, where the format has no lines.
    """

    table: pa.Table
    rows: IntArray
    lines: IntArray
    broken: tuple[BrokenRow, ...] = field(default=())

    @property
    def n_rows(self) -> int:
        """Rows read, the broken ones included."""
        return len(self.rows) + len(self.broken)

    def take(self, mask: npt.NDArray[np.bool_]) -> RawBatch:
        """The same without the rows of the table where the mask is false."""
        return RawBatch(
            table=self.table.filter(pa.array(mask)),
            rows=self.rows[mask],
            lines=self.lines[mask],
            broken=self.broken,
        )


class Reader(Protocol):
    """One opened file. `columns` are those found where the file begins, in their order."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns."""
        ...

    @property
    def bytes_read(self) -> int:
        """How far into the file it has come."""
        ...

    def batches(self) -> Iterator[RawBatch]:
        """The rows; once."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...
