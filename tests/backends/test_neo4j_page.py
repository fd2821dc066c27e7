"""docs/neo4j.md: its Cypher runs on the demo company and says what the local engine says."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

import journeygraph
from api.demo_data import write_demo_data
from journeygraph.backends import neo4j_errors
from journeygraph.backends.neo4j_mapping import read_mapping
from journeygraph.backends.neo4j_model import LABELS
from journeygraph.backends.neo4j_push import push
from journeygraph.errors import JourneyGraphError
from journeygraph.loading.options import LoadOptions
from queries.common_paths import CommonPaths, common_paths
from queries.transitions import Transitions, transitions
from tests.backends.in_neo4j import connect

PAGE = (Path(__file__).parents[2] / "docs" / "neo4j.md").read_text(encoding="utf-8")
CYPHER = re.findall(r"```cypher\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    files = write_demo_data(folder / "files", customers=150)
    for table in ("customers", "interactions", "referrals"):
        options = LoadOptions(table=table, currency="EUR")
        journeygraph.load(folder / "store", getattr(files, table), options)
    return folder / "store"


@pytest.fixture
def answers(empty_neo4j: Any, store: Path) -> list[list[list[Any]]]:
    with connect(empty_neo4j) as connection:
        push(store, connection)
        return [connection.read(query) for query in CYPHER]


@pytest.mark.neo4j
def test_the_cypher_of_the_page_says_what_the_local_engine_says(answers, store):
    graph = journeygraph.open(store)
    journeys = graph.journeys()
    edges, paths, last, value, advocates, history = answers

    local = transitions(Transitions(first=1_000), journeys).nodes
    assert sorted(edges) == sorted([r.source, r.target, r.units, r.count] for r in local)
    whole = common_paths(CommonPaths(first=1_000), journeys).nodes
    assert sorted(paths) == sorted([list(row.items), row.units] for row in whole)
    ends = graph.customer_starts[1:][graph.customer_starts[1:] > graph.customer_starts[:-1]] - 1
    counted = Counter(graph.touchpoints[code] for code in graph.touchpoint_codes[ends].tolist())
    assert dict(last) == dict(counted)
    frame = graph.to_pandas().interactions
    sums = frame.dropna(subset=["value"]).groupby("touchpoint", observed=True)["value"].sum()
    assert dict(value) == pytest.approx(sums.to_dict())
    assert _brought(graph) == {name: (direct, below) for name, direct, below in advocates}
    mine = frame[frame["customer"] == "c1"]
    assert [row[:2] for row in history] == [
        [int(at.timestamp() * 1_000_000), name]
        for at, name in zip(mine["at"], mine["touchpoint"], strict=True)
    ]
    assert len(history) > 1


def _brought(graph: Any) -> dict[str, tuple[int, int]]:
    """By walking: for each who brought, the customers brought directly and in all."""
    children = defaultdict(set)
    stored = graph.referrals
    for referrer, referred in zip(stored.referrers.tolist(), stored.referred.tolist(), strict=True):
        if referrer >= 0:
            children[referrer].add(referred)
    found = {}
    for advocate in list(children):
        seen: set[int] = set()
        ahead = [advocate]
        while ahead:
            new = children.get(ahead.pop(), set()) - seen
            seen |= new
            ahead += new
        found[graph.customer_id([advocate])[0]] = (len(children[advocate]), len(seen))
    return found


def test_the_page_names_every_label_and_every_error():
    assert [label for label in LABELS if f"`{label}`" not in PAGE] == []
    codes = {
        kind.code
        for kind in vars(neo4j_errors).values()
        if isinstance(kind, type) and issubclass(kind, JourneyGraphError)
    } - {"ERROR"}
    assert len(codes) > 10
    assert [code for code in codes if f"`{code}`" not in PAGE] == []


def test_the_mapping_of_the_page_can_be_read(tmp_path):
    [mapping] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "graph.yaml").write_text(mapping)
    tables = read_mapping(tmp_path / "graph.yaml")
    assert [table.table for table in tables] == [
        "customers", "interactions", "referrals", "feedback",
    ]  # fmt: skip
    assert tables[1].columns == {
        "at": "when", "touchpoint": "ON.title", "value": "amount", "id": "eventId",
        "customer": "customer",
    }  # fmt: skip
