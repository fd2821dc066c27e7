"""Sums and surveys of ranges of rows, against plain Python on lists."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.kernels import units
from journeygraph.kernels.tiny import read_only

MISSING = np.iinfo(np.int64).min
N_ITEMS, SKIPPED, REPEATED = 3, 254, 255

codes = st.sampled_from([0, 1, 2, SKIPPED, REPEATED])
parts = st.lists(st.lists(st.tuples(codes, st.integers(-5, 5)), max_size=6), max_size=5)


@given(values=st.lists(st.lists(st.sampled_from([MISSING, 0, 5, -3, 2**40]))))
def test_values_are_summed(values: list[list[int]]) -> None:
    bounds = np.cumsum([0, *map(len, values)])
    flat = read_only([one for some in values for one in some])
    sums = units.sum_values(read_only(bounds[:-1]), read_only(bounds[1:]), flat)
    assert sums.tolist() == [sum(one for one in some if one != MISSING) for some in values]


@given(journeys=parts)
def test_what_is_kept_is_surveyed(journeys: list[list[tuple[int, int]]]) -> None:
    bounds = np.cumsum([0, *map(len, journeys)])
    rows = [row for journey in journeys for row in journey]
    kept = [(code, at) for code, at in rows if code != SKIPPED]
    item_codes, at_us = read_only([c for c, _ in rows], np.uint8), read_only([a for _, a in rows])
    given_rows = read_only(bounds[:-1]), read_only(bounds[1:]), item_codes, N_ITEMS, REPEATED
    n_kept, first, last = units.survey_rows(*given_rows, at_us)
    assert n_kept == len(kept)
    if kept:
        assert (first, last) == (min(at for _, at in kept), max(at for _, at in kept))
    seen = np.zeros(11, np.bool_)
    units.mark_kept(*given_rows, read_only([at + 5 for _, at in rows], np.uint8), seen)
    assert np.flatnonzero(seen).tolist() == sorted({at + 5 for _, at in kept})
