"""One customer is what was loaded of them, page by page, in the total order."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import journeygraph
from journeygraph.errors import InvalidOptionError, UnknownCustomerError
from journeygraph.graph_build import graph_from_rows
from queries.customer import CustomerProfile, InteractionRow, customer
from tests.naive.referrals import grow
from tests.strategies import DAY_US, World, worlds


def history(profile: CustomerProfile, first: int) -> list[InteractionRow]:
    rows: list[InteractionRow] = []
    after = None
    while True:
        page = profile.interactions(first, after)
        assert len(page.nodes) <= first
        rows += page.nodes
        if not page.page_info.has_next_page:
            return rows
        after = page.page_info.end_cursor


@given(world=worlds(extreme_times=True), first=st.integers(1, 5))
def test_a_history_is_what_was_loaded_in_total_order(world: World, first: int) -> None:
    graph = world.graph
    for name in world.all_customers():
        profile = customer(graph, name)
        rows = history(profile, first)
        assert profile.id == name
        assert profile.n_interactions == len(rows)
        shown = [
            (name, row.at_us, row.touchpoint, row.channel, row.stage, row.value_minor)
            for row in rows
        ]
        assert shown == world.of_customer(name)


@given(world=worlds())
def test_links_are_those_of_the_naive_twin(world: World) -> None:
    graph, forest = world.graph, grow([row[:3] for row in world.referrals])
    for name in world.all_customers():
        profile = customer(graph, name)
        assert profile.referred_by == forest.parent(name)
        assert set(profile.referred) == forest.children(name)
        links = profile.links
        assert links.customer == name
        assert links.upline(100).nodes == tuple(forest.upline(name))
        assert (links.root, links.depth) == (forest.root(name), forest.depth(name))
        assert links.brought == len(forest.children(name))
        assert links.downstream == len(forest.descendants(name))
        assert set(links.all_downstream(100).ids) == forest.descendants(name)
        edge = forest.edges.get(name)
        assert links.referred_at_us == (edge.at if edge else None)
        assert links.medium == (world.referrals[edge.arrival][3] if edge else None)


def test_everything_that_is_known_of_an_interaction() -> None:
    graph = graph_from_rows(
        [("c1", DAY_US, "support call", "phone", "support", -500), ("c1", 0, "ad")],
        emotion=[-700, None], emotion_label=["angry", None], emotion_source=["reported", None],
        expectation=[500, None], experience=[-200, None], initiator=["customer", "company"],
        environment=["digital", None], level=["emotional", None], cost=[120, None],
        team=["north", None], session=["s1", None], sequence=[3, 0], id=["i1", None],
        attributes={"c1": {"country": "DE", "age": 44, "plan": None}},
    )  # fmt: skip
    profile = customer(graph, "c1")
    ad, call = profile.interactions().nodes
    assert call == InteractionRow(
        at_us=DAY_US, touchpoint="support call", channel="phone", stage="support",
        initiator="customer", environment="digital", level="emotional", value_minor=-500,
        cost_minor=120, emotion=-0.7, emotion_label="angry", emotion_source="reported",
        expectation=0.5, experience=-0.2, team="north", session="s1", sequence=3, id="i1",
    )  # fmt: skip
    assert (ad.at_us, ad.touchpoint, ad.initiator, ad.sequence) == (0, "ad", "company", 0)
    silent = {name for name in InteractionRow.__slots__ if getattr(ad, name) is None}
    assert silent == set(InteractionRow.__slots__) - {
        "at_us", "touchpoint", "initiator", "sequence"
    }  # fmt: skip
    assert profile.attributes == {"country": "DE", "age": "44"}


def test_a_cursor_goes_on_where_it_was_though_more_was_loaded() -> None:
    rows: list[tuple[Any, ...]] = [("a", at, f"page {at}") for at in (10, 20, 30, 40)]
    cursor = customer(graph_from_rows(rows), "a").interactions(first=2).page_info.end_cursor
    grown = graph_from_rows([*rows, ("a", 5, "earlier"), ("a", 35, "later")])
    page = customer(grown, "a").interactions(after=cursor)
    assert [row.at_us for row in page.nodes] == [30, 35, 40]


def test_somebody_without_an_interaction() -> None:
    profile = customer(graph_from_rows([], customers=["a"]), "a")
    assert profile.interactions().nodes == ()
    assert profile.interactions().page_info.end_cursor is None
    assert (profile.attributes, profile.referred_by, profile.referred) == ({}, None, ())


@pytest.mark.parametrize("cursor", ["", "?", "MTox", "MToxOjE6MTpv", "ü"])
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    profile = customer(graph_from_rows([("a", 1, "visit")]), "a")
    with pytest.raises(InvalidOptionError, match="after"):
        profile.interactions(after=cursor)


def test_a_customer_that_is_not_there() -> None:
    with pytest.raises(UnknownCustomerError, match="'007' and '7'"):
        customer(graph_from_rows([("7", 1, "visit")]), "007")


def test_a_history_of_frames_is_told_as_well() -> None:
    frame = pd.DataFrame({"customer": ["a"], "at": ["2024-01-01"], "touchpoint": ["home"]})
    [row] = customer(journeygraph.from_pandas(frame), "a").interactions().nodes
    assert (row.touchpoint, row.sequence) == ("home", 0)
