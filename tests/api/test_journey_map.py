"""The journey map in GraphQL: all that Python answers, field by field."""

from collections.abc import Callable
from typing import Any

import pytest

from api.answers import to_plain
from api.graphql.schema import schema
from journeygraph.graph import JourneyGraph
from queries.journey_map import JourneyMap, journey_map
from tests.api.asking import everything

Ask = Callable[..., dict[str, Any]]
ALL = everything(schema().graphql_schema, "JourneyMapAnswer")


@pytest.mark.parametrize(
    ("given", "question"),
    [
        ("first: 7", JourneyMap(first=7)),
        (
            'first: 5, atLeast: 20, inactivity: "90d"',
            JourneyMap(first=5, at_least=20, inactivity="90d"),
        ),
    ],
)
def test_it_is_answered_as_in_python(
    ask: Ask, graph: JourneyGraph, given: str, question: JourneyMap
) -> None:
    said = ask(f"{{ journeys {{ journeyMap({given}) {ALL} }} }}")["journeys"]["journeyMap"]
    answer = journey_map(question, graph.journeys())
    assert answer.nodes[0].emotion.low is not None
    assert answer.gap.ratings
    assert said == to_plain(answer, graph.exponent)


PLANNED = {
    "name": "to the purchase",
    "stages": [
        {"stage": "look", "within": "20d", "touchpoints": [
            {"touchpoint": "product page", "channel": "web", "repeats": True},
            {"touchpoint": "compare models", "optional": True},
        ]},
        {"stage": "buy", "touchpoints": [
            {"touchpoint": "cart", "within": "2d"}, {"touchpoint": "purchase"},
        ]},
    ],
}  # fmt: skip


def test_a_planned_journey_is_held_against_them_as_in_python(ask: Ask, graph: JourneyGraph) -> None:
    asked = "query ($plan: PlannedJourneyInput) { journeys { journeyMap(first: 4, planned: $plan) "
    said = ask(f"{asked}{ALL} }} }}", plan=PLANNED)["journeys"]["journeyMap"]
    answer = journey_map(JourneyMap(first=4, planned=PLANNED), graph.journeys())
    assert answer.planned is not None
    assert answer.planned.deviations[0].emotion_difference.low is not None
    assert answer.planned.steps[2].late.of
    assert said == to_plain(answer, graph.exponent)


def test_a_plan_that_cannot_be_used_is_refused_with_its_field(problem: Ask) -> None:
    asked = """{ journeys { journeyMap(planned: {stages: [
        {stage: "a", touchpoints: [{touchpoint: "cart", within: "soon"}]}]}) { units } } }"""
    error = problem(asked)
    assert error["code"] == "BAD_PLANNED_JOURNEY"
    assert error["message"].startswith("stages[1].touchpoints[1].within: 'soon'")


def test_the_customers_behind_counts(ask: Ask) -> None:
    counts = "units customers { count } exits exitCustomers { count } open openCustomers { count }"
    asked = f"journeyMap(first: 3) {{ stages {{ {counts} }} nodes {{ {counts} }} }}"
    said = ask(f"{{ journeys {{ {asked} }} }}")["journeys"]["journeyMap"]
    for node in [*said["stages"], *said["nodes"]]:
        assert node["customers"]["count"] == node["units"]
        assert node["exitCustomers"]["count"] == node["exits"]
        assert node["openCustomers"]["count"] == node["open"]
