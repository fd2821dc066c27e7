"""The next best touchpoint in GraphQL: all that Python answers, of journeys and of a customer."""

from collections.abc import Callable
from typing import Any

import pytest

from api.answers import to_plain
from api.graphql.schema import schema
from journeygraph.graph import JourneyGraph
from queries.next_best import NextBest, next_best
from queries.next_evaluation import NextEvaluation, next_evaluation
from queries.next_gains import Objective
from tests.api.asking import everything

Ask = Callable[..., dict[str, Any]]
BEST = everything(schema().graphql_schema, "NextBestAnswer")
EVALUATION = everything(schema().graphql_schema, "NextEvaluationAnswer")


@pytest.mark.parametrize(
    ("given", "question"),
    [
        (
            'prefix: ["product page"], within: "14d", atLeast: 5, first: 2',
            NextBest(prefix=["product page"], within="14d", at_least=5, first=2),
        ),
        (
            'customer: "c2", objective: VALUE, within: "60d", horizon: "90d", length: 2, '
            'atLeast: 5, contacts: ["newsletter", "service call"], never: ["service call"], '
            'limits: {atMost: 2, per: "7d", quietFrom: "21:00", quietUntil: "08:00"}',
            NextBest(
                customer="c2", objective=Objective.VALUE, within="60d", horizon="90d", length=2,
                at_least=5, contacts=["newsletter", "service call"], never=["service call"],
                limits={"atMost": 2, "per": "7d", "quietFrom": "21:00", "quietUntil": "08:00"},
            ),
        ),
    ],
)  # fmt: skip
def test_it_is_answered_as_in_python(
    ask: Ask, graph: JourneyGraph, given: str, question: NextBest
) -> None:
    said = ask(f"{{ journeys {{ nextBest({given}) {BEST} }} }}")["journeys"]["nextBest"]
    answer = next_best(question, graph.journeys())
    assert answer.candidates
    assert said == to_plain(answer, graph.exponent)


def test_of_a_customer_it_is_that_of_journeys(ask: Ask) -> None:
    said = ask(
        f"""{{ journeys(inactivity: "20d", outcome: {{stages: ["purchase"]}}) {{
            nextBest(customer: "c42", atLeast: 5) {BEST} }}
          customer(id: "c42") {{ nextBest(atLeast: 5, inactivity: "20d",
            outcome: {{stages: ["purchase"]}}) {BEST} }} }}"""
    )
    assert said["customer"]["nextBest"] == said["journeys"]["nextBest"]
    assert said["customer"]["nextBest"]["asked"]


def test_the_customers_behind_counts(ask: Ask) -> None:
    said = ask(
        """{ journeys { nextBest(prefix: ["product page"], within: "14d", atLeast: 5) {
             units customers { count } notContacted notContactedCustomers { count }
             nodes { units customers { count } worked workedCustomers { count } } } } }"""
    )["journeys"]["nextBest"]
    assert said["customers"]["count"] == said["units"] > 0
    assert said["notContactedCustomers"]["count"] == said["notContacted"]
    for node in said["nodes"]:
        assert node["customers"]["count"] == node["units"]
        assert node["workedCustomers"]["count"] == node["worked"]


def test_the_evaluation_is_answered_as_in_python(ask: Ask, graph: JourneyGraph) -> None:
    given = 'within: "14d", length: 2, atLeast: 9, hitsAt: [2], splitAt: "2024-06-01"'
    said = ask(f"{{ journeys {{ nextEvaluation({given}) {EVALUATION} }} }}")
    question = NextEvaluation(
        within="14d", length=2, at_least=9, hits_at=[2], split_at="2024-06-01"
    )
    answer = next_evaluation(question, graph.journeys())
    assert answer.tested
    assert said["journeys"]["nextEvaluation"] == to_plain(answer, graph.exponent)
