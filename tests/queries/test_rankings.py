"""A ranking is the plain sort by number and id, whatever part of it is asked for."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.graph_build import graph_from_rows
from queries.rankings import ranked


@given(
    numbers=st.dictionaries(st.text(max_size=2), st.integers(-2, 2), max_size=12),
    start=st.integers(0, 12),
    size=st.integers(0, 12),
    data=st.data(),
)
def test_any_part_is_that_of_the_plain_sort(
    numbers: dict[str, int], start: int, size: int, data: st.DataObject
) -> None:
    graph = graph_from_rows([], customers=list(numbers))
    chosen = (
        data.draw(st.lists(st.sampled_from(range(len(numbers))), unique=True)) if numbers else []
    )
    names = list(numbers)
    expected = sorted(chosen, key=lambda index: (-numbers[names[index]], names[index]))
    end = min(start + size, len(chosen))
    found = ranked(
        graph,
        np.array(sorted(chosen), np.int64),
        np.array(list(numbers.values()), np.int32),
        min(start, len(chosen)),
        end,
    )
    assert found == [(index, names[index]) for index in expected[start:end]]
