"""The examples in docs/patterns.md give what the page says they give, in every way to ask."""

from __future__ import annotations

import doctest
import json
import os
import re
import shlex
from pathlib import Path

import pytest

from tests.cli.console import journeygraph

PAGE = Path(__file__).parents[2] / "docs" / "patterns.md"


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
    (tmp_path / "patterns.graphql").write_text(query, encoding="utf-8")
    assert journeygraph("load", data, "--store", "shop-store", folder=tmp_path).returncode == 0
    words = shlex.split(command.replace("\\\n", " "))
    shown = journeygraph(*words[1:], "--json", folder=tmp_path)
    asked = journeygraph("ask", "patterns.graphql", "--store", "shop-store", folder=tmp_path)
    printed = json.loads(shown.stdout)
    said = json.loads(asked.stdout)["data"]["journeys"]["commonPaths"]
    assert said["distinct"] == printed["distinct"] == 11
    for node, other in zip(said["nodes"], printed["nodes"], strict=True):
        assert node.pop("customers") == {"count": node["units"]}
        assert node.pop("outcomeRate").items() <= other["outcomeRate"].items()
        assert node == {name: other[name] for name in node}
        assert f"{' .. '.join(node['items'])} {node['units']}" in text
