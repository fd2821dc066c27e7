"""How cascades spread, against walks along the tree from every member to every other."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.kernels.cascades import add_up_decayed, hand_to_parents, spread_of_cascades


@st.composite
def forests(draw):
    """The parent of each customer, itself where it is a root; a customer comes in any place."""
    size = draw(st.integers(1, 9))
    parents = [draw(st.integers(-1, customer - 1)) for customer in range(size)]
    place = draw(st.permutations(range(size)))
    found = [0] * size
    for customer, parent in enumerate(parents):
        found[place[customer]] = place[customer if parent < 0 else parent]
    return found


values = st.lists(st.integers(-50, 50), min_size=9, max_size=9)


def way_up(parents, customer):
    way = [customer]
    while parents[way[-1]] != way[-1]:
        way.append(parents[way[-1]])
    return way


def brought_of(parents):
    """Who was brought, the deepest first."""
    brought = [one for one, parent in enumerate(parents) if parent != one]
    return sorted(brought, key=lambda one: -len(way_up(parents, one)))


def below(parents, customer):
    return [one for one in range(len(parents)) if customer in way_up(parents, one)[1:]]


def int32(numbers):
    return np.array(numbers, np.int32)


@given(parents=forests())
def test_generations_and_distances(parents):
    ways = [way_up(parents, one) for one in range(len(parents))]
    trees = {way[-1]: [] for way in ways}
    for one, way in enumerate(ways):
        trees[way[-1]].append(one)
    n_generations = [max(len(ways[one]) for one in tree) for tree in trees.values()]
    starts = np.cumsum([0, *n_generations])
    number_of = np.full(len(parents), -7, np.int32)
    number_of[list(trees)] = np.arange(len(trees))
    sizes, wholes, remainders = spread_of_cascades(
        int32(brought_of(parents)),
        int32([len(below(parents, one)) for one in range(len(parents))]),
        int32([len(way) - 1 for way in ways]),
        int32([way[-1] for way in ways]),
        number_of,
        starts,
    )
    for number, tree in enumerate(trees.values()):
        depths = [len(ways[one]) - 1 for one in tree]
        generations = [depths.count(depth) for depth in range(n_generations[number])]
        assert sizes[starts[number] : starts[number + 1]].tolist() == generations
        distances = sum(
            len(set(ways[one]) ^ set(ways[other])) for one, other in combinations(tree, 2)
        )
        assert len(tree) * wholes[number] + remainders[number] == distances


@given(parents=forests(), values=values, factor=st.sampled_from([0.0, 0.5, 1.0]))
def test_what_is_handed_up(parents, values, factor):
    values = values[: len(parents)]
    given_rows = int32(parents), int32(brought_of(parents)), np.array(values)
    direct = [
        sum(values[one] for one in below(parents, customer) if parents[one] == customer)
        for customer in range(len(parents))
    ]
    assert hand_to_parents(*given_rows).tolist() == direct
    decayed = [
        sum(
            values[one] * factor ** (way_up(parents, one).index(customer) - 1)
            for one in below(parents, customer)
        )
        for customer in range(len(parents))
    ]
    assert add_up_decayed(*given_rows, factor).tolist() == pytest.approx(decayed)
