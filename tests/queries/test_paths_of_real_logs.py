"""Transitions and whole paths of real logs, loaded as a user would, against other tools.

The figures beside the data come from pm4py and a plain count in Python, which agree. What these
do not say (units, medians, every path and not only twenty) is asked of DuckDB here.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import duckdb
import pytest

import journeygraph
from journeygraph.journeys import Journeys
from journeygraph.loading.options import LoadOptions
from queries.common_paths import CommonPath, CommonPaths, PathForm, common_paths
from queries.transitions import Transition, Transitions, transitions

pytestmark = pytest.mark.realdata

LOGS = {
    "running_example": "touchpoint",
    "env_permit_receipt": "touchpoint",
    "sepsis": "touchpoint",
    "bpic2013_incidents": "touchpoint",
    "traffic_fines": "touchpoint",
    "simple_onlineshop": "touchpoint",
    "olist_sample8k_events": "touchpoint",
    "attribution_jul2018": "channel",
}
"""What each log counts; the case stands for the customer."""

_EVENTS = """
    create view events as select case_id, {item} as item, epoch_us(timestamp) as us,
    row_number() over (partition by case_id order by timestamp, file_row_number) as place
    from read_parquet('{file}', file_row_number = true)
"""
_STEPS = """
    create view steps as select case_id, item as source, lead(item) over journey as target,
    lead(us) over journey - us as elapsed from events
    window journey as (partition by case_id order by place)
"""


@pytest.fixture(scope="module", params=LOGS)
def log(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def file(log: str) -> Path:
    return Path(os.environ["JOURNEYGRAPH_DATA"]) / f"{log}.parquet"


@pytest.fixture(scope="module")
def view(log: str, file: Path, tmp_path_factory: pytest.TempPathFactory) -> Journeys:
    store = tmp_path_factory.mktemp(log)
    mapping = {"customer": "case_id", "at": "timestamp", "touchpoint": "touchpoint"}
    report = journeygraph.load(store, [file], LoadOptions(mapping=mapping, round_values=True))
    assert report.accepted == report.read
    return journeygraph.open(store).journeys(by=LOGS[log])


@pytest.fixture(scope="module")
def truth(log: str, file: Path) -> dict[str, Any]:
    """In time order, ties as in the file: the order that journeys have."""
    told = json.loads((file.parent / "truth" / f"{log}.json").read_text())
    ordered = "time_order" if isinstance(told["time_order"], dict) else "source_order"
    found: dict[str, Any] = told[ordered]
    return found


@pytest.fixture(scope="module")
def database(log: str, file: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(_EVENTS.format(item=LOGS[log], file=file))
    connection.execute(_STEPS)
    return connection


def all_transitions(view: Journeys) -> tuple[Transition, ...]:
    answer = transitions(Transitions(first=1000, exact=True), view)
    assert not answer.page_info.has_next_page
    return answer.nodes


def all_paths(view: Journeys) -> list[CommonPath]:
    found: list[CommonPath] = []
    after, more = None, True
    while more:
        answer = common_paths(CommonPaths(first=1000, after=after), view)
        found += answer.nodes
        after, more = answer.page_info.end_cursor, answer.page_info.has_next_page
    return found


def test_transitions_are_those_of_pm4py(view: Journeys, truth: dict[str, Any]) -> None:
    nodes = all_transitions(view)
    assert len(nodes) == truth["dfg_n_edges"]
    assert {(node.source, node.target): node.count for node in nodes} == {
        (edge["source"], edge["target"]): edge["count"] for edge in truth["dfg_edges"]
    }


def test_whole_paths_are_those_of_pm4py(view: Journeys, truth: dict[str, Any]) -> None:
    answer = common_paths(CommonPaths(first=20), view)
    assert answer.units == answer.count == truth["n_cases"]
    assert answer.distinct == truth["n_variants"]
    top = truth["top20_variants"]
    assert [node.count for node in answer.nodes] == [path["count"] for path in top]
    least = 0 if not truth["top20_boundary_tie"] else top[-1]["count"]
    assert {node.items: node.count for node in answer.nodes if node.count > least} == {
        tuple(path["trace"]): path["count"] for path in top if path["count"] > least
    }


def test_all_whole_paths_are_those_of_duckdb(
    view: Journeys, database: duckdb.DuckDBPyConnection
) -> None:
    rows = database.execute(
        """select path, count(*), quantile_disc(took, 0.5) from (
             select case_id, list(item order by place) as path, max(us) - min(us) as took
             from events group by case_id) group by path"""
    ).fetchall()
    nodes = all_paths(view)
    expected = {tuple(path): (count, took / 1e6) for path, count, took in rows}
    assert {node.items: node.units for node in nodes} == {
        path: count for path, (count, _) in expected.items()
    }
    for node in nodes:
        assert node.median_seconds == pytest.approx(expected[node.items][1], rel=0.022, abs=0)


def test_units_and_times_of_transitions_are_those_of_duckdb(
    view: Journeys, database: duckdb.DuckDBPyConnection
) -> None:
    rows = database.execute(
        """select source, target, count(distinct case_id), count(*), sum(elapsed) / count(*),
             quantile_disc(elapsed, 0.5), quantile_disc(elapsed, 0.95)
           from steps where target is not null group by all"""
    ).fetchall()
    expected = {(row[0], row[1]): row[2:] for row in rows}
    nodes = all_transitions(view)
    assert len(nodes) == len(expected)
    for node in nodes:
        units, count, mean, median, p95 = expected[node.source, node.target]
        assert (node.units, node.count) == (units, count)
        assert (node.median_seconds, node.p95_seconds) == (median / 1e6, p95 / 1e6)
        assert node.mean_seconds == pytest.approx(mean / 1e6, rel=1e-12)


@pytest.mark.parametrize("length", [2, 3, 5])
def test_ngrams_are_those_of_duckdb(
    view: Journeys, database: duckdb.DuckDBPyConnection, length: int
) -> None:
    columns = ", ".join(f"lead(item, {place}) over journey as i{place}" for place in range(length))
    names = ", ".join(f"i{place}" for place in range(length))
    rows = database.execute(
        f"""select {names}, count(distinct case_id) as units, count(*) as occurrences from (
              select case_id, {columns} from events
              window journey as (partition by case_id order by place))
            where i{length - 1} is not null group by all
            order by units desc, occurrences desc, {names} limit 300"""
    ).fetchall()
    answer = common_paths(CommonPaths(form=PathForm.NGRAM, length=length, first=300), view)
    assert [(*node.items, node.units, node.count) for node in answer.nodes] == rows


def test_orders_of_one_customer_are_journeys_of_their_own(tmp_path: Path) -> None:
    folder = Path(os.environ["JOURNEYGRAPH_DATA"])
    told = json.loads((folder / "truth" / "olist_sample8k_events.json").read_text())
    truth = told["source_order"]
    mapping = {"customer": "customer_id", "at": "timestamp", "touchpoint": "touchpoint"}
    options = LoadOptions(mapping=mapping, round_values=True)
    journeygraph.load(tmp_path / "store", [folder / "olist_sample8k_events.parquet"], options)
    graph = journeygraph.open(tmp_path / "store")
    view = graph.journeys(split={"column": "case_id"}, unit="journey")
    answer = common_paths(CommonPaths(first=20), view)
    assert (answer.units, answer.distinct) == (truth["n_cases"], truth["n_variants"])
    counts = [path["count"] for path in truth["top20_variants"]]
    assert [node.count for node in answer.nodes] == counts
    edges = {(edge["source"], edge["target"]): edge["count"] for edge in truth["dfg_edges"]}
    assert {(node.source, node.target): node.count for node in all_transitions(view)} == edges


def counted(database: duckdb.DuckDBPyConnection, expression: str) -> dict[tuple[str, ...], int]:
    """How many cases have each value of an expression over `items`, the list of a case."""
    rows = database.execute(
        "with cases as (select list(item order by place) as items from events group by case_id) "
        f"select path, count(*) from (select {expression} as path from cases) "
        "where path is not null and len(path) > 0 group by path"
    ).fetchall()
    return {tuple(path): count for path, count in rows}


def whole_answer(view: Journeys, **options: Any) -> dict[tuple[str, ...], int]:
    """Units by items of all nodes of all pages, others left out."""
    found: dict[tuple[str, ...], int] = {}
    after, more = None, True
    while more:
        answer = common_paths(CommonPaths(first=1000, after=after, **options), view)
        found |= {
            node.items: node.units
            for node in answer.nodes
            if node.step is None or not node.step.is_other
        }
        after, more = answer.page_info.end_cursor, answer.page_info.has_next_page
    return found


def test_first_and_last_steps_are_those_of_pm4py(view: Journeys, truth: dict[str, Any]) -> None:
    options: dict[str, Any] = {"form": "step_grid", "rows": 30, "steps": 2}
    for anchor, told in (({}, "start_activities"), ({"ends_at": view.items}, "end_activities")):
        last: dict[str, Any] = {**anchor, "occurrence": "last"} if anchor else {}
        nodes = common_paths(CommonPaths(first=1000, **options, **last), view).nodes
        steps = {node.items[0]: node.units for node in nodes if node.step and node.step.step == 1}
        assert steps == truth[told]


def test_trees_are_the_prefixes_of_duckdb(
    view: Journeys, database: duckdb.DuckDBPyConnection
) -> None:
    expected: dict[tuple[str, ...], int] = {}
    for steps in (1, 2, 3):
        expected |= counted(database, f"case when len(items) >= {steps} then items[1:{steps}] end")
    assert whole_answer(view, form="prefix_tree", steps=3, rows=30) == expected


def test_anchored_paths_are_those_of_duckdb(
    view: Journeys, database: duckdb.DuckDBPyConnection
) -> None:
    item = (
        common_paths(CommonPaths(form=PathForm.NGRAM, length=1, first=2), view).nodes[-1].items[0]
    )
    place = f"list_position(items, '{item}')"
    last = f"len(items) + 1 - list_position(list_reverse(items), '{item}')"
    from_first = counted(database, f"case when {place} > 0 then items[{place}:] end")
    to_last = counted(database, f"case when {place} > 0 then items[:{last}] end")
    through = counted(database, f"case when {place} > 0 then items end")
    assert whole_answer(view, starts_at=item) == from_first
    assert whole_answer(view, ends_at=item, occurrence="last") == to_last
    assert whole_answer(view, through=item) == through
