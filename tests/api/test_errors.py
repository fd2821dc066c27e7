"""Every kind of error: its code, its words, where it is, and what else is still answered."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import structlog.testing

from api.graphql.execution import Executor, GraphQLResponse
from api.snapshots import Request, Snapshots
from journeygraph.graph import JourneyGraph
from journeygraph.lake.store import Store

Ask = Callable[..., dict[str, Any]]
Respond = Callable[..., GraphQLResponse]

PROBLEMS = {
    "{ journeys { ": ("SYNTAX_ERROR", "Syntax Error: Expected Name, found <EOF>."),
    "{ journeys { sumary { customers } } }": (
        "INVALID_QUERY",
        "Cannot query field 'sumary' on type 'Journeys'. Did you mean 'summary'?",
    ),
    "{ journeys(by: TOUCHPONT) { summary { customers } } }": (
        "INVALID_QUERY",
        "Value 'TOUCHPONT' does not exist in 'By' enum. Did you mean the enum value 'TOUCHPOINT'?",
    ),
    "{ journeys { commonPaths(first: \"10\") { units } } }": (
        "INVALID_QUERY",
        "Int cannot represent non-integer value: \"10\"",
    ),
    "{ customer { id } }": (
        "INVALID_QUERY",
        "Field 'customer' argument 'id' of type 'ID!' is required, but it was not provided.",
    ),
    '{ journeys(where: {touchpoint: ["cart"]}) { summary { customers } } }': (
        "INVALID_QUERY",
        "Field 'touchpoint' is not defined by type 'WhereInput'.",
    ),
    '{ journeys(where: {touchpoints: ["Cart "]}) { summary { customers } } }': (
        "UNKNOWN_TOUCHPOINT",
        "where.touchpoints='Cart ' is not a touchpoint of this store, which has 19. "
        "Did you mean 'cart'?",
    ),
    '{ journeys(where: {channels: ["wbe"]}) { summary { customers } } }': (
        "UNKNOWN_CHANNEL",
        "where.channels='wbe' is not a channel of this store",
    ),
    '{ journeys(where: {from: "yesterday"}) { summary { customers } } }': (
        "INVALID_OPTION",
        "where.from='yesterday' cannot be used. Expected a date",
    ),
    '{ journeys { funnel(steps: [{anyOf: ["crat"]}]) { units } } }': (
        "UNKNOWN_ITEM",
        "'crat' is not an item of these journeys, which have 19. Did you mean 'cart'?",
    ),
    '{ journeys { dropOff(inactivity: "30") { units } } }': (
        "INVALID_DURATION",
        "inactivity='30' is not a length of time. Write a number and a unit",
    ),
    '{ journeys { dropOff(inactivity: 30) { units } } }': (
        "INVALID_QUERY",
        "Expected a text in quotes.",
    ),
    "{ journeys { commonPaths(first: 1001) { units } } }": (
        "INVALID_OPTION",
        "first=1001 cannot be used. Expected a whole number from 0 to 1000.",
    ),
    '{ journeys { commonPaths(after: "x") { units } } }': (
        "INVALID_OPTION",
        "after='x' cannot be used. Expected the endCursor of an earlier page.",
    ),
    "{ journeys { commonPaths(length: 3) { units } } }": (
        "CONFLICTING_OPTIONS",
        "exclude each other",
    ),
    '{ journeys { loyaltyTouchpoints(loyalty: {column: "loyal"}) { units } } }': (
        "UNKNOWN_COLUMN",
        "loyalty.column='loyal' is not a column here.",
    ),
    '{ journeys(timezone: "Mars") { summary { customers } } }': (
        "INVALID_OPTION",
        "timezone='Mars' cannot be used.",
    ),
    "{ journeys(confidence: 1.5) { summary { customers } } }": (
        "INVALID_OPTION",
        "confidence=1.5 cannot be used.",
    ),
    '{ journeys(rules: {exclude: ["zzz*"]}) { summary { customers } } }': (
        "PATTERN_MATCHES_NOTHING",
        "rules.exclude='zzz*' matches none of the 19 names.",
    ),
    '{ journeys(rules: {group: [{pattern: "(", as: "x", regex: true}]})'
    " { summary { customers } } }": (
        "INVALID_PATTERN",
        "rules.group.pattern='(' cannot be read",
    ),
    '{ journeys(rules: {rename: [{old: "cart", new: "a"}, {old: "cart", new: "b"}]})'
    " { summary { customers } } }": (
        "INVALID_OPTION",
        "rules.rename=['cart', 'cart'] cannot be used. Expected each name once.",
    ),
    '{ customer(id: "C42") { id } }': (
        "UNKNOWN_CUSTOMER",
        "customer='C42' is not a customer of this store. Ids are compared exactly",
    ),
    "{ store(version: 99) { version } }": (
        "UNKNOWN_VERSION",
        "version=99 is not a version of this store.",
    ),
    "{ store(version: 999999999999999999999999999999999) { version } }": (
        "INVALID_QUERY",
        "Expected a whole number.",
    ),
    "{ store(version: 1.5) { version } }": ("INVALID_QUERY", "Expected a whole number."),
    '{ journeys(where: {minValue: "much"}) { summary { customers } } }': (
        "INVALID_QUERY",
        "'much' is not an amount such as '19.99'.",
    ),
    "{ journeys(where: {minValue: true}) { summary { customers } } }": (
        "INVALID_QUERY",
        "Expected an amount.",
    ),
    "mutation { load }": ("INVALID_QUERY", "'load' on type 'Mutation'"),
    "subscription { load }": ("INVALID_QUERY", "subscription"),
    "query a { store { version } } query b { store { version } }": (
        "INVALID_QUERY",
        "Must provide operation name if query contains multiple operations.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("query", PROBLEMS)
def test_a_problem_has_its_code_and_says_what_it_is(problem: Ask, query: str) -> None:
    code, words = PROBLEMS[query]
    said = problem(query)
    assert said["code"] == code
    assert words in said["message"]


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, "Variable '$id' of required type 'ID!' was not provided."),
        ({"id": None}, "must not be null"),
        ({"id": ["c1"]}, "ID cannot represent value"),
        ({"id": "c1", "value": "x"}, "'x' is not an amount such as '19.99'."),
        ({"id": "c1", "value": [1]}, "[1] is not an amount."),
        ({"id": "c1", "version": "1"}, "'1' is not a whole number."),
        ({"id": "c1", "version": True}, "True is not a whole number."),
        ({"id": "c1", "duration": 7}, "7 is not a text."),
        ({"id": "c1", "first": 2**31}, "Int cannot represent non 32-bit signed integer value"),
    ],
)
def test_variables_are_checked(problem: Ask, variables: dict[str, Any], words: str) -> None:
    said = problem(
        """query($id: ID!, $value: Decimal, $version: BigInt, $duration: Duration, $first: Int) {
             customer(id: $id, version: $version) { id }
             journeys(where: {minValue: $value}) {
               dropOff(inactivity: $duration, first: $first) { units } } }""",
        **variables,
    )
    assert said["code"] == "INVALID_QUERY"
    assert words in said["message"]


@pytest.mark.parametrize("value", ["79.90", 79.9, 249, "1e2", "-3"])
def test_an_amount_may_be_a_text_or_a_number(ask: Ask, value: Any) -> None:
    by_variable = ask(
        "query($v: Decimal) { journeys(where: {minValue: $v}) { summary { customers } } }", v=value
    )
    literal = f'"{value}"' if isinstance(value, str) else value
    assert by_variable == ask(
        f"{{ journeys(where: {{minValue: {literal}}}) {{ summary {{ customers }} }} }}"
    )


def test_one_error_leaves_the_other_answers(respond: Respond) -> None:
    body = respond("""{
      journeys { summary { customers } funnel(steps: [{anyOf: ["crat"]}]) { units } }
      customer(id: "nobody") { id }
      store { version }
    }""").body
    assert body["data"]["journeys"]["summary"]["customers"] == 700
    assert body["data"]["journeys"]["funnel"] is None
    assert body["data"]["customer"] is None
    assert body["data"]["store"] == {"version": 3}
    assert [(error["path"], error["extensions"]["code"]) for error in body["errors"]] == [
        (["journeys", "funnel"], "UNKNOWN_ITEM"),
        (["customer"], "UNKNOWN_CUSTOMER"),
    ]
    assert body["errors"][0]["locations"] == [{"line": 2, "column": 40}]


def test_what_is_not_valid_is_not_executed(respond: Respond) -> None:
    for query in ("{", "{ nothing }", "query($x: Int!) { store { version } }"):
        response = respond(query)
        assert response.has_errors
        assert not response.was_executed
        assert "data" not in response.body


def test_errors_are_no_more_than_can_be_read(respond: Respond) -> None:
    query = "{ store { " + " ".join(f"nothing{number}" for number in range(200)) + " } }"
    errors = respond(query).body["errors"]
    assert len(errors) == 21
    assert "Too many validation errors" in errors[-1]["message"]


def test_words_that_no_json_can_carry_do_no_harm(respond: Respond) -> None:
    for query in ('{ customer(id: "\\uD83D") { id } }', '{ customer(id: "\\u0000") { id } }'):
        response = respond(query)
        assert response.has_errors
        assert b"errors" in response.to_bytes()


class _Broken(Request):
    def graph(self, _version: int | None = None) -> JourneyGraph:
        raise ZeroDivisionError("secret of the customer c42")


def test_what_went_wrong_inside_is_logged_and_not_told(
    executor: Executor, snapshots: Snapshots
) -> None:
    with structlog.testing.capture_logs() as logged:
        response = executor.answer('{ customer(id: "c42") { id } }', _Broken(snapshots, None))
    (error,) = response.body["errors"]
    assert error["extensions"] == {"code": "INTERNAL_ERROR"}
    number = error["message"].removeprefix("Something went wrong here; the log has it under ")
    assert len(number.rstrip(".")) == 12
    assert "secret" not in str(response.body)
    (line,) = logged
    assert line["number"] == number.rstrip(".")
    assert isinstance(line["exc_info"], ZeroDivisionError)


def test_an_empty_store_says_so_and_still_tells_its_schema(
    tmp_path: Path, executor: Executor
) -> None:
    store = tmp_path / "store"
    Store.create_or_open(store)
    body = executor.answer(
        "{ __schema { queryType { name } } store { version } }", Snapshots(store).request()
    ).body
    assert body["data"] == {"__schema": {"queryType": {"name": "Query"}}, "store": None}
    (error,) = body["errors"]
    assert error["extensions"] == {"code": "EMPTY_STORE"}
    assert error["message"].startswith("Nothing has been loaded into this store. Load a file")


def test_a_damaged_store_says_so(tmp_path: Path, demo_store: Path, executor: Executor) -> None:
    import shutil

    store = tmp_path / "store"
    shutil.copytree(demo_store, store)
    (store / "versions" / "00000003.json").write_text("{")
    snapshots = Snapshots(store)
    (error,) = executor.answer("{ store { version } }", snapshots.request()).body["errors"]
    assert error["extensions"] == {"code": "DAMAGED_STORE"}
    assert "damaged" in error["message"]
    earlier = executor.answer("{ store(version: 2) { version } }", snapshots.request()).body
    assert earlier == {"data": {"store": {"version": 2}}}


def test_infinity_and_what_is_no_number_are_null() -> None:
    import math

    import graphene

    from api.graphql import fields

    class Numbers(graphene.ObjectType):  # type: ignore[misc]
        nan = fields.number("Not a number.")
        infinity = fields.number("Beyond all numbers.")
        plain = fields.number("A number.")
        none = fields.number("Nothing.")

    numbers = {"nan": math.nan, "infinity": -math.inf, "plain": 0.5, "none": None}
    result = graphene.Schema(query=Numbers).execute("{ nan infinity plain none }", root=numbers)
    assert result.errors is None
    assert result.data == {"nan": None, "infinity": None, "plain": 0.5, "none": None}


def test_counts_beyond_two_to_the_31_are_counts() -> None:
    import graphene

    from api.graphql import fields

    class Counts(graphene.ObjectType):  # type: ignore[misc]
        many = fields.count("Many.")

    result = graphene.Schema(query=Counts).execute("{ many }", root={"many": 2**53 + 1})
    assert result.data == {"many": 2**53 + 1}
    assert GraphQLResponse({"data": result.data}).to_bytes() == b'{"data":{"many":%d}}' % (
        2**53 + 1
    )
