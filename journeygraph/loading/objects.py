"""Columns of texts as one JSON object for each row; empty values are left out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import orjson
import pyarrow as pa

from journeygraph.kernels.json_objects import add_sizes, close_objects, write_values
from journeygraph.loading.arrow_text import text_buffers, validity

__all__ = ["write_objects"]


def write_objects(columns: Mapping[str, pa.StringArray], n_rows: int) -> pa.StringArray:
    """The JSON text of each row's values by column name, null where all of them are empty."""
    sizes = np.zeros(n_rows, np.int64)
    parts = []
    for name, texts in columns.items():
        key = np.frombuffer(orjson.dumps(name) + b":", np.uint8)
        buffers = text_buffers(texts)
        add_sizes(*buffers, len(key), sizes)
        parts.append((*buffers, key))
    if not sizes.any():
        return pa.nulls(n_rows, pa.string())
    offsets = np.concatenate(([0], np.cumsum(sizes)))
    begins = offsets[:-1]
    cursors = begins.copy()
    out = np.empty(offsets[-1], np.uint8)
    for starts, data, key in parts:
        write_values(starts, data, key, begins, cursors, out)
    close_objects(begins, cursors, out)
    large = pa.LargeStringArray.from_buffers(
        n_rows, pa.py_buffer(offsets), pa.py_buffer(out), validity(sizes > 0)
    )
    return large.cast(pa.string())
