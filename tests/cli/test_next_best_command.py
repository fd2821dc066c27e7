"""`journeygraph next` and `evaluate`: tables for people, files for tools, errors in words."""

import csv
import json
from pathlib import Path

import pytest

from tests.cli.console import journeygraph


def _visits() -> str:
    lines = ["customer_id,touchpoint,timestamp,initiator,channel"]
    for number in range(12):
        lines.append(f"c{number},cart,2024-01-01T08:00,customer,web")
        if number < 6:
            lines.append(f"c{number},reminder,2024-01-02T0{number}:00,company,email")
        if number < 4:
            lines.append(f"c{number},purchase,2024-01-03T08:00,customer,web")
    lines.append("later,cart,2024-02-01T08:00,customer,web")
    lines.append("new,cart,2024-04-01T08:00,customer,web")
    return "\n".join(lines)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("next")
    (folder / "visits.csv").write_text(_visits())
    done = journeygraph("load", "visits.csv", "--store", "shop", folder=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_for_a_customer(folder: Path) -> None:
    done = journeygraph(
        "next", "new", "--store", "shop", "--at-least", "5", "--quiet-from", "20:00",
        "--quiet-until", "01:30", folder=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Next best after cart – 13 customers stood there; of 7 not contacted" in done.stdout
    assert "+68.4 %" in done.stdout
    assert "2024-04-02T01:30:00Z" in done.stdout  # not at 00:00


def test_json_for_programs(folder: Path) -> None:
    done = journeygraph(
        "next", "--prefix", "cart", "--store", "shop", "--at-least", "5", "--json", folder=folder
    )
    answer = json.loads(done.stdout)
    assert (answer["units"], answer["nodes"][0]["worked"]) == (13, 4)


def test_for_everybody_into_a_file(folder: Path) -> None:
    done = journeygraph(
        "next", "--all", "--output", "all.csv", "--store", "shop", "--at-least", "5", folder=folder
    )
    assert done.returncode == 0, done.stderr
    assert "1 recommendations in all.csv" in done.stdout
    with (folder / "all.csv").open(newline="") as file:
        [row] = csv.DictReader(file)
    assert (row["customer"], row["touchpoint"], row["prefix"]) == ("new", "reminder", "cart")
    assert row["send_from"] == "2024-04-02T00:00:00.000000Z"
    assert float(row["gain"]) == pytest.approx(13 / 19)


def test_evaluation(folder: Path) -> None:
    done = journeygraph(
        "evaluate", "--store", "shop", "--within", "1d", "--split-at", "2024-01-15", folder=folder
    )
    assert done.returncode == 0, done.stderr
    assert "first order chain" in done.stdout
    assert "The model does" in done.stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["next", "--all"], "INVALID_OPTION"),
        (["next", "new", "--all", "--output", "a.csv"], "CONFLICTING_OPTIONS"),
        (["next", "--all", "--output", "none/a.csv"], "OUTPUT_NOT_WRITABLE"),
    ],
)
def test_errors_in_words(folder: Path, words: list[str], code: str) -> None:
    done = journeygraph(*words, "--store", "shop", folder=folder)
    assert done.returncode == 1
    assert f"[{code}]" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / "a.csv").exists()
