"""The examples in docs/pattern-language.md give what the page says they give."""

from __future__ import annotations

import doctest
import json
import os
import re
import shlex
from pathlib import Path

import pytest

from journeygraph import pattern_language
from tests.cli.console import journeygraph

PAGE = Path(__file__).parents[2] / "docs" / "pattern-language.md"


def test_the_grammar_is_the_one_of_the_code() -> None:
    said = {line.strip() for line in str(pattern_language.__doc__).splitlines() if " = " in line}
    assert len(said) == 8
    assert said <= set(PAGE.read_text(encoding="utf-8").splitlines())


@pytest.mark.realdata
def test_the_example_gives_the_numbers_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = Path(os.environ["JOURNEYGRAPH_DATA"]) / "simple_onlineshop.parquet"
    monkeypatch.chdir(tmp_path)
    Path("shop.parquet").symlink_to(data)
    result = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert result.attempted > 10
    assert result.failed == 0


@pytest.mark.realdata
def test_the_command_and_the_query_give_the_same(tmp_path: Path) -> None:
    data = Path(os.environ["JOURNEYGRAPH_DATA"]) / "simple_onlineshop.parquet"
    text = PAGE.read_text(encoding="utf-8")
    (command,) = re.findall(r"```console\n\$ (.*?)```", text, re.DOTALL)
    (query,) = re.findall(r"```graphql\n(.*?)```", text, re.DOTALL)
    (tmp_path / "left.graphql").write_text(query, encoding="utf-8")
    assert journeygraph("load", data, "--store", "shop-store", folder=tmp_path).returncode == 0
    words = shlex.split(command.replace("\\\n", " "))
    shown = json.loads(journeygraph(*words[1:], "--json", folder=tmp_path).stdout)
    asked = journeygraph("ask", "left.graphql", "--store", "shop-store", folder=tmp_path)
    said = json.loads(asked.stdout)["data"]["journeys"]
    assert said["summary"]["customers"] == said["dropOff"]["units"] == shown["units"] > 0
    for node, other in zip(said["dropOff"]["nodes"], shown["nodes"], strict=False):
        assert node == {name: other[name] for name in node}
