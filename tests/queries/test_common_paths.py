"""Common paths and transitions: what adds up, what can be run again, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.errors import ConflictingOptionsError, InvalidOptionError, JourneyGraphError
from journeygraph.graph_build import graph_from_rows
from journeygraph.journeys import Journeys
from journeygraph.statistics.quantiles import exact_quantile_us
from queries.common_paths import CommonPath, CommonPaths, PathForm, common_paths
from queries.customer_lists import CustomerList
from queries.funnel import Funnel, FunnelStep, StepOrder, funnel
from queries.intervals import wilson
from queries.transitions import Transition, Transitions, transitions
from tests.journeys.views import cases
from tests.naive import journeys as naive
from tests.naive.paths import Facts, ngrams_of, transition_times, units_holding, whole_of
from tests.statistics.sequences import Case, expected_facts, view_and_units

LENGTHS = st.sampled_from([None, 1, 2, 3])


def question(length: int | None, **options: Any) -> CommonPaths:
    form = PathForm.WHOLE if length is None else PathForm.NGRAM
    return CommonPaths(form=form, length=length, **options)


def order_of(path: tuple[str, ...], facts: Facts) -> tuple[Any, ...]:
    return (-facts.units, -facts.count, path)


def seconds(times_us: list[int], percent: int) -> float:
    exact = exact_quantile_us(np.array(times_us, np.int64), percent)
    assert exact is not None
    return exact / 1e6


def all_ids(customers: CustomerList) -> list[str]:
    return list(customers.page(1000).ids)


def ids_of(units: list[naive.Unit], numbers: list[int]) -> list[str]:
    return list(dict.fromkeys(units[number].customer for number in numbers))


@given(
    case=cases(simultaneous=True), length=LENGTHS, at_least=st.integers(1, 2), exact=st.booleans()
)
def test_paths_are_those_of_the_naive_twin(
    case: Case, length: int | None, at_least: int, exact: bool
) -> None:
    view, units = view_and_units(case)
    of = ngrams_of(length) if length else whole_of
    expected = expected_facts(case, units, of)
    ranking = sorted(expected, key=lambda path: order_of(path, expected[path]))
    ranking = [path for path in ranking if expected[path].units >= at_least]
    answer = common_paths(question(length, first=1000, at_least=at_least, exact=exact), view)
    assert [node.items for node in answer.nodes] == ranking
    for node in answer.nodes:
        assert_is(node, expected[node.items], view, exact)
        assert all_ids(node.customers) == ids_of(units, units_holding(units, of, {node.items}))
    covered = units_holding(units, of, set(ranking))
    assert all_ids(answer.covered_customers) == ids_of(units, covered)
    others = [number for number in range(len(units)) if number not in covered]
    assert all_ids(answer.other_customers) == ids_of(units, others)


def assert_is(node: CommonPath, facts: Facts, view: Journeys, exact: bool) -> None:
    assert (node.units, node.count, node.value_minor) == (facts.units, facts.count, facts.value)
    assert node.share == facts.units / view.n_units
    assert node.share_interval == wilson(facts.units, view.n_units, view.confidence)
    assert node.outcome_rate == wilson(facts.outcome_units, facts.units, view.confidence)
    within = 0 if exact else 0.022
    assert node.median_seconds == pytest.approx(seconds(facts.durations, 50), rel=within, abs=0)
    assert node.p95_seconds == pytest.approx(seconds(facts.durations, 95), rel=within, abs=0)
    assert node.exact == exact
    assert node.small


@given(case=cases(simultaneous=True), length=LENGTHS, first=st.integers(0, 4))
def test_listed_and_other_paths_add_up(case: Case, length: int | None, first: int) -> None:
    view, units = view_and_units(case)
    of = ngrams_of(length) if length else whole_of
    expected = expected_facts(case, units, of)
    answer = common_paths(question(length, first=first), view)
    listed = {node.items for node in answer.nodes}
    assert answer.units == answer.covered_units + answer.other_units == len(units)
    assert answer.covered_units == len(units_holding(units, of, listed))
    assert answer.coverage == (answer.covered_units / len(units) if units else None)
    assert answer.count == sum(facts.count for facts in expected.values())
    assert answer.count == answer.covered_count + answer.other_count
    assert answer.covered_count == sum(node.count for node in answer.nodes)
    assert answer.distinct == len(listed) + answer.other_paths == len(expected)
    if length is None:
        assert answer.count == view.n_journeys


@given(case=cases(simultaneous=True), length=LENGTHS, first=st.integers(1, 3))
def test_pages_are_the_whole_list_in_pieces(case: Case, length: int | None, first: int) -> None:
    view, _ = view_and_units(case)
    whole = common_paths(question(length, first=1000), view)
    found, after, more = [], None, True
    while more:
        answer = common_paths(question(length, first=first, after=after), view)
        found += [node.items for node in answer.nodes]
        after, more = answer.page_info.end_cursor, answer.page_info.has_next_page
    assert found == [node.items for node in whole.nodes]
    assert not whole.page_info.has_next_page


@given(case=cases(simultaneous=True), exact=st.booleans())
def test_transitions_are_those_of_the_naive_twin(case: Case, exact: bool) -> None:
    view, units = view_and_units(case)
    expected, times = expected_facts(case, units, ngrams_of(2)), transition_times(units)
    answer = transitions(Transitions(first=1000, exact=exact), view)
    ranking = sorted(expected, key=lambda path: order_of(path, expected[path]))
    assert [(node.source, node.target) for node in answer.nodes] == ranking
    for node in answer.nodes:
        pair = (node.source, node.target)
        assert (node.units, node.count) == (expected[pair].units, expected[pair].count)
        assert_times(node, times[pair], exact)
        holding = units_holding(units, ngrams_of(2), {pair})
        assert all_ids(node.customers) == ids_of(units, holding)


def assert_times(node: Transition, times: list[int], exact: bool) -> None:
    within = 0 if exact else 0.022
    assert node.mean_seconds == sum(times) / len(times) / 1e6
    assert node.median_seconds == pytest.approx(seconds(times, 50), rel=within, abs=0)
    assert node.p95_seconds == pytest.approx(seconds(times, 95), rel=within, abs=0)


@given(case=cases(simultaneous=True), first=st.integers(0, 3), at_least=st.integers(1, 2))
def test_listed_and_other_transitions_add_up(case: Case, first: int, at_least: int) -> None:
    view, units = view_and_units(case)
    expected = transition_times(units)
    answer = transitions(Transitions(first=first, at_least=at_least), view)
    assert answer.units == len(units)
    assert answer.count == sum(map(len, expected.values()))
    assert answer.count == answer.covered_count + answer.other_count
    assert answer.covered_count == sum(node.count for node in answer.nodes)
    assert len(answer.nodes) + answer.other_edges == len(expected)
    assert all(node.units >= at_least for node in answer.nodes)
    share = answer.covered_count / answer.count if answer.count else None
    assert answer.coverage == share


@given(case=cases(simultaneous=True))
def test_an_edge_is_a_strict_funnel_of_two_steps(case: Case) -> None:
    view, _ = view_and_units(case)
    sets = "tolerance_us" in (case[1].get("rules") or {})
    only = "=" if sets else ""  # the set that holds nothing else
    for node in transitions(Transitions(first=4), view).nodes:
        steps = [FunnelStep(any_of=(only + name,)) for name in (node.source, node.target)]
        answer = funnel(Funnel(steps=steps, window=None, order=StepOrder.STRICT), view)
        assert answer.steps[1].units == node.units
        assert all_ids(answer.steps[1].customers) == all_ids(node.customers)


@given(case=cases(simultaneous=True))
def test_a_run_of_two_is_a_transition_and_a_run_of_one_a_visit(case: Case) -> None:
    view, units = view_and_units(case)
    runs = common_paths(question(2, first=1000), view)
    edges = transitions(Transitions(first=1000), view)
    assert [(node.items, node.units, node.count) for node in runs.nodes] == [
        ((node.source, node.target), node.units, node.count) for node in edges.nodes
    ]
    visits = common_paths(question(1, first=1000), view)
    kept = sum(len(journey.items) for unit in units for journey in unit.journeys)
    assert visits.count == kept


def test_ties_are_ordered_by_the_names_of_the_items() -> None:
    rows = [(f"c{n}", at, name) for n, path in enumerate(("zb", "za", "z", "ba", "b", "az"))
            for at, name in enumerate(path)]  # fmt: skip
    view = graph_from_rows(rows).journeys()
    found = ["".join(node.items) for node in common_paths(CommonPaths(), view).nodes]
    assert found == ["az", "b", "ba", "z", "za", "zb"]


def test_a_journey_of_a_million_interactions_is_no_trouble() -> None:
    n = 1_000_000
    one = graph_from_rows([("a", 0, "x"), ("a", 1, "y")])
    codes = np.tile(np.array([0, 1, 1], np.uint8), n // 3 + 1)[:n]

    graph = replace(
        one, customer_starts=np.array([0, n]), at_us=np.arange(n, dtype=np.int64),
        touchpoint_codes=codes, channel_codes=np.zeros(n, np.uint8),
        stage_codes=np.zeros(n, np.uint8), value_minor=np.zeros(n, np.int64), as_of_us=n - 1,
    )  # fmt: skip
    view = graph.journeys()
    assert [len(node.items) for node in common_paths(CommonPaths(), view).nodes] == [n]
    for length in (2, 32):
        answer = common_paths(question(length, first=1000), view)
        assert answer.count == n - length + 1
        assert [node.units for node in answer.nodes] == [1] * 3


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"form": "longest"}, InvalidOptionError),
        ({"length": 3}, ConflictingOptionsError),
        ({"form": "NGRAM", "length": 0}, InvalidOptionError),
        ({"form": "NGRAM", "length": 33}, InvalidOptionError),
        ({"at_least": 0}, InvalidOptionError),
        ({"first": -1}, InvalidOptionError),
        ({"first": 1001}, InvalidOptionError),
        ({"after": "page 2"}, InvalidOptionError),
        ({"after": "äöü"}, InvalidOptionError),
    ],
)
def test_bad_options_are_refused(options: dict[str, Any], error: type[JourneyGraphError]) -> None:
    view = graph_from_rows([("a", 0, "x")]).journeys()
    with pytest.raises(error):
        common_paths(CommonPaths(**options), view)
    if "form" in options or "length" in options:
        return
    with pytest.raises(error):
        transitions(Transitions(**options), view)


def test_nobody_has_no_paths() -> None:
    view = graph_from_rows([], customers=["a"]).journeys()
    answer = common_paths(CommonPaths(), view)
    assert (answer.units, answer.distinct, answer.coverage, answer.nodes) == (0, 0, None, ())
    edges = transitions(Transitions(), view)
    assert (edges.units, edges.count, edges.coverage, edges.nodes) == (0, 0, None, ())
    assert not answer.page_info.has_next_page
