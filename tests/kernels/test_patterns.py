"""The kernels of patterns on bare arrays: interpreted, compiled, and with bounds checked."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.kernels import gapped_patterns, pattern_lists, pattern_places, patterns
from journeygraph.kernels import pattern_rows as rows
from journeygraph.kernels.tiny import read_only

N_ITEMS = 3
SKIPPED, REPEATED = 254, 255
NO_LIMIT = 1 << 62

Pattern = tuple[int, ...]
Views = tuple[list[list[int]], list[int]]

items = st.sampled_from([0, 0, 1, 1, 2, SKIPPED, REPEATED])
journeys_of_units = st.lists(st.lists(st.lists(items, max_size=7), min_size=1, max_size=2))
limits = st.tuples(
    st.sampled_from([1, 2, NO_LIMIT]), st.sampled_from([0, 2, NO_LIMIT]),
    st.sampled_from([1, 4, NO_LIMIT]),
)  # fmt: skip


def laid_out(units: list[list[list[int]]], first_only: bool, given_limits: Any) -> dict[str, Any]:
    """Arrays as the statistic makes them; the time of a row is its number."""
    journeys = [journey for unit in units for journey in unit]
    bounds = np.cumsum([0, *map(len, journeys)])
    codes = read_only([code for journey in journeys for code in journey], np.uint8)
    of_unit = read_only([number for number, unit in enumerate(units) for _ in unit])
    starts, ends = read_only(bounds[:-1]), read_only(bounds[1:])
    n_journeys = len(journeys)
    counts = rows.survey_items(codes, N_ITEMS, starts, ends, of_unit, 0, n_journeys)
    n_entries = counts[1 if first_only else 2]
    roots = np.concatenate([[0], np.cumsum(n_entries)])
    n_places = int(counts[2].sum()) + len(journeys)
    places, of_rows, journeys_of, ordinals = (np.zeros(n_places, np.uint32) for _ in range(4))
    entries = np.zeros(int(roots[-1]), np.uint32)
    rows.lay_out(
        codes, N_ITEMS, starts, ends, 0, n_journeys, np.arange(N_ITEMS, dtype=np.uint32), N_ITEMS,
        first_only, 0, roots[:-1].copy(), places, of_rows, journeys_of, ordinals, entries,
    )  # fmt: skip
    reach = np.zeros((2, n_places), np.uint32)
    at_us = of_rows.astype(np.int64)
    rows.mark_reach(places, N_ITEMS, 0, n_places, ordinals, at_us, np.array(given_limits), reach)
    return {
        "counts": counts, "codes": places, "rows": of_rows, "journeys": journeys_of,
        "units": of_unit, "roots": roots, "entries": entries, "reach": reach,
    }  # fmt: skip


def kept_rows(units: list[list[list[int]]]) -> list[list[list[tuple[int, int]]]]:
    """By unit and journey, the items with their rows."""
    row = 0
    found: list[list[list[tuple[int, int]]]] = []
    for unit in units:
        found.append([])
        for journey in unit:
            pairs = enumerate(journey, row)
            found[-1].append([(code, number) for number, code in pairs if code < N_ITEMS])
            row += len(journey)
    return found


def brute(
    units: list[list[list[int]]], length: int, given_limits: Any
) -> dict[Pattern, list[tuple[int, int, int]]]:
    """Unit, first and last row of the first occurrence, for every unit that has a pattern."""
    gap, gap_us, span_us = given_limits
    found: dict[Pattern, list[tuple[int, int, int]]] = {}
    for number, unit in enumerate(kept_rows(units)):
        firsts: dict[Pattern, tuple[int, int]] = {}
        for journey in unit:
            of_journey: dict[Pattern, tuple[int, int]] = {}
            for n_items in range(1, length + 1):
                for chosen in combinations(range(len(journey)), n_items):
                    at = [journey[place][1] for place in chosen]
                    steps = list(zip(chosen[:-1], chosen[1:], strict=True))
                    if (
                        all(last - first <= gap for first, last in steps)
                        and all(journey[b][1] - journey[a][1] <= gap_us for a, b in steps)
                        and at[-1] - at[0] <= span_us
                    ):
                        pattern = tuple(journey[place][0] for place in chosen)
                        extent = (at[-1], at[0])
                        of_journey[pattern] = min(of_journey.get(pattern, extent), extent)
            firsts = {**of_journey, **firsts}
        for pattern, (last, first) in firsts.items():
            found.setdefault(pattern, []).append((number, first, last))
    return found


def spelt(found: Any) -> dict[Pattern, int]:
    """Units by pattern, of what a miner found."""
    patterns_found: list[Pattern] = []
    for parent, item, *_counts in found.tolist():
        before = (-1 - parent,) if parent < 0 else patterns_found[parent]
        patterns_found.append((*before, item))
    assert len(set(patterns_found)) == len(patterns_found)
    return dict(zip(patterns_found, found[:, 2].tolist(), strict=True))


@given(units=journeys_of_units, least=st.integers(1, 2), given_limits=limits)
def test_windows_find_what_trying_everything_finds(
    units: list[list[list[int]]], least: int, given_limits: Any
) -> None:
    arrays = laid_out(units, False, given_limits)
    layout = (
        arrays["codes"], arrays["reach"], arrays["journeys"], arrays["units"],
        np.zeros(0, np.bool_), N_ITEMS,
    )  # fmt: skip
    roots = np.flatnonzero(arrays["counts"][0] >= least)
    found = gapped_patterns.mine_windows(
        layout, roots, arrays["roots"], arrays["entries"], False, least, 3, 1000
    )
    wanted = brute(units, 3, given_limits)
    assert spelt(found) == {
        pattern: len(holders)
        for pattern, holders in wanted.items()
        if len(pattern) > 1 and len(holders) >= least
    }


@given(units=journeys_of_units, least=st.integers(1, 2), is_split=st.booleans())
def test_masks_find_what_trying_everything_finds(
    units: list[list[list[int]]], least: int, is_split: bool
) -> None:
    units = units if is_split else [unit[:1] for unit in units]
    arrays = laid_out(units, True, (NO_LIMIT,) * 3)
    codes = arrays["codes"].astype(np.uint8)
    masks = np.zeros(len(codes), np.int64)
    rows.mark_following(codes, N_ITEMS, 0, len(codes), masks)
    place_units = arrays["units"][arrays["journeys"]] if is_split else np.zeros(0, np.int64)
    wanted: dict[Pattern, int] = {
        pattern: len(holders)
        for pattern, holders in brute(units, 3, (NO_LIMIT,) * 3).items()
        if len(holders) >= least
    }
    for item in np.flatnonzero(arrays["counts"][0] >= least).tolist():
        entries = arrays["entries"][arrays["roots"][item] : arrays["roots"][item + 1]]
        found = patterns.mine_masks(
            codes, masks, masks, place_units, item, entries, 7, least, 3, 1000
        )
        assert spelt(found) == {
            pattern: n for pattern, n in wanted.items() if len(pattern) > 1 and pattern[0] == item
        }
        assert found[:, 4].tolist() == found[:, 2].tolist()  # everybody is in the second


@given(units=journeys_of_units, given_limits=limits)
def test_places_are_those_of_the_first_occurrence(
    units: list[list[list[int]]], given_limits: Any
) -> None:
    first_only = given_limits == (NO_LIMIT,) * 3
    arrays = laid_out(units, False, given_limits)
    wanted = brute(units, 3, given_limits)
    asked = sorted(wanted)
    layout = (
        arrays["codes"], arrays["reach"], arrays["journeys"], arrays["units"], N_ITEMS
    )  # fmt: skip
    found = pattern_places.locate_patterns(
        layout, arrays["roots"], arrays["entries"], first_only,
        np.cumsum([0, *map(len, asked)]), np.array([i for p in asked for i in p], np.uint32),
    )  # fmt: skip
    told: dict[Pattern, list[tuple[int, int, int]]] = {}
    for listed, first, last in found.tolist():
        unit = int(arrays["units"][arrays["journeys"][last]])
        extent = (unit, int(arrays["rows"][first]), int(arrays["rows"][last]))
        told.setdefault(asked[listed], []).append(extent)
    assert told == wanted


@given(masks=st.lists(st.integers(0, (1 << 63) - 1), max_size=40), times=st.sampled_from([1, 60]))
def test_bits_are_counted_however_many_masks(masks: list[int], times: int) -> None:
    masks = masks * times
    counts = np.zeros(64, np.int64)
    places = np.arange(len(masks), dtype=np.uint32)
    patterns._count_bits(np.array(masks, np.int64), places, 0, len(masks), counts)
    expected = Counter(bit for mask in masks for bit in range(63) if mask >> bit & 1)
    assert counts.tolist() == [expected[bit] for bit in range(64)]


@given(
    tree=st.lists(
        st.tuples(st.integers(-1, 20), st.integers(0, 2), st.integers(1, 2)), max_size=20
    ),
    same_units=st.booleans(),
)
def test_contained_are_those_with_one_item_left_out(
    tree: list[tuple[int, int, int]], same_units: bool
) -> None:
    found: dict[Pattern, tuple[int, int]] = {}
    numbers: list[Pattern] = []
    for parent, item, units in tree:
        parent = min(parent, len(numbers) - 1)
        pattern = (*(numbers[parent] if parent >= 0 else ()), item)
        if pattern not in found:
            found[pattern] = (parent, units)
            numbers.append(pattern)
    parents = np.array([found[pattern][0] for pattern in numbers], np.int64)
    last = np.array([pattern[-1] for pattern in numbers], np.int64)
    starts, codes = pattern_lists.spell_patterns(parents, last, np.arange(len(numbers)))
    assert [tuple(codes[a:b].tolist()) for a, b in zip(starts[:-1], starts[1:], strict=True)] == (
        numbers
    )
    units_found = np.array([found[pattern][1] for pattern in numbers], np.int64)
    with np.errstate(over="ignore"):
        contained = pattern_lists.mark_contained(starts, codes, units_found, same_units)
    for pattern, is_contained in zip(numbers, contained.tolist(), strict=True):
        longer = [
            one
            for one in numbers
            if any(one[:out] + one[out + 1 :] == pattern for out in range(len(one)))
            and (not same_units or found[one][1] == found[pattern][1])
        ]
        assert is_contained == bool(longer)


def test_runs_end_with_their_last_repeat() -> None:
    codes = read_only([0, SKIPPED, REPEATED, SKIPPED, 1, REPEATED, 0], np.uint8)
    last = rows.last_rows_of_runs(
        codes, N_ITEMS, REPEATED, np.array([7, 5, 7]), np.array([0, 4, 6])
    )
    assert last.tolist() == [2, 4, 6]
