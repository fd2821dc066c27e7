"""Rows that cannot be taken, as the quarantine keeps them: where they are, why, and all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import orjson
import pyarrow as pa

from journeygraph.lake.tables import STORED_TABLES
from journeygraph.loading.arrow_text import as_texts
from journeygraph.loading.checks import Refused
from journeygraph.loading.objects import write_objects
from journeygraph.loading.readers.batches import BrokenRow, IntArray, RawBatch

__all__ = ["count_codes", "quarantine_broken", "quarantine_refused"]

_COLUMNS = STORED_TABLES["quarantine"].columns


def quarantine_refused(batch: RawBatch, refused: Refused, file: int, table: str) -> pa.Table:
    """The refused rows of a batch, with all their values."""
    places = pa.array(refused.places)
    taken = batch.table.take(places)
    raw = write_objects(
        {name: as_texts(taken[name], nan="NaN") for name in taken.column_names}, len(places)
    )
    return _table(
        file=file,
        table=table,
        rows=batch.rows[refused.places],
        lines=batch.lines[refused.places],
        texts=(refused.columns, refused.codes, refused.reasons, raw),
    )


def quarantine_broken(broken: Sequence[BrokenRow], file: int, table: str) -> pa.Table:
    """Rows that could not even be read."""
    raw = [
        orjson.dumps({name: value for name, value in row.raw.items() if value}).decode()
        for row in broken
    ]
    return _table(
        file=file,
        table=table,
        rows=np.array([row.row for row in broken], np.int64),
        lines=np.array([row.line for row in broken], np.int64),
        texts=(
            pa.nulls(len(broken), pa.string()),
            pa.array([row.code for row in broken], pa.string()),
            pa.array([row.reason for row in broken], pa.string()),
            pa.array(raw, pa.string()),
        ),
    )


def count_codes(quarantined: pa.Table) -> Counter[str]:
    """How many rows there are for each code."""
    counts = quarantined["code"].value_counts().to_pylist()
    return Counter({entry["values"]: entry["counts"] for entry in counts})


def _table(
    *, file: int, table: str, rows: IntArray, lines: IntArray, texts: tuple[pa.Array, ...]
) -> pa.Table:
    columns, codes, reasons, raw = texts
    return pa.table(
        [
            pa.array(np.full(len(rows), file, np.int32)),
            pa.array(rows),
            pa.array(lines),
            pa.array([table] * len(rows), pa.string()),
            columns, codes, reasons, raw,
        ],
        schema=_COLUMNS,
    )  # fmt: skip
