"""The examples in docs/graphql.md give what the page says they give."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from api.demo_data import write_demo_data
from api.graphql.execution import Executor
from api.graphql.limits import Limits
from api.settings import PREFIX, ServerSettings
from api.snapshots import Snapshots
from tests.api.asking import load_demo

PAGE = Path("docs/graphql.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(r"```graphql\n(.*?)```\n\n```json\n(.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def snapshots(tmp_path_factory: pytest.TempPathFactory) -> Snapshots:
    """The store that `make demo` makes."""
    folder = tmp_path_factory.mktemp("page")
    load_demo(folder / "store", write_demo_data(folder / "data"))
    return Snapshots(folder / "store")


def alike(shown: Any, given: Any) -> bool:
    """Whether an answer is what the page shows: with cut fractions, and … for what is left out."""
    if isinstance(shown, dict):
        return list(shown) == list(given) and all(alike(shown[key], given[key]) for key in shown)
    if isinstance(shown, list):
        return len(shown) == len(given) and all(map(alike, shown, given))
    if isinstance(shown, float):
        return given == pytest.approx(shown, rel=1e-3)
    if isinstance(shown, str) and shown.startswith("…"):
        return isinstance(given, str) and given.endswith(shown[1:])
    return bool(shown == given)


def test_the_examples_give_what_they_show(snapshots: Snapshots) -> None:
    examples = EXAMPLE.findall(PAGE)
    assert len(examples) == PAGE.count("```graphql") >= 6
    for query, shown in examples:
        answer = Executor().answer(query, snapshots.request()).body
        assert alike(json.loads(shown), answer), json.dumps(answer, indent=1)


def test_the_limits_and_settings_are_those_of_the_program() -> None:
    limits = Limits()
    for number in (limits.characters, limits.tokens, limits.cost, limits.fields):
        assert f"{number:,}" in PAGE
    for name, field in ServerSettings.model_fields.items():
        row = next(line for line in PAGE.splitlines() if f"`{PREFIX}{name.upper()}`" in line)
        default = field.default
        assert f"| {int(default) if default else ''}".rstrip() + " |" in row


def test_the_codes_are_those_of_the_program() -> None:
    named = set(re.findall(r"`([A-Z][A-Z_]+)`", PAGE.split("| code |")[1].split("## Limits")[0]))
    folders = ("api", "journeygraph", "queries")
    source = "".join(
        path.read_text(encoding="utf-8")
        for folder in folders
        for path in Path(folder).rglob("*.py")
    )
    assert [code for code in sorted(named) if f'"{code}"' not in source] == []
