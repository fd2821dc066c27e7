"""The examples in docs/time-to-convert.md give what the page says they give."""

from __future__ import annotations

import doctest
import os
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "time-to-convert.md"


@pytest.mark.realdata
def test_the_examples_give_the_numbers_they_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = Path(os.environ["JOURNEYGRAPH_DATA"])
    monkeypatch.chdir(tmp_path)
    for name in ("cdnow.parquet", "hotel_bookings.parquet"):
        Path(name).symlink_to(data / name)
    result = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert result.attempted > 10
    assert result.failed == 0
