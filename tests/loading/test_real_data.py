"""Files that nobody here wrote: every row of them is there, as another reader reads it."""

import json
import os
from collections import Counter
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from journeygraph.loading.load import load
from journeygraph.loading.options import LoadOptions
from journeygraph.vocabulary import normalise_channel
from tests.loading.stored import quarantine, rows_of

pytestmark = pytest.mark.realdata

LOGS = {
    "attribution_jul2018": 62_483, "bpic2013_incidents": 65_533, "cdnow": 69_659,
    "env_permit_receipt": 8_577, "hotel_bookings": 119_390, "kiva_lenders": 12_278,
    "olist_sample8k_events": 44_097, "running_example": 42, "sepsis": 15_214,
    "simple_onlineshop": 35_381,
}  # fmt: skip


@pytest.fixture(scope="module")
def data():
    return Path(os.environ["JOURNEYGRAPH_DATA"])


def loaded(folder, path, **options):
    return load(folder / "store", [path], LoadOptions(**options))


def contacts(folder):
    """Who, when, where of every interaction, in order."""
    return [(row["customer"], row["at"], row["touchpoint"]) for row in rows_of(folder / "store")]


def asked(query):
    """What DuckDB answers, times as microseconds."""
    return duckdb.sql(query).fetchall()


@pytest.mark.parametrize("name", LOGS)
def test_every_interaction_of_a_parquet_log_is_there(tmp_path, data, name):
    path = data / f"{name}.parquet"
    report = loaded(tmp_path, path)
    assert (report.read, report.duplicates) == (LOGS[name], 0)
    columns = pq.read_schema(path).names
    who = "customer_id" if "customer_id" in columns else "case_id"
    table = pq.read_table(path, columns=[who, "timestamp", "touchpoint"])
    expected = list(
        zip(
            table[who].to_pylist(),
            table["timestamp"]
            .cast(pa.timestamp("us", "UTC"), safe=False)
            .cast(pa.int64())
            .to_pylist(),
            table["touchpoint"].to_pylist(),
            strict=True,
        )
    )
    refused = {row["row"] for row in quarantine(tmp_path / "store")}
    assert len(refused) == sum(report.quarantined.values())
    assert contacts(tmp_path) == [row for place, row in enumerate(expected) if place not in refused]
    assert {row["code"] for row in quarantine(tmp_path / "store")} <= {"MISSING_VALUE"}


def test_a_log_by_case_and_an_object_centric_one(tmp_path, data):
    report = loaded(tmp_path, data / "bpic2017_ocel_sample.parquet", mapping={"id": ""})
    assert (report.read, report.accepted) == (13_004, 13_004)
    # One event belongs to several objects: its id says so, and the rows differ.
    report = loaded(tmp_path / "by id", data / "bpic2017_ocel_sample.parquet")
    (answer,) = asked(
        f"select count(distinct event_id) from '{data / 'bpic2017_ocel_sample.parquet'}'"
    )
    assert report.accepted == answer[0]
    assert report.read == report.accepted + sum(report.quarantined.values()) + report.duplicates


def test_the_fines_with_their_amounts(tmp_path, data):
    path = data / "traffic_fines.parquet"
    report = loaded(tmp_path, path, properties="none")
    assert (report.read, report.accepted) == (561_470, 561_470)
    assert report.rows_per_second > 1_000
    assert Counter(row["touchpoint"] for row in rows_of(tmp_path / "store")) == dict(
        asked(f"select touchpoint, count(*) from '{path}' group by 1")
    )


def test_the_receipts_as_they_came_equal_the_parquet(tmp_path, data):
    report = loaded(tmp_path, data / "original" / "receipt.csv")
    assert report.mapping == {
        "customer": "case:concept:name", "at": "time:timestamp", "touchpoint": "concept:name",
        "channel": "case:channel",
    }  # fmt: skip
    expected = asked(
        "select case_id, epoch_us(timestamp), touchpoint, channel from "
        f"'{data / 'env_permit_receipt.parquet'}'"
    )
    rows = rows_of(tmp_path / "store")
    assert Counter(
        (row["customer"], row["at"], row["touchpoint"], row["channel"]) for row in rows
    ) == Counter((*row[:3], normalise_channel(row[3])) for row in expected)
    assert rows[0]["properties"]["org:resource"] == "Resource21"


def test_the_online_shop_as_it_came(tmp_path, data):
    report = loaded(tmp_path, data / "original" / "simple-onlineshop.csv")
    assert (report.accepted, report.quarantined) == (35_381, {})
    truth = json.loads((data / "truth" / "simple_onlineshop.json").read_text())
    assert (
        len({row["customer"] for row in rows_of(tmp_path / "store")})
        == truth["source_order"]["n_cases"]
    )


def test_the_attribution_data_as_it_came(tmp_path, data):
    report = loaded(tmp_path, data / "original" / "attribution_data.csv")
    assert (
        report.mapping | {"touchpoint": "interaction", "value": "conversion_value"}
        == report.mapping
    )
    path = data / "original" / "attribution_data.csv"
    (answer,) = asked(f"select sum(round(conversion_value * 100))::bigint from '{path}'")
    assert sum(row["value"] for row in rows_of(tmp_path / "store")) == answer[0]


@pytest.mark.parametrize(
    ("name", "twin"), [("Sepsis.xes.gz", "sepsis"), ("running-example.xes", "running_example")]
)
def test_event_logs_in_xes_equal_the_parquet(tmp_path, data, name, twin):
    report = loaded(tmp_path, data / "original" / name)
    assert (report.accepted, report.quarantined) == (LOGS[twin], {})
    expected = asked(
        f"select case_id, epoch_us(timestamp), touchpoint from '{data / f'{twin}.parquet'}'"
    )
    assert Counter(contacts(tmp_path)) == Counter(expected)


def test_a_log_in_csv_and_xes_is_the_same_and_seen_to_be(tmp_path, data):
    loaded(tmp_path, data / "original" / "running-example.csv")
    first = contacts(tmp_path)
    report = loaded(tmp_path, data / "original" / "running-example.xes")
    assert "100% of its rows equal" in report.warnings[0]
    assert Counter(contacts(tmp_path)) == Counter([*first, *first])


def test_complaints_with_their_channels(tmp_path, data):
    report = loaded(tmp_path, data / "bpi2016_complaints.csv")
    assert report.read == 289
    assert report.accepted == 289


def test_ratings_as_referrals(tmp_path, data):
    path = data / "bitcoin_otc.parquet"
    report = loaded(tmp_path, path, table="referrals")
    assert (report.accepted, report.quarantined) == (35_592, {})
    expected = asked(f"select referrer_id, customer_id, epoch_us(timestamp) from '{path}'")
    assert [
        (row["referrer"], row["referred"], row["at"])
        for row in rows_of(tmp_path / "store", "referrals")
    ] == expected


@pytest.mark.parametrize(
    ("name", "n_rows"), [("telco_churn_ibm", 7_043), ("airline_satisfaction", 129_880)]
)
def test_tables_of_customers(tmp_path, data, name, n_rows):
    path = data / f"{name}.parquet"
    report = loaded(tmp_path, path, table="customers")
    assert (report.accepted, report.quarantined) == (n_rows, {})
    rows = rows_of(tmp_path / "store", "customers")
    expected = pq.read_table(path).to_pylist()
    for row, source in zip(rows[:200], expected[:200], strict=True):
        assert row["customer"] == source.pop("customer_id")
        assert row["properties"] == {
            key: f"{value:g}" if isinstance(value, float) else str(value)
            for key, value in source.items()
            if value not in (None, "")
        }


@pytest.mark.parametrize("name", ["Sepsis.xes.gz", "receipt.csv", "attribution_data.csv"])
def test_loading_a_real_file_twice_changes_nothing(tmp_path, data, name):
    first = loaded(tmp_path, data / "original" / name)
    again = loaded(tmp_path, data / "original" / name)
    assert (again.accepted, again.duplicates, again.version) == (0, first.accepted, None)
