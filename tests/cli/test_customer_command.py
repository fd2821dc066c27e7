"""`journeygraph customer`: all of a profile on one page, and as JSON."""

import json
from pathlib import Path

import pytest

from tests.cli.console import journeygraph


def _visits() -> str:
    lines = ["customer_id,touchpoint,timestamp,value,emotion,expectation,experience"]
    for number in range(31):
        lines += [f"c{number},cart,2024-01-01,,,,", f"c{number},purchase,2024-01-02,9.90,,,"]
    lines += [
        "me,cart,2024-01-05,,0.5,0.5,0.6", "me,purchase,2024-02-01,20.00,-0.5,0.2,-0.4",
        "me,cart,2024-02-02,,,,",
    ]  # fmt: skip
    return "\n".join([*lines, "last,cart,2024-06-01,,,,"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("customer")
    (folder / "visits.csv").write_text(_visits())
    done = journeygraph("load", "visits.csv", "--store", "shop", folder=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_one_page_for_people(folder: Path) -> None:
    done = journeygraph("customer", "me", "--store", "shop", folder=folder)
    assert done.returncode == 0, done.stderr
    assert "gone" in done.stdout
    assert (
        "silent for longer than ever before; the last feeling was bad; "
        "the last expectation was not met"
    ) in " ".join(done.stdout.split())
    assert "History – 3 of 3 interactions" in done.stdout
    assert "what 31 others did next after cart; nothing in time: 0.0 %" in done.stdout


def test_json_for_programs(folder: Path) -> None:
    done = journeygraph(
        "customer", "me", "--store", "shop", "--outcome", "cart", "--inactivity", "300d",
        "--json", folder=folder,
    )  # fmt: skip
    answer = json.loads(done.stdout)
    assert (answer["standing"]["outcomes"], answer["standing"]["isOpen"]) == (2, True)
    assert [row["touchpoint"] for row in answer["purchases"]] == ["cart", "cart"]
    assert answer["similar"]["nodes"][0]["item"] == "purchase"


def test_an_outcome_that_is_not_there_is_refused(folder: Path) -> None:
    done = journeygraph("customer", "me", "--store", "shop", "--outcome", "pay", folder=folder)
    assert done.returncode == 1
    assert "[UNKNOWN_TOUCHPOINT]" in done.stderr
    assert done.stdout == ""
