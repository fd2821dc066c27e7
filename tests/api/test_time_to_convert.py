"""Time to convert in GraphQL: all that Python answers, field by field."""

from collections.abc import Callable
from typing import Any

from api.answers import to_plain
from api.graphql.schema import schema
from journeygraph.graph import JourneyGraph
from queries.time_to_convert import TimeToConvert, time_to_convert
from tests.api.asking import everything

Ask = Callable[..., dict[str, Any]]
SCHEMA = schema().graphql_schema
ALL = everything(SCHEMA, "TimeToConvertAnswer")


def test_times_are_answered_as_in_python(ask: Ask, graph: JourneyGraph) -> None:
    given = (
        'from: ["product page"], to: ["purchase"], competing: ["service call"], ends: true, '
        'horizon: "90d", at: ["1d", "30d"], percents: [5, 50], against: {touched: ["cart"]}'
    )
    said = ask(f"{{ journeys {{ timeToConvert({given}) {ALL} }} }}")
    question = TimeToConvert(
        from_=["product page"], to=["purchase"], competing=["service call"], ends=True,
        horizon="90d", at=["1d", "30d"], percents=[5, 50], against={"touched": ["cart"]},
    )  # fmt: skip
    answer = time_to_convert(question, graph.journeys())
    assert answer.times.started
    assert answer.against is not None
    assert said["journeys"]["timeToConvert"] == to_plain(answer, graph.exponent)


def test_without_options(ask: Ask, graph: JourneyGraph) -> None:
    said = ask(f"{{ journeys {{ timeToConvert {ALL} }} }}")["journeys"]["timeToConvert"]
    assert said == to_plain(time_to_convert(TimeToConvert(), graph.journeys()), graph.exponent)
    assert said["against"] is None


def test_the_customers_behind_counts(ask: Ask) -> None:
    said = ask(
        """{ journeys { timeToConvert(ends: true, competing: ["service call"]) { times {
             started startedCustomers { count } converted customers { count nodes { id } }
             ended endedCustomers { count } competed competedCustomers { count }
             open openCustomers { count } nodes { conversions customers { count } } } } } }"""
    )
    times = said["journeys"]["timeToConvert"]["times"]
    for name in ("started", "ended", "competed", "open"):
        assert times[f"{name}Customers"]["count"] == times[name]
    assert times["customers"]["count"] == times["converted"]
    for node in times["nodes"]:
        assert node["customers"]["count"] == node["conversions"]


def test_what_is_unknown_is_said(problem: Ask) -> None:
    error = problem('{ journeys { timeToConvert(from: ["no such page"]) { units } } }')
    assert error["code"] == "UNKNOWN_ITEM"
