"""Which referrals count and who is credited, against the naive twin."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.errors import (
    ConflictingOptionsError,
    InvalidDurationError,
    InvalidOptionError,
    UnknownChannelError,
)
from journeygraph.graph_build import graph_from_rows
from journeygraph.statistics.referrals import forest_of
from journeygraph.vocabulary import normalise_channel
from queries.intervals import wilson
from queries.referral_links import links_of
from queries.referrals import AdvocateOrder, CreditRule, Referrals, WindowEnd, referrals
from tests.naive.referrals import counted, decayed, grow, shares, values_since
from tests.strategies import DAY_US, World, worlds


@st.composite
def recipes(draw: st.DrawFn) -> tuple[World, dict[str, Any], list[bool]]:
    """A world, options, and which of its referrals they count."""
    world = draw(worlds())
    window = draw(st.sampled_from([None, 1, DAY_US, 40 * DAY_US]))
    to_outcome = draw(st.booleans())
    channels = sorted(
        {normalise_channel(row[3]) if row[3] else "unknown" for row in world.referrals}
    )
    media = draw(st.none() | st.sets(st.sampled_from(channels))) if channels else None
    first: dict[str, int] = {}
    purchases = {row[2] for row in world.rows if row[2].casefold() == "purchase"}
    for row in sorted(world.rows, key=lambda row: row[1]):
        bought = row[2] in purchases if purchases else row[4] == "purchase" and (row[5] or 0) > 0
        if bought or not to_outcome:
            first.setdefault(row[0], row[1])
    named = [(*row[:3], normalise_channel(row[3]) if row[3] else None) for row in world.referrals]
    options = {
        "window": None if window is None else timedelta(microseconds=window),
        "window_to": WindowEnd.OUTCOME if to_outcome else WindowEnd.INTERACTION,
        "media": None if media is None else sorted(media),
    }
    return world, options, counted(named, first, window, media)


@given(recipe=recipes(), credit=st.sampled_from(["first", "last"]))
def test_trees_are_those_of_the_naive_twin(
    recipe: tuple[World, dict[str, Any], list[bool]], credit: str
) -> None:
    world, options, keep = recipe
    forest = grow([row[:3] for row in world.referrals], credit, keep)
    question = Referrals(credit=CreditRule(credit), **options)
    answer = referrals(question, world.graph.journeys())
    for one in world.all_customers():
        links = answer.referrals_of(one)
        assert links.referred_by == forest.parent(one)
        assert set(links.all_downstream().ids) == forest.descendants(one)
    assert answer.referred == len(forest.edges) == answer.referred_customers.count
    assert answer.cycles_cut == len(forest.cycles)
    assert answer.self_referrals_cut == len(forest.self_referrals)
    assert answer.further_referrals == len(forest.further)
    told = {edge.referred for edge in forest.unattributed} - set(forest.edges)
    assert answer.unattributed == len(told)
    assert answer.unattributed_share == wilson(len(told), answer.customers, 0.95)
    assert answer.other_medium + answer.outside_window == keep.count(False)
    total = len(forest.edges) + len(forest.cycles) + len(forest.self_referrals)
    assert total + len(forest.further) + len(forest.unattributed) + keep.count(False) == len(keep)
    brought = Counter(edge.referrer for edge in forest.edges.values())
    nodes = answer.credits(first=1000).nodes
    assert {node.customer: node.credit for node in nodes} == brought
    by_advocate = {one.customer: one for one in answer.advocates(first=1000).nodes}
    assert {node.customer: node.value_minor for node in nodes} == {
        name: one.first_hop_value_minor for name, one in by_advocate.items()
    }


@given(recipe=recipes())
def test_split_credit_adds_up_to_the_customers_referred(
    recipe: tuple[World, dict[str, Any], list[bool]],
) -> None:
    world, options, keep = recipe
    answer = referrals(Referrals(credit=CreditRule.SPLIT, **options), world.graph.journeys())
    split = shares([row[:3] for row in world.referrals], keep)
    nodes = answer.credits(first=1000).nodes
    assert answer.referred == len(split) == answer.referred_customers.count
    assert sum(node.credit for node in nodes) == pytest.approx(len(split))
    credit: dict[str, float] = defaultdict(float)
    for referrers in split.values():
        for one in referrers:
            credit[one] += 1 / len(referrers)
    assert {node.customer: pytest.approx(node.credit) for node in nodes} == credit
    assert [node.credit for node in nodes] == sorted((n.credit for n in nodes), reverse=True)
    for node in nodes:
        mine = {one for one, referrers in split.items() if node.customer in referrers}
        assert node.brought == len(mine) == node.customers.count
    spent = [(row[0], row[1], row[5]) for row in world.rows]
    valid = grow([row[:3] for row in world.referrals], "first", keep)
    first = {edge.referred: edge.at for edge in [*valid.cycles, *valid.edges.values()]}
    worth = sum(values_since(spent, one, first[one]) for one in split)
    assert sum(node.value_minor for node in nodes) == pytest.approx(worth, abs=len(nodes))
    assert answer.cycles_cut == 0


@given(world=worlds(), factor=st.sampled_from([0.0, 0.25, 0.5, 1.0]))
def test_value_up_the_chain(world: World, factor: float) -> None:
    answer = referrals(Referrals(), world.graph.journeys())
    forest = grow([row[:3] for row in world.referrals])
    spent = [(row[0], row[1], row[5]) for row in world.rows]
    values = {one: values_since(spent, one, edge.at) for one, edge in forest.edges.items()}
    nodes = answer.advocates(1000, order=AdvocateOrder.DECAYED_VALUE, decay=factor).nodes
    worth = [-node.decayed_value_minor for node in nodes]
    assert worth == sorted(worth)
    for node in nodes:
        expected = decayed(forest, node.customer, values, factor)
        assert node.decayed_value_minor == pytest.approx(expected, abs=0.51)
        children = forest.children(node.customer)
        assert node.first_hop_value_minor == sum(values[one] for one in children)
        if factor == 0:
            assert node.decayed_value_minor == node.first_hop_value_minor
        if factor == 1:
            assert node.decayed_value_minor == node.downstream_value_minor
    by_hop = answer.advocates(1000, order=AdvocateOrder.FIRST_HOP_VALUE).nodes
    assert [-one.first_hop_value_minor for one in by_hop] == sorted(
        -one.first_hop_value_minor for one in by_hop
    )


@given(world=worlds(), depth=st.integers(1, 3))
def test_a_chain_down_to_a_depth(world: World, depth: int) -> None:
    forest = grow([row[:3] for row in world.referrals])
    for one in world.all_customers():
        links = links_of(world.graph, one)
        below = {
            other
            for other in forest.descendants(one)
            if forest.depth(other) - forest.depth(one) <= depth
        }
        assert set(links.all_downstream(depth=depth).ids) == below
        assert links.downstream_within(depth) == len(below)
        assert links.downstream_within(None) == links.downstream
        with pytest.raises(InvalidOptionError, match="depth=0"):
            links.all_downstream(depth=0)


ROWS = [("b", 10 * DAY_US, "visit"), ("b", 50 * DAY_US, "purchase")]
LINKS = [("a", "b", 0, "email"), ("x", "b", 5 * DAY_US, "web"), ("y", "b", None, "web")]


def referrer(**options: Any) -> str | None:
    graph = graph_from_rows(ROWS, referrals=LINKS)
    return referrals(Referrals(**options), graph.journeys()).referrals_of("b").referred_by


def test_by_hand() -> None:
    assert referrer() == "a"
    assert referrer(credit="last") == "x"  # nobody knows that y was later
    assert referrer(window="10d") == "a"  # the window's end is in it
    assert referrer(window="9d") == "x"
    assert referrer(window="45d", window_to=WindowEnd.OUTCOME) == "x"
    assert referrer(window="44d", window_to="outcome") is None
    assert referrer(media=["web"]) == "x"
    assert referrer(media=["E-Mail"], window="9d") is None


def test_bad_input() -> None:
    graph = graph_from_rows(ROWS, referrals=LINKS)
    split = referrals(Referrals(credit=CreditRule.SPLIT), graph.journeys())
    for ask in (split.chains, split.advocates, lambda: split.depths, lambda: split.sizes):
        with pytest.raises(ConflictingOptionsError, match="credit SPLIT"):
            ask()
    for options, error in (
        ({"credit": "middle"}, InvalidOptionError),
        ({"window": "7"}, InvalidDurationError),
        ({"window": "7d", "window_to": "death"}, InvalidOptionError),
        ({"media": ["smoke"]}, UnknownChannelError),
    ):
        with pytest.raises(error):
            referrer(**options)
    for factor in (-0.1, 1.1, "half", True):
        with pytest.raises(InvalidOptionError, match="decay"):
            referrals(Referrals(), graph.journeys()).advocates(decay=factor)  # type: ignore[arg-type]


def test_forests_of_few_recipes_are_kept() -> None:
    graph = graph_from_rows(ROWS, referrals=LINKS)
    usual = forest_of(graph)
    for days in range(1, 9):
        referrals(Referrals(window=f"{days}d"), graph.journeys())
    assert forest_of(graph) is usual
    first, again = (referrals(Referrals(window="8d"), graph.journeys()) for _ in range(2))
    assert first.referrals_of("b").forest is again.referrals_of("b").forest
