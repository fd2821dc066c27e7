"""What the tests of the API share: a loaded store, and queries that ask for all there is."""

from pathlib import Path

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_composite_type,
    is_required_argument,
)

from api.demo_data import DemoFiles
from journeygraph.loading.load import load
from journeygraph.loading.options import LoadOptions

__all__ = ["ISSUE_QUERY", "QUESTIONS", "everything", "load_demo"]

ISSUE_QUERY = """
query {
  journeys(where: {from: "2024-01-01", channels: ["web"]}, by: TOUCHPOINT, outcome: {touchpoints: ["purchase"]}) {
    summary { customers journeys interactions touchpoints channels from until }
    commonPaths(first: 10, form: WHOLE) { units coverage nodes { items units share outcomeRate { value low high } medianSeconds } pageInfo { hasNextPage endCursor } }
    transitions(first: 20) { coverage nodes { source target units count medianSeconds p95Seconds } }
    dropOff(inactivity: "30d") { units open nodes { item visits exits open rate { value low high } } }
    funnel(steps: [{anyOf: ["product page"]}, {anyOf: ["cart"]}, {anyOf: ["purchase"]}], window: "7d") {
      steps { label units ofFirst ofPrevious dropped open medianSeconds } }
    referrals { roots referred share cyclesCut chains(first: 5) { root size depth value } advocates(first: 5) { customer brought downstream downstreamValue } }
    loyaltyTouchpoints(first: 10, loyalty: {repeatPurchaseWithin: "90d"}) { units baseRate nodes { touchpoint exposed exposedRate unexposedRate lift oddsRatio { value low high } pValue qValue } }
  }
  customer(id: "c42") { id interactions(first: 50) { nodes { at touchpoint channel stage value } } referredBy { id } referred { id } }
  store { version interactions customers loadedAt }
}
"""  # noqa: E501
"""The example of the issue, to the letter."""

QUESTIONS = {
    "summary": "",
    "commonPaths": "(first: 4, form: NGRAM, length: 3)",
    "transitions": "(first: 5, exact: true)",
    "dropOff": '(first: 3, inactivity: "14d")',
    "funnel": '(steps: [{anyOf: ["product page", "compare models"], label: "look"}, '
    '{anyOf: ["cart"]}, {anyOf: ["purchase"]}], window: "20d", order: ORDERED)',
    "afterDrop": '(steps: ["product page|compare models"], items: 4, first: 5)',
    "compare": '(with: {until: "2024-09-01", channels: ["web"]})',
    "economics": "(first: 4, by: CHANNEL, order: UNITS)",
    "trend": '(of: VALUE, every: "1mo", first: 5, permutations: 19)',
    "exitHazards": "(first: 6)",
    "experience": '(first: 3, by: STAGE, over: "month")',
    "preferences": "(first: 3, rating: EMOTION, overall: LAST)",
    "turns": "(first: 3, permutations: 19)",
    "nextBest": '(prefix: ["product page"], atLeast: 5, within: "14d", first: 4)',
    "nextEvaluation": '(within: "14d", atLeast: 5)',
    "feedbackLoop": "(by: STAGE, atLeast: 2)",
    "feedbackItems": "(open: true, first: 3)",
    "feedbackOutcomes": '(within: ["2d", "4d"])',
    "journeyMap": "(first: 9, atLeast: 2)",
    "timeToConvert": '(ends: true, horizon: "60d")',
    "referrals": "",
    "attribution": "(first: 4, method: MARKOV, by: CHANNEL, orderUpTo: 2, replicates: 5, seed: 1)",
    "whatIf": '(remove: ["newsletter"], fix: [{item: "cart", dropOff: 0.1}], replicates: 5)',
    "loyaltyTouchpoints": '(first: 6, loyalty: {repeatPurchaseWithin: "90d"})',
}
"""Every field of `journeys` but its customers, with arguments to ask it with."""


def load_demo(store: Path, files: DemoFiles) -> None:
    """Load the demo company."""
    load(
        store,
        [files.interactions],
        LoadOptions(currency="EUR", dictionary=files.dictionary),
    )
    for table, file in (("customers", files.customers), ("referrals", files.referrals)):
        load(store, [file], LoadOptions(table=table))


def everything(schema: GraphQLSchema, type_name: str, depth: int = 4, lists: str = "") -> str:
    """A selection of all fields of a type, and of all types below it as far as `depth`.

    Parameters
    ----------
    lists
        What to ask of the lists of customers behind counts; they are left out where empty.
    """
    kind = schema.type_map[type_name]
    assert isinstance(kind, GraphQLObjectType)
    parts = [
        name + _below(schema, field, depth, lists)
        for name, field in kind.fields.items()
        if _is_asked(field, depth, lists)
    ]
    return "{ __typename " * bool(lists) + "{ " * (not lists) + " ".join(parts) + " }"


def _is_asked(field: GraphQLField, depth: int, lists: str) -> bool:
    named = get_named_type(field.type)
    if named.name == "Customer" or (named.name == "CustomerConnection" and not lists):
        return False
    if lists and field.args and named.name.endswith("Answer"):
        return False  # a question within a question is asked by itself
    if any(is_required_argument(argument) for argument in field.args.values()):
        return False
    return depth > 0 or not is_composite_type(named)


def _below(schema: GraphQLSchema, field: GraphQLField, depth: int, lists: str) -> str:
    named = get_named_type(field.type)
    if named.name == "CustomerConnection":
        return " " + lists
    if is_composite_type(named):
        return " " + everything(schema, named.name, depth - 1, lists)
    return ""
