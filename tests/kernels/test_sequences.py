"""The kernels of paths, n-grams and transitions on bare arrays, with gaps and repeats anywhere."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.kernels import (
    buckets,
    chunks,
    long_ngrams,
    ngram_buckets,
    ngrams,
    occurrences,
    paths,
    ranking,
    sequences,
    tiny,
    transitions,
)
from journeygraph.statistics.quantiles import bucket_edges

N_ITEMS = 3
SKIPPED, REPEATED = 254, 255
Step = tuple[int, int, int]
"""An item, and the rows where it begins and ends."""


@dataclass(frozen=True)
class Rows:
    """Journeys as lists of codes, and how many of them each unit has."""

    journeys: list[list[int]]
    per_unit: list[int]

    @property
    def units(self) -> list[int]:
        return [unit for unit, number in enumerate(self.per_unit) for _ in range(number)]

    @property
    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        ends = np.cumsum([0, *map(len, self.journeys)])
        codes = [code for journey in self.journeys for code in journey]
        return (
            tiny.read_only(codes, np.uint8), tiny.read_only(ends[:-1]), tiny.read_only(ends[1:]),
            tiny.read_only(self.units),
        )  # fmt: skip

    def steps(self) -> list[list[Step]]:
        row, found = 0, []
        for journey in self.journeys:
            steps: list[Step] = []
            for code in journey:
                if code < N_ITEMS:
                    steps.append((code, row, row))
                elif code == REPEATED and steps:
                    steps[-1] = (*steps[-1][:2], row)
                row += 1
            found.append(steps)
        return found


@st.composite
def drawn(draw: st.DrawFn) -> Rows:
    per_unit = draw(st.lists(st.integers(1, 3), max_size=4))
    code = st.sampled_from([0, 0, 1, 2, SKIPPED, REPEATED])
    journey = st.lists(code, min_size=1, max_size=8)
    n_journeys = sum(per_unit)
    return Rows(draw(st.lists(journey, min_size=n_journeys, max_size=n_journeys)), per_unit)


def runs(rows: Rows, length: int) -> list[tuple[int, tuple[int, ...], int, int, int]]:
    """Unit, codes, journey, first and last row of every run."""
    return [
        (unit, tuple(code for code, _, _ in part), journey, part[0][1], part[-1][2])
        for journey, (unit, steps) in enumerate(zip(rows.units, rows.steps(), strict=True))
        for start in range(len(steps) - length + 1)
        for part in [steps[start : start + length]]
    ]


def tallied(pairs: list[tuple[int, tuple[int, ...]]]) -> dict[tuple[int, ...], tuple[int, int]]:
    """Occurrences and units of each sequence."""
    counts = Counter(path for _, path in pairs)
    units = Counter(path for _, path in set(pairs))
    return {path: (counts[path], units[path]) for path in counts}


def unpacked(packed: int, length: int) -> tuple[int, ...]:
    return tuple(packed >> 2 * place & 3 for place in range(length))


@given(rows=drawn(), length=st.integers(1, 4))
def test_packed_runs_are_counted_in_a_table(rows: Rows, length: int) -> None:
    codes, starts, ends, units = rows.arrays
    expected = tallied([run[:2] for run in runs(rows, length)])
    view = codes, 1, N_ITEMS, starts, ends
    cells = ngrams.count_in_table(*view, 0, len(starts), units, length, 2)
    assert expected == {
        unpacked(int(run), length): (int(cells[run, 0]), int(cells[run, 1]))
        for run in np.flatnonzero(cells[:, 0])
    }


def in_buckets(
    rows: Rows, lengths: list[int], bucket_bits: int, kind: type, with_units: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Runs and units of two blocks in buckets, and where these end."""
    codes, starts, ends, units = rows.arrays
    longest, least = lengths[0], lengths[-1]
    cut = sum(rows.per_unit[: len(rows.per_unit) // 2])
    n_buckets = 1 << bucket_bits
    blocks = []
    for extent in ((0, cut), (cut, len(starts))):
        sizes = np.zeros(n_buckets, np.int64)
        packed: np.ndarray = np.zeros(len(codes) + 1, kind)
        of_units = np.zeros(len(codes) + 1 if with_units else 0, np.uint32)
        n_runs = ngram_buckets.collect_runs(
            codes, 1, N_ITEMS, starts, ends, *extent, units, longest, least, 2, bucket_bits,
            sizes, packed, of_units,
        )  # fmt: skip
        assert n_runs == sizes.sum()
        blocks.append((sizes, packed[:n_runs], of_units[:n_runs]))
    all_sizes = np.array([sizes for sizes, *_ in blocks])
    every_end = np.cumsum(all_sizes.T.ravel()).reshape(-1, 2).T
    every = np.zeros(every_end[-1, -1], kind)
    every_unit = np.zeros(len(every) if with_units else 0, np.uint32)
    for (sizes, packed, of_units), block_ends in zip(blocks, every_end, strict=True):
        places = block_ends - sizes
        shift = 2 * longest - bucket_bits
        ngram_buckets.fill_buckets(packed, of_units, shift, places, every, every_unit)
        assert places.tolist() == block_ends.tolist()
    return every, every_unit, every_end[-1].copy()


@given(
    rows=drawn(),
    length=st.integers(1, 4),
    bucket_bits=st.integers(1, 2),
    kind=st.sampled_from([np.uint32, np.uint64]),
)
def test_packed_runs_are_counted_in_buckets(
    rows: Rows, length: int, bucket_bits: int, kind: type
) -> None:
    expected = tallied([run[:2] for run in runs(rows, length)])
    packed, of_units, ends = in_buckets(rows, [length], bucket_bits, kind, True)
    assert len(packed) == sum(count for count, _ in expected.values())
    found: dict[tuple[int, ...], tuple[int, int]] = {}
    for extent in ((0, 1), (1, len(ends))):
        sizes, distinct, counts, n_units = ngram_buckets.count_bucketed(
            packed, of_units, ends, *extent, N_ITEMS, 2, np.array([length]), bucket_bits
        )
        size = int(sizes[0])
        assert np.all(distinct[0, 1:size] > distinct[0, : size - 1])
        counted = zip(distinct[0, :size], counts[0, :size], n_units[0, :size], strict=True)
        found |= {unpacked(int(run), length): (int(n), int(of)) for run, n, of in counted}
    assert found == expected


@given(
    rows=drawn(),
    lengths=st.sets(st.integers(1, 6), min_size=2),
    kind=st.sampled_from([np.uint32, np.uint64]),
)
def test_shorter_runs_are_added_up_from_longer_ones(
    rows: Rows, lengths: set[int], kind: type
) -> None:
    descending = sorted(lengths, reverse=True)
    packed, nothing, ends = in_buckets(rows, descending, 2, kind, False)
    sizes, distinct, counts, _ = ngram_buckets.count_bucketed(
        packed, nothing, ends, 0, len(ends), N_ITEMS, 2, np.array(descending), 2
    )
    for number, length in enumerate(descending):
        of_length = distinct[number, : sizes[number]], counts[number, : sizes[number]]
        found = {unpacked(int(run), length): int(n) for run, n in zip(*of_length, strict=True)}
        expected = tallied([run[:2] for run in runs(rows, length)])
        assert found == {path: count for path, (count, _) in expected.items()}
        assert len(found) == sizes[number]


@given(
    st.lists(st.integers(0, 2**64 - 1), max_size=40),
    st.sampled_from([0, 1, 10, 11, 12, 32, 33, 63, 64]),
    st.booleans(),
)
def test_runs_are_sorted_and_equals_keep_their_order(
    values: list[int], n_bits: int, with_units: bool
) -> None:
    values = [value % (1 << n_bits) for value in values] * 2
    packed = np.array(values, np.uint32 if n_bits <= 32 else np.uint64)
    order = np.arange(len(values) if with_units else 0, dtype=np.uint32)
    ngram_buckets._sort_bucket(packed, order, np.empty_like(packed), np.empty_like(order), n_bits)
    expected = sorted(zip(values, range(len(values)), strict=True))
    assert packed.tolist() == [value for value, _ in expected]
    if with_units:
        assert order.tolist() == [place for _, place in expected]


def spelled(entries: np.ndarray, codes: np.ndarray) -> dict[tuple[int, ...], tuple[int, int]]:
    """Occurrences and units by the items where each entry says it is."""
    whole = entries.astype(np.int64)
    list_starts, items = sequences.copy_items(
        codes, N_ITEMS, whole[:, sequences.ROW].copy(), whole[:, sequences.END].copy()
    )
    return {
        tuple(items[start:end].tolist()): (int(row[sequences.COUNT]), int(row[sequences.UNITS]))
        for start, end, row in zip(list_starts[:-1], list_starts[1:], whole, strict=True)
    }


@given(
    rows=drawn().filter(lambda rows: all(rows.steps())),
    rule=st.sampled_from([(0, 0), (1, 0), (2, 0), (5, 27), (5, 2), (1 << 32, 1)]),
    bucket_bits=st.integers(1, 3),
)
def test_paths_are_counted_though_numbers_collide(
    rows: Rows, rule: tuple[int, int], bucket_bits: int
) -> None:
    codes, starts, ends, units = rows.arrays
    base, most = rule
    view, n = (codes, 1, N_ITEMS, starts, ends), len(starts)
    numbers, is_long = np.zeros(n, np.uint64), np.zeros(n, np.bool_)
    cut = sum(rows.per_unit[: len(rows.per_unit) // 2])
    sizes = np.zeros(1 << bucket_bits, np.int64)
    with np.errstate(over="ignore"):
        for extent in ((0, cut), (cut, n)):
            sizes += paths.number_paths(
                *view, *extent, np.uint64(base), most, bucket_bits, numbers, is_long
            )
    assert is_long.tolist() == [len(steps) > most for steps in rows.steps()]
    bucket_ends = np.cumsum(sizes)
    places, bucketed, members = bucket_ends - sizes, np.zeros_like(numbers), np.zeros(n, np.int64)
    for extent in ((0, cut), (cut, n)):
        paths.bucket_paths(numbers, is_long, *extent, bucket_bits, places, bucketed, members)
    assert np.array_equal(places, bucket_ends)
    found: dict[tuple[int, ...], tuple[int, int]] = {}
    for buckets_of in ((0, 1), (1, 1 << bucket_bits)):
        firsts, counts, n_units, own, are_long = paths.collect_paths(
            *view, units, bucketed, members, bucket_ends, *buckets_of
        )
        assert np.array_equal(own, numbers[firsts])
        assert np.array_equal(are_long, is_long[firsts])
        named = [tuple(step[0] for step in rows.steps()[first]) for first in firsts]
        assert not found.keys() & set(named)
        found |= dict(zip(named, zip(counts.tolist(), n_units.tolist(), strict=True), strict=True))
        alone = paths.collect_paths(*view, units[:0], bucketed, members, bucket_ends, *buckets_of)
        assert np.array_equal(alone[0], firsts)
        assert not len(alone[2])
    pairs = zip(rows.units, rows.steps(), strict=True)
    assert found == tallied([(unit, tuple(step[0] for step in steps)) for unit, steps in pairs])


@given(
    rows=drawn(),
    length=st.integers(1, 4),
    base=st.sampled_from([0, 1, 2, int(sequences.MULTIPLIER)]),
)
def test_long_runs_are_counted_though_hashes_collide(rows: Rows, length: int, base: int) -> None:
    codes, starts, ends, units = rows.arrays
    found: dict[tuple[int, ...], tuple[int, int]] = {}
    with np.errstate(over="ignore"):
        for part in range(2):
            entries = long_ngrams.collect_ngrams(
                tiny.read_only(codes, np.uint32), N_ITEMS, length, starts, ends, units,
                0, len(starts), np.uint64(base), part, 2,
            )  # fmt: skip
            found |= spelled(entries, codes)
    assert found == tallied([run[:2] for run in runs(rows, length)])


def test_tables_grow() -> None:
    n = 40_000
    codes = tiny.read_only(np.arange(2 * n) % n, np.uint32)
    with np.errstate(over="ignore"):
        one = tiny.read_only([0]), tiny.read_only([2 * n]), tiny.read_only([0])
        windows = long_ngrams.collect_ngrams(codes, n, 5, *one, 0, 1, sequences.MULTIPLIER, 0, 1)
    assert len(windows) == n
    assert windows[:, sequences.COUNT].sum() == 2 * n - 4


@given(rows=drawn(), length=st.integers(0, 3), data=st.data())
def test_listed_sequences_are_located(rows: Rows, length: int, data: st.DataObject) -> None:
    """Length 0 stands for whole paths."""
    codes, starts, ends, units = rows.arrays
    one_list = st.lists(st.integers(0, 2), min_size=length or 1, max_size=length or 4)
    listed = data.draw(st.lists(one_list, max_size=4, unique_by=tuple))
    list_starts = np.cumsum([0, *map(len, listed)])
    lists = list_starts, np.array([code for one in listed for code in one], np.uint32)
    view, extent = (codes, N_ITEMS, REPEATED), (0, len(starts))
    with np.errstate(over="ignore"):
        if length:
            found = occurrences.locate_ngrams(*view, length, starts, ends, units, *extent, *lists)
        else:
            found = occurrences.locate_paths(*view, starts, ends, *extent, *lists)
    assert [tuple(row) for row in found.tolist()] == expected_places(rows, length, listed)


def expected_places(
    rows: Rows, length: int, listed: list[list[int]]
) -> list[tuple[int, int, int, int]]:
    numbers = {tuple(one): number for number, one in enumerate(listed)}
    if not length:
        return [
            (numbers[path], journey, steps[0][1], steps[-1][2])
            for journey, steps in enumerate(rows.steps())
            if (path := tuple(step[0] for step in steps)) in numbers
        ]
    first: dict[tuple[int, int], tuple[int, int, int, int]] = {}
    for unit, path, journey, begin, end in runs(rows, length):
        if path in numbers:
            first.setdefault((unit, numbers[path]), (numbers[path], journey, begin, end))
    return sorted(first.values(), key=lambda place: (place[1], place[2]))


def test_occurrences_are_described_by_unit() -> None:
    measures, n_covered = occurrences.describe_occurrences(
        np.array([0, 1, 0, 0]), np.array([0, 0, 0, 2]), np.array([5, 7, 9, 1]),
        np.array([False, True, True, False]), np.array([10, 20, 40]), 2, bucket_edges(),
    )  # fmt: skip
    assert n_covered == 2
    of_five = buckets.bucket_of(5, bucket_edges())
    assert measures.sum(axis=1).tolist() == [[2, 1, 50], [1, 1, 10]]
    assert measures[0, of_five].tolist() == [1, 1, 10]


@given(rows=drawn())
def test_times_of_transitions_are_summed_counted_and_collected(rows: Rows) -> None:
    codes, starts, ends, _ = rows.arrays
    at_us = tiny.read_only(np.arange(len(codes)) ** 2 * 1_500_000)
    numbers = np.array([[0, -1, -1], [1, 2, -1], [-1, -1, -1]], np.int32)
    sources, targets = np.array([0, 1, 2], np.uint32), np.array([2, 0, 1], np.uint32)
    edges = {(0, 1): 0, (1, 1): 1, (1, 2): 2}
    times: dict[tuple[int, int], list[int]] = {}
    for steps in rows.steps():
        for (source, from_row, _), (target, to_row, _) in zip(steps, steps[1:], strict=False):
            times.setdefault((source, target), []).append(int(at_us[to_row] - at_us[from_row]))
    asked = [times.get(edge, []) for edge in edges]
    view = codes, 1, N_ITEMS, starts, ends, 0, len(starts), at_us
    room = sum(map(len, asked))
    given = sources, targets, numbers, 3, bucket_edges()
    histograms, sums, found, elapsed = transitions.measure_edges(*view, *given, room)
    assert sums.tolist() == [[sum(divmod(t, 10**6)[part] for t in one) for part in (0, 1)]
                             for one in asked]  # fmt: skip
    assert histograms.tolist() == [
        buckets.count_buckets(np.array(one, np.int64), bucket_edges()).tolist() for one in asked
    ]
    assert [elapsed[found == edge].tolist() for edge in range(3)] == asked
    again = transitions.measure_edges(*view, *given, 0)
    assert np.array_equal(again[0], histograms)
    assert not len(again[2])
    for most in (0, 1, transitions.MOST):
        counts, *in_all = transitions.count_all_pairs(*view, most)
        total_us = in_all[0] + in_all[1] * 1_000_000 + in_all[2]
        assert {
            divmod(int(pair), N_ITEMS): (int(counts[pair]), int(total_us[pair]))
            for pair in np.flatnonzero(counts)
        } == {pair: (len(one), sum(one)) for pair, one in times.items()}
    known = sorted(times)
    starts_of = np.searchsorted([source for source, _ in known], np.arange(N_ITEMS + 1))
    of_pairs = transitions.count_known_pairs(*view, starts_of, np.array([t for _, t in known]))
    assert [(int(n), int(s) * 10**6 + int(us)) for n, s, us in zip(*of_pairs, strict=True)] == [
        (len(times[pair]), sum(times[pair])) for pair in known
    ]


@given(
    lists=st.lists(st.lists(st.integers(0, 2), max_size=5), max_size=30, unique_by=tuple),
    bounds=st.tuples(st.integers(0, 30), st.integers(0, 30)),
)
def test_a_stretch_of_the_order_is_that_of_sorting(
    lists: list[list[int]], bounds: tuple[int, int]
) -> None:
    start, end = sorted(min(bound, len(lists)) for bound in bounds)
    list_starts = np.cumsum([0, *map(len, lists)])
    ranks = np.array([code for one in lists for code in one], np.int64)
    ordered = ranking.ordered_lists(list_starts, ranks, start, end)
    assert [lists[number] for number in ordered] == sorted(lists)[start:end]


@pytest.mark.parametrize(
    "module",
    [buckets, chunks, long_ngrams, ngrams, occurrences, paths, ranking, sequences, transitions],
    ids=lambda module: module.__name__.rpartition(".")[2],
)
def test_warming_calls_every_kernel(module: object) -> None:
    with np.errstate(over="ignore"):
        module.warm()  # type: ignore[attr-defined]
