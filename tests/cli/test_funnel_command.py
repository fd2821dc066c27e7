"""`journeygraph funnel` with conditions: tables for people, JSON for programs, errors in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.console import journeygraph

VISITS = """customer_id,touchpoint,timestamp,channel
a,home,2024-01-01,web
a,help,2024-01-02,web
a,cart,2024-01-03,app
b,home,2024-01-01,app
b,cart,2024-01-02,app
c,home,2024-01-01,web
d,cart,2024-03-31,web
d,home,2024-03-31,web
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("funnel")
    (folder / "visits.csv").write_text(VISITS)
    done = journeygraph("load", "visits.csv", "--store", "shop", folder=folder)
    assert done.returncode == 0, done.stderr
    return folder


def ask(folder: Path, *words: str) -> dict[str, Any]:
    steps = [] if "--step" in words else ["--step", "home", "--step", "cart"]
    done = journeygraph("funnel", "--store", "shop", *steps, *words, "--json", folder=folder)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def units(folder: Path, *words: str) -> list[int]:
    return [step["units"] for step in ask(folder, *words)["steps"]]


def test_every_option_reaches_the_question(folder: Path) -> None:
    assert units(folder) == [4, 2]
    assert units(folder, "--order", "any") == [4, 3]
    assert units(folder, "--step-window", "1d") == [4, 1]
    assert units(folder, "--session", "2d", "--hold-constant", "channel") == [4, 1]
    assert units(folder, "--session", "channel") == [4, 1]
    assert units(folder, "--excluding", "help") == [3, 1]
    upto = '{"anyOf": ["help"], "meaning": "counts_up_to"}'
    assert units(folder, "--excluding", upto) == [4, 1]
    steps = ("--step", "home", "--step", "help", "--step")
    assert units(folder, *steps, "cart", "--optional", "2") == [4, 1, 2]
    last = '{"anyOf": ["cart"], "follows": "next", "where": {"channels": ["app"]}}'
    assert units(folder, *steps, last, "--optional", "2") == [4, 1, 2]
    every = ask(folder, "--entry", "every", "--exact")
    assert (every["counted"], every["steps"][1]["exact"]) == ("entries", True)


def test_tables_of_values_and_of_populations(folder: Path) -> None:
    done = journeygraph(
        "funnel", "--store", "shop", "--step", "home", "--step", "cart", "--breakdown", "channel",
        "--compare", '{"customers": {"touched": ["help"]}}', folder=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "By value" in done.stdout
    assert "Compared: of previous" in done.stdout
    assert "(few)" in done.stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--breakdown", "{"], "INVALID_OPTION"),
        (["--compare", "[]"], "INVALID_OPTION"),
        (["--order", "any", "--step-window", "1d"], "CONFLICTING_OPTIONS"),
        (["--hold-constant", "chanel"], "UNKNOWN_COLUMN"),
    ],
)
def test_errors_in_words(folder: Path, words: list[str], code: str) -> None:
    steps = ["--step", "home", "--step", "cart"]
    done = journeygraph("funnel", "--store", "shop", *steps, *words, folder=folder)
    assert done.returncode != 0
    assert code in done.stderr
    assert "Traceback" not in done.stderr
