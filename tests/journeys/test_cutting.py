"""Where rows are cut for threads, and whether ranges of them leave any out."""

from __future__ import annotations

from unittest import mock

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from journeygraph import conditions
from journeygraph.cutting import leave_no_gap


@given(
    lengths=st.lists(st.integers(1, 4), min_size=1, max_size=6),
    gaps=st.lists(st.integers(0, 1), min_size=6, max_size=6),
)
def test_ranges_leave_a_gap_or_none(lengths: list[int], gaps: list[int]) -> None:
    some = gaps[: len(lengths)]
    ends = np.array(lengths, np.int64).cumsum() + np.array(some, np.int64).cumsum()
    starts = ends - np.array(lengths, np.int64)
    assert leave_no_gap(starts, ends) == (not any(some[1:]))
    bounds = np.concatenate([starts[:1], ends])
    assert leave_no_gap(bounds[:-1], bounds[1:])


@given(n_rows=st.integers(0, 30), n_threads=st.integers(1, 5))
def test_pieces_are_all_rows_in_their_order(n_rows: int, n_threads: int) -> None:
    with (
        mock.patch.object(conditions, "_ROWS_PER_PIECE", 4),
        mock.patch.object(conditions, "n_threads", return_value=n_threads),
    ):
        pieces = conditions.in_pieces(lambda piece: list(range(n_rows))[piece], n_rows)
    assert [row for piece in pieces for row in piece] == list(range(n_rows))
    assert [len(piece) for piece in pieces[:-1]] == [4] * (len(pieces) - 1)
