"""Numbers that were met are known again, whether they are in a range or far apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from journeygraph.lake import number_keys
from journeygraph.lake.number_keys import NumberKeys

pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered")

LEAST, MOST = -(2**63), 2**63 - 1
near = st.integers(-12, 12)
at_an_end = st.integers(LEAST, LEAST + 9) | st.integers(MOST - 9, MOST)
part = st.lists(near, max_size=9) | st.lists(
    near | at_an_end | st.integers(LEAST, MOST), max_size=9
)


@example(parts=[[MOST - 1], [MOST], [MOST - 3]], small=4)
@example(parts=[[LEAST + 1], [LEAST], [LEAST + 3]], small=4)
@example(parts=[[0, 99], [1, 98], [2], [3, 97, 99, 0], [*range(99)]], small=2)
@settings(max_examples=30)
@given(parts=st.lists(part, max_size=5), small=st.sampled_from([1, 4, 30]))
def test_each_number_is_asked_for_once_in_the_order_of_appearance(parts, small):
    asked: list[int] = []

    def ask(numbers):
        asked.extend(numbers.tolist())
        return np.arange(len(asked) - len(numbers), len(asked)) * 3

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(number_keys, "_SMALL_RANGE", small)
        keys, known = NumberKeys(ask), {}
        for numbers in parts:
            expected = [known.setdefault(number, 3 * len(known)) for number in numbers]
            assert keys.encode(np.array(numbers, np.int64)).tolist() == expected
            assert asked == list(known)
