"""A graph made from an earlier one is the same to the byte as one made from scratch."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import journeygraph
from journeygraph import graph_append, graph_store
from journeygraph.graph import JourneyGraph
from journeygraph.graph_changes import change_between
from journeygraph.lake.maintenance import compact
from journeygraph.lake.store import Store
from journeygraph.store_columns import StoreColumns
from journeygraph.store_rows import read_rows
from tests.graph.stores import write_load
from tests.strategies import CHANNELS, World, worlds

DICTIONARIES = st.sampled_from([
    {},
    {"home": {"channel": "kiosk", "stage": "inquiry"}, "ad": {"channel": "billboard"}},
    {"page 3": {"channel": "billboard"}, "cart": {"channel": "web", "initiator": "company"}},
])  # fmt: skip


BASE = World(
    rows=[(f"{'bcde'[number % 4]}", number % 6, "ad", [None, "web"][number % 2], None, number)
          for number in range(14)],
)  # fmt: skip
"""Large enough that what follows is appended."""


def core_of(graph: JourneyGraph) -> tuple[dict[str, Any], dict[str, Any]]:
    assert isinstance(graph.further, StoreColumns)
    core = graph.further.core
    arrays = {name: (str(array.dtype), array.tolist()) for name, array in core.arrays.items()}
    return arrays, dict(core.facts)


def ids_of(graph: JourneyGraph) -> list[list[int]]:
    ids = graph.further.customer_ids
    assert ids.hashes is not None
    assert ids.places is not None
    return [column.tolist() for column in (ids.offsets, ids.data, ids.hashes, ids.places)]


def look_at_all(graph: JourneyGraph) -> None:
    """Have everything kept, so that the next version finds it."""
    ids_of(graph)
    for name in graph.column_names:
        graph.column(name)


def from_scratch(path: Path, version: int | None = None) -> JourneyGraph:
    """The graph of a copy of the store that was never opened."""
    copy = path.with_name(path.name + "-copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(path, copy, ignore=shutil.ignore_patterns("cache"))
    return journeygraph.open(copy, version)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each graph that could be was made from an earlier one."""
    found: list[bool] = []

    def counting(*arguments: Any) -> graph_append.Appended | None:
        appended = graph_append.append_rows(*arguments)
        found.append(appended is not None)
        return appended

    monkeypatch.setattr(graph_store, "append_rows", counting)
    return found


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    loads=st.lists(
        worlds(max_interactions=12, extreme_times=True, many_touchpoints=True),
        min_size=2, max_size=4,
    ),
    dictionary=DICTIONARIES,
    opened=st.lists(st.booleans(), min_size=4, max_size=4),
    unload=st.booleans(),
)  # fmt: skip
def test_appending_gives_what_building_from_scratch_gives(
    loads: list[World],
    dictionary: dict[str, dict[str, str]],
    opened: list[bool],
    unload: bool,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.mktemp("stores") / "s"
    write_load(path, BASE, dictionary=dictionary)
    if unload:  # leaves keys that no row has, and that a later row may bring back
        write_load(path, World(rows=[("7", 3, "ad", None, None, None)]))
        with Store.open(path).writer() as writer:
            writer.remove_load("interactions", 2)
            writer.commit(kind="unload", load=2)
    look_at_all(journeygraph.open(path))
    for world, is_opened in zip(loads, opened, strict=False):
        write_load(path, world, attributes=[(name, {"x": 1}) for name in world.customers])
        if is_opened:
            look_at_all(journeygraph.open(path))
    graph, expected = journeygraph.open(path), from_scratch(path)
    assert core_of(graph) == core_of(expected)
    assert ids_of(graph) == ids_of(expected)
    assert graph.column_names == expected.column_names
    for name in graph.column_names:
        assert graph.column(name).tolist() == expected.column(name).tolist(), name


FIRST = World(
    rows=[("b", 5, "shop", "web", None, 10), ("a", 3, "ad", None, None, None)] * 4,
    columns={"sequence": [2, 0, 1, 0, 0, 1, 2, 2]},
)
SECOND = World(
    rows=[("b", 5, "shop", None, None, 1), ("c", 1, "chat", "chat", None, None),
          ("a", 3, "ad", None, None, 7)],
    referrals=[("a", "q", 3, "kiosk"), (None, "b", None, None)],
    columns={"sequence": [1, 0, -1]},
)  # fmt: skip


def test_a_load_is_appended(tmp_path: Path, made: list[bool]) -> None:
    write_load(tmp_path / "s", FIRST)
    older = journeygraph.open(tmp_path / "s")
    write_load(tmp_path / "s", SECOND, attributes=[("d", {"land": "DE"})])
    newer = journeygraph.open(tmp_path / "s")
    assert made == [True]
    assert core_of(newer) == core_of(from_scratch(tmp_path / "s"))
    change = change_between(older, newer)
    assert change is not None
    assert newer.customer_id(change.customers) == ["b", "a", "c", "d", "q"]
    rows = newer.customer_starts[newer.customer_index("b")] + np.arange(5)
    assert newer.column("sequence")[rows].tolist() == [0, 1, 1, 2, 2]
    assert newer.column("row")[rows].tolist() == [4, 2, 0, 0, 6]


def test_who_changed_is_known_without_a_look_at_the_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_load(tmp_path / "s", FIRST)
    journeygraph.open(tmp_path / "s")
    write_load(tmp_path / "s", SECOND)
    journeygraph.open(tmp_path / "s")
    monkeypatch.setattr("journeygraph.graph_changes._make_changes", None)
    older, newer = journeygraph.open(tmp_path / "s", 1), journeygraph.open(tmp_path / "s")
    change = change_between(older, newer)
    assert change is not None
    assert newer.customer_id(change.customers) == ["b", "a", "c", "q"]


def test_codes_grow_wider_and_channels_move(tmp_path: Path, made: list[bool]) -> None:
    many = [("a", number, f"page {number}", None, None, None) for number in range(252)]
    dictionary = {"page 7": {"channel": "counter", "stage": "support"}}
    write_load(tmp_path / "s", World(rows=[*FIRST.rows, *many]), dictionary=dictionary)
    assert journeygraph.open(tmp_path / "s").touchpoint_codes.dtype == np.uint8
    write_load(tmp_path / "s", World(rows=[("b", 4, "page 7", "kiosk", None, 1),
                                           ("b", 4, "one more", *[None] * 3),
                                           ("z", 4, "page 7", *[None] * 3)]))  # fmt: skip
    graph = journeygraph.open(tmp_path / "s")
    assert made == [True]
    assert graph.touchpoint_codes.dtype == np.uint16
    assert graph.channels == ("unknown", "web", "kiosk", "counter")
    assert core_of(graph) == core_of(from_scratch(tmp_path / "s"))


def test_files_that_were_merged_since_are_read_from_the_new_rows_on(
    tmp_path: Path, made: list[bool]
) -> None:
    for number in range(40):
        row = (f"c{number % 7}", number % 5, CHANNELS[number % 4], None, None, number)
        write_load(tmp_path / "s", World(rows=[row]))
        if number == 30:
            compact(Store.open(tmp_path / "s"))
        graph = journeygraph.open(tmp_path / "s")
    assert made == [True] * 39
    assert core_of(graph) == core_of(from_scratch(tmp_path / "s"))


def test_what_is_larger_than_what_is_there_is_built_from_scratch(
    tmp_path: Path, made: list[bool]
) -> None:
    write_load(tmp_path / "s", World(rows=SECOND.rows))
    journeygraph.open(tmp_path / "s")
    write_load(tmp_path / "s", FIRST)
    graph = journeygraph.open(tmp_path / "s")
    assert made == [False]
    assert core_of(graph) == core_of(from_scratch(tmp_path / "s"))


def test_a_damaged_base_is_no_base(tmp_path: Path, made: list[bool]) -> None:
    write_load(tmp_path / "s", FIRST)
    journeygraph.open(tmp_path / "s")
    (core,) = (tmp_path / "s").glob("cache/graph-*/core")
    content = bytearray((core / "at_us.npy").read_bytes())
    content[-1] ^= 1
    (core / "at_us.npy").write_bytes(content)
    write_load(tmp_path / "s", SECOND)
    graph = journeygraph.open(tmp_path / "s")
    assert made == []
    assert core_of(graph) == core_of(from_scratch(tmp_path / "s"))


def test_columns_and_ids_of_a_version_grow_out_of_those_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_load(tmp_path / "s", FIRST, dictionary={"chat": {"initiator": "company"}})
    look_at_all(journeygraph.open(tmp_path / "s"))
    write_load(tmp_path / "s", SECOND)
    expected = from_scratch(tmp_path / "s")
    first_rows = []

    def reading(*arguments: Any) -> Any:
        first_rows.append(arguments[4:])
        return read_rows(*arguments)

    monkeypatch.setattr("journeygraph.store_columns.read_rows", reading)
    graph = journeygraph.open(tmp_path / "s")
    assert ids_of(graph) == ids_of(expected)
    first_rows.clear()
    for name in ("sequence", "load", "cost", "initiator"):
        assert graph.column(name).tolist() == expected.column(name).tolist()
    assert first_rows[::2] == [(8,)] * 4
    assert graph.customer_indexes(["q", "b", "nobody"]).tolist() == [3, 0, -1]
