"""Columns out of JSON objects: one object a row, as `properties` holds what nobody mapped.

Equal objects are parsed once. orjson is faster here than polars' or DuckDB's JSON paths, and
exact: a path cannot name a key that holds a quote.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import orjson

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["codes_of", "columns_of", "names_in", "text_of"]

Codes = npt.NDArray[np.int32]


def names_in(objects: Iterable[pa.Array]) -> list[str]:
    """The names that have a value in any object, by first appearance."""
    names: dict[str, None] = {}
    for batch in objects:
        for text in batch.unique().to_pylist():
            names.update((name, None) for name, value in _parsed(text).items() if _is_said(value))
    return list(names)


def codes_of(objects: Iterable[pa.Array], name: str) -> tuple[Codes, list[str]]:
    """The values under a name: a code for each object, -1 where it has none, and their texts."""
    names: dict[str, int] = {}
    parts = [np.zeros(0, np.int32)]
    for batch in objects:
        distinct = batch.dictionary_encode()
        codes = [_code(text, name, names) for text in distinct.dictionary.to_pylist()]
        of_row = distinct.indices.fill_null(len(codes)).to_numpy(zero_copy_only=False)
        parts.append(np.array([*codes, -1], np.int32)[of_row])
    return np.concatenate(parts), list(names)


def columns_of(objects: Iterable[pa.Array], n_rows: int) -> dict[str, tuple[Codes, list[str]]]:
    """`codes_of` for every name that has a value, by first appearance, in one pass."""
    codes: dict[str, Codes] = {}
    texts: dict[str, dict[str, int]] = {}
    row = 0
    for batch in objects:
        for text in batch.to_pylist():
            for name, value in _parsed(text).items():
                if not _is_said(value):
                    continue
                if name not in codes:
                    codes[name], texts[name] = np.full(n_rows, -1, np.int32), {}
                known = texts[name]
                codes[name][row] = known.setdefault(_written(value), len(known))
            row += 1
    return {name: (codes[name], list(texts[name])) for name in codes}


def text_of(value: Any) -> str | None:
    """A value as text: text as it is, anything else as JSON writes it; None where not said."""
    return _written(value) if _is_said(value) else None


def _written(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _is_said(value: Any) -> bool:
    return value is not None and value != ""


def _parsed(text: str | None) -> dict[str, Any]:
    parsed: dict[str, Any] = orjson.loads(text) if text else {}
    return parsed


def _code(text: str | None, name: str, names: dict[str, int]) -> int:
    value = text_of(_parsed(text).get(name))
    return -1 if value is None else names.setdefault(value, len(names))
