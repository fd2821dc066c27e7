"""A store with the demo company in it, made once, and what asks it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.demo_data import DemoFiles, write_demo_data
from api.graphql.execution import Executor, GraphQLResponse
from api.snapshots import Snapshots
from journeygraph.graph import JourneyGraph
from tests.api.asking import load_demo

Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def demo_files(tmp_path_factory: pytest.TempPathFactory) -> DemoFiles:
    return write_demo_data(tmp_path_factory.mktemp("data"), customers=700)


@pytest.fixture(scope="session")
def demo_store(tmp_path_factory: pytest.TempPathFactory, demo_files: DemoFiles) -> Path:
    store = tmp_path_factory.mktemp("demo") / "store"
    load_demo(store, demo_files)
    return store


@pytest.fixture(scope="session")
def snapshots(demo_store: Path) -> Snapshots:
    return Snapshots(demo_store)


@pytest.fixture(scope="session")
def graph(snapshots: Snapshots) -> JourneyGraph:
    return snapshots.request().graph()


@pytest.fixture(scope="session")
def executor() -> Executor:
    return Executor()


@pytest.fixture(scope="session")
def respond(executor: Executor, snapshots: Snapshots) -> Callable[..., GraphQLResponse]:
    def respond(query: str, **variables: Any) -> GraphQLResponse:
        return executor.answer(query, snapshots.request(), variables)

    return respond


@pytest.fixture(scope="session")
def ask(respond: Callable[..., GraphQLResponse]) -> Ask:
    """The data of an answer without errors."""

    def ask(query: str, **variables: Any) -> dict[str, Any]:
        response = respond(query, **variables)
        assert "errors" not in response.body, response.body["errors"]
        data: dict[str, Any] = response.body["data"]
        return data

    return ask


@pytest.fixture(scope="session")
def problem(respond: Callable[..., GraphQLResponse]) -> Ask:
    """The one error of a query: its code and its message."""

    def problem(query: str, **variables: Any) -> dict[str, Any]:
        (error,) = respond(query, **variables).body["errors"]
        return {**error, "code": error["extensions"]["code"]}

    return problem
