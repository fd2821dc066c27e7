"""Kernels of attribution on paths written out: tables and hash tables, weights, gaps, one pass."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.kernels import attribution as kernels
from journeygraph.kernels import touches
from journeygraph.kernels.path_survey import survey_paths
from journeygraph.kernels.tiny import read_only
from tests.kernels.widths import CODE_TYPES

N_ITEMS, N_BITS = 4, 3
NONE = np.zeros(0, np.int64)
NEVER = int(np.iinfo(np.int64).max)

walks = st.lists(
    st.tuples(st.lists(st.sampled_from([0, 1, 2, 3, 254]), max_size=9), st.booleans()), max_size=9
)


def arrays(given_walks: Any, dtype: Any = np.uint8) -> tuple[npt.NDArray[Any], ...]:
    codes = read_only([code for walk, _does in given_walks for code in walk], dtype)
    lengths = np.array([len(walk) for walk, _does in given_walks], np.int64)
    converts = np.array([does for _walk, does in given_walks], np.bool_)
    return codes, np.cumsum(lengths) - lengths, np.cumsum(lengths), converts


def items_of(walk: list[int]) -> list[int]:
    return [code for code in walk if code < N_ITEMS]


@given(walks=walks, order=st.integers(1, 3), dtype=st.sampled_from(CODE_TYPES))
def test_moves_in_a_table_and_in_a_hash_table(walks: Any, order: int, dtype: Any) -> None:
    codes, starts, ends, converts = arrays(walks, dtype)
    expected: Counter[int] = Counter()
    for walk, does in walks:
        state = 0
        following = [item + 1 for item in items_of(walk)]
        for code in [*following, N_ITEMS + (1 if does else 2)] if following else []:
            expected[state << N_BITS | code] += 2
            state = (state << N_BITS | code) & ((1 << N_BITS * order) - 1)
    twice = np.full(len(walks), 2, np.int64)
    arguments: Any = (codes, N_ITEMS, starts, ends, converts, twice, order, N_BITS)
    table = kernels.count_moves(*arguments)
    assert {key: table[key] for key in np.flatnonzero(table).tolist()} == expected
    keys, counts = kernels.hash_moves(*arguments)
    assert dict(zip(keys.tolist(), counts.tolist(), strict=True)) == expected


def test_a_hash_table_grows() -> None:
    codes, starts, ends, converts = arrays([(list(range(200)) * 30, True)])
    shuffled = read_only(np.random.default_rng(1).permutation(codes), np.uint8)
    arguments: Any = (shuffled, 200, starts, ends, converts, NONE, 2, 8)
    keys, counts = kernels.hash_moves(*arguments)
    assert counts.sum() == 6_001
    assert len(keys) == len(set(keys.tolist())) > 2_048


@given(walks=walks)
def test_sets(walks: Any) -> None:
    codes, starts, ends, converts = arrays(walks)
    values = np.arange(len(walks), dtype=np.int64)
    sets = kernels.count_sets(codes, N_ITEMS, starts, ends, converts, NONE, values)
    marks = kernels.mark_sets(codes, N_ITEMS, starts, ends)
    masks = [sum(1 << item for item in set(items_of(walk))) for walk, _does in walks]
    assert marks.tolist() == masks
    assert sets[:, 0].sum() == converts.sum()
    for mask in set(masks):
        lost = [m for m, does in zip(masks, converts, strict=True) if not does]
        assert sets[mask, 1] == lost.count(mask)
        assert sets[mask, 2] == sum(v for v, m in enumerate(masks) if m == mask)
    found = kernels.find_paths_with(codes, starts, ends, 1, 2)
    assert found.tolist() == [bool({1, 2} & set(walk)) for walk, _does in walks]


@given(walks=walks)
def test_touches_and_items_met(walks: Any) -> None:
    codes, starts, ends, converts = arrays(walks)
    is_direct = np.array([code == 3 for walk, _does in walks for code in walk], np.bool_)
    expected: Counter[int] = Counter()
    for walk, _does in walks:
        items = items_of(walk)
        expected.update((len(items) - 1) * N_ITEMS + item for item in items)
    for direct in (np.zeros(0, np.bool_), is_direct):
        keys, sums = touches.count_touches(codes, N_ITEMS, starts, ends, NONE, NONE, direct)
        assert dict(zip(keys.tolist(), sums[:, 2].tolist(), strict=True)) == expected
        n_some = sum(bool(items_of(walk)) for walk, _does in walks)
        assert sums[:, 0].sum() == sums[:, 1].sum() == n_some
    units = np.arange(len(walks), dtype=np.int64) // 2
    keys, sums = touches.count_met(codes, N_ITEMS, starts, ends, converts, NONE, NONE, units)
    met = Counter(
        (len(set(items_of(walk))) - 1) * N_ITEMS + item
        for walk, _does in walks
        for item in set(items_of(walk))
    )
    both = (sums[:, 0] + sums[:, 1]).tolist()
    assert dict(zip(keys.tolist(), both, strict=True)) == met


def test_long_paths_and_many_items_are_hashed() -> None:
    n_items, n = 60_000, 300
    walk = np.random.default_rng(2).integers(0, n_items, n)
    codes, ends = read_only(walk, np.uint32), np.array([n])
    starts, converts = np.zeros(1, np.int64), np.ones(1, np.bool_)
    keys, sums = touches.count_touches(
        codes, n_items, starts, ends, NONE, NONE, np.zeros(0, np.bool_)
    )
    assert Counter(dict(zip((keys % n_items).tolist(), sums[:, 2].tolist(), strict=True))) == (
        Counter(walk.tolist())
    )
    keys, sums = touches.count_met(codes, n_items, starts, ends, converts, NONE, NONE, starts)
    assert set((keys % n_items).tolist()) == set(walk.tolist())
    assert (sums[:, [0, 3]] == 1).all()


@given(walks=walks, value=st.integers(-(10**9), 10**9))
def test_decayed_parts_add_up(walks: Any, value: int) -> None:
    codes, starts, ends, _converts = arrays(walks)
    at_us = read_only(np.arange(len(codes)) ** 3)
    values = np.full(len(walks), value, np.int64)
    parts = touches.spread_decayed(codes, N_ITEMS, starts, ends, NONE, values, at_us, 50)
    n_some = sum(bool(items_of(walk)) for walk, _does in walks)
    assert parts[:, 0].sum() == n_some * touches.CREDIT_PARTS
    assert parts[:, 1].sum() == n_some * value * touches.VALUE_PARTS


@given(
    lengths=st.lists(st.integers(1, 8), min_size=1, max_size=12),
    n_bits=st.sampled_from([N_BITS, 5]),  # pairs counted two by two, and one by one
    scope=st.integers(0, 2),
    with_outcome=st.integers(0, 1),
    closed_until=st.sampled_from([NEVER, 20, -1]),
    data=st.data(),
)
def test_one_pass_is_path_by_path(
    lengths: list[int],
    n_bits: int,
    scope: int,
    with_outcome: int,
    closed_until: int,
    data: st.DataObject,
) -> None:
    n = sum(lengths)
    codes = read_only(data.draw(st.lists(st.integers(0, 3), min_size=n, max_size=n)), np.uint8)
    outcomes = sorted(data.draw(st.sets(st.integers(0, n - 1))))
    ends = read_only(np.cumsum(lengths))
    starts, at_us = read_only(ends - lengths), read_only(np.arange(n))
    lo = data.draw(st.integers(0, len(lengths) - 1))
    hi = data.draw(st.integers(lo, len(lengths)))
    rows = read_only(outcomes)
    pairs, firsts, lasts, sets = survey_paths(
        codes, N_ITEMS, n_bits, starts, ends, lo, hi, rows, at_us, closed_until, scope, with_outcome
    )
    first, last, does, _journeys, _n_open = kernels.cut_paths(
        starts, ends, lo, hi, rows, at_us, closed_until, scope, with_outcome
    )
    moves = kernels.count_moves(codes, N_ITEMS, first, last, does, NONE, 1, n_bits)
    square = 1 << n_bits, 1 << n_bits
    moves = moves.reshape(square)
    between = slice(1, N_ITEMS + 1)
    assert (pairs.reshape(square)[:N_ITEMS, :N_ITEMS] == moves[between, between]).all()
    assert (firsts == moves[0, 1 : N_ITEMS + 1]).all()
    assert (lasts == moves[1 : N_ITEMS + 1, N_ITEMS + 1 : N_ITEMS + 3]).all()
    expected = kernels.count_sets(codes, N_ITEMS, first, last, does, NONE, NONE)[:, 0]
    assert sets[1:].tolist() == expected[1:].tolist()
