"""N-grams: any cut equals the whole equals the naive twin, in each of the ways of counting."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.graph_build import graph_from_rows
from journeygraph.statistics import ngrams
from journeygraph.statistics.base import blocks_or_nothing, merge
from journeygraph.statistics.ngrams import NGRAMS, count_ngrams
from journeygraph.statistics.sequences import SequenceRuns
from journeygraph.threads import evenly
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


@given(
    case=cases(simultaneous=True, many_touchpoints=True), length=LENGTHS, at_most=st.integers(1, 5)
)
def test_any_cut_gives_the_naive_count(case: Case, length: int, at_most: int) -> None:
    view, units = view_and_units(case)
    expected = expected_facts(case, units, ngrams_of(length))
    whole = assert_any_cut_is_the_whole(NGRAMS, view, at_most, length=length)
    assert by_path(view, whole) == {path: (one.units, one.count) for path, one in expected.items()}
    assert merge(NGRAMS, [count_ngrams(view, length).to_table("path")]).equals(whole)


@given(case=cases(simultaneous=True), length=LENGTHS, base=st.sampled_from([0, 1, 2]))
def test_hashing_equals_the_other_ways_though_hashes_collide(
    case: Case, length: int, base: int
) -> None:
    view, _ = view_and_units(case)
    block = blocks_or_nothing(view, 1)[0]
    collided = ngrams._found(view, block, length, 2, np.uint64(base)).to_table("path")
    counted = count_ngrams(view, length).to_table("path")
    assert merge(NGRAMS, [collided]).equals(merge(NGRAMS, [counted]))


@pytest.mark.parametrize("most_cells", [0, 1 << 16])
@given(case=cases(simultaneous=True, many_touchpoints=True), length=st.integers(1, 4))
def test_sorting_equals_the_table_of_all(most_cells: int, case: Case, length: int) -> None:
    view, units = view_and_units(case)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ngrams, "_MOST_CELLS", most_cells)
        patch.setattr(ngrams, "_FEWEST_CELLS", most_cells)
        patch.setattr(ngrams, "_RUNS_OF_BUCKET", 3)
        patch.setattr(ngrams, "blocks_or_nothing", lambda view: blocks_or_nothing(view, 3))
        patch.setattr(ngrams, "evenly", lambda sizes: evenly(sizes, 2))
        counts = count_ngrams(view, length)
    expected = expected_facts(case, units, ngrams_of(length))
    found = by_path(view, counts.to_table("path"))
    assert found == {path: (one.units, one.count) for path, one in expected.items()}


@given(case=cases(simultaneous=True, many_touchpoints=True), lengths=st.sets(LENGTHS, min_size=1))
def test_occurrences_of_several_lengths_are_those_of_each(case: Case, lengths: set[int]) -> None:
    view, _ = view_and_units(case)
    found = ngrams.count_occurrences(view, sorted(lengths))
    assert found.keys() == lengths
    for length, runs in found.items():
        alone = count_ngrams(view, length)
        assert by_list(runs) == by_list(alone)
        assert len(by_list(runs)) == len(runs)


def by_list(runs: SequenceRuns) -> dict[tuple[int, ...], int]:
    return dict(zip(runs.lists().tuples(), runs.counts.tolist(), strict=True))


@pytest.mark.parametrize("n_items", [1, 2, 255, 256, 65_535, 70_000])
def test_codes_up_to_the_last_are_counted(n_items: int) -> None:
    """Two customers do the last three and the first three items, one of them twice."""
    items = [f"{code:05d}" for code in range(n_items)]
    every = [("z", at, item) for at, item in enumerate(items)]
    steps = [*items[-3:], *items[:3]]
    rows = [("a", at, item) for at, item in enumerate(steps * 2)]
    rows += [("b", at, item) for at, item in enumerate(steps)]
    view = graph_from_rows([*every, *rows]).journeys()
    for length in (2, 4):
        expected: Counter[tuple[str, ...]] = Counter()
        units: Counter[tuple[str, ...]] = Counter()
        for journey in (items, steps * 2, steps):
            found = [tuple(journey[at : at + length]) for at in range(len(journey) - length + 1)]
            expected.update(found)
            units.update(set(found))
        counts = count_ngrams(view, length)
        names = [tuple(view.items[code] for code in codes) for codes in counts.lists().tuples()]
        assert dict(zip(names, counts.counts.tolist(), strict=True)) == expected
        assert dict(zip(names, counts.units.tolist(), strict=True)) == units


def test_a_million_interactions_of_one_customer_are_one_unit() -> None:
    items = ["x", "y", "z"]
    rows = [("a", at, items[at % 3]) for at in range(200_000)]
    view = graph_from_rows([*rows, ("b", 1, "x"), ("b", 2, "y")]).journeys()
    for length in (2, 7, 14):
        counts = count_ngrams(view, length)
        assert len(counts) == 3
        assert counts.counts.sum() == 200_000 - length + 1 + (length == 2)
        assert counts.units.sum() == 3 + (length == 2)
