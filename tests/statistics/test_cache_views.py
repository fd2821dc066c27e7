"""A statistic is counted once for the same rows and selection, and never told of others."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from journeygraph.graph_store import open_graph
from journeygraph.journeys import Block, Journeys
from journeygraph.lake.maintenance import compact
from journeygraph.lake.store import Store
from journeygraph.loading.load import load
from journeygraph.loading.store_changes import unload
from journeygraph.statistics.base import MergeableStatistic, total
from journeygraph.statistics.counted_sequences import ngrams_of, paths_of
from journeygraph.statistics.exits import EXITS
from journeygraph.statistics.remembering import StatisticsCache
from journeygraph.statistics.sequences import SequenceCounts, held_bytes
from tests.graph.stores import write_load
from tests.strategies import World

ONE = World(rows=[("a", 1, "home", "web", None, None), ("a", 2, "cart", None, None, 5)])
OTHER = World(rows=[("b", 1, "cart", "web", None, None), ("b", 3, "home", None, None, None)])


class Counter:
    """A statistic that notes how often it is counted."""

    def __init__(self) -> None:
        self.made = 0
        self.statistic = MergeableStatistic(
            name="interactions", keys=("customer",), measures={"n": "sum"}, partial=self.partial
        )

    def partial(self, block: Block, weight: Any = 1) -> pa.Table:  # noqa: ARG002 - an option
        self.made += 1
        return pa.table({"customer": [0], "n": [block.journeys.graph.n_interactions]})

    def of(self, view: Journeys, **options: Any) -> int:
        return int(total(self.statistic, view, **options)["n"][0].as_py())


@pytest.fixture
def store(tmp_path: Path) -> Path:
    write_load(tmp_path / "store", ONE)
    return tmp_path / "store"


def test_the_same_is_counted_once(store: Path) -> None:
    statistics, counter = StatisticsCache(1 << 20), Counter()
    options = {"by": "channel", "where": {"until": "2020-01-01"}}
    for _again in range(3):
        view = statistics.journeys(open_graph(store), **options, confidence=0.9)
        assert counter.of(view) == 2
        assert counter.of(view, weight=(1, {"x": 2.5})) == 2
    assert counter.made == 2
    assert (statistics.use.hits, statistics.use.misses) == (4, 2)


@pytest.mark.parametrize(
    "options",
    [
        {"by": "channel"},
        {"unit": "journey"},
        {"inactivity": "1d"},
        {"rules": {"collapse": True}},
        {"split": {"outcome": True}},
        {"outcome": {"touchpoints": ["home"]}},
        {"where": {"touchpoints": ["home"]}},
        {"where": {"until": "1970-01-01T00:00:00.000002"}},
        {"where": {"customers": {"ids": ["a"]}}},
        {"timezone": "Europe/Berlin"},
    ],
    ids=str,
)
def test_another_selection_is_counted_for_itself(store: Path, options: dict[str, Any]) -> None:
    statistics, counter = StatisticsCache(1 << 20), Counter()
    graph = open_graph(store)
    for given in ({}, options):
        counter.of(statistics.journeys(graph, **given))
    assert counter.made == 2


def test_until_is_meant_in_its_time_zone(store: Path) -> None:
    statistics, graph = StatisticsCache(1 << 20), open_graph(store)
    at_home: dict[str, Any] = {"where": {"until": "1970-01-01T00:00:00.000002"}}
    total(EXITS, statistics.journeys(graph, **at_home))
    elsewhere = statistics.journeys(graph, **at_home, timezone="America/New_York")
    assert total(EXITS, elsewhere).equals(
        total(EXITS, graph.journeys(**at_home, timezone="America/New_York"))
    )


def test_other_options_are_counted_for_themselves(store: Path) -> None:
    counter = Counter()
    view = StatisticsCache(1 << 20).journeys(open_graph(store))
    for weight in (1, 1.0, "1", True, None, (1,), (1, 1), {"a": 1}, {"a": (1,)}, {"b": 1}):
        counter.of(view, weight=weight)
    assert counter.made == 10


def test_what_cannot_be_told_apart_is_not_remembered(store: Path) -> None:
    statistics, counter = StatisticsCache(1 << 20), Counter()
    view = statistics.journeys(open_graph(store))
    for _again in range(2):
        counter.of(view, weight=object())
        counter.of(view, weight=view)
    assert counter.made == 4
    assert statistics.use.entries == 0


def _load_more(store: Path) -> None:
    write_load(store, OTHER)


def _make_anew(store: Path) -> None:
    shutil.rmtree(store)
    write_load(store, World(rows=[*ONE.rows, *OTHER.rows]))


def _unload(store: Path) -> None:
    file = store.parent / "more.csv"
    file.write_text("customer,at,touchpoint\nb,1970-01-02T00:00:00Z,home\n")
    load(store, file)
    unload(store, 2)
    write_load(store, OTHER)


@pytest.mark.parametrize("change", [_load_more, _make_anew, _unload])
def test_after_a_change_nothing_old_is_told(store: Path, change: Callable[[Path], None]) -> None:
    statistics, counter = StatisticsCache(1 << 20), Counter()
    older = statistics.journeys(open_graph(store))
    assert counter.of(older) == 2
    change(store)
    newer = statistics.journeys(open_graph(store))
    assert counter.of(newer) == 4
    assert counter.of(older) == 2
    assert counter.made == 2


def test_a_store_made_anew_with_other_names_is_another(store: Path) -> None:
    statistics = StatisticsCache(1 << 20)
    options = {"where": {"customers": {"ids": ["a"]}}}
    paths_of(statistics.journeys(open_graph(store), **options))
    shutil.rmtree(store)
    write_load(store, World(rows=[*OTHER.rows, *ONE.rows]))
    view = statistics.journeys(open_graph(store), **options)
    paths = paths_of(view)
    assert isinstance(paths, SequenceCounts)
    names = [view.items[code] for code in paths.lists().items]
    assert names == ["home", "cart"]


def test_compaction_and_what_says_nothing_of_journeys_change_nothing(store: Path) -> None:
    statistics, counter = StatisticsCache(1 << 20), Counter()
    write_load(store, OTHER)
    counter.of(statistics.journeys(open_graph(store)))
    compact(Store.open(store))
    counter.of(statistics.journeys(open_graph(store)))
    with Store.open(store).writer() as writer:
        writer.commit(kind="note", load=None)  # another version of the same rows
    graph = open_graph(store)
    assert graph.version == 3
    counter.of(statistics.journeys(graph))
    assert counter.made == 1


def test_a_graph_of_no_store_is_known_by_itself() -> None:
    statistics, counter = StatisticsCache(1 << 20), Counter()
    graph, twin = ONE.graph, ONE.graph
    for one in (graph, twin, graph, graph.only([0])):
        counter.of(statistics.journeys(one))
    assert counter.made == 3


def test_other_journeys_made_of_a_view_remember_nothing(store: Path) -> None:
    view = StatisticsCache(1 << 20).journeys(open_graph(store))
    assert view.memory is not None
    assert replace(view, items=("x", "y")).memory is None


def test_without_room_nothing_is_remembered(store: Path) -> None:
    graph = open_graph(store)
    assert StatisticsCache(0).journeys(graph).memory is None
    assert graph.journeys().memory is None


def test_sequences_are_counted_once_and_cannot_be_written_to(store: Path) -> None:
    view = StatisticsCache(1 << 20).journeys(open_graph(store))
    for counts, again in (
        (paths_of(view), paths_of(view)),
        (ngrams_of(view, 2), ngrams_of(view, 2)),
    ):
        assert counts is again
        assert isinstance(counts, SequenceCounts)
        for array in (counts.units, counts.counts, *vars(counts).values()):
            with pytest.raises((ValueError, TypeError)):
                array[:] = 0


def test_many_threads_are_told_the_same(store: Path) -> None:
    statistics, counter = StatisticsCache(1 << 20), Counter()
    graph = open_graph(store)

    def ask(_number: int) -> int:
        return counter.of(statistics.journeys(graph))

    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(ask, range(32))) == {2}
    assert counter.made == 1


def test_an_array_on_disk_holds_no_memory(store: Path) -> None:
    graph = open_graph(store)
    assert held_bytes(graph.touchpoint_codes) == 0
    codes = graph.journeys(rules={"collapse": True}).item_codes
    assert held_bytes(codes) == codes.nbytes
    assert held_bytes(codes.view()[1:]) == codes.nbytes - codes.itemsize
