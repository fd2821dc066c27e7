"""Documents are kept, work is dropped when nobody waits, and nothing is shared that changes."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from graphql import parse

from api.graphql import execution
from api.graphql.execution import Executor
from api.snapshots import AbandonedError, Snapshots
from tests.api.asking import ISSUE_QUERY


def test_a_query_is_read_once(snapshots: Snapshots, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def counted(query: str, **options: Any) -> Any:
        read.append(query)
        return parse(query, **options)

    monkeypatch.setattr(execution, "parse", counted)
    executor = Executor()
    answers = [executor.answer("{ store { version } }", snapshots.request()) for _ in range(3)]
    assert len(read) == 1
    assert {answer.to_bytes() for answer in answers} == {b'{"data":{"store":{"version":3}}}'}
    executor.answer("{ nothing }", snapshots.request())
    executor.answer("{ nothing }", snapshots.request())
    assert len(read) == 3  # what is not valid is not kept


def test_no_more_is_kept_than_there_is_room_for(
    snapshots: Snapshots, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execution, "_MAX_DOCUMENTS", 5)
    executor = Executor()
    for number in range(12):
        executor.answer(f"{{ a{number}: store {{ version }} }}", snapshots.request())
    assert len(executor._documents) == 5
    executor.answer("{ store { version } } #" + "x" * 30_000, snapshots.request())
    assert len(executor._documents) == 5


def test_the_operation_asked_for_is_answered(executor: Executor, snapshots: Snapshots) -> None:
    query = "query a { store { version } } query b { store { interactions } }"
    response = executor.answer(query, snapshots.request(), operation="b")
    assert set(response.body["data"]["store"]) == {"interactions"}
    unknown = executor.answer(query, snapshots.request(), operation="c")
    assert unknown.body["errors"][0]["message"] == "Unknown operation named 'c'."
    assert not unknown.was_executed


def test_what_nobody_waits_for_stops_before_its_next_question(
    executor: Executor, snapshots: Snapshots
) -> None:
    request = snapshots.request()
    request.abandon()
    with pytest.raises(AbandonedError):
        executor.answer(ISSUE_QUERY, request)


def test_many_ask_at_once_and_get_what_one_gets(executor: Executor, snapshots: Snapshots) -> None:
    alone = executor.answer(ISSUE_QUERY, snapshots.request()).to_bytes()
    begin = threading.Barrier(6)

    def ask(_number: int) -> bytes:
        begin.wait()
        return executor.answer(ISSUE_QUERY, snapshots.request()).to_bytes()

    with ThreadPoolExecutor(6) as threads:
        assert set(threads.map(ask, range(6))) == {alone}


def test_a_list_as_default_is_not_shared() -> None:
    """graphene hands the same default to every request; a list in it could be written to."""
    from graphql import GraphQLObjectType

    from api.graphql.schema import schema

    defaults = [
        argument.default_value
        for kind in schema().graphql_schema.type_map.values()
        if isinstance(kind, GraphQLObjectType)
        for field in kind.fields.values()
        for argument in field.args.values()
    ]
    assert not any(isinstance(default, list | dict) for default in defaults)
