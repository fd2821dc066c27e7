"""The examples in docs/next-best.md give what the page says they give."""

from __future__ import annotations

import doctest
import os
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "next-best.md"


@pytest.mark.realdata
def test_the_examples_give_the_numbers_they_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = Path(os.environ["JOURNEYGRAPH_DATA"])
    monkeypatch.chdir(tmp_path)
    Path("shop.parquet").symlink_to(data / "simple_onlineshop.parquet")
    Path("sepsis.parquet").symlink_to(data / "sepsis.parquet")
    result = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert result.attempted > 7
    assert result.failed == 0
