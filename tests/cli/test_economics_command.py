"""`journeygraph economics` and `journey-trend`: tables for people, JSON for programs, errors."""

import json
from pathlib import Path

import pytest

from tests.cli.console import journeygraph

VISITS = """customer_id,touchpoint,timestamp,channel,value,cost
a,ad,2024-01-02,web,,0.50
a,purchase,2024-01-03,shop,20.00,
b,ad,2024-02-01,web,,0.25
b,call,2024-03-30,phone,,
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("economics")
    (folder / "visits.csv").write_text(VISITS)
    done = journeygraph("load", "visits.csv", "--store", "shop", "--currency", "EUR", folder=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_tables_for_people(folder: Path) -> None:
    done = journeygraph("economics", "--store", "shop", "--group-by", "channel", folder=folder)
    assert done.returncode == 0, done.stderr
    assert "Economics in EUR – 2 customers, 4 interactions; 3 groups" in done.stdout
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["web", "2", "(few)", "2", "–", "–", "0", "0.75", "100.0", "%", "2", "–", "–"] in lines
    assert "2 of 4 interactions say what they cost" in done.stderr
    asked = ("journey-trend", "--of", "outcome_rate", "--within", "20d", "--store", "shop")
    done = journeygraph(*asked, folder=folder)
    assert done.returncode == 0, done.stderr
    assert "Outcome rate by month – of the units whose first item is in the period" in done.stdout
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["2024-01", "(few)", "100.0", "%"] in [line[:4] for line in lines]


def test_json_for_programs(folder: Path) -> None:
    asked = ("journey-trend", "--of", "value", "--every", "quarter", "--store", "shop", "--json")
    answer = json.loads(journeygraph(*asked, folder=folder).stdout)
    [node] = answer["nodes"]
    assert (node["period"], node["total"], node["whole"]) == ("2024-Q1", "20.00", False)
    asked = ("economics", "--group-by", "path", "--order", "units", "--store", "shop", "--json")
    answer = json.loads(journeygraph(*asked, folder=folder).stdout)
    assert answer["overall"]["margin"]["total"] == "19.25"
    assert [node["items"] for node in answer["nodes"]] == [["ad", "purchase"], ["ad", "call"]]


def test_errors_in_words(folder: Path) -> None:
    for asked in (("economics", "--order", "profit"), ("journey-trend", "--of", "mood")):
        done = journeygraph(*asked, "--store", "shop", folder=folder)
        assert done.returncode == 1
        assert "[INVALID_OPTION]" in done.stderr
        assert "Traceback" not in done.stderr
