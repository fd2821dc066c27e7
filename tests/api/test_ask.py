"""One query from a file, without a server."""

import io
import json
import sys
from pathlib import Path

import pytest

from api.errors import QueryFileError, VariablesFileError
from api.graphql.ask import answer_file
from journeygraph.errors import JourneyGraphError
from journeygraph.lake.errors import EmptyStoreError, StoreNotFoundError, UnknownVersionError
from journeygraph.lake.store import Store
from tests.api.asking import ISSUE_QUERY


@pytest.fixture
def query(tmp_path: Path) -> Path:
    file = tmp_path / "query.graphql"
    file.write_text(ISSUE_QUERY, encoding="utf-8")
    return file


def test_a_file_is_answered(query: Path, demo_store: Path) -> None:
    text, has_errors = answer_file(str(query), demo_store)
    assert not has_errors
    assert text.startswith('{\n  "data": {\n')
    assert json.loads(text)["data"]["store"]["version"] == 3


def test_standard_input_is_answered(demo_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbf{ store { version } }"))
    monkeypatch.setattr(sys, "stdin", given)
    assert json.loads(answer_file("-", demo_store)[0]) == {"data": {"store": {"version": 3}}}


def test_a_version_variables_and_an_operation_can_be_named(
    tmp_path: Path, demo_store: Path
) -> None:
    query, variables = tmp_path / "q", tmp_path / "v.json"
    query.write_text("query a { nothing: store { version } } "
                     "query b($n: Int!) { store { version } "
                     "journeys { commonPaths(first: $n) { nodes { units } } } }")  # fmt: skip
    variables.write_text('{"n": 2}')
    text, has_errors = answer_file(str(query), demo_store, 1, variables, "b")
    data = json.loads(text)["data"]
    assert not has_errors
    assert data["store"]["version"] == 1
    assert len(data["journeys"]["commonPaths"]["nodes"]) == 2


@pytest.mark.parametrize(
    "text", ["{ store {", "{ store { nothing } }", '{ customer(id: "x") { id } }']
)
def test_errors_of_the_query_are_in_the_response(
    text: str, tmp_path: Path, demo_store: Path
) -> None:
    (tmp_path / "q").write_text(text)
    answer, has_errors = answer_file(str(tmp_path / "q"), demo_store)
    assert has_errors
    assert json.loads(answer)["errors"][0]["message"]


def test_what_is_logged_stays_out_of_the_response(
    tmp_path: Path, demo_store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "q").write_text("{ store(version: 9) { version } }")
    answer_file(str(tmp_path / "q"), demo_store)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (None, None, "no such file"),
        (b"", None, "nothing in it"),
        (b" \n\t\n", None, "nothing in it"),
        (b"{\n  store\n \xff\xfe }", 3, "not text in UTF-8"),
        (b"PAR1\x00\x00", 1, "binary"),
    ],
)
def test_a_file_that_holds_no_query_is_an_error(
    content: bytes | None, line: int | None, words: str, tmp_path: Path, demo_store: Path
) -> None:
    file = tmp_path / "query.graphql"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(QueryFileError) as caught:
        answer_file(str(file), demo_store)
    assert words in caught.value.problem
    assert caught.value.file == str(file)
    assert caught.value.line == line
    assert caught.value.remedy


def test_a_folder_is_no_query(tmp_path: Path, demo_store: Path) -> None:
    with pytest.raises(QueryFileError, match="directory"):
        answer_file(str(tmp_path), demo_store)


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (None, None, "no such file"),
        (b'{"a": 1,\n "b": }', 2, "column"),
        (b"[1]", None, "not an object"),
        (b"", 1, "column"),
        (b"\xff", 1, "column"),
    ],
)
def test_variables_that_cannot_be_read_are_an_error(
    content: bytes | None, line: int | None, words: str, tmp_path: Path, query: Path,
    demo_store: Path,
) -> None:  # fmt: skip
    file = tmp_path / "variables.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(VariablesFileError) as caught:
        answer_file(str(query), demo_store, None, file)
    assert words in caught.value.problem
    assert (caught.value.file, caught.value.line) == (str(file), line)


def test_a_store_that_cannot_be_asked_is_an_error(
    tmp_path: Path, query: Path, demo_store: Path
) -> None:
    with pytest.raises(StoreNotFoundError):
        answer_file(str(query), tmp_path / "nothing")
    with pytest.raises(JourneyGraphError, match="not a store"):
        answer_file(str(query), tmp_path)
    with pytest.raises(UnknownVersionError):
        answer_file(str(query), demo_store, 99)
    Store.create_or_open(tmp_path / "empty")
    with pytest.raises(EmptyStoreError):
        answer_file(str(query), tmp_path / "empty")
