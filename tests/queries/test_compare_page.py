"""The example in docs/compare.md gives what the page says, and what pandas and scipy say."""

from __future__ import annotations

import doctest
import os
from pathlib import Path

import pandas as pd
import pytest
from scipy import stats

import journeygraph
from journeygraph.loading.options import LoadOptions
from queries.compare import Compare, compare

PAGE = Path(__file__).parents[2] / "docs" / "compare.md"


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
    assert result.attempted > 9
    assert result.failed == 0


@pytest.mark.realdata
def test_two_groups_of_customers_are_as_pandas_and_scipy_say(orders: Path) -> None:
    options = LoadOptions(mapping={"emotion": "review_score"}, scales={"emotion": "stars"})
    journeygraph.load("store", ["orders.parquet"], options)
    frame = pd.read_parquet(orders)
    ids = sorted(frame["customer_id"].unique())
    halves = ids[: len(ids) // 2], ids[len(ids) // 2 :]
    outcome = {"touchpoints": ["delivered"]}
    journeys = journeygraph.open("store").journeys(
        where={"customers": {"ids": halves[0]}}, outcome=outcome
    )
    answer = compare(Compare(with_={"customers": {"ids": halves[1]}}), journeys)
    sides = [frame[frame["customer_id"].isin(half)] for half in halves]
    had = [
        side.groupby("customer_id")["touchpoint"].agg(lambda met: "delivered" in set(met))
        for side in sides
    ]
    table = [[int(one.sum()), int((~one).sum())] for one in had]
    assert answer.shared == 0
    assert answer.outcome_rate.difference.p_value == pytest.approx(
        stats.chi2_contingency(table, correction=False).pvalue
    )
    lengths = [side.groupby("customer_id").size() for side in sides]
    assert answer.items_per_journey.difference.p_value == pytest.approx(
        stats.ttest_ind(*lengths, equal_var=False).pvalue
    )
    values = [side.groupby("customer_id")["value"].sum() for side in sides]
    assert answer.value_per_unit.population.value == pytest.approx(values[0].mean())
    assert answer.value_per_unit.difference.p_value == pytest.approx(
        stats.ttest_ind(*values, equal_var=False).pvalue
    )
    assert answer.value_per_unit.against.median == pytest.approx(
        values[1].sort_values().iloc[(len(values[1]) + 1) // 2 - 1]
    )
    for node in answer.items().nodes:
        met = [side[side["touchpoint"] == node.item]["customer_id"].nunique() for side in sides]
        assert [node.population.units, node.against.units] == met
