"""`where.did` in GraphQL: every question is asked of those who did it, and faults are told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from graphql import GraphQLObjectType, get_named_type, is_required_argument

from api.graphql.execution import GraphQLResponse
from api.graphql.schema import schema
from journeygraph.graph import JourneyGraph
from tests.api.asking import everything
from tests.api.conftest import Ask

SCHEMA = schema().graphql_schema
JOURNEYS = SCHEMA.type_map["Journeys"]


NEEDED = {
    "dropOffContrast": "(against: {referred: true})",
    "nextBest": '(prefix: ["product page"])',
}
"""Of questions that need one of several arguments."""


def _questions() -> list[str]:
    """What may be asked of journeys without saying more."""
    assert isinstance(JOURNEYS, GraphQLObjectType)
    return [
        name
        for name, field in JOURNEYS.fields.items()
        if isinstance(get_named_type(field.type), GraphQLObjectType)
        and get_named_type(field.type).name != "CustomerConnection"
        and not any(is_required_argument(argument) for argument in field.args.values())
    ]


def _pattern(graph: JourneyGraph) -> str:
    known = {"search ad", "newsletter", "product page"} & set(graph.touchpoints)
    quoted = "|".join(f"'{name}'" for name in sorted(known))
    return f"[{quoted}] .* cart [^purchase]* path_end"


@pytest.mark.parametrize("name", _questions())
def test_every_question_is_asked_of_those_who_did(ask: Ask, graph: JourneyGraph, name: str) -> None:
    """The same customers, named one by one, give the same answer to the last digit."""
    pattern = _pattern(graph)
    view = graph.journeys(where={"did": pattern})
    assert 10 < view.n_units < graph.n_customers
    ids = view.customer_ids(np.arange(view.n_units))
    assert isinstance(JOURNEYS, GraphQLObjectType)
    selection = everything(SCHEMA, get_named_type(JOURNEYS.fields[name].type).name)
    asked = f"{name}{NEEDED.get(name, '')} {selection}"
    query = f"query($where: WhereInput) {{ journeys(where: $where) {{ {asked} }} }}"
    did = ask(query, where={"did": pattern})["journeys"][name]
    named = ask(query, where={"customers": {"ids": ids}})["journeys"][name]
    if name == "nextEvaluation":  # says that `did` knows what is to be foretold
        assert len(did.pop("warnings")) == 1 + len(named.pop("warnings"))
    assert did == named


def test_did_and_not_did_are_all_customers_with_a_journey(ask: Ask, graph: JourneyGraph) -> None:
    pattern = _pattern(graph)
    said = ask(
        """query($did: [String!]) {
          all: journeys { summary { customers } }
          did: journeys(where: {did: $did}) { summary { customers } }
          notDid: journeys(where: {notDid: $did}) { summary { customers } } }""",
        did=[pattern],
    )
    counts = {name: part["summary"]["customers"] for name, part in said.items()}
    assert counts["did"] + counts["notDid"] == counts["all"]


@pytest.mark.parametrize(
    ("pattern", "code", "message"),
    [
        ("[cart", "UNREADABLE_PATTERN", "where.did cannot be read at character 6"),
        ("crat", "UNKNOWN_ITEM", "where.did (character 1)='crat'"),
        ("'zzz*'", "PATTERN_MATCHES_NOTHING", "where.did (character 1)='zzz*'"),
        ("cart{60} cart{60}", "PATTERN_TOO_LARGE", "made of 120 items"),
    ],
)
def test_faults_are_told_by_their_codes(
    respond: Callable[..., GraphQLResponse], pattern: str, code: str, message: str
) -> None:
    query = "query($did: [String!]) { journeys(where: {did: $did}) { summary { customers } } }"
    errors: Any = respond(query, did=[pattern]).body["errors"]
    assert errors[0]["extensions"]["code"] == code
    assert message in errors[0]["message"]
