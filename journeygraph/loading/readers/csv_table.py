"""The records of a piece of CSV as a table whose columns are made when somebody asks for them.

Most files have columns that nobody maps, and a copy of a column costs as much as reading what is
in it. A reader learns from the first rows which columns are asked for, and makes those ahead.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.kernels.csv_numbers import read_numbers
from journeygraph.kernels.csv_records import read_column
from journeygraph.kernels.csv_words import NOT_NUMBERED, number_words

__all__ = ["CsvTable", "Form", "Records"]

_SLACK_BYTES = 8
_MOST_WORDS = 1 << 12
_SLOTS = 4 * _MOST_WORDS
_SEED = np.uint64(secrets.randbits(64))


class Form(StrEnum):
    """In what form a column is asked for."""

    TEXTS = "texts"
    WORDS = "words"
    NUMBERS = "numbers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Records as `kernels.csv_records` finds them in `data`, the broken ones included."""

    data: npt.NDArray[np.uint8]
    lines: npt.NDArray[np.int64]
    fields: npt.NDArray[np.int32]
    bounds: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.fields)

    def text_of(self, place: int) -> npt.NDArray[np.uint8]:
        """The bytes of a record without its line break."""
        return self.data[self.bounds[place, 0] : self.bounds[place, -1] - 1]


@dataclass(slots=True, kw_only=True)
class CsvTable:
    """The whole records among some, with the part of the interface of `pa.Table` that loading uses.

    Parameters
    ----------
    records
        All of them.
    places
        Where each column stands, by its name as the header has it, in order.
    num_rows
        How many are whole.
    asked
        Names that were asked for, and in what form; shared by all tables of a file.
    """

    records: Records
    places: Mapping[str, int]
    num_rows: int
    asked: set[tuple[str, Form]]
    _made: dict[tuple[str, Form], pa.Array] = field(default_factory=dict)

    @property
    def column_names(self) -> Collection[str]:
        """As the header has them."""
        return self.places.keys()

    def __getitem__(self, name: str) -> pa.StringArray:
        return self._get(name, Form.TEXTS)

    def words(self, name: str) -> pa.Array:
        """A column of which few different values are expected, as a dictionary if so it is."""
        return self._get(name, Form.WORDS)

    def numbers(self, name: str) -> pa.Array:
        """A column of ids: whole numbers, if every id is one as a number would be written."""
        return self._get(name, Form.NUMBERS)

    def make_asked(self) -> None:
        """Make the columns that were asked for in other tables."""
        for name, form in sorted(self.asked):
            self._get(name, form)

    def _get(self, name: str, form: Form) -> pa.Array:
        self.asked.add((name, form))
        if (name, form) not in self._made:
            self._made[name, form] = self._make(self.places[name], form)
        return self._made[name, form]

    def _make(self, place: int, form: Form) -> pa.Array:
        made = None
        if form is Form.WORDS:
            made = self._numbered(place)
        elif form is Form.NUMBERS:
            made = self._whole_numbers(place)
        return self._column(place) if made is None else made

    def to_table(self) -> pa.Table:
        """All columns."""
        columns = [
            self._made[name, Form.TEXTS]
            if (name, Form.TEXTS) in self._made
            else self._column(place)
            for name, place in self.places.items()
        ]
        return pa.Table.from_arrays(columns, names=list(self.places))

    def take(self, places: pa.Array) -> pa.Table:
        """Some of the rows, with all columns."""
        return self.to_table().take(places)

    def filter(self, mask: pa.Array) -> pa.Table:
        """The rows where the mask is true, with all columns."""
        return self.to_table().filter(mask)

    def to_pylist(self) -> list[dict[str, str]]:
        """The rows as Python's own objects."""
        rows: list[dict[str, str]] = self.to_table().to_pylist()
        return rows

    def _whole_numbers(self, place: int) -> pa.Int64Array | None:
        """The numbers of a column, null where it is empty; None where a value is no number."""
        records = self.records
        numbers = np.empty(self.num_rows, np.int64)
        is_there = np.empty(self.num_rows, np.bool_)
        if not read_numbers(records.data, records.fields, records.bounds, place, numbers, is_there):
            return None
        return pa.array(numbers, mask=None if is_there.all() else ~is_there)

    def _numbered(self, place: int) -> pa.DictionaryArray | None:
        """The values of a column, each one once; None where they are many or have quotes."""
        records = self.records
        codes = np.empty(self.num_rows, np.int32)
        begins, ends = np.empty((2, _MOST_WORDS), np.int32)
        n_words = number_words(
            records.data, records.fields, records.bounds, place, _SEED,
            np.zeros((_SLOTS, 2), np.uint64), begins, ends, codes,
        )  # fmt: skip
        if n_words == NOT_NUMBERED:
            return None
        bounds = zip(begins[:n_words].tolist(), ends[:n_words].tolist(), strict=True)
        cells = [records.data[begin:end].tobytes() for begin, end in bounds]
        words = pa.array([cell.decode("utf-8") for cell in cells], pa.string())
        return pa.DictionaryArray.from_arrays(pa.array(codes), words, safe=False)

    def _column(self, place: int) -> pa.StringArray:
        records = self.records
        begins, ends = records.bounds[:, place], records.bounds[:, place + 1]
        if self.num_rows != len(records):
            is_whole = records.fields == len(self.places)
            begins, ends = begins[is_whole], ends[is_whole]
        n_bytes = int(ends.sum(dtype=np.int64) - begins.sum(dtype=np.int64)) + _SLACK_BYTES
        offsets, values = np.empty(self.num_rows + 1, np.int32), np.empty(n_bytes, np.uint8)
        read_column(records.data, records.fields, records.bounds, place, offsets, values)
        return pa.StringArray.from_buffers(
            self.num_rows, pa.py_buffer(offsets), pa.py_buffer(values)
        )
