"""Which key a customer's id has, and which code a name: given once, never changed, never shared.

Ids are compared as bytes. 'NA', 'null', '007' and '7' are four customers; nothing is trimmed,
folded or read as a number.
"""

from __future__ import annotations

import secrets

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.kernels.text_keys import EMPTY, assign_keys, rehash
from journeygraph.lake.errors import UnfitRowsError
from journeygraph.lake.tables import STORED_TABLES

__all__ = ["CustomerKeys", "Names", "TextKeys"]

_ALL_VALID = np.empty(0, np.bool_)


class TextKeys:
    """Keys 0, 1, 2, … of texts in order of first appearance.

    Parameters
    ----------
    columns
        Schema of (key, text) of the tables that come in and go out.
    existing
        The keys that were given before, in order.
    """

    def __init__(self, columns: pa.Schema, existing: pa.Table) -> None:
        self._columns = columns
        self._seed = np.uint64(secrets.randbits(64))
        n_existing = existing.num_rows
        self._make_room(n_slots=_power_of_two(4 * n_existing + 1024))
        self._text_starts = np.zeros(2 * n_existing + 1025, np.int64)
        self._texts = np.empty(16 * n_existing + 65536, np.uint8)
        self._n_keys = 0
        self._encode(existing.column(1))
        self._n_existing = self._n_keys
        if self._n_keys != n_existing or not _is_dense(existing.column(0)):
            raise UnfitRowsError(columns.names[1], "its keys are not 0, 1, 2, … of different texts")

    def __len__(self) -> int:
        return self._n_keys

    def new(self) -> pa.Table:
        """The keys that were given since, in order."""
        starts = self._text_starts[self._n_existing : self._n_keys + 1]
        texts = self._texts[starts[0] : starts[-1]].copy()
        column = pa.LargeStringArray.from_buffers(
            len(starts) - 1, pa.py_buffer(starts - starts[0]), pa.py_buffer(texts)
        )
        keys = pa.array(np.arange(self._n_existing, self._n_keys), self._columns.field(0).type)
        return pa.table(
            [pa.chunked_array([keys]), pa.chunked_array([column]).cast(pa.string())],
            schema=self._columns,
        )

    def _encode(self, values: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.int64]:
        keys = np.empty(len(values), np.int64)
        done = 0
        for chunk in values.chunks if isinstance(values, pa.ChunkedArray) else [values]:
            self._encode_chunk(chunk, keys[done : done + len(chunk)])
            done += len(chunk)
        return keys

    def _encode_chunk(self, chunk: pa.Array, keys: npt.NDArray[np.int64]) -> None:
        if pa.types.is_dictionary(chunk.type):
            words = np.append(self._encode_used(chunk), EMPTY)
            keys[:] = words[chunk.indices.fill_null(len(words) - 1).to_numpy(zero_copy_only=False)]
            return
        starts, data, is_valid = _buffers(chunk)
        row = 0
        while True:
            row, self._n_keys = assign_keys(
                starts, data, is_valid, self._seed, self._slot_hashes, self._slot_keys,
                self._text_starts, self._texts, self._n_keys, keys, row,
            )  # fmt: skip
            if row == len(chunk):
                return
            self._grow(int(starts[row + 1] - starts[row]))

    def _encode_used(self, chunk: pa.DictionaryArray) -> npt.NDArray[np.int64]:
        """Keys of a dictionary's texts, in order of their first use; unused ones get none."""
        used, first = np.unique(
            chunk.indices.drop_null().to_numpy(zero_copy_only=False), return_index=True
        )
        used = used[np.argsort(first)]
        keys = np.full(len(chunk.dictionary), EMPTY, np.int64)
        keys[used] = self._encode(chunk.dictionary.take(pa.array(used)))
        return keys

    def _grow(self, room: int) -> None:
        if self._n_keys >= self._slot_keys.size // 2:
            hashes, keys = self._slot_hashes, self._slot_keys
            self._make_room(2 * keys.size)
            rehash(hashes, keys, self._slot_hashes, self._slot_keys)
        if self._n_keys >= self._text_starts.size - 1:
            self._text_starts = _doubled(self._text_starts, 0)
        if self._text_starts[self._n_keys] + room > self._texts.size:
            self._texts = _doubled(self._texts, room)

    def _make_room(self, n_slots: int) -> None:
        self._slot_hashes = np.empty(n_slots, np.uint64)
        self._slot_keys = np.full(n_slots, EMPTY, np.int64)


class CustomerKeys(TextKeys):
    """The surrogate key of every customer: int64, 0 for the first that appeared.

    Parameters
    ----------
    existing
        The table `identities`; none for a new store.
    """

    def __init__(self, existing: pa.Table | None = None) -> None:
        columns = STORED_TABLES["identities"].columns
        super().__init__(columns, columns.empty_table() if existing is None else existing)

    def encode(self, ids: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.int64]:
        """The keys of ids, new customers the next ones; -1 where there is no id."""
        return self._encode(ids)


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

    def encode(self, values: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.int32]:
        """The codes of names, new names the next ones; -1 where there is no name."""
        return self._encode(values).astype(np.int32)


def _buffers(
    chunk: pa.Array,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    texts = chunk.cast(pa.large_string())
    _, starts, data = texts.buffers()
    first = texts.offset
    if len(texts) == 0 or starts is None:
        return np.zeros(len(texts) + 1, np.int64), np.empty(0, np.uint8), _ALL_VALID
    is_valid = _ALL_VALID
    if texts.null_count:
        is_valid = texts.is_valid().to_numpy(zero_copy_only=False)
    return (
        np.frombuffer(starts, np.int64)[first : first + len(texts) + 1],
        np.frombuffer(data, np.uint8) if data is not None and data.size else np.empty(0, np.uint8),
        is_valid,
    )


def _is_dense(keys: pa.ChunkedArray) -> bool:
    return bool(np.array_equal(keys.to_numpy(), np.arange(len(keys))))


def _power_of_two(at_least: int) -> int:
    return 1 << (at_least - 1).bit_length()


def _doubled(array: npt.NDArray[np.int64], room: int) -> npt.NDArray[np.int64]:
    larger = np.empty(2 * array.size + room, array.dtype)
    larger[: array.size] = array
    return larger
