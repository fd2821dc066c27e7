"""Stored statistics and trends through GraphQL: the numbers of Python, under GraphQL's names."""

import shutil

import pytest

from api.graphql.execution import Executor
from api.snapshots import Snapshots
from journeygraph.lake.store import Store
from queries.stored.plan import plan_of
from queries.stored.reading import Statistics, statistics
from queries.stored.run import recompute
from queries.stored.trend import Trend, trend

PLAN = plan_of({"periods": "month", "statistics": [
    {"statistic": name, "first": 5}
    for name in ("transitions", "common_paths", "drop_off", "advocates", "attribution")
] + [{"statistic": "summary"}, {"statistic": "referrals"}]})  # fmt: skip


@pytest.fixture(scope="module")
def store(demo_store, tmp_path_factory):
    path = shutil.copytree(demo_store, tmp_path_factory.mktemp("stored") / "store")
    recompute(path, PLAN)
    return Store.open(path)


@pytest.fixture(scope="module")
def answer(store):
    executor, snapshots = Executor(), Snapshots(store.path)

    def answer(query):
        return executor.answer(query, snapshots.request()).body

    return answer


def test_rows_have_their_own_fields(answer, store):
    body = answer("""{
      statistics(name: "transitions", period: "all", first: 3) {
        statistic version rows pageInfo { hasNextPage }
        nodes { period scope rank storeVersion computedAt
          ... on TransitionsStatistic { source target units of share shareLow medianSeconds } }
      }
    }""")
    assert "errors" not in body, body
    shown = body["data"]["statistics"]
    version = store.version()
    found = statistics(Statistics(name="transitions", period="all", first=3), store, version)
    assert (shown["rows"], shown["version"]) == (found.rows, version.number)
    assert shown["pageInfo"]["hasNextPage"] is True
    for row, node in zip(found.nodes, shown["nodes"], strict=True):
        assert (node["source"], node["target"]) == (row.source, row.target)
        assert (node["units"], node["of"], node["share"]) == (row.units, row.of, row.share)
        assert (node["shareLow"], node["medianSeconds"]) == (row.share_low, row.median_seconds)
        assert node["storeVersion"] == row.store_version == version.number - 1


def test_amounts_lists_and_customers(answer):
    body = answer("""{
      paths: statistics(name: "common_paths", period: "all", first: 4) {
        nodes { scope ... on CommonPathsStatistic { items value outcomeUnits } } }
      advocates: statistics(name: "advocates", period: "all", first: 2) {
        nodes { ... on AdvocatesStatistic { customer brought downstreamValue } } }
      summary: statistics(name: "summary", period: "all") {
        nodes { ... on SummaryStatistic { customers from until } } }
    }""")
    assert "errors" not in body, body
    paths = [node for node in body["data"]["paths"]["nodes"] if node["scope"] == "listed"]
    assert all(isinstance(node["items"], list) and "." in node["value"] for node in paths)
    for node in body["data"]["advocates"]["nodes"]:
        asked = answer(f'{{ customer(id: "{node["customer"]}") {{ id }} }}')
        assert asked["data"]["customer"]["id"] == node["customer"]
    [whole] = body["data"]["summary"]["nodes"]
    assert whole["from"] < whole["until"]


def test_a_trend(answer, store):
    body = answer("""{
      trend(name: "drop_off", measure: "rate", over: PERIODS, first: 4) {
        statistic measure over points tested
        nodes { period from until version dataVersion value low high above below change changeLow
          changeHigh pValue qValue open small amount }
      }
    }""")
    assert "errors" not in body, body
    shown = body["data"]["trend"]
    found = trend(Trend(name="drop_off", measure="rate", first=4), store, store.version())
    assert (shown["points"], shown["tested"]) == (found.points, found.tested)
    assert [
        (node["period"], node["value"], node["changeLow"], node["qValue"])
        for node in shown["nodes"]
    ] == [(one.period, one.value, one.change_low, one.q_value) for one in found.nodes]


def test_keys_and_versions(answer):
    body = answer("""{
      rows: statistics(name: "transitions", period: "all", first: 2) {
        nodes { ... on TransitionsStatistic { source target units } } } }""")
    edge = body["data"]["rows"]["nodes"][1]
    body = answer(f"""{{
      trend(name: "transitions", measure: "units", over: VERSIONS, keys: [
        {{name: "source", values: ["{edge["source"]}"]}},
        {{name: "target", values: ["{edge["target"]}"]}}]) {{ nodes {{ value version }} }} }}""")
    assert [node["value"] for node in body["data"]["trend"]["nodes"]] == [edge["units"]]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ('{ statistics(name: "transition") { rows } }', "UNKNOWN_STATISTIC"),
        ('{ statistics(name: "transitions", version: 1) { rows } }', "NO_STATISTICS"),
        ('{ statistics(name: "transitions", first: 5000) { rows } }', "INVALID_OPTION"),
        ('{ trend(name: "transitions", measure: "mood") { points } }', "UNKNOWN_COLUMN"),
        ('{ trend(name: "drop_off", measure: "rate", from: "soon") { points } }', "INVALID_OPTION"),
    ],
)
def test_what_is_not_there_has_a_code(answer, query, code):
    [error] = answer(query)["errors"]
    assert error["extensions"]["code"] == code
