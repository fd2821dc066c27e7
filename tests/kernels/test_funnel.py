"""The funnel's kernel against every choice of occurrences there is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from journeygraph.kernels.buckets import count_buckets
from journeygraph.kernels.funnel import (
    NO_WINDOW,
    count_walks,
    follow_steps,
    measure_steps,
)
from journeygraph.kernels.funnel_steps import ROW, STEP, collect_steps, step_slots
from journeygraph.kernels.tiny import read_only
from tests.kernels.views import view_of
from tests.kernels.widths import CODE_TYPES
from tests.naive import funnel as naive

ITEMS = "abcd"
EDGES = np.array([0, 1, 2, 3, 5, 8])

steps = st.lists(st.sets(st.sampled_from(ITEMS), min_size=1), min_size=1, max_size=4)
windows = st.none() | st.integers(1, 12)


@st.composite
def journeys(draw, after=0):
    """A journey with ties, in time order; `None` is an interaction that is no item."""
    gaps = draw(st.lists(st.integers(0, 4), max_size=7))
    at = after + np.cumsum(gaps, dtype=int)
    return [(int(moment), draw(st.sampled_from([*ITEMS, None]))) for moment in at]


@st.composite
def units(draw):
    """A unit with up to three journeys, one after the other."""
    result, after = [], 0
    for _ in range(draw(st.integers(1, 3))):
        result.append(draw(journeys(after)))
        after = max([after, *(at for at, _item in result[-1])])
    return result


views = st.lists(units(), max_size=4).map(lambda drawn: view_of(drawn, ITEMS))


def follow(view, steps, window, strict, journeys=None):
    codes = [[ITEMS.index(name) for name in step] for step in steps]
    return follow_steps(
        *view.rows,
        *view.block(journeys),
        *step_slots(codes, view.n_items),
        len(steps),
        NO_WINDOW if window is None else window,
        strict,
    )


def naive_walks(view, steps, window, strict):
    return [naive.best_walk(unit, steps, window, strict) for unit in view.units]


@given(view=views, steps=steps, window=windows, strict=st.booleans())
@example(  # the window makes the second start count
    view=view_of([[[(0, "a"), (1, "b"), (9, "a"), (10, "b"), (11, "c")]]], ITEMS),
    steps=[{"a"}, {"b"}, {"c"}], window=5, strict=False,
)  # fmt: skip
@example(  # a later journey comes as far, but does not go before the first
    view=view_of([[[(0, "a"), (1, "b")], [(2, "a"), (5, "b")]]], ITEMS),
    steps=[{"a"}, {"b"}, {"c"}], window=None, strict=False,
)  # fmt: skip
@example(  # the second journey comes further than the first
    view=view_of([[[(0, "a"), (1, "b")], [(2, "a"), (5, "b"), (6, "c")]]], ITEMS),
    steps=[{"a"}, {"b"}, {"c"}, {"d"}], window=None, strict=False,
)  # fmt: skip
def test_the_kernel_finds_what_trying_everything_finds(view, steps, window, strict):
    depths, latest_us, met_at_us = follow(view, steps, window, strict)
    walks = naive_walks(view, steps, window, strict)
    assert depths.tolist() == [len(walk.met_at) if walk else 0 for walk in walks]
    for unit, walk in enumerate(walks):
        if walk and len(walk.met_at) < len(steps):
            assert latest_us[unit] == walk.latest_start
    deep = [walk.met_at for walk in walks if walk and len(walk.met_at) >= 2]
    assert [row[: len(met)].tolist() for row, met in zip(met_at_us, deep, strict=True)] == deep


@given(view=views, steps=steps, window=windows, strict=st.booleans())
def test_the_times_of_a_step_are_those_of_the_units_that_met_it(view, steps, window, strict):
    depths, _latest_us, met_at_us = follow(view, steps, window, strict)
    walks = naive_walks(view, steps, window, strict)
    for step in range(2, len(steps) + 1):
        met = [walk.met_at for walk in walks if walk and len(walk.met_at) >= step]
        for since in range(1, step):
            expected = [times[step - 1] - times[since - 1] for times in met]
            assert measure_steps(depths, met_at_us, step, since).tolist() == expected


@given(view=views, steps=steps, window=windows, strict=st.booleans(), data=st.data())
def test_units_are_counted_by_depth_and_times_by_bucket(view, steps, window, strict, data):
    depths, _latest_us, met_at_us = follow(view, steps, window, strict)
    some = data.draw(st.lists(st.booleans(), min_size=view.n_units, max_size=view.n_units))
    stopped, still = np.zeros((2, len(steps) + 1), np.int64)
    histograms = np.zeros((2, len(steps), len(EDGES)), np.int64)
    could_go_on = np.array(some, np.bool_)
    count_walks(depths, could_go_on, met_at_us, EDGES, stopped, still, histograms)
    for depth in range(len(steps) + 1):
        assert stopped[depth] == depths.tolist().count(depth)
        assert still[depth] == depths[could_go_on].tolist().count(depth)
    assert not histograms[:, 0].any()
    assert not histograms[1, :2].any()
    for step in range(2, len(steps) + 1):
        for histogram, since in zip(histograms[: step - 1], (step - 1, 1), strict=False):
            times = measure_steps(depths, met_at_us, step, since)
            assert histogram[step - 1].tolist() == count_buckets(times, EDGES).tolist()


@given(view=views, steps=steps, window=windows, strict=st.booleans(), cut=st.integers(0, 4))
def test_two_blocks_give_what_one_gives(view, steps, window, strict, cut):
    whole = follow(view, steps, window, strict)
    cut = min(cut, view.n_units)
    halves = [
        follow(view, steps, window, strict, units) for units in ((0, cut), (cut, view.n_units))
    ]
    assert np.concatenate([half[0] for half in halves]).tolist() == whole[0].tolist()
    assert sum(len(half[2]) for half in halves) == len(whole[2])


@pytest.mark.parametrize("dtype", CODE_TYPES)
def test_codes_of_every_width(dtype):
    view = view_of([[[(0, "a"), (1, None), (2, "b")]]], ITEMS, dtype)
    assert follow(view, [{"a"}, {"b"}], None, True)[0].tolist() == [2]


def test_thirty_steps_of_one_item_need_thirty_interactions():
    view = view_of([[[(at, "a") for at in range(n)]] for n in (29, 30, 31)], ITEMS)
    for strict in (False, True):
        assert follow(view, [{"a"}] * 30, None, strict)[0].tolist() == [29, 30, 30]


def test_slots_name_the_last_step_of_an_item_first():
    slot_steps, next_slots = step_slots([[0], [1, 0], [0]], 3)
    chain, slot = [], 0
    while slot >= 0:
        chain.append(int(slot_steps[slot]))
        slot = next_slots[slot]
    assert chain == [2, 1, 0]
    assert slot_steps[1] == 1
    assert slot_steps[2] == 4


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([[0], [1]], [(0, 0), (1, 1), (2, 0), (6, 1)]),
        ([[0], [0, 1]], [(0, 1), (0, 0), (1, 1), (2, 1), (2, 0), (6, 1)]),
    ],
)
def test_steps_are_collected_in_journeys_alone(steps, expected):
    item_codes = read_only([0, 1, 0, 1, 0, 255, 1, 0], np.uint8)
    starts, ends = read_only([0, 2, 5]), read_only([2, 3, 7])
    found = collect_steps(item_codes, 2, starts, ends, *step_slots(steps, 2), len(steps))
    assert [(row >> ROW, row & STEP) for row in found[:-1].tolist()] == expected
    assert found[-1] > 8 << ROW
