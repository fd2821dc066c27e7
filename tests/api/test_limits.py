"""Queries that ask too much are refused, at once and in words; long honest ones are not."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from graphql import GraphQLError, get_introspection_query, parse
from hypothesis import given
from hypothesis import strategies as st

from api.graphql.execution import Executor, GraphQLResponse
from api.graphql.limits import ASSUMED_LENGTH, Limits, check_limits
from api.graphql.schema import schema
from api.snapshots import Snapshots
from tests.api.asking import ISSUE_QUERY

Ask = Callable[..., dict[str, Any]]
SCHEMA = schema().graphql_schema
DEEP = "{ journeys { referrals { chains { members { nodes { customer } } } } } }"


def cost(query: str, **variables: Any) -> int:
    """What a query costs, found by passing a limit of nothing."""
    with pytest.raises(GraphQLError) as caught:
        check_limits(SCHEMA, parse(query), Limits(cost=0), variables)
    assert caught.value.extensions == {"code": "QUERY_TOO_LARGE"}
    said = caught.value.message
    return int(said.removeprefix("The query's cost of ").split(" passes ")[0].replace(",", ""))


def test_the_cost_of_a_field_is_one_and_below_it_times_its_list() -> None:
    assert cost("{ store { version } }") == 2
    # journeys 1, commonPaths 1, below it 10 times: nodes 1, items 1
    assert cost("{ journeys { commonPaths(first: 10) { nodes { items } } } }") == 22
    assert cost("{ journeys { commonPaths(first: 100) { nodes { items } } } }") == 202


def test_the_length_of_a_list_is_the_default_of_the_schema() -> None:
    assert cost("{ journeys { commonPaths { nodes { items } } } }") == 2 + 10 * 2
    assert cost("{ journeys { transitions { nodes { count } } } }") == 2 + 20 * 2
    assert cost("{ journeys { customers { nodes { id } } } }") == 2 + 100 * 2


def test_the_length_of_a_list_may_be_a_variable() -> None:
    query = "query($n: Int! = 40) { journeys { commonPaths(first: $n) { nodes { items } } } }"
    assert cost(query) == 2 + 40 * 2
    assert cost(query, n=300) == 2 + 300 * 2
    assert cost(query, n="many") == 2 + 10 * 2  # not a length: refused when it is coerced
    assert cost("query($n: Int) { journeys { customers(first: $n) { count } } }") == 2 + 100


def test_lists_within_lists_multiply() -> None:
    query = """{ journeys { commonPaths(first: 50) { nodes {
      customers(first: 20) { nodes { interactions(first: 10) { nodes { at } } } } } } } }"""
    assert cost(query) == 2 + 50 * (1 + 1 + 20 * (1 + 1 + 10 * 2))


def test_a_list_without_a_length_is_assumed_to_have_one() -> None:
    assert cost("{ journeys { referrals { depths { depth } } } }") == 3 + ASSUMED_LENGTH
    assert cost("{ __schema { types { name } } }") == 2 + ASSUMED_LENGTH


def test_fragments_cost_wherever_they_are_spread() -> None:
    plain = "{ journeys { commonPaths(first: 7) { nodes { items } units } } }"
    spread = """{ journeys { ...Paths } }
      fragment Paths on Journeys { commonPaths(first: 7) { ...Answer } }
      fragment Answer on CommonPathsAnswer { nodes { items } ... on CommonPathsAnswer { units } }"""
    assert cost(plain) == cost(spread)
    twice = """{ a: journeys { ...Paths } b: journeys { ...Paths } }
      fragment Paths on Journeys { commonPaths(first: 7) { nodes { items } units } }"""
    assert cost(twice) == 2 * cost(plain)


@given(st.integers(1, 60), st.integers(1, 60))
def test_cost_rises_with_every_length(first: int, inner: int) -> None:
    query = """query($f: Int!, $i: Int!) { journeys { referrals {
      chains(first: $f) { members(first: $i) { nodes { customer } } } } } }"""
    assert cost(query, f=first, i=inner) == 3 + first * (1 + inner * 2)


def exponential(levels: int) -> str:
    return (
        "{ journeys { ...f0 } }"
        + "".join(f"fragment f{n} on Journeys {{ ...f{n + 1} ...f{n + 1} }}" for n in range(levels))
        + f"fragment f{levels} on Journeys {{ summary {{ customers }} }}"
    )


ATTACKS = {
    "depth": "{ __schema { types { " + "ofType { " * 40 + "name" + " }" * 43,
    "depth by inline fragments": "{ journeys { "
    + "... { " * 40
    + "summary { customers }"
    + " }" * 42,
    "depth by a chain of fragments": "{ journeys { ...f0 } }"
    + "".join(f"fragment f{n} on Journeys {{ ...f{n + 1} }}" for n in range(400))
    + "fragment f400 on Journeys { summary { customers } }",
    "exponential fragments": exponential(25),
    "many fields": "{ store { " + "version " * 1500 + "} }",
    "many fields that nobody spreads": "{ store { version } } fragment f on Store { "
    + "version " * 1500
    + "}",
    "fields without an operation": "fragment f on Store { " + "version " * 1500 + "}",
    "many aliases": "{ " + " ".join(f"a{n}: store {{ version }}" for n in range(120)) + " }",
    "many directives": "{ store { version " + "@skip(if: false) " * 120 + "} }",
    "many operations": " ".join(f"query q{n} {{ store {{ version }} }}" for n in range(60)),
    "long lists in long lists": """{ journeys { commonPaths(first: 1000) { nodes {
       customers(first: 1000) { nodes { id } } } } } }""",
    "introspection in circles": "{ __schema { types { "
    + "fields { type { " * 6
    + "name"
    + " } }" * 6
    + " } } }",
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_refused_at_once(
    attack: str, executor: Executor, snapshots: Snapshots
) -> None:
    began = time.perf_counter()
    response = executor.answer(ATTACKS[attack], snapshots.request())
    assert time.perf_counter() - began < 2
    (error,) = response.body["errors"]
    assert error["extensions"] == {"code": "QUERY_TOO_LARGE"}
    assert "passes the limit of" in error["message"]
    assert not response.was_executed


BOUNDED_ELSEWHERE = {
    "selections nested without end": "{ a " * 4000,
    "values nested without end": "{ store(version: " + "[" * 4000,
    "types nested without end": "query($a: " + "[" * 4000,
    "tokens without end": "{ store { version " + "version " * 20_000 + "} }",
    "characters without end": "{ store { version } }" + " " * 200_000,
    "a number without end": "{ journeys { commonPaths(first: " + "9" * 6000 + ") { units } } }",
    "a cycle of fragments": "{ journeys { ...a } } fragment a on Journeys { ...b } "
    "fragment b on Journeys { ...a summary { customers } }",
    "a fragment in itself": "{ ...a } fragment a on Query { store { version } ...a }",
    "an unknown fragment": "{ ...nothing }",
    "an unknown type": "{ ... on Nothing { id } }",
}


@pytest.mark.parametrize("attack", BOUNDED_ELSEWHERE)
def test_what_cannot_be_read_is_an_error(
    attack: str, executor: Executor, snapshots: Snapshots
) -> None:
    began = time.perf_counter()
    response = executor.answer(BOUNDED_ELSEWHERE[attack], snapshots.request())
    assert time.perf_counter() - began < 2
    assert response.has_errors
    assert not response.was_executed
    codes = {error["extensions"]["code"] for error in response.body["errors"]}
    assert codes <= {"SYNTAX_ERROR", "INVALID_QUERY", "QUERY_TOO_LARGE"}


def test_the_costliest_query_that_is_let_through_is_soon_judged(
    executor: Executor, snapshots: Snapshots
) -> None:
    """Validation compares all fields of one name with each other."""
    query = "{ store { " + "version " * 950 + "} }"
    began = time.perf_counter()
    executor.answer(query, snapshots.request())
    assert time.perf_counter() - began < 10


def test_honest_queries_are_far_from_the_limits() -> None:
    half = Limits(tokens=5_000, depth=18, fields=500, aliases=50, directives=50, cost=500_000)
    introspection = get_introspection_query(
        specified_by_url=True, directive_is_repeatable=True, schema_description=True,
        input_value_deprecation=True,
    )  # fmt: skip
    for query in (ISSUE_QUERY, introspection):
        assert check_limits(SCHEMA, parse(query), half) is False


def test_one_query_after_another_is_judged_by_its_own_variables(
    executor: Executor, snapshots: Snapshots
) -> None:
    query = """query($n: Int!) { journeys { commonPaths(first: $n) { nodes {
      customers(first: 900) { nodes { id } } } } } }"""

    def response(first: int) -> GraphQLResponse:
        return executor.answer(query, snapshots.request(), {"n": first})

    assert not response(2).has_errors
    assert response(900).body["errors"][0]["extensions"] == {"code": "QUERY_TOO_LARGE"}
    assert not response(2).has_errors


def test_who_asks_on_the_own_machine_may_ask_more(snapshots: Snapshots) -> None:
    own = Executor(Limits.of_own_machine())
    query = "{ " + " ".join(f"a{n}: store {{ version }}" for n in range(300)) + " }"
    assert not own.answer(query, snapshots.request()).has_errors
    deep = own.answer("{ journeys { " + "... { " * 400, snapshots.request())
    assert deep.has_errors
