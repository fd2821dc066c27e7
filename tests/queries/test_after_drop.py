"""After the drop: what adds up, what the twin and funnels count, and what is refused."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from journeygraph.errors import (
    ConflictingOptionsError,
    InvalidDurationError,
    InvalidOptionError,
    UnknownItemError,
)
from journeygraph.graph_build import graph_from_rows
from journeygraph.journeys import Unit
from journeygraph.statistics.after_drop import AFTER_DROP, Budget
from queries.after_drop import AfterDrop, after_drop
from queries.funnel import Funnel, funnel
from tests.journeys.views import cases
from tests.naive import journeys as naive
from tests.naive.after_drop import next_of, table
from tests.statistics.sequences import Case, assert_any_cut_is_the_whole, view_and_units
from tests.statistics.walkers import DAY_US

BUDGETS = st.one_of(
    st.integers(1, 4).map(lambda n: {"items": n}),
    st.sampled_from([1, DAY_US, 30 * DAY_US]).map(
        lambda us: {"within": timedelta(microseconds=us)}
    ),
)

# After the cart: a pays, b asks for help and leaves, c leaves at once, d has just come; e looks on.
ROWS = [
    ("a", 1 * DAY_US, "cart"), ("a", 2 * DAY_US, "delivery"), ("a", 3 * DAY_US, "purchase"),
    ("a", 4 * DAY_US, "help"),
    ("b", 1 * DAY_US, "cart"), ("b", 1 * DAY_US, "help"), ("b", 2 * DAY_US, "help"),
    ("c", 1 * DAY_US, "help"), ("c", 2 * DAY_US, "cart"),
    ("d", 100 * DAY_US, "cart"),
    ("e", 1 * DAY_US, "delivery"),
]  # fmt: skip


def view(**options: Any) -> Any:
    return graph_from_rows(ROWS).journeys(**options)


def test_both_groups_behind_the_same_step():
    answer = after_drop(AfterDrop(steps=["cart"], items=2), view())
    assert (answer.units, answer.reached, answer.droppers, answer.converters) == (5, 4, 2, 1)
    assert (answer.undecided, answer.unobserved, answer.silent_droppers) == (1, 0, 1)
    assert answer.dropper_customers.page(9).ids == ("b", "c")
    found = {node.item: (node.droppers, node.converters) for node in answer.nodes}
    assert found == {"delivery": (0, 1), "help": (1, 0), "purchase": (0, 1)}
    of = {node.item: node for node in answer.nodes}
    assert of["purchase"].untested == "it is the conversion"
    assert of["help"].difference.value == 0.5
    assert of["help"].dropper_customers.page(9).ids == ("b",)
    assert of["help"].converter_customers.page(9).ids == ()
    assert answer.tested == 2


def test_a_budget_of_time():
    answer = after_drop(AfterDrop(steps=["cart"], within="3d"), view())
    found = {node.item: (node.droppers, node.converters) for node in answer.nodes}
    assert found == {"delivery": (0, 1), "help": (1, 1), "purchase": (0, 1)}
    assert (answer.items, answer.within_seconds) == (None, 3 * 86_400)
    longer = after_drop(AfterDrop(steps=["cart"], within="99d"), view())
    assert (longer.droppers, longer.converters, longer.unobserved) == (1, 1, 1)


def test_steps_one_after_the_other_to_an_item():
    question = AfterDrop(steps=["cart", "delivery|help"], to=["help"], at_least=2)
    answer = after_drop(question, view())
    assert (answer.reached, answer.converters, answer.items) == (2, 2, 5)
    assert [node.item for node in answer.nodes] == ["help"]


def test_nobody_drops_of_nobody():
    empty = graph_from_rows([("a", 1, "home")]).journeys()
    answer = after_drop(AfterDrop(steps=["home"]), empty)
    assert (answer.reached, answer.undecided, answer.nodes) == (1, 1, ())
    assert len(answer.warnings) == 1


@pytest.mark.parametrize(
    ("question", "error"),
    [
        (AfterDrop(steps=["caart"]), UnknownItemError),
        (AfterDrop(steps=[]), InvalidOptionError),
        (AfterDrop(steps=["cart"] * 31), InvalidOptionError),
        (AfterDrop(steps=["cart"], items=0), InvalidOptionError),
        (AfterDrop(steps=["cart"], within="3"), InvalidDurationError),
        (AfterDrop(steps=["cart"], items=3, within="3d"), ConflictingOptionsError),
        (AfterDrop(steps=["cart"], to=["pay"]), UnknownItemError),
        (AfterDrop(steps=["cart"], first=-1), InvalidOptionError),
    ],
)
def test_bad_options_are_refused(question, error):
    with pytest.raises(error):
        after_drop(question, view())


@given(case=cases(many_touchpoints=True), data=st.data(), budget=BUDGETS, at_most=st.integers(1, 5))
def test_counts_are_those_of_the_naive_twin(
    case: Case, data: st.DataObject, budget: dict[str, Any], at_most: int
) -> None:
    journeys, units = view_and_units(case)
    if not journeys.items:
        return
    world, options = case
    some = st.sets(st.sampled_from(journeys.items), min_size=1, max_size=2)
    steps = data.draw(st.lists(st.sampled_from(journeys.items), min_size=1, max_size=2))
    goals = data.draw(st.none() | some)
    asked = AfterDrop(
        steps=steps, to=None if goals is None else sorted(goals), first=1000, **budget
    )
    answer = after_drop(asked, journeys)
    within = budget.get("within")
    within_us = None if within is None else within // timedelta(microseconds=1)
    found = [
        next_of(
            unit, [{step} for step in steps], goals=goals,
            outcomes=naive.outcomes_of(unit, options.get("outcome"), world),
            n_next=budget.get("items"), within=within_us, as_of=journeys.as_of_us,
            inactivity=journeys.inactivity_us,
        )
        for unit in units
    ]  # fmt: skip
    known = [one for one in found if one is not None]
    sides = Counter(side for side, _budget in known)
    for name in ("droppers", "converters", "undecided", "unobserved"):
        assert getattr(answer, name) == sides[name]
    assert answer.reached == len(known) == sum(sides.values())
    assert answer.silent_droppers == known.count(("droppers", []))
    assert {node.item: (node.droppers, node.converters) for node in answer.nodes} == table(known)
    for node in answer.nodes:
        if journeys.unit is Unit.CUSTOMER:
            assert node.dropper_customers.count == node.droppers
            assert node.converter_customers.count == node.converters
    exact = Budget(
        steps=tuple(journeys.item_codes_of("steps", [step]) for step in steps),
        goals=None if goals is None else journeys.item_codes_of("to", goals),
        n_next=budget.get("items"), within_us=within_us,
    )  # fmt: skip
    assert_any_cut_is_the_whole(AFTER_DROP, journeys, at_most, budget=exact)


@given(case=cases(), data=st.data())
def test_who_converts_goes_on_in_a_funnel(case: Case, data: st.DataObject) -> None:
    world, options = case
    journeys, _units = view_and_units((world, {**options, "split": None, "unit": "customer"}))
    if not journeys.items:
        return
    steps = data.draw(st.lists(st.sampled_from(journeys.items), min_size=2, max_size=3))
    answer = after_drop(AfterDrop(steps=steps[:-1], to=steps[-1:], items=1), journeys)
    before, last = funnel(Funnel(steps=steps), journeys).steps[-2:]
    assert (answer.reached, answer.droppers) == (before.units, last.dropped)
    assert answer.undecided == last.open
    assert answer.converters + answer.unobserved == last.units
    assert answer.dropper_customers.indexes.tolist() == last.dropped_customers.indexes.tolist()


def test_p_values_are_those_of_scipy_and_items_that_convert_are_not_among_them():
    rows = []
    for number in range(120):
        rows.append((f"c{number}", number, "cart"))
        if number % 3:
            rows.append((f"c{number}", 1000 + number, "help"))
        if number % 7 == 0:
            rows.append((f"c{number}", 2000 + number, "look"))
        if number % 3 == 0 or number % 4 == 0:
            rows.append((f"c{number}", 3000 + number, "purchase"))
    rows.append(("last", 90 * DAY_US, "look"))
    answer = after_drop(AfterDrop(steps=["cart"]), graph_from_rows(rows).journeys())
    of = {node.item: node for node in answer.nodes}
    for item in ("help", "look"):
        node = of[item]
        cells = [
            [node.droppers, answer.droppers - node.droppers],
            [node.converters, answer.converters - node.converters],
        ]
        expected = stats.chi2_contingency(cells, correction=False)
        if expected.expected_freq.min() < 5:
            assert node.p_value == pytest.approx(stats.fisher_exact(cells).pvalue)
        else:
            assert node.p_value == pytest.approx(expected.pvalue)
    assert of["purchase"].p_value is None
    assert answer.tested == 2
    smallest = min(of["help"].p_value or 1, of["look"].p_value or 1)
    assert answer.nodes[0].q_value == pytest.approx(min(1, 2 * smallest))
