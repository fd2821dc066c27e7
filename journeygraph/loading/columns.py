"""One column of a batch, of any kind, read and checked: values for the lake, and flaws.

Customers and names stay texts (customers also whole numbers) here; they get their keys and codes
when it is certain that the row is taken, so that what is refused leaves no trace among them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from journeygraph.loading.amounts import parse_whole_numbers, read_amounts
from journeygraph.loading.arrow_text import (
    as_texts,
    distinct,
    text_buffers,
    whole_numbers,
    words_of,
)
from journeygraph.loading.flaws import Flaws
from journeygraph.loading.options import LoadOptions
from journeygraph.loading.ratings import parse_ratings
from journeygraph.loading.times import TimeColumn
from journeygraph.schema import NAMES_OF_ITEMS, Column, Kind
from journeygraph.vocabulary import (
    ENVIRONMENTS,
    FEEDBACK_KINDS,
    FEEDBACK_STEPS,
    INITIATORS,
    LEVELS,
    STAGES,
    code_of,
    normalise_channel,
)

__all__ = ["ColumnReader", "ReadColumn", "empty_column"]

_WORDS = {"stage": STAGES, "initiator": INITIATORS, "environment": ENVIRONMENTS,
          "level": LEVELS, "kind": FEEDBACK_KINDS, "step": FEEDBACK_STEPS}  # fmt: skip
_SPACE = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadColumn:
    """Values, null where there are none, and what cannot be taken."""

    values: pa.Array
    flaws: Flaws
    n_rounded: int = 0


@dataclass(slots=True)
class ColumnReader:
    """Reads one of our columns, batch after batch."""

    column: Column
    options: LoadOptions
    exponent: int
    times: TimeColumn = field(init=False)

    def __post_init__(self) -> None:
        options = self.options
        self.times = TimeColumn(
            timezone=options.timezone, time_format=options.time_format, unit=options.time_unit
        )

    def read(self, source: pa.ChunkedArray | pa.Array) -> ReadColumn:
        """The values of a batch."""
        kind = self.column.kind
        if kind is Kind.CUSTOMER and (numbers := whole_numbers(source)) is not None:
            return ReadColumn(values=numbers, flaws=Flaws.none())
        if kind is Kind.TIME:
            times = self.times.read(source)
            return ReadColumn(values=times.to_arrow(), flaws=times.flaws)
        if kind is Kind.MONEY:
            rounds = self.options.round_values
            amounts = read_amounts(source, self.exponent, round_values=rounds)
            return ReadColumn(
                values=amounts.to_arrow(), flaws=amounts.flaws, n_rounded=amounts.n_rounded
            )
        if kind is Kind.SCALE:
            texts = as_texts(source, nan="NaN")
            values, flaws = parse_ratings(texts, self.options.scale_of(self.column.name))
            return ReadColumn(values=values, flaws=flaws)
        if kind is Kind.NAME:
            is_channel = NAMES_OF_ITEMS[self.column.name] == "channels"
            return ReadColumn(values=_names(source, is_channel=is_channel), flaws=Flaws.none())
        return self._of_texts(as_texts(source))

    def _of_texts(self, texts: pa.StringArray) -> ReadColumn:
        if self.column.kind is Kind.WHOLE:
            numbers = parse_whole_numbers(texts)
            return ReadColumn(values=pc.fill_null(numbers.to_arrow(), 0), flaws=numbers.flaws)
        if self.column.kind is Kind.WORD:
            return _words(texts, _WORDS[self.column.name])
        return ReadColumn(values=without_blanks(texts), flaws=Flaws.none())


def empty_column(column: Column, n_rows: int) -> pa.Array:
    """A column of which nothing is known."""
    if column.kind in {Kind.WORD, Kind.WHOLE}:
        return _zeros(column.arrow_type, n_rows)
    is_text = column.kind in {Kind.CUSTOMER, Kind.NAME}
    return _nulls(pa.string() if is_text else column.arrow_type, n_rows)


@lru_cache(maxsize=16)
def _nulls(kind: pa.DataType, n_rows: int) -> pa.Array:
    return pa.nulls(n_rows, kind)


@lru_cache(maxsize=16)
def _zeros(kind: pa.DataType, n_rows: int) -> pa.Array:
    return pa.array(np.zeros(n_rows, kind.to_pandas_dtype()))


def _words(texts: pa.StringArray, known: tuple[str, ...]) -> ReadColumn:
    words, places = distinct(texts)
    codes = [code_of(word, known) for word in words]
    reason = f"is not one of {', '.join(known)}"
    refused = {place: reason for place, code in enumerate(codes) if code is None}
    numbers = np.array([code or 0 for code in codes], np.int8)
    values = pa.array(numbers[places] if len(words) else np.zeros(0, np.int8))
    return ReadColumn(values=values, flaws=Flaws.of_words(places, words, "UNKNOWN_WORD", refused))


def _names(source: pa.ChunkedArray | pa.Array, *, is_channel: bool) -> pa.Array:
    encoded = words_of(source)
    words = encoded.dictionary.to_pylist()
    names = [normalise_channel(word) if is_channel else word for word in words]
    is_name = [bool(name.strip()) for name in names]
    if not all(is_name):
        places = np.where(is_name, np.arange(len(names)), -1)[encoded.indices.to_numpy()]
        indices = pa.array(places.astype(np.int32), mask=places < 0)
    else:
        indices = encoded.indices
    return pa.DictionaryArray.from_arrays(indices, pa.array(names, pa.string()))


def without_blanks(texts: pa.StringArray) -> pa.Array:
    """The texts with null where there is nothing but blanks."""
    is_blank = _is_blank(texts)
    return (
        pc.if_else(pa.array(is_blank), pa.scalar(None, pa.string()), texts)
        if is_blank.any()
        else texts
    )


def _is_blank(texts: pa.StringArray) -> npt.NDArray[np.bool_]:
    offsets, data = text_buffers(texts)
    sizes = np.diff(offsets)
    is_blank = sizes == 0
    if len(data):
        # Only what begins with a blank can be blank; that is looked at one by one.
        first = data[np.minimum(offsets[:-1], len(data) - 1)]
        for row in np.flatnonzero((first <= _SPACE) & ~is_blank).tolist():
            is_blank[row] = not texts[row].as_py().strip()
    return is_blank
