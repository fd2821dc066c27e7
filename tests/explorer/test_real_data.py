"""Every view on real data: orders with reviews, and who trusts whom; counted by pandas as well."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import networkx as nx
import pandas as pd
import pytest

from tests.api.serving import serving
from tests.cli.console import journeygraph
from tests.explorer.browsing import Address, closed, look, number, numbers, opened
from tests.explorer.test_every_view import views, visit

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.realdata]


def read(name: str) -> pd.DataFrame:
    return pd.read_parquet(Path(os.environ["JOURNEYGRAPH_DATA"]) / name)


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    """The events of orders in their own order; five stars are 1, one star is -1."""
    events = read("olist_sample8k_events.parquet")
    return pd.DataFrame(
        {
            "customer": events["customer_id"],
            "at": events["timestamp"],
            "touchpoint": events["touchpoint"],
            "channel": events["channel"],
            "value": events["value"],
            "emotion": (events["review_score"] - 3) / 2,
            "state": events.groupby("customer_id")["customer_state"].transform("first"),
        }
    )


@pytest.fixture(scope="module")
def trust() -> pd.DataFrame:
    ratings = read("bitcoin_otc.parquet")
    return pd.DataFrame(
        {"referrer": ratings["referrer_id"], "referred": ratings["customer_id"],
         "at": ratings["timestamp"]}
    )  # fmt: skip


@pytest.fixture(scope="module")
def shop(orders: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    folder = tmp_path_factory.mktemp("shop")
    orders.drop(columns="state").to_parquet(folder / "orders.parquet")
    states = orders[["customer", "state"]].drop_duplicates("customer")
    states.to_parquet(folder / "customers.parquet")
    _load(folder, "orders.parquet")
    _load(folder, "customers.parquet", "--table", "customers")
    with serving(folder / "store") as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def traders(trust: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    folder = tmp_path_factory.mktemp("traders")
    rated = trust.rename(columns={"referred": "customer"}).assign(touchpoint="rating")
    rated[["customer", "at", "touchpoint"]].to_parquet(folder / "ratings.parquet")
    trust.to_parquet(folder / "trust.parquet")
    _load(folder, "ratings.parquet")
    _load(folder, "trust.parquet", "--table", "referrals")
    with serving(folder / "store") as port:
        yield f"http://127.0.0.1:{port}"


def _load(folder: Path, *words: str) -> None:
    done = journeygraph("load", *words, "--store", "store", folder=folder)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("store", ["shop", "traders"])
def test_every_view_shows_it(
    browser: "Browser", request: pytest.FixtureRequest, store: str
) -> None:
    page = opened(browser, request.getfixturevalue(store))
    seen = views(page)
    assert len(seen) > 10
    for view in seen:
        visit(page, view)
        assert page.get_by_role("alert").count() == 0, view
    closed(page)


def test_visits_are_those_of_pandas(
    browser: "Browser", shop: Address, orders: pd.DataFrame
) -> None:
    page = opened(browser, shop, look(view="drop-off", v_first=20))
    met = orders.groupby("touchpoint")["customer"].nunique()
    rows = {row["item"]: row for row in numbers(page, "exits")}
    assert len(met) == 6
    for item, customers in met.items():
        assert number(rows[str(item)]["visits"]) == customers
    closed(page)


def test_paths_are_those_of_pandas(browser: "Browser", shop: Address, orders: pd.DataFrame) -> None:
    page = opened(browser, shop, look(view="paths", v_first=5))
    ordered = orders.sort_values(["customer", "at"], kind="stable")
    paths = ordered.groupby("customer")["touchpoint"].agg(" > ".join).value_counts()
    *listed, other = numbers(page, "common-paths")
    assert len(listed) == 5
    for row in listed:
        assert number(row["units"]) == paths[row["path"]]
    assert [number(row["units"]) for row in listed] == paths.head(5).tolist()
    assert number(other["units"]) == paths.sum() - paths.head(5).sum()
    closed(page)


def test_feelings_are_those_of_pandas(
    browser: "Browser", shop: Address, orders: pd.DataFrame
) -> None:
    page = opened(browser, shop, look(view="experience", attribute="state~ SP"))
    of_state = orders[orders["state"] == "SP"]
    felt = of_state.groupby("touchpoint")["emotion"].agg(["mean", "count"])
    felt = felt[felt["count"] > 0]
    rows = {row["group"]: row for row in numbers(page, "experience-heat")}
    assert len(felt) > 0
    for item, said in felt.iterrows():
        assert number(rows[str(item)]["emotion"]) == pytest.approx(said["mean"], abs=1e-9)
    closed(page)


def test_who_brings_whom_is_that_of_pandas(
    browser: "Browser", traders: Address, trust: pd.DataFrame
) -> None:
    """Who rated somebody first brought them, but nobody themselves; circles lose the last edge."""
    page = opened(browser, traders, look(view="word-of-mouth"))
    others = trust[trust["referrer"] != trust["referred"]].sort_values("at", kind="stable")
    first = others.drop_duplicates("referred").reset_index(drop=True)
    edges = zip(first["referrer"], first["referred"], first.index, strict=True)
    forest = nx.DiGraph([(who, whom, {"place": place}) for who, whom, place in edges])
    for circle in list(nx.simple_cycles(forest)):
        around = zip(circle, [*circle[1:], circle[0]], strict=True)
        forest.remove_edge(*max(around, key=lambda edge: forest.edges[edge]["place"]))
    rows = numbers(page, "advocates")
    assert len(rows) > 5
    for row in rows:
        assert number(row["brought"]) == forest.out_degree(row["customer"])
        assert number(row["downstream"]) == len(nx.descendants(forest, row["customer"]))
    closed(page)
