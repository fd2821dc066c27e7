"""Small tables with the columns of the store."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from journeygraph.lake.store import Store
from journeygraph.lake.tables import STORED_TABLES
from journeygraph.lake.versions import StoreVersion


def interactions(values: Sequence[int], file: int = 0) -> pa.Table:
    """Interactions that are told apart by their `value`."""
    n_rows = len(values)
    schema = STORED_TABLES["interactions"].columns
    columns = {field.name: pa.nulls(n_rows, field.type) for field in schema}
    columns["file"] = pa.array([file] * n_rows, pa.int32())
    columns["row"] = pa.array(range(n_rows), pa.int64())
    columns["customer"] = pa.array(np.arange(n_rows) % 7)
    columns["at"] = pa.array(range(n_rows), pa.timestamp("us", tz="UTC"))
    columns["touchpoint"] = pa.array([value % 3 for value in values], pa.int32())
    columns["value"] = pa.array(values, pa.int64())
    columns["properties"] = pa.array([f'{{"value": {value}}}' for value in values])
    return pa.table(columns, schema=schema)


def identities(first: int, ids: Sequence[str]) -> pa.Table:
    keys = pa.array(range(first, first + len(ids)), pa.int64())
    return pa.table({"customer": keys, "id": pa.array(ids, pa.string())})


def names(first: int, words: Sequence[str]) -> pa.Table:
    codes = pa.array(range(first, first + len(words)), pa.int32())
    return pa.table({"code": codes, "name": pa.array(words, pa.string())})


def load(store: Store, values: Sequence[int], customers: Sequence[str] = ()) -> StoreVersion:
    """One load as a whole."""
    with store.writer() as writer:
        number = writer.next_load
        writer.append("interactions", interactions(values), load=number)
        n_known = 0 if writer.base is None else writer.base.counts.get("identities", 0)
        writer.append("identities", identities(n_known, customers))
        return writer.commit(kind="load", load=number)


def values_of(store: Store, version: StoreVersion) -> list[tuple[int, int]]:
    """Load and value of every interaction, in order."""
    rows = store.read("interactions", version, ["value"])
    return list(zip(rows["load"].to_pylist(), rows["value"].to_pylist(), strict=True))
