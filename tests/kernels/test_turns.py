"""Cuts and shuffles against Python's whole numbers and fractions."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.kernels.turns import find_turns
from tests.naive.experience import turn_of

MASK = (1 << 64) - 1
STEP = 0x9E3779B97F4A7C15


def mixed(state: int) -> int:
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & MASK
    return state ^ (state >> 31)


def shuffled(values: list[int], seed: int, permutation: int) -> list[int]:
    """Fisher and Yates' shuffle by splitmix64."""
    state, found = mixed((seed + (permutation + 1) * STEP) & MASK), list(values)
    for last in range(len(found) - 1, 0, -1):
        state = (state + STEP) & MASK
        other = ((mixed(state) >> 32) * (last + 1)) >> 32
        found[last], found[other] = found[other], found[last]
    return found


def error_of(values: list[int]) -> float:
    cut = turn_of(values)
    assert cut is not None
    return sum(float(np.var(part) * len(part)) for part in (values[:cut], values[cut:]))


def found_by(journeys: list[list[int]], seeds: list[int], permutations: int):
    starts = np.cumsum([0, *map(len, journeys)])
    ratings = np.array([value for values in journeys for value in values], np.int64)
    places = np.concatenate([[], *(np.arange(len(values)) for values in journeys)])
    arrays = (starts, ratings, places.astype(np.int64), np.array(seeds, np.uint64))
    for array in arrays:
        array.flags.writeable = False
    with np.errstate(over="ignore"):
        return find_turns(*arrays, 9, permutations)


@given(
    journeys=st.lists(
        st.lists(st.sampled_from([-1000, -1, 0, 1, 250, 1000]), min_size=1, max_size=8), max_size=4
    ),
    seed=st.integers(0, MASK),
)
def test_cuts_and_shuffles_are_those_of_plain_python(journeys, seed):
    seeds = [(seed + place) & MASK for place in range(len(journeys))]
    turns, as_large, by_chance = found_by(journeys, seeds, 3)
    expected, start = np.zeros((9, 3), np.int64), 0
    for place, values in enumerate(journeys):
        cut = turn_of(values)
        assert turns[place] == (-1 if cut is None else start + cut)
        start += len(values)
        if cut is None:
            continue
        orders = [shuffled(values, seeds[place], number) for number in range(3)]
        for number, order in enumerate(orders):
            expected[turn_of(order), number] += 1
        assert as_large[place] == sum(
            error_of(order) <= error_of(values) + 1e-6 for order in orders
        )
    assert by_chance.tolist() == expected.tolist()


def test_every_order_is_as_likely():
    n = 3_000 if hasattr(find_turns, "py_func") else 300
    _turns, _as_large, by_chance = found_by([[0, 0, 1000]], [7], n)
    # 0 0 1000 turns at 2, 1000 0 0 at 1, and of 0 1000 0 both cuts are as good: at 1
    assert abs(by_chance[2].sum() / n - 1 / 3) < 0.1
    assert by_chance[1].sum() + by_chance[2].sum() == n
