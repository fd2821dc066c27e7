"""What follows a step in GraphQL: all that Python answers, field by field."""

from collections.abc import Callable
from typing import Any

from api.answers import to_plain
from api.graphql.schema import schema
from journeygraph.graph import JourneyGraph
from queries.after_drop import AfterDrop, after_drop
from tests.api.asking import everything

Ask = Callable[..., dict[str, Any]]
ALL = everything(schema().graphql_schema, "AfterDropAnswer")


def test_it_is_answered_as_in_python(ask: Ask, graph: JourneyGraph) -> None:
    given = (
        'steps: ["search ad|newsletter", "product page"], to: ["cart"], within: "20d", '
        "atLeast: 3, first: 4"
    )
    said = ask(f"{{ journeys {{ afterDrop({given}) {ALL} }} }}")["journeys"]["afterDrop"]
    question = AfterDrop(
        steps=["search ad|newsletter", "product page"], to=["cart"], within="20d", at_least=3,
        first=4,
    )  # fmt: skip
    answer = after_drop(question, graph.journeys())
    assert answer.droppers
    assert answer.converters
    assert said == to_plain(answer, graph.exponent)


def test_the_customers_behind_counts(ask: Ask) -> None:
    said = ask(
        """{ journeys { afterDrop(steps: ["product page"], items: 3, first: 3) {
             reached reachedCustomers { count } droppers dropperCustomers { count }
             converters converterCustomers { count } undecided undecidedCustomers { count }
             unobserved unobservedCustomers { count }
             nodes { droppers dropperCustomers { count } converters converterCustomers { count } }
        } } }"""
    )["journeys"]["afterDrop"]
    assert said["reachedCustomers"]["count"] == said["reached"]
    for one in (said, *said["nodes"]):
        assert one["dropperCustomers"]["count"] == one["droppers"]
        assert one["converterCustomers"]["count"] == one["converters"]
    assert said["undecidedCustomers"]["count"] == said["undecided"]
    assert said["unobservedCustomers"]["count"] == said["unobserved"]


def test_what_excludes_each_other_is_refused(problem: Ask) -> None:
    error = problem('{ journeys { afterDrop(steps: ["cart"], items: 2, within: "1d") { units } } }')
    assert error["code"] == "CONFLICTING_OPTIONS"
