"""Changes of level: against all orders of few points, and how often chance is found."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from queries import change_points
from queries.change_points import FEWEST_POINTS, MOST_POINTS, find_changes


def contrast(points, begin, end):
    """As the page words it: squared difference of the levels, by how heavy both are."""
    sides = points[begin:end], points[:begin] + points[end:]
    (inner, heavy), (rest, other) = (
        (sum(x for x, _ in side), sum(w for _, w in side)) for side in sides
    )
    return heavy * other / (heavy + other) * (inner / heavy - rest / other) ** 2


def stretches(n):
    """Two points or more, with as many left, and no single point at an edge."""
    for begin in (0, *range(2, n)):
        for end in (*range(begin + 2, n - 1), n):
            if end - begin >= 2 and n - (end - begin) >= 2:
                yield begin, end


def best(points):
    return max(contrast(points, *stretch) for stretch in stretches(len(points)))


def found_in(points, n=4_000, at_most=1.0, seed=1):
    sums, weights = np.array(points, float).T
    return find_changes(sums, weights, permutations=n, seed=seed, at_most=at_most)


def test_the_p_is_that_of_all_orders(monkeypatch):
    monkeypatch.setattr(change_points, "FEWEST_POINTS", 6)
    points = [(1, 10), (2, 20), (3, 15), (7, 5), (9, 10), (4, 20)]
    own = best(points)
    every = [best(list(order)) for order in permutations(points)]
    exact = sum(one >= own * (1 - 1e-12) for one in every) / len(every)
    changes, tested = found_in(points, at_most=0.999)
    places = sorted({0, *(change.place for change in changes), 6})
    assert contrast(points, places[1] if len(places) == 4 else 0, places[-2]) == pytest.approx(own)
    assert (tested, exact < 0.9) == (1, True)
    for change in changes:
        assert change.p_value == pytest.approx(exact, abs=0.02)
        assert change.q_value == change.p_value


def test_the_fewest_points_can_tell_a_step():
    step = [(0, 1)] * (FEWEST_POINTS // 2) + [(1, 1)] * (FEWEST_POINTS - FEWEST_POINTS // 2)
    assert found_in(step)[0][0].p_value < 0.05
    fewer = [(0, 1)] * 4 + [(1, 1)] * 4
    orders = set(permutations(fewer, 8))
    rare = sum(best(list(order)) >= best(fewer) for order in orders) / len(orders)
    assert rare > 0.05


def test_both_sides_are_looked_at_again():
    levels = [3.0] * 10 + [9.0] * 10 + [3.0] * 10
    noise = np.random.default_rng(0).normal(0, 0.5, 30)
    changes, tested = found_in([(a + b, 1) for a, b in zip(levels, noise, strict=True)],
                               at_most=0.05)  # fmt: skip
    assert [change.place for change in changes] == [10, 20]
    assert tested > 2
    assert all(change.q_value <= 0.05 for change in changes)
    assert all(change.first < change.place <= change.last for change in changes)


def test_nothing_is_looked_for_where_nothing_can_be_found():
    assert found_in([(1, 1)] * (FEWEST_POINTS - 1)) == ([], 0)
    assert found_in([(number, 1) for number in range(20)], n=0) == ([], 0)
    assert found_in([(number, 1) for number in range(MOST_POINTS + 1)]) == ([], 0)
    changes, _tested = found_in([(2, 1)] * 9)
    assert {change.p_value for change in changes} == {1.0}


def test_chance_is_found_no_more_often_than_it_says():
    random = np.random.default_rng(5)
    hits = 0
    for number in range(100):
        n = random.integers(5, 60, 12)
        points = list(zip(random.binomial(n, 0.3).tolist(), n.tolist(), strict=True))
        changes, _tested = found_in(points, n=99, at_most=0.1, seed=number)
        hits += bool(changes)
    assert hits <= 20  # 10 expected; more than 20 are one in a thousand


def test_the_same_seed_gives_the_same():
    points = [(number % 5, 1 + number % 3) for number in range(20)]
    assert found_in(points, seed=3) == found_in(points, seed=3)
