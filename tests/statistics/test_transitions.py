"""Transitions and their times: any cut equals the whole equals the naive twin."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.statistics import transitions
from journeygraph.statistics.base import merge, total
from journeygraph.statistics.quantiles import exact_quantile_us
from journeygraph.statistics.transitions import TRANSITION_TIMES, TRANSITIONS
from tests.journeys.views import cases
from tests.naive.paths import ngrams_of, transition_times
from tests.statistics.sequences import (
    Case,
    assert_any_cut_is_the_whole,
    expected_facts,
    view_and_units,
)


@given(case=cases(many_touchpoints=True), at_most=st.integers(1, 5))
def test_any_cut_gives_the_naive_count(case: Case, at_most: int) -> None:
    view, units = view_and_units(case)
    expected = expected_facts(case, units, ngrams_of(2))
    whole = assert_any_cut_is_the_whole(TRANSITIONS, view, at_most)
    assert {
        (view.items[row["source"]], view.items[row["target"]]): (row["units"], row["count"])
        for row in whole.to_pylist()
    } == {path: (one.units, one.count) for path, one in expected.items()}


@given(
    case=cases(extreme_times=True),
    at_most=st.integers(1, 5),
    share=st.sampled_from([1, 2, 3]),
)
def test_times_are_those_of_the_naive_twin(case: Case, at_most: int, share: int) -> None:
    view, units = view_and_units(case)
    expected = transition_times(units)
    pairs = sorted(expected)[::share]
    codes = [[view.items.index(name) for name in pair] for pair in pairs]
    edges = np.array(codes, np.int64).reshape(-1, 2)
    table = assert_any_cut_is_the_whole(TRANSITION_TIMES, view, at_most, edges=edges)
    finished = transitions.finish_times(table, len(pairs)).to_pylist()
    samples = transitions.times(view, edges, sum(map(len, expected.values())))
    for pair, row, sample in zip(pairs, finished, samples, strict=True):
        times = expected[pair]
        assert sorted(sample.tolist()) == sorted(times)
        assert row["mean_us"] == sum(times) / len(times)
        for name, percent in (("median_us", 50), ("p95_us", 95)):
            exact = exact_quantile_us(np.array(times, np.int64), percent)
            assert exact is not None
            assert math.isclose(row[name], exact, rel_tol=0.022)


def test_no_edges_have_no_times() -> None:
    from journeygraph.graph_build import graph_from_rows

    view = graph_from_rows([("a", 1, "x"), ("a", 2, "y")]).journeys()
    none = np.zeros((0, 2), np.int64)
    assert total(TRANSITION_TIMES, view, edges=none).num_rows == 0
    assert merge(TRANSITIONS, [total(TRANSITIONS, view)]).num_rows == 1
