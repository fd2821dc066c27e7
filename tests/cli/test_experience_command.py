"""`journeygraph experience` and `turns`: tables for people, JSON for programs, errors in words."""

import json
from pathlib import Path

import pytest

from tests.cli.console import journeygraph

VISITS = """customer_id,touchpoint,timestamp,stage,emotion,expectation,experience,team,emotion_label
a,home,2024-01-01,inquiry,0.5,0,0.5,north,joy
a,purchase,2024-01-03,purchase,-0.5,0.5,0,south,anger
a,call,2024-02-03,support,-0.5,,,south,
b,home,2024-01-01,inquiry,0,,,,
b,call,2024-03-30,support,1,,,north,joy
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("experience")
    (folder / "visits.csv").write_text(VISITS)
    done = journeygraph("load", "visits.csv", "--store", "shop", folder=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_tables_for_people(folder: Path) -> None:
    asked = ("experience", "--store", "shop", "--group-by", "team", "--over", "month")
    done = journeygraph(*asked, folder=folder)
    assert done.returncode == 0, done.stderr
    assert "Experience – 2 customers, 5 interactions, 0.0 % of them without an emotion" in (
        done.stdout
    )
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["north", "2", "(few)", "100.0", "%", "2", "0.75"] in [line[:7] for line in lines]
    assert ["north", "2024-01", "1"] in [line[:3] for line in lines]
    assert ["before", "2"] in [line[:2] for line in lines]
    assert ["end", "0.25"] in [line[:2] for line in lines]


def test_json_for_programs(folder: Path) -> None:
    done = journeygraph("turns", "--store", "shop", "--permutations", "9", "--json", folder=folder)
    answer = json.loads(done.stdout)
    assert (answer["journeys"], answer["rated"], answer["turned"]) == (2, 1, 1)
    [node] = answer["nodes"]
    assert (node["item"], node["worsened"], node["change"]["value"]) == ("purchase", 1, -1)


def test_errors_in_words(folder: Path) -> None:
    asked = ("experience", "--group-by", "mood", "--store", "shop")
    done = journeygraph(*asked, folder=folder)
    assert done.returncode == 1
    assert "[INVALID_OPTION]" in done.stderr
    assert "Traceback" not in done.stderr
