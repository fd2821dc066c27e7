"""Transitions and their times: any cut equals the whole equals the naive twin."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.graph_build import graph_from_rows
from journeygraph.journeys import Journeys
from journeygraph.statistics import transitions
from journeygraph.statistics.base import blocks_or_nothing, merge, total
from journeygraph.statistics.quantiles import exact_quantile_us
from journeygraph.statistics.transitions import TRANSITION_SUMS, TRANSITION_TIMES, TRANSITIONS
from tests.journeys.views import cases
from tests.naive.paths import ngrams_of, transition_times
from tests.statistics.sequences import (
    Case,
    assert_any_cut_is_the_whole,
    expected_facts,
    view_and_units,
)


@given(case=cases(simultaneous=True, many_touchpoints=True), at_most=st.integers(1, 5))
def test_any_cut_gives_the_naive_count(case: Case, at_most: int) -> None:
    view, units = view_and_units(case)
    expected = expected_facts(case, units, ngrams_of(2))
    whole = assert_any_cut_is_the_whole(TRANSITIONS, view, at_most)
    assert {
        (view.items[row["source"]], view.items[row["target"]]): (row["units"], row["count"])
        for row in whole.to_pylist()
    } == {path: (one.units, one.count) for path, one in expected.items()}


@given(case=cases(simultaneous=True, many_touchpoints=True))
def test_occurrences_alone_are_those_of_the_naive_twin(case: Case) -> None:
    view, units = view_and_units(case)
    expected = expected_facts(case, units, ngrams_of(2))
    sources, targets, counts = (column.tolist() for column in transitions.count_pairs(view))
    assert list(zip(sources, targets, strict=True)) == sorted(zip(sources, targets, strict=True))
    names = [(view.items[one], view.items[two]) for one, two in zip(sources, targets, strict=True)]
    counted = {path: facts.count for path, facts in expected.items()}
    assert dict(zip(names, counts, strict=True)) == counted


@pytest.mark.parametrize("most", [1, 0])
def test_occurrences_alone_are_the_same_however_they_are_counted(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    drawn = np.random.default_rng(4).integers(0, 9, (500, 2)).tolist()
    rows = [(str(one), at, str(two)) for at, (one, two) in enumerate(drawn)]
    view = graph_from_rows(rows).journeys()
    expected = transitions.count_transitions(view)
    monkeypatch.setattr(transitions, "_MOST_PAIRS", most * 4_096)
    sources, targets, counts = transitions.count_pairs(view)
    lists = expected.lists().items.reshape(-1, 2).tolist()
    assert dict(
        zip(zip(sources.tolist(), targets.tolist(), strict=True), counts.tolist(), strict=True)
    ) == dict(zip(map(tuple, lists), expected.counts.tolist(), strict=True))


@given(
    case=cases(simultaneous=True, extreme_times=True),
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
    measured = transitions.measure_times(view, edges, sum(map(len, expected.values())))
    merged = transitions.finish_times(table, len(pairs))
    assert not merged.samples
    for place, (pair, sample) in enumerate(zip(pairs, measured.samples, strict=True)):
        times = expected[pair]
        assert sorted(sample.tolist()) == sorted(times)
        assert measured.mean_us[place] == merged.mean_us[place] == sum(times) / len(times)
        for name, percent in (("median_us", 50), ("p95_us", 95)):
            exact = exact_quantile_us(np.array(times, np.int64), percent)
            assert exact is not None
            estimate = getattr(measured, name)[place]
            assert estimate == getattr(merged, name)[place]
            assert math.isclose(estimate, exact, rel_tol=0.022)


@pytest.mark.parametrize("most_pairs", [0, 1 << 22])
@given(
    case=cases(simultaneous=True, many_touchpoints=True, extreme_times=True),
    at_most=st.integers(1, 5),
)
def test_sums_of_all_transitions_are_those_of_the_naive_twin(
    most_pairs: int, case: Case, at_most: int
) -> None:
    view, units = view_and_units(case)
    expected = {pair: (len(times), sum(times)) for pair, times in transition_times(units).items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transitions, "_MOST_PAIRS", most_pairs)
        table = assert_any_cut_is_the_whole(TRANSITION_SUMS, view, at_most)
        with pytest.MonkeyPatch.context() as threads:
            threads.setattr(transitions, "blocks_or_nothing", lambda v: blocks_or_nothing(v, 3))
            found = transitions.sum_transitions(view)
    assert {
        (view.items[row["source"]], view.items[row["target"]]): (
            row["count"], row["elapsed_seconds"] * 1_000_000 + row["further_us"]
        )
        for row in table.to_pylist()
    } == expected  # fmt: skip
    assert (found.further_us < 1_000_000).all()
    columns = found.sources, found.targets, found.counts, found.seconds, found.further_us
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    assert rows == sorted(rows)
    assert {
        (view.items[row[0]], view.items[row[1]]): (row[2], row[3] * 1_000_000 + row[4])
        for row in rows
    } == expected
    means = TRANSITION_SUMS.finish(table)["mean_us"].to_pylist()
    assert found.mean_us.tolist() == means == [
        total / count for _, (count, total) in sorted(expected.items(), key=by_codes(view))
    ]  # fmt: skip


def by_codes(view: Journeys) -> Callable[[tuple[tuple[str, ...], object]], list[int]]:
    return lambda entry: [view.items.index(name) for name in entry[0]]


def test_no_edges_have_no_times() -> None:
    view = graph_from_rows([("a", 1, "x"), ("a", 2, "y")]).journeys()
    none = np.zeros((0, 2), np.int64)
    assert total(TRANSITION_TIMES, view, edges=none).num_rows == 0
    assert merge(TRANSITIONS, [total(TRANSITIONS, view)]).num_rows == 1


def test_an_edge_that_never_occurs_has_no_times() -> None:
    view = graph_from_rows([("a", 1, "x"), ("a", 2, "y")]).journeys()
    times = transitions.measure_times(view, np.array([[0, 0], [0, 1]]))
    assert np.isnan([times.mean_us[0], times.median_us[0], times.p95_us[0]]).all()
    assert times.mean_us[1] == 1


def test_an_empty_view_has_no_transitions() -> None:
    view = graph_from_rows([("a", 1, "x")]).journeys(
        where={"touchpoints": ["x"], "from": "2100-01-01"}
    )
    assert view.n_journeys == 0
    found = transitions.sum_transitions(view)
    assert len(found.counts) == len(found.mean_us) == 0
    assert total(TRANSITION_SUMS, view).num_rows == 0
