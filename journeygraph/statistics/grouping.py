"""Rows of a table whose keys are whole numbers, grouped: each key once, in order.

The keys of a row are packed into one number where that fits, which is sorted once. Tables of a
few rows are grouped hundreds of times by some questions: Arrow's own grouping begins an execution
plan for each, which takes longer than the rest; and of millions of rows by five keys it compares
one key after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ["MergeRule", "group_rows"]

Int64Array = npt.NDArray[np.int64]
IntArray = npt.NDArray[np.integer[Any]]

MergeRule = Literal["sum", "min", "max"]

_RULES: Mapping[MergeRule, np.ufunc] = {"sum": np.add, "min": np.minimum, "max": np.maximum}
_MOST = np.iinfo(np.int64).max
_FEW_FALLS = 64


def group_rows(
    columns: dict[str, pa.ChunkedArray], keys: Sequence[str], measures: Mapping[str, MergeRule]
) -> pa.Table:
    """One row for each combination of keys that occurs, ascending, and measures by their rule.

    Parameters
    ----------
    columns
        Of whole numbers without nulls; sums are of 64 bits. They are taken out one after the
        other, so that who holds nothing else of them holds them once, and not twice.
    keys
        At least one.

    Returns
    -------
    The keys in their types, then the measures in int64.
    """
    order, starts = _groups(columns, keys)
    first = order[starts]
    grouped = [columns.pop(name).to_numpy()[first] for name in keys]
    del first
    for name, rule in measures.items():
        values = columns.pop(name).to_numpy().astype(np.int64, copy=False)
        grouped.append(_RULES[rule].reduceat(values[order], starts) if len(starts) else values)
    return pa.table(grouped, names=[*keys, *measures])


def _groups(
    columns: Mapping[str, pa.ChunkedArray], keys: Sequence[str]
) -> tuple[Int64Array, Int64Array]:
    """Rows in the order of the keys, and where in that order each group begins."""
    packed = _packed(columns, keys)
    if packed is None:
        whole = [columns[name].to_numpy() for name in keys]
        order = np.lexsort(whole[::-1])
        is_new = np.any([column[order[1:]] != column[order[:-1]] for column in whole], axis=0)
    else:
        order = _order(packed)
        packed = packed[order]
        is_new = packed[1:] != packed[:-1]
    begins = np.flatnonzero(is_new) + 1
    return order, begins if not len(order) else np.concatenate([[0], begins])


def _packed(columns: Mapping[str, pa.ChunkedArray], keys: Sequence[str]) -> Int64Array | None:
    """One number for each row, in the order of the keys; None where they do not fit into it.

    A column in parts is put together when it is looked at, one after the other.
    """
    packed = np.zeros(len(columns[keys[0]]), np.int64)
    if not len(packed):
        return packed
    room = 1
    for name in keys:
        key = columns[name].to_numpy()
        least = key.min()
        width = int(key.max()) - int(least) + 1
        room *= width
        if room > _MOST:
            return None
        signed = key if key.dtype == np.uint64 else key.astype(np.int64, copy=False)
        packed *= width
        packed += (signed - signed.dtype.type(least)).astype(np.int64, copy=False)
    return packed


def _order(packed: Int64Array) -> Int64Array:
    """The order of the numbers; what begins as a few ascending runs is merged, not sorted."""
    falls = np.count_nonzero(packed[1:] < packed[:-1])
    if not falls:
        return np.arange(len(packed))
    return np.argsort(packed, kind="stable" if falls <= _FEW_FALLS else None)
