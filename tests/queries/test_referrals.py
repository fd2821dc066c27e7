"""Referral chains against the naive twin, networkx, and networks that others made."""

from __future__ import annotations

import json
import os
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.errors import InvalidOptionError, UnknownCustomerError
from journeygraph.graph import JourneyGraph
from journeygraph.graph import Referrals as GivenReferrals
from journeygraph.graph_build import graph_from_rows
from queries.intervals import wilson
from queries.referral_chains import AdvocateOrder, ChainOrder
from queries.referrals import CutReason, Referrals, ReferralsAnswer, referrals
from tests.journeys.views import ask, cases
from tests.naive import journeys as naive_journeys
from tests.naive.referrals import NaiveForest, grow, values_since
from tests.strategies import World, worlds

MISSING = np.iinfo(np.int64).min


def everything(pages: Any) -> list[Any]:
    """All nodes of a list, three at a time."""
    nodes: list[Any] = []
    after = None
    while True:
        page = pages(3, after)
        nodes += page.nodes
        if not page.page_info.has_next_page:
            return nodes
        after = page.page_info.end_cursor


def forest_of_world(world: World) -> NaiveForest:
    return grow([row[:3] for row in world.referrals])


def spent(world: World) -> list[tuple[str, int, int | None]]:
    return [(row[0], row[1], row[5]) for row in world.rows]


@given(world=worlds())
def test_counts_are_those_of_the_naive_twin(world: World) -> None:
    answer, forest = referrals(Referrals(), world.graph.journeys()), forest_of_world(world)
    everybody = world.all_customers()
    roots = {one for one in everybody if not forest.parent(one) and forest.children(one)}
    told = {edge.referred for edge in forest.unattributed}
    assert answer.customers == len(everybody)
    assert answer.roots == len(roots)
    assert answer.referred == len(forest.edges)
    assert answer.share_interval == wilson(len(forest.edges), len(everybody), 0.95)
    assert answer.share == answer.share_interval.value
    assert answer.unattributed == len(told - set(forest.edges))
    assert answer.self_referrals_cut == len(forest.self_referrals)
    assert answer.cycles_cut == len(forest.cycles)
    assert answer.further_referrals == len(forest.further)
    depths = Counter(forest.depth(one) for one in {*roots, *forest.edges})
    assert {row.depth: row.count for row in answer.depths} == depths
    assert answer.max_depth == max(depths, default=0)
    sizes = Counter(len(forest.descendants(root)) + 1 for root in roots)
    assert {row.size: row.chains for row in answer.sizes} == sizes


@given(world=worlds())
def test_chains_and_advocates_are_those_of_the_naive_twin(world: World) -> None:
    answer, forest = referrals(Referrals(), world.graph.journeys()), forest_of_world(world)

    def value(customers: set[str]) -> int:
        return sum(values_since(spent(world), one, None) for one in customers)

    def value_since(customer: str) -> int:
        return sum(
            values_since(spent(world), one, forest.edges[one].at)
            for one in forest.descendants(customer)
        )

    chains = everything(answer.chains)
    sizes = [(-chain.size, chain.root) for chain in chains]
    assert sizes == sorted(sizes)
    for chain in chains:
        members = {chain.root} | forest.descendants(chain.root)
        assert chain.size == len(members) == chain.customers.count
        assert chain.depth == max(forest.depth(one) for one in members)
        assert chain.value_minor == value(members)
        assert chain.downstream_value_minor == value_since(chain.root)
        listed = everything(chain.members)
        assert {(m.customer, m.depth, m.referred_by) for m in listed} == {
            (one, forest.depth(one), forest.parent(one)) for one in members
        }
        assert all(before.depth <= after.depth for before, after in pairwise(listed))
    advocates = everything(answer.advocates)
    assert len(advocates) == sum(bool(forest.children(one)) for one in world.all_customers())
    brought = [(-advocate.brought, advocate.customer) for advocate in advocates]
    assert brought == sorted(brought)
    for advocate in advocates:
        children, below = (
            forest.children(advocate.customer), forest.descendants(advocate.customer)
        )  # fmt: skip
        assert advocate.brought == len(children)
        assert advocate.downstream == len(below)
        assert advocate.downstream_value_minor == value_since(advocate.customer)
        assert set(advocate.brought_customers.page(100).ids) == children
        assert set(advocate.downstream_customers.page(100).ids) == below


@given(world=worlds())
def test_what_was_cut_is_listed(world: World) -> None:
    answer, forest = referrals(Referrals(), world.graph.journeys()), forest_of_world(world)
    expected = [
        *((edge.arrival, CutReason.SELF_REFERRAL, edge) for edge in forest.self_referrals),
        *((edge.arrival, CutReason.CYCLE, edge) for edge in forest.cycles),
    ]
    listed = everything(answer.cuts)
    assert [(cut.referrer, cut.referred, cut.at_us, cut.reason) for cut in listed] == [
        (edge.referrer, edge.referred, edge.at, reason) for _, reason, edge in sorted(expected)
    ]  # fmt: skip


@given(world=worlds())
def test_every_count_is_the_list_behind_it(world: World) -> None:
    answer = referrals(Referrals(), world.graph.journeys())
    assert answer.all_customers.count == answer.customers
    assert answer.root_customers.count == answer.roots
    assert answer.referred_customers.count == answer.referred
    assert answer.unattributed_customers.count == answer.unattributed
    for row in answer.depths:
        assert row.customers.count == row.count
    assert sum(row.count for row in answer.depths) == answer.roots + answer.referred
    assert sum(row.chains for row in answer.sizes) == answer.roots
    assert sum(row.size * row.chains for row in answer.sizes) == answer.roots + answer.referred
    rows = world.referrals
    cut = answer.self_referrals_cut + answer.cycles_cut + answer.further_referrals
    unattributed = sum(row[0] is None for row in rows)
    assert answer.referred + cut + unattributed == len(rows)


@given(case=cases())
def test_where_selects_whom_to_count_and_moves_nobody(case: tuple[World, dict[str, Any]]) -> None:
    world, options = case
    where = options.get("where") or {}
    asked = {**options, "split": None, "rules": None, "unit": "customer"}
    answer, forest = referrals(Referrals(), ask(world.graph, asked)), forest_of_world(world)
    if set(where) - {"customers"}:
        meant = {unit.customer for unit in naive_journeys.units(world, **asked)}
    else:
        meant = {
            one
            for one in world.all_customers()
            if naive_journeys.is_meant(
                one,
                naive_journeys.interactions_of(world, one),
                where.get("customers", {}),
                options.get("outcome"),
                world,
            )
        }
    assert set(answer.all_customers.page(100).ids) == meant
    assert set(answer.referred_customers.page(100).ids) == meant & set(forest.edges)
    roots = {one for one in meant if not forest.parent(one) and forest.children(one)}
    assert {chain.root: chain.size for chain in everything(answer.chains)} == {
        root: len(forest.descendants(root)) + 1 for root in roots
    }
    assert {one.customer: one.downstream for one in everything(answer.advocates)} == {
        one: len(forest.descendants(one)) for one in meant if forest.children(one)
    }
    assert answer.self_referrals_cut == sum(e.referred in meant for e in forest.self_referrals)
    assert answer.cycles_cut == sum(edge.referred in meant for edge in forest.cycles)
    assert answer.further_referrals == sum(edge.referred in meant for edge in forest.further)


ROWS = [
    ("a", 10, "purchase", None, None, 500),
    ("b", 5, "visit", None, None, 100),  # before b was referred
    ("b", 20, "purchase", None, None, 200),
    ("c", 30, "purchase", None, None, 50),
    ("x", 1, "visit", None, None, 7),
]
LINKS = [("a", "b", 20), ("b", "c", None), ("a", "a", 3), ("c", "a", 40), ("y", "b", 21),
         (None, "x", 1), (None, "c", 1), ("y", "z", 2)]  # fmt: skip


@pytest.fixture(name="answer")
def _answer() -> ReferralsAnswer:
    graph = graph_from_rows(ROWS, referrals=LINKS)
    return referrals(Referrals(), graph.journeys())


def test_a_small_network_by_hand(answer: ReferralsAnswer) -> None:
    # c has no time for being brought by b, so that edge is the latest of a -> b -> c -> a.
    assert [(cut.referrer, cut.referred, cut.at_us, cut.reason) for cut in answer.cuts().nodes] == [
        ("b", "c", None, CutReason.CYCLE),
        ("a", "a", 3, CutReason.SELF_REFERRAL),
    ]
    assert (answer.customers, answer.roots, answer.referred) == (6, 2, 3)
    assert (answer.unattributed, answer.further_referrals) == (2, 1)
    first, second = answer.chains().nodes
    assert (first.root, first.size, first.depth, first.value_minor) == ("c", 3, 2, 850)
    assert first.downstream_value_minor == 200  # of a since 40 nothing, of b since 20
    assert (second.root, second.size, second.depth, second.value_minor) == ("y", 2, 1, 0)
    links = answer.referrals_of("b")
    assert (links.referred_by, links.root, links.depth, links.referred_at_us) == ("a", "c", 2, 20)
    assert links.upline().nodes == ("a", "c")
    assert answer.referrals_of("c").all_downstream().ids == ("a", "b")
    assert answer.referrals_of("c").referred_by is None


def test_orders(answer: ReferralsAnswer) -> None:
    def roots(order: Any) -> list[str]:
        return [chain.root for chain in answer.chains(order=order).nodes]

    assert roots(ChainOrder.SIZE) == roots("size") == roots("DEPTH") == roots("value") == ["c", "y"]
    by_value = answer.advocates(order=AdvocateOrder.DOWNSTREAM_VALUE).nodes
    assert [one.customer for one in by_value] == ["a", "c", "y"]
    with pytest.raises(InvalidOptionError, match="SIZE, DEPTH or VALUE"):
        answer.chains(order="length")  # type: ignore[arg-type]


def test_rare_advocates_can_be_hidden() -> None:
    graph = graph_from_rows([], referrals=[("a", "b"), ("a", "c"), ("b", "d"), ("e", "f")])
    answer = referrals(Referrals(at_least=2), graph.journeys())
    assert [chain.root for chain in answer.chains().nodes] == ["a"]
    assert [one.customer for one in answer.advocates().nodes] == ["a"]
    assert answer.roots == 2
    with pytest.raises(InvalidOptionError, match="at_least=0"):
        referrals(Referrals(at_least=0), graph.journeys())


def test_bad_input(answer: ReferralsAnswer) -> None:
    with pytest.raises(UnknownCustomerError):
        answer.referrals_of("nobody")
    with pytest.raises(InvalidOptionError, match="first"):
        answer.chains(first=1001)
    with pytest.raises(InvalidOptionError, match="after"):
        answer.advocates(after="?")


def test_no_referral_and_no_customer() -> None:
    answer = referrals(Referrals(), graph_from_rows([]).journeys())
    assert (answer.customers, answer.share, answer.depths, answer.sizes) == (0, None, (), ())
    assert not answer.chains().nodes
    answer = referrals(Referrals(), graph_from_rows([("a", 1, "visit")]).journeys())
    assert (answer.customers, answer.roots, answer.share) == (1, 0, 0.0)


# --- against networkx ---------------------------------------------------------------------------


def network(graph: JourneyGraph) -> nx.DiGraph[int]:
    """The forest by networkx: first referral of each by time and arrival, cycles by its search."""
    given = pd.DataFrame(
        {"source": graph.referrals.referrers, "target": graph.referrals.referred,
         "at": graph.referrals.at_us}
    )  # fmt: skip
    given = given[(given.source >= 0) & (given.source != given.target)]
    given["missing"] = given["at"] == MISSING
    given = given.sort_values(["missing", "at"], kind="stable")
    given["rank"] = np.arange(len(given))
    first = given.drop_duplicates("target")
    forest: nx.DiGraph[int] = nx.DiGraph()
    forest.add_nodes_from(range(graph.n_customers))
    edges = first[["source", "target", "rank"]].itertuples(index=False, name=None)
    forest.add_weighted_edges_from(edges)
    for cycle in list(nx.simple_cycles(forest)):
        around = [*pairwise(cycle), (cycle[-1], cycle[0])]
        forest.remove_edge(*max(around, key=lambda edge: forest.edges[edge]["weight"]))
    return forest


def assert_agree(answer: ReferralsAnswer, graph: JourneyGraph, forest: nx.DiGraph[int]) -> None:
    names = graph.customer_id(np.arange(graph.n_customers))
    assert nx.is_forest(forest)
    roots = [one for one, degree in forest.in_degree() if degree == 0 and forest.out_degree(one)]
    assert answer.roots == len(roots)
    assert answer.referred == forest.number_of_edges()
    trees = {root: nx.single_source_shortest_path_length(forest, root) for root in roots}
    depths = Counter(depth for tree in trees.values() for depth in tree.values())
    assert {row.depth: row.count for row in answer.depths} == depths
    sizes = Counter(len(tree) for tree in trees.values())
    assert {row.size: row.chains for row in answer.sizes} == sizes
    largest = sorted(roots, key=lambda root: (-len(trees[root]), names[root]))[:20]
    chains = answer.chains(first=20).nodes
    assert [(c.root, c.size, c.depth) for c in chains] == [
        (names[root], len(trees[root]), max(trees[root].values())) for root in largest
    ]
    for chain, root in zip(chains[:3], largest, strict=False):
        assert set(chain.customers.page(1000).ids) <= {names[one] for one in trees[root]}
    ranked = sorted(forest, key=lambda one: (-forest.out_degree(one), names[one]))[:20]
    for advocate, one in zip(answer.advocates(first=20).nodes, ranked, strict=False):
        assert (advocate.customer, advocate.brought) == (names[one], forest.out_degree(one))
        assert advocate.downstream == len(nx.descendants(forest, one))


@given(seed=st.integers(0, 2**32 - 1), n_customers=st.integers(1, 60))
def test_random_networks_agree_with_networkx(seed: int, n_customers: int) -> None:
    random = np.random.default_rng(seed)
    n_referrals = int(random.integers(0, 3 * n_customers))
    referrers = random.integers(-1, n_customers, n_referrals)
    at_us = random.choice([MISSING, *range(5)], n_referrals)
    names = [f"c{number}" for number in range(n_customers)]
    rows = [
        (None if referrer < 0 else names[referrer], names[referred], None if at == MISSING else at)
        for referrer, referred, at in zip(
            referrers.tolist(), random.integers(0, n_customers, n_referrals).tolist(),
            at_us.tolist(), strict=True,
        )
    ]  # fmt: skip
    graph = graph_from_rows([], referrals=rows, customers=names)
    assert_agree(referrals(Referrals(), graph.journeys()), graph, network(graph))


# --- networks that others made ------------------------------------------------------------------


def data(name: str) -> Path:
    return Path(os.environ["JOURNEYGRAPH_DATA"]) / name


def truth(name: str) -> dict[str, Any]:
    return dict(json.loads((data("truth") / name).read_text()))


@pytest.fixture(scope="module", name="otc")
def _otc() -> JourneyGraph:
    frame = pd.read_parquet(data("bitcoin_otc.parquet"))
    at_us = (frame["time"] * 1_000_000).tolist()
    rows = list(zip(frame["referrer_id"], frame["customer_id"], at_us, strict=True))
    return graph_from_rows([], referrals=rows)


@pytest.mark.realdata
def test_a_network_of_trust(otc: JourneyGraph) -> None:
    expected = truth("net_bitcoin_otc.json")
    assert otc.n_customers == expected["nodes"]
    assert len(otc.referrals) == expected["distinct_edges"]
    degrees = np.bincount(otc.referrals.referrers, minlength=otc.n_customers)
    for node in expected["top20_out_degree"]:
        assert degrees[otc.customer_index(node["node"])] == node["value"]
    answer = referrals(Referrals(), otc.journeys())
    assert answer.self_referrals_cut == expected["self_loops"] == 0
    assert_agree(answer, otc, network(otc))
    cut = {(one.referrer, one.referred) for one in everything(answer.cuts)}
    assert len(cut) == answer.cycles_cut > 0


@pytest.mark.realdata
def test_trees_of_messages_passed_on() -> None:
    expected = truth("tree_twitter15_trees.json")
    frame = pd.read_parquet(data("twitter15_trees.parquet"))
    author = frame[frame.touchpoint == "post"].groupby("case_id").customer_id.agg(set)
    kept = frame[
        (frame.touchpoint != "post")
        & (frame.customer_id != frame.referrer_id)
        & (frame.delay_min >= frame.p_delay)
    ]
    by_author = [
        customer in author.get(case, ())
        for customer, case in zip(kept.customer_id, kept.case_id, strict=True)
    ]
    kept = kept[~np.array(by_author)]
    ids, names = pd.factorize(
        pd.concat([kept.case_id + "|" + kept.referrer_id, kept.case_id + "|" + kept.customer_id])
    )
    skeleton = graph_from_rows([], customers=names.tolist())
    at_us = (kept.delay_min * 60_000_000).round().astype("int64").to_numpy()
    graph = with_referrals(skeleton, ids[: len(kept)], ids[len(kept) :], at_us)
    answer = referrals(Referrals(), graph.journeys())
    assert answer.customers == expected["nodes"]
    assert answer.referred == expected["edges"]
    assert answer.roots == expected["roots"] - expected["isolated_roots"]
    assert answer.cycles_cut == 0
    assert answer.max_depth == expected["max_depth"]
    assert {str(row.depth): row.count for row in answer.depths} == expected["nodes_by_depth"]
    assert_top(answer, AdvocateOrder.BROUGHT, "brought", expected["top20_direct_referrals"])
    assert_top(answer, AdvocateOrder.DOWNSTREAM, "downstream", expected["top20_total_descendants"])
    chains = {chain.root.split("|")[0]: chain for chain in answer.chains(first=60).nodes}
    for case in expected["largest20_cases"]:
        assert chains[case["case"]].depth == case["max_depth"]


def with_referrals(graph: JourneyGraph, referrers: Any, referred: Any, at_us: Any) -> JourneyGraph:
    from dataclasses import replace

    given = GivenReferrals(
        referrers=referrers, referred=referred, at_us=at_us,
        medium_codes=np.zeros(len(referred), np.uint8),
    )  # fmt: skip
    return replace(graph, referrals=given)


def assert_top(
    answer: ReferralsAnswer, order: AdvocateOrder, field: str, expected: list[dict[str, Any]]
) -> None:
    found = answer.advocates(first=20, order=order).nodes
    assert [(one.customer, getattr(one, field)) for one in found] == [
        (one["node"], one["value"]) for one in expected
    ]
