"""The example in docs/journey-map.md gives what the page says, and what pandas says of the file."""

from __future__ import annotations

import doctest
import os
from pathlib import Path

import pandas as pd
import pytest

import journeygraph
from journeygraph.loading.options import LoadOptions
from queries.journey_map import JourneyMap, journey_map

PAGE = Path(__file__).parents[2] / "docs" / "journey-map.md"


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
def test_the_numbers_are_those_of_pandas(orders: Path) -> None:
    Path("touchpoints.yaml").write_text("purchase: {stage: purchase}\n'*': {stage: support}\n")
    options = LoadOptions(
        mapping={"emotion": "review_score"},
        scales={"emotion": "stars"},
        dictionary=Path("touchpoints.yaml"),
    )
    journeygraph.load("store", ["orders.parquet"], options)
    graph = journeygraph.open("store")
    answer = journey_map(JourneyMap(first=99), graph.journeys())
    frame = pd.read_parquet(orders)
    by_touchpoint = frame.groupby("touchpoint")
    units, scores = by_touchpoint["customer_id"].nunique(), by_touchpoint["review_score"].mean()
    assert {cell.item: cell.units for cell in answer.nodes} == units.to_dict()
    for cell in answer.nodes:
        assert cell.stage == ("purchase" if cell.item == "purchase" else "support")
        if cell.emotion.value is None:
            assert pd.isna(scores[cell.item])
        else:
            assert cell.emotion.value == pytest.approx((scores[cell.item] - 3) / 2)
    rest = frame[frame["touchpoint"] != "purchase"]
    purchase, support = answer.stages
    assert (purchase.units, support.units) == (
        units["purchase"],
        rest["customer_id"].nunique(),
    )
    assert purchase.count + support.count == len(frame) == answer.count
