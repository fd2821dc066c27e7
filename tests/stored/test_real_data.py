"""A real web shop: every stored number is the one that asking gives; DuckDB reads the tables."""

import os
from itertools import product
from pathlib import Path

import duckdb
import pytest

from journeygraph.loading.load import load
from journeygraph.loading.options import LoadOptions
from journeygraph.loading.store_changes import unload
from queries.stored.plan import plan_of
from queries.stored.run import recompute
from tests.stored.computing import assert_as_asked

pytestmark = pytest.mark.realdata

PLAN = plan_of({
    "periods": "month", "outcome": {"touchpoints": ["payment_done"]},
    "statistics": [
        {"statistic": "summary"},
        {"statistic": "transitions", "first": 30},
        {"statistic": "common_paths", "form": "ngram", "length": 3, "first": 20},
        {"statistic": "drop_off"},
        {"statistic": "funnel", "steps": ["catalog", "cart", "payment_done"], "window": "7d"},
        {"statistic": "attribution"},
    ],
})  # fmt: skip


def test_a_web_shop_in_two_loads(tmp_path):
    source = Path(os.environ["JOURNEYGRAPH_DATA"]) / "simple_onlineshop.parquet"
    store = tmp_path / "store"
    for name, condition in {"early": "<", "late": ">="}.items():
        file = tmp_path / f"{name}.parquet"
        duckdb.sql(
            f"COPY (SELECT * FROM '{source}' WHERE timestamp {condition} '2020-03-15') TO '{file}'"
        )
    load(store, [tmp_path / "early.parquet"], LoadOptions())
    first = recompute(store, PLAN)
    load(store, [tmp_path / "late.parquet"], LoadOptions())
    second = recompute(store, PLAN)
    closed = {"2019-11", "2019-12", "2020-01", "2020-02"}
    kept = {one.part.place[:2] for one in second.parts if not one.reason.is_computed}
    names = {entry.name for entry in PLAN.entries} - {"attribution"}  # which reads all names
    assert {place for place in kept if place[0] in names} == set(product(names, closed))
    assert first.kept == 0
    assert_as_asked(store, PLAN)
    [(edges,)] = duckdb.sql(
        f"""SELECT count FROM read_parquet('{store}/tables/statistics_transitions/*.parquet',
        union_by_name = true) WHERE scope = 'whole' AND period IS NULL AND store_version = 3"""
    ).fetchall()
    [(expected,)] = duckdb.sql(
        f"""SELECT count(*) FROM (SELECT lead(touchpoint) OVER
        (PARTITION BY customer_id ORDER BY timestamp) AS later FROM '{source}')
        WHERE later IS NOT NULL"""
    ).fetchall()
    assert edges == expected
    unload(store, 2)
    recompute(store, PLAN)
    assert_as_asked(store, PLAN)
