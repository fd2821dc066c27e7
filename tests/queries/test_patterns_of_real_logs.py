"""Patterns of real logs, loaded as a user would, against joins in DuckDB.

A pattern of n elements is a join of n copies of a log, each copy behind the one before. That
knows nothing of mining, and takes every way to choose the items.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

import journeygraph
from journeygraph.graph import JourneyGraph
from journeygraph.loading.options import LoadOptions
from journeygraph.statistics.patterns import Keep
from queries.common_paths import CommonPath, CommonPaths, PathForm, common_paths

pytestmark = pytest.mark.realdata

LOGS = ("running_example", "env_permit_receipt", "bpic2013_incidents", "simple_onlineshop")

_EVENTS = """
    create view rows as select case_id, touchpoint as item, epoch_us(timestamp) as us,
    row_number() over (partition by case_id order by timestamp, file_row_number) as row
    from read_parquet('{file}', file_row_number = true) where touchpoint <> '{without}';
    create view starts as select *, lag(item) over (partition by case_id order by row) as before
    from rows;
    create table events as select case_id, item, us,
    row_number() over (partition by case_id order by row) as place
    from starts where before is distinct from item
"""
"""Repeats collapsed; `place` counts the items of a case."""


def loaded(log: str, folder: Path) -> JourneyGraph:
    file = Path(os.environ["JOURNEYGRAPH_DATA"]) / f"{log}.parquet"
    mapping = {"customer": "case_id", "at": "timestamp", "touchpoint": "touchpoint"}
    journeygraph.load(folder, [file], LoadOptions(mapping=mapping, round_values=True))
    return journeygraph.open(folder)


def database(log: str, without: str = "") -> duckdb.DuckDBPyConnection:
    file = Path(os.environ["JOURNEYGRAPH_DATA"]) / f"{log}.parquet"
    connection = duckdb.connect()
    connection.execute(_EVENTS.format(file=file, without=without))
    return connection


def joined(length: int, near: str, span: str) -> str:
    """Units of all patterns of this length; `near` of two elements, `span` of first and last."""
    names = ", ".join(f"e{number}.item" for number in range(length))
    joins = "".join(
        f" join events e{number} on e{number}.case_id = e0.case_id and e{number}.place > "
        f"e{number - 1}.place and {near.format(a=f'e{number - 1}', b=f'e{number}')} "
        f"and {span.format(a='e0', b=f'e{number}')}"
        for number in range(1, length)
    )
    return (
        f"select [{names}], count(distinct e0.case_id) as units from events e0{joins} group by all"
    )


LIMITS: list[tuple[dict[str, Any], str, str]] = [
    ({}, "true", "true"),
    ({"max_gap": 1}, "{b}.place - {a}.place <= 2", "true"),
    ({"max_gap_time": "1h"}, "{b}.us - {a}.us <= 3600000000", "true"),
    (
        {"max_gap": 3, "max_span": "1d"},
        "{b}.place - {a}.place <= 4",
        "{b}.us - {a}.us <= 86400000000",
    ),
]


@pytest.fixture(scope="module", params=LOGS)
def log(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def graph(log: str, tmp_path_factory: pytest.TempPathFactory) -> JourneyGraph:
    return loaded(log, tmp_path_factory.mktemp(log))


@pytest.mark.parametrize(("limits", "near", "span"), LIMITS)
def test_patterns_are_those_of_joins(
    log: str, graph: JourneyGraph, limits: dict[str, Any], near: str, span: str
) -> None:
    view = graph.journeys(rules={"collapse": True})
    least = max(view.n_units // 10, 1)
    expected: dict[tuple[str, ...], int] = {}
    for length in (1, 2, 3) if limits or log != "simple_onlineshop" else (1, 2):
        rows = database(log).execute(joined(length, near, span)).fetchall()
        expected |= {tuple(items): units for items, units in rows if units >= least}
    longest = max(map(len, expected))
    question = CommonPaths(
        form=PathForm.PATTERN, at_least=least, max_length=longest, first=1000, **limits
    )
    assert {node.items: node.units for node in all_of(question, graph)} == expected


def all_of(question: CommonPaths, graph: JourneyGraph) -> list[CommonPath]:
    view = graph.journeys(rules={"collapse": True})
    found: list[CommonPath] = []
    after, more = None, True
    while more:
        answer = common_paths(replace(question, after=after), view)
        found += answer.nodes
        after, more = answer.page_info.end_cursor, answer.page_info.has_next_page
    return found


def test_the_figures_of_the_page_are_those_of_joins(tmp_path: Path) -> None:
    """Units, and those who paid behind the first end: the shop of docs/patterns.md."""
    view = loaded("simple_onlineshop", tmp_path).journeys(
        rules={"collapse": True, "exclude": ["lost"]}, outcome={"touchpoints": ["payment_done"]}
    )
    question = CommonPaths(
        form=PathForm.PATTERN, at_least_share=0.2, min_length=3, max_length=3, max_span="30m",
        first=100,
    )  # fmt: skip
    rows = (
        database("simple_onlineshop", "lost")
        .execute(
            """with found as (
             select e0.case_id, [e0.item, e1.item, e2.item] as items, min(e2.place) as ends
             from events e0
             join events e1 on e1.case_id = e0.case_id and e1.place > e0.place
               and e1.us - e0.us <= 1800000000
             join events e2 on e2.case_id = e0.case_id and e2.place > e1.place
               and e2.us - e0.us <= 1800000000
             group by all),
           paid as (select case_id, max(place) as last from events
                    where item = 'payment_done' group by all)
           select items, count(*), count(*) filter (last > ends)
           from found left join paid using (case_id) group by all having count(*) >= 751"""
        )
        .fetchall()
    )
    expected = {tuple(items): (units, paid) for items, units, paid in rows}
    answer = common_paths(question, view)
    assert {
        node.items: (node.units, node.outcome_rate.successes) for node in answer.nodes
    } == expected
    assert expected["catalog", "cart", "delivery_choice"][0] == 1356
    closed = common_paths(
        CommonPaths(form=PathForm.PATTERN, at_least_share=0.2, min_length=3, max_length=3,
                    max_span="30m", keep=Keep.CLOSED, first=100), view
    )  # fmt: skip
    assert {node.items for node in closed.nodes} <= set(expected)


def test_contrasts_of_the_page_are_counts_of_joins(tmp_path: Path) -> None:
    view = loaded("simple_onlineshop", tmp_path).journeys(
        rules={"collapse": True, "exclude": ["lost", "payment*", "delivery*"]},
        outcome={"touchpoints": ["payment_done"]},
    )
    file = Path(os.environ["JOURNEYGRAPH_DATA"]) / "simple_onlineshop.parquet"
    rows = duckdb.execute(
        f"""with rows as (
              select case_id, touchpoint as item,
                row_number() over (
                  partition by case_id order by timestamp, file_row_number) as place
              from read_parquet('{file}', file_row_number = true)),
            paid as (select distinct case_id from rows where item = 'payment_done'),
            kept as (select * from rows where item <> 'lost' and not starts_with(item, 'payment')
                     and not starts_with(item, 'delivery'))
            select [a.item, b.item], count(distinct case_id) filter (case_id in (from paid)),
              count(distinct case_id) filter (case_id not in (from paid))
            from kept a join kept b using (case_id) where a.place < b.place and a.item <> b.item
            group by all"""
    ).fetchall()
    expected = {tuple(items): counts for items, *counts in rows}
    question = CommonPaths(
        form=PathForm.CONTRAST, against={"has_outcome": False}, min_length=2, max_length=2,  # type: ignore[arg-type]
        first=100,
    )  # fmt: skip
    answer = common_paths(question, view)
    found = {
        node.items: [node.contrast.units, node.contrast.against_units]
        for node in answer.nodes
        if node.contrast and node.items[0] != node.items[1]
    }
    assert found
    assert found == {
        items: counts for items, counts in expected.items() if sum(counts) >= 188
    }  # 5 % of 3,751
