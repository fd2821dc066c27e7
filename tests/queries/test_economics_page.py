"""The example in docs/economics.md gives what the page says, and what pandas adds up."""

from __future__ import annotations

import doctest
import os
from pathlib import Path

import pytest
from scipy import stats

PAGE = Path(__file__).parents[2] / "docs" / "economics.md"


@pytest.mark.realdata
def test_the_example_gives_what_it_shows_and_what_pandas_adds_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data = Path(os.environ["JOURNEYGRAPH_DATA"]) / "traffic_fines.parquet"
    Path("fines.parquet").symlink_to(data)
    page = doctest.DocTestParser().get_doctest(PAGE.read_text(), {}, PAGE.name, str(PAGE), 0)
    result = doctest.DocTestRunner().run(page, clear_globs=False)
    assert result.attempted > 10
    assert result.failed == 0
    answer, fines = page.globs["answer"], page.globs["fines"]
    sums = fines.groupby("touchpoint")[["value", "cost"]].agg(["sum", "count"])
    assert {node.group for node in answer.nodes} == set(sums.index)
    for node in answer.nodes:
        for name in ("value", "cost"):
            told, known = getattr(node, name), sums.loc[node.group, name]
            assert told.count == known["count"]
            assert (told.total_minor or 0) == round(100 * known["sum"])
    by_fine = fines.groupby("customer_id")["value"].sum()
    low, high = stats.t.interval(0.95, len(by_fine) - 1, by_fine.mean(), stats.sem(by_fine))
    assert answer.overall.value.per_unit == pytest.approx(by_fine.mean())
    assert (answer.overall.value.low, answer.overall.value.high) == pytest.approx((low, high))
