"""`journeygraph what-if`: tables for people, JSON for programs, errors in words."""

import json
from pathlib import Path

import pytest

from tests.cli.console import journeygraph

VISITS = """customer_id,touchpoint,timestamp,value
a,search,2024-01-01,
a,purchase,2024-01-03,10
b,search,2024-01-01,
c,ad,2024-01-01,
d,purchase,2024-03-30,5
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("what-if")
    (folder / "visits.csv").write_text(VISITS)
    done = journeygraph("load", "visits.csv", "--store", "shop", folder=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_tables_and_json(folder: Path) -> None:
    words = ["what-if", "--store", "shop", "--fix", "search=0", "--replicates", "5"]
    done = journeygraph(*words, folder=folder)
    assert done.returncode == 0, done.stderr
    assert "What if – 3 paths, 2 closed journeys without an outcome" in done.stdout
    assert "Assumed: Whoever no longer leaves" in done.stdout
    answer = json.loads(journeygraph(*words, "--json", folder=folder).stdout)
    assert (answer["outcomes"]["actual"], answer["outcomes"]["expected"]) == (1, 2)
    assert answer["value"]["difference"] == 10
    assert answer["changes"][0]["kind"] == "FIX"


def test_errors_in_words(folder: Path) -> None:
    done = journeygraph("what-if", "--store", "shop", "--fix", "search=low", folder=folder)
    assert done.returncode == 1
    assert "[INVALID_OPTION]" in done.stderr
    assert "Traceback" not in done.stderr
