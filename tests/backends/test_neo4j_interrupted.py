"""Pushes that are cut off, at either end or in between, are gone on with and write all once."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import journeygraph
from journeygraph.backends.neo4j import Neo4jEngine
from journeygraph.backends.neo4j_errors import OtherGraphError, OvertakenError, ServerStoppedError
from journeygraph.backends.neo4j_push import PushProgress, push
from journeygraph.statistics.base import total
from journeygraph.statistics.sizes import SIZES
from tests.backends.fake_servers import cutting_proxy
from tests.backends.in_neo4j import connect, found_in, wanted_of
from tests.neo4j_server.process import PASSWORD

pytestmark = pytest.mark.neo4j


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of 60 customers, 10 interactions each, and one with 100."""
    folder = tmp_path_factory.mktemp("busy")
    owners = [f"c{number // 10}" for number in range(600)] + ["long"] * 100
    rows = [
        f"{owner},2024-01-{1 + n % 28:02d},page {n % 7},{('web', 'app', '')[n % 3]}"
        for n, owner in enumerate(owners)
    ]
    (folder / "rows.csv").write_text("customer,at,touchpoint,channel\n" + "\n".join(rows))
    journeygraph.load(folder / "store", folder / "rows.csv")
    (folder / "more.csv").write_text("customer,at,touchpoint\n" + "\n".join(
        f"c{n},2023-12-31,ad" for n in range(60)))  # fmt: skip
    journeygraph.load(folder / "store", folder / "more.csv")
    return folder / "store"


def state_of(server) -> tuple[str, int]:
    with connect(server) as connection:
        found = connection.read("MATCH (g:JourneyGraph) RETURN g.state")
        [[n]] = connection.read("MATCH (i:Interaction) RETURN count(i)")
    return (found[0][0] if found else "none"), n


def test_the_answer_to_a_commit_is_lost(empty_neo4j, busy):
    with (
        cutting_proxy(empty_neo4j.port, {4, 9, 15, 16, 22}) as port,
        connect(empty_neo4j, uri=f"bolt://127.0.0.1:{port}") as connection,
    ):
        push(busy, connection, version=1, batch_rows=30)
        push(busy, connection, batch_rows=30)
    assert found_in(empty_neo4j) == wanted_of(busy)


def test_the_server_is_killed_and_comes_back(empty_neo4j, busy):
    calls = iter(range(100))

    def kill(_progress: PushProgress) -> None:
        if next(calls) == 3:
            empty_neo4j.kill()
            empty_neo4j.start()

    with connect(empty_neo4j, patience="5m") as connection:
        push(busy, connection, batch_rows=30, progress=kill)
    assert next(calls) > 4
    assert found_in(empty_neo4j) == wanted_of(busy)


def test_the_server_stays_away_for_a_while(empty_neo4j, busy):
    """The push stops, and so does whoever asks meanwhile; the push goes on later."""
    with connect(empty_neo4j) as connection:
        push(busy, connection, version=1, batch_rows=100)
    calls = iter(range(100))

    def kill(_progress: PushProgress) -> None:
        if next(calls) == 3:
            empty_neo4j.kill()

    with (
        connect(empty_neo4j, patience="1s", connect_timeout="1s") as connection,
        Neo4jEngine(connect(empty_neo4j, patience="1s", connect_timeout="1s")) as engine,
    ):
        with pytest.raises(ServerStoppedError, match="NEO4J_STOPPED"):
            push(busy, connection, batch_rows=30, progress=kill)
        with pytest.raises(ServerStoppedError, match="NEO4J_STOPPED"):
            total(SIZES, engine.journeys())
    empty_neo4j.start()
    state, n_interactions = state_of(empty_neo4j)
    assert state == "pushing"
    assert 700 < n_interactions < 760
    with connect(empty_neo4j) as connection:
        report = push(busy, connection, batch_rows=30)
    assert report.changes["interactions created"] == 760 - n_interactions
    assert found_in(empty_neo4j) == wanted_of(busy)


def test_the_push_itself_is_killed(empty_neo4j, busy):
    command = [Path(sys.executable).with_name("journeygraph"), "neo4j", "push", "--store", busy,
               "--uri", empty_neo4j.uri, "--batch-rows", "5"]  # fmt: skip
    process = subprocess.Popen(command, env={"JOURNEYGRAPH_NEO4J_PASSWORD": PASSWORD})
    while state_of(empty_neo4j)[1] < 50 and process.poll() is None:
        time.sleep(0.05)
    process.kill()
    process.wait()
    state, n_interactions = state_of(empty_neo4j)
    assert state == "pushing"
    assert n_interactions < 760
    with connect(empty_neo4j) as connection:
        push(busy, connection, batch_rows=100)
    assert found_in(empty_neo4j) == wanted_of(busy)


def test_two_pushes_of_one_version_help_each_other(empty_neo4j, busy):
    failures = []

    def push_it() -> None:
        try:
            with connect(empty_neo4j) as connection:
                push(busy, connection, batch_rows=30)
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    pushes = [threading.Thread(target=push_it) for _ in range(2)]
    for one in pushes:
        one.start()
    for one in pushes:
        one.join()
    assert failures == []
    assert found_in(empty_neo4j) == wanted_of(busy)


def test_a_push_of_another_version_overtakes(empty_neo4j, busy):
    calls = iter(range(100))

    def overtake(_progress: PushProgress) -> None:
        if next(calls) == 3:
            with connect(empty_neo4j) as other:
                push(busy, other, batch_rows=100)

    with (
        connect(empty_neo4j) as connection,
        pytest.raises(OvertakenError, match="of version 2"),
    ):
        push(busy, connection, version=1, batch_rows=30, progress=overtake)
    assert found_in(empty_neo4j) == wanted_of(busy)


def test_what_is_no_graph_of_this_store_is_left_alone(empty_neo4j, busy, shop):
    with connect(empty_neo4j) as connection:
        connection.run("CREATE (:Customer {key: 7, id: 'somebody'})")
        with pytest.raises(OtherGraphError, match="nodes Customer that no push has written"):
            push(shop, connection)
        push(shop, connection, replace=True)
        assert found_in(empty_neo4j) == wanted_of(shop)
        with pytest.raises(OtherGraphError, match="the graph of another store"):
            push(busy, connection)
        assert found_in(empty_neo4j) == wanted_of(shop)
        push(busy, connection, replace=True)
    assert found_in(empty_neo4j) == wanted_of(busy)
