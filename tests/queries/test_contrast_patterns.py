"""Contrast patterns: counts of both populations by hand, tests by SciPy, and what is tested."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from journeygraph.cohorts import CustomerWhere
from journeygraph.errors import UnknownColumnError, UnknownTouchpointError
from journeygraph.graph_build import graph_from_rows
from journeygraph.statistics.patterns import Keep
from queries.common_paths import CommonPaths, PathForm, common_paths
from queries.contrasts import odds_ratio, risk_difference
from queries.customer_lists import CustomerList
from queries.intervals import benjamini_hochberg, wilson
from tests.journeys.views import cases
from tests.naive import journeys as naive_journeys
from tests.naive import patterns as naive
from tests.statistics.sequences import Case, view_and_units


def contrasted(against: dict[str, Any], **options: Any) -> CommonPaths:
    given = {"at_least": 1, "max_length": 2, "first": 1000, **options}
    return CommonPaths(form=PathForm.CONTRAST, against=CustomerWhere(**against), **given)


def ids(customers: CustomerList) -> list[str]:
    return list(customers.page(1000).ids)


def p_of(first: int, n_first: int, second: int, n_second: int) -> float:
    """Pearson's chi-square, or Fisher's exact test where fewer than 5 are expected in a cell."""
    table = np.array([[first, n_first - first], [second, n_second - second]])
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    if (expected < 5).any():
        return float(stats.fisher_exact(table).pvalue)
    return float(stats.chi2_contingency(table, correction=False).pvalue)


@given(case=cases(), data=st.data(), keep=st.sampled_from(Keep))
def test_both_populations_are_those_of_the_naive_twin(
    case: Case, data: st.DataObject, keep: Keep
) -> None:
    view, units = view_and_units(case)
    world, options = case
    until = (options.get("where") or {}).get("until")
    touchpoints = sorted({row[2] for row in world.rows})
    conditions: list[dict[str, Any]] = [{"has_outcome": True}, {"has_outcome": False}]
    conditions += [{"touched": [touchpoint]} for touchpoint in touchpoints]
    against = data.draw(st.sampled_from(conditions))
    answer = common_paths(contrasted(against, keep=keep), view)

    def is_second(unit: naive_journeys.Unit) -> bool:
        history = [
            one
            for one in naive_journeys.interactions_of(world, unit.customer)
            if until is None or one.at < until
        ]
        return naive_journeys.is_meant(
            unit.customer, history, against, options.get("outcome"), world
        )

    second = [is_second(unit) for unit in units]
    n_second, n_first = sum(second), len(units) - sum(second)
    facts = naive.pattern_facts(units, 2, naive.Limits(), lambda _: False)
    wanted = naive.kept(facts, 1, keep)
    assert {node.items for node in answer.nodes} == wanted
    assert answer.contrast is not None
    assert (answer.contrast.units, answer.contrast.against_units) == (n_first, n_second)
    p_values = []
    for node in answer.nodes:
        holders = facts[node.items].holders
        one = [units[unit].customer for unit in holders if not second[unit]]
        other = [units[unit].customer for unit in holders if second[unit]]
        contrast = node.contrast
        assert contrast is not None
        cells = (len(one), n_first, len(other), n_second)
        assert (contrast.units, contrast.against_units) == (len(one), len(other))
        assert contrast.share == wilson(*cells[:2], view.confidence)
        assert contrast.against_share == wilson(*cells[2:], view.confidence)
        assert contrast.difference == risk_difference(*cells, view.confidence)
        assert contrast.odds_ratio == odds_ratio(*cells, view.confidence)
        assert ids(contrast.customers) == list(dict.fromkeys(one))
        assert ids(contrast.against_customers) == list(dict.fromkeys(other))
        if 0 in (n_first, n_second) or len(holders) == len(units):
            assert (contrast.p_value, contrast.q_value, contrast.test) == (None, None, None)
            assert contrast.untested
        else:
            assert contrast.p_value is not None
            assert contrast.p_value == pytest.approx(p_of(*cells), rel=1e-9)
            p_values.append(contrast.p_value)
        if one and other:
            growth = contrast.share.value / contrast.against_share.value  # type: ignore[operator]
            assert contrast.growth == pytest.approx(growth)
    assert answer.contrast.tested == len(p_values)
    assert p_values == sorted(p_values)
    tested = [node.contrast for node in answer.nodes if node.contrast and node.contrast.test]
    assert [one.q_value for one in tested] == pytest.approx(benjamini_hochberg(p_values).tolist())


@given(case=cases(), first=st.integers(1, 3))
def test_what_is_listed_changes_no_q_value(case: Case, first: int) -> None:
    view, _ = view_and_units(case)
    whole = common_paths(contrasted({"has_outcome": True}), view)
    page = common_paths(contrasted({"has_outcome": True}, first=first), view)
    told = [(node.items, node.contrast and node.contrast.q_value) for node in whole.nodes]
    assert [(node.items, node.contrast and node.contrast.q_value) for node in page.nodes] == (
        told[:first]
    )


def test_populations_differ_as_planted() -> None:
    rows = []
    for number in range(100):
        way = "abc" if number < 60 else "cba"
        rows += [(f"first{number}", at, name) for at, name in enumerate(way)]
        way = "abc" if number < 20 else "cba"
        rows += [(f"second{number}", at, name) for at, name in enumerate(way + "z")]
    view = graph_from_rows(rows).journeys(rules={"exclude": ["z"]})
    answer = common_paths(contrasted({"touched": ["z"]}, min_length=2), view)
    found = {node.items: node.contrast for node in answer.nodes}
    contrast = found["a", "c"]
    assert contrast is not None
    assert (contrast.units, contrast.against_units, contrast.growth) == (60, 20, 3.0)
    assert contrast.difference.value == pytest.approx(0.4)
    assert contrast.odds_ratio.value == pytest.approx(6.0)
    assert contrast.p_value == pytest.approx(p_of(60, 100, 20, 100))
    assert not contrast.small
    assert answer.contrast is not None
    assert answer.contrast.warnings == ()
    # six patterns of two, all as sure: their q is their p
    assert answer.contrast.tested == 6
    assert contrast.q_value == pytest.approx(contrast.p_value)


def test_small_populations_and_outcomes_are_warned_of() -> None:
    rows = [("a", 0, "x"), ("b", 0, "x"), ("b", 1, "purchase")]
    view = graph_from_rows(rows).journeys()
    answer = common_paths(contrasted({"has_outcome": True}), view)
    assert answer.contrast is not None
    small, leak = answer.contrast.warnings
    assert "1 are of the second population" in small
    assert "behind the outcome" in leak
    assert all(node.contrast and node.contrast.small for node in answer.nodes)
    everybody = common_paths(contrasted({"touched": ["x"]}), view)
    assert {node.contrast and node.contrast.untested for node in everybody.nodes} == {
        "the first population is empty"
    }


def test_a_condition_on_what_is_not_there_is_refused() -> None:
    view = graph_from_rows([("a", 0, "x")]).journeys()
    with pytest.raises(UnknownTouchpointError):
        common_paths(contrasted({"touched": ["y"]}), view)
    with pytest.raises(UnknownColumnError):
        common_paths(contrasted({"attributes": {"colour": ["red"]}}), view)
