"""`journeygraph compare`: tables for people, JSON for programs, errors in words."""

import json
from pathlib import Path

import pytest

from tests.cli.console import journeygraph

VISITS = """customer_id,touchpoint,timestamp,value
a,home,2024-01-01,
a,purchase,2024-01-03,10
b,home,2024-01-01,
c,app,2024-01-01,
c,home,2024-01-02,
d,home,2024-03-30,
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compare")
    (folder / "visits.csv").write_text(VISITS)
    done = journeygraph("load", "visits.csv", "--store", "shop", folder=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_tables_and_json(folder: Path) -> None:
    words = ["compare", "--store", "shop", "--with", '{"until": "2024-01-02"}']
    done = journeygraph(*words, folder=folder)
    assert done.returncode == 0, done.stderr
    assert "4 customers against 3; 3 customers are in both" in done.stdout
    assert "Items – 3, of which 3 are listed" in done.stdout
    assert "3 customers are in both populations" in done.stderr
    answer = json.loads(journeygraph(*words, "--first", "1", "--json", folder=folder).stdout)
    assert answer["outcomeRate"]["population"]["value"] == 0.25
    assert answer["valuePerUnit"]["population"]["value"] == 2.5
    assert (answer["items"]["eligible"], len(answer["items"]["nodes"])) == (3, 1)


def test_errors_in_words(folder: Path) -> None:
    done = journeygraph("compare", "--store", "shop", "--with", '{"form": "2024"}', folder=folder)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "'form'" in done.stderr
