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
from journeygraph import graph_append, graph_patch, graph_store
from journeygraph.graph import JourneyGraph
from journeygraph.graph_cache import ArrayCache
from journeygraph.graph_changes import change_between, graph_key
from journeygraph.lake.maintenance import compact, vacuum
from journeygraph.lake.store import Store
from journeygraph.store_columns import StoreColumns
from journeygraph.store_rows import read_rows
from tests.graph.stores import rows_of, write_load
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


@pytest.fixture
def _always_patched(monkeypatch: pytest.MonkeyPatch) -> None:
    """However large a patch is, it is kept."""
    monkeypatch.setattr(graph_patch, "SHARE", 0)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
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


def kept_of(path: Path) -> list[set[str]]:
    """Which groups are kept of each version, the oldest first."""
    store = Store.open(path)
    folders = [
        ArrayCache(path / "cache", graph_key(store.version(number))).folder
        for number in store.version_numbers()
    ]
    return [{group.name for group in folder.glob("*")} & {"core", "patch"} for folder in folders]


def test_small_loads_are_patches_until_they_are_a_share_of_their_base(
    tmp_path: Path, made: list[bool]
) -> None:
    rows = [(f"c{number % 20}", number, "ad", None, None, None) for number in range(160)]
    write_load(tmp_path / "s", World(rows=rows))
    journeygraph.open(tmp_path / "s")
    for number in range(24):
        places = ["ad", f"page {number}"]
        row = (f"c{(7 * number) % 25}", number, places[number % 2], "web", None, 1)
        brought = ("c1", f"c{number}", None, "chat")
        write_load(tmp_path / "s", World(rows=[row], referrals=[brought]))
        graph = journeygraph.open(tmp_path / "s")
        if number % 6 == 0:
            assert core_of(graph) == core_of(from_scratch(tmp_path / "s"))
    assert made == [True] * 24
    kept = kept_of(tmp_path / "s")
    assert {"core"} in kept[1:]  # the patches had become too large
    assert kept[-1] == {"patch"}
    assert core_of(graph) == core_of(from_scratch(tmp_path / "s"))


@pytest.mark.usefixtures("_always_patched")
def test_a_patch_is_read_and_not_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_load(tmp_path / "s", FIRST)
    journeygraph.open(tmp_path / "s")
    write_load(tmp_path / "s", SECOND)
    expected = core_of(journeygraph.open(tmp_path / "s"))
    assert kept_of(tmp_path / "s") == [{"core"}, {"patch"}]
    monkeypatch.setattr(Store, "files", None)
    assert core_of(journeygraph.open(tmp_path / "s")) == expected


@pytest.mark.usefixtures("_always_patched")
def test_some_customers_are_taken_without_putting_columns_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_load(tmp_path / "s", FIRST)
    journeygraph.open(tmp_path / "s")
    write_load(tmp_path / "s", SECOND)
    whole = from_scratch(tmp_path / "s")
    expected = {chosen: rows_of(whole.only(chosen)) for chosen in CHOSEN}
    graph = journeygraph.open(tmp_path / "s")
    monkeypatch.setattr("journeygraph.graph_patch._Patched.whole", None)
    for chosen in CHOSEN:
        assert rows_of(graph.only(chosen)) == expected[chosen]
        every_other = tuple(range(0, len(chosen), 2))
        again = graph.only(chosen).only(every_other)  # before anything of the first is taken
        assert rows_of(again) == rows_of(whole.only(chosen[::2]))


CHOSEN = [(), (0,), (1, 2), (0, 1, 2, 3), (3,), (2, 3)]


class StoreOfManyLives:
    """What can happen to a store and to what is kept of it, and what must be true after it."""

    def __init__(self, path: Path, data: st.DataObject) -> None:
        self.path = path
        self.data = data
        self.n_damaged = 0

    def load(self) -> None:
        world = self.data.draw(worlds(max_interactions=8, extreme_times=True))
        write_load(self.path, world, attributes=[(name, {"x": 1}) for name in world.customers])

    def load_with_another_dictionary(self) -> None:
        world = self.data.draw(worlds(max_interactions=4))
        write_load(self.path, world, dictionary=self.data.draw(DICTIONARIES))

    def unload(self) -> None:
        with Store.open(self.path).writer() as writer:
            assert writer.base is not None
            load = self.data.draw(st.integers(1, writer.next_load - 1))
            for table in ("interactions", "customers", "referrals"):
                writer.remove_load(table, load)
            writer.commit(kind="unload", load=load)

    def compact(self) -> None:
        compact(Store.open(self.path))

    def vacuum(self) -> None:
        vacuum(Store.open(self.path), keep=self.data.draw(st.integers(1, 3)))

    def damage(self) -> None:
        """A bit, the length or the whole of a kept file, or all that is kept of a graph."""
        files = sorted(self.path.glob("cache/graph-*/*/*"))
        if files:
            file = self.data.draw(st.sampled_from(files))
            how = self.data.draw(st.sampled_from(["flip", "cut", "delete", "delete all"]))
            content = bytearray(file.read_bytes())
            if how == "flip" and content:
                content[self.data.draw(st.integers(0, len(content) - 1))] ^= 4
                file.write_bytes(content)
            elif how == "cut":
                file.write_bytes(content[: len(content) // 2])
            elif how == "delete":
                file.unlink()
            else:
                shutil.rmtree(file.parents[1])

    def open(self) -> None:
        graph = journeygraph.open(self.path)
        assert core_of(graph) == core_of(from_scratch(self.path))

    def open_an_earlier_version(self) -> None:
        version = self.data.draw(st.sampled_from(Store.open(self.path).version_numbers()))
        graph = journeygraph.open(self.path, version)
        assert core_of(graph) == core_of(from_scratch(self.path, version))

    def look_at_all(self) -> None:
        graph, expected = journeygraph.open(self.path), from_scratch(self.path)
        assert ids_of(graph) == ids_of(expected)
        for name in expected.column_names:
            assert graph.column(name).tolist() == expected.column(name).tolist(), name

    def take_some(self) -> None:
        graph, expected = journeygraph.open(self.path), from_scratch(self.path)
        chosen = [n for n in range(graph.n_customers) if self.data.draw(st.booleans())]
        assert rows_of(graph.only(chosen)) == rows_of(expected.only(chosen))


LIVES = (
    "load", "load", "load", "load", "open", "open", "open", "load_with_another_dictionary",
    "unload", "compact", "vacuum", "damage", "open_an_earlier_version", "look_at_all", "take_some",
)  # fmt: skip


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    happens=st.lists(st.sampled_from(LIVES), min_size=4, max_size=12),
    share=st.sampled_from([0, 1, 10]),
    data=st.data(),
)
def test_whatever_happens_a_graph_is_what_it_is_from_scratch(
    happens: list[str],
    share: int,
    data: st.DataObject,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    path = tmp_path_factory.mktemp("stores") / "s"
    write_load(path, BASE)
    journeygraph.open(path)
    lives = StoreOfManyLives(path, data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(graph_patch, "SHARE", share)  # 0: however large a patch is, it is kept
        for what in happens:
            getattr(lives, what)()
        lives.open()
        lives.look_at_all()
