"""The example in docs/experience.md gives what the page says, and what pandas says of the file."""

from __future__ import annotations

import doctest
import os
from pathlib import Path

import pandas as pd
import pytest
from scipy import stats

import journeygraph
from journeygraph.loading.options import LoadOptions
from queries.experience import Experience, experience

PAGE = Path(__file__).parents[2] / "docs" / "experience.md"


@pytest.fixture
def orders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    data = Path(os.environ["JOURNEYGRAPH_DATA"]) / "olist_sample8k_events.parquet"
    monkeypatch.chdir(tmp_path)
    Path("orders.parquet").symlink_to(data)
    return data


@pytest.mark.realdata
@pytest.mark.usefixtures("orders")
def test_the_example_gives_the_numbers_it_shows() -> None:
    result = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert result.attempted > 12
    assert result.failed == 0


@pytest.mark.realdata
def test_the_numbers_are_those_of_pandas(orders: Path) -> None:
    options = LoadOptions(mapping={"emotion": "review_score"}, scales={"emotion": "stars"})
    journeygraph.load("store", ["orders.parquet"], options)
    view = journeygraph.open("store").journeys(
        outcome={"touchpoints": ["delivered"]}, inactivity="1s"
    )
    answer = experience(Experience(over="month"), view)
    frame = pd.read_parquet(orders)
    frame["felt"] = (frame["review_score"] - 3) / 2
    months = frame.assign(month=frame["timestamp"].dt.strftime("%Y-%m")).groupby("month")
    assert {one.period: one.count for one in answer.overall.periods} == months.size().to_dict()
    means = months["felt"].mean().dropna()
    assert {
        one.period: pytest.approx(one.emotion.value)
        for one in answer.overall.periods
        if one.emotion.ratings
    } == means.to_dict()
    rated = frame.dropna(subset=["felt"]).sort_values(["timestamp", "event_index"], kind="stable")
    ends = rated.groupby("customer_id")["felt"].last()
    buyers = set(frame.loc[frame["touchpoint"] == "delivered", "customer_id"])
    had = ends[ends.index.isin(buyers)], ends[~ends.index.isin(buyers)]
    end = answer.peak_end[1]
    welch = stats.ttest_ind(*had, equal_var=False)
    # the customers of the last moment are open: half of a dozen at most
    assert end.emotion.ratings - end.with_outcome.ratings - end.without_outcome.ratings < 6
    assert end.with_outcome.value == pytest.approx(had[0].mean(), abs=1e-3)
    assert end.without_outcome.value == pytest.approx(had[1].mean(), abs=1e-3)
    low, high = welch.confidence_interval()
    assert end.difference.low == pytest.approx(low, abs=1e-3)
    assert end.difference.high == pytest.approx(high, abs=1e-3)
