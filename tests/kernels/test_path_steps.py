"""Steps and anchors on rows written out: all widths of codes, gaps, repeats, and empty paths."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.kernels import anchors, path_steps
from journeygraph.kernels.tiny import read_only
from tests.kernels.widths import CODE_TYPES

N_ITEMS = 3
LISTS = st.lists(
    st.lists(st.sampled_from([0, 1, 2, "skipped", "repeated"]), max_size=6), max_size=5
)
WIDTHS = st.sampled_from(CODE_TYPES)


def laid_out(journeys: list[list[Any]], dtype: Any) -> tuple[Any, ...]:
    """Bytes of the codes, their width, starts and ends; a row between journeys is an item."""
    largest = int(np.iinfo(dtype).max)
    codes = {"skipped": largest - 1, "repeated": largest}
    rows = [codes.get(code, code) for journey in journeys for code in [*journey, 0]]
    lengths = np.array([len(journey) + 1 for journey in journeys], np.int64)
    starts = np.cumsum(lengths) - lengths
    view = read_only(rows, dtype).view(np.uint8), np.dtype(dtype).itemsize
    return *view, read_only(starts), read_only(starts + lengths - 1), largest


def steps_of(journey: list[Any], start: int) -> list[tuple[int, int, int]]:
    """Item, first row and last row of each step."""
    found: list[tuple[int, int, int]] = []
    for place, code in enumerate(journey):
        if isinstance(code, int):
            found.append((code, start + place, start + place))
        elif code == "repeated" and found:
            found[-1] = (*found[-1][:2], start + place)
    return found


@given(journeys=LISTS, dtype=WIDTHS)
def test_steps_on_and_back(journeys: list[list[Any]], dtype: Any) -> None:
    codes, width, starts, ends, repeated = laid_out(journeys, dtype)
    expected = [steps_of(j, s) for j, s in zip(journeys, starts.tolist(), strict=True)]
    on, back = starts.copy(), ends.copy()
    items, firsts, lasts = (np.full(len(journeys), -7, np.int64) for _ in range(3))
    for step in range(7):
        path_steps.step_on(codes, width, N_ITEMS, repeated, on, ends, items, firsts, lasts)
        for path, steps in enumerate(expected):
            if step < len(steps):
                assert (items[path], firsts[path], lasts[path]) == steps[step]
            else:
                assert items[path] == N_ITEMS
    for step in range(7):
        path_steps.step_back(codes, width, N_ITEMS, starts, back, items, firsts)
        for path, steps in enumerate(expected):
            if step < len(steps):
                assert (items[path], firsts[path]) == steps[-1 - step][:2]
            else:
                assert items[path] == N_ITEMS


@given(
    journeys=LISTS,
    dtype=WIDTHS,
    wanted=st.sets(st.integers(0, 2)),
    other=st.sets(st.integers(0, 2)),
    asks=st.booleans(),
)
def test_anchors_and_stretches(
    journeys: list[list[Any]], dtype: Any, wanted: set[int], other: set[int], asks: bool
) -> None:
    codes, width, starts, ends, repeated = laid_out(journeys, dtype)
    n_rows = len(codes) // width
    meets = np.arange(n_rows) % 2 == 0 if asks else np.zeros(0, np.bool_)
    places = [
        (journey, item, row)
        for journey, (rows, start) in enumerate(zip(journeys, starts.tolist(), strict=True))
        for item, row, _last in steps_of(rows, start)
    ]
    found = anchors.find_items(codes, width, N_ITEMS, table(wanted), meets, starts, ends)
    hits = [(row, j) for j, item, row in places if item in wanted and (not asks or row % 2 == 0)]
    assert list(zip(*(column.tolist() for column in found), strict=True)) == hits
    given_ = table(wanted), meets, table(other), np.zeros(0, np.bool_)
    stretches = anchors.find_stretches(codes, width, N_ITEMS, *given_, starts, ends)
    stops = [(row, j) for j, item, row in places if item in other]
    expected = [
        (begin, stop, journey)
        for stop, journey in stops
        for begin, of_begin in hits
        if of_begin == journey
        and begin < stop
        and not any(begin < row < stop for row, j in hits + stops if j == journey)
    ]
    assert list(zip(*(column.tolist() for column in stretches), strict=True)) == expected


def table(wanted: set[int]) -> npt.NDArray[np.bool_]:
    return np.array([item in wanted for item in range(N_ITEMS)])


@given(journeys=LISTS, dtype=WIDTHS)
def test_runs_end_behind_what_repeats_them(journeys: list[list[Any]], dtype: Any) -> None:
    codes, width, starts, ends, repeated = laid_out(journeys, dtype)
    steps = [
        (row, last + 1, end)
        for rows, start, end in zip(journeys, starts.tolist(), ends.tolist(), strict=True)
        for _item, row, last in steps_of(rows, start)
    ]
    columns = np.array(steps, np.int64).reshape(-1, 3).T.copy()
    behind = anchors.run_ends(codes, width, N_ITEMS, repeated, columns[0], columns[2])
    assert behind.tolist() == columns[1].tolist()


@given(
    paths=st.lists(st.tuples(st.integers(-1, 3), st.integers(0, 3)), max_size=20),
)
def test_paths_and_units_of_groups(paths: list[tuple[int, int]]) -> None:
    groups = np.array([group for group, _ in paths], np.int64)
    units = np.array(sorted(unit for _, unit in paths), np.int64)
    counts, n_units, is_first = path_steps.count_groups(groups, units, 4)
    pairs = list(zip(groups.tolist(), units.tolist(), strict=True))
    for group in range(4):
        mine = [unit for other, unit in pairs if other == group]
        assert (counts[group], n_units[group]) == (len(mine), len(set(mine)))
    expected = [g >= 0 and (g, u) not in pairs[:n] for n, (g, u) in enumerate(pairs)]
    assert is_first.tolist() == expected
