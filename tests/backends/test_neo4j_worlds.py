"""Random stores and files that nobody here wrote: pushed, compared, pulled, compared again."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import journeygraph
from journeygraph.backends.neo4j_pull import pull
from journeygraph.backends.neo4j_push import push
from journeygraph.lake.store import Store
from journeygraph.loading.options import LoadOptions
from tests.backends.in_neo4j import connect, found_in, wanted_of
from tests.backends.test_neo4j_pull import assert_same_graph
from tests.graph.stores import write_load
from tests.strategies import World, worlds

pytestmark = pytest.mark.neo4j


def as_loaded(world: World) -> World:
    """The same without what loading would not take as it is: blank ids, blanks around names."""
    rows = [
        ("blank" if who == " " else who, at, where.strip(), *rest)
        for who, at, where, *rest in world.rows
    ]
    referrals = [
        tuple("blank" if name == " " else name for name in row[:2]) + row[2:]
        for row in world.referrals
    ]
    customers = ["blank" if name == " " else name for name in world.customers]
    columns = {name: values for name, values in world.columns.items() if any(values)}
    return World(rows=rows, referrals=referrals, customers=customers, columns=columns)


def take_out(store: Path, load: int) -> None:
    """What `unload` does to the tables; rows written by the writer itself have no ledger."""
    with Store.open(store).writer() as writer:
        for table in ("interactions", "customers", "referrals"):
            writer.remove_load(table, load)
        writer.commit(kind="unload", load=load)


@settings(
    max_examples=3,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    loads=st.lists(worlds(max_interactions=12, extreme_times=True), min_size=2, max_size=3),
    taken_out=st.integers(1, 2),
    batch_rows=st.sampled_from([1, 3, 100]),
)
def test_whatever_is_loaded_and_taken_out_is_pushed(empty_neo4j, loads, taken_out, batch_rows):
    empty_neo4j.empty()
    with tempfile.TemporaryDirectory() as folder, connect(empty_neo4j) as connection:
        store = Path(folder) / "store"
        for world in loads:
            write_load(store, as_loaded(world))
            push(store, connection, batch_rows=batch_rows)
            assert found_in(empty_neo4j) == wanted_of(store)
        take_out(store, taken_out)
        push(store, connection, batch_rows=batch_rows)
        assert found_in(empty_neo4j) == wanted_of(store)
        if journeygraph.open(store).n_interactions:
            pull(Path(folder) / "other", connection)
            assert_same_graph(store, Path(folder) / "other")


@pytest.mark.realdata
def test_a_real_log_goes_there_and_back(empty_neo4j, tmp_path):
    data = Path(os.environ["JOURNEYGRAPH_DATA"])
    journeygraph.load(tmp_path / "store", data / "env_permit_receipt.parquet", LoadOptions())
    with connect(empty_neo4j) as connection:
        push(tmp_path / "store", connection)
        [[n_next]] = connection.read("MATCH ()-[next:NEXT]->() RETURN count(next)")
        pull(tmp_path / "other", connection)
        assert push(tmp_path / "store", connection).is_unchanged
    graph = journeygraph.open(tmp_path / "store")
    assert n_next == graph.n_interactions - graph.n_customers
    assert found_in(empty_neo4j) == wanted_of(tmp_path / "store")
    assert_same_graph(tmp_path / "store", tmp_path / "other")
    shutil.rmtree(tmp_path / "other")
