"""A few sequences among many, against a search in a list."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.kernels.sequence_matches import hash_sequences, match_sequences
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
    many=st.lists(sequences, max_size=8, unique=True),
    few=st.lists(sequences, max_size=5),
    data=st.data(),
    collide=st.booleans(),
)
@pytest.mark.parametrize("dtype", CODE_TYPES)
def test_few_among_many(dtype, many, few, data, collide):
    """Where every hash is the same, comparing the items tells sequences apart."""
    codes, rows, ends = data.draw(with_skips(many, dtype))
    few_codes, few_rows, few_ends = data.draw(with_skips(few, WIDE))
    hashes = hash_sequences(codes, N_ITEMS, rows, ends)
    few_hashes = hash_sequences(few_codes, N_ITEMS, few_rows, few_ends)
    for hashed, sequence in zip(few_hashes.tolist(), few, strict=True):
        if sequence in many:  # whatever the width of the codes, and what stands between them
            assert hashed == hashes[many.index(sequence)]
    if collide:
        hashes, few_hashes = np.full_like(hashes, 5), np.full_like(few_hashes, 5)
    numbers = match_sequences(
        read_only(hashes, np.uint64), rows, ends, codes, N_ITEMS,
        read_only(few_hashes, np.uint64), few_rows, few_ends, few_codes, N_ITEMS,
    )  # fmt: skip
    assert numbers.tolist() == [many.index(one) if one in many else -1 for one in few]
