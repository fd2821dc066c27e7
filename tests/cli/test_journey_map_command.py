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


PLAN = """name: to the sale
stages:
  - stage: look
    within: 3d
    touchpoints: [home, {touchpoint: cart, optional: true}]
  - stage: sale
    touchpoints: [{touchpoint: purchase, within: 1d}]
"""


def test_a_planned_journey_against_the_actual_ones(folder: Path) -> None:
    (folder / "plan.yaml").write_text(PLAN)
    asked = ("map", "--store", "shop", "--planned", "plan.yaml")
    done = journeygraph(*asked, folder=folder)
    assert done.returncode == 0, done.stderr
    assert (
        "to the sale – 0.0 % [0.0, 56.1] of 3 closed customers follow it, 1 of 1 open ones so far"
        in (done.stdout)
    )
    [step] = [line for line in done.stdout.splitlines() if line.startswith("2. look ")]
    assert "cart (optional)" in step
    [skipped] = [line for line in done.stdout.splitlines() if line.startswith("skipped ")]
    assert "3. purchase" in skipped
    assert "'purchase' is itself the outcome" in done.stderr
    answer = json.loads(journeygraph(*asked, "--json", folder=folder).stdout)["planned"]
    steps = [(one["met"]["successes"], one["skipped"], one["notYet"]) for one in answer["steps"]]
    assert steps == [
        (4, 0, 0), (1, 2, 1), (1, 2, 1),
    ]  # fmt: skip
    assert answer["steps"][2]["late"]["successes"] == 1
    assert [(one["stage"], one["late"]["successes"]) for one in answer["stages"]] == [
        ("look", 1), ("sale", 0),
    ]  # fmt: skip


def test_a_plan_that_cannot_be_read_names_its_line(folder: Path) -> None:
    (folder / "bad.yaml").write_text(PLAN.replace("within: 1d", "within: 1"))
    done = journeygraph("map", "--store", "shop", "--planned", "bad.yaml", folder=folder)
    assert done.returncode == 1
    assert "bad.yaml:7: stages[2].touchpoints[1].within: '1' is not a length" in done.stderr
    assert "[BAD_PLANNED_JOURNEY]" in done.stderr
    assert "Traceback" not in done.stderr


def test_errors_in_words(folder: Path) -> None:
    done = journeygraph("map", "--store", "shop", "--at-least", "0", folder=folder)
    assert done.returncode == 1
    assert "[INVALID_OPTION]" in done.stderr
    assert "Traceback" not in done.stderr
