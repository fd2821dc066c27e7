"""`journeygraph after-drop`: a table for people, JSON for programs, errors in words."""

import json
from pathlib import Path

import pytest

from tests.cli.console import journeygraph

VISITS = """customer_id,touchpoint,timestamp
a,cart,2024-01-01
a,delivery,2024-01-02
a,purchase,2024-01-03
b,cart,2024-01-01
b,help,2024-01-02
c,cart,2024-03-30
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("after")
    (folder / "visits.csv").write_text(VISITS)
    done = journeygraph("load", "visits.csv", "--store", "shop", folder=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_a_table_for_people(folder: Path) -> None:
    done = journeygraph(
        "after-drop", "--store", "shop", "--step", "cart", "--to", "purchase", "--within", "7d",
        folder=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "next within 7 d – of 3 customers 1 dropped (0 did nothing more)" in done.stdout
    assert "help" in done.stdout


def test_json_for_programs(folder: Path) -> None:
    done = journeygraph(
        "after-drop", "--store", "shop", "--step", "cart", "--items", "1", "--json", folder=folder
    )
    answer = json.loads(done.stdout)
    assert (answer["reached"], answer["undecided"], answer["items"]) == (3, 1, 1)
    assert {node["item"] for node in answer["nodes"]} == {"delivery", "help"}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--step", "caart"], "UNKNOWN_ITEM"),
        (["--step", "cart", "--items", "0"], "INVALID_OPTION"),
        (["--step", "cart", "--items", "1", "--within", "1d"], "CONFLICTING_OPTIONS"),
    ],
)
def test_errors_in_words(folder: Path, words: list[str], code: str) -> None:
    done = journeygraph("after-drop", "--store", "shop", *words, folder=folder)
    assert done.returncode == 1
    assert f"[{code}]" in done.stderr
    assert "Traceback" not in done.stderr
