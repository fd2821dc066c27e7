"""The example in docs/profile.md gives what the page says it gives."""

from __future__ import annotations

import doctest
import os
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "profile.md"


@pytest.mark.realdata
def test_the_example_gives_the_numbers_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = Path(os.environ["JOURNEYGRAPH_DATA"]) / "olist_sample8k_events.parquet"
    monkeypatch.chdir(tmp_path)
    Path("orders.parquet").symlink_to(data)
    result = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert result.attempted > 10
    assert result.failed == 0
