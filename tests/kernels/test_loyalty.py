"""The loyalty kernels against plain readings of the definitions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph.kernels import loyalty as kernels
from journeygraph.kernels.exposures import count_shuffled, list_exposures
from journeygraph.kernels.hazards import time_gaps, time_repeats
from journeygraph.kernels.items_met import MOST_ITEMS, count_items_met
from journeygraph.kernels.tiny import read_only
from tests.kernels.views import View, view_of
from tests.kernels.widths import CODE_TYPES

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
    arguments: Any = (
        view.item_codes, view.at_us, *view.ranges, rows, states, window, n_items, REPEATED
    )  # fmt: skip
    lengths = 1000 + 7 * np.arange(len(rows))
    with_lengths: Any = (*arguments, lengths)
    exposed, exposed_loyal, summed = kernels.count_exposures(*with_lengths)
    for item in range(3):
        found = kernels.find_exposed(item, *arguments)
        expected = [
            state >= kernels.NOT_LOYAL and item in met(view, unit, int(row), window)
            for unit, (row, state) in enumerate(zip(rows, states, strict=True))
        ]
        assert found.tolist() == expected
        assert exposed[item] == sum(expected)
        assert exposed_loyal[item] == (found & (states == kernels.LOYAL)).sum()
        assert summed[item] == lengths[found].sum()
    assert not exposed[3:].any()


@given(case=cases(), window=st.integers(-1, 9), least=st.sampled_from([1, 2]))
def test_the_list_says_who_met_what_how_often_and_how_soon(
    case: Case, window: int, least: int
) -> None:
    view, rows = case.view, case.index_rows
    states = np.where(rows < 0, kernels.NOT_ELIGIBLE, kernels.NOT_LOYAL).astype(np.uint8)
    states[(rows >= 0) & (rows % 3 == 1)] = kernels.CENSORED
    since = np.asarray(view.at_us)[view.journey_starts] - 5
    arguments: Any = (
        view.item_codes, view.at_us, *view.ranges, rows, states, window, 3, REPEATED, least, since
    )  # fmt: skip
    listed: Any = list_exposures(*arguments)
    expected = {}
    for unit, (row, state) in enumerate(zip(rows, states, strict=True)):
        if state >= least:
            for item, moments in meetings(view, unit, int(row), window).items():
                expected[unit, item] = (len(moments), min(moments) - int(since[unit]))
    units, items, times, after_us = (part.tolist() for part in listed)
    found = zip(units, items, zip(times, after_us, strict=True), strict=True)
    assert {(unit, item): more for unit, item, more in found} == expected
    assert len(units) == len(expected)
    assert units == sorted(units)


def meetings(view: View, unit: int, index_row: int, window: int) -> dict[int, list[int]]:
    """By item the moments that count: of a run, the first that lies in the window."""
    found: dict[int, list[int]] = {}
    item, is_new = None, False
    for row in range(int(view.journey_starts[unit]), index_row):
        code, at = int(view.item_codes[row]), int(view.at_us[row])
        if code < len(ITEMS):
            item, is_new = code, True
        if code == REPEATED - 1 or item is None or not is_new:
            continue
        if window < 0 or at >= view.at_us[index_row] - window:
            found.setdefault(item, []).append(at)
            is_new = False
    return found


def test_shuffled_labels_stay_in_their_stratum() -> None:
    generator = np.random.default_rng(3)
    labels = np.array([1, 1, 0, 0, 0, 1, 0], np.uint8)
    starts, places = np.array([0, 4, 7]), np.arange(7, dtype=np.int32)
    strata = np.array([0] * 4 + [1] * 3, np.int32)
    seen = np.zeros(7)
    for _ in range(600):
        chances = generator.random(7)
        counts: Any = count_shuffled(places, strata, labels, starts, chances, 2)
        assert counts.tolist() == [2, 1]
        seen += count_shuffled(places, places, labels, starts, chances, 7)
    assert np.abs(seen[:4] / 600 - 0.5).max() < 0.1  # every place is as likely as another
    assert np.abs(seen[4:] / 600 - 1 / 3).max() < 0.1


@given(case=cases())
def test_times_are_those_of_the_definitions(case: Case) -> None:
    view, rows = case.view, case.index_rows
    outcomes = np.flatnonzero(case.marked)
    timed: Any = (
        time_repeats(rows, view.journey_ends, outcomes, view.at_us, case.horizon, case.as_of),
        time_gaps(rows, view.journey_ends, view.at_us, case.horizon, case.inactivity, case.as_of),
    )
    for unit, place in enumerate(case.index_places):
        found = [(int(times[unit]), bool(events[unit])) for times, events in timed]
        if place is None:
            assert found == [(-1, False), (-1, False)]
            continue
        later = [
            (at - case.moments[unit][place][0], mark)
            for (at, _), mark in zip(case.moments[unit], case.marks[unit], strict=True)
            if at > case.moments[unit][place][0]
        ]
        watched = max(0, min(case.horizon, case.as_of - case.moments[unit][place][0]))
        repeats = [after for after, mark in later if mark and after <= watched]
        assert found[0] == ((min(repeats), True) if repeats else (watched, False))
        moments = [0, *(after for after, _ in later if after <= watched), watched]
        gaps = [a for a, b in zip(moments, moments[1:], strict=False) if b - a > case.inactivity]
        assert found[1] == ((gaps[0] + case.inactivity, True) if gaps else (watched, False))


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
    exposed, exposed_loyal, summed = kernels.count_exposures(
        codes, at_us, *rows, np.array([3]), states, -1, 60_000, 65_535, np.array([9])
    )
    assert summed[[0, 59_999]].tolist() == [9, 9]
    assert np.flatnonzero(exposed).tolist() == [0, 59_999]
    assert exposed[[0, 59_999]].tolist() == exposed_loyal[[0, 59_999]].tolist() == [1, 1]


runs = st.lists(st.tuples(st.sampled_from([*ITEMS, None]), st.integers(1, 3)), max_size=5)


def items_met(
    codes: Any, ranges: Any, states: Any, n_items: int, lengths: Any, within: slice = slice(None)
) -> Any:
    """What the kernel counts, given arrays as views have them."""
    arguments: Any = (
        read_only(codes, codes.dtype), *(read_only(array[within]) for array in ranges),
        read_only(states, np.uint8), n_items, read_only(lengths),
    )  # fmt: skip
    return count_items_met(*arguments)


@settings(max_examples=15)
@given(
    units=st.lists(st.lists(runs, max_size=3), max_size=6),
    said=st.lists(st.integers(0, 3), min_size=6, max_size=6),
    n_items=st.sampled_from([3, 8, 9, MOST_ITEMS]),
    dtype=st.sampled_from(CODE_TYPES[:2]),
    cut=st.integers(0, 6),
)
def test_items_met_in_all_journeys_are_those_of_sets(
    units: list[list[list[tuple[str | None, int]]]],
    said: list[int],
    n_items: int,
    dtype: type[np.unsignedinteger[Any]],
    cut: int,
) -> None:
    written = [
        [[(0, name) for name, times in journey for _ in range(times)] for journey in unit]
        for unit in units
    ]
    view = view_of([[*filter(None, unit)] for unit in written], ITEMS, dtype)
    lengths = 10**12 + np.arange(len(units))
    lo = int(np.searchsorted(view.journey_units, cut))
    parts = [
        items_met(view.item_codes, view.ranges, said[: len(units)], n_items, lengths, part)
        for part in (slice(0, lo), slice(lo, None))
    ]
    exposed, exposed_loyal, summed = (sum(measure) for measure in zip(*parts, strict=True))
    met_by = [{name for part in unit for _, name in part} for unit in written]
    for item, name in enumerate(ITEMS):
        who = [unit for unit, names in enumerate(met_by) if name in names and said[unit] >= 2]
        assert exposed[item] == len(who)
        assert exposed_loyal[item] == sum(said[unit] == kernels.LOYAL for unit in who)
        assert summed[item] == sum(int(lengths[unit]) for unit in who)
    assert len(exposed) == n_items
    assert not exposed[3:].any()


def test_every_bit_is_an_item_and_rows_between_journeys_are_nobodys() -> None:
    codes = np.array([63, 9, 0, 62, 9, 63, 64, 255], np.uint8)
    ranges = np.array([[0, 2, 5, 7], [1, 4, 7, 8], [0, 0, 1, 2]])
    states = [kernels.LOYAL, kernels.NOT_LOYAL, kernels.LOYAL]
    exposed, exposed_loyal, summed = items_met(codes, ranges, states, 64, [5, 7, 9])
    assert np.flatnonzero(exposed).tolist() == [0, 62, 63]
    assert exposed[[0, 62, 63]].tolist() == [1, 1, 2]
    assert exposed_loyal[[0, 62, 63]].tolist() == [1, 1, 1]
    assert summed[[0, 62, 63]].tolist() == [5, 5, 12]


def test_longer_than_what_is_read_at_once() -> None:
    generator = np.random.default_rng(5)
    ends = np.cumsum(np.array([20_000, 3, 9_000, 9_000, 1]))
    starts, units = ends - np.diff(ends, prepend=0), np.arange(5)
    codes = generator.integers(0, 70, int(ends[-1])).astype(np.uint8)
    codes[:19_000] = 65
    exposed = items_met(codes, (starts, ends, units), [kernels.LOYAL] * 5, 64, units)[0]
    met_by = [set(codes[start:end].tolist()) for start, end in zip(starts, ends, strict=True)]
    assert exposed.tolist() == [sum(item in items for items in met_by) for item in range(64)]


@settings(max_examples=15)
@given(case=cases(), window=st.integers(-1, 9), n_before=st.integers(0, 1))
def test_lengths_end_with_the_exposure_or_the_window(
    case: Case, window: int, n_before: int
) -> None:
    view = case.view
    firsts, ends = view.journey_starts, np.where(case.index_rows < 0, -1, view.journey_ends - 1)
    elapsed = np.full(len(ends), 77)
    if len(view.at_us):
        kernels.measure_exposures(
            read_only(firsts), read_only(ends + n_before), n_before, read_only(view.at_us), window,
            elapsed,
        )  # fmt: skip
    for unit, place in enumerate(case.index_places):
        moments = [at for at, _ in case.moments[unit]]
        whole = 0 if place is None else moments[-1] - moments[0]
        assert elapsed[unit] == (whole if window < 0 else min(whole, window))


@settings(max_examples=15)
@given(said=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 10**13)), max_size=9))
def test_states_are_counted_with_their_lengths(said: list[tuple[int, int]]) -> None:
    states, lengths = np.array(said, np.int64).reshape(-1, 2).T.copy()
    units, summed = kernels.count_states(read_only(states, np.uint8), read_only(lengths))
    assert units.tolist() == [sum(state == one for one, _ in said) for state in range(4)]
    expected = [sum(length for one, length in said if one == state) for state in range(4)]
    assert summed.tolist() == expected
