"""Trees, grids and anchors in GraphQL: all that Python answers, field by field."""

from collections.abc import Callable
from typing import Any

import pytest
from graphql import get_named_type

from api.answers import to_plain
from api.graphql.schema import schema
from journeygraph.graph import JourneyGraph
from queries.common_paths import CommonPaths, common_paths
from tests.api.asking import everything

Ask = Callable[..., dict[str, Any]]
SCHEMA = schema().graphql_schema
ANSWER = get_named_type(SCHEMA.type_map["Journeys"].fields["commonPaths"].type).name

ASKED: list[tuple[str, dict[str, Any]]] = [
    ("form: PREFIX_TREE, steps: 3, rows: 2, atLeast: 2, first: 12",
     {"form": "prefix_tree", "steps": 3, "rows": 2, "at_least": 2, "first": 12}),
    ("form: STEP_GRID, steps: 4, rows: 3, flows: true, first: 20",
     {"form": "step_grid", "steps": 4, "rows": 3, "flows": True, "first": 20}),
    ('form: PREFIX_TREE, startsAt: ["cart"], occurrence: EVERY, startWhere: {channels: ["web"]}',
     {"form": "prefix_tree", "starts_at": "cart", "occurrence": "every",
      "start_where": {"channels": ["web"]}}),
    ('endsAt: ["purchase"], occurrence: LAST, endWhere: {minValue: "10", stages: ["purchase"]}',
     {"ends_at": "purchase", "occurrence": "last",
      "end_where": {"min_value": "10", "stages": ["purchase"]}}),
    ('between: {from: ["cart", "product page"], to: ["purchase"]}, first: 3',
     {"between": {"from": ["cart", "product page"], "to": "purchase"}, "first": 3}),
    ('form: STEP_GRID, through: ["cart"]', {"form": "step_grid", "through": "cart"}),
]  # fmt: skip


@pytest.mark.parametrize(("given", "options"), ASKED)
def test_paths_step_by_step_are_answered_as_in_python(
    ask: Ask, graph: JourneyGraph, given: str, options: dict[str, Any]
) -> None:
    said = ask(f"{{ journeys {{ commonPaths({given}) {everything(SCHEMA, ANSWER)} }} }}")
    answer = common_paths(CommonPaths(**options), graph.journeys())
    assert answer.nodes
    assert said["journeys"]["commonPaths"] == to_plain(answer, graph.exponent)


def test_the_customers_of_a_place_can_be_listed(ask: Ask) -> None:
    said = ask(
        """{ journeys { commonPaths(form: PREFIX_TREE, steps: 2, rows: 1) {
             nodes { units step { isOther } customers(first: 1000) { count nodes { id } } } } } }"""
    )
    nodes = said["journeys"]["commonPaths"]["nodes"]
    assert any(node["step"]["isOther"] for node in nodes)
    for node in nodes:
        assert len(node["customers"]["nodes"]) == node["customers"]["count"] == node["units"]


def test_flows_can_be_those_of_one_place(ask: Ask) -> None:
    form = "form: STEP_GRID, steps: 3, rows: 2, flows: true"
    flows = "{ source target count }"
    said = ask(f"{{ journeys {{ commonPaths({form}) {{ flows {flows} }} }} }}")
    everywhere = said["journeys"]["commonPaths"]["flows"]
    assert len({flow["source"] for flow in everywhere}) > 1
    one = everywhere[-1]
    source, target = one["source"], one["target"]
    said = ask(
        f"""{{ journeys {{ commonPaths({form}) {{
              out: flows(source: {source}) {flows} into: flows(target: {target}) {flows}
              one: flows(source: {source}, target: {target}) {flows} }} }} }}"""
    )["journeys"]["commonPaths"]
    assert said["out"] == [flow for flow in everywhere if flow["source"] == source]
    assert said["into"] == [flow for flow in everywhere if flow["target"] == target]
    assert said["one"] == [one]
