"""`journeygraph loyalty`: a table for each look asked for, JSON for programs, errors in words."""

import json
from pathlib import Path

import pytest

from tests.cli.console import journeygraph


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("loyalty")
    lines = ["customer_id,touchpoint,timestamp,channel,value"]
    for number in range(80):
        item = "mail" if number % 2 else "ad"
        lines.append(f"c{number},{item},2024-01-0{1 + number % 4},web,")
        lines.append(f"c{number},purchase,2024-01-10,{'web' if number % 3 else 'shop'},10.00")
        if number % 2 and number % 5:
            lines.append(f"c{number},purchase,2024-01-{12 + number % 9},web,{number}.00")
    lines.append("z,ad,2024-06-01,web,")
    (folder / "visits.csv").write_text("\n".join(lines) + "\n")
    done = journeygraph("load", "visits.csv", "--store", "shop", folder=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_tables_for_people(folder: Path) -> None:
    done = journeygraph(
        "loyalty", "--store", "shop", "--value-within", "30d", "--loyal-at-least", "20", "--strata",
        "tenure", "--strata", "channel", "--strata-bins", "2", "--dose", "1", "--dose", "2",
        "--first-days", "3", "--permutations", "19", folder=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for title in (
        "Touchpoints associated with loyalty", "Adjusted for tenure (2 bins), first channel",
        "by how often it was met", "Met in the first days", "By chance alone",
        "Mean value in the horizon",
    ):  # fmt: skip
        assert title in done.stdout
    sooner = journeygraph("loyalty", "--store", "shop", "--hazard", folder=folder)
    assert "How much sooner it happens (Cox)" in sooner.stdout


def test_json_for_programs(folder: Path) -> None:
    done = journeygraph(
        "loyalty", "--store", "shop", "--churn-within", "60d", "--json", folder=folder
    )
    answer = json.loads(done.stdout)
    assert answer["units"] == answer["loyal"] == 80
    assert {node["touchpoint"] for node in answer["nodes"]} == {"ad", "mail"}


def test_rare_touchpoints_are_not_listed(folder: Path) -> None:
    def listed(at_least: int) -> dict[str, tuple[int, float]]:
        words = ("--churn-within", "60d", "--at-least", str(at_least), "--json")
        done = journeygraph("loyalty", "--store", "shop", *words, folder=folder)
        nodes = json.loads(done.stdout)["nodes"]
        return {node["touchpoint"]: (node["exposed"], node["qValue"]) for node in nodes}

    every = listed(1)
    for limit in (40, 41):  # half of the 80 customers met each
        assert listed(limit) == {name: of for name, of in every.items() if of[0] >= limit}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--no-churn", "9d", "--loyal-at-least", "3"], "CONFLICTING_OPTIONS"),
        (["--strata", "town"], "UNKNOWN_COLUMN"),
        (["--dose", "0"], "INVALID_OPTION"),
        (["--active-at", "9d", "--hazard"], "CONFLICTING_OPTIONS"),
    ],
)
def test_what_cannot_be_asked_is_said(folder: Path, words: list[str], code: str) -> None:
    done = journeygraph("loyalty", "--store", "shop", *words, folder=folder)
    assert done.returncode != 0
    assert code in done.stderr
    assert "Traceback" not in done.stderr
