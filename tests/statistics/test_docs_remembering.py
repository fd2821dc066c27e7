"""docs/remembering.md: its example runs, and its table says what is declared."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from journeygraph.statistics.remembering import StatisticsCache
from tests.graph.stores import write_load
from tests.strategies import World

PAGE = Path(__file__).parents[2] / "docs" / "remembering.md"


def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_load(tmp_path / "store", World(rows=[("a", 1, "home", "web", None, None)]))
    monkeypatch.chdir(tmp_path)
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(example, names)
    statistics = names["statistics"]
    assert isinstance(statistics, StatisticsCache)
    assert statistics.use.hits == 2
