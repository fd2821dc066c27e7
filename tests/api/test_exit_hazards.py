"""Hazards of leaving in GraphQL: all that Python answers, field by field."""

from collections.abc import Callable
from typing import Any

import pytest

from api.answers import to_plain
from api.graphql.schema import schema
from journeygraph.graph import JourneyGraph
from queries.exit_hazards import ExitHazards, exit_hazards
from tests.api.asking import everything

Ask = Callable[..., dict[str, Any]]
ALL = everything(schema().graphql_schema, "ExitHazardsAnswer")


@pytest.mark.parametrize(
    ("given", "question"),
    [
        ("first: 7", ExitHazards(first=7)),
        (
            'item: "product page", every: "7d", first: 5',
            ExitHazards(item="product page", every="7d", first=5),
        ),
    ],
)
def test_it_is_answered_as_in_python(
    ask: Ask, graph: JourneyGraph, given: str, question: ExitHazards
) -> None:
    said = ask(f"{{ journeys {{ exitHazards({given}) {ALL} }} }}")["journeys"]["exitHazards"]
    answer = exit_hazards(question, graph.journeys())
    assert answer.exits
    assert said == to_plain(answer, graph.exponent)


def test_the_customers_behind_counts(ask: Ask) -> None:
    said = ask(
        """{ journeys { exitHazards(every: "30d", first: 3) { nodes {
             atRisk atRiskCustomers { count } exits customers { count }
             open openCustomers { count } } } } }"""
    )["journeys"]["exitHazards"]
    for node in said["nodes"]:
        assert node["atRiskCustomers"]["count"] == node["atRisk"]
        assert node["customers"]["count"] == node["exits"]
        assert node["openCustomers"]["count"] == node["open"]
