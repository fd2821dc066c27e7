"""Whole paths: any cut equals the whole equals the naive twin, collisions of hashes included."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.statistics.base import merge
from journeygraph.statistics.paths import PATHS, count_paths
from tests.journeys.views import cases
from tests.naive.paths import whole_of
from tests.statistics.sequences import (
    Case,
    assert_any_cut_is_the_whole,
    by_path,
    expected_facts,
    view_and_units,
)


@given(case=cases(), at_most=st.integers(1, 5))
def test_any_cut_gives_the_naive_count(case: Case, at_most: int) -> None:
    view, units = view_and_units(case)
    expected = expected_facts(case, units, whole_of)
    whole = assert_any_cut_is_the_whole(PATHS, view, at_most)
    assert by_path(view, whole) == {path: (one.units, one.count) for path, one in expected.items()}
    assert merge(PATHS, [count_paths(view).to_table("path")]).equals(whole)


@given(case=cases(), multiplier=st.sampled_from([0, 1, 1 << 32]))
def test_paths_whose_hashes_collide_are_told_apart(case: Case, multiplier: int) -> None:
    view, _ = view_and_units(case)
    collided = count_paths(view, np.uint64(multiplier)).to_table("path")
    assert merge(PATHS, [collided]).equals(merge(PATHS, [count_paths(view).to_table("path")]))
