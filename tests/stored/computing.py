"""What the tests of stored statistics share: plans, stores, and the rows of both ways of asking."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import journeygraph
from journeygraph.lake.store import Store
from journeygraph.lake.tables import STORED_TABLES
from journeygraph.lake.versions import StoreVersion
from queries.stored.parts import parts_of
from queries.stored.plan import plan_of
from queries.stored.planned import RecomputePlan
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


def stored_rows(store: Store, version: StoreVersion, plan: RecomputePlan) -> dict[Any, list[Any]]:
    """What a version has of the parts of a plan, by statistic and place, in the order of ranks."""
    rows: dict[Any, list[Any]] = {}
    for name in {entry.statistic.table.name for entry in plan.entries} & set(version.tables):
        for row in store.read(name, version).to_pylist():
            if row["plan"] == plan.name:
                place = row["entry"], row["period"], row["segment_by"], row["segment_value"]
                rows.setdefault(place, []).append(row)
    return {place: sorted(listed, key=_in_order) for place, listed in rows.items()}


def _in_order(row: dict[str, Any]) -> tuple[int, str]:
    return row["rank"], row["scope"]


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
    n_rows, stored = 0, stored_rows(store, version, plan)
    for part in parts:
        journeys = graph.journeys(**part.population)
        asked = part.entry.statistic.answer(part.entry.question, journeys, graph)
        found = stored.get(part.place, [])
        wanted = sorted(asked.to_pylist(), key=_in_order)
        assert [{name: row[name] for name in asked.column_names} for row in found] == wanted, part
        assert all(row["plan_hash"] == plan.hash for row in found)
        assert all(row["as_of_us"] == part.as_of_us for row in found)
        n_rows += len(found)
    assert n_rows == sum(row["rows"] for row in mine)
    return len(parts)
