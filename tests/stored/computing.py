"""What the tests of stored statistics share: plans, stores, and the rows of both ways of asking."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

import journeygraph
from journeygraph.lake.store import Store
from journeygraph.lake.tables import STORED_TABLES
from journeygraph.lake.versions import StoreVersion
from queries.stored.parts import Part, parts_of
from queries.stored.plan import RecomputePlan, plan_of
from tests.strategies import DAY_US, World

SMALL = World(
    rows=[
        ("a", DAY_US, "ad", "web", None, None),
        ("a", 2 * DAY_US, "purchase", "web", "purchase", 100),
        ("b", 40 * DAY_US, "ad", "email", None, None),
        ("b", 41 * DAY_US, "cart", "web", None, None),
        ("c", 80 * DAY_US, "ad", None, None, None),
    ],
    referrals=[("a", "b", 39 * DAY_US, "email")],
)
LATER = World(rows=[("d", 85 * DAY_US, "ad", "web", None, None)])
COUNTRIES = [("a", {"country": "DE"}), ("b", {"country": "FR"}), ("c", {"country": "DE"})]
FUNNEL = {
    "statistic": "funnel", "steps": ["ad", {"any_of": ["cart", "purchase"], "label": "on"}],
    "window": "7d",
}  # fmt: skip
LOYAL = {"statistic": "loyalty_touchpoints", "loyalty": {"repeat_purchase_within": "10d"}}


def everything(**shared: Any) -> RecomputePlan:
    """A plan with every statistic that needs no names of touchpoints."""
    names = ("summary", "transitions", "common_paths", "drop_off", "attribution", "referrals",
             "advocates", "k_factor")  # fmt: skip
    statistics = [*({"statistic": name} for name in names), LOYAL]
    return plan_of({"statistics": statistics, **shared})


def unload(path: Path, load: int) -> StoreVersion:
    """Take a load out, also one that a test wrote without a ledger."""
    store = Store.open(path)
    with store.writer() as writer:
        assert writer.base is not None
        for table in STORED_TABLES.values():
            if table.by_load and table.name in writer.base.tables:
                writer.remove_load(table.name, load)
        return writer.commit(kind="unload", load=load)


def stored_rows(store: Store, version: StoreVersion, part: Part, plan: RecomputePlan) -> pa.Table:
    """What a version has of a part, in the order of its ranks, without what says when."""
    name = part.entry.statistic.table.name
    if name not in version.tables:
        return pa.table({})
    entry, period, by, value = part.place
    rows = [
        row
        for row in store.read(name, version).to_pylist()
        if (row["plan"], row["entry"], row["period"], row["segment_by"], row["segment_value"])
        == (plan.name, entry, period, by, value)
    ]
    return rows


def assert_as_asked(path: Path, plan: RecomputePlan) -> int:
    """Every number in the last version is the one that asking now gives; how many parts there are.

    That is what computing all anew would store, so it holds as well for what was kept.
    """
    store = Store.open(path)
    version = store.version()
    graph = journeygraph.open(path)
    parts = parts_of(plan, graph, version)
    ledger = store.read("statistics_parts", version).to_pylist()
    mine = [row for row in ledger if row["plan"] == plan.name]
    assert {(r["entry"], r["period"], r["segment_by"], r["segment_value"]) for r in mine} == {
        part.place for part in parts
    }
    n_rows = 0
    for part in parts:
        asked = part.entry.statistic.answer(part.entry.question, graph.journeys(**part.population))
        found = stored_rows(store, version, part, plan)
        key = {"listed": 1, "other": 2, "whole": 0}
        found.sort(key=lambda row: (row["rank"], key[row["scope"]]))
        wanted = sorted(asked.to_pylist(), key=lambda row: (row["rank"], key[row["scope"]]))
        assert [{name: row[name] for name in asked.column_names} for row in found] == wanted, part
        assert all(row["plan_hash"] == plan.hash for row in found)
        assert all(row["as_of_us"] == part.as_of_us for row in found)
        n_rows += len(found)
    assert n_rows == sum(row["rows"] for row in mine)
    return len(parts)
