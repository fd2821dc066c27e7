"""Patterns as a question: the naive twin's numbers, what adds up, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.cohorts import CustomerWhere
from journeygraph.errors import (
    ConflictingOptionsError,
    InvalidDurationError,
    InvalidOptionError,
    JourneyGraphError,
    TooManyPatternsError,
    UnknownOptionError,
)
from journeygraph.graph_build import graph_from_rows
from journeygraph.journeys import Journeys
from journeygraph.statistics.patterns import Keep
from journeygraph.statistics.quantiles import exact_quantile_us
from journeygraph.statistics.remembering import StatisticsCache
from queries.common_paths import CommonPath, CommonPaths, PathForm, common_paths
from queries.customer_lists import CustomerList
from queries.funnel import Funnel, FunnelStep, StepOrder, funnel
from queries.intervals import wilson
from tests.journeys.views import cases
from tests.naive import journeys as naive_journeys
from tests.naive import patterns as naive
from tests.statistics.sequences import Case, view_and_units
from tests.strategies import DAY_US

spans = st.sampled_from([None, None, timedelta(hours=1), timedelta(days=2)])


@st.composite
def questions(draw: st.DrawFn) -> CommonPaths:
    longest = draw(st.integers(1, 3))
    least = draw(st.sampled_from([{"at_least": 1}, {"at_least": 2}, {"at_least_share": 0.4}, {}]))
    return CommonPaths(
        form=PathForm.PATTERN,
        min_length=draw(st.integers(1, longest)),
        max_length=longest,
        max_gap=draw(st.sampled_from([None, None, 0, 1])),
        max_gap_time=draw(spans),
        max_span=draw(spans),
        keep=draw(st.sampled_from(Keep)),
        first=1000,
        **least,  # type: ignore[arg-type]
    )


def limits_of(question: CommonPaths) -> naive.Limits:
    def us(length: Any) -> int | None:
        return None if length is None else length // timedelta(microseconds=1)

    return naive.Limits(question.max_gap, us(question.max_gap_time), us(question.max_span))


def least_of(question: CommonPaths, n_units: int) -> int:
    """The fewest units, counted upwards instead of computed."""
    if question.at_least is not None:
        return question.at_least
    percent = round(100 * (question.at_least_share or 0))
    return next(n for n in range(1, n_units + 2) if 100 * n >= percent * n_units)


def twins(case: Case, question: CommonPaths) -> tuple[Journeys, list[Any], dict[Any, Any]]:
    view, units = view_and_units(case)
    world, options = case
    facts = naive.pattern_facts(
        units, question.max_length or 0, limits_of(question),
        lambda one: naive_journeys.is_outcome(one, options.get("outcome"), world),
    )  # fmt: skip
    keep = str(question.keep)
    wanted = naive.kept(facts, least_of(question, view.n_units), keep)
    found = {path: facts[path] for path in wanted if len(path) >= (question.min_length or 0)}
    return view, units, found


def ids(customers: CustomerList) -> list[str]:
    return list(customers.page(1000).ids)


def ids_of(units: list[Any], numbers: Any) -> list[str]:
    return list(dict.fromkeys(units[number].customer for number in sorted(numbers)))


@given(case=cases(), question=questions())
def test_patterns_are_those_of_the_naive_twin(case: Case, question: CommonPaths) -> None:
    view, units, expected = twins(case, question)
    answer = common_paths(question, view)
    ranking = sorted(
        expected, key=lambda path: (-expected[path].units, -expected[path].count, path)
    )
    if len(ranking) > 1000:
        ranking = ranking[:1000]
    assert [node.items for node in answer.nodes] == ranking
    for node in answer.nodes[:20]:
        assert_is(node, expected[node.items], view)
        assert ids(node.customers) == ids_of(units, expected[node.items].holders)
    holders = {unit for path in ranking for unit in expected[path].holders}
    others = set(range(len(units))) - holders
    assert ids(answer.covered_customers) == ids_of(units, holders)
    assert ids(answer.other_customers) == ids_of(units, others)
    assert (answer.covered_units, answer.other_units) == (len(holders), len(others))
    assert answer.distinct == len(expected) == len(answer.nodes) + answer.other_paths
    assert answer.count == sum(facts.count for facts in expected.values())
    assert answer.count == answer.covered_count + answer.other_count


def assert_is(node: CommonPath, facts: naive.PatternFacts, view: Journeys) -> None:
    assert (node.units, node.count, node.value_minor) == (facts.units, facts.count, facts.value)
    assert node.share == facts.units / view.n_units
    assert node.share_interval == wilson(facts.units, view.n_units, view.confidence)
    assert node.outcome_rate == wilson(facts.outcome_units, facts.units, view.confidence)
    durations = np.array(facts.durations, np.int64)
    assert (node.median_seconds, node.p95_seconds) == tuple(
        (exact_quantile_us(durations, percent) or 0) / 1e6 for percent in (50, 95)
    )
    assert node.exact
    assert node.small
    assert node.contrast is None


@given(case=cases(), question=questions(), first=st.integers(1, 3))
def test_pages_are_the_whole_list_in_pieces(case: Case, question: CommonPaths, first: int) -> None:
    view, _ = view_and_units(case)
    whole = [node.items for node in common_paths(question, view).nodes][:12]
    found: list[Any] = []
    page = common_paths(replace_page(question, first, None), view)
    while page.page_info.has_next_page and len(found) < 12:
        found += [node.items for node in page.nodes]
        page = common_paths(replace_page(question, first, page.page_info.end_cursor), view)
    found += [node.items for node in page.nodes]
    assert found[:12] == whole


def replace_page(question: CommonPaths, first: int, after: str | None) -> CommonPaths:
    if question.at_least is not None:
        return replace(question, first=first, after=after, at_least_share=None)
    return replace(question, first=first, after=after)


@given(case=cases())
def test_a_pattern_is_an_ordered_funnel(case: Case) -> None:
    world, options = case
    view, _ = view_and_units((world, {**options, "split": None, "unit": "customer"}))
    question = CommonPaths(form="PATTERN", at_least=1, max_length=3, min_length=2, first=6)  # type: ignore[arg-type]
    for node in common_paths(question, view).nodes:
        steps = tuple(FunnelStep(any_of=(item,)) for item in node.items)
        reached = funnel(Funnel(steps=steps, window=None, order=StepOrder.ORDERED), view)
        assert reached.steps[-1].units == node.units
        assert ids(reached.steps[-1].customers) == ids(node.customers)


@given(case=cases(), length=st.integers(1, 3))
def test_without_gaps_a_pattern_is_an_ngram(case: Case, length: int) -> None:
    view, _ = view_and_units(case)
    patterns = CommonPaths(
        form="PATTERN", at_least=1, max_gap=0, min_length=length, max_length=length, first=1000  # type: ignore[arg-type]
    )  # fmt: skip
    ngrams = CommonPaths(form="NGRAM", length=length, first=1000, exact=True)  # type: ignore[arg-type]
    found = {node.items: node for node in common_paths(patterns, view).nodes}
    assert {path: told(node) for path, node in found.items()} == {
        node.items: told(node) for node in common_paths(ngrams, view).nodes
    }


def told(node: CommonPath) -> tuple[Any, ...]:
    """All that a pattern and an n-gram count alike; `count` is of journeys, or of occurrences."""
    return (
        node.units, node.share_interval, node.outcome_rate, node.value_minor,
        node.median_seconds, node.p95_seconds, ids(node.customers),
    )  # fmt: skip


def test_a_share_is_meant_as_it_is_written() -> None:
    rows = [(f"c{number}", 0, "x" if number < 7 else "y") for number in range(100)]
    view = graph_from_rows(rows).journeys()
    for share, listed in ((0.07, ["y", "x"]), (0.0701, ["y"]), (1.0, [])):
        question = CommonPaths(form=PathForm.PATTERN, at_least_share=share)
        assert [node.items[0] for node in common_paths(question, view).nodes] == listed


def test_a_journey_of_a_million_interactions_is_no_trouble() -> None:
    n = 1_000_000
    one = graph_from_rows([("a", 0, "x"), ("a", 1, "y"), ("a", 2, "z")])
    codes = np.tile(np.array([0, 1], np.uint8), n // 2)
    codes[-1] = 2
    graph = replace(
        one, customer_starts=np.array([0, n]), at_us=np.arange(n, dtype=np.int64),
        touchpoint_codes=codes, channel_codes=np.zeros(n, np.uint8),
        stage_codes=np.zeros(n, np.uint8), value_minor=np.zeros(n, np.int64), as_of_us=n - 1,
    )  # fmt: skip
    view = graph.journeys()

    def found(**options: Any) -> set[str]:
        question = CommonPaths(form=PathForm.PATTERN, at_least=1, first=1000, **options)
        return {"".join(node.items) for node in common_paths(question, view).nodes}

    words = {"".join(word) for n in range(1, 6) for word in product("xy", repeat=n)}
    assert found() == words | {word[:-1] + "z" for word in words}  # z is the last
    assert found(max_gap=0, min_length=5) == {"xyxyx", "yxyxy", "yxyxz"}
    within_four = {"".join(word) for run in ("xyxy", "yxyx", "xyxz")
                   for word in combinations(run, 3)}  # fmt: skip
    assert found(max_span="3us", min_length=3, max_length=3) == within_four


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"length": 3}, ConflictingOptionsError),
        ({"at_least": 0}, InvalidOptionError),
        ({"at_least": 2, "at_least_share": 0.1}, ConflictingOptionsError),
        ({"at_least_share": 0}, InvalidOptionError),
        ({"at_least_share": 1.01}, InvalidOptionError),
        ({"at_least_share": float("nan")}, InvalidOptionError),
        ({"at_least_share": "5 %"}, InvalidOptionError),
        ({"max_length": 0}, InvalidOptionError),
        ({"max_length": 33}, InvalidOptionError),
        ({"max_length": 2.5}, InvalidOptionError),
        ({"min_length": 6}, InvalidOptionError),
        ({"min_length": 0}, InvalidOptionError),
        ({"max_gap": -1}, InvalidOptionError),
        ({"max_gap": True}, InvalidOptionError),
        ({"max_gap_time": 5}, InvalidDurationError),
        ({"max_span": "0s"}, InvalidDurationError),
        ({"keep": "best"}, InvalidOptionError),
        ({"against": {"touched": ["x"]}}, ConflictingOptionsError),
        ({"form": "CONTRAST"}, InvalidOptionError),
        ({"form": "CONTRAST", "against": {}}, InvalidOptionError),
        ({"form": "CONTRAST", "against": {"touchd": ["x"]}}, UnknownOptionError),
        ({"form": "WHOLE", "max_gap": 1}, ConflictingOptionsError),
        ({"form": "NGRAM", "keep": "closed"}, ConflictingOptionsError),
        ({"first": 1001}, InvalidOptionError),
        ({"after": "page 2"}, InvalidOptionError),
    ],
)
def test_bad_options_are_refused(options: dict[str, Any], error: type[JourneyGraphError]) -> None:
    view = graph_from_rows([("a", 0, "x")]).journeys()
    with pytest.raises(error):
        common_paths(CommonPaths(**{"form": "PATTERN", **options}), view)


def test_too_many_patterns_say_how_to_ask_for_fewer() -> None:
    rows = [(name, at, f"t{at:02}") for name in "ab" for at in range(40)]
    view = graph_from_rows(rows).journeys()
    with pytest.raises(TooManyPatternsError) as caught:
        common_paths(CommonPaths(form=PathForm.PATTERN, max_length=12), view)
    assert "in at least 1 of 2 customers" in caught.value.problem
    assert "max_length" in caught.value.remedy


def test_nobody_has_no_patterns() -> None:
    view = graph_from_rows([], customers=["a"]).journeys()
    answer = common_paths(CommonPaths(form=PathForm.PATTERN), view)
    assert (answer.units, answer.distinct, answer.coverage, answer.nodes) == (0, 0, None, ())
    assert not answer.page_info.has_next_page


def test_times_of_collapsed_runs_are_from_start_to_start_but_durations_to_the_end() -> None:
    rows = [("a", 0, "x"), ("a", 4, "x"), ("a", 10, "y"), ("a", DAY_US, "y")]
    view = graph_from_rows(rows).journeys(rules={"collapse": True})
    question = CommonPaths(form=PathForm.PATTERN, min_length=2, max_gap_time="10us")
    (node,) = common_paths(question, view).nodes
    assert node.items == ("x", "y")
    assert node.median_seconds == 86_400
    nothing = CommonPaths(form=PathForm.PATTERN, min_length=2, max_gap_time="9us")
    assert common_paths(nothing, view).nodes == ()


def test_what_is_asked_again_is_remembered_and_told_apart_by_its_options() -> None:
    rows = [(name, at, item) for name in "abcd" for at, item in enumerate("xyzx")]
    graph = graph_from_rows(rows)
    memory = StatisticsCache(1 << 20)
    views = memory.journeys(graph), graph.journeys()
    asked = [
        CommonPaths(form=PathForm.PATTERN, max_length=length, max_gap=gap, keep=keep)
        for length, gap in ((2, None), (2, 0), (3, None))
        for keep in Keep
    ]
    asked += [
        CommonPaths(form=PathForm.CONTRAST, against=CustomerWhere(ids=ids_))
        for ids_ in (("a",), ("b", "c"))
    ]
    for question in [*asked, *asked]:
        remembered, counted = (common_paths(question, view) for view in views)
        assert [told(node) for node in remembered.nodes] == [told(node) for node in counted.nodes]
        assert remembered.distinct == counted.distinct
    assert memory.use.hits >= 2 * len(asked)
