"""The hash table of numbers; `tests/lake/test_names.py` has the rest."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.kernels.number_keys import (
    fill_numbers,
    meet_numbers,
    settle_numbers,
    take_into_range,
)
from journeygraph.kernels.tiny import read_only

# NumPy's own integers say when they wrap around, compiled ones do not.
pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered")

FIRST_NEW = 1 << 62
WHOLE = st.integers(-(2**63), 2**63 - 1)
numbers = st.lists(st.integers(-3, 12) | WHOLE, max_size=40)


FIRST = read_only([-2]).view(np.uint64)[0]


def no_range():
    return np.zeros(0, np.int64)


def meet(values, slots, key_of, ranged=None):
    """The keys of numbers, those of new ones given by `key_of`; and the new ones in order."""
    ranged = no_range() if ranged is None else ranged
    bits = read_only(np.array(values, np.int64).view(np.uint64), np.uint64)
    keys, rows, places = np.full((3, len(values)), -9, np.int64)
    n_new = meet_numbers(bits, FIRST, ranged, np.uint64(7), FIRST_NEW, slots, keys, rows, places)
    new = [values[row] for row in rows[:n_new].tolist()]
    new_keys = read_only([key_of(number) for number in new])
    settle_numbers(FIRST_NEW, new_keys, places[:n_new], ranged, slots, keys)
    return keys.tolist(), new


@given(parts=st.lists(numbers, max_size=3))
def test_numbers_keep_the_keys_that_they_were_given(parts):
    slots, known = np.zeros((256, 2), np.uint64), {}
    for part in parts:
        before = list(known)
        keys, new = meet(part, slots, lambda n: known.setdefault(n, 5 * len(known)))
        assert new == [n for n in dict.fromkeys(part) if n not in before]
        assert keys == [known[number] for number in part]
    grown = np.zeros((512, 2), np.uint64)
    fill_numbers(slots, np.uint64(7), grown)
    everybody = list(known)
    assert meet(everybody, grown, lambda _: -1) == ([known[n] for n in everybody], [])


@given(parts=st.lists(numbers, max_size=3), size=st.integers(0, 12))
def test_a_range_beside_the_slots_changes_no_key(parts, size):
    slots, ranged, known = np.zeros((256, 2), np.uint64), np.zeros(size, np.int64), {}
    for part in parts:
        keys, _ = meet(part, slots, lambda n: known.setdefault(n, 5 * len(known)), ranged)
        assert keys == [known[number] for number in part]
    assert list(np.flatnonzero(ranged) - 2) == sorted(n for n in known if -2 <= n < size - 2)
    assert np.count_nonzero(slots[:, 1]) == len(known) - np.count_nonzero(ranged)
    wider = np.zeros(size + 3, np.int64)
    wider[:size] = ranged
    n_moved = take_into_range(slots, FIRST, wider)
    assert n_moved == sum(size <= n + 2 < size + 3 for n in known)
    everybody = list(known)
    assert meet(everybody, slots, lambda _: -1, wider) == ([known[n] for n in everybody], [])


@given(values=st.lists(WHOLE, min_size=1, max_size=7, unique=True))
def test_a_table_that_is_nearly_full_is_searched_around_its_end(values):
    slots = np.zeros((8, 2), np.uint64)
    expected = list(range(len(values)))
    assert meet(values, slots, values.index) == (expected, values)
    assert meet(values[::-1], slots, lambda _: -1) == (expected[::-1], [])
