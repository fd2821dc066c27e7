"""The names that a population can be said in, as `store` lists them."""

from collections import Counter
from pathlib import Path

import pandas as pd

from api.graphql.execution import Executor
from api.snapshots import Snapshots
from journeygraph.graph import JourneyGraph
from tests.api.conftest import Ask
from tests.graph.stores import write_load
from tests.strategies import World


def test_attributes_are_those_of_the_customers_table(ask: Ask, graph: JourneyGraph) -> None:
    store = ask(
        "{ store { attributes { name customers distinct values(first: 3) { value customers } } } }"
    )["store"]
    table = graph.attributes
    assert [attribute["name"] for attribute in store["attributes"]] == list(table.columns)
    for attribute in store["attributes"]:
        column = table[attribute["name"]].dropna()
        expected = sorted(Counter(column).items(), key=lambda pair: (-pair[1], pair[0]))
        assert attribute["customers"] == len(column)
        assert attribute["distinct"] == len(expected)
        shown = [(value["value"], value["customers"]) for value in attribute["values"]]
        assert shown == expected[:3]


def test_every_value_can_be_asked_for(ask: Ask) -> None:
    for attribute in ask("{ store { attributes { name values { value customers } } } }")["store"][
        "attributes"
    ]:
        for value in attribute["values"][:2]:
            where = {
                "customers": {
                    "attributes": [{"name": attribute["name"], "values": [value["value"]]}]
                }
            }
            query = "query($where: WhereInput) { journeys(where: $where) { customers { count } } }"
            assert ask(query, where=where)["journeys"]["customers"]["count"] <= value["customers"]


def test_stages_are_those_that_occur_in_their_order(ask: Ask, graph: JourneyGraph) -> None:
    occurring = set(pd.unique(pd.Series(graph.stage_codes)))
    words = ["inquiry", "comparison", "purchase", "support"]
    expected = [word for code, word in enumerate(words, 1) if code in occurring]
    assert ask("{ store { stages } }")["store"]["stages"] == expected


def test_whole_numbers_with_gaps_read_as_conditions_take_them(tmp_path: Path) -> None:
    world = World(rows=[(name, 1, "cart", None, None, None) for name in "abc"])
    attributes = [("a", {"age": "2"}), ("b", {"age": "2"}), ("c", {"name": "x"})]
    write_load(tmp_path / "store", world, attributes=attributes)
    response = Executor().answer(
        "{ store { attributes { name values { value customers } } } }",
        Snapshots(tmp_path / "store").request(),
    )
    found = {
        attribute["name"]: [(row["value"], row["customers"]) for row in attribute["values"]]
        for attribute in response.body["data"]["store"]["attributes"]
    }
    assert found == {"age": [("2", 2)], "name": [("x", 1)]}
