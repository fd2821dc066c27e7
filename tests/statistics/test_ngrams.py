"""N-grams: any cut equals the whole equals the naive twin, in each of the ways of counting."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.statistics import ngrams
from journeygraph.statistics.base import blocks_or_nothing, merge
from journeygraph.statistics.ngrams import NGRAMS, count_ngrams
from tests.journeys.views import cases
from tests.naive.paths import ngrams_of
from tests.statistics.sequences import (
    Case,
    assert_any_cut_is_the_whole,
    by_path,
    expected_facts,
    view_and_units,
)

LENGTHS = st.sampled_from([1, 2, 3, 5, 9, 22])


@given(case=cases(many_touchpoints=True), length=LENGTHS, at_most=st.integers(1, 5))
def test_any_cut_gives_the_naive_count(case: Case, length: int, at_most: int) -> None:
    view, units = view_and_units(case)
    expected = expected_facts(case, units, ngrams_of(length))
    whole = assert_any_cut_is_the_whole(NGRAMS, view, at_most, length=length)
    assert by_path(view, whole) == {path: (one.units, one.count) for path, one in expected.items()}
    assert merge(NGRAMS, [count_ngrams(view, length).to_table("path")]).equals(whole)


@given(case=cases(), length=LENGTHS, base=st.sampled_from([0, 1, 2]))
def test_hashing_equals_the_other_ways_though_hashes_collide(
    case: Case, length: int, base: int
) -> None:
    view, _ = view_and_units(case)
    block = blocks_or_nothing(view, 1)[0]
    collided = ngrams._found(view, block, length, 2, np.uint64(base)).to_table("path")
    counted = count_ngrams(view, length).to_table("path")
    assert merge(NGRAMS, [collided]).equals(merge(NGRAMS, [counted]))


@pytest.mark.parametrize("most_cells", [0, 1 << 16])
@given(case=cases(many_touchpoints=True), length=st.integers(1, 4))
def test_sorting_equals_the_table_of_all(most_cells: int, case: Case, length: int) -> None:
    view, units = view_and_units(case)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ngrams, "_MOST_CELLS", most_cells)
        patch.setattr(ngrams, "_FEWEST_CELLS", most_cells)
        patch.setattr(ngrams, "_ROWS_PER_SORT", 3)
        counts = count_ngrams(view, length)
    expected = expected_facts(case, units, ngrams_of(length))
    found = by_path(view, counts.to_table("path"))
    assert found == {path: (one.units, one.count) for path, one in expected.items()}
