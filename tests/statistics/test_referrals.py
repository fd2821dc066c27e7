"""What the forest of a graph adds up to, against walks; and no number of threads changes it."""

from __future__ import annotations

from unittest import mock

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from journeygraph import threads
from journeygraph.graph_build import graph_from_rows
from journeygraph.statistics.referrals import ReferralForest

N = 7
names = st.integers(0, N - 1).map(lambda number: f"c{number}")
spent = st.lists(st.tuples(names, st.integers(0, 9), st.integers(0, 50)), max_size=20)


@given(edges=st.lists(st.tuples(names, names), max_size=10), spent=spent, many=st.integers(1, 4))
def test_sums_of_the_forest(
    edges: list[tuple[str, str]], spent: list[tuple[str, int, int]], many: int
) -> None:
    everybody = [(f"c{number}", 0, "a", "web", "purchase", 1) for number in range(N)]
    rows = [*everybody, *((name, at, "a", "web", "purchase", value) for name, at, value in spent)]
    graph = graph_from_rows(rows, referrals=edges)
    with (
        mock.patch.object(threads, "_LEAST_SIZE", 2),
        mock.patch.object(threads, "n_threads", return_value=many),
    ):
        forest = ReferralForest.of(graph)
        values, since = forest.values_minor, forest.values_since_minor
    parents = forest.parents.tolist()
    depths = [len(forest.ancestors(customer)) for customer in range(N)]
    assert forest.depths.tolist() == depths
    assert forest.brought.tolist() == [parents.count(customer) for customer in range(N)]
    assert forest.generations.tolist() == np.bincount(depths).tolist()
    assert forest.advocates.tolist() == sorted({parent for parent in parents if parent >= 0})
    assert [parents[root] for root in forest.chains] == [-1] * len(forest.chains)
    brought = [graph.customer_id(np.array([customer]))[0] for customer in range(N)]
    total = [sum(row[5] for row in rows if row[0] == name) for name in brought]
    assert values.tolist() == total
    assert since.tolist() == [
        each if parent >= 0 else 0 for each, parent in zip(values.tolist(), parents, strict=True)
    ]
    for customer in range(N):
        below = forest.descendants(customer)
        assert forest.downstream_values_minor[customer] == since[below].sum()
        assert forest.tree_values_minor[customer] == values[below].sum() + values[customer]
