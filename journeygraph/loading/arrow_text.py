"""Arrow columns of any type as texts, and the buffers of texts for the kernels.

Nulls become the empty text: to every check of loading, nothing and an empty text are the same.
A floating-point number that is whole loses its `.0`, because whole ids become floating point
wherever a tool met a missing one among them.
"""

from __future__ import annotations

import base64
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc

__all__ = [
    "as_one", "as_texts", "distinct", "text_buffers", "validity", "whole_numbers", "words_of",
]  # fmt: skip

Column: TypeAlias = pa.Array | pa.ChunkedArray

_EXACT_FLOAT = 2.0**63


def as_one(column: Column) -> pa.Array:
    """The column in one piece."""
    if isinstance(column, pa.ChunkedArray):
        if column.num_chunks == 1:
            return column.chunk(0)
        whole = column.combine_chunks()
        return whole if isinstance(whole, pa.Array) else pa.concat_arrays(whole.chunks)
    return column


def as_texts(column: Column, nan: str = "") -> pa.StringArray:
    """The values as texts, without nulls.

    Parameters
    ----------
    column
        Any type.
    nan
        What a floating-point "not a number" reads as.
    """
    whole = as_one(column)
    if pa.types.is_dictionary(whole.type):
        whole = as_one(whole.dictionary_decode())
    texts = _texts_of(whole, nan)
    return pc.fill_null(texts, "") if texts.null_count else texts


def _texts_of(whole: pa.Array, nan: str) -> pa.Array:
    kind = whole.type
    if pa.types.is_string(kind):
        return whole
    if pa.types.is_floating(kind):
        return _texts_of_floats(whole, nan)
    if pa.types.is_nested(kind):
        return pa.array([_json(value) for value in whole.to_pylist()], pa.string())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pa.array([_text_of_bytes(value) for value in whole.to_pylist()], pa.string())
    if pa.types.is_fixed_size_binary(kind):
        return _texts_of(whole.cast(pa.binary()), nan)
    try:
        return whole.cast(pa.string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return pa.array([_plain(value) for value in whole.to_pylist()], pa.string())


def _texts_of_floats(whole: pa.Array, nan: str) -> pa.Array:
    if whole.null_count > len(whole) // 2:  # amounts, of which most rows have none
        is_there = whole.is_valid()
        places = np.cumsum(is_there.to_numpy(zero_copy_only=False)) - 1
        there = pc.if_else(is_there, pa.array(places), pa.scalar(None, pa.int64()))
        return _texts_of_floats(whole.drop_null(), nan).take(there)
    if pa.types.is_float16(whole.type):
        whole = whole.cast(pa.float32())
    texts = pc.if_else(pc.is_nan(whole), pa.scalar(nan), whole.cast(pa.string()))
    numbers = pc.fill_null(whole, 0.0).to_numpy(zero_copy_only=False).astype(np.float64)
    is_whole = (np.floor(numbers) == numbers) & (np.abs(numbers) < _EXACT_FLOAT)
    if not is_whole.any():
        return texts
    as_whole = pa.array(np.where(is_whole, numbers, 0).astype(np.int64)).cast(pa.string())
    return pc.if_else(pc.and_(pc.is_valid(whole), pa.array(is_whole)), as_whole, texts)


def _json(value: Any) -> str | None:
    if value is None:
        return None
    return orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS).decode()


def _text_of_bytes(value: bytes | None) -> str | None:
    if value is None:
        return None
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return base64.b64encode(value).decode()


def _plain(value: Any) -> str | None:
    if isinstance(value, bytes):
        return _text_of_bytes(value)
    return None if value is None else str(value)


def whole_numbers(column: Column) -> pa.Array | None:
    """The values as numbers of 64 bits, where the type of the column makes sure that they are.

    What `as_texts` makes of them are their decimal digits, so that nothing is lost.
    """
    kind = column.type
    if pa.types.is_dictionary(kind) and pa.types.is_integer(kind.value_type):
        column, kind = as_one(column).dictionary_decode(), kind.value_type
    if not pa.types.is_integer(kind):
        return None
    try:
        return as_one(column).cast(pa.int64())
    except pa.ArrowInvalid:  # beyond 64 bits with a sign
        return None


def text_buffers(
    texts: pa.StringArray,
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint8]]:
    """Where each text begins and the bytes of all of them, read-only, for the kernels."""
    if len(texts) == 0:
        offsets, data = np.zeros(1, np.int32), np.zeros(0, np.uint8)
    else:
        _, offset_buffer, data_buffer = texts.buffers()
        offsets = np.frombuffer(offset_buffer, np.int32)[texts.offset :][: len(texts) + 1]
        data = np.frombuffer(data_buffer or b"", np.uint8)
    offsets.flags.writeable = False
    data.flags.writeable = False
    return offsets, data


def validity(is_there: npt.NDArray[np.bool_]) -> pa.Buffer:
    """Which values there are, as Arrow keeps it."""
    return pa.py_buffer(np.packbits(is_there, bitorder="little"))


def distinct(texts: pa.StringArray) -> tuple[list[str], npt.NDArray[np.int32]]:
    """The different texts, and for each row the place of its text among them."""
    encoded = texts.dictionary_encode()
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy()


def words_of(column: Column) -> pa.DictionaryArray:
    """The values as `as_texts` gives them, by their different texts; those may come twice."""
    if not (pa.types.is_dictionary(column.type) and pa.types.is_string(column.type.value_type)):
        return as_texts(column).dictionary_encode()
    whole = as_one(column)
    words, indices = pc.fill_null(whole.dictionary, ""), whole.indices
    if indices.null_count:
        words = pa.concat_arrays([words, pa.array([""], pa.string())])
        indices = indices.cast(pa.int32()).fill_null(len(words) - 1)
    return pa.DictionaryArray.from_arrays(indices, words)
