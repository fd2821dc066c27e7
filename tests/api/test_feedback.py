"""Feedback in GraphQL: asked, recorded, and refused where nothing may be recorded."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from graphql import get_named_type
from starlette.testclient import TestClient

from api.application import application
from api.demo_data import DemoFiles
from api.graphql.execution import Executor
from api.graphql.schema import schema
from api.settings import ServerSettings
from api.snapshots import Snapshots
from journeygraph.lake.store import Store
from journeygraph.loading.load import load
from journeygraph.loading.options import LoadOptions
from journeygraph.statistics.remembering import StatisticsCache
from tests.api.asking import everything
from tests.api.test_answers import ANSWERS, expected

SCHEMA = schema().graphql_schema
OPEN = 'mutation { recordFeedback(customer: "c42", kind: COMPLAINT, text: "late") %s }'
TOLD = "{ version repeated feedback { id kind open customer { id } acknowledgedAt closedAt } }"


@pytest.fixture(scope="module")
def made(demo_store: Path, demo_files: DemoFiles, tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("feedback") / "store"
    shutil.copytree(demo_store, store)
    load(store, [demo_files.feedback], LoadOptions(table="feedback"))
    return store


@pytest.fixture
def store(made: Path, tmp_path: Path) -> Path:
    """One of its own, to be written to."""
    shutil.copytree(made, tmp_path / "store")
    return tmp_path / "store"


Send = Callable[..., dict[str, Any]]


@pytest.fixture
def send(store: Path) -> Send:
    snapshots, executor = Snapshots(store, allow_recording=True), Executor()

    def send(query: str, **variables: Any) -> dict[str, Any]:
        return executor.answer(query, snapshots.request(), variables).body

    return send


def code_of(body: dict[str, Any]) -> str:
    (error,) = body["errors"]
    return str(error["extensions"]["code"])


@pytest.mark.parametrize(
    ("question", "arguments"),
    [
        ("feedbackLoop", "(by: STAGE, atLeast: 2)"),
        ("feedbackItems", "(open: true, first: 3)"),
        ("feedbackOutcomes", '(within: ["2d", "4d"])'),
    ],
)
def test_a_question_is_answered_as_in_python(made: Path, question: str, arguments: str) -> None:
    kind = get_named_type(SCHEMA.type_map["Journeys"].fields[question].type).name
    snapshots = Snapshots(made)
    query = f"{{ journeys {{ {question}{arguments} {everything(SCHEMA, kind)} }} }}"
    said = Executor().answer(query, snapshots.request()).body["data"]["journeys"][question]
    graph = snapshots.request().graph()
    assert said == expected(ANSWERS[question](graph.journeys()), graph.exponent)
    assert said["nodes"]


def test_what_is_recorded_is_there(send: Send) -> None:
    answer = send(OPEN % TOLD)["data"]["recordFeedback"]
    assert (answer["version"], answer["repeated"]) == (5, False)
    found = answer["feedback"]
    assert (found["kind"], found["open"], found["customer"]) == ("COMPLAINT", True, {"id": "c42"})
    step = "mutation($id: ID!) { acknowledgeFeedback(id: $id) %s closeFeedback(id: $id) %s }"
    steps = send(step % (TOLD, TOLD), id=found["id"])["data"]
    assert steps["acknowledgeFeedback"]["feedback"]["acknowledgedAt"] is not None
    assert steps["acknowledgeFeedback"]["feedback"]["open"] is True
    assert steps["closeFeedback"]["feedback"]["open"] is False
    reopen = f"mutation($id: ID!) {{ reopenFeedback(id: $id) {TOLD} }}"
    opened = send(reopen, id=found["id"])
    assert opened["data"]["reopenFeedback"]["feedback"]["closedAt"] is None
    query = "{ journeys { feedbackItems(first: 1) { nodes { id text reopened open } } } }"
    (item,) = send(query)["data"]["journeys"]["feedbackItems"]["nodes"]
    assert item == {"id": found["id"], "text": "late", "reopened": 1, "open": True}


def test_the_same_request_records_once(send: Send) -> None:
    asked = 'recordFeedback(customer: "c42", kind: QUERY, request: "k")'
    query = f"mutation {{ {asked} {TOLD} }}"
    first, again = (send(query)["data"]["recordFeedback"] for _ in range(2))
    assert {**first, "repeated": True} == again
    other = 'mutation { recordFeedback(customer: "c43", kind: QUERY, request: "k") { version } }'
    assert code_of(send(other)) == "CONFLICTING_REQUEST"


@pytest.mark.parametrize(
    ("mutation", "code"),
    [
        ('recordFeedback(customer: "nobody", kind: QUERY)', "UNKNOWN_CUSTOMER"),
        ('recordFeedback(customer: "c42", kind: QUERY, touchpoint: "x")', "UNKNOWN_TOUCHPOINT"),
        ('recordFeedback(customer: "c42", kind: QUERY, openedAt: "2999-01-01")', "FUTURE_TIME"),
        ('recordFeedback(customer: "c42", kind: PROMISE, dueAt: "2020-01-01")',
         "TIMES_OUT_OF_ORDER"),
        ('recordFeedback(customer: "c42", kind: QUERY, openedAt: "soon")', "INVALID_OPTION"),
        ('recordFeedback(customer: "c42", kind: QUERY, id: "f00000")', "CONFLICTING_ID"),
        ('recordFeedback(customer: "c42", kind: QUERY, text: "")', "INVALID_OPTION"),
        ('recordFeedback(customer: "c42", kind: RANT)', "INVALID_QUERY"),
        ('closeFeedback(id: "nothing")', "UNKNOWN_FEEDBACK"),
        ('closeFeedback(id: "f00000", at: "2020-01-01")', "TIMES_OUT_OF_ORDER"),
        ('reopenFeedback(id: "f00000")', "NOT_CLOSED"),
        ('acknowledgeFeedback(id: "f00000")', "ALREADY_ACKNOWLEDGED"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_leaves_nothing(made: Path, mutation: str, code: str) -> None:
    snapshots = Snapshots(made, allow_recording=True)
    body = Executor().answer(f"mutation {{ {mutation} {{ version }} }}", snapshots.request()).body
    assert code_of(body) == code
    assert snapshots.latest_number() == 4


def test_recording_leaves_what_was_counted(store: Path) -> None:
    statistics = StatisticsCache(1 << 24)
    snapshots = Snapshots(store, statistics=statistics, allow_recording=True)
    query = "{ journeys { transitions { units } } }"

    def ask() -> dict[str, Any]:
        return Executor().answer(query, snapshots.request()).body

    before, misses = ask(), statistics.use.misses
    cached = sorted(path.name for path in (store / "cache").glob("graph-*"))
    recorded = Executor().answer(OPEN % "{ version }", snapshots.request()).body
    assert "errors" not in recorded
    assert ask() == before
    assert (statistics.use.misses, statistics.use.hits > 0) == (misses, True)
    assert sorted(path.name for path in (store / "cache").glob("graph-*")) == cached


@pytest.fixture
def clients(store: Path) -> Callable[..., TestClient]:
    return lambda **settings: TestClient(
        application(store, ServerSettings(**settings)), base_url="http://127.0.0.1:8000"
    )


def test_a_server_only_reads_unless_it_is_told_otherwise(
    store: Path, clients: Callable[..., TestClient]
) -> None:
    with clients() as client:
        response = client.post("/graphql", json={"query": OPEN % "{ version }"})
        assert code_of(response.json()) == "RECORDING_NOT_ALLOWED"
    assert Store.open(store).version_numbers() == [1, 2, 3, 4]
    with clients(allow_recording=True) as client:
        by_address = client.get("/graphql", params={"query": OPEN % "{ version }"})
        assert (by_address.status_code, code_of(by_address.json())) == (405, "WRONG_METHOD")
        assert by_address.headers["allow"] == "POST"
        crossing = client.post(
            "/graphql", json={"query": OPEN % "{ version }"},
            headers={"sec-fetch-site": "cross-site"},
        )  # fmt: skip
        assert code_of(crossing.json()) == "CROSS_SITE"
        assert Store.open(store).version_numbers() == [1, 2, 3, 4]
        posted = client.post("/graphql", json={"query": OPEN % "{ version }"})
        assert posted.json() == {"data": {"recordFeedback": {"version": 5}}}
        asked = client.get("/graphql", params={"query": "{ store { version } }"})
        assert asked.json() == {"data": {"store": {"version": 5}}}
