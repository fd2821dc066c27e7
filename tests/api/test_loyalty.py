"""Loyalty touchpoints in GraphQL: all that Python answers, field by field."""

from collections.abc import Callable
from typing import Any

import pytest

from api.answers import to_plain
from api.graphql.schema import schema
from journeygraph.graph import JourneyGraph
from queries.loyalty import Loyalty
from queries.loyalty_touchpoints import LoyaltyTouchpoints, loyalty_touchpoints
from tests.api.asking import everything

Ask = Callable[..., dict[str, Any]]
ALL = everything(schema().graphql_schema, "LoyaltyAnswer")


@pytest.mark.parametrize(
    ("given", "question"),
    [
        (
            'loyalty: {repeatPurchaseWithin: "30d"}, strata: ["tenure", "channel"], strataBins: 3, '
            "dose: [1, 3], firstDays: [7, 30], hazard: true, permutations: 19, seed: 2",
            LoyaltyTouchpoints(
                loyalty=Loyalty(repeat_purchase_within="30d"), strata=("tenure", "channel"),
                strata_bins=3, dose=(1, 3), first_days=(7, 30), hazard=True, permutations=19,
                seed=2,
            ),
        ),
        (
            'loyalty: {valueWithin: "30d", atLeast: 5}',
            LoyaltyTouchpoints(loyalty=Loyalty(value_within="30d", at_least=5)),
        ),
        (
            'loyalty: {churnWithin: "60d"}',
            LoyaltyTouchpoints(loyalty=Loyalty(churn_within="60d")),
        ),
    ],
)  # fmt: skip
def test_it_is_answered_as_in_python(
    ask: Ask, graph: JourneyGraph, given: str, question: LoyaltyTouchpoints
) -> None:
    said = ask(f"{{ journeys {{ loyaltyTouchpoints({given}) {ALL} }} }}")
    answer = loyalty_touchpoints(question, graph.journeys())
    assert answer.units
    assert said["journeys"]["loyaltyTouchpoints"] == to_plain(answer, graph.exponent)


def test_the_customers_behind_doses_and_days(ask: Ask) -> None:
    said = ask(
        """{ journeys { loyaltyTouchpoints(loyalty: {repeatPurchaseWithin: "30d"}, dose: [1, 2],
             firstDays: [9]) { nodes { exposed
             dose { units customers { count } loyal loyalCustomers { count } }
             firstDays { exposed customers { count } } } } } }"""
    )["journeys"]["loyaltyTouchpoints"]
    assert said["nodes"]
    for node in said["nodes"]:
        assert sum(dose["units"] for dose in node["dose"][1:]) == node["exposed"]
        for dose in node["dose"]:
            assert dose["customers"]["count"] == dose["units"]
            assert dose["loyalCustomers"]["count"] == dose["loyal"]
        for point in node["firstDays"]:
            assert point["customers"]["count"] == point["exposed"]
