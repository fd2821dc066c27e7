"""The command `paths`, step by step and anchored: the answers of Python, as JSON and as a table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.console import journeygraph

ROWS = """customer,at,touchpoint,channel
a,2024-03-01 09:00:00,home,web
a,2024-03-01 09:01:00,cart,app
a,2024-03-01 09:02:00,home,app
a,2024-03-01 09:03:00,cart,web
a,2024-03-01 09:09:00,purchase,web
b,2024-03-01 10:00:00,cart,web
b,2024-03-01 10:01:00,home,web
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("paths")
    (made / "visits.csv").write_text(ROWS)
    done = journeygraph("load", "visits.csv", "--store", "shop", folder=made)
    assert done.returncode == 0, done.stderr
    return made


def answer(folder: Path, *words: object) -> Any:
    done = journeygraph("paths", *words, "--store", "shop", "--json", folder=folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def ways(found: Any) -> list[str]:
    return [" > ".join(node["items"]) for node in found["nodes"]]


def test_anchored_paths(folder: Path) -> None:
    assert ways(answer(folder, "--starts-at", "cart", "--occurrence", "last")) == [
        "cart > home", "cart > purchase"
    ]  # fmt: skip
    on_app = answer(folder, "--starts-at", "cart", "--start-where", "channels=app")
    assert ways(on_app) == ["cart > home > cart > purchase"]
    assert ways(answer(folder, "--ends-at", "purchase", "--end-where", "min_value=1")) == []
    assert ways(answer(folder, "--between", "home|cart=purchase")) == ["cart > purchase"]
    assert answer(folder, "--through", "purchase")["unitsWithPath"] == 1


def test_simultaneous_interactions_are_one_item(folder: Path) -> None:
    assert ways(answer(folder, "--tolerance", "1m")) == [
        "cart + home", "cart + home > cart + home > purchase"
    ]  # fmt: skip
    through = answer(folder, "--tolerance", "90s", "--through", "=purchase")
    assert ways(through) == ["cart + home > cart + home > purchase"]
    wrong = journeygraph("paths", "--store", "shop", "--tolerance", "5", folder=folder)
    assert (wrong.returncode, "rules.tolerance='5' is not a length" in wrong.stderr) == (1, True)


def test_a_tree_and_a_grid(folder: Path) -> None:
    tree = answer(folder, "--steps", 2)
    assert (tree["form"], len(tree["nodes"])) == ("PREFIX_TREE", 4)
    grid = answer(folder, "--form", "step_grid", "--steps", 2, "--rows", 1, "--flows")
    assert [column["count"] for column in grid["columns"]] == [2, 2]
    assert sum(flow["count"] for flow in grid["flows"]) == 2


@pytest.mark.parametrize("form", ["prefix_tree", "step_grid"])
def test_steps_are_shown_as_a_table(folder: Path, form: str) -> None:
    words = ("paths", "--form", form, "--rows", 1, "--steps", 2, "--store", "shop")
    done = journeygraph(*words, folder=folder)
    assert done.returncode == 0, done.stderr
    assert "(1 others)" in done.stdout
    assert "beyond" in done.stdout


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--between", "cart"], "INVALID_OPTION"),
        (["--starts-at", "crat"], "UNKNOWN_ITEM"),
        (["--rows", "3"], "CONFLICTING_OPTIONS"),
        (["--end-where", "channel=web"], "UNKNOWN_OPTION"),
    ],
)
def test_what_cannot_be_asked_is_said(folder: Path, words: list[str], code: str) -> None:
    done = journeygraph("paths", *words, "--store", "shop", folder=folder)
    assert done.returncode == 1
    assert f"[{code}]" in done.stderr
    assert "Traceback" not in done.stderr
