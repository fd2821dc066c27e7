from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import journeygraph
from journeygraph import graph_layout, graph_reading, store_rows
from journeygraph.errors import InconsistentGraphError
from journeygraph.graph import MISSING, JourneyGraph
from journeygraph.graph_reading import read_core
from journeygraph.lake.errors import EmptyStoreError, StoreNotFoundError, UnknownVersionError
from journeygraph.lake.store import Store
from tests.graph.stores import rows_of, write_load
from tests.strategies import World, worlds


def by_customer(rows: list[tuple[Any, ...]]) -> dict[str, list[tuple[Any, ...]]]:
    found = defaultdict(list)
    for row in rows:
        found[row[0]].append(row[1:])
    return dict(found)


def referrals_of(graph: JourneyGraph) -> list[tuple[Any, ...]]:
    ids = graph.customer_id(np.arange(graph.n_customers))
    stored = graph.referrals
    columns = (stored.referrers, stored.referred, stored.at_us, stored.medium_codes)
    return [
        (
            ids[referrer] if referrer >= 0 else None,
            ids[referred],
            at if at != MISSING else None,
            graph.channels[medium] if medium else None,
        )
        for referrer, referred, at, medium in zip(*(c.tolist() for c in columns), strict=True)
    ]


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(loads=st.lists(worlds(max_interactions=12, extreme_times=True), min_size=1, max_size=3))
def test_an_opened_store_holds_what_was_loaded_in_its_order(
    loads: list[World], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("store")
    for world in loads:
        write_load(path, world)
    names = {name for world in loads for name in world.columns}
    everything = World(
        rows=[row for world in loads for row in world.rows],
        referrals=[row for world in loads for row in world.referrals],
        customers=[name for world in loads for name in world.customers],
        columns={
            name: [
                value
                for world in loads
                for value in world.columns.get(
                    name, [0 if name == "sequence" else None] * len(world.rows)
                )
            ]
            for name in names
        },
    )
    expected, graph = everything.graph, journeygraph.open(path)
    assert by_customer(rows_of(graph)) == by_customer(rows_of(expected))
    assert referrals_of(graph) == everything.referrals
    assert sorted(graph.customer_id(np.arange(graph.n_customers))) == sorted(
        everything.all_customers()
    )
    assert (graph.as_of_us, graph.touchpoints) == (expected.as_of_us, expected.touchpoints)
    for name in names & {"sequence", "emotion", "initiator"}:
        assert _column_by_customer(graph, name) == _column_by_customer(expected, name)
    for name in names & {"session", "colour"} & set(graph.column_names):
        assert _texts_by_customer(graph, name) == _texts_by_customer(expected, name)


def _column_by_customer(graph: JourneyGraph, name: str) -> dict[str, list[tuple[Any, ...]]]:
    ids = graph.customer_id(graph.interaction_customers)
    return by_customer(list(zip(ids, graph.column(name).tolist(), strict=True)))


def _texts_by_customer(graph: JourneyGraph, name: str) -> dict[str, list[tuple[Any, ...]]]:
    ids, coded = graph.customer_id(graph.interaction_customers), graph.coded(name)
    texts = [coded.names[code] if code >= 0 else None for code in coded.codes.tolist()]
    return by_customer(list(zip(ids, texts, strict=True)))


FIRST = World(
    rows=[
        ("b", 5, "shop", "web", None, 10),
        ("a", 3, "ad", None, None, None),
        ("b", 5, "call", None, "support", None),
    ],
    referrals=[(None, "q", None, None), ("a", "b", 7, "email")],
    customers=["k"],
    columns={"session": ["s1", None, "s2"], "colour": ["red", "red", None], "sequence": [1, 0, 0],
             "team": ["t", None, "u"], "initiator": ["company", None, None],
             "cost": [5, None, None], "emotion": [900, None, -5]},
)  # fmt: skip
SECOND = World(rows=[("c", 1, "shop", None, None, None), ("b", 4, "chat", "chat", None, None)])


def write_widely(path: Path) -> None:
    """Three loads of some hundred rows, half of whose columns are said here and there."""
    for load in range(3):
        numbers = range(97 * (load + 1))
        rows = [
            (f"c{number * 7 % 31}", number * 13 % 29, f"t{number % 11}",
             "web" if number % 3 == 1 else None, "support" if number % 5 == 2 else None,
             number if number % 4 == 0 else None)
            for number in numbers
        ]  # fmt: skip
        columns: dict[str, list[Any]] = {"emotion": [None if n % 2 else n for n in numbers]}
        if load == 1:
            columns["sequence"] = [number * 5 % 3 for number in numbers]
        write_load(path, World(rows=rows, columns=columns))


@pytest.mark.parametrize("threads", ["1", "3"])
@pytest.mark.parametrize(("batch", "large"), [(1, 1), (10, 200), (1000, 1000)])
def test_however_files_are_read_the_graph_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threads: str, batch: int, large: int
) -> None:
    write_widely(tmp_path / "s")
    store = Store.open(tmp_path / "s")
    expected = read_core(store, store.version())
    monkeypatch.setenv("JOURNEYGRAPH_THREADS", threads)
    monkeypatch.setattr(store_rows, "_BATCH_ROWS", batch)
    monkeypatch.setattr(store_rows, "_LARGE", large)
    monkeypatch.setattr(graph_reading, "_CHUNK", 7)
    monkeypatch.setattr(graph_layout, "_CHUNK", 7)
    core = read_core(store, store.version())
    assert core.facts == expected.facts
    for name, array in expected.arrays.items():
        assert core[name].dtype == array.dtype
        assert core[name].tolist() == array.tolist(), name
    graph = journeygraph.open(tmp_path / "s")
    assert graph.n_interactions == 97 * 6
    by_arrival = np.argsort(graph.further.number("row") + 1000 * graph.further.number("load"))
    touchpoints = [graph.touchpoints[code] for code in graph.touchpoint_codes[by_arrival]]
    assert touchpoints == [f"t{n % 11}" for load in range(3) for n in range(97 * (load + 1))]


def test_rows_that_a_version_does_not_have_are_noticed(tmp_path: Path) -> None:
    write_load(tmp_path / "s", FIRST)
    store = Store.open(tmp_path / "s")
    entry = store.version()
    for n_rows in (2, 4):
        wrong = replace(entry, counts={**entry.counts, "interactions": n_rows})
        with pytest.raises(InconsistentGraphError, match=f"are not the {n_rows} of this version"):
            read_core(store, wrong)


def test_every_further_column_comes_when_asked_for(tmp_path: Path) -> None:
    write_load(tmp_path / "s", FIRST)
    graph = journeygraph.open(tmp_path / "s")
    assert rows_of(graph) == [FIRST.rows[2], FIRST.rows[0], FIRST.rows[1]]
    assert graph.column("row").tolist() == [2, 0, 1]
    assert graph.column("load").tolist() == [1, 1, 1]
    assert graph.column("sequence").tolist() == [0, 1, 0]
    assert graph.column("initiator").tolist() == [0, 2, 0]
    assert graph.column("cost").tolist() == [MISSING, 5, MISSING]
    assert graph.column("emotion").tolist() == [-5, 900, -32768]
    for name, texts in {"team": ["u", "t", None], "session": ["s2", "s1", None],
                        "id": [None] * 3, "colour": [None, "red", "red"]}.items():  # fmt: skip
        coded = graph.coded(name)
        there = [coded.names[code] if code >= 0 else None for code in coded.codes.tolist()]
        assert there == texts, name
    assert graph.column_names[-1] == "colour"


def test_what_was_read_once_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_load(tmp_path / "s", FIRST)
    first = journeygraph.open(tmp_path / "s")
    names = [name for name in first.column_names if name not in ("touchpoint", "channel")]
    expected = {name: first.column(name).tolist() for name in names}
    ids, attributes = first.customer_id(np.arange(4)), first.attributes
    monkeypatch.setattr(Store, "files", None)
    again = journeygraph.open(tmp_path / "s")
    assert {name: again.column(name).tolist() for name in names} == expected
    assert again.customer_id(np.arange(4)) == ids
    assert again.attributes.equals(attributes)


def test_a_version_shows_the_store_as_it_was(tmp_path: Path) -> None:
    write_load(tmp_path / "s", FIRST)
    before = rows_of(journeygraph.open(tmp_path / "s"))
    write_load(tmp_path / "s", SECOND)
    latest, first = journeygraph.open(tmp_path / "s"), journeygraph.open(tmp_path / "s", version=1)
    assert (latest.version, first.version) == (2, 1)
    assert rows_of(first) == before
    assert [row[1:3] for row in rows_of(latest) if row[0] == "b"] == [
        (4, "chat"), (5, "call"), (5, "shop")
    ]  # fmt: skip


def test_an_unloaded_load_takes_its_customers_along(tmp_path: Path) -> None:
    write_load(tmp_path / "s", FIRST)
    write_load(tmp_path / "s", SECOND)
    with Store.open(tmp_path / "s").writer() as writer:
        for table in ("interactions", "customers", "referrals"):
            writer.remove_load(table, 1)
        writer.commit(kind="unload", load=1)
    graph = journeygraph.open(tmp_path / "s")
    assert graph.customer_id(np.arange(graph.n_customers)) == ["b", "c"]
    assert rows_of(graph) == [SECOND.rows[1], SECOND.rows[0]]
    assert len(graph.referrals) == 0


def test_of_several_attributes_the_last_loaded_stays(tmp_path: Path) -> None:
    nobody = World(rows=[])
    write_load(tmp_path / "s", FIRST, attributes=[("a", {"land": "DE", "plan": "free"})])
    write_load(
        tmp_path / "s",
        nobody,
        attributes=[("a", {"land": "FR", "n": 3}), ("z", {"vip": True}), ("a", {"plan": None})],
    )
    graph = journeygraph.open(tmp_path / "s")
    assert attributes_of(graph, "a") == {"land": "FR", "plan": "free", "n": "3"}
    assert attributes_of(graph, "z") == {"vip": "true"}
    before = journeygraph.open(tmp_path / "s", version=1)
    assert attributes_of(before, "a") == {"land": "DE", "plan": "free"}


def attributes_of(graph: JourneyGraph, customer: str) -> dict[Any, Any]:
    return graph.attributes.iloc[graph.customer_index(customer)].dropna().to_dict()


def test_the_dictionary_of_the_store_speaks_where_the_data_does_not(tmp_path: Path) -> None:
    words = {"stage": "purchase", "channel": "kiosk", "level": "rational", "initiator": "customer"}
    write_load(tmp_path / "s", FIRST)
    write_load(tmp_path / "s", SECOND, dictionary={"shop": words, "nowhere": words})
    graph = journeygraph.open(tmp_path / "s")
    shops = graph.touchpoint_codes == graph.touchpoints.index("shop")
    assert graph.channels == ("unknown", "web", "email", "chat", "kiosk")
    assert sorted(graph.channel_codes[shops].tolist()) == [1, 4]
    assert graph.stage_codes[shops].tolist() == [3, 3]
    assert graph.column("level")[shops].tolist() == [4, 4]
    assert sorted(graph.column("initiator")[shops].tolist()) == [1, 2]


def test_loads_of_customers_and_referrals_alone_make_a_graph(tmp_path: Path) -> None:
    write_load(tmp_path / "s", World(rows=[], referrals=[("a", "b", None, None)], customers=["c"]))
    graph = journeygraph.open(tmp_path / "s")
    assert (graph.n_customers, graph.n_interactions, graph.as_of_us) == (3, 0, 0)
    assert referrals_of(graph) == [("a", "b", None, None)]
    assert graph.column("emotion").tolist() == []


def test_what_is_no_store_is_said(tmp_path: Path) -> None:
    with pytest.raises(StoreNotFoundError):
        journeygraph.open(tmp_path / "nowhere")
    Store.create_or_open(tmp_path / "s")
    with pytest.raises(EmptyStoreError):
        journeygraph.open(tmp_path / "s")
    write_load(tmp_path / "s", FIRST)
    with pytest.raises(UnknownVersionError):
        journeygraph.open(tmp_path / "s", version=7)


def test_opening_from_the_cache_compiles_and_imports_nothing_heavy(tmp_path: Path) -> None:
    write_load(tmp_path / "s", FIRST)
    journeygraph.open(tmp_path / "s").customer_index("a")
    heavy = ["numba", "pandas", "polars", "deltalake", "scipy", "networkx", "pyarrow.compute"]
    program = (
        "import sys, journeygraph\n"
        "assert not {'numpy', 'pyarrow'} & set(sys.modules)\n"
        f"graph = journeygraph.open({str(tmp_path / 's')!r})\n"
        "assert graph.customer_id([0]) == ['b']\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")
