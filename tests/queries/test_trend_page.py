"""The example in docs/trend.md gives what the page says, and the sums of the file by pandas."""

from __future__ import annotations

import doctest
import os
from pathlib import Path

import pandas as pd
import pytest

from queries.trend_measures import TrendMeasure

PAGE = Path(__file__).parents[2] / "docs" / "trend.md"


@pytest.mark.realdata
def test_the_example_gives_what_it_shows_and_what_pandas_adds_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cdnow.parquet").symlink_to(Path(os.environ["JOURNEYGRAPH_DATA"]) / "cdnow.parquet")
    page = doctest.DocTestParser().get_doctest(PAGE.read_text(), {}, PAGE.name, str(PAGE), 0)
    result = doctest.DocTestRunner().run(page, clear_globs=False)
    assert result.attempted > 10
    assert result.failed == 0
    purchases = page.globs["purchases"]
    months = purchases["timestamp"].dt.strftime("%Y-%m")
    sums = (100 * purchases["value"]).round().astype("int64").groupby(months).agg(["sum", "count"])
    told = {node.period: (node.total_minor, node.n) for node in page.globs["by_month"].nodes}
    assert told == {month: (row["sum"], row["count"]) for month, row in sums.iterrows()}
    first = purchases.groupby("customer_id")["timestamp"].min()
    new = {node.period: node.n for node in page.globs["new"].nodes if node.n}
    assert new == first.dt.strftime("%Y-%m").value_counts().to_dict()
    weeks = purchases["timestamp"].dt.strftime("%G-W%V").value_counts().to_dict()
    assert {node.period: node.n for node in page.globs["by_week"].nodes} == weeks
    since = purchases["timestamp"] - purchases["customer_id"].map(first)
    early = purchases[since <= pd.Timedelta(days=90)]
    values = early.groupby("customer_id")["value"].sum()
    means = values.groupby(first.dt.strftime("%Y-%m")).mean()
    for node in page.globs["cohorts"].nodes[:3]:
        assert node.value == pytest.approx(means[node.period])


def test_every_measure_is_on_the_page() -> None:
    page = PAGE.read_text()
    assert [measure.name for measure in TrendMeasure if f"`{measure.name}`" not in page] == []
