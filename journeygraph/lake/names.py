"""Which key a customer's id has, and which code a name: given once, never changed, never shared.

Ids are compared as bytes. 'NA', 'null', '007' and '7' are four customers; nothing is trimmed,
folded or read as a number.
"""

from __future__ import annotations

import secrets
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.kernels.text_keys import (
    NO_KEY,
    RECORD_HEAD,
    assign_keys,
    fill_slots,
    unpack_texts,
)
from journeygraph.lake.errors import UnfitRowsError
from journeygraph.lake.number_keys import NumberKeys
from journeygraph.lake.tables import STORED_TABLES

__all__ = ["CustomerKeys", "Mark", "Names", "TextKeys", "text_buffers"]

_MOST_NOTED = 1 << 16


class Mark(NamedTuple):
    """How many keys there are, and how many words of the arena they use."""

    n_keys: int
    used: int


class TextKeys:
    """Keys 0, 1, 2, … of texts in order of first appearance.

    Parameters
    ----------
    columns
        Schema of (key, text) of the tables that come in and go out.
    existing
        The keys that were given before, in order.
    seed
        Of the hash; one that nobody knows by default.
    """

    def __init__(self, columns: pa.Schema, existing: pa.Table, seed: int | None = None) -> None:
        self._columns = columns
        self._seed = np.uint64(secrets.randbits(64) if seed is None else seed)
        self._slots = np.zeros(_power_of_two(3 * existing.num_rows + 1024), np.uint64)
        n_words = existing.column(1).nbytes // 8 + (RECORD_HEAD + 1) * existing.num_rows
        self._arena = np.empty(n_words + 8192, np.uint64)
        self._used = self._n_keys = 0
        self._encode(existing.column(1))
        self._n_existing, self._used_by_existing = self._n_keys, self._used
        if self._n_keys != existing.num_rows or not _is_dense(existing.column(0)):
            raise UnfitRowsError(columns.names[1], "its keys are not 0, 1, 2, … of different texts")

    def __len__(self) -> int:
        return self._n_keys

    def new(self) -> pa.Table:
        """The keys that were given since, in order."""
        texts = self.texts_behind(Mark(self._n_existing, self._used_by_existing))
        keys = pa.array(np.arange(self._n_existing, self._n_keys), self._columns.field(0).type)
        return pa.table(
            [pa.chunked_array([keys]), pa.chunked_array([texts]).cast(pa.string())],
            schema=self._columns,
        )

    def mark(self) -> Mark:
        """How far the keys go now."""
        return Mark(self._n_keys, self._used)

    def texts_behind(self, mark: Mark) -> pa.LargeStringArray:
        """The texts whose keys were given since a mark, in order."""
        starts = np.zeros(self._n_keys - mark.n_keys + 1, np.int64)
        unpack_texts(self._arena, mark.used, starts, np.empty(0, np.uint8))
        texts = np.empty(starts[-1], np.uint8)
        unpack_texts(self._arena, mark.used, starts, texts)
        return pa.LargeStringArray.from_buffers(
            len(starts) - 1, pa.py_buffer(starts), pa.py_buffer(texts)
        )

    def is_seeded(self, seed: int) -> bool:
        """Whether this is the seed of the hash."""
        return bool(self._seed == np.uint64(seed))

    def words(self) -> tuple[npt.NDArray[np.uint64], int]:
        """Slots and records, one behind the other, and how many slots there are."""
        return np.concatenate([self._slots, self._arena[: self._used]]), self._slots.size

    def _encode(self, values: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.int64]:
        keys = np.empty(len(values), np.int64)
        done = 0
        for chunk in values.chunks if isinstance(values, pa.ChunkedArray) else [values]:
            self._encode_chunk(chunk, keys[done : done + len(chunk)])
            done += len(chunk)
        return keys

    def _encode_chunk(self, chunk: pa.Array, keys: npt.NDArray[np.int64]) -> None:
        if pa.types.is_dictionary(chunk.type):
            keys_of_words = np.append(self._encode_used(chunk), NO_KEY)
            last = len(keys_of_words) - 1
            keys[:] = keys_of_words[_as_numpy(chunk.indices.fill_null(last))]
            return
        starts, data, is_valid = text_buffers(chunk)
        row = 0
        while True:
            row, self._used, self._n_keys = assign_keys(
                starts, data, is_valid, self._seed, self._slots, self._arena,
                self._used, self._n_keys, keys, row,
            )  # fmt: skip
            if row == len(chunk):
                return
            self._grow(int(starts[row + 1] - starts[row]))

    def _encode_used(self, chunk: pa.DictionaryArray) -> npt.NDArray[np.int64]:
        """Keys of a dictionary's texts, in order of their first use; unused ones get none."""
        indices = _as_numpy(chunk.indices.drop_null())
        first = np.full(len(chunk.dictionary), len(indices))
        first[indices[::-1]] = np.arange(len(indices))[::-1]  # of several, the last one written
        used = np.argsort(first)[: np.count_nonzero(first < len(indices))]
        keys = np.full(len(chunk.dictionary), NO_KEY, np.int64)
        keys[used] = self._encode(chunk.dictionary.take(pa.array(used)))
        return keys

    def _grow(self, n_bytes: int) -> None:
        """Make room for one more text of that many bytes, and as many again as there are."""
        if 2 * self._n_keys >= self._slots.size:
            self._slots = np.zeros(2 * self._slots.size, np.uint64)
            fill_slots(self._arena, self._used, self._seed, self._slots)
        n_words = RECORD_HEAD + (n_bytes + 7) // 8
        if self._used + n_words > self._arena.size:
            arena = np.empty(2 * self._arena.size + n_words, np.uint64)
            arena[: self._used] = self._arena[: self._used]
            self._arena = arena


class CustomerKeys(TextKeys):
    """The surrogate key of every customer: int64, 0 for the first that appeared.

    A whole number is the customer of its decimal digits. As long as there are only numbers they
    get their keys without any texts, which are made when somebody asks for them.

    Parameters
    ----------
    existing
        The table `identities`; none for a new store.
    seed
        Of the hash; one that nobody knows by default.
    """

    def __init__(self, existing: pa.Table | None = None, seed: int | None = None) -> None:
        self._numbers = NumberKeys(self._encode_numbers)
        self._waiting: list[npt.NDArray[np.int64]] = []
        self._n_waiting = 0
        self._is_forgotten = False
        columns = STORED_TABLES["identities"].columns
        super().__init__(columns, columns.empty_table() if existing is None else existing, seed)

    def __len__(self) -> int:
        return self._n_keys + self._n_waiting

    def encode(self, ids: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.int64]:
        """The keys of ids, texts or whole numbers; new customers the next; -1 where no id is."""
        return self._encode(ids)

    def new(self) -> pa.Table:
        """The keys that were given since, in order."""
        self._numbers = NumberKeys(self._encode_numbers)  # the texts know them; it takes memory
        self._is_forgotten = self._n_waiting > 0
        if not self._n_waiting:
            return super().new()
        columns = [pa.array(np.arange(len(self))), self._texts_of_waiting(pa.string())]
        return pa.table(columns, schema=self._columns)

    def mark(self) -> Mark:
        """How far the keys go now."""
        self.make_texts()
        return super().mark()

    def texts_behind(self, mark: Mark) -> pa.LargeStringArray:
        """The texts whose keys were given since a mark, in order."""
        self.make_texts()
        return super().texts_behind(mark)

    @property
    def are_numbers(self) -> bool:
        """Whether every key so far is that of a number whose text nobody has asked for."""
        return not self._n_keys and not self._is_forgotten

    def texts_of_last(self, n_numbers: int) -> pa.LargeStringArray:
        """The texts of the last numbers that got keys, in order; `are_numbers` before and now.

        The table of texts is not filled for it.
        """
        last: list[npt.NDArray[np.int64]] = []
        while sum(map(len, last)) < n_numbers:
            last.insert(0, self._waiting[-1 - len(last)])
        numbers = np.concatenate([np.zeros(0, np.int64), *last])
        return pa.array(numbers[len(numbers) - n_numbers :]).cast(pa.large_string())

    def words(self) -> tuple[npt.NDArray[np.uint64], int]:
        """Slots and records, one behind the other, and how many slots there are."""
        self.make_texts()
        return super().words()

    def _encode_chunk(self, chunk: pa.Array, keys: npt.NDArray[np.int64]) -> None:
        if not pa.types.is_integer(chunk.type):
            self.make_texts()
            super()._encode_chunk(chunk, keys)
            return
        there = chunk.drop_null() if chunk.null_count else chunk
        found = self._numbers.encode(_as_numpy(there.cast(pa.int64())))
        if chunk.null_count:
            keys[:] = NO_KEY
            keys[_as_numpy(chunk.is_valid())] = found
        else:
            keys[:] = found

    def _encode_numbers(self, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Keys of numbers that were not met yet, all different."""
        if self._is_forgotten:
            self.make_texts()
        if self._n_keys:
            return self._encode(pa.array(numbers).cast(pa.string()))
        first = self._n_waiting
        self._waiting.append(numbers)
        self._n_waiting += len(numbers)
        return np.arange(first, self._n_waiting)

    def make_texts(self) -> None:
        """Put the numbers that got keys without texts into the table, the first to be there.

        It is done when it is needed; ahead of that, to have it done.
        """
        if not self._n_waiting:
            return
        texts = self._texts_of_waiting(pa.large_string())
        self._waiting, self._n_waiting, self._is_forgotten = [], 0, False
        self._slots = np.zeros(_power_of_two(2 * len(texts) + 1024), np.uint64)
        n_words = texts.nbytes // 8 + (RECORD_HEAD + 1) * len(texts)
        self._arena = np.empty(n_words + 8192, np.uint64)
        self._encode(texts)

    def _texts_of_waiting(self, kind: pa.DataType) -> pa.Array:
        return pa.array(np.concatenate(self._waiting)).cast(kind)


class Names(TextKeys):
    """The codes of an open set of names: touchpoints, channels or teams.

    Parameters
    ----------
    existing
        The table `touchpoints`, `channels` or `teams`; none for a new store.
    """

    def __init__(self, existing: pa.Table | None = None) -> None:
        columns = STORED_TABLES["touchpoints"].columns
        super().__init__(columns, columns.empty_table() if existing is None else existing)
        self._codes: dict[str, int] = {}
        self._note(Mark(0, 0))

    def encode(self, values: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.int32]:
        """The codes of names, new names the next ones; -1 where there is no name."""
        known = self._known(values)
        if known is not None:
            return known
        before = self.mark()
        codes = self._encode(values).astype(np.int32)
        self._note(before)
        return codes

    def _known(self, values: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.int32] | None:
        """The codes of names of which none is new; None where that is not sure."""
        if not isinstance(values, pa.DictionaryArray) or values.indices.null_count:
            return None
        codes = [self._codes.get(name, NO_KEY) for name in values.dictionary.to_pylist()]
        if NO_KEY in codes:
            return None
        return np.array(codes, np.int32)[_as_numpy(values.indices)]

    def _note(self, mark: Mark) -> None:
        """Note the names that were given codes since, as far as there are not too many."""
        if mark.n_keys < len(self) <= _MOST_NOTED:
            names = self.texts_behind(mark).to_pylist()
            self._codes.update(zip(names, range(mark.n_keys, len(self)), strict=True))


def text_buffers(
    chunk: pa.Array,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    """Starts, bytes and validity of texts, all read-only, so that there is one kernel."""
    texts = chunk.cast(pa.large_string())
    _, starts, data = texts.buffers()
    if not len(texts):
        return _read_only(np.zeros(1, np.int64)), _NO_BYTES, _ALL_VALID
    is_valid = _ALL_VALID
    if texts.null_count:
        is_valid = _read_only(_as_numpy(texts.is_valid()))
    return (
        _read_only(np.frombuffer(starts, np.int64)[texts.offset :][: len(texts) + 1]),
        _read_only(np.frombuffer(data, np.uint8)) if data else _NO_BYTES,
        is_valid,
    )


def _read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view


def _as_numpy(array: pa.Array) -> npt.NDArray[Any]:
    values: npt.NDArray[Any] = array.to_numpy(zero_copy_only=False)
    return values


_ALL_VALID = _read_only(np.empty(0, np.bool_))
_NO_BYTES = _read_only(np.empty(0, np.uint8))


def _is_dense(keys: pa.ChunkedArray) -> bool:
    return bool(np.array_equal(keys.to_numpy(), np.arange(len(keys))))


def _power_of_two(at_least: int) -> int:
    return 1 << (at_least - 1).bit_length()
