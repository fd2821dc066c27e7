"""Funnels and exits of real logs, loaded as a user would, against DuckDB and published figures.

The figures beside the data count steps at strictly later times, without a window; in the shop's
clicks that is the total order. What they do not say is asked of DuckDB here: from every start,
greedily, by joins.
"""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import duckdb
import pytest

import journeygraph
from journeygraph.durations import parse_duration
from journeygraph.journeys import Journeys
from journeygraph.loading.options import LoadOptions
from queries.drop_off import DropOff, drop_off
from queries.funnel import Funnel, FunnelStep, StepOrder, funnel

pytestmark = pytest.mark.realdata

LOGS: dict[str, tuple[tuple[str, ...], ...]] = {
    "simple_onlineshop": (
        ("catalog", "main"),
        ("catalog",),
        ("cart",),
        ("payment_choice", "payment_cash"),
    ),
    "sepsis": (("ER Triage",), ("CRP", "Leucocytes"), ("CRP", "LacticAcid"), ("CRP",)),
    "env_permit_receipt": (
        ("Confirmation of receipt",),
        ("T02 Check confirmation of receipt",),
        ("T04 Determine confirmation of receipt",),
        ("T02 Check confirmation of receipt", "T10 Determine necessity to stop indication"),
    ),
}
"""Steps of each log; some share items, so that one interaction must not serve two of them."""

OUTCOMES = {
    "simple_onlineshop": "payment_done",
    "sepsis": "Release A",
    "env_permit_receipt": "T10 Determine necessity to stop indication",
}

_EVENTS = """
    create table events as select case_id, touchpoint as item, epoch_us(timestamp) as us,
    row_number() over (partition by case_id order by timestamp, file_row_number) as place
    from read_parquet('{file}', file_row_number = true)
"""
_FIRST = "select case_id, us as start_us, place as start, place, us from events where {met}"
_NEXT = """
    select case_id, start_us, start, min(e.place) as place, min(e.us) as us
    from reach{before} r join events e using (case_id)
    where {met} and e.place {after} and e.us <= start_us + {window}
    group by case_id, start_us, start
"""
_LAST = """
    with units as (select case_id, arg_max(item, place) as item, max(us) as us,
                   bool_or(item = '{outcome}') as bought from events group by case_id),
         fates as (select *, (select max(us) from events) - us < {limit} as open from units)
    select item, count(*) filter (not open and not bought), count(*) filter (open)
    from fates group by item
"""


@pytest.fixture(scope="module", params=LOGS)
def log(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def data() -> Path:
    return Path(os.environ["JOURNEYGRAPH_DATA"])


def loaded(log: str, store: Path) -> Journeys:
    options = LoadOptions(mapping={"customer": "case_id", "sequence": "event_index"})
    journeygraph.load(store, [data() / f"{log}.parquet"], options)
    return journeygraph.open(store).journeys(outcome={"touchpoints": [OUTCOMES[log]]})


@pytest.fixture(scope="module")
def view(log: str, tmp_path_factory: pytest.TempPathFactory) -> Journeys:
    return loaded(log, tmp_path_factory.mktemp(log) / "store")


@pytest.fixture
def events(log: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(_EVENTS.format(file=data() / f"{log}.parquet"))
    return connection


def rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return connection.execute(sql).fetchall()


def follow(
    connection: duckdb.DuckDBPyConnection,
    steps: tuple[tuple[str, ...], ...],
    window: str | None,
    strict: bool,
) -> None:
    """Make a table for each step: from every start, the first place that meets it."""
    window_us = 1 << 60 if window is None else parse_duration(window)
    after = "= r.place + 1" if strict else "> r.place"
    for number, step in enumerate(steps, start=1):
        met = "item in (" + ", ".join(f"'{name}'" for name in step) + ")"
        sql = _FIRST if number == 1 else _NEXT
        sql = sql.format(met=met, before=number - 1, after=after, window=window_us)
        connection.execute(f"create table reach{number} as {sql}")


@pytest.mark.parametrize("order", [StepOrder.ORDERED, StepOrder.STRICT])
@pytest.mark.parametrize("window", [None, "1h", "2d", "60d"])
def test_funnels_are_duckdbs(
    log: str,
    view: Journeys,
    events: duckdb.DuckDBPyConnection,
    order: StepOrder,
    window: str | None,
) -> None:
    steps = LOGS[log]
    follow(events, steps, window, order is StepOrder.STRICT)
    asked = [FunnelStep(any_of=step) for step in steps]
    answer = funnel(Funnel(steps=asked, window=window, order=order, exact=True), view)
    [[as_of]] = rows(events, "select max(us) from events")
    limit = 30 * 86_400_000_000 if window is None else parse_duration(window)
    last_seen = "select max(us) from events e where e.case_id = r.case_id"
    since = last_seen if window is None else "select max(start_us)"
    for number, step in enumerate(answer.steps, start=1):
        [[units]] = rows(events, f"select count(distinct case_id) from reach{number}")
        assert step.units == units
        assert step.customers.count == units
        if number == 1:
            continue
        stopped = f"reach{number - 1} r anti join reach{number} using (case_id)"
        lost = rows(events, f"select case_id, ({since}) from {stopped} group by case_id")
        open_ = sum(as_of < start + limit for _case, start in lost)
        assert (step.dropped, step.open) == (len(lost) - open_, open_)


@pytest.mark.parametrize("window", ["1h", "60d"])
def test_medians_are_those_of_the_earliest_choice(
    log: str, view: Journeys, events: duckdb.DuckDBPyConnection, window: str
) -> None:
    steps = LOGS[log][:2]
    follow(events, steps, window, False)
    first = "select case_id, min(start) as start from reach2 group by case_id"
    taken = rows(
        events, f"select us - start_us from reach2 semi join ({first}) using (case_id, start)"
    )
    times = sorted(time for (time,) in taken)
    asked = [FunnelStep(any_of=step) for step in steps]
    exact, rough = (
        funnel(Funnel(steps=asked, window=window, exact=given), view).steps[1].median_seconds
        for given in (True, False)
    )
    assert exact == times[math.ceil(len(times) / 2) - 1] / 1e6
    assert rough == pytest.approx(exact, rel=0.022)


@pytest.mark.parametrize(("inactivity", "days"), [(None, 30), ("1d", 1), ("365d", 365)])
def test_exits_are_duckdbs(
    log: str,
    view: Journeys,
    events: duckdb.DuckDBPyConnection,
    inactivity: str | None,
    days: int,
) -> None:
    sql = _LAST.format(outcome=OUTCOMES[log], limit=days * 86_400_000_000)
    fates = {item: (exits, open_) for item, exits, open_ in rows(events, sql)}
    visits = "select item, count(distinct case_id) from events group by item"
    answer = drop_off(DropOff(inactivity=inactivity), view)
    assert {node.item: (node.visits, node.exits, node.open) for node in answer.nodes} == {
        item: (met, *fates.get(item, (0, 0))) for item, met in rows(events, visits)
    }


def test_the_shops_funnel_is_the_published_one(tmp_path: Path) -> None:
    view = loaded("simple_onlineshop", tmp_path / "store")
    truth = data() / "truth" / "funnel_simple_onlineshop.json"
    published = json.loads(truth.read_text(encoding="utf-8"))
    answer = funnel(Funnel(steps=list(published["steps"])), view)
    assert {step.label: step.units for step in answer.steps} == published["steps"]
    counted = {row["activity"]: row["customers"] for row in published["activity_counts"]}
    assert {node.item: node.visits for node in drop_off(DropOff(), view).nodes} == counted
