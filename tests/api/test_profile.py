"""A customer whole in one query: all that Python answers, field by field."""

from collections.abc import Callable
from typing import Any

from api.answers import to_plain
from api.graphql.schema import schema
from journeygraph.graph import JourneyGraph
from queries.customer import customer
from queries.profile import WholeProfile
from queries.similar_customers import SimilarCustomers, similar_customers
from tests.api.asking import everything

Ask = Callable[..., dict[str, Any]]
STANDING = everything(schema().graphql_schema, "Standing")
SIMILAR = everything(schema().graphql_schema, "SimilarAnswer")
PART = everything(schema().graphql_schema, "Interactions")


def test_one_query_tells_all(ask: Ask, graph: JourneyGraph) -> None:
    said = ask(
        f"""{{ customer(id: "c42") {{ id attributes {{ name value }} referredBy {{ id }}
          standing(inactivity: "20d", outcome: {{stages: ["purchase"]}}) {STANDING}
          interactions {PART}
          purchases(first: 2, outcome: {{stages: ["purchase"]}}) {PART}
          emotions(first: 3) {PART} expectations {PART}
          links {{ upline {{ nodes {{ id }} }} referred {{ count }} downstreamValue }}
          similar(within: "20d", length: 2, atLeast: 9, first: 3) {SIMILAR}
          nextBest(atLeast: 9) {{ prefix }} }} }}"""
    )["customer"]
    rule = {"stages": ["purchase"]}
    whole = WholeProfile(customer(graph, "c42"), outcome=rule, inactivity="20d")
    assert whole.standing.outcomes
    assert whole.emotions().count
    assert said["standing"] == to_plain(whole.standing, graph.exponent)
    for name, part in {
        "purchases": whole.purchases(2), "emotions": whole.emotions(3),
        "expectations": whole.expectations(),
    }.items():  # fmt: skip
        assert said[name] == to_plain(part, graph.exponent)
    question = SimilarCustomers(customer="c42", within="20d", length=2, at_least=9, first=3)
    similar = similar_customers(question, graph.journeys())
    assert said["similar"] == to_plain(similar, graph.exponent)
    assert similar.prefix
