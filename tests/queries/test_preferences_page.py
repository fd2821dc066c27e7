"""The example in docs/preferences.md gives what the page says, and what scipy said of the table."""

from __future__ import annotations

import doctest
import json
import os
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "preferences.md"


@pytest.mark.realdata
def test_the_example_gives_what_it_shows_and_the_known_correlations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = Path(os.environ["JOURNEYGRAPH_DATA"])
    monkeypatch.chdir(tmp_path)
    Path("passengers.parquet").symlink_to(data / "airline_satisfaction.parquet")
    page = doctest.DocTestParser().get_doctest(PAGE.read_text(), {}, PAGE.name, str(PAGE), 0)
    result = doctest.DocTestRunner().run(page, clear_globs=False)
    assert result.attempted > 10
    assert result.failed == 0
    truth = json.loads((data / "truth" / "loyalty_airline_satisfaction.json").read_text())
    known = {one["touchpoint"]: one for one in truth["touchpoints"]}
    answer = page.globs["answer"]
    assert {node.item for node in answer.nodes} == {*known, "overall"}
    for node in answer.nodes:
        if node.item == "overall":
            continue
        assert node.importance.value == pytest.approx(known[node.item]["spearman"], abs=1e-12)
        assert node.importance.units == node.performance.ratings == known[node.item]["rated"]
        assert node.performance.missing == known[node.item]["not_applicable"]
