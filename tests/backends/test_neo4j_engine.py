"""The engine Neo4j against the local one: equal tables, equal lists, equal answers."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import journeygraph
from api.errors import NeedsStoreError
from api.snapshots import Snapshots
from journeygraph.backends import EngineOptions
from journeygraph.backends.neo4j import Neo4jEngine
from journeygraph.backends.neo4j_engine_errors import (
    GraphChangedError,
    NoGraphToAskError,
    OtherVersionError,
    PushUnderWayError,
)
from journeygraph.backends.neo4j_push import push
from journeygraph.errors import JourneyGraphError, UnsupportedByEngineError
from journeygraph.graph import JourneyGraph
from journeygraph.journeys import Journeys
from journeygraph.loading.options import LoadOptions
from journeygraph.loading.store_changes import unload
from journeygraph.statistics.base import total
from journeygraph.statistics.finders import find_customers
from journeygraph.statistics.sizes import SIZES
from tests.backends.in_neo4j import connect
from tests.backends.questions import QUESTIONS, history, plain
from tests.backends.statistics_asked import (
    FAMILIES,
    asked_statistics,
    judged,
    sought_customers,
)
from tests.backends.test_spark import random_world
from tests.cli import console
from tests.graph.stores import write_load
from tests.neo4j_server.process import PASSWORD, Neo4jServer
from tests.strategies import World

pytestmark = pytest.mark.neo4j

SOME = [f"c{number}" for number in range(1, 30)]
VIEWS: tuple[dict[str, Any], ...] = (
    {},
    {"by": "touchpoint_at_channel", "unit": "journey", "split": {"inactivity": "1d"}},
    {
        "by": "channel",
        "where": {"until": "1970-01-15", "customers": {"attributes": {"country": ["DE"]}}},
        "rules": {"collapse": True},
        "inactivity": "3d",
    },
    {"where": {"initiators": ["customer", "unknown"], "customers": {"referred": True}}},
    {"where": {"customers": {"ids": SOME, "not_touched": ["ad"]}}},
    {"where": {"customers": {"has_outcome": False, "touched": ["cart", "ad"]}}},
    {
        "rules": {
            "rename": {"home": "page ✓"},
            "group": [{"pattern": "p*", "as": "page ✓"}],
            "exclude": ["support*"],
            "collapse": True,
        },
        "split": {"outcome": True},
    },
    {
        "by": "stage",
        "where": {"from": "1970-01-03", "min_value": 1, "exclude_touchpoints": ["home"]},
        "outcome": {"stages": ["purchase"], "min_value": 25},
        "split": {"outcome": True},
        "unit": "journey",
    },
    {
        "where": {"channels": ["web", "unknown"], "stages": ["inquiry", "unknown"]},
        "rules": {"collapse": True},
        "split": {"inactivity": "12h"},
        "unit": "journey",
    },
    {"where": {"until": "1970-01-01T00:00:01", "touchpoints": ["cart"]}},
)


def write_shop(path: Path) -> None:
    dictionary = {"ad": {"channel": "news", "initiator": "company"}, "home": {"stage": "inquiry"}}
    countries = [(f"c{number}", {"country": ["DE", "FR"][number % 2]}) for number in range(30)]
    write_load(path, random_world(1), attributes=countries, dictionary=dictionary)
    later = [("c1", {"country": "FR"})]
    write_load(path, random_world(2, 200, 5), attributes=later, dictionary=dictionary)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stores") / "shop"
    write_shop(path)
    return path


@pytest.fixture(scope="module")
def graph(store: Path) -> JourneyGraph:
    return journeygraph.open(store)


@pytest.fixture(scope="module")
def engine(neo4j_server: Neo4jServer, store: Path) -> Iterator[Neo4jEngine]:
    """Asked for 20 customers at a time: what is counted is put together of several parts."""
    with asked_of(neo4j_server, store) as engine:
        yield engine


def asked_of(server: Neo4jServer, store: Path, **options: Any) -> Neo4jEngine:
    server.empty()
    connection = connect(server)
    push(store, connection)
    return Neo4jEngine(connection, **{"customers_at_once": 20, "sessions": 1, **options})


def check_tables(family: str, there: Any, here: Journeys, seed: int = 3) -> int:
    n_asked = 0
    for statistic, asked in asked_statistics(family, here, np.random.default_rng(seed)):
        wanted = total(statistic, here, **judged(here, asked))
        found = total(statistic, there, **judged(there, asked))
        assert found.equals(wanted), (statistic.name, asked)
        n_asked += 1
    return n_asked


@pytest.mark.parametrize("family", FAMILIES)
def test_every_table_is_the_local_one(engine, graph, family):
    assert check_tables(family, engine.journeys(), graph.journeys())


@pytest.mark.parametrize("number", range(1, len(VIEWS)))
def test_every_view_is_the_local_one(engine, graph, number):
    """Its whole sequences tell every item of every unit; the other families take turns."""
    here, there = graph.journeys(**VIEWS[number]), engine.journeys(**VIEWS[number])
    assert there.items == here.items
    others = [family for family in FAMILIES if family != "sequences"]
    for family in ("sequences", others[number % 6], others[(number + 2) % 6]):
        assert check_tables(family, there, here)


@pytest.mark.parametrize("number", [1, 2, 6])
def test_every_list_of_customers_is_the_local_one(engine, graph, number):
    here, there = graph.journeys(**VIEWS[number]), engine.journeys(**VIEWS[number])
    for finder, asked in sought_customers(here, np.random.default_rng(4)):
        wanted = find_customers(finder, here, **judged(here, asked))
        found = find_customers(finder, there, **judged(there, asked))
        assert found.tolist() == wanted.tolist(), (finder.name, asked)


def test_parts_of_any_size_in_any_number_of_sessions_give_the_same(engine, neo4j_server, graph):
    here = graph.journeys()
    assert engine.customers_at_once == 20
    for at_once, sessions in ((1000, 1), (3, 4)):
        with Neo4jEngine(
            connect(neo4j_server), customers_at_once=at_once, sessions=sessions
        ) as engine:
            assert check_tables("sequences", engine.journeys(), here)


UNANSWERED = (
    "funnel with an optional step", "exit hazards", "journey map",
    "journey map against a plan", "preferences", "preferences by the last rating", "economics",
    "economics by stage",
)  # fmt: skip
ANSWERED = [name for name in QUESTIONS if name not in UNANSWERED]


@pytest.mark.parametrize("question", ANSWERED)
def test_questions_and_the_customers_behind_them_are_answered_alike(engine, graph, question):
    ask = QUESTIONS[question]
    options: dict[str, Any] = {"inactivity": "3d", "where": {"channels": ["web", "news"]}}
    here, there = graph.journeys(**options), engine.journeys(**options)
    assert plain(ask(there), lists=False) == plain(ask(here), lists=False)
    options = {
        "where": {"customers": {"attributes": {"country": ["DE"]}}},
        "split": {"inactivity": "2d"},
        "unit": "journey",
    }
    assert plain(ask(engine.journeys(**options))) == plain(ask(graph.journeys(**options)))


@pytest.mark.parametrize("question", UNANSWERED)
def test_what_is_not_declared_is_an_error_that_says_what(engine, question):
    with pytest.raises(UnsupportedByEngineError, match="engine 'neo4j' does not give"):
        QUESTIONS[question](engine.journeys())


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"where": {"did": ["home .* cart"]}}, "where.did"),
        ({"where": {"not_did": ["home .* cart"]}}, "where.notDid"),
        ({"split": {"column": "colour"}, "unit": "journey"}, "split.column"),
    ],
)
def test_an_option_that_is_not_understood_is_an_error(engine, options, named):
    assert named in engine.support.without
    with pytest.raises(UnsupportedByEngineError, match=named):
        engine.journeys(**options)


@pytest.mark.parametrize(
    "options",
    [
        {"where": {"touchpoints": ["hom"]}},
        {"where": {"channels": ["webb"]}},
        {"where": {"customers": {"ids": ["nobody at all"]}}},
        {"where": {"customers": {"attributes": {"county": ["DE"]}}}},
        {"where": {"customers": {"attributes": {"country": ["DK"]}}}},
        {"rules": {"exclude": ["nothing*"]}},
    ],
    ids=str,
)
def test_names_that_are_not_there_are_the_errors_of_the_graph(engine, graph, options):
    with pytest.raises(JourneyGraphError) as here:
        graph.journeys(**options)
    with pytest.raises(JourneyGraphError) as there:
        total(SIZES, engine.journeys(**options))
    assert there.value.code == here.value.code
    assert there.value.problem == here.value.problem


def test_customers_and_histories_are_those_of_the_graph(engine, graph):
    everybody = np.arange(graph.n_customers)
    assert engine.graph.customer_id(everybody) == graph.customer_id(everybody)
    assert engine.graph.n_interactions == graph.n_interactions
    for word in ("initiator", "level"):
        assert engine.graph.says(word) == graph.says(word)
    for name in ("c1", "c5", "alone"):
        index = graph.customer_index(name)
        assert history(engine.graph, index) == history(graph, index)


def test_a_store_without_interactions_is_answered(neo4j_server, tmp_path):
    write_load(tmp_path / "s", World(rows=[], customers=["a"], referrals=[("a", "b", 0, None)]))
    here = journeygraph.open(tmp_path / "s").journeys()
    with asked_of(neo4j_server, tmp_path / "s") as engine:
        for family in ("sizes", "sequences", "exits", "loyalty"):
            assert check_tables(family, engine.journeys(), here)
        for question in ("summary", "whole paths", "drop-off", "referral chains"):
            ask = QUESTIONS[question]
            assert plain(ask(engine.journeys())) == plain(ask(here))


def test_keys_with_gaps_are_numbered_as_in_the_graph(neo4j_server, tmp_path):
    rows = (
        "customer,at,touchpoint\n{0}1,2024-01-01,home\n{0}2,2024-01-02,home\n{0}1,2024-01-03,cart\n"
    )
    for load in ("a", "b", "c"):
        (tmp_path / f"{load}.csv").write_text(rows.format(load))
        journeygraph.load(tmp_path / "s", tmp_path / f"{load}.csv")
    (tmp_path / "r.csv").write_text("referrer,referred\na1,c2\nc1,a2\n")
    journeygraph.load(tmp_path / "s", tmp_path / "r.csv", LoadOptions(table="referrals"))
    unload(tmp_path / "s", 2)
    graph = journeygraph.open(tmp_path / "s")
    with asked_of(neo4j_server, tmp_path / "s", customers_at_once=3) as engine:
        assert engine.graph.keys_of(np.arange(4)) == [0, 1, 4, 5]
        for question in ("summary", "drop-off", "referral chains"):
            ask = QUESTIONS[question]
            assert plain(ask(engine.journeys())) == plain(ask(graph.journeys()))


def test_a_random_world_is_counted_alike(neo4j_server, tmp_path):
    seed = 11
    random = np.random.default_rng(seed)
    write_load(tmp_path / "s", random_world(seed, int(random.integers(1, 150))))
    graph = journeygraph.open(tmp_path / "s")
    with asked_of(neo4j_server, tmp_path / "s") as engine:
        for options in VIEWS[:2]:
            here, there = graph.journeys(**options), engine.journeys(**options)
            for family in FAMILIES:
                check_tables(family, there, here, seed)


@pytest.mark.realdata
def test_a_real_log_is_counted_alike(neo4j_server, tmp_path):
    """A tenth of its patients, each with the whole of their history."""
    log = pd.read_parquet(Path(os.environ["JOURNEYGRAPH_DATA"]) / "sepsis.parquet")
    some = log["customer_id"].unique()[::10]
    log[log["customer_id"].isin(some)].to_parquet(tmp_path / "log.parquet")
    journeygraph.load(tmp_path / "s", tmp_path / "log.parquet", LoadOptions())
    here = journeygraph.open(tmp_path / "s").journeys()
    with asked_of(neo4j_server, tmp_path / "s", customers_at_once=60) as engine:
        there = engine.journeys()
        for family in FAMILIES:
            assert check_tables(family, there, here)
        for question in ("whole paths", "loyalty: active"):
            assert plain(QUESTIONS[question](there)) == plain(QUESTIONS[question](here))


def test_a_push_is_noticed(neo4j_server, tmp_path):
    write_load(tmp_path / "s", random_world(5, 20))
    with asked_of(neo4j_server, tmp_path / "s") as engine:
        view = engine.journeys()
        write_load(tmp_path / "s", random_world(6, 20))
        with connect(neo4j_server) as connection:
            push(tmp_path / "s", connection)
            with pytest.raises(GraphChangedError):
                total(SIZES, view)
            with pytest.raises(OtherVersionError, match="version 2 of the store, not 1"):
                Neo4jEngine(connection, 1)
            connection.run("MATCH (g:JourneyGraph) SET g.state = 'pushing'")
            with pytest.raises(PushUnderWayError):
                Neo4jEngine(connection)
            neo4j_server.empty()
            with pytest.raises(NoGraphToAskError):
                Neo4jEngine(connection)


def test_the_command_line_and_graphql_ask_the_server(neo4j_server, tmp_path):
    write_load(tmp_path / "s", random_world(5, 40))
    asked_of(neo4j_server, tmp_path / "s").close()
    (tmp_path / "password").write_text(PASSWORD)
    (tmp_path / "question.graphql").write_text(
        "{ journeys(by: CHANNEL) { dropOff { units nodes { item exits customers { count } } } } }"
    )
    engine = ["--engine", "neo4j", "--uri", neo4j_server.uri, "--password-file", "password"]
    commands = (["customer", "c0"], ["funnel", "--step", "home", "--step", "cart"])
    for command in [*([*one, "--json"] for one in commands), ["ask", "question.graphql"]]:
        here = console.journeygraph(*command, "--store", "s", folder=tmp_path)
        there = console.journeygraph(*command, *engine, folder=tmp_path)
        assert (there.returncode, there.stderr) == (0, "")
        answers = [json.loads(done.stdout) for done in (there, here)]
        if command[0] == "customer":  # similar customers and feedback are asked of a local graph
            assert answers[0].pop("similar") is None
            assert answers[1].pop("similar") is not None
            assert "feedback" not in answers[0]
            del answers[1]["feedback"]
        assert answers[0] == answers[1]


def test_requests_without_a_store_are_about_the_graph_that_is_there(neo4j_server, tmp_path):
    write_load(tmp_path / "s", random_world(5, 20))
    asked_of(neo4j_server, tmp_path / "s").close()
    (tmp_path / "password").write_text(PASSWORD)
    engine = EngineOptions(
        engine="neo4j", uri=neo4j_server.uri, password_file=tmp_path / "password"
    )
    with closing(Snapshots(None, engine=engine)) as snapshots:
        check_requests(snapshots, neo4j_server, tmp_path / "s")


def check_requests(snapshots: Snapshots, server: Neo4jServer, store: Path) -> None:
    first = snapshots.request()
    assert (first.store().version, first.store().interactions) == (1, 20)
    assert first.store().loaded_at_us is None
    assert snapshots.request().journeys(1, {}) is first.journeys(None, {})
    for needs_store in (lambda: first.graph(2), first.stored):
        with pytest.raises(NeedsStoreError, match="NEEDS_STORE"):
            needs_store()
    write_load(store, random_world(6, 20))
    with connect(server) as connection:
        push(store, connection)
    assert snapshots.latest_number() == 2
    assert snapshots.request().store().interactions == 40
    with pytest.raises(GraphChangedError):
        total(SIZES, first.journeys(None, {}))
