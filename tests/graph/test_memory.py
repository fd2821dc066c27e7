"""What a graph takes, and what it takes to build one, in bytes per interaction."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import journeygraph
from journeygraph.graph import MISSING
from journeygraph.graph_reading import read_core
from journeygraph.lake.store import Store
from journeygraph.lake.tables import STORED_TABLES

_N = 300_000
_N_CUSTOMERS = 3_000
_COLUMNS = ("at_us", "touchpoint_codes", "channel_codes", "stage_codes", "value_minor")


def write_store(path: Path, n_touchpoints: int, *, with_sequence: bool = False) -> Store:
    generator = np.random.default_rng(1)
    codes = {"touchpoint": (n_touchpoints, pa.int32()), "channel": (3, pa.int32()),
             "stage": (5, pa.int8())}  # fmt: skip
    customers = np.concatenate(
        [np.arange(_N_CUSTOMERS), generator.integers(0, _N_CUSTOMERS, _N - _N_CUSTOMERS)]
    )
    columns = {
        "file": pa.array(np.zeros(_N, np.int32)),
        "row": pa.array(np.arange(_N)),
        "customer": pa.array(customers),
        "at": pa.array(generator.integers(0, 10**15, _N)).cast(pa.timestamp("us", "UTC")),
        "value": pa.array(generator.integers(0, 10**4, _N)),
        **{name: pa.array(generator.integers(0, n, _N)).cast(kind)
           for name, (n, kind) in codes.items()},
    }  # fmt: skip
    if with_sequence:
        columns["sequence"] = pa.array(generator.integers(0, 9, _N))
    schema = STORED_TABLES["interactions"].columns
    rows = pa.table(
        [columns.get(field.name, pa.nulls(_N, field.type)) for field in schema], schema=schema
    )
    store = Store.create_or_open(path)
    with store.writer() as writer:
        writer.append("interactions", rows, 1)
        for name, n_names in (("touchpoints", n_touchpoints), ("channels", 3)):
            names = {"code": range(n_names), "name": [f"{name} {code}" for code in range(n_names)]}
            writer.append(name, pa.table(names, schema=STORED_TABLES[name].columns))
        ids = {"customer": range(_N_CUSTOMERS), "id": [f"c{key}" for key in range(_N_CUSTOMERS)]}
        writer.append("identities", pa.table(ids, schema=STORED_TABLES["identities"].columns))
        writer.commit(kind="load", load=1)
    return store


@pytest.mark.parametrize("n_touchpoints", [60, 60_000])
def test_an_open_graph_takes_twenty_bytes_an_interaction(
    tmp_path: Path, n_touchpoints: int
) -> None:
    write_store(tmp_path / "s", n_touchpoints)
    graph = journeygraph.open(tmp_path / "s")
    assert graph.touchpoint_codes.max() == n_touchpoints - 1
    taken = sum(getattr(graph, name).nbytes for name in _COLUMNS)
    assert taken <= 20 * graph.n_interactions
    assert graph.value_minor.min() > MISSING


@pytest.mark.parametrize("with_sequence", [False, True])
def test_to_build_one_takes_not_much_more(tmp_path: Path, with_sequence: bool) -> None:
    store = write_store(tmp_path / "s", 60, with_sequence=with_sequence)
    journeygraph.open(tmp_path / "s")  # imports and compiles what is needed
    tracemalloc.start()
    core = read_core(store, store.version())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(core["at_us"]) == _N
    assert peak < 45 * _N
