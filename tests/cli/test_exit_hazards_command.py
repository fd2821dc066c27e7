"""`journeygraph exit-hazards`: a table for people, JSON for programs, errors in words."""

import json
from pathlib import Path

import pytest

from tests.cli.console import journeygraph

VISITS = """customer_id,touchpoint,timestamp
a,home,2024-01-01
a,purchase,2024-01-03
b,home,2024-01-01
c,home,2024-01-01
c,cart,2024-01-09
d,home,2024-03-30
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hazards")
    (folder / "visits.csv").write_text(VISITS)
    done = journeygraph("load", "visits.csv", "--store", "shop", folder=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_a_table_for_people(folder: Path) -> None:
    done = journeygraph("exit-hazards", "--store", "shop", folder=folder)
    assert done.returncode == 0, done.stderr
    assert "of 4 customers 2 left without the outcome, 1 are still open" in done.stdout
    assert "33.3 %" in done.stdout  # b, of a, b and c


def test_json_for_programs(folder: Path) -> None:
    done = journeygraph(
        "exit-hazards", "--store", "shop", "--item", "cart", "--every", "7d", "--json",
        folder=folder,
    )  # fmt: skip
    answer = json.loads(done.stdout)
    assert (answer["exits"], answer["places"]) == (1, 2)
    assert answer["nodes"][1]["hazard"]["value"] == 1


@pytest.mark.parametrize(
    ("words", "code"),
    [(["--item", "caart"], "UNKNOWN_ITEM"), (["--every", "7"], "INVALID_DURATION")],
)
def test_errors_in_words(folder: Path, words: list[str], code: str) -> None:
    done = journeygraph("exit-hazards", "--store", "shop", *words, folder=folder)
    assert done.returncode == 1
    assert f"[{code}]" in done.stderr
    assert "Traceback" not in done.stderr
