"""Moves that are listed once and added up for a draw, against counting the drawn paths anew."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph.statistics.attribution import MOVES
from journeygraph.statistics.path_moves import PathMoves
from journeygraph.statistics.paths_to_outcomes import PathRule, paths_of_journeys, total_of
from tests.journeys.views import cases
from tests.statistics.sequences import Case, view_and_units


@settings(max_examples=15)
@given(case=cases(), order=st.integers(1, 2), seed=st.integers(0, 5))
def test_a_draw_is_what_its_paths_count(case: Case, order: int, seed: int) -> None:
    view, _units = view_and_units(case)
    parts = paths_of_journeys(view, PathRule())
    draws = np.random.default_rng(seed)
    drawn = [part.weighted(draws.integers(0, 3, len(part.starts))) for part in parts]
    found, worth = PathMoves.of(parts, view.n_items, order).total([one.weights for one in drawn])
    expected = total_of(MOVES, drawn, order=order)
    there = [move for move in found.to_pylist() if move["moves"]]
    assert there == [move for move in expected.to_pylist() if move["moves"]]
    brought = [
        part.weighted(part.values * one.weights).converting
        for part, one in zip(parts, drawn, strict=True)
    ]
    outcomes = total_of(MOVES, brought, order=order).to_pylist()
    assert {
        (move["state"], amount)
        for move, amount in zip(found.to_pylist(), worth.tolist(), strict=True)
        if amount
    } == {
        (move["state"], move["moves"])
        for move in outcomes
        if move["next"] == view.n_items + 1 and move["moves"]
    }
