"""Decimal numbers out of texts, held to the naive twin where the kernel is sure."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from journeygraph.kernels.decimals import EMPTY, EXACT, UNCLEAR, parse_decimals
from tests.naive import loading as naive


def parsed(texts, exponent):
    encoded = [text.encode() for text in texts]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    offsets.flags.writeable = False
    data = np.frombuffer(b"".join(encoded), np.uint8)
    units, kinds = np.empty(len(texts), np.int64), np.empty(len(texts), np.int8)
    parse_decimals(offsets, data, exponent, units, kinds)
    return list(zip(kinds.tolist(), units.tolist(), strict=True))


plain = st.decimals(-(10**11), 10**11, places=3).map(str)


@given(st.lists(plain | st.text("0123456789.-+e ", max_size=12)), st.integers(0, 3))
@example(["999999999999999.999", "1000000000000000", "-0.005", " 12 ", "1.", "--1", ""], 3)
def test_what_is_exact_is_what_the_naive_twin_says(texts, exponent):
    for text, (kind, units) in zip(texts, parsed(texts, exponent), strict=True):
        if kind == EXACT and abs(units) <= 2**53:
            assert naive.amount(text, exponent) == units
        elif kind == EMPTY:
            assert not text.strip(" ")


@given(st.lists(plain))
def test_plain_numbers_are_clear(texts):
    assert UNCLEAR not in {kind for kind, _ in parsed(texts, 3)}
