from __future__ import annotations

import shutil
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import journeygraph
from journeygraph.graph import JourneyGraph
from journeygraph.graph_changes import change_between
from journeygraph.lake.maintenance import compact
from journeygraph.lake.store import Store
from tests.graph.stores import rows_of, write_load
from tests.strategies import CUSTOMERS, World, worlds

FIRST = World(rows=[("b", 5, "shop", "web", None, 10), ("a", 3, "ad", None, None, None)])
SECOND = World(rows=[("c", 1, "shop", None, None, None), ("b", 4, "chat", "chat", None, None)])
NOBODY = World(rows=[])

ATTRIBUTES = st.lists(
    st.tuples(
        st.sampled_from(CUSTOMERS), st.fixed_dictionaries({"land": st.sampled_from(["DE", "FR"])})
    ),
    max_size=3,
)


def contents(graph: JourneyGraph) -> dict[str, Any]:
    """All that is known of each customer, by id."""
    rows: dict[str, list[Any]] = defaultdict(list)
    for row, load in zip(rows_of(graph), graph.column("load").tolist(), strict=True):
        rows[row[0]].append((*row, load))
    ids = graph.customer_id(np.arange(graph.n_customers))
    attributes = graph.attributes.astype(object).where(graph.attributes.notna(), None)
    lands = attributes["land"].tolist() if "land" in attributes else [None] * len(ids)
    return {customer: (rows[customer], land) for customer, land in zip(ids, lands, strict=True)}


def changed_ids(older: JourneyGraph, newer: JourneyGraph) -> list[str]:
    change = change_between(older, newer)
    assert change is not None
    assert (change.older, change.newer) == (older, newer)
    assert change.customers.dtype == np.int64
    assert np.all(np.diff(change.customers) > 0)
    return newer.customer_id(change.customers)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    loads=st.lists(
        st.tuples(worlds(max_interactions=8), ATTRIBUTES), min_size=2, max_size=4
    ),
    data=st.data(),
)  # fmt: skip
def test_the_changed_customers_are_those_of_the_rows_added(
    loads: list[tuple[World, Any]], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("store")
    for world, attributes in loads:
        write_load(path, world, attributes=attributes)
    first = data.draw(st.integers(1, len(loads)))
    older, newer = journeygraph.open(path, first), journeygraph.open(path)
    expected = {name for world, _ in loads[first:] for name in world.all_customers()}
    expected |= {name for _, attributes in loads[first:] for name, _ in attributes}
    ids = changed_ids(older, newer)
    assert set(ids) == expected
    assert len(ids) == len(expected)
    before, after = contents(older), contents(newer)
    assert all(before[customer] == after[customer] for customer in after.keys() - expected)
    assert older.customer_id(np.arange(older.n_customers)) == newer.customer_id(
        np.arange(older.n_customers)
    )
    change = change_between(older, newer)
    assert change is not None
    n_new = sum(len(world.referrals) for world, _ in loads[first:])
    assert change.has_new_referrals == (n_new > 0)


def test_the_same_version_twice_differs_in_nothing(tmp_path: Path) -> None:
    write_load(tmp_path / "s", FIRST)
    graph = journeygraph.open(tmp_path / "s")
    assert changed_ids(graph, journeygraph.open(tmp_path / "s")) == []


def test_a_change_is_found_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_load(tmp_path / "s", FIRST)
    older = journeygraph.open(tmp_path / "s")
    write_load(tmp_path / "s", SECOND)
    newer = journeygraph.open(tmp_path / "s")
    assert changed_ids(older, newer) == ["b", "c"]
    monkeypatch.setattr("journeygraph.graph_changes._make_changes", None)
    again = journeygraph.open(tmp_path / "s"), journeygraph.open(tmp_path / "s", 1)
    assert changed_ids(again[1], again[0]) == ["b", "c"]


def test_compaction_changes_nothing(tmp_path: Path) -> None:
    write_load(tmp_path / "s", FIRST)
    write_load(tmp_path / "s", SECOND)
    older = journeygraph.open(tmp_path / "s")
    compact(Store.open(tmp_path / "s"))
    assert changed_ids(older, journeygraph.open(tmp_path / "s")) == []
    write_load(tmp_path / "s", FIRST)
    assert changed_ids(older, journeygraph.open(tmp_path / "s")) == ["b", "a"]


def test_many_small_loads_are_merged_and_still_only_add(tmp_path: Path) -> None:
    for number in range(20):
        write_load(tmp_path / "s", World(rows=[(f"c{number % 5}", number, "x", None, None, None)]))
    newer = journeygraph.open(tmp_path / "s")
    older = journeygraph.open(tmp_path / "s", 17)
    assert changed_ids(older, newer) == ["c2", "c3", "c4"]


def unload_one(path: Path) -> None:
    with Store.open(path).writer() as writer:
        for table in ("interactions", "customers", "referrals"):
            writer.remove_load(table, 1)
        writer.commit(kind="unload", load=1)


def say_more(path: Path) -> None:
    write_load(path, SECOND, dictionary={"shop": {"stage": "purchase"}})


def begin_again(path: Path) -> None:
    shutil.rmtree(path)
    write_load(path, FIRST)
    write_load(path, SECOND)


@pytest.mark.parametrize("happens", [unload_one, say_more, begin_again])
def test_where_rows_were_not_only_added_it_is_not_known(tmp_path: Path, happens: Any) -> None:
    path = tmp_path / "s"
    write_load(path, FIRST)
    write_load(path, SECOND)
    older = journeygraph.open(path, 1)
    happens(path)
    assert change_between(older, journeygraph.open(path)) is None


def test_codes_that_moved_are_not_compared(tmp_path: Path) -> None:
    dictionary = {"shop": {"channel": "counter"}}
    write_load(tmp_path / "s", FIRST, dictionary=dictionary)
    older = journeygraph.open(tmp_path / "s")
    write_load(tmp_path / "s", World(rows=[("b", 9, "shop", "kiosk", None, None)]))
    newer = journeygraph.open(tmp_path / "s")
    assert older.channels == ("unknown", "web", "counter")
    assert newer.channels == ("unknown", "web", "kiosk", "counter")
    assert change_between(older, newer) is None


def test_a_customer_who_comes_back_moves_the_indexes(tmp_path: Path) -> None:
    write_load(tmp_path / "s", FIRST)
    write_load(tmp_path / "s", SECOND)
    unload_one(tmp_path / "s")
    older = journeygraph.open(tmp_path / "s")
    assert older.customer_id(np.arange(2)) == ["b", "c"]
    write_load(tmp_path / "s", FIRST)
    assert change_between(older, journeygraph.open(tmp_path / "s")) is None


def test_other_graphs_are_not_compared(tmp_path: Path) -> None:
    write_load(tmp_path / "s", FIRST)
    write_load(tmp_path / "other", FIRST)
    older = journeygraph.open(tmp_path / "s")
    write_load(tmp_path / "s", SECOND)
    newer = journeygraph.open(tmp_path / "s")
    assert change_between(older, FIRST.graph) is None
    assert change_between(FIRST.graph, newer) is None
    assert change_between(newer, older) is None
    assert change_between(older.only([0]), newer) is None
    assert change_between(journeygraph.open(tmp_path / "other"), newer) is None
