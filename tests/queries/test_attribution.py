"""Attribution: every method is the naive one, credits add up, and the answer says what to mind."""

from __future__ import annotations

import math
import os
import random
from fractions import Fraction
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from journeygraph.errors import (
    ConflictingOptionsError,
    InvalidDurationError,
    InvalidOptionError,
    JourneyGraphError,
)
from journeygraph.graph_build import graph_from_rows
from journeygraph.journeys import By, Journeys
from journeygraph.statistics.paths_to_outcomes import PathRule
from queries.attribution import Attribution, AttributionAnswer, AttributionMethod, attribution
from queries.attribution_credit import Worth, whole_parts
from tests.journeys.views import cases
from tests.naive import attribution as naive
from tests.statistics.sequences import Case, view_and_units
from tests.statistics.test_attribution import naive_paths, rules
from tests.strategies import DAY_US

M = AttributionMethod
Walk = tuple[str | bool, ...]
BY_PLACE = [M.FIRST, M.LAST, M.LAST_NON_DIRECT, M.LINEAR, M.POSITION, M.PARTICIPATION]


def asked(view: Journeys, method: AttributionMethod, **options: Any) -> AttributionAnswer:
    return attribution(Attribution(method=method, first=1000, **options), view)


def by_rule(rule: PathRule) -> dict[str, Any]:
    return {
        "paths": rule.scope,
        "with_outcome_item": rule.with_outcome_item,
        "open_as_null": rule.open_as_null,
    }


def credits_in(answer: AttributionAnswer) -> dict[str, float]:
    return {node.item: node.credit for node in answer.nodes if node.credit}


def approx(given: dict[str, Fraction]) -> Any:
    return pytest.approx(
        {name: float(share) for name, share in given.items() if share}, rel=1e-9, abs=1e-12
    )


@given(case=cases(), rule=rules, method=st.sampled_from(BY_PLACE))
def test_credit_by_place_is_the_naive_credit(
    case: Case, rule: PathRule, method: AttributionMethod
) -> None:
    view, units = view_and_units(case)
    answer = asked(view, method, **by_rule(rule))
    paths, n_open = naive_paths(case, view, units, rule)
    expected = naive.credit(method.value, paths, by_channel=view.by is By.CHANNEL)
    assert credits_in(answer) == approx(expected)
    converting = [path for path in paths if path.converts]
    assert answer.total == sum(bool(path.items) for path in converting)
    assert answer.value_minor == sum(path.value for path in converting if path.items)
    assert answer.null_paths == len(paths) - len(converting)
    assert answer.open_paths == n_open
    assert answer.outcomes >= len(converting)
    assert answer.without_path == answer.outcomes - answer.total


@given(
    case=cases(),
    weights=st.lists(st.integers(0, 5), min_size=3, max_size=3).filter(any),
)
def test_any_weights_of_positions(case: Case, weights: list[int]) -> None:
    view, units = view_and_units(case)
    first, between, last = (Fraction(weight, sum(weights)) for weight in weights)
    paths, _n_open = naive_paths(case, view, units, PathRule())
    expected = naive.credit("position", paths, (first, between, last))
    assert credits_in(asked(view, M.POSITION, weights=weights)) == approx(expected)


@given(case=cases(), rule=rules, order=st.integers(1, 3))
def test_removal_effects_are_those_of_the_chain_without_the_item(
    case: Case, rule: PathRule, order: int
) -> None:
    view, units = view_and_units(case)
    answer = asked(view, M.MARKOV, order=order, **by_rule(rule))
    paths, _n_open = naive_paths(case, view, units, rule)
    expected = naive.removal_effects(paths, order)
    found = {node.item: node.removal_effect for node in answer.nodes}
    assert found == pytest.approx({name: float(effect) for name, effect in expected.items()})
    whole = sum(expected.values())
    if whole:
        shares = {name: effect / whole * answer.total for name, effect in expected.items()}
        assert credits_in(answer) == approx(shares)


@given(case=cases(), rule=rules, worth=st.sampled_from(Worth))
def test_shapley_values_are_averages_over_all_orders(
    case: Case, rule: PathRule, worth: Worth
) -> None:
    view, units = view_and_units(case)
    paths, _n_open = naive_paths(case, view, units, rule)
    assume(len({name for path in paths for name in path.names}) <= 5)
    game = {
        Worth.OUTCOMES: naive.worth_of_outcomes,
        Worth.OUTCOME_RATE: naive.worth_of_rate,
    }[worth]
    values = naive.shapley(paths, game)
    scale = sum(bool(path.items) for path in paths) if worth is Worth.OUTCOME_RATE else 1
    answer = asked(view, M.SHAPLEY, worth=worth, **by_rule(rule))
    expected = {name: value * scale for name, value in values.items()}
    found = {node.item: node.credit for node in answer.nodes}
    assert found == pytest.approx({k: float(v) for k, v in expected.items()}, abs=1e-9)


@given(case=cases(), rule=rules, method=st.sampled_from(AttributionMethod))
def test_credits_and_values_add_up_to_the_outcomes(
    case: Case, rule: PathRule, method: AttributionMethod
) -> None:
    view, _units = view_and_units(case)
    answer = asked(view, method, **by_rule(rule))
    assert math.fsum(node.credit for node in answer.nodes) == pytest.approx(answer.credited)
    assert answer.adds_up == (method is not M.PARTICIPATION)
    if answer.adds_up:
        assert answer.credited == pytest.approx(answer.total)
        assert sum(node.value_minor for node in answer.nodes) == answer.value_minor
        if answer.total:
            assert math.fsum(node.share or 0 for node in answer.nodes) == pytest.approx(1)
    if not answer.total:
        assert all(node.share is None and not node.credit for node in answer.nodes)


@given(case=cases(), rule=rules, by=st.sampled_from(By))
def test_the_same_interactions_by_another_name(case: Case, rule: PathRule, by: By) -> None:
    view, units = view_and_units(case)
    answer = asked(view, M.LINEAR, by=by, **by_rule(rule))
    other = None if by is view.by else by.value
    paths, _n_open = naive_paths(case, view, units, rule, by=other)
    assert answer.by is by
    assert credits_in(answer) == approx(naive.credit("linear", paths))


@given(case=cases(), rule=rules)
def test_behind_every_count_stand_its_customers(case: Case, rule: PathRule) -> None:
    view, units = view_and_units(case)
    answer = asked(view, M.FIRST, **by_rule(rule))
    paths, _n_open = naive_paths(case, view, units, rule)
    customers = {path.customer for path in paths if path.converts and path.items}

    def listed(found: Any) -> set[str]:
        return set(view.graph.customer_id(found.indexes))

    assert listed(answer.credited_customers) == customers
    assert listed(answer.null_customers) == {path.customer for path in paths if not path.converts}
    assert bool(answer.open_customers.count) == bool(answer.open_paths)
    assert bool(answer.without_path_customers.count) == bool(answer.without_path)
    for node in answer.nodes:
        meeting = [path for path in paths if path.converts and node.item in path.names]
        assert node.customers is not None
        assert listed(node.customers) == {path.customer for path in meeting}
        assert node.outcomes == len(meeting)
        if view.unit == "customer":
            assert node.units == node.customers.count


@given(case=cases(), method=st.sampled_from(AttributionMethod), threads=st.sampled_from("123"))
def test_threads_and_blocks_change_nothing(
    case: Case, method: AttributionMethod, threads: str
) -> None:
    view, _units = view_and_units(case)
    once = asked(view, method, replicates=3, seed=7)
    with (
        mock.patch.dict(os.environ, JOURNEYGRAPH_THREADS=threads),
        mock.patch("journeygraph.threads._LEAST_SIZE", 2),
    ):
        again = asked(view, method, replicates=3, seed=7)
    for node, other in zip(once.nodes, again.nodes, strict=True):
        assert (node.item, node.credit, node.value_minor, node.low, node.high) == (
            other.item, other.credit, other.value_minor, other.low, other.high
        )  # fmt: skip


# Two published examples ---------------------------------------------------------------------

ANDERL: list[Walk] = [("C1", "C2", "C3", True), ("C1", False), ("C2", "C3", False)]


def view_of(*walks: Walk, **options: Any) -> Journeys:
    """One customer for each walk; the last of a walk says whether it converts."""
    rows: list[tuple[Any, ...]] = []
    for customer, (*names, converts) in enumerate(walks):
        steps = [str(name) for name in names] + ["purchase"] * bool(converts)
        rows += [
            (f"{customer:06}", at * DAY_US, name, None, None, 1000 * (name == "purchase"))
            for at, name in enumerate(steps)
        ]
    rows.append(("last", 400 * DAY_US, "elsewhere"))
    view: Journeys = graph_from_rows(rows).journeys(**options)
    return view


def test_removal_effects_of_the_example_that_everybody_computes() -> None:
    """C1 > C2 > C3 > buys, C1 > leaves, C2 > C3 > leaves: 0.5, 1 and 1, so 0.2, 0.4 and 0.4.

    "Attribution model with R (part 1: Markov chains concept)", analyzecore.com, 2016, after
    Anderl, Becker, von Wangenheim and Schumann, "Mapping the customer journey".
    """
    answer = asked(view_of(*ANDERL), M.MARKOV)
    assert {node.item: node.removal_effect for node in answer.nodes} == pytest.approx(
        {"C1": 0.5, "C2": 1.0, "C3": 1.0}
    )
    assert credits_in(answer) == pytest.approx({"C1": 0.2, "C2": 0.4, "C3": 0.4})
    assert answer.outcome_rate == pytest.approx(1 / 3)


def test_shapley_values_of_a_published_formula() -> None:
    """Every outcome is shared equally by the different items before it, however often met.

    Zhao, Mahboobi and Bagheri 2018, arXiv:1804.05327, theorem of the simplified formula.
    """
    view = view_of(("a", "b", "a", True), ("a", True), ("b", "c", "a", True), ("c", False))
    assert credits_in(asked(view, M.SHAPLEY)) == pytest.approx(
        {"a": 1 / 2 + 1 + 1 / 3, "b": 1 / 2 + 1 / 3, "c": 1 / 3}
    )


def test_shapley_axioms_hold_for_rates() -> None:
    """Symmetry: b and c stand alike. Efficiency: all add up. Dummy: d never changes the rate."""
    half: list[Walk] = [("a", True), ("a", False), ("b", "a", True), ("c", "a", True)]
    walks = [*half, ("b", False), ("c", False), ("b", "a", False), ("c", "a", False)]
    view = view_of(*walks, rules={"exclude": ["elsewhere"]})
    answer = asked(view, M.SHAPLEY, worth=Worth.OUTCOME_RATE)
    found = {node.item: node.credit for node in answer.nodes}
    assert found["b"] == pytest.approx(found["c"])
    assert answer.credited == pytest.approx(answer.total) == 3
    doubled: list[Walk] = [(*names, "d", converts) for *names, converts in walks]
    with_d = view_of(*walks, *doubled, ("d", False), rules={"exclude": ["elsewhere", "purchase"]})
    values = {
        node.item: node.credit for node in asked(with_d, M.SHAPLEY, worth=Worth.OUTCOME_RATE).nodes
    }
    assert sum(values.values()) == pytest.approx(6)
    assert values["b"] == pytest.approx(values["c"])


def test_time_decay_by_hand() -> None:
    """7 days and 14 days before the last item: 1/4, 1/2 and 1 of 7/4."""
    rows = [("x", day * DAY_US, name) for day, name in ((0, "a"), (7, "b"), (14, "c"))]
    view = graph_from_rows([*rows, ("x", 20 * DAY_US, "purchase")]).journeys()
    assert credits_in(asked(view, M.TIME_DECAY)) == pytest.approx(
        {"a": 1 / 7, "b": 2 / 7, "c": 4 / 7}, abs=1e-8
    )
    short = credits_in(asked(view, M.TIME_DECAY, half_life="1s"))
    assert short == pytest.approx({"c": 1.0}, abs=1e-8)


def test_last_non_direct_passes_over_the_channel_of_that_name() -> None:
    rows = [
        ("x", 1, "home", "Direct"), ("x", 2, "ad", "email"), ("x", 3, "home", "direct"),
        ("x", 4, "purchase", "direct"), ("y", 1, "home", "direct"), ("y", 2, "purchase", "web"),
    ]  # fmt: skip
    graph = graph_from_rows(rows)
    by_channel = {"email": 1, "direct": 1}
    for by, expected in (("touchpoint", {"ad": 1, "home": 1}), ("channel", by_channel)):
        assert credits_in(asked(graph.journeys(by=by), M.LAST_NON_DIRECT)) == expected
    nobody = asked(view_of(("a", True)), M.LAST_NON_DIRECT)
    assert any("No channel is called 'direct'" in warning for warning in nobody.warnings)


def test_removing_what_nobody_meets_loses_nothing_and_it_is_not_listed() -> None:
    view = view_of(*ANDERL, rules={"exclude": ["C2"]})
    assert "C2" not in {node.item for node in asked(view, M.MARKOV).nodes}


def test_an_item_on_null_paths_only_has_no_effect() -> None:
    answer = asked(view_of(*ANDERL, ("lost", False)), M.MARKOV)
    lost = next(node for node in answer.nodes if node.item == "lost")
    assert (lost.credit, lost.removal_effect, lost.outcomes, lost.null_paths) == (0, 0, 0, 1)


# The order of the chain ---------------------------------------------------------------------


def walks_with_memory(order: int, n: int = 3_000) -> list[Walk]:
    """Ends come by chance; whether one buys hangs on the item `order` before the end."""
    draws = random.Random(order)
    found: list[Walk] = []
    for _walk in range(n):
        names = [draws.choice("ab") for _ in range(order)]
        while draws.random() < 0.7:
            names.append(draws.choice("ab"))
        found.append((*names, names[-order] == "a"))
    return found


@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_order_is_the_memory_that_the_paths_have(order: int) -> None:
    answer = asked(view_of(*walks_with_memory(order)), M.MARKOV, order_up_to=4)
    assert answer.order == order
    assert [fit.order for fit in answer.orders] == [1, 2, 3, 4]
    best = max(fit.log_likelihood or -math.inf for fit in answer.orders)
    assert answer.orders[order - 1].log_likelihood == pytest.approx(best, abs=0.01)


# Intervals ----------------------------------------------------------------------------------


def test_intervals_hold_the_credit_and_hang_on_the_seed_alone() -> None:
    view = view_of(*(ANDERL * 100))
    answer = asked(view, M.MARKOV, replicates=100, seed=3)
    for node in answer.nodes:
        assert node.low is not None
        assert node.high is not None
        assert node.low <= node.credit <= node.high
    again = asked(view, M.MARKOV, replicates=100, seed=3)
    other = asked(view, M.MARKOV, replicates=100, seed=4)
    assert [node.low for node in again.nodes] == [node.low for node in answer.nodes]
    assert [node.low for node in other.nodes] != [node.low for node in answer.nodes]
    assert all(node.low is None for node in asked(view, M.MARKOV).nodes)


def test_an_interval_is_as_wide_as_the_binomial_one() -> None:
    """First touch of 400 customers, half of whom buy: the normal interval of a share."""
    view = view_of(*[("a", True), ("b", False)] * 200)
    node = asked(view, M.FIRST, replicates=400, seed=1).nodes[0]
    assert node.low is not None
    assert node.high is not None
    assert node.high - node.low == pytest.approx(2 * 1.96 * math.sqrt(400 * 0.25), rel=0.15)


def test_drawn_orders_come_as_near_as_they_promise() -> None:
    """25 items are beyond exact Shapley values of rates; items that stand alike get the same."""
    names = [f"i{number:02}" for number in range(24)]
    walks = [(name, name < "i12") for name in names]
    view = view_of(*walks, *walks)
    answer = asked(view, M.SHAPLEY, worth=Worth.OUTCOME_RATE, samples=3000)
    assert answer.error_bound is not None
    assert answer.credited == pytest.approx(answer.total)
    good = [node.credit for node in answer.nodes if node.item < "i12"]
    assert max(good) - min(good) <= 2 * answer.error_bound
    assert asked(view, M.SHAPLEY).error_bound is None


# What to mind -------------------------------------------------------------------------------


@pytest.mark.parametrize("method", AttributionMethod)
def test_nothing_to_credit(method: AttributionMethod) -> None:
    empty = asked(graph_from_rows([]).journeys(), method)
    assert (empty.total, empty.nodes, empty.outcome_rate, empty.credited) == (0, (), None, 0)
    nulls = asked(view_of(("a", "b", False), ("a", False)), method)
    assert (nulls.total, nulls.outcome_rate, nulls.credited) == (0, 0, 0)
    assert all((node.credit, node.share) == (0, None) for node in nulls.nodes)
    assert any("nothing to credit" in warning for warning in nulls.warnings)
    bare = asked(view_of((True,)), method)
    assert (bare.outcomes, bare.total, bare.without_path) == (1, 0, 1)


def test_warnings_say_where_credit_says_little() -> None:
    def warned(part: str, method: AttributionMethod, view: Journeys, **options: Any) -> bool:
        return any(part in warning for warning in asked(view, method, **options).warnings)

    few = view_of(*ANDERL)
    assert warned("fewer than 30", M.FIRST, few)
    assert warned("on every path to an outcome", M.MARKOV, few)
    assert warned("is the outcome itself", M.LAST, few, with_outcome_item=True)
    assert not warned("is the outcome itself", M.LAST, few)
    assert warned("do not add up", M.PARTICIPATION, few)
    always = view_of(("a", True), rules={"exclude": ["elsewhere"]})
    assert warned("No path came to nothing", M.MARKOV, always)
    rows = [("x", 0, "a"), ("x", 1, "purchase"), ("y", 1, "a")]
    assert warned("still open (1)", M.FIRST, graph_from_rows(rows).journeys())
    assert "no evidence of a cause" in asked(few, M.FIRST).wording


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"method": M.LAST, "order": 2}, ConflictingOptionsError),
        ({"method": M.MARKOV, "half_life": "7d"}, ConflictingOptionsError),
        ({"method": M.MARKOV, "order": 1, "order_up_to": 2}, ConflictingOptionsError),
        ({"method": M.MARKOV, "order": 0}, InvalidOptionError),
        ({"method": M.MARKOV, "order": 11}, InvalidOptionError),
        ({"method": M.MARKOV, "order_up_to": 99}, InvalidOptionError),
        ({"method": M.TIME_DECAY, "half_life": "7"}, InvalidDurationError),
        ({"method": M.POSITION, "weights": (1, 2)}, InvalidOptionError),
        ({"method": M.POSITION, "weights": (0, 0, 0)}, InvalidOptionError),
        ({"method": M.POSITION, "weights": (1, -1, 1)}, InvalidOptionError),
        ({"method": M.POSITION, "weights": (1, math.nan, 1)}, InvalidOptionError),
        ({"replicates": -1}, InvalidOptionError),
        ({"replicates": 1001}, InvalidOptionError),
        ({"samples": 1}, InvalidOptionError),
        ({"seed": -1}, InvalidOptionError),
        ({"first": 1001}, InvalidOptionError),
        ({"after": "nonsense"}, InvalidOptionError),
        ({"by": "colour"}, InvalidOptionError),
        ({"method": "middle"}, InvalidOptionError),
        ({"paths": "none"}, InvalidOptionError),
    ],
)
def test_what_cannot_be_asked(options: dict[str, Any], error: type[JourneyGraphError]) -> None:
    with pytest.raises(error):
        attribution(Attribution(**options), view_of(*ANDERL))


def test_rates_of_too_many_items_are_refused() -> None:
    view = view_of(*((f"item {number}", True) for number in range(70)))
    with pytest.raises(InvalidOptionError, match="OUTCOMES with more than 63 items"):
        asked(view, M.SHAPLEY, worth=Worth.OUTCOME_RATE)
    assert asked(view, M.SHAPLEY).credited == pytest.approx(70)


def test_pages_go_through_all_items_once() -> None:
    view = view_of(*ANDERL)
    first = attribution(Attribution(first=2), view)
    second = attribution(Attribution(first=2, after=first.page_info.end_cursor), view)
    assert first.page_info.has_next_page
    assert [node.item for node in first.nodes + second.nodes] == ["C2", "C3", "C1"]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=9))
def test_whole_parts_add_up_and_are_near(shares: list[float]) -> None:
    whole = round(math.fsum(shares))
    parts = whole_parts(np.array(shares), whole)
    assert sum(parts) == whole
    assert all(abs(part - share) <= 1.5 for part, share in zip(parts, shares, strict=True))


def test_a_customer_with_a_million_interactions() -> None:
    n = 1_000_000
    codes = np.random.default_rng(1).integers(0, 5, n)
    rows = [("one", at, f"t{code}") for at, code in enumerate(codes.tolist())]
    view = graph_from_rows([*rows, ("one", n, "purchase")]).journeys()
    share = asked(view, M.LINEAR).nodes[0].credit
    assert share == pytest.approx(np.bincount(codes).max() / n)
    assert asked(view, M.MARKOV).credited == pytest.approx(1)
    assert asked(view, M.TIME_DECAY).credited == 1


def test_sixty_thousand_items_are_solved_sparsely() -> None:
    """Chains of one after the other: the effect of an item is the share of walks through it."""
    n_items, length = 60_000, 20
    walks: list[Walk] = [
        (*(f"p{number}" for number in range(first, first + length)), first % 3 == 0)
        for first in range(0, n_items, length)
    ]
    view = view_of(*walks, rules={"exclude": ["purchase", "elsewhere"]})
    answer = attribution(Attribution(first=50), view)
    n_outcomes = sum(1 for walk in walks if walk[-1])
    assert answer.total == n_outcomes
    assert answer.credited == pytest.approx(n_outcomes)
    for node in answer.nodes:
        assert node.removal_effect == pytest.approx(1 / n_outcomes)
