from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import journeygraph
from journeygraph.graph import MISSING, JourneyGraph
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


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
