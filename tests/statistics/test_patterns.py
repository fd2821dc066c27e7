"""Patterns with gaps: both miners find what trying everything finds, on any number of threads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.errors import TooManyPatternsError
from journeygraph.graph_build import graph_from_rows
from journeygraph.journeys import Journeys
from journeygraph.statistics import patterns
from journeygraph.statistics.pattern_layout import Limits
from journeygraph.statistics.pattern_occurrences import pattern_facts, units_with_patterns
from journeygraph.statistics.patterns import Keep, PatternCounts, PatternRule, mine_patterns
from journeygraph.statistics.quantiles import exact_quantile_us
from journeygraph.statistics.sequences import Lists
from tests.journeys.views import cases
from tests.naive import journeys as naive_journeys
from tests.naive import patterns as naive
from tests.naive.paths import Path
from tests.statistics.sequences import Case, view_and_units
from tests.strategies import DAY_US

Found = dict[Path, tuple[int, int, int]]

limits = st.builds(
    Limits,
    gap=st.sampled_from([None, None, 0, 1, 2]),
    gap_us=st.sampled_from([None, None, 1, DAY_US // 24, DAY_US]),
    span_us=st.sampled_from([None, None, 2, DAY_US // 12, 3 * DAY_US]),
)
rules = st.builds(
    PatternRule,
    least=st.integers(1, 3),
    min_length=st.integers(1, 2),
    max_length=st.integers(1, 3),
    limits=st.one_of(st.just(Limits()), limits),
    keep=st.sampled_from(Keep),
)


def as_naive(given_limits: Limits) -> naive.Limits:
    return naive.Limits(given_limits.gap, given_limits.gap_us, given_limits.span_us)


def named(view: Journeys, counts: PatternCounts) -> Found:
    found = {
        tuple(view.items[code] for code in codes): (int(units), int(count), int(second))
        for codes, units, count, second in zip(
            counts.lists().tuples(), counts.units, counts.counts, counts.second, strict=True
        )
    }
    assert len(found) == len(counts)
    return found


def expected(units: list[naive_journeys.Unit], rule: PatternRule, second: Any) -> Found:
    facts = naive.pattern_facts(units, rule.max_length, as_naive(rule.limits), lambda _: False)
    return {
        pattern: (
            facts[pattern].units, facts[pattern].count,
            sum(bool(second[unit]) for unit in facts[pattern].holders),
        )
        for pattern in naive.kept(facts, rule.least, rule.keep)
        if len(pattern) >= rule.min_length
    }  # fmt: skip


@given(case=cases(simultaneous=True), rule=rules, data=st.data())
def test_both_miners_find_what_trying_everything_finds(
    case: Case, rule: PatternRule, data: st.DataObject
) -> None:
    view, units = view_and_units(case)
    flags = st.lists(st.booleans(), min_size=view.n_units, max_size=view.n_units)
    second = np.array(data.draw(flags), np.bool_)
    wanted = expected(units, rule, second)
    assert named(view, mine_patterns(view, rule, second)) == wanted
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("journeygraph.kernels.patterns.MOST_ITEMS", 0)
        assert named(view, mine_patterns(view, rule, second)) == wanted
    alone = named(view, mine_patterns(view, rule))
    assert alone == {pattern: (*counts[:2], 0) for pattern, counts in wanted.items()}


@given(case=cases(simultaneous=True, many_touchpoints=True), rule=rules)
def test_facts_are_those_of_the_first_occurrence(case: Case, rule: PatternRule) -> None:
    view, units = view_and_units(case)
    world, options = case
    outcome = options.get("outcome")
    if len(world.rows) >= 300:  # trying everything would take forever
        rule = PatternRule(least=2, max_length=2, limits=rule.limits)
    facts = naive.pattern_facts(
        units, rule.max_length if len(world.rows) < 300 else 1, as_naive(rule.limits),
        lambda one: naive_journeys.is_outcome(one, outcome, world),
    )  # fmt: skip
    counts = mine_patterns(view, rule)
    lists = counts.lists()
    found = pattern_facts(view, lists, counts.units, rule.limits)
    covered: set[int] = set()
    for number, codes in enumerate(lists.tuples()):
        pattern = tuple(view.items[code] for code in codes)
        if pattern not in facts:
            continue
        one = facts[pattern]
        durations = np.array(one.durations, np.int64)
        assert found.outcome_units[number] == one.outcome_units
        assert found.value_minor[number] == one.value
        assert found.median_us[number] == exact_quantile_us(durations, 50)
        assert found.p95_us[number] == exact_quantile_us(durations, 95)
        single = Lists.of([codes])
        who = units_with_patterns(view, single, counts.units[[number]], rule.limits)
        assert who.tolist() == one.holders
        covered |= set(one.holders)
    if len(world.rows) < 300:
        assert np.flatnonzero(found.covered).tolist() == sorted(covered)


@given(case=cases(simultaneous=True), rule=rules, threads=st.sampled_from(["1", "2", "5"]))
def test_threads_and_blocks_change_nothing(case: Case, rule: PatternRule, threads: str) -> None:
    view, _ = view_and_units(case)
    whole = named(view, mine_patterns(view, rule))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOURNEYGRAPH_THREADS", threads)
        patch.setattr("journeygraph.threads._LEAST_SIZE", 1)
        patch.setattr(
            "journeygraph.statistics.pattern_layout.blocks_or_nothing",
            lambda view: view.blocks(3) or blocks_of_nothing(view),
        )
        counts = mine_patterns(view, rule)
        assert named(view, counts) == whole
        facts = pattern_facts(view, counts.lists(), counts.units, rule.limits)
    again = pattern_facts(view, counts.lists(), counts.units, rule.limits)
    assert facts.median_us == again.median_us
    assert facts.outcome_units == again.outcome_units
    assert facts.covered.tolist() == again.covered.tolist()


def blocks_of_nothing(view: Journeys) -> Any:
    from journeygraph.statistics.base import blocks_or_nothing

    return blocks_or_nothing(view)


@given(case=cases(simultaneous=True), rule=rules)
def test_what_is_left_out_is_contained_in_what_is_kept(case: Case, rule: PatternRule) -> None:
    view, _ = view_and_units(case)
    every = PatternRule(least=rule.least, max_length=rule.max_length, limits=rule.limits)
    closed = PatternRule(least=rule.least, max_length=rule.max_length, limits=rule.limits,
                         keep=Keep.CLOSED)  # fmt: skip
    maximal = PatternRule(least=rule.least, max_length=rule.max_length, limits=rule.limits,
                          keep=Keep.MAXIMAL)  # fmt: skip
    all_found = named(view, mine_patterns(view, every))
    closed_found = named(view, mine_patterns(view, closed))
    maximal_found = named(view, mine_patterns(view, maximal))
    assert maximal_found.items() <= closed_found.items() <= all_found.items()
    if rule.limits.are_none:
        for pattern, counts in all_found.items():
            assert any(is_within(pattern, one) for one in maximal_found)
            assert counts[0] == max(
                more[0] for one, more in closed_found.items() if is_within(pattern, one)
            )


def is_within(pattern: Path, longer: Path) -> bool:
    rest = iter(longer)
    return all(item in rest for item in pattern)


def test_a_later_embedding_counts_where_the_first_leads_nowhere() -> None:
    rows = [("a", at, name) for at, name in enumerate("xzzxyz")]
    view = graph_from_rows(rows).journeys()
    rule = PatternRule(least=1, max_length=3, limits=Limits(gap=0))
    assert ("x", "y", "z") in named(view, mine_patterns(view, rule))
    assert ("x", "z", "y") not in named(view, mine_patterns(view, rule))


def test_limits_include_their_ends() -> None:
    view = graph_from_rows([("a", 0, "x"), ("a", 5, "y"), ("a", 10, "z")]).journeys()

    def found(given_limits: Limits) -> Found:
        return named(view, mine_patterns(view, PatternRule(least=1, limits=given_limits)))

    assert ("x", "y") in found(Limits(gap_us=5))
    assert ("x", "y") not in found(Limits(gap_us=4))
    assert ("x", "y", "z") in found(Limits(span_us=10))
    assert ("x", "y", "z") not in found(Limits(span_us=9))
    assert ("x", "z") in found(Limits(gap=1))
    assert ("x", "z") not in found(Limits(gap=0))


def test_more_patterns_than_anybody_reads_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [("a", at, f"t{at:02}") for at in range(30)]
    view = graph_from_rows(rows).journeys()
    monkeypatch.setattr(patterns, "MAX_PATTERNS", 1_000)
    for limit in (Limits(), Limits(gap=20)):
        with pytest.raises(TooManyPatternsError, match="More than 1,000 patterns"):
            mine_patterns(view, PatternRule(least=1, max_length=9, limits=limit))
    monkeypatch.setattr(patterns, "MAX_PATTERNS", 29)
    with pytest.raises(TooManyPatternsError):
        mine_patterns(view, PatternRule(least=1, max_length=1))
    monkeypatch.setattr(patterns, "MAX_PATTERNS", 30)
    assert len(mine_patterns(view, PatternRule(least=1, max_length=1))) == 30


def test_sixty_thousand_items_are_no_trouble() -> None:
    n = 60_000
    rows = [("a", at, f"t{at}") for at in range(n)] + [("b", 0, "t1"), ("b", 1, f"t{n - 1}")]
    view = graph_from_rows(rows).journeys()
    found = named(view, mine_patterns(view, PatternRule(least=2, limits=Limits())))
    assert found == {
        ("t1",): (2, 2, 0), (f"t{n - 1}",): (2, 2, 0), ("t1", f"t{n - 1}"): (2, 2, 0)
    }  # fmt: skip
    singles = mine_patterns(view, PatternRule(least=1, max_length=1))
    assert len(singles) == n
    pairs = mine_patterns(view, PatternRule(least=1, max_length=2, limits=Limits(gap=0)))
    assert len(pairs) == n + n  # each item, its successor, and the pair of the other customer


def test_nobody_has_no_patterns() -> None:
    view = graph_from_rows([], customers=["a"]).journeys()
    for limit in (Limits(), Limits(gap=1), Limits(span_us=1)):
        counts = mine_patterns(view, PatternRule(least=1, limits=limit))
        assert len(counts) == 0
        facts = pattern_facts(view, counts.lists(), counts.units, limit)
        assert facts.median_us == []
