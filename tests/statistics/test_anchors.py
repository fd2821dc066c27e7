"""Anchored paths are the same on any number of threads, and stand in the order of their rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from journeygraph import threads
from journeygraph.statistics.anchors import (
    Anchor,
    Occurrence,
    PathRanges,
    paths_between,
    paths_from,
    paths_through,
    paths_to,
)
from tests.journeys.views import cases
from tests.statistics.sequences import Case, view_and_units

ALL = np.zeros(0, np.bool_)


def columns(paths: PathRanges) -> list[list[int]]:
    arrays = (paths.starts, paths.ends, paths.of_journeys, paths.units)
    return [array.tolist() for array in arrays]


@given(case=cases(), data=st.data(), occurrence=st.sampled_from(list(Occurrence)))
def test_any_number_of_threads_finds_the_same(
    case: Case, data: st.DataObject, occurrence: Occurrence
) -> None:
    view, _ = view_and_units(case)
    assume(view.items)
    flags = st.lists(st.booleans(), min_size=view.n_items, max_size=view.n_items)
    first, last = (Anchor(np.array(data.draw(flags)), ALL) for _ in range(2))
    asked: list[Any] = [
        lambda: paths_from(view, first, occurrence),
        lambda: paths_to(view, first, occurrence),
        lambda: paths_through(view, first, occurrence),
        lambda: paths_between(view, first, last, occurrence),
    ]
    for ask in asked:
        alone = ask()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(threads, "_LEAST_SIZE", 1)
            patch.setenv("JOURNEYGRAPH_THREADS", "3")
            assert columns(ask()) == columns(alone)
        assert all(list(column) == sorted(column) for column in columns(alone))
        assert (alone.starts < alone.ends).all()
        if occurrence is not Occurrence.EVERY:
            assert len(np.unique(alone.units)) == len(alone)
