"""Whole paths: any cut equals the whole equals the naive twin, collisions of hashes included."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.graph_build import graph_from_rows
from journeygraph.statistics import paths
from journeygraph.statistics.base import blocks_or_nothing, merge
from journeygraph.statistics.paths import PATHS, count_paths
from journeygraph.threads import evenly
from tests.journeys.views import cases
from tests.naive.paths import whole_of
from tests.statistics.sequences import (
    Case,
    assert_any_cut_is_the_whole,
    by_path,
    expected_facts,
    view_and_units,
)


@given(case=cases(simultaneous=True), at_most=st.integers(1, 5))
def test_any_cut_gives_the_naive_count(case: Case, at_most: int) -> None:
    view, units = view_and_units(case)
    expected = expected_facts(case, units, whole_of)
    whole = assert_any_cut_is_the_whole(PATHS, view, at_most)
    assert by_path(view, whole) == {path: (one.units, one.count) for path, one in expected.items()}
    assert merge(PATHS, [count_paths(view).to_table("path")]).equals(whole)


@given(
    case=cases(simultaneous=True, many_touchpoints=True), base=st.sampled_from([0, 1, 2, 1 << 32])
)
def test_paths_whose_numbers_collide_are_told_apart(case: Case, base: int) -> None:
    view, _ = view_and_units(case)
    collided = count_paths(view, base).to_table("path")
    assert merge(PATHS, [collided]).equals(merge(PATHS, [count_paths(view).to_table("path")]))


@given(case=cases(simultaneous=True), at_most=st.integers(1, 3))
def test_any_number_of_threads_and_buckets_gives_the_same(case: Case, at_most: int) -> None:
    view, units = view_and_units(case)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths, "_PATHS_OF_BUCKET", 1)
        patch.setattr(paths, "blocks_or_nothing", lambda view: blocks_or_nothing(view, at_most))
        patch.setattr(paths, "evenly", lambda sizes: evenly(sizes, at_most))
        found = by_path(view, count_paths(view).to_table("path"))
    expected = expected_facts(case, units, whole_of)
    assert found == {path: (one.units, one.count) for path, one in expected.items()}


@pytest.mark.parametrize("n_items", [1, 2, 60, 255, 256, 70_000])
def test_paths_at_the_edge_of_64_bits_are_told_apart(n_items: int) -> None:
    """The longest paths with numbers of their own, and those that are one item longer."""
    items = [f"{code:05d}" for code in range(n_items)]
    base = paths.number_base(n_items)
    assert base > n_items
    assert base % 2
    most = paths._items_with_own_number(base, n_items)
    assert base**most <= 2**64 < base ** (most + 1)
    journeys = [items]
    for length in (1, most - 1, most, most + 1, 2 * most):
        journeys += [[items[-1]] * length, [items[0]] * length, [items[-1]] * length]
        journeys.append([*[items[-1]] * (length - 1), items[0]])
    rows = [
        (f"{customer:02d}", at, item)
        for customer, journey in enumerate(journeys)
        for at, item in enumerate(journey)
    ]
    view = graph_from_rows(rows).journeys()
    expected = Counter(tuple(journey) for journey in journeys)
    found = by_path(view, count_paths(view).to_table("path"))
    assert found == {path: (count, count) for path, count in expected.items()}


def test_a_very_long_journey_is_one_path() -> None:
    rows = [(customer, at, "xyz"[at % 3]) for customer in "ab" for at in range(100_000)]
    view = graph_from_rows([*rows, ("c", 1, "x")]).journeys()
    counts = count_paths(view)
    assert sorted(counts.units.tolist()) == [1, 2]
    assert sorted(map(len, counts.lists().tuples())) == [1, 100_000]
