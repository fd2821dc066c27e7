"""`journeygraph feedback`: record, move, list and sum up, errors in words."""

import json
from pathlib import Path

import pytest

from tests.cli.console import journeygraph

VISITS = "customer,touchpoint,timestamp\nann,shop,2024-01-01\nbob,shop,2024-01-02\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("feedback")
    (folder / "visits.csv").write_text(VISITS)
    done = journeygraph("load", "visits.csv", "--store", "shop", folder=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_the_life_of_a_promise(folder: Path) -> None:
    def run(*words: str) -> str:
        done = journeygraph("feedback", *words, "--store", "shop", folder=folder)
        assert done.returncode == 0, done.stderr
        return done.stdout

    record = ("record", "--customer", "ann", "--kind", "promise", "--opened-at", "2024-01-02",
              "--due-at", "2024-01-09", "--id", "T1", "--touchpoint", "shop", "--team", "north",
              "--text", "A new one by Tuesday", "--request", "k")  # fmt: skip
    assert run(*record) == "Promise T1: store version 2.\n"
    assert run(*record) == "Promise T1: store version 2, as before.\n"
    assert "version 3" in run("acknowledge", "T1", "--at", "2024-01-03")
    assert run("list", "--open").splitlines()[0].startswith("Feedback – 1, as of 2024-01-03")
    closed = json.loads(run("close", "T1", "--at", "2024-01-08", "--json"))
    assert (closed["version"], closed["feedback"]["kept"]) == (4, True)
    assert closed["feedback"]["closedAt"] == "2024-01-08T00:00:00Z"
    answer = json.loads(run("loop", "--group-by", "team", "--json"))
    assert [(node["name"], node["promises"]["kept"]) for node in answer["nodes"]] == [("north", 1)]
    assert "100.0 % [" in run("loop")
    again = run("reopen", "T1", "--at", "2024-01-10")
    assert "version 5" in again
    listed = json.loads(run("list", "--overdue", "--json"))["nodes"]
    assert [(one["id"], one["customer"], one["reopened"]) for one in listed] == [("T1", "ann", 1)]
    assert "A new one by Tuesday" in run("list")
    found = run("outcomes", "--within", "1d", "--horizon", "1d")
    assert "associated with, adjusted for kind and tenure" in found
    shown = journeygraph("customer", "ann", "--store", "shop", folder=folder).stdout
    assert "Feedback – 1, 1 open" in shown
    as_json = journeygraph("customer", "ann", "--store", "shop", "--json", folder=folder).stdout
    assert json.loads(as_json)["feedback"]["overdue"] == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("record", "--customer", "zoe", "--kind", "query"), "UNKNOWN_CUSTOMER"),
        (("record", "--customer", "ann", "--kind", "rant"), "INVALID_OPTION"),
        (("close", "T9"), "UNKNOWN_FEEDBACK"),
        (("loop", "--group-by", "mood"), "INVALID_OPTION"),
        (("outcomes", "--step", "praised"), "INVALID_OPTION"),
    ],
)
def test_errors_in_words(folder: Path, words: tuple[str, ...], code: str) -> None:
    done = journeygraph("feedback", *words, "--store", "shop", folder=folder)
    assert done.returncode == 1
    assert f"[{code}]" in done.stderr
    assert "Traceback" not in done.stderr
