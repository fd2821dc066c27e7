"""Drop-off of two populations in GraphQL: all that Python answers, field by field."""

from collections.abc import Callable
from typing import Any

from api.answers import to_plain
from api.graphql.schema import schema
from journeygraph.graph import JourneyGraph
from queries.drop_off_contrast import DropOffContrast, drop_off_contrast
from tests.api.asking import everything

Ask = Callable[..., dict[str, Any]]
ALL = everything(schema().graphql_schema, "DropOffContrastAnswer")


def test_it_is_answered_as_in_python(ask: Ask, graph: JourneyGraph) -> None:
    given = 'against: {touched: ["cart"]}, first: 4'
    said = ask(f"{{ journeys {{ dropOffContrast({given}) {ALL} }} }}")
    answer = drop_off_contrast(
        DropOffContrast(against={"touched": ["cart"]}, first=4), graph.journeys()
    )
    assert answer.tested
    assert said["journeys"]["dropOffContrast"] == to_plain(answer, graph.exponent)


def test_a_population_of_its_own_is_answered_as_in_python(ask: Ask, graph: JourneyGraph) -> None:
    given = 'againstWhere: {until: "2024-03-01", notDid: "cart"}, first: 4'
    said = ask(f"{{ journeys {{ dropOffContrast({given}) {ALL} }} }}")
    where = {"until": "2024-03-01", "not_did": "cart"}
    answer = drop_off_contrast(DropOffContrast(against_where=where, first=4), graph.journeys())
    assert answer.shared
    assert said["journeys"]["dropOffContrast"] == to_plain(answer, graph.exponent)
    shared = ask(
        f"{{ journeys {{ dropOffContrast({given}) {{ shared sharedCustomers {{ count }} }} }} }}"
    )["journeys"]["dropOffContrast"]
    assert shared["shared"] == shared["sharedCustomers"]["count"] == answer.shared


def test_the_customers_behind_counts(ask: Ask) -> None:
    side = "{ visits visitors { count } exits customers { count } open openCustomers { count } }"
    said = ask(
        f"""{{ journeys {{ dropOffContrast(against: {{referred: true}}, first: 3) {{
             nodes {{ population {side} against {side} }} }} }} }}"""
    )["journeys"]["dropOffContrast"]
    for node in said["nodes"]:
        for found in filter(None, node.values()):
            assert found["visitors"]["count"] == found["visits"]
            assert found["customers"]["count"] == found["exits"]
            assert found["openCustomers"]["count"] == found["open"]
