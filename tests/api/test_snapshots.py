"""Graphs and views are made once, kept while they are used, and never out of date."""

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from api.graphql.execution import Executor
from api.snapshots import Snapshots, _Recent
from journeygraph.errors import InvalidOptionError, JourneyGraphError
from journeygraph.lake.errors import NotAStoreError, StoreNotFoundError, UnknownVersionError
from journeygraph.lake.store import Store
from journeygraph.statistics.remembering import StatisticsCache
from tests.graph.stores import write_load
from tests.strategies import World

ONE = World(rows=[("a", 1, "home", "web", None, None)])
MORE = World(rows=[("b", 2, "home", "web", None, None), ("b", 3, "cart", None, None, None)])
COUNT = "{ store { version interactions } }"


def test_a_new_version_is_seen_by_the_next_request(tmp_path: Path, executor: Executor) -> None:
    store = tmp_path / "store"
    Store.create_or_open(store)
    snapshots = Snapshots(store)
    assert snapshots.latest_number() is None
    for version, (world, n_interactions) in enumerate([(ONE, 1), (MORE, 3), (ONE, 4)], start=1):
        write_load(store, world)
        answer = executor.answer(COUNT, snapshots.request()).body["data"]["store"]
        assert answer == {"version": version, "interactions": n_interactions}
        assert snapshots.latest_number() == version


def test_a_request_sees_one_version(tmp_path: Path) -> None:
    store = tmp_path / "store"
    write_load(store, ONE)
    snapshots = Snapshots(store)
    begun, idle = snapshots.request(), snapshots.request()
    assert begun.store().version == 1
    write_load(store, MORE)
    assert begun.store().version == begun.graph().version == 1
    assert begun.journeys(None, {}).n_units == 1
    assert idle.store().version == 2  # it had not looked yet


def test_two_versions_can_be_asked_at_once(tmp_path: Path, executor: Executor) -> None:
    store = tmp_path / "store"
    write_load(store, ONE)
    write_load(store, MORE)
    query = """{
      before: journeys(version: 1) { commonPaths { units nodes { items } } }
      after: journeys(version: 2) { commonPaths { units nodes { items } } }
      now: journeys { summary { interactions } }
      b: customer(id: "b") { id }
      bBefore: customer(id: "b", version: 1) { id }
    }"""
    body = executor.answer(query, Snapshots(store).request()).body
    assert body["data"]["before"]["commonPaths"] == {"units": 1, "nodes": [{"items": ["home"]}]}
    assert body["data"]["after"]["commonPaths"]["units"] == 2
    assert body["data"]["now"]["summary"]["interactions"] == 3
    assert body["data"]["b"] == {"id": "b"}
    assert body["data"]["bBefore"] is None
    assert [error["extensions"]["code"] for error in body["errors"]] == ["UNKNOWN_CUSTOMER"]


def test_a_store_made_anew_is_not_taken_for_the_old_one(tmp_path: Path, executor: Executor) -> None:
    store = tmp_path / "store"
    write_load(store, ONE)
    snapshots = Snapshots(store)
    assert executor.answer(COUNT, snapshots.request()).body["data"]["store"]["interactions"] == 1
    shutil.rmtree(store)
    write_load(store, MORE)
    answer = executor.answer(COUNT, snapshots.request()).body["data"]["store"]
    assert answer == {"version": 1, "interactions": 2}


def test_the_latest_version_is_not_read_again_for_every_request(
    demo_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshots = Snapshots(demo_store)
    monkeypatch.setattr("api.snapshots._SETTLED_NS", 0)
    first = snapshots.entry(None)
    monkeypatch.setattr(Store, "version", lambda *_: pytest.fail("was read again"))
    assert snapshots.entry(None) is first


def test_the_same_view_is_made_once(snapshots: Snapshots) -> None:
    request, other = snapshots.request(), snapshots.request()
    options = {"by": "channel", "where": {"channels": ["web"]}}
    view = request.journeys(None, options)
    assert other.journeys(None, dict(reversed(options.items()))) is view
    assert other.journeys(3, options) is view
    assert other.journeys(None, {"by": "channel"}) is not view
    assert other.journeys(2, options) is not view
    assert other.graph() is request.graph()


def test_many_who_ask_at_once_wait_for_one_making() -> None:
    kept: _Recent[object] = _Recent(2)
    begin, made = threading.Barrier(8), []

    def make() -> object:
        made.append(1)
        return object()

    def get(_number: int) -> object:
        begin.wait()
        return kept.get("key", make)

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(get, range(8)))) == 1
    assert made == [1]


def test_an_error_is_told_to_all_and_kept_for_none() -> None:
    kept: _Recent[int] = _Recent(2)

    def fail() -> int:
        raise InvalidOptionError("x", 1, "2")

    for _again in range(2):
        with pytest.raises(JourneyGraphError):
            kept.get("key", fail)
    assert kept.get("key", lambda: 3) == 3


def test_what_was_used_least_recently_goes_first() -> None:
    kept: _Recent[str] = _Recent(2)
    made: list[str] = []

    def make(key: str) -> str:
        made.append(key)
        return key

    for key in "abacab":
        assert kept.get(key, partial(make, key)) == key
    assert made == ["a", "b", "c", "b"]


def test_what_is_no_store_is_refused(tmp_path: Path, snapshots: Snapshots) -> None:
    with pytest.raises(StoreNotFoundError):
        Snapshots(tmp_path / "nothing")
    (tmp_path / "file").write_text("x")
    with pytest.raises(NotAStoreError):
        Snapshots(tmp_path)
    with pytest.raises(UnknownVersionError):
        snapshots.request(99).settle()


QUESTIONS = """{ journeys {
  summary { customers interactions }
  commonPaths { units nodes { items units count outcomeRate { value } medianSeconds } }
  transitions { nodes { source target units count meanSeconds medianSeconds } }
  dropOff(inactivity: "1d") { open exits nodes { item visits exits open } }
  funnel(steps: [{anyOf: ["home"]}, {anyOf: ["cart"]}], window: "1d") { steps { units open } }
  loyaltyTouchpoints(loyalty: {repeatPurchaseWithin: "2d"}) { units censored nodes { touchpoint } }
} }"""
DAY_US = 86_400_000_000


def many(n_customers: int, start: int = 0) -> World:
    """Customers of whom each third does the same."""
    rows = [
        (f"c{number}", number * DAY_US + step, touchpoint, None, None, None)
        for number in range(start, start + n_customers)
        for step, touchpoint in enumerate(["home", "cart", "purchase"][: 1 + number % 3])
    ]
    return World(rows=rows)


def test_what_was_counted_is_told_again(tmp_path: Path, executor: Executor) -> None:
    write_load(tmp_path / "store", many(60))
    statistics = StatisticsCache(1 << 24)
    snapshots = Snapshots(tmp_path / "store", statistics=statistics)
    first = executor.answer(QUESTIONS, snapshots.request())
    made = statistics.use.misses
    assert executor.answer(QUESTIONS, snapshots.request()).body == first.body
    other = Snapshots(tmp_path / "store", statistics=statistics)  # with a view of its own
    assert executor.answer(QUESTIONS, other.request()).body == first.body
    assert "errors" not in first.body
    assert (statistics.use.misses, statistics.use.hits) == (made, 2 * made)


def test_after_a_load_answers_are_those_of_a_server_just_started(
    tmp_path: Path, executor: Executor
) -> None:
    statistics = StatisticsCache(1 << 24)
    store = tmp_path / "store"
    write_load(store, many(60))
    snapshots = Snapshots(store, statistics=statistics)
    for start in (60, 61, 62):
        executor.answer(QUESTIONS, snapshots.request())
        write_load(store, many(1, start))
        body = executor.answer(QUESTIONS, snapshots.request()).body
        assert body == executor.answer(QUESTIONS, Snapshots(store).request()).body
    assert statistics.use.refreshed > 0


def test_a_store_made_anew_is_counted_anew(tmp_path: Path, executor: Executor) -> None:
    store, statistics = tmp_path / "store", StatisticsCache(1 << 24)
    write_load(store, many(60))
    snapshots = Snapshots(store, statistics=statistics)
    executor.answer(QUESTIONS, snapshots.request())
    shutil.rmtree(store)
    write_load(store, many(50, 5))
    body = executor.answer(QUESTIONS, snapshots.request()).body
    assert body == executor.answer(QUESTIONS, Snapshots(store).request()).body
    assert (statistics.use.hits, statistics.use.refreshed) == (0, 0)


def test_many_ask_the_same_of_a_new_version(tmp_path: Path, executor: Executor) -> None:
    store, statistics = tmp_path / "store", StatisticsCache(1 << 24)
    write_load(store, many(60))
    snapshots = Snapshots(store, statistics=statistics)
    executor.answer(QUESTIONS, snapshots.request())
    write_load(store, many(1, 60))
    before = statistics.use.misses

    def ask(_number: int) -> bytes:
        return executor.answer(QUESTIONS, snapshots.request()).to_bytes()

    with ThreadPoolExecutor(8) as threads:
        answers = set(threads.map(ask, range(16)))
    assert answers == {executor.answer(QUESTIONS, Snapshots(store).request()).to_bytes()}
    assert statistics.use.misses - before <= before  # each made once
