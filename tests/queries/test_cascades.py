"""Shapes of cascades against the naive twin, closed forms, networkx, and trees of others."""

from __future__ import annotations

import os
import random
from collections import Counter
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.errors import ConflictingOptionsError, InvalidOptionError
from journeygraph.graph import JourneyGraph
from journeygraph.graph_build import graph_from_rows
from queries.cascades import CascadeOrder, Cascades, CascadesAnswer, cascades
from queries.intervals import wilson
from queries.referrals import CreditRule, Referrals
from tests.naive.referrals import grow, mean_distance
from tests.strategies import World, worlds


def asked(graph: JourneyGraph, **options: Any) -> CascadesAnswer:
    return cascades(Cascades(**{"first": 1000, **options}), graph.journeys())


def middle(numbers: list[Any]) -> Any:
    return sorted(numbers)[(len(numbers) - 1) // 2] if numbers else None


@given(world=worlds(), credit=st.sampled_from(["first", "last"]))
def test_cascades_are_those_of_the_naive_twin(world: World, credit: str) -> None:
    forest = grow([row[:3] for row in world.referrals], credit)
    answer = asked(world.graph, referrals=Referrals(credit=CreditRule(credit)))
    everybody = world.all_customers()
    roots = {one for one in everybody if not forest.parent(one) and forest.children(one)}
    came: dict[str, int | None] = {one: edge.at for one, edge in forest.edges.items()}
    for one in everybody:
        if rows := world.of_customer(one):
            came[one] = rows[0][1]

    def lags(brought: set[str]) -> list[int]:
        pairs = [(came.get(one), came.get(forest.parent(one) or "")) for one in brought]
        return [at - above for at, above in pairs if at is not None and above is not None]

    def seconds(brought: set[str]) -> float | None:
        found = middle(lags(brought))
        return None if found is None else found / 1e6

    assert {node.root for node in answer.nodes} == roots
    trees = {root: {root} | forest.descendants(root) for root in roots}
    for node in answer.nodes:
        members = trees[node.root]
        generations = Counter(forest.depth(one) for one in members)
        assert node.size == len(members) == sum(node.generations) == node.customers.count
        assert list(node.generations) == [generations[depth] for depth in range(len(generations))]
        assert node.depth == len(node.generations) - 1
        assert node.breadth == max(node.generations)
        assert node.virality == pytest.approx(mean_distance(forest, members), rel=1e-12)
        below = members - {node.root}
        assert node.timed == len(lags(below))
        assert node.median_generation_seconds == seconds(below)
    assert answer.cascades == len(roots)
    assert answer.size == sum(map(len, trees.values())) == answer.cascade_customers.count
    told = {edge.referred for edge in forest.unattributed}
    organic = {one for one in everybody if not forest.parent(one) and one not in told}
    assert set(answer.organic_customers.page(100).ids) == organic
    assert answer.organic_share == wilson(len(organic), len(everybody), 0.95)
    assert {row.of: row.cascades for row in answer.sizes} == Counter(map(len, trees.values()))
    assert sum(row.cascades for row in answer.depths) == len(roots)
    assert sum(row.cascades for row in answer.breadths) == len(roots)
    brought = set(forest.edges)
    assert answer.timed == len(lags(brought))
    assert answer.median_generation_seconds == seconds(brought)
    for row in answer.generations:
        these = {one for one in brought if forest.depth(one) == row.depth}
        assert (row.size, row.timed, row.median_seconds) == (
            len(these), len(lags(these)), seconds(these)
        )  # fmt: skip
    assert sum(row.size for row in answer.generations) == len(brought)


@pytest.mark.parametrize("n", [2, 3, 10, 1001])
def test_stars_and_paths_have_closed_forms(n: int) -> None:
    star = [("c0", f"c{number}") for number in range(1, n)]
    (node,) = asked(graph_from_rows([], referrals=star)).nodes
    assert node.pair_distances == (n - 1) ** 2
    assert node.virality == pytest.approx(2 - 2 / n, rel=1e-12)
    assert (node.breadth, node.depth) == (n - 1, 1)
    path = [(f"c{number}", f"c{number + 1}") for number in range(n - 1)]
    (node,) = asked(graph_from_rows([], referrals=path)).nodes
    assert node.pair_distances == n * (n * n - 1) // 6
    assert node.virality == pytest.approx((n + 1) / 3, rel=1e-12)
    assert (node.breadth, node.depth) == (1, n - 1)


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(2, 40))
def test_distances_are_those_of_networkx(seed: int, n: int) -> None:
    rng = random.Random(seed)
    edges = [(f"c{rng.randrange(one)}", f"c{one}") for one in range(1, n)]
    (node,) = asked(graph_from_rows([], referrals=edges)).nodes
    assert node.pair_distances == nx.wiener_index(nx.Graph(edges))


@given(world=worlds())
def test_first_and_last_are_the_same_where_each_has_one_referral(world: World) -> None:
    seen: dict[str, Any] = {}
    for row in world.referrals:
        seen.setdefault(row[1], row)
    graph = graph_from_rows(world.rows, referrals=list(seen.values()), customers=world.customers)
    first, last = (
        asked(graph, referrals=Referrals(credit=rule))
        for rule in (CreditRule.FIRST, CreditRule.LAST)
    )
    for field in ("cascades", "size", "sizes", "depths", "mean_virality", "timed"):
        assert getattr(first, field) == getattr(last, field)
    assert [(node.root, node.size) for node in first.nodes] == [
        (node.root, node.size) for node in last.nodes
    ]


EDGES = [("a", "b"), ("a", "c"), ("a", "d"), ("p", "q"), ("q", "r"), ("r", "s"), ("s", "t")]


def test_orders_and_pages() -> None:
    graph = graph_from_rows([("zoe", 1, "visit")], referrals=EDGES)

    def roots(order: Any) -> list[str]:
        return [node.root for node in asked(graph, order=order).nodes]

    assert roots(CascadeOrder.SIZE) == roots("DEPTH") == roots("virality") == ["p", "a"]
    assert roots(CascadeOrder.BREADTH) == ["a", "p"]
    page = asked(graph, first=1)
    assert page.page_info.has_next_page
    assert [node.root for node in asked(graph, first=1, after=page.page_info.end_cursor).nodes] == [
        "a"
    ]
    assert asked(graph, referrals=Referrals(at_least=4)).cascades == 1
    assert (page.customers, page.organic) == (10, 3)
    with pytest.raises(InvalidOptionError, match="SIZE, DEPTH, BREADTH or VIRALITY"):
        asked(graph, order="length")
    with pytest.raises(ConflictingOptionsError, match="credit SPLIT and cascades"):
        asked(graph, referrals=Referrals(credit=CreditRule.SPLIT))


def test_no_referral_at_all() -> None:
    answer = asked(graph_from_rows([("a", 1, "visit")]))
    assert (answer.cascades, answer.size, answer.organic, answer.nodes) == (0, 0, 1, ())
    assert (answer.mean_virality, answer.median_generation_seconds) == (None, None)
    assert asked(graph_from_rows([])).organic_share.value is None


@pytest.mark.realdata
def test_trees_of_messages_that_others_passed_on() -> None:
    frame = pd.read_parquet(Path(os.environ["JOURNEYGRAPH_DATA"]) / "twitter15_trees.parquet")
    cases = frame.case_id.drop_duplicates().iloc[:150]
    frame = frame[frame.case_id.isin(cases) & frame.referrer_id.notna()]
    frame = frame[frame.customer_id != frame.referrer_id]
    rows = [
        (f"{case}|{referrer}", f"{case}|{customer}", round(delay * 6e7))
        for case, referrer, customer, delay in zip(
            frame.case_id, frame.referrer_id, frame.customer_id, frame.delay_min, strict=True
        )
    ]
    graph = graph_from_rows([], referrals=rows)
    answer = asked(graph)
    first = pd.DataFrame(rows, columns=["referrer", "referred", "at"])
    first = first.sort_values("at", kind="stable").drop_duplicates("referred")
    network: nx.DiGraph[str] = nx.from_pandas_edgelist(
        first, "referrer", "referred", create_using=nx.DiGraph
    )
    whole = [tree for tree in nx.weakly_connected_components(network)
             if nx.is_arborescence(network.subgraph(tree))]  # fmt: skip
    expected = {
        next(one for one in tree if network.in_degree(one) == 0): network.subgraph(tree)
        for tree in whole
    }
    found = {node.root: node for node in answer.nodes}
    shared = sorted(found.keys() & expected.keys())
    assert len(shared) > 100
    for root in shared:
        tree, node = expected[root], found[root]
        depths = nx.single_source_shortest_path_length(tree, root)
        counts = Counter(depths.values())
        assert list(node.generations) == [counts[depth] for depth in range(len(counts))]
        if len(tree) <= 400:
            wiener = nx.wiener_index(tree.to_undirected())
            assert node.pair_distances == wiener
            assert node.virality == pytest.approx(2 * wiener / (len(tree) * (len(tree) - 1)))
    assert np.isfinite(answer.mean_virality or np.nan)
