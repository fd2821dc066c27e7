"""The example in docs/identities.md prints what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from journeygraph.loading.load import load

PAGE = (Path(__file__).parents[2] / "docs" / "identities.md").read_text(encoding="utf-8")
ROWS = """customer,at,touchpoint
cookie-81,2024-01-01,ad
C-4711,2024-01-02,call
ann@example.org,2024-01-03,purchase
"""


def block(language: str, number: int = 0) -> str:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[number]


def test_the_example(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rows.csv").write_text(ROWS)
    Path("people.csv").write_text(block("csv"))
    load("shop", ["rows.csv"])
    exec(compile(block("python"), "docs/identities.md", "exec"), {})
    printed = PAGE.split("and `ann@example.org` bought:\n\n```\n")[1].split("```")[0]
    assert capsys.readouterr().out == printed
