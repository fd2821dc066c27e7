from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.kernels.text_hashes import hash_texts
from journeygraph.kernels.tiny import read_only
from journeygraph.texts import hash_text

# NumPy's own integers say when they wrap around, compiled ones do not.
pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered")


@given(texts=st.lists(st.binary(max_size=20), max_size=10))
def test_many_texts_hash_as_each_does(texts: list[bytes]) -> None:
    offsets = read_only(np.cumsum([0, *(len(text) for text in texts)]))
    hashes = hash_texts(offsets, read_only(np.frombuffer(b"".join(texts), np.uint8), np.uint8))
    assert hashes.tolist() == [hash_text(text) for text in texts]


def test_the_hash_is_the_published_one() -> None:
    # The test vectors of RFC 9923, section 5.
    assert hash_text(b"") == 0xCBF29CE484222325
    assert hash_text(b"a") == 0xAF63DC4C8601EC8C
    assert hash_text(b"foobar") == 0x85944171F73967E8
