"""Files that nobody here wrote, through load and open, against DuckDB, pandas and networkx."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

import journeygraph
from journeygraph.graph import JourneyGraph
from journeygraph.loading.options import LoadOptions
from journeygraph.vocabulary import normalise_channel
from tests.graph.stores import rows_of
from tests.graph.test_frames import assert_equal

pytestmark = pytest.mark.realdata

FILES = {
    "env_permit_receipt": ["channel"],
    "sepsis": [],
    "simple_onlineshop": [],
    "olist_sample8k_events": ["channel", "value"],
    "attribution_jul2018": ["channel", "value"],
    "running_example": [],
}


def ask(sql: str) -> list[tuple[Any, ...]]:
    relation = duckdb.sql(sql)
    assert relation is not None
    return relation.fetchall()


@pytest.fixture(scope="module", params=FILES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def file(name: str) -> Path:
    return Path(os.environ["JOURNEYGRAPH_DATA"]) / f"{name}.parquet"


@pytest.fixture(scope="module")
def graph(file: Path, tmp_path_factory: pytest.TempPathFactory) -> JourneyGraph:
    store = tmp_path_factory.mktemp("store") / "store"
    journeygraph.load(store, [file], LoadOptions(round_values=True))
    return journeygraph.open(store)


@pytest.fixture(scope="module")
def expected(file: Path, name: str) -> list[tuple[Any, ...]]:
    """Rows in the total order, as DuckDB sorts them; customers in order of first appearance."""
    channel = "channel" if "channel" in FILES[name] else "NULL"
    value = "round(value * 100)::BIGINT" if "value" in FILES[name] else "NULL"
    rows = ask(
        f"""
        WITH rows AS (
            SELECT *, min(file_row_number) OVER (PARTITION BY customer_id) AS first_row
            FROM read_parquet('{file}', file_row_number = true)
        )
        SELECT customer_id, epoch_us("timestamp"), touchpoint, {channel}, NULL, {value}
        FROM rows ORDER BY first_row, "timestamp", event_index, file_row_number
        """
    )
    return [(*row[:3], normalise_channel(row[3]) if row[3] else None, *row[4:]) for row in rows]


def test_what_was_loaded_stands_in_the_total_order(
    graph: JourneyGraph, expected: list[tuple[Any, ...]]
) -> None:
    assert rows_of(graph) == expected
    assert graph.as_of_us == max(row[1] for row in expected)


def test_pandas_counts_what_duckdb_counts(graph: JourneyGraph, file: Path) -> None:
    interactions = graph.to_pandas(columns=[]).interactions
    counted = Counter(interactions["touchpoint"].value_counts().to_dict())
    expected = ask(f"SELECT touchpoint, count(*) FROM '{file}' GROUP BY 1")
    assert counted == dict(expected)
    followed = interactions.assign(
        after=interactions.groupby("customer", observed=True)["touchpoint"].shift(-1)
    ).dropna(subset="after")
    pairs = Counter(zip(followed["touchpoint"], followed["after"], strict=True))
    by_duckdb = ask(
        f"""
        SELECT touchpoint, after, count(*) FROM (
            SELECT touchpoint, lead(touchpoint) OVER (
                PARTITION BY customer_id ORDER BY "timestamp", event_index, file_row_number
            ) AS after FROM read_parquet('{file}', file_row_number = true)
        ) WHERE after IS NOT NULL GROUP BY 1, 2
        """
    )
    assert pairs == {(before, after): count for before, after, count in by_duckdb}


def test_networkx_counts_what_duckdb_counts(graph: JourneyGraph, file: Path) -> None:
    network = graph.to_networkx()
    visits = Counter(
        (source[1], target[1]) for source, target in network.edges() if source[0] == "customer"
    )
    expected = ask(f"SELECT customer_id, touchpoint, count(*) FROM '{file}' GROUP BY 1, 2")
    assert visits == {(customer, touchpoint): count for customer, touchpoint, count in expected}


def test_a_frame_gives_the_graph_that_its_file_gives(graph: JourneyGraph, file: Path) -> None:
    framed = journeygraph.from_pandas(pd.read_parquet(file), round_values=True)
    assert_equal(framed, graph)


def test_properties_are_those_of_the_file(graph: JourneyGraph, file: Path) -> None:
    names = graph.further.property_names()
    frame = pd.read_parquet(file)
    for name in names:
        coded = graph.property(name)
        there = [coded.names[code] if code >= 0 else None for code in coded.codes.tolist()]
        texts = frame[name].iloc[graph.column("row")]
        is_said = ~texts.isna() & (texts.astype("object") != "")
        assert [text is not None for text in there] == is_said.tolist(), name
        if frame[name].dtype == "str":
            expected = [text for text, said in zip(texts, is_said, strict=True) if said]
            assert [text for text in there if text is not None] == expected, name


def test_referrals_of_a_network_are_those_of_the_file(tmp_path: Path) -> None:
    file = Path(os.environ["JOURNEYGRAPH_DATA"]) / "diffusion_of_innovations_nominations.parquet"
    options = LoadOptions(
        table="referrals", mapping={"referred": "customer_id", "referrer": "referrer_id"}
    )
    journeygraph.load(tmp_path / "store", [file], options)
    graph = journeygraph.open(tmp_path / "store")
    ids = np.array(graph.customer_id(np.arange(graph.n_customers)), dtype=object)
    referrals = graph.referrals
    there = [
        (str(ids[referrer]) if referrer >= 0 else None, str(ids[referred]))
        for referrer, referred in zip(referrals.referrers, referrals.referred, strict=True)
    ]
    rows = ask(
        f"SELECT referrer_id, customer_id FROM read_parquet('{file}', file_row_number = true)"
        " ORDER BY file_row_number"
    )
    assert there == rows
    network = graph.to_networkx()
    assert network.number_of_edges() == len(rows)
