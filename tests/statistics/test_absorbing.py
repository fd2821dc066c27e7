"""Removal effects: dense and sparse solutions agree, and both with a chain solved anew."""

from __future__ import annotations

import numpy as np
import pytest

from journeygraph.graph_build import graph_from_rows
from journeygraph.journeys import Journeys
from journeygraph.statistics import absorbing
from journeygraph.statistics.absorbing import chain_of, matrix_of, removals, walked
from journeygraph.statistics.attribution import MOVES, bits_of
from journeygraph.statistics.base import total


def wandering(n_items: int, n_customers: int, seed: int) -> Journeys:
    """Walks that come back: half of the steps go to one of few items."""
    rng = np.random.default_rng(seed)
    rows = []
    for customer in range(n_customers):
        for at in range(int(rng.geometric(0.15))):
            item = rng.integers(4 if rng.random() < 0.5 else n_items)
            rows.append((str(customer), at, f"t{item}"))
        if rng.random() < 0.4:
            rows.append((str(customer), 10_000, "purchase"))
    rows.append(("last", 10**15, "t0"))
    view: Journeys = graph_from_rows(rows).journeys()
    return view


WAYS_TO_SOLVE: dict[str, dict[str, int]] = {
    "factorised": {"FEW_STATES": 10**9, "MOST_DENSE_STATES": 1, "_COLUMNS_AT_ONCE": 7},
    "factorised, but for groups": {"FEW_STATES": 10**9, "MOST_DENSE_STATES": 20},
    "by steps": {"FEW_STATES": 0, "_ITEMS_AT_ONCE": 7},
    "by steps that do not suffice": {"FEW_STATES": 0, "_MOST_STEPS": 3},
}


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("way", [*WAYS_TO_SOLVE])
def test_every_way_is_the_dense_one(order: int, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    view = wandering(60, 300, order)
    moves = total(MOVES, view, order=order)
    monkeypatch.setattr(absorbing, "FEW_STATES", 10**9)
    dense = removals(moves, view.n_items, order)
    for name, number in WAYS_TO_SOLVE[way].items():
        monkeypatch.setattr(absorbing, name, number)
    other = removals(moves, view.n_items, order)
    assert other.n_states == dense.n_states > 20
    assert other.outcome_rate == pytest.approx(dense.outcome_rate, rel=1e-12)
    assert other.effects == pytest.approx(dense.effects, rel=1e-9, abs=1e-14)
    assert dense.effects.max() > 0.1


def test_who_goes_round_for_long_is_not_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps end only when nobody is under way: these are solved otherwise, and alike."""
    rows: list[tuple[object, ...]] = [("c", at, f"t{at % 3}") for at in range(6_000)]
    rows += [("c", 6_000, "purchase"), ("d", 0, "t1"), ("d", 1, "t0"), ("last", 10**15, "t0")]
    view = graph_from_rows(rows).journeys()
    moves = total(MOVES, view, order=2)
    monkeypatch.setattr(absorbing, "FEW_STATES", 0)
    n = len(chain_of(moves, view.n_items, 2).states)
    assert walked(matrix_of(chain_of(moves, view.n_items, 2)), np.full(n, 0.5)) is None
    found = removals(moves, view.n_items, 2)
    assert found.outcome_rate == pytest.approx(0.5)
    assert found.effects[view.items.index("t2")] == pytest.approx(1.0)


def test_effects_are_those_of_the_chain_without_the_item() -> None:
    """One linear system for each item, its row and column taken out, as the textbook has it."""
    view = wandering(25, 200, 7)
    moves = total(MOVES, view)
    n = view.n_items
    assert n < 1 << bits_of(n)
    counts = np.zeros((n + 1, n + 3))
    for row in moves.to_pylist():
        counts[row["state"], row["next"]] += row["moves"]
    chances = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)

    def rate(removed: int | None) -> float:
        kept = [state for state in range(n + 1) if state != removed]
        matrix = np.eye(len(kept)) - chances[np.ix_(kept, kept)]
        return float(np.linalg.solve(matrix, chances[kept, n + 1])[0])

    found = removals(moves, n, 1)
    assert found.outcome_rate == pytest.approx(rate(None))
    assert found.effects == pytest.approx([1 - rate(item + 1) / rate(None) for item in range(n)])


def test_the_chain_knows_the_rate_of_the_paths() -> None:
    """Whatever its order, a chain of all paths converts as often as they do."""
    view = wandering(10, 100, 3)
    for order in (1, 2, 4):
        moves = total(MOVES, view, order=order)
        ends = {
            name: sum(row["moves"] for row in moves.to_pylist() if row["next"] == code)
            for name, code in (("outcome", view.n_items + 1), ("null", view.n_items + 2))
        }
        expected = ends["outcome"] / (ends["outcome"] + ends["null"])
        assert removals(moves, view.n_items, order).outcome_rate == pytest.approx(expected)
