"""Spark on tables that nobody loaded: the answers of a store with the same rows in it."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from deltalake import write_deltalake

import journeygraph
from journeygraph.backends.spark_frame_errors import (
    RefusedTableError,
    TableNotReadableError,
    TiedRowsError,
    UnusableTableError,
)
from journeygraph.errors import InvalidOptionError
from journeygraph.graph import JourneyGraph
from journeygraph.loading.options import LoadOptions
from journeygraph.statistics.base import total
from journeygraph.statistics.exits import EXITS
from journeygraph.statistics.paths import PATHS
from journeygraph.statistics.transitions import TRANSITION_SUMS
from tests.backends.questions import QUESTIONS, history, plain
from tests.backends.test_spark import random_world
from tests.graph.stores import write_load
from tests.strategies import World

pytestmark = [
    pytest.mark.spark,
    pytest.mark.filterwarnings("ignore:unclosed <socket.socket:ResourceWarning"),
]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DICTIONARY = {"ad": {"channel": "news", "initiator": "company"}, "home": {"stage": "inquiry"}}


def sorted_world() -> World:
    """A random one whose names and channels first appear in their order, so that codes agree."""
    world = random_world(7, 150)
    names = sorted({row[2] for row in world.rows})
    channels = ["email", "web", *[None] * (len(names) - 2)]
    first = [
        ("c0", place, name, channel, None, None)
        for place, (name, channel) in enumerate(zip(names, channels, strict=True))
    ]
    columns = {
        name: [0 if name == "sequence" else None] * len(first) + values
        for name, values in world.columns.items()
    }
    return World(rows=[*first, *world.rows], referrals=world.referrals, columns=columns)


WORLD = sorted_world()
PEOPLE = sorted({*WORLD.all_customers(), "alone"})
COUNTRIES = [(name, {"country": ["DE", "FR"][place % 2]}) for place, name in enumerate(PEOPLE)]


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> JourneyGraph:
    """Customers come sorted, so that their indexes agree, too."""
    store = tmp_path_factory.mktemp("frames") / "store"
    write_load(store, World(rows=[]), attributes=COUNTRIES)
    write_load(store, WORLD, dictionary=DICTIONARY)
    return journeygraph.open(store)


def moment(at_us: int | None) -> datetime | None:
    return None if at_us is None else EPOCH + timedelta(microseconds=at_us)


def major(minor: int | None) -> Decimal | None:
    return None if minor is None else Decimal(minor).scaleb(-2)


def frames(spark: Any, n_parts: int) -> list[Any]:
    """The world's rows, scattered over parts."""
    who, at, where, by, stages, values = zip(*WORLD.rows, strict=True)
    interactions = {
        "customer": who, "at": [moment(one) for one in at], "touchpoint": where,
        "channel": ["E-Mail" if name == "email" else name for name in by],
        "stage": [{"inquiry": "Awareness"}.get(name or "", name) for name in stages],
        "value": pa.array([major(one) for one in values], pa.decimal128(20, 4)),
        "arrival": range(len(who)), **WORLD.columns,
    }  # fmt: skip
    referrers, referred, times, media = zip(*WORLD.referrals, strict=True)
    referrals = {
        "referrer": referrers, "referred": referred, "at": [moment(one) for one in times],
        "medium": pa.array(media, pa.string()), "arrival": range(len(referred)),
    }  # fmt: skip
    customers = {"customer": PEOPLE, "country": [said["country"] for _, said in COUNTRIES]}
    tables = [interactions, customers, referrals]
    return [spark.createDataFrame(pa.table(one)).repartition(n_parts) for one in tables]


@pytest.fixture(scope="module")
def engine(spark: Any) -> Any:
    return engine_of(frames(spark, 3), partitions=3)


def engine_of(tables: list[Any], **options: Any) -> Any:
    from journeygraph.backends.spark import SparkEngine

    return SparkEngine.of_frames(*tables, **{"dictionary": DICTIONARY, **options})


@pytest.mark.parametrize(
    "options",
    [
        {},
        {
            "by": "touchpoint_at_channel",
            "where": {"customers": {"attributes": {"country": ["DE"]}}, "until": "1970-01-15"},
        },
        {"where": {"initiators": ["company"], "customers": {"referred": True}}, "by": "stage"},
    ],
    ids=["all", "where", "words"],
)
def test_tables_are_those_of_a_store(graph: JourneyGraph, engine: Any, options: Any) -> None:
    here, there = graph.journeys(**options), engine.journeys(**options)
    assert there.items == here.items
    for statistic in (PATHS, *([] if options else [EXITS, TRANSITION_SUMS])):
        assert total(statistic, there).equals(total(statistic, here)), statistic.name


@pytest.mark.parametrize("question", ["summary", "referral chains"])
def test_questions_are_answered_as_of_a_store(
    graph: JourneyGraph, engine: Any, question: str
) -> None:
    ask = QUESTIONS[question]
    lists = question == "referral chains"
    assert plain(ask(engine.journeys()), lists) == plain(ask(graph.journeys()), lists)


def test_customers_are_numbered_by_their_ids(graph: JourneyGraph, engine: Any) -> None:
    assert engine.graph.customer_id(np.arange(len(PEOPLE))) == PEOPLE
    assert engine.graph.n_customers == graph.n_customers
    assert engine.graph.version is None
    assert engine.source.property_names == ("colour",)
    for name in ("c0", "alone"):
        index = graph.customer_index(name)
        assert engine.graph.customer_index(name) == index
        assert history(engine.graph, index) == history(graph, index)


def test_the_parts_in_which_rows_come_and_go_change_nothing(
    graph: JourneyGraph, spark: Any
) -> None:
    spark.conf.set("spark.sql.shuffle.partitions", "5")
    try:
        view = engine_of(frames(spark, 1), partitions=2).journeys()
        assert total(PATHS, view).equals(total(PATHS, graph.journeys()))
    finally:
        spark.conf.set("spark.sql.shuffle.partitions", "2")


@pytest.mark.realdata
def test_a_real_log_is_answered_as_of_a_store(tmp_path: Path, spark: Any) -> None:
    file = Path(os.environ["JOURNEYGRAPH_DATA"]) / "sepsis.parquet"
    journeygraph.load(tmp_path / "s", file, LoadOptions())
    log = spark.read.parquet(str(file)).withColumnsRenamed(
        {"customer_id": "customer", "timestamp": "at", "event_index": "sequence"}
    )
    here = journeygraph.open(tmp_path / "s").journeys()
    there = engine_of([log], dictionary=None, partitions=5).journeys()
    ask = QUESTIONS["whole paths"]
    assert plain(ask(there), lists=False) == plain(ask(here), lists=False)


def test_values_of_any_type_mean_what_they_say(spark: Any) -> None:
    spark.conf.set("spark.sql.session.timeZone", "America/New_York")
    try:
        frame = spark.sql(
            "SELECT 7L AS customer, timestamp_ntz'2024-03-10 02:30:00.000001' AS at, 'x' AS "
            "touchpoint, 12.34D AS value, float(0.1) AS cost, float(0.3) AS emotion, "
            "1 AS expectation, -0.5BD AS experience, 's 1' AS session, 2 AS sequence, "
            "1e0 AS `a.b``c`, array(1, 2) AS more, '' AS nothing"
        )
        [row] = engine_of([frame], dictionary=None).source.table("interactions").collect()
    finally:
        spark.conf.set("spark.sql.session.timeZone", "UTC")
    at_us = int(datetime(2024, 3, 10, 2, 30, tzinfo=UTC).timestamp()) * 1_000_000 + 1
    said = {name: value for name, value in row.asDict().items() if value is not None}
    assert said == {
        "load": 0, "file": 0, "row": 0, "customer": 0, "at": at_us, "touchpoint": 0,
        "value": 1234, "cost": 10, "emotion": 300, "expectation": 1000, "experience": -500,
        "session": "s 1", "sequence": 2, "arrival_file": 0, "arrival_row": 0,
        "properties": '{"a.b`c":"1","more":"[1,2]","nothing":""}',
    }  # fmt: skip


def test_rows_that_cannot_be_taken_are_told_by_column_and_number(spark: Any) -> None:
    flawed = spark.sql(
        "SELECT * FROM VALUES ('a', date'2024-01-01', 'x', 'buying', 1.005D, 2.0D), "
        "('b', null, ' ', 'purchase', null, -1.0D), (null, date'2024-01-02', 'x', 'buying', "
        "double('NaN'), 0.5D) AS t(customer, at, touchpoint, stage, value, emotion)"
    )
    with pytest.raises(RefusedTableError) as raised:
        engine_of([flawed])
    assert raised.value.code == "REFUSED_ROWS"
    assert raised.value.problem.splitlines() == [
        "Of the 3 rows of the table of interactions some cannot be taken:",
        "  column 'customer' is missing, in 1 of them",
        "  column 'at' is missing, in 1 of them",
        "  column 'touchpoint' is missing, in 1 of them",
        "  column 'value' is no whole number of minor units (2 decimals); round it, in 1 of them",
        "  column 'value' is too large an amount, or not a number, in 1 of them",
        "  column 'emotion' is not on the scale -1..1, in 1 of them",
        "  column 'stage' is none of inquiry, comparison, purchase, support, in 2 of them: "
        "'buying' (2)",
    ]


def test_an_order_by_chance_is_refused(spark: Any) -> None:
    tied = spark.sql(
        "SELECT * FROM VALUES ('a', date'2024-01-01', 'x', 2), ('a', date'2024-01-01', 'y', 1), "
        "('a', date'2024-01-02', 'x', 1) AS t(customer, at, touchpoint, arrival)"
    )
    with pytest.raises(TiedRowsError, match="2 rows .* the same customer, at as another") as raised:
        engine_of([tied.drop("arrival")])
    assert "`arrival`" in raised.value.remedy
    view = engine_of([tied]).journeys()
    [path] = total(PATHS, view)["path"].to_pylist()
    assert [view.items[code] for code in path] == ["y", "x", "x"]


def test_tables_of_other_columns_are_refused(spark: Any) -> None:
    plain_row = "SELECT 'a' AS customer, timestamp'2024-01-01' AS at, 'x' AS touchpoint"
    for query, told in (
        ("SELECT 'a' AS customer, timestamp'2024-01-01' AS at", "no column 'touchpoint'"),
        ("SELECT 'a' AS customer, '2024-01-01' AS at, 'x' AS touchpoint", "takes timestamps"),
        (f"{plain_row}, '12.50' AS value", "takes numbers"),
        (f"{plain_row}, 1.0D AS sequence", "takes whole numbers"),
        (f"{plain_row}, 1.0D AS touchPoint", "'touchpoint' twice"),
    ):
        with pytest.raises(UnusableTableError, match=told):
            engine_of([spark.sql(query)])
    with pytest.raises(InvalidOptionError, match="currency"):
        engine_of([spark.sql(plain_row)], currency="euro")


def test_of_delta_lake_what_its_log_names_is_read(tmp_path: Path, spark: Any) -> None:
    from journeygraph.backends.spark_reading import read_table

    def visits(*customers: str) -> pa.Table:
        at = pa.array([EPOCH] * len(customers), pa.timestamp("us", tz="UTC"))
        names = {"customer": customers, "at": at, "touchpoint": ["007"] * len(customers)}
        return pa.table(names)

    write_deltalake(tmp_path / "t", visits("gone"), partition_by=["touchpoint"])
    write_deltalake(tmp_path / "t", visits("a", "b"), mode="overwrite")
    table = read_table(spark, str(tmp_path / "t"))
    assert sorted(map(tuple, table.select("customer", "touchpoint").collect())) == [
        ("a", "007"), ("b", "007"),
    ]  # fmt: skip
    part = str(tmp_path / "t" / "touchpoint=007")
    log = tmp_path / "t" / "_delta_log" / f"{1:020}.json"
    features = {name: ["deletionVectors"] for name in ("readerFeatures", "writerFeatures")}
    protocol = {"minReaderVersion": 3, "minWriterVersion": 7, **features}
    log.write_text(log.read_text() + json.dumps({"protocol": protocol}) + "\n")
    for path, told in (
        (part, "it is a part of a Delta Lake table"),
        (str(tmp_path / "t"), "it uses deletionVectors of Delta Lake"),
        (str(tmp_path / "nothing"), "cannot be read"),
    ):
        with pytest.raises(TableNotReadableError, match=told):
            read_table(spark, path)
