"""Funnels with conditions in GraphQL: all that Python answers, field by field."""

from collections.abc import Callable
from typing import Any

import pytest
from graphql import get_named_type

from api.answers import to_plain
from api.graphql.schema import schema
from journeygraph.graph import JourneyGraph
from queries.funnel import Funnel, funnel
from tests.api.asking import everything

Ask = Callable[..., dict[str, Any]]
SCHEMA = schema().graphql_schema
ANSWER = get_named_type(SCHEMA.type_map["Journeys"].fields["funnel"].type).name

STEPS = '{anyOf: ["product page"]}, {anyOf: ["cart"]}, {anyOf: ["purchase"]}'
CASES: list[tuple[str, dict[str, Any]]] = [
    ('order: ANY, window: "9d"', {"order": "any", "window": "9d"}),
    (
        'stepWindow: "5d", optional: [2], session: {inactivity: "20d"}, holdConstant: ["channel"]',
        {
            "step_window": "5d", "optional": [2], "session": {"inactivity": "20d"},
            "hold_constant": ["channel"],
        },
    ),
    (
        'entry: EVERY, exclude: [{anyOf: ["home"], after: 1, before: 2, meaning: COUNTS_UP_TO}]',
        {
            "entry": "every",
            "exclude": [{"anyOf": ["home"], "after": 1, "before": 2, "meaning": "counts_up_to"}],
        },
    ),
    (
        'exclude: [{anyOf: ["home"]}], breakdown: {column: "channel", of: "last", first: 2}',
        {
            "exclude": [{"anyOf": ["home"]}],
            "breakdown": {"column": "channel", "of": "last", "first": 2},
        },
    ),
    (
        'compare: {customers: {touched: ["home"]}}, exact: true',
        {"compare": {"customers": {"touched": ["home"]}}, "exact": True},
    ),
    ('compare: {since: "2024-03-01"}', {"compare": {"since": "2024-03-01"}}),
    (
        'compare: {where: {from: "2024-02-01", until: "2024-03-01", did: ". cart"}}',
        {"compare": {"where": {"from": "2024-02-01", "until": "2024-03-01", "did": ". cart"}}},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("given", "options"), CASES)
def test_funnels_are_answered_as_in_python(
    ask: Ask, graph: JourneyGraph, given: str, options: dict[str, Any]
) -> None:
    exclusion = next((name for name in graph.touchpoints if name != "cart"), "cart")
    given = given.replace('"home"', f'"{exclusion}"')
    options = eval(repr(options).replace("'home'", repr(exclusion)))
    said = ask(
        f"{{ journeys {{ funnel(steps: [{STEPS}], {given}) {everything(SCHEMA, ANSWER, 6)} }} }}"
    )
    asked = Funnel(steps=["product page", "cart", "purchase"], **options)
    answer = funnel(asked, graph.journeys())
    assert answer.steps[0].units
    assert said["journeys"]["funnel"] == to_plain(answer, graph.exponent)


def test_a_step_has_conditions_of_its_own(ask: Ask, graph: JourneyGraph) -> None:
    last = (
        '{anyOf: ["cart"], follows: EVENTUALLY, within: "9d", '
        'where: {channels: ["web"]}, label: "soon"}'
    )
    said = ask(
        f'{{ journeys {{ funnel(steps: [{{anyOf: ["product page"]}}, {last}]) '
        "{ steps { label units customers { count } } } } }"
    )
    step: Any = {
        "any_of": ["cart"],
        "within": "9d",
        "where": {"channels": ["web"]},
        "label": "soon",
    }
    answer = funnel(Funnel(steps=["product page", step]), graph.journeys())
    found = said["journeys"]["funnel"]["steps"][1]
    assert found["label"] == "soon"
    assert found["units"] == found["customers"]["count"] == answer.steps[1].units
