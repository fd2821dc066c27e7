"""Views of data that nobody here wrote, against independent tools and against pandas."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import journeygraph
from journeygraph.errors import InterleavedJourneysError
from journeygraph.graph import JourneyGraph
from journeygraph.journeys import Journeys

pytestmark = pytest.mark.realdata

Paths = Counter[tuple[str, ...]]


def _data(name: str) -> Path:
    return Path(os.environ["JOURNEYGRAPH_DATA"]) / name


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    return pd.read_parquet(_data("olist_sample8k_events.parquet"))


@pytest.fixture(scope="module")
def clicks() -> pd.DataFrame:
    return pd.read_parquet(_data("simple_onlineshop.parquet"))


@pytest.fixture(scope="module")
def receipts() -> pd.DataFrame:
    return pd.read_parquet(_data("env_permit_receipt.parquet"))


def _graph(frame: pd.DataFrame, *columns: str) -> JourneyGraph:
    """Interactions in the order of the file within equal times."""
    taken = frame[["customer_id", "timestamp", "touchpoint", "event_index", *columns]]
    return journeygraph.from_pandas(
        taken, columns={"customer": "customer_id", "sequence": "event_index"}
    )


def _paths(view: Journeys) -> Paths:
    return Counter(
        tuple(view.items[code] for code in view.item_codes[first:last] if code < view.n_items)
        for first, last in zip(view.journey_starts, view.journey_ends, strict=True)
    )


def _paths_of(frame: pd.DataFrame, keys: list[Any]) -> Paths:
    return Counter(frame.groupby(keys, sort=False)["touchpoint"].agg(tuple))


def test_orders_that_overlap_give_the_variants_of_each_order(orders: pd.DataFrame) -> None:
    """The truth is pm4py's, by order; 44 customers have orders under way at the same time."""
    truth = json.loads(_data("truth/olist_sample8k_events.json").read_text())["source_order"]
    graph = _graph(orders, "case_id")
    view = graph.journeys(split={"column": "case_id"}, unit="journey")
    paths = _paths(view)
    assert view.n_units == truth["n_cases"]
    assert len(paths) == truth["n_variants"]
    assert [paths[tuple(top["trace"])] for top in truth["top20_variants"]] == [
        top["count"] for top in truth["top20_variants"]
    ]
    with pytest.raises(InterleavedJourneysError, match="44 customers"):
        graph.journeys(split={"column": "case_id"})


def test_clicks_by_half_hours_of_inactivity(clicks: pd.DataFrame) -> None:
    kept = clicks[clicks["touchpoint"] != "catalog"]
    gap = kept.groupby("customer_id")["timestamp"].diff() >= pd.Timedelta("30min")
    visit = gap.groupby(kept["customer_id"]).cumsum()
    keys = [kept["customer_id"], visit]
    same = kept["touchpoint"] == kept.groupby(keys)["touchpoint"].shift()
    expected = _paths_of(kept[~same], [key[~same] for key in keys])
    view = _graph(clicks).journeys(
        rules={"exclude": ["catalog"], "collapse": True}, split={"inactivity": "30m"}
    )
    assert _paths(view) == expected
    assert view.n_units == kept["customer_id"].nunique()


def test_clicks_until_each_payment(clicks: pd.DataFrame) -> None:
    paid = (clicks["touchpoint"] == "payment_done").astype(int)
    before = paid.groupby(clicks["customer_id"]).cumsum() - paid
    view = _graph(clicks).journeys(
        split={"outcome": True}, outcome={"touchpoints": ["payment_done"]}, unit="journey"
    )
    assert _paths(view) == _paths_of(clicks, [clicks["customer_id"], before])
    assert int(view.journey_has_outcome.sum()) == int(paid.sum())


def test_receipts_of_a_season_on_dutch_clocks(receipts: pd.DataFrame) -> None:
    """From a day of winter time to a day of summer time, by channel."""
    local = receipts["timestamp"].dt.tz_convert("Europe/Amsterdam").dt.tz_localize(None)
    season = receipts[(local >= "2011-01-15") & (local < "2011-04-01")]
    taken = season[season["channel"].isin(["Internet", "e-mail"])]
    view = _graph(receipts, "channel").journeys(
        where={"from": "2011-01-15", "until": "2011-04-01", "channels": ["Internet", "E-Mail"]},
        timezone="Europe/Amsterdam",
    )
    assert _paths(view) == _paths_of(taken, ["customer_id"])
    latest = season["timestamp"].max()
    assert view.as_of_us == pd.Timestamp("2011-04-01", tz="Europe/Amsterdam").value // 1000
    assert view.unit_last_at_us.max() <= latest.value // 1000


def test_receipts_at_their_channels(receipts: pd.DataFrame) -> None:
    view = _graph(receipts, "channel").journeys(by="touchpoint_at_channel")
    assert view.n_items == len(receipts.groupby(["touchpoint", "channel"]))
    pairs = Counter(view.items[code] for code in view.item_codes)
    most = receipts.groupby(["touchpoint", "channel"]).size().sort_values(ascending=False)
    assert pairs.most_common(1)[0][1] == most.iloc[0]


@pytest.mark.parametrize(("tolerance", "seconds"), [("0s", 0), ("5m", 300), ("1d", 86_400)])
def test_sets_of_a_hospital(tolerance: str, seconds: int) -> None:
    """Half of the interactions share patient and time: sets made one by one in plain Python."""
    log = pd.read_parquet(_data("sepsis.parquet"))
    expected: Paths = Counter()
    for _patient, rows in log.sort_values("event_index").groupby("customer_id", sort=False):
        sets: list[tuple[pd.Timestamp, set[str]]] = []
        in_order = rows.sort_values("timestamp", kind="stable")
        for at, name in zip(in_order["timestamp"], in_order["touchpoint"], strict=True):
            if sets and (at - sets[-1][0]).total_seconds() <= seconds:
                sets[-1][1].add(name)
            else:
                sets.append((at, {name}))
        expected[tuple(" + ".join(sorted(names)) for _, names in sets)] += 1
    view = _graph(log).journeys(rules={"tolerance": tolerance})
    assert max(len(item.split(" + ")) for path in expected for item in path) > 3
    assert _paths(view) == expected
