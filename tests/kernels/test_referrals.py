"""The forest kernels against dictionaries and walks, and on the shapes that break recursion."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.kernels import referrals as kernels
from tests.naive.referrals import NaiveForest, grow, values_since

NO_TIME = np.iinfo(np.int64).min
N = 8

# With the JIT off Python runs the loops, and a path far beyond its recursion limit will do.
LONG = 5_000 if os.environ.get("NUMBA_DISABLE_JIT") == "1" else 1_000_000

names = st.integers(0, N - 1)
times = st.one_of(st.none(), st.integers(0, 3))
rows = st.lists(st.tuples(st.one_of(st.none(), names), names, times), max_size=14)

Rows = list[tuple[int | None, int, int | None]]


def sown(rows: Rows) -> tuple[Any, Any, Any]:
    """Referrers, referred, at_us."""
    return (
        np.array([-1 if row[0] is None else row[0] for row in rows], np.int64),
        np.array([row[1] for row in rows], np.int64),
        np.array([NO_TIME if row[2] is None else row[2] for row in rows], np.int64),
    )


def grown(referrers: Any, referred: Any, at_us: Any, n_customers: int) -> tuple[Any, Any, Any]:
    """The trees (referrers, edges, above), what was chosen, and the fates."""
    chosen, fates = kernels.choose_first_referrals(referrers, referred, at_us, n_customers)
    trees = kernels.grow_forest(chosen, fates, referrers, referred, at_us)
    return (referrers, *trees), chosen, fates


def measured(trees: Any, chosen: Any) -> tuple[Any, ...]:
    """By customer: parents, downstream, heights, depths; and who was brought, leaves first."""
    referrers, edges, above = trees
    parents = np.array([referrers[row] if row >= 0 else -1 for row in chosen.tolist()], np.int32)
    downstream, heights, depths = np.zeros((3, len(chosen)), np.int32)
    kernels.count_descendants(referrers, edges, above, downstream)
    kernels.measure_heights(referrers, edges, above, heights)
    customers = np.argsort(chosen, kind="stable")[(chosen < 0).sum() :]
    brought = customers[np.searchsorted(chosen[customers], edges)].astype(np.int32)
    depths[brought] = kernels.measure_depths(above)
    return parents, downstream, heights, depths, brought


def naive_of(rows: Rows) -> NaiveForest:
    return grow([(None if row[0] is None else str(row[0]), str(row[1]), row[2]) for row in rows])


def index(name: str | None) -> int:
    return -1 if name is None else int(name)


@given(rows=rows)
def test_parents_and_what_was_cut_are_those_of_the_naive_twin(rows: Rows) -> None:
    trees, chosen, fates = grown(*sown(rows), N)
    parents, *_ = measured(trees, chosen)
    naive = naive_of(rows)
    assert parents.tolist() == [index(naive.parent(str(name))) for name in range(N)]
    edges = [naive.edges.get(str(name)) for name in range(N)]
    assert chosen.tolist() == [-1 if edge is None else edge.arrival for edge in edges]
    expected = {
        kernels.BROUGHT: [*naive.edges.values()],
        kernels.UNATTRIBUTED: naive.unattributed,
        kernels.CUT_SELF: naive.self_referrals,
        kernels.CUT_CYCLE: naive.cycles,
        kernels.FURTHER: naive.further,
    }
    for fate, edges_of_fate in expected.items():
        arrivals = sorted(edge.arrival for edge in edges_of_fate)
        assert np.flatnonzero(fates == fate).tolist() == arrivals


@given(rows=rows)
def test_numbers_of_the_trees_are_those_of_the_naive_twin(rows: Rows) -> None:
    trees, chosen, _ = grown(*sown(rows), N)
    parents, downstream, heights, depths, brought = measured(trees, chosen)
    preorder, places, roots = kernels.place_in_preorder(parents, brought, downstream)
    naive = naive_of(rows)
    for customer in range(N):
        name = str(customer)
        below = naive.descendants(name)
        assert downstream[customer] == len(below)
        assert depths[customer] == naive.depth(name)
        assert roots[customer] == int(naive.root(name))
        reach = max((naive.depth(one) for one in below), default=naive.depth(name))
        assert heights[customer] == reach - naive.depth(name)
        behind = preorder[places[customer] + 1 : places[customer] + downstream[customer] + 1]
        assert {str(one) for one in behind} == below
    assert sorted(preorder.tolist()) == list(range(N))
    order, above = brought.tolist(), trees[2].tolist()
    assert sorted(order) == np.flatnonzero(parents >= 0).tolist()
    over = parents[order].tolist()
    assert above == [order.index(one) if one in order else -1 for one in over]
    assert all(place < one for place, one in enumerate(above) if one >= 0)


@given(
    rows=rows,
    spent=st.lists(
        st.tuples(names, st.integers(0, 4), st.one_of(st.none(), st.integers(-9, 9))), max_size=20
    ),
)
def test_value_counts_from_the_referral_on(
    rows: Rows, spent: list[tuple[int, int, int | None]]
) -> None:
    (referrers, edges, above), chosen, _ = grown(*sown(rows), N)
    _, _, at_us = sown(rows)
    spent = sorted(spent, key=lambda row: row[:2])
    starts = np.searchsorted([row[0] for row in spent], np.arange(N + 1))
    of_referrals, handed_up = np.zeros(len(rows), np.int64), np.zeros(N, np.int64)
    kernels.sum_values_since(
        starts.astype(np.int64),
        np.array([row[1] for row in spent], np.int64),
        np.array([NO_TIME if row[2] is None else row[2] for row in spent], np.int64),
        chosen,
        at_us,
        of_referrals,
    )
    kernels.add_up_the_trees(referrers, edges, above, of_referrals, handed_up)
    since = [of_referrals[row] if row >= 0 else 0 for row in chosen.tolist()]
    naive, named = naive_of(rows), [(str(row[0]), *row[1:]) for row in spent]
    for customer in range(N):
        edge = naive.edges.get(str(customer))
        since_us = None if edge is None else edge.at
        own = 0 if edge is None else values_since(named, str(customer), since_us)
        assert since[customer] == own
        assert handed_up[customer] == sum(
            values_since(named, one, naive.edges[one].at)
            for one in naive.descendants(str(customer))
        )


@pytest.mark.parametrize("shuffled", [False, True])
def test_a_path_of_very_many_customers(shuffled: bool) -> None:
    order = np.random.default_rng(0).permutation(LONG) if shuffled else np.arange(LONG)
    at_us = np.arange(LONG - 1)
    trees, chosen, _ = grown(order[:-1], order[1:], at_us, LONG)
    parents, downstream, heights, depths, brought = measured(trees, chosen)
    assert downstream[order].tolist() == list(range(LONG - 1, -1, -1))
    assert heights[order[0]] == LONG - 1
    _, _, roots = kernels.place_in_preorder(parents, brought, downstream)
    assert depths[order].tolist() == list(range(LONG))
    assert (roots == order[0]).all()


def test_a_cycle_of_very_many_customers_loses_its_latest_edge() -> None:
    customers = np.arange(LONG)
    at_us = np.random.default_rng(0).permutation(LONG)
    trees, chosen, fates = grown(customers, np.roll(customers, -1), at_us, LONG)
    parents, *_ = measured(trees, chosen)
    latest = int(np.argmax(at_us))
    assert np.flatnonzero(fates == kernels.CUT_CYCLE).tolist() == [latest]
    assert np.flatnonzero(parents < 0).tolist() == [(latest + 1) % LONG]


def test_a_star_of_very_many_customers() -> None:
    trees, chosen, _ = grown(
        np.zeros(LONG - 1, np.int64), np.arange(1, LONG), np.zeros(LONG - 1, np.int64), LONG
    )
    _, downstream, heights, depths, _ = measured(trees, chosen)
    assert (downstream[0], heights[0], depths.sum()) == (LONG - 1, 1, LONG - 1)


def test_an_edge_without_a_time_is_later_than_all_others() -> None:
    rows: Rows = [(1, 0, None), (2, 0, 9), (0, 1, None), (1, 2, 5)]
    trees, chosen, fates = grown(*sown(rows), 3)
    parents, *_ = measured(trees, chosen)
    assert parents.tolist() == [2, -1, 1]  # 2 brought 0, 1 brought 2; 0 -> 1 closed the cycle
    assert fates.tolist() == [kernels.FURTHER, kernels.BROUGHT, kernels.CUT_CYCLE, kernels.BROUGHT]


def test_nobody() -> None:
    trees, chosen, _ = grown(*sown([]), 0)
    parents, downstream, _, _, brought = measured(trees, chosen)
    placed = kernels.place_in_preorder(parents, brought, downstream)
    assert [len(array) for array in placed] == [0, 0, 0]
