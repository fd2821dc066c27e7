"""The loyalty kernels against plain readings of the definitions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.kernels import loyalty as kernels
from tests.kernels.views import View, view_of

ITEMS = "abc"
REPEATED = 255


@dataclass(frozen=True)
class Case:
    """Units of one journey each; by unit the place of the index row, and which rows count."""

    moments: list[list[tuple[int, str | None]]]
    index_places: list[int | None]
    marks: list[list[bool]]
    horizon: int
    inactivity: int
    as_of: int

    @property
    def view(self) -> View:
        return view_of([[unit] for unit in self.moments], ITEMS)

    @property
    def index_rows(self) -> np.ndarray:
        starts = self.view.journey_starts
        return np.array(
            [
                -1 if place is None else start + place
                for place, start in zip(self.index_places, starts, strict=True)
            ],
            np.int64,
        )

    @property
    def marked(self) -> np.ndarray:
        return np.array([mark for unit in self.marks for mark in unit], np.bool_)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    moments, places, marks = [], [], []
    for _ in range(draw(st.integers(0, 4))):
        size = draw(st.integers(1, 6))
        gaps = draw(st.lists(st.integers(0, 4), min_size=size, max_size=size))
        at = np.cumsum(gaps).tolist()
        moments.append([(moment, draw(st.sampled_from([*ITEMS, None]))) for moment in at])
        places.append(draw(st.one_of(st.none(), st.integers(0, size - 1))))
        marks.append(draw(st.lists(st.booleans(), min_size=size, max_size=size)))
    horizon, inactivity, as_of = draw(st.tuples(*(st.integers(1, 9),) * 3))
    return Case(moments, places, marks, horizon, inactivity, as_of + draw(st.integers(0, 30)))


def expected_states(case: Case, kind: str) -> list[int]:
    states = []
    for unit, place, marks in zip(case.moments, case.index_places, case.marks, strict=True):
        if place is None:
            states.append(kernels.NOT_ELIGIBLE)
            continue
        begin = unit[place][0]
        end = begin + case.horizon
        if end > case.as_of:
            states.append(kernels.CENSORED)
            continue
        later = [(at, mark) for (at, _), mark in zip(unit, marks, strict=True) if begin < at <= end]
        if kind == "repeat":
            is_loyal = any(mark for _, mark in later)
        elif kind == "active":
            is_loyal = any(mark and at > end - case.inactivity for at, mark in later)
        else:
            moments = [begin, *(at for at, _ in later), end]
            is_loyal = bool(np.diff(moments).max() <= case.inactivity)
        states.append(kernels.LOYAL if is_loyal else kernels.NOT_LOYAL)
    return states


@given(case=cases())
def test_states_are_those_of_the_definitions(case: Case) -> None:
    view, rows = case.view, case.index_rows
    outcomes = np.flatnonzero(case.marked)
    repeats = kernels.judge_repeats(
        rows, view.journey_ends, outcomes, view.at_us, case.horizon, case.as_of
    )
    assert repeats.tolist() == expected_states(case, "repeat")
    backwards = kernels.judge_repeats(  # overlapping journeys have no order of rows
        rows[::-1].copy(), view.journey_ends[::-1].copy(), outcomes, view.at_us, case.horizon,
        case.as_of,
    )  # fmt: skip
    assert backwards.tolist() == repeats.tolist()[::-1]
    by_customer = np.where(case.marked, np.arange(len(case.marked)) % 2, 2).astype(np.uint8)
    active = kernels.judge_activity(
        rows, view.journey_ends, view.at_us, by_customer, case.horizon, case.inactivity, case.as_of
    )
    assert active.tolist() == expected_states(case, "active")
    gaps = kernels.judge_gaps(
        rows, view.journey_ends, view.at_us, case.horizon, case.inactivity, case.as_of
    )
    assert gaps.tolist() == expected_states(case, "no churn")


@given(case=cases(), window=st.integers(-1, 9), n_items=st.sampled_from([3, 200]))
def test_exposures_are_what_was_met_before_the_index_row(
    case: Case, window: int, n_items: int
) -> None:
    view, rows = case.view, case.index_rows
    states = np.where(rows < 0, kernels.NOT_ELIGIBLE, kernels.NOT_LOYAL).astype(np.uint8)
    states[(rows >= 0) & (rows % 2 == 1)] = kernels.LOYAL
    states[(rows >= 0) & (rows % 5 == 4)] = kernels.CENSORED
    arguments = (
        view.item_codes, view.at_us, *view.ranges, rows, states, window, n_items, REPEATED
    )  # fmt: skip
    exposed, exposed_loyal = kernels.count_exposures(*arguments)
    for item in range(3):
        found = kernels.find_exposed(item, *arguments)
        expected = [
            state >= kernels.NOT_LOYAL and item in met(view, unit, int(row), window)
            for unit, (row, state) in enumerate(zip(rows, states, strict=True))
        ]
        assert found.tolist() == expected
        assert exposed[item] == sum(expected)
        assert exposed_loyal[item] == (found & (states == kernels.LOYAL)).sum()
    assert not exposed[3:].any()


def met(view: View, unit: int, index_row: int, window: int) -> set[int]:
    found, item = set(), None
    for row in range(int(view.journey_starts[unit]), index_row):
        code = int(view.item_codes[row])
        if code < len(ITEMS):
            item = code
        recent = window < 0 or view.at_us[row] >= view.at_us[index_row] - window
        if code != REPEATED - 1 and item is not None and recent:
            found.add(item)
    return found


def test_sixty_thousand_items_and_two_journeys_of_one_unit() -> None:
    codes = np.array([59_999, 0, 59_999, 7], np.uint16)
    at_us, rows = np.arange(4), (np.array([0, 2]), np.array([2, 4]), np.array([0, 0]))
    states = np.array([kernels.LOYAL], np.uint8)
    exposed, exposed_loyal = kernels.count_exposures(
        codes, at_us, *rows, np.array([3]), states, -1, 60_000, 65_535
    )
    assert np.flatnonzero(exposed).tolist() == [0, 59_999]
    assert exposed[[0, 59_999]].tolist() == exposed_loyal[[0, 59_999]].tolist() == [1, 1]
