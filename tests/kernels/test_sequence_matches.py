"""A few sequences among many, against a search in a list."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.kernels.sequence_matches import find_numbers, hash_sequences, same_sequences
from journeygraph.kernels.sequences import MULTIPLIER
from journeygraph.kernels.tiny import read_only
from tests.kernels.widths import CODE_TYPES

pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered")  # interpreted hashes

N_ITEMS = 3
WIDE = np.uint32

sequences = st.lists(st.integers(0, N_ITEMS - 1), max_size=4).map(tuple)


@st.composite
def with_skips(draw, listed, dtype):
    """Codes of sequences, one after the other, with codes between them that are no items."""
    codes, rows, ends = [], [], []
    for sequence in listed:
        rows.append(len(codes))
        for item in sequence:
            codes += [int(np.iinfo(dtype).max)] * draw(st.integers(0, 1)) + [item]
        codes += [N_ITEMS] * draw(st.integers(0, 1))
        ends.append(len(codes))
    return read_only(codes, dtype), read_only(rows), read_only(ends)


@given(
    many=st.lists(sequences, min_size=1, max_size=8, unique=True),
    few=st.lists(sequences, max_size=5),
    data=st.data(),
)
@pytest.mark.parametrize("dtype", CODE_TYPES)
def test_few_among_many(dtype, many, few, data):
    """Hashes are the same whatever the width of the codes, and what stands between them."""
    codes, rows, ends = data.draw(with_skips(many, dtype))
    few_codes, few_rows, few_ends = data.draw(with_skips(few, WIDE))
    hashes = hash_sequences(codes, N_ITEMS, rows, ends)
    few_hashes = hash_sequences(few_codes, N_ITEMS, few_rows, few_ends)
    for hashed, sequence in zip(few_hashes.tolist(), few, strict=True):
        if sequence in many:
            assert hashed == hashes[many.index(sequence)]
    for place, sequence in enumerate(many):
        extent = (read_only([column[place]] * len(few)) for column in (rows, ends))
        is_same, _ = same_sequences(codes, N_ITEMS, *extent, few_codes, N_ITEMS, few_rows, few_ends)
        assert is_same == all(one == sequence for one in few)


@given(
    many=st.lists(st.integers(0, 30), max_size=40),
    few=st.lists(st.integers(0, 40), max_size=40),
    factor=st.sampled_from([1, 1 << 59, int(MULTIPLIER)]),
)
def test_numbers_are_found_where_they_stand_last(many, few, factor):
    """Whether they are close together, or spread over all numbers."""
    numbers, wanted = (
        np.array([one * factor % 2**64 for one in listed], np.uint64) for listed in (many, few)
    )
    places = find_numbers(read_only(numbers, np.uint64), read_only(wanted, np.uint64))
    last = {one * factor % 2**64: place for place, one in enumerate(many)}
    assert places.tolist() == [last.get(one, -1) for one in wanted.tolist()]
