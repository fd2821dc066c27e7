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


def group_rows(table: pa.Table, keys: Sequence[str], measures: Mapping[str, MergeRule]) -> pa.Table:
    """One row for each combination of keys that occurs, ascending, and measures by their rule.

    Parameters
    ----------
    table
        Whole numbers without nulls; sums are of 64 bits.
    keys
        At least one.

    Returns
    -------
    The keys in their types, then the measures in int64.
    """
    of_keys = [table[name].to_numpy() for name in keys]
    of_measures = [table[name].to_numpy().astype(np.int64, copy=False) for name in measures]
    order, starts = _groups(of_keys)
    first = order[starts]
    combined = [
        _RULES[rule].reduceat(values[order], starts) if len(starts) else values
        for values, rule in zip(of_measures, measures.values(), strict=True)
    ]
    return pa.table([*(key[first] for key in of_keys), *combined], names=[*keys, *measures])


def _groups(keys: Sequence[IntArray]) -> tuple[Int64Array, Int64Array]:
    """Rows in the order of the keys, and where in that order each group begins."""
    packed = _packed(keys)
    if packed is None:
        order = np.lexsort(keys[::-1])
        is_new = np.any([key[order[1:]] != key[order[:-1]] for key in keys], axis=0)
    else:
        order = _order(packed)
        is_new = packed[order[1:]] != packed[order[:-1]]
    begins = np.flatnonzero(is_new) + 1
    return order, begins if not len(order) else np.concatenate([[0], begins])


def _packed(keys: Sequence[IntArray]) -> Int64Array | None:
    """One number for each row, in the order of the keys; None where they do not fit into it."""
    packed = np.zeros(len(keys[0]), np.int64)
    if not len(packed):
        return packed
    room = 1
    for key in keys:
        least = key.min()
        width = int(key.max()) - int(least) + 1
        room *= width
        if room > _MOST:
            return None
        signed = key if key.dtype == np.uint64 else key.astype(np.int64, copy=False)
        packed = packed * width + (signed - signed.dtype.type(least)).astype(np.int64, copy=False)
    return packed


def _order(packed: Int64Array) -> Int64Array:
    """The order of the numbers; what begins as a few ascending runs is merged, not sorted."""
    falls = np.count_nonzero(packed[1:] < packed[:-1])
    if not falls:
        return np.arange(len(packed))
    return np.argsort(packed, kind="stable" if falls <= _FEW_FALLS else None)
