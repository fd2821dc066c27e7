"""networkx: the referral forest as a directed graph, walked in topological order."""

from __future__ import annotations

from collections import Counter

import networkx as nx
import polars as pl

from benchmarks.files import Files
from benchmarks.normal import Answer
from benchmarks.workloads import TOP

PACKAGE = "networkx"
LARGEST = 1_000_000


def load(files: Files) -> nx.DiGraph[int]:
    cents = (pl.col("value") * 100).round().cast(pl.Int64).sum()
    values = pl.scan_parquet(files.interactions).group_by("customer_id").agg(cents)
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(
        (customer, {"cents": value}) for customer, value in values.collect().iter_rows()
    )
    graph.add_edges_from(pl.read_parquet(files.referrals).iter_rows())
    return graph


def referral_forest(graph: nx.DiGraph[int]) -> Answer:
    parents: dict[int, int] = {child: parent for parent, child in graph.edges}
    order = list(nx.topological_sort(graph))
    depths: dict[int, int] = {}
    sizes, below = dict.fromkeys(order, 1), dict.fromkeys(order, 0)
    for customer in order:
        parent = parents.get(customer)
        depths[customer] = 0 if parent is None else depths[parent] + 1
    for customer in reversed(order):
        parent = parents.get(customer)
        if parent is not None:
            sizes[parent] += sizes[customer]
            below[parent] += below[customer] + graph.nodes[customer]["cents"]
    by_depth = Counter(depths.values())
    by_size = Counter(sizes[customer] for customer in order if not depths[customer])
    by_size.pop(1, None)
    best = sorted(
        ((customer, cents) for customer, cents in below.items() if sizes[customer] > 1),
        key=lambda row: (-row[1], row[0]),
    )[:TOP]
    return Answer(
        lambda: ([by_depth[depth] for depth in sorted(by_depth)], sorted(by_size.items()), best)
    )
