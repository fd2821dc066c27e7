"""The store's book of loads, and the quarantine, kept true when rows are taken in later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa

from journeygraph.lake.tables import STORED_TABLES
from journeygraph.lake.writer import StoreWriter
from journeygraph.loading.known import Known

__all__ = ["leave_quarantine", "ledger_rows"]


def ledger_rows(entries: list[dict[str, Any]], at_us: int) -> pa.Table:
    """Entries of the book: `quarantined` and `kept` are written as JSON."""
    rows = [
        {
            **{name: entry[name] for name in _PLAIN},
            "quarantined_json": orjson.dumps(entry["quarantined"]).decode(),
            "mapping_json": orjson.dumps(entry["kept"]).decode(),
            "at": at_us,
        }
        for entry in entries
    ]
    return pa.Table.from_pylist(rows, schema=STORED_TABLES["loads"].columns)


_PLAIN = ("file", "name", "sha256", "table", "read", "accepted", "duplicates")


def leave_quarantine(
    known: Known, writer: StoreWriter, load: int, taken: Mapping[int, npt.NDArray[np.int64]]
) -> None:
    """Take rows of a load out of quarantine; `taken` are their numbers by file."""
    rows = known.read("quarantine", None, {load}).drop_columns(["load"])
    of_file, of_row = rows["file"].to_numpy(), rows["row"].to_numpy()
    is_taken = np.zeros(rows.num_rows, np.bool_)
    for file, numbers in taken.items():
        is_taken |= (of_file == file) & np.isin(of_row, numbers)
    if is_taken.any():
        writer.replace_load("quarantine", load, rows.filter(pa.array(~is_taken)))
