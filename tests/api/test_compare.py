"""Two populations in GraphQL: pages, the customers behind counts, and what is refused."""

from collections.abc import Callable
from typing import Any

from api.answers import to_plain
from journeygraph.graph import JourneyGraph
from queries.compare import Compare, compare

Ask = Callable[..., dict[str, Any]]
WITH = 'with: {customers: {touched: ["cart"]}}'


def test_pages_are_those_of_python(ask: Ask, graph: JourneyGraph) -> None:
    page = "first: 2, atLeast: 30"
    said = ask(
        f"""{{ journeys {{ compare({WITH}) {{
             items({page}) {{ eligible sharesTested nodes {{ item }} pageInfo {{ endCursor }} }}
             transitions({page}) {{ eligible nodes {{ source target }} }} }} }} }}"""
    )["journeys"]["compare"]
    answer = compare(Compare(with_={"customers": {"touched": ["cart"]}}), graph.journeys())
    items = to_plain(answer.items(2, at_least=30), graph.exponent)
    assert said["items"]["eligible"] == items["eligible"]
    assert said["items"]["sharesTested"] == items["sharesTested"] > 2
    assert said["items"]["nodes"] == [{"item": node["item"]} for node in items["nodes"]]
    assert said["items"]["pageInfo"]["endCursor"] == items["pageInfo"]["endCursor"]
    edges = answer.transitions(2, at_least=30)
    assert [(edge["source"], edge["target"]) for edge in said["transitions"]["nodes"]] == [
        (edge.source, edge.target) for edge in edges.nodes
    ]


def test_the_customers_behind_counts(ask: Ask) -> None:
    side = "{ units customers { count } exits exitCustomers { count } }"
    said = ask(
        f"""{{ journeys {{ compare({WITH}) {{
             items(first: 3) {{ nodes {{ population {side} against {side} }} }}
             transitions(first: 3) {{ nodes {{
               population {{ units customers {{ count }} }}
               against {{ units customers {{ count }} }} }} }} }} }} }}"""
    )["journeys"]["compare"]
    for node in (*said["items"]["nodes"], *said["transitions"]["nodes"]):
        for found in node.values():
            assert found["customers"]["count"] == found["units"]
            assert found.get("exitCustomers", {}).get("count") == found.get("exits")


def test_what_is_refused(problem: Ask) -> None:
    for given, code in (
        ('with: {customers: {touched: ["nowhere"]}}', "UNKNOWN_TOUCHPOINT"),
        ('with: {from: "2024-02-01", until: "2024-01-01"}', "INVALID_OPTION"),
    ):
        assert problem(f"{{ journeys {{ compare({given}) {{ units }} }} }}")["code"] == code
    asked = f"{{ journeys {{ compare({WITH}) {{ items(atLeast: 0) {{ eligible }} }} }} }}"
    assert problem(asked)["code"] == "INVALID_OPTION"
