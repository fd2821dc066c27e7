"""Alignments against trying every way to hand items to steps."""

from __future__ import annotations

import math
from itertools import pairwise, product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph.kernels.plan_alignment import align_plan
from journeygraph.kernels.tiny import read_only

plans = st.lists(
    st.tuples(st.sampled_from(["a", "b", "ab"]), st.booleans(), st.booleans()),
    min_size=1, max_size=3,
)  # fmt: skip
"""What each step can be, whether it may be left out, and whether it repeats."""
units = st.lists(st.tuples(st.text("ab", max_size=4), st.booleans()), max_size=3)


def every_way(items, plan, is_open):
    """The cheapest of all ways, then the one whose items go to the earliest steps."""
    ways = []
    for way in product([*range(len(plan)), math.inf], repeat=len(items)):
        taken = [step for step in way if step != math.inf]
        fits = all(
            item in plan[step][0] for item, step in zip(items, way, strict=True) if step != math.inf
        )
        ordered = all(
            one < other or (one == other and plan[one][2]) for one, other in pairwise(taken)
        )
        if fits and ordered:
            needed = range(max(taken, default=-1) + 1) if is_open else range(len(plan))
            unmet = sum(step not in taken and not plan[step][1] for step in needed)
            ways.append((way.count(math.inf) + unmet, way))
    return min(ways)


def aligned(units, plan):
    symbols = ["ab".index(item) for items, _ in units for item in items]
    bounds = np.cumsum([0, *(len(items) for items, _ in units)])
    matches = np.array([[name in step[0] for step in plan] for name in "ab"])
    costs = read_only([not optional for _, optional, _ in plan])
    repeats = np.array([repeats for _, _, repeats in plan])
    are_open = np.array([is_open for _, is_open in units], np.bool_)
    return align_plan(read_only(symbols), read_only(bounds), matches, costs, repeats, are_open)


@settings(max_examples=15)
@given(units=units, plan=plans)
def test_it_is_the_cheapest_and_earliest_of_all_ways(units, plan):
    steps, costs = aligned(units, plan)
    ways = [every_way(items, plan, is_open) for items, is_open in units]
    assert costs.tolist() == [cost for cost, _ in ways]
    flat = [-1 if step == math.inf else step for _, way in ways for step in way]
    assert steps.tolist() == flat


def test_what_repeats_may_be_interrupted():
    plan = [("a", False, True), ("b", False, False)]
    steps, costs = aligned([("aabab", False), ("", False), ("", True)], plan)
    # the b in the middle is left over, as leaving out the last a and b would cost 2
    assert steps.tolist() == [0, 0, -1, 0, 1]
    assert costs.tolist() == [1, 2, 0]


def test_as_many_steps_as_a_plan_may_have():
    plan = [("a", False, False)] * 100
    steps, costs = aligned([("a" * 100, False), ("a" * 40, True)], plan)
    assert steps.tolist() == [*range(100), *range(40)]
    assert costs.tolist() == [0, 0]
