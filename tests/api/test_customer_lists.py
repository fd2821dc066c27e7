"""Behind every count stands the list of its customers, page by page."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from graphql import GraphQLObjectType, get_named_type

from api.graphql.schema import schema
from tests.api.asking import QUESTIONS, everything

Ask = Callable[..., dict[str, Any]]
SCHEMA = schema().graphql_schema
LISTS = "(first: 1000) { count nodes { id } pageInfo { hasNextPage } }"
DEPTHS = {"compare": 2, "funnel": 2, "journeyMap": 2, "loyaltyTouchpoints": 2}
"""How deep to ask where all of it would cost more than a query may."""
BEHIND = re.compile(r"The customers behind `(\w+)`\.")


def _lists_of(type_name: str) -> dict[str, str]:
    """The lists of a type and the counts that they stand behind."""
    kind = SCHEMA.type_map[type_name]
    assert isinstance(kind, GraphQLObjectType)
    return {
        name: found[1]
        for name, field in kind.fields.items()
        if get_named_type(field.type).name == "CustomerConnection"
        and (found := BEHIND.fullmatch(field.description or ""))
    }


def _objects(answer: Any) -> Iterator[dict[str, Any]]:
    if isinstance(answer, dict):
        yield answer
        for part in answer.values():
            yield from _objects(part)
    if isinstance(answer, list):
        for part in answer:
            yield from _objects(part)


OF_FEEDBACK = {"feedbackItems", "feedbackLoop"}
"""These count feedback, of which a customer may have given several."""


WITHOUT_LISTS = {"summary", "whatIf", "nextEvaluation", "turns"}
"""These count no units of the population: models and journeys."""
TOO_MANY = {"experience"}
"""All lists of these cost more than a query may: they are asked for one kind at a time."""


@pytest.mark.parametrize(
    "question", sorted(set(QUESTIONS) - WITHOUT_LISTS - TOO_MANY - OF_FEEDBACK)
)
def test_a_list_has_as_many_customers_as_its_count(ask: Ask, question: str) -> None:
    kind = get_named_type(SCHEMA.type_map["Journeys"].fields[question].type).name
    selection = everything(SCHEMA, kind, DEPTHS.get(question, 4), lists=LISTS)
    answer = ask(f"{{ journeys {{ {question}{QUESTIONS[question]} {selection} }} }}")
    assert _compared(answer) >= 3


@pytest.mark.parametrize("kind", ["", "periods"])
def test_so_it_is_with_feelings(ask: Ask, kind: str) -> None:
    lists = f"__typename units customers{LISTS}"
    of = lists if not kind else f"{kind} {{ {lists} }}"
    question = f'experience(first: 3, by: STAGE, over: "month") {{ nodes {{ {of} }} }}'
    answer = ask(f"{{ journeys {{ {question} }} }}")
    assert _compared(answer) >= 3


@pytest.mark.parametrize(
    "question",
    [
        "cascades",
        "kFactor(first: 20)",
        "beforeReferral",
        "referrerLeft",
        'referredContrast(within: "1d")',
    ],
)
def test_so_it_is_within_referrals(ask: Ask, question: str) -> None:
    kind = SCHEMA.type_map["ReferralsAnswer"]
    assert isinstance(kind, GraphQLObjectType)
    name = get_named_type(kind.fields[question.partition("(")[0]].type).name
    selection = everything(SCHEMA, name, lists=LISTS)
    answer = ask(f"{{ journeys {{ referrals {{ {question} {selection} }} }} }}")
    assert _compared(answer) >= 3


def _compared(answer: dict[str, Any]) -> int:
    """How many lists there are, each as long as the count before it says."""
    compared = 0
    for node in _objects(answer):
        if "__typename" not in node:
            continue
        for name, count in _lists_of(node["__typename"]).items():
            ids = [customer["id"] for customer in node[name]["nodes"]]
            assert len(ids) == len(set(ids)) == node[name]["count"] == node[count], (name, node)
            compared += 1
    return compared


def test_the_customers_of_the_journeys_are_those_of_the_summary(ask: Ask) -> None:
    for unit, split in (("CUSTOMER", ""), ("JOURNEY", 'split: {inactivity: "2d"}')):
        options = f"unit: {unit} {split}"
        query = f"{{ journeys({options}) {{ customers {{ count }} summary {{ customers }} }} }}"
        said = ask(query)["journeys"]
        assert said["customers"]["count"] == said["summary"]["customers"] > 0


def test_pages_give_every_customer_once(ask: Ask) -> None:
    query = """query($first: Int!, $after: String) { journeys { customers(first: $first, after: $after) {
      count nodes { id } pageInfo { hasNextPage endCursor } } } }"""  # noqa: E501
    whole = ask(query, first=1000)["journeys"]["customers"]
    seen: list[str] = []
    after = None
    for _page in range(100):
        page = ask(query, first=99, after=after)["journeys"]["customers"]
        seen += [customer["id"] for customer in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == [customer["id"] for customer in whole["nodes"]]
    assert len(seen) == whole["count"]
    assert not whole["pageInfo"]["hasNextPage"]


def test_pages_of_paths_give_every_path_once(ask: Ask) -> None:
    query = """query($first: Int!, $after: String) { journeys(by: STAGE, rules: {collapse: true}) {
      commonPaths(first: $first, after: $after) {
        distinct nodes { items } pageInfo { hasNextPage endCursor } } } }"""
    whole = ask(query, first=1000)["journeys"]["commonPaths"]
    seen: list[list[str]] = []
    after = None
    for _page in range(100):
        page = ask(query, first=7, after=after)["journeys"]["commonPaths"]
        seen += [node["items"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == [node["items"] for node in whole["nodes"]]
    assert len(seen) == whole["distinct"] > 7


def test_all_that_is_known_of_a_customer_can_be_asked_behind_a_count(ask: Ask) -> None:
    said = ask("""{ journeys { dropOff(first: 1) { nodes { item exits customers(first: 3) {
      nodes { id attributes { name value } interactions(first: 1000) { nodes { touchpoint } }
              referredBy { id referred { id } } } } } } } }""")
    (item,) = said["journeys"]["dropOff"]["nodes"]
    assert len(item["customers"]["nodes"]) == min(3, item["exits"])
    for customer in item["customers"]["nodes"]:
        assert {row["name"] for row in customer["attributes"]} == {"segment", "country"}
        assert customer["interactions"]["nodes"][-1]["touchpoint"] == item["item"]
        if customer["referredBy"]:
            assert {"id": customer["id"]} in customer["referredBy"]["referred"]


def test_a_chain_can_be_followed_up_and_down(ask: Ask) -> None:
    said = ask("""{ journeys { referrals { chains(first: 1, order: DEPTH) { root size depth
      members(first: 1000) { nodes { customer depth referredBy } } } } } }""")
    (chain,) = said["journeys"]["referrals"]["chains"]
    members = chain["members"]["nodes"]
    deepest = members[-1]
    assert deepest["depth"] == chain["depth"] > 2
    links = ask(
        """query($id: ID!) { customer(id: $id) { links { root depth
             upline(first: 1000) { count nodes { id } } } } }""",
        id=deepest["customer"],
    )["customer"]["links"]
    assert links["root"] == chain["root"]
    assert links["depth"] == links["upline"]["count"] == len(links["upline"]["nodes"])
    assert links["upline"]["nodes"][0]["id"] == deepest["referredBy"]
    assert links["upline"]["nodes"][-1]["id"] == chain["root"]
    below = ask(
        """query($id: ID!) { customer(id: $id) { links { downstream
             allDownstream(first: 1000) { count nodes { id } } } } }""",
        id=chain["root"],
    )["customer"]["links"]
    assert below["downstream"] == below["allDownstream"]["count"] == chain["size"] - 1
    assert {one["id"] for one in below["allDownstream"]["nodes"]} == {
        member["customer"] for member in members[1:]
    }
