"""Patterns and contrasts in GraphQL: all that Python answers, field by field."""

from collections.abc import Callable
from typing import Any

import pytest
from graphql import get_named_type

from api.answers import to_plain
from api.graphql.schema import schema
from journeygraph.cohorts import CustomerWhere
from journeygraph.graph import JourneyGraph
from journeygraph.statistics.patterns import Keep
from queries.common_paths import CommonPaths, PathForm, common_paths
from tests.api.asking import everything

Ask = Callable[..., dict[str, Any]]
SCHEMA = schema().graphql_schema
ANSWER = get_named_type(SCHEMA.type_map["Journeys"].fields["commonPaths"].type).name

PATTERNS = (
    "form: PATTERN, atLeastShare: 0.1, minLength: 2, maxLength: 4, maxGap: 3, "
    'maxGapTime: "10d", maxSpan: "20d", keep: MAXIMAL, first: 6'
)
CONTRASTS = (
    "form: CONTRAST, atLeast: 5, maxLength: 2, first: 6, "
    'against: {touched: ["cart"], attributes: [{name: "segment", values: ["new"]}]}'
)


@pytest.mark.parametrize("exact", [False, True])
def test_patterns_are_answered_as_in_python(ask: Ask, graph: JourneyGraph, exact: bool) -> None:
    given = f"{PATTERNS}, exact: {str(exact).lower()}"
    said = ask(f"{{ journeys {{ commonPaths({given}) {everything(SCHEMA, ANSWER)} }} }}")
    question = CommonPaths(
        form=PathForm.PATTERN, at_least_share=0.1, min_length=2, max_length=4, max_gap=3,
        max_gap_time="10d", max_span="20d", keep=Keep.MAXIMAL, first=6, exact=exact,
    )  # fmt: skip
    answer = common_paths(question, graph.journeys())
    assert answer.nodes
    assert said["journeys"]["commonPaths"] == to_plain(answer, graph.exponent)


def test_contrasts_are_answered_as_in_python(ask: Ask, graph: JourneyGraph) -> None:
    name = next(iter(graph.attributes.columns))
    value = str(graph.attributes[name].dropna().iloc[0])
    given = CONTRASTS.replace("segment", name).replace("new", value)
    said = ask(f"{{ journeys {{ commonPaths({given}) {everything(SCHEMA, ANSWER)} }} }}")
    question = CommonPaths(
        form=PathForm.CONTRAST, at_least=5, max_length=2, first=6,
        against=CustomerWhere(touched=("cart",), attributes={name: (value,)}),
    )  # fmt: skip
    answer = common_paths(question, graph.journeys())
    assert answer.contrast is not None
    assert answer.contrast.tested > 6
    assert said["journeys"]["commonPaths"] == to_plain(answer, graph.exponent)


def test_the_customers_of_both_populations_can_be_listed(ask: Ask) -> None:
    said = ask(
        """{ journeys { commonPaths(form: CONTRAST, first: 1, against: {hasOutcome: true}) {
             contrast { units customers(first: 1000) { count } againstCustomers { count } }
             nodes { contrast { units customers { count nodes { id } }
                     againstUnits againstCustomers { count } } } } } }"""
    )
    found = said["journeys"]["commonPaths"]
    assert found["contrast"]["customers"]["count"] == found["contrast"]["units"]
    assert found["contrast"]["againstCustomers"]["count"] > 0
    (node,) = found["nodes"]
    assert node["contrast"]["customers"]["count"] == node["contrast"]["units"]
    assert node["contrast"]["againstCustomers"]["count"] == node["contrast"]["againstUnits"]
