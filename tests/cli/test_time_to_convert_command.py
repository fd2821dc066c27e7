"""`journeygraph time-to-convert`: a table for people, JSON for programs, errors in words."""

import json
from pathlib import Path

import pytest

from tests.cli.console import journeygraph

VISITS = """customer_id,touchpoint,timestamp
a,home,2024-01-01
a,purchase,2024-01-03
b,home,2024-01-01
b,cancel,2024-01-02
c,home,2024-03-30
d,home,2024-01-05
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("times")
    (folder / "visits.csv").write_text(VISITS)
    done = journeygraph("load", "visits.csv", "--store", "shop", folder=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_a_table_for_people(folder: Path) -> None:
    done = journeygraph(
        "time-to-convert", "--store", "shop", "--from-item", "home", "--to-item", "purchase",
        "--horizon", "9d", "--at", "1d", "--at", "2d", "--percents", "10",
        "--against-touched", "cancel", folder=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "of 3 customers that started 1 converted, 0 did something else first" in done.stdout
    assert "second population – of 1 customers" in done.stdout
    assert "Log-rank" in done.stdout


def test_json_for_programs(folder: Path) -> None:
    done = journeygraph("time-to-convert", "--store", "shop", "--ends", "--json", folder=folder)
    times = json.loads(done.stdout)["times"]
    assert (times["started"], times["converted"], times["ended"], times["open"]) == (4, 1, 2, 1)
    assert times["nodes"][0]["waiting"]["value"] < 1


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--from-item", "hoome"], "UNKNOWN_ITEM"),
        (["--horizon", "3"], "INVALID_DURATION"),
        (["--to-item", "home", "--competing", "home"], "CONFLICTING_OPTIONS"),
    ],
)
def test_errors_in_words(folder: Path, words: list[str], code: str) -> None:
    done = journeygraph("time-to-convert", "--store", "shop", *words, folder=folder)
    assert done.returncode == 1
    assert f"[{code}]" in done.stderr
    assert "Traceback" not in done.stderr
