"""`journeygraph drop-off-contrast`: a table for people, JSON for programs, errors in words."""

import json
from pathlib import Path

import pytest

from tests.cli.console import journeygraph

VISITS = """customer_id,touchpoint,timestamp
a,home,2024-01-01
a,purchase,2024-01-03
b,home,2024-01-01
c,app,2024-01-01
c,home,2024-01-02
d,home,2024-03-30
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("contrast")
    (folder / "visits.csv").write_text(VISITS)
    done = journeygraph("load", "visits.csv", "--store", "shop", folder=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_a_table_and_json(folder: Path) -> None:
    words = ["drop-off-contrast", "--store", "shop", "--against-touched", "app"]
    done = journeygraph(*words, folder=folder)
    assert done.returncode == 0, done.stderr
    assert "Drop-off of 3 customers against 1" in done.stdout
    answer = json.loads(journeygraph(*words, "--json", folder=folder).stdout)
    home = next(node for node in answer["nodes"] if node["item"] == "home")
    assert (home["population"]["rate"]["value"], home["against"]["rate"]["value"]) == (0.5, 1)


def test_a_population_of_its_own(folder: Path) -> None:
    where = '{"until": "2024-01-02", "customers": {"attributes": null}}'
    words = ["drop-off-contrast", "--store", "shop", "--against-where", where]
    done = journeygraph(*words, folder=folder)
    assert done.returncode == 0, done.stderr
    assert "Drop-off of 4 customers against 3" in done.stdout
    assert "3 customers are in both populations" in done.stdout


def test_errors_in_words(folder: Path) -> None:
    done = journeygraph("drop-off-contrast", "--store", "shop", folder=folder)
    assert done.returncode == 1
    assert "[INVALID_OPTION]" in done.stderr
    words = ["drop-off-contrast", "--store", "shop", "--against-where", "{from:"]
    done = journeygraph(*words, folder=folder)
    assert done.returncode == 1
    assert "a JSON object" in done.stderr
