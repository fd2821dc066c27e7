"""`journeygraph map`: tables for people, JSON for programs, errors in words."""

import json
from pathlib import Path

import pytest

from tests.cli.console import journeygraph

VISITS = """customer_id,touchpoint,timestamp,stage,emotion
a,home,2024-01-01,inquiry,0.5
a,purchase,2024-01-03,purchase,-0.5
b,home,2024-01-01,inquiry,0
c,home,2024-01-01,inquiry,
c,cart,2024-01-09,purchase,
d,home,2024-03-30,,
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("map")
    (folder / "visits.csv").write_text(VISITS)
    done = journeygraph("load", "visits.csv", "--store", "shop", folder=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_tables_for_people(folder: Path) -> None:
    done = journeygraph("map", "--store", "shop", folder=folder)
    assert done.returncode == 0, done.stderr
    assert "Stages – 4 customers, 2 of them left without the outcome, 1 are still open" in (
        done.stdout
    )
    (inquiry,) = [line for line in done.stdout.splitlines() if line.startswith("inquiry  ")][:1]
    assert inquiry.split()[1:4] == ["3", "75.0", "%"]
    assert "0.25 [" in inquiry
    assert "(not said)" in done.stdout


def test_json_for_programs(folder: Path) -> None:
    done = journeygraph("map", "--store", "shop", "--at-least", "2", "--json", folder=folder)
    answer = json.loads(done.stdout)
    assert [(node["stage"], node["item"], node["units"]) for node in answer["nodes"]] == [
        ("inquiry", "home", 3)
    ]
    assert answer["nodes"][0]["emotion"]["value"] == 0.25
    assert answer["otherCells"] == 3


def test_errors_in_words(folder: Path) -> None:
    done = journeygraph("map", "--store", "shop", "--at-least", "0", folder=folder)
    assert done.returncode == 1
    assert "[INVALID_OPTION]" in done.stderr
    assert "Traceback" not in done.stderr
