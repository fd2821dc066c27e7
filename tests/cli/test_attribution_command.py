"""`journeygraph attribution`: tables for people, JSON for programs, errors in words."""

import json
from pathlib import Path

import pytest

from tests.cli.console import journeygraph

VISITS = """customer_id,touchpoint,timestamp,channel,value
a,search ad,2024-01-01,advertising,
a,product page,2024-01-02,web,
a,purchase,2024-01-03,web,10.00
b,product page,2024-01-01,web,
c,search ad,2024-01-01,advertising,
c,purchase,2024-01-02,phone,5.00
d,news,2024-03-31,email,
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("attribution")
    (folder / "visits.csv").write_text(VISITS)
    done = journeygraph("load", "visits.csv", "--store", "shop", folder=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_a_table_for_people(folder: Path) -> None:
    done = journeygraph(
        "attribution", "--store", "shop", "--method", "markov", "--order", "2",
        "--replicates", "5", "--by", "channel", folder=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "2 of 2 outcomes had something before them, 1 journeys came to nothing" in done.stdout
    assert "credits add up to 2.0" in done.stdout
    assert "removal effect" in done.stdout
    assert "interval" in done.stdout
    assert "Note: Only 2 outcomes are credited" in done.stderr


def test_json_for_programs(folder: Path) -> None:
    done = journeygraph(
        "attribution", "--store", "shop", "--method", "position", "--weights", "1", "--weights",
        "1", "--weights", "3", "--json", folder=folder,
    )  # fmt: skip
    answer = json.loads(done.stdout)
    assert (answer["method"], answer["total"], answer["addsUp"]) == ("POSITION", 2, True)
    assert [(node["item"], node["credit"], node["value"]) for node in answer["nodes"]] == [
        ("search ad", pytest.approx(1.25), "7.50"),
        ("product page", pytest.approx(0.75), "7.50"),
    ]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--method", "middle"], "INVALID_OPTION"),
        (["--method", "last", "--order", "2"], "CONFLICTING_OPTIONS"),
        (["--method", "shapley", "--worth", "gold"], "INVALID_OPTION"),
        (["--paths", "none"], "INVALID_OPTION"),
    ],
)
def test_errors_in_words(folder: Path, words: list[str], code: str) -> None:
    done = journeygraph("attribution", "--store", "shop", *words, folder=folder)
    assert done.returncode == 1
    assert f"[{code}]" in done.stderr
    assert "Traceback" not in done.stderr
