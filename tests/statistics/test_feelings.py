"""Feelings, peaks, ends and turns: any cut equals the whole."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph.statistics import feelings
from journeygraph.statistics.feelings import (
    FEELINGS,
    ITEM,
    PHASE,
    TIME,
    Said,
    units_that_say,
)
from journeygraph.statistics.peak_end import PEAK_END
from journeygraph.statistics.turns import TURNS, units_that_turn
from tests.journeys.views import cases
from tests.statistics.sequences import Case, assert_any_cut_is_the_whole, view_and_units
from tests.strategies import DAY_US

columns = st.sampled_from([None, ITEM, PHASE, "stage", "initiator", "touchpoint", "channel"])


@given(case=cases(many_touchpoints=True), at_most=st.integers(1, 5), by=columns, within=columns)
def test_feelings_of_any_cut_are_the_whole(
    case: Case, at_most: int, by: str | None, within: str | None
) -> None:
    view, _units = view_and_units(case)
    whole = assert_any_cut_is_the_whole(FEELINGS, view, at_most, by=by, within=within)
    for row in whole.to_pylist()[:20]:
        found = units_that_say(view, row["said"], by, row["group"], within, row["part"])
        assert len(found) == row["rated_units"]


@settings(max_examples=8)
@given(case=cases(), at_most=st.integers(1, 5))
def test_feelings_over_time_are_those_of_any_cut(case: Case, at_most: int) -> None:
    view, _units = view_and_units(case)
    starts_us = np.arange(int(view.graph.at_us.min(initial=0)), 60 * DAY_US, DAY_US)[:90]
    options = {"within": TIME, "starts_us": starts_us, "said": (Said.ANYTHING,)}
    assert_any_cut_is_the_whole(FEELINGS, view, at_most, **options)


@given(case=cases(), at_most=st.integers(1, 5), seed=st.integers(0, 3))
def test_peaks_ends_and_turns_of_any_cut_are_the_whole(case: Case, at_most: int, seed: int) -> None:
    view, _units = view_and_units(case)
    assert_any_cut_is_the_whole(PEAK_END, view, at_most)
    options = {"permutations": 3, "seed": seed, "as_large_at_most": 0}
    whole = assert_any_cut_is_the_whole(TURNS, view, at_most, **options)
    for row in whole.to_pylist():
        if row["permutation"] < 0 <= row["item"]:
            assert len(units_that_turn(view, row["item"])) == row["rated_units"]


def test_very_many_groups_are_numbered_as_few_are() -> None:
    groups, parts = np.array([0, 70_000, 3, 70_000]), np.array([2, 1, 0, 1])
    numbers, of_group, of_part = feelings._numbered(groups, parts)
    assert of_group[numbers].tolist() == groups.tolist()
    assert of_part[numbers].tolist() == parts.tolist()
    assert len(of_group) == 3
    few, of_group, of_part = feelings._numbered(groups[:1], parts[:1])
    assert (of_group[few].tolist(), of_part[few].tolist()) == ([0], [2])


def test_no_rows_have_no_groups() -> None:
    none = np.zeros(0, np.int64)
    assert [len(one) for one in feelings._numbered(none, none)] == [0, 0, 0]
