"""Questions about commerce orders against DuckDB, and about a trust network against pandas."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

import journeygraph
from journeygraph.graph import JourneyGraph
from queries.drop_off import DropOff, drop_off
from queries.drop_off_contrast import DropOffContrast, drop_off_contrast
from queries.funnel import Funnel, funnel
from queries.k_factor import KFactor, k_factor
from queries.loyalty import Loyalty
from queries.loyalty_touchpoints import LoyaltyTouchpoints, loyalty_touchpoints
from queries.referrals import Referrals, referrals
from queries.referrer_left import ReferrerLeft, referrer_left

pytestmark = pytest.mark.realdata

STEPS = ["purchase", "payment_approved", "handed_to_carrier", "delivered"]


def data(name: str) -> Path:
    return Path(os.environ["JOURNEYGRAPH_DATA"]) / name


def sql(query: str) -> list[tuple[Any, ...]]:
    source = f"read_parquet('{data('olist_sample8k_events.parquet')}')"
    return duckdb.connect().sql(query.replace("EVENTS", source)).fetchall()


def graph_of(customer: str) -> JourneyGraph:
    """Orders, or whoever placed them, as customers."""
    events = pd.read_parquet(data("olist_sample8k_events.parquet"))
    frame = events[[customer, "timestamp", "touchpoint", "event_index", "value"]]
    names = {customer: "customer_id", "event_index": "sequence"}
    return journeygraph.from_pandas(frame.rename(columns=names))


@pytest.fixture(scope="module", name="orders")
def _orders() -> JourneyGraph:
    return graph_of("case_id")


@pytest.mark.parametrize("days", [7, 30])
def test_the_funnel_of_orders_is_that_of_sql(orders: JourneyGraph, days: int) -> None:
    """Each of these steps is at most once in an order, so there is one choice."""
    answer = funnel(Funnel(steps=STEPS, window=f"{days}d"), orders.journeys())
    places = ", ".join(
        f"max(place) filter (touchpoint = '{name}') as p{n}, "
        f"max(timestamp) filter (touchpoint = '{name}') as t{n}"
        for n, name in enumerate(STEPS)
    )
    reached = ["p0 is not null"]
    for n in range(1, 4):
        inside = f"t{n} - t0 <= interval {days} day"
        reached.append(f"{reached[-1]} and coalesce(p{n} > p{n - 1} and {inside}, false)")
    is_open = f"(select max(timestamp) from EVENTS) - t0 < interval {days} day"
    counts = ", ".join(
        f"count(*) filter ({now}), count(*) filter ({before} and not ({now}) and {is_open})"
        for before, now in zip(["false", *reached], reached, strict=False)
    )
    (expected,) = sql(f"""
        with placed as (select *, row_number() over (
            partition by case_id order by timestamp, event_index) as place from EVENTS),
        orders as (select case_id, {places} from placed group by case_id)
        select {counts} from orders""")
    found = [number for step in answer.steps for number in (step.units, step.open)]
    assert found == list(expected)
    assert answer.steps[3].units > 1000
    for before, step in zip(answer.steps, answer.steps[1:], strict=False):
        assert step.dropped + step.open == before.units - step.units


def test_where_orders_end_is_what_sql_says(orders: JourneyGraph) -> None:
    view = orders.journeys(outcome={"touchpoints": ["delivered"]}, inactivity="60d")
    answer = drop_off(DropOff(), view)
    expected = sql("""
        with ends as (select case_id, max(timestamp) as last,
            max_by(touchpoint, (timestamp, event_index)) as item,
            bool_or(touchpoint = 'delivered') as has from EVENTS group by case_id),
        fates as (select *, (select max(timestamp) from EVENTS) - last
            < interval 60 day as is_open from ends)
        select item, count(*) filter (not is_open and not has), count(*) filter (is_open)
        from fates group by item""")
    found = {node.item: (node.exits, node.open) for node in answer.nodes}
    assert {item: numbers for item, numbers in found.items() if any(numbers)} == {
        item: (exits, still) for item, exits, still in expected if exits or still
    }


def test_buyers_who_come_again_are_those_of_sql() -> None:
    question = LoyaltyTouchpoints(loyalty=Loyalty(repeat_purchase_within="180d"))
    answer = loyalty_touchpoints(question, graph_of("customer_id").journeys())
    (expected,) = sql("""
        with bought as (select customer_id, timestamp as moment,
            min(timestamp) over (partition by customer_id) as first
            from EVENTS where touchpoint = 'purchase'),
        buyers as (select customer_id, first, bool_or(moment > first
            and moment <= first + interval 180 day) as again,
            first + interval 180 day > (select max(timestamp) from EVENTS) as censored
            from bought group by customer_id, first)
        select count(*) filter (not censored), count(*) filter (again and not censored),
            count(*) filter (censored) from buyers""")
    assert (answer.units, answer.loyal, answer.censored) == expected
    assert answer.loyal > 20


def test_two_years_of_orders_are_those_of_sql(orders: JourneyGraph) -> None:
    """Orders that were under way at the turn of the year are in both, by their own interactions."""
    early, late = {"until": "2018-01-01"}, {"from": "2018-01-01"}
    outcome = {"touchpoints": ["delivered"]}
    view = orders.journeys(where=early, outcome=outcome, inactivity="60d")
    answer = drop_off_contrast(DropOffContrast(against_where=late), view)
    (expected,) = sql("""
        with orders as (select case_id, min(timestamp) < '2018-01-01T00:00Z' as early,
            max(timestamp) >= '2018-01-01T00:00Z' as late from EVENTS group by case_id)
        select count(*) filter (early), count(*) filter (late), count(*) filter (early and late)
        from orders""")
    assert (answer.units, answer.against_units, answer.shared) == expected
    assert answer.shared > 100
    purchase = next(node for node in answer.nodes if node.item == "purchase")
    ((exits, at_risk),) = sql("""
        with before as (select * from EVENTS where timestamp < '2018-01-01T00:00Z'),
        ends as (select case_id, max_by(touchpoint, (timestamp, event_index)) as item,
            bool_or(touchpoint = 'delivered') as has, bool_or(touchpoint = 'purchase') as bought,
            timestamptz '2018-01-01T00:00Z' - max(timestamp) < interval 60 day as is_open
            from before group by case_id)
        select count(*) filter (item = 'purchase' and not is_open and not has),
            count(*) filter (bought and not (item = 'purchase' and is_open)) from ends""")
    assert purchase.population is not None
    assert (purchase.population.rate.successes, purchase.population.rate.of) == (exits, at_risk)


@pytest.fixture(scope="module", name="trust")
def _trust() -> tuple[pd.DataFrame, JourneyGraph]:
    """Ratings, in the order of their time: getting one is an interaction and a referral."""
    ratings = pd.read_parquet(data("bitcoin_otc.parquet"))
    ratings["timestamp"] = pd.to_datetime(ratings["time"], unit="s", utc=True)
    ratings = ratings[["customer_id", "referrer_id", "timestamp"]]
    graph = journeygraph.from_pandas(
        ratings[["customer_id", "timestamp"]].assign(touchpoint="rating"),
        referrals=ratings.rename(columns={"timestamp": "at"}),
    )
    return ratings, graph


def vouched(ratings: pd.DataFrame, graph: JourneyGraph) -> pd.DataFrame:
    """The first rating of each, without the edges that cut cycles (which networkx checks)."""
    answer = referrals(Referrals(), graph.journeys())
    cut = {(one.referrer, one.referred) for one in answer.cuts(first=1000).nodes}
    ordered = ratings.sort_values("timestamp", kind="stable").drop_duplicates("customer_id")
    pairs = zip(ordered["referrer_id"], ordered["customer_id"], strict=True)
    kept = ordered[[pair not in cut for pair in pairs]]
    assert len(kept) == answer.referred
    return kept


def test_how_many_a_member_vouches_for(trust: tuple[pd.DataFrame, JourneyGraph]) -> None:
    ratings, graph = trust
    overall = k_factor(KFactor(within="90d"), graph.journeys()).overall
    first, window = ratings.groupby("customer_id")["timestamp"].min(), pd.Timedelta("90D")
    observed = first[first + window <= ratings["timestamp"].max()]
    edges = vouched(ratings, graph)
    lag = edges["timestamp"] - edges["referrer_id"].map(observed)
    brought = edges[lag.notna() & (lag >= pd.Timedelta(0)) & (lag <= window)]
    assert (overall.members, overall.observed) == (len(first), len(observed))
    assert (overall.brought, overall.inviters) == (len(brought), brought["referrer_id"].nunique())
    assert overall.k == pytest.approx(len(brought) / len(observed))


def test_members_whose_voucher_left(trust: tuple[pd.DataFrame, JourneyGraph]) -> None:
    ratings, graph = trust
    answer = referrer_left(ReferrerLeft(), graph.journeys(inactivity="180d"))
    last = ratings.groupby("customer_id")["timestamp"].max()
    active = last > ratings["timestamp"].max() - pd.Timedelta("180D")
    edges = vouched(ratings, graph)
    edges = edges[edges["referrer_id"].isin(last.index)]
    here = edges["referrer_id"].map(active).astype(bool)
    mine = edges["customer_id"].map(active).astype(bool)
    assert (answer.referrer_left, answer.referrer_here) == ((~here).sum(), here.sum())
    assert (answer.referrer_left_active, answer.referrer_here_active) == (
        (mine & ~here).sum(), (mine & here).sum()
    )  # fmt: skip
    assert answer.referrer_left_active > 30
