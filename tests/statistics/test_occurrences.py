"""Outcome, value, duration and union of listed paths: any cut equals the naive twin."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph.journeys import Journeys
from journeygraph.statistics import occurrences
from journeygraph.statistics.occurrences import OCCURRENCES
from journeygraph.statistics.quantiles import exact_quantile_us
from journeygraph.statistics.sequences import Lists
from tests.journeys.views import cases
from tests.naive.paths import Facts, ngrams_of, units_holding, whole_of
from tests.statistics.sequences import (
    Case,
    assert_any_cut_is_the_whole,
    expected_facts,
    view_and_units,
)


@pytest.mark.parametrize("length", [None, 1, 2, 3])
@settings(max_examples=20)  # of each length
@given(
    case=cases(simultaneous=True, extreme_times=True),
    at_most=st.integers(1, 5),
    share=st.sampled_from([1, 2, 3]),
)
def test_any_cut_gives_what_the_naive_twin_says(
    length: int | None, case: Case, at_most: int, share: int
) -> None:
    view, units = view_and_units(case)
    of = ngrams_of(length) if length else whole_of
    expected = expected_facts(case, units, of)
    paths = sorted(expected)[::share]
    lists = Lists.of([[view.items.index(name) for name in path] for path in paths])
    table = assert_any_cut_is_the_whole(OCCURRENCES, view, at_most, lists=lists, length=length)
    finished, n_covered = occurrences.finish(table, len(lists))
    samples = occurrences.durations(view, lists, length)
    holding = units_holding(units, of, set(paths))
    assert n_covered == len(holding)
    assert occurrences.units_with(view, lists, length).tolist() == holding
    for path, row, sample in zip(paths, finished.to_pylist(), samples, strict=True):
        assert_same(expected[path], row, sample)


def assert_same(expected: Facts, row: dict[str, Any], sample: np.ndarray[Any, Any]) -> None:
    assert row["units"] == expected.units
    assert row["outcome_units"] == expected.outcome_units
    assert row["value_minor"] == expected.value
    assert sorted(sample.tolist()) == sorted(expected.durations)
    for name, percent in (("median_us", 50), ("p95_us", 95)):
        exact = exact_quantile_us(np.array(expected.durations, np.int64), percent)
        assert exact is not None
        assert math.isclose(row[name], exact, rel_tol=0.022)


@given(case=cases(simultaneous=True))
def test_what_is_not_there_is_not_found(case: Case) -> None:
    view, _ = view_and_units(case)
    never = Lists.of([[0] * 30])
    assert units(view, never, None) == units(view, never, 30) == []


def units(view: Journeys, lists: Lists, length: int | None) -> list[int]:
    return [int(unit) for unit in occurrences.units_with(view, lists, length)]
