"""Typed columns and what CSV reads where it stands, against the same rows as plain texts."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from journeygraph.lake.store import Store
from journeygraph.loading.load import load
from journeygraph.loading.options import LoadOptions
from tests.loading.stored import quarantine, rows_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PLAIN = LoadOptions(mapping={"customer": "customer", "at": "at", "value": "value"})
KINDS = {
    "int8": (pa.int8(), -(2**7), 2**7 - 1),
    "uint8": (pa.uint8(), 0, 2**8 - 1),
    "int16": (pa.int16(), -(2**15), 2**15 - 1),
    "uint32": (pa.uint32(), 0, 2**32 - 1),
    "int64": (pa.int64(), -(2**63), 2**63 - 1),
    "uint64": (pa.uint64(), 0, 2**64 - 1),
    "decimal": (pa.decimal128(30, 0), -(10**20), 10**20),
    "dictionary": (pa.dictionary(pa.int32(), pa.int64()), -(2**63), 2**63 - 1),
    "string": (pa.string(), -(10**20), 10**20),
    "large_string": (pa.large_string(), -(10**20), 10**20),
    "words": (pa.dictionary(pa.int32(), pa.string()), -(10**20), 10**20),
}
SMALL = st.integers(0, 9)


def column_of(numbers, kind):
    if pa.types.is_dictionary(kind):
        return column_of(numbers, kind.value_type).dictionary_encode()
    if pa.types.is_decimal(kind):
        return pa.array([None if n is None else Decimal(n) for n in numbers], kind)
    if pa.types.is_integer(kind):
        return pa.array(numbers, kind)
    return pa.array([None if n is None else str(n) for n in numbers], kind)


@st.composite
def tables(draw):
    name = draw(st.sampled_from(sorted(KINDS)))
    _, low, high = KINDS[name]
    ids = st.none() | SMALL | st.integers(low, high)
    row = st.tuples(
        ids,
        st.none() | st.integers(0, 10**12),
        st.none() | st.floats() | st.integers(-(10**6), 10**6).map(lambda cents: cents / 100),
    )
    return name, draw(st.lists(row, min_size=1, max_size=15))


def texts_of(rows):
    """The same columns as texts, which is how every value can be read."""
    ids = ["" if who is None else str(who) for who, *_ in rows]
    at = [
        "" if s is None else (EPOCH + timedelta(seconds=s % 10**9)).isoformat() for _, s, _ in rows
    ]
    values = [shown(value) for *_, value in rows]
    return {"customer": ids, "at": at, "touchpoint": ["t"] * len(rows), "value": values}


def as_csv(columns, path):
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([columns, *zip(*columns.values(), strict=True)])


def shown(value):
    return "" if value is None else "NaN" if value != value else repr(value)


def outcome(store):
    refused = [(row["row"], row["column"], row["code"]) for row in quarantine(store)]
    taken = [(row["row"], row["customer"], row["at"], row["value"]) for row in rows_of(store)]
    entry = Store.open(store).version()
    ids = Store.open(store).read("identities", entry) if "identities" in entry.tables else None
    return taken, refused, ids


@given(
    tables(),
    st.sampled_from(["s", "ms", "us", "ns"]),
    st.sampled_from([None, "UTC", "+02:00"]),
    st.integers(1, 20),
)
@example(("uint64", [(2**64 - 1, 0, 1.0), (7, 1, None), (None, 2, 0.005)]), "ns", None, 2)
@example(("int64", [(-(2**63), 0, 1.0), (7, 1, float("nan")), (7, None, -0.29)]), "s", "UTC", 20)
def test_typed_columns_are_loaded_as_their_texts(tmp_path_factory, table, unit, zone, group):
    folder = tmp_path_factory.mktemp("typed")
    (kind, rows), per = table, {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    at = [None if seconds is None else seconds % 10**9 * per for _, seconds, _ in rows]
    typed = pa.table(
        {
            "customer": column_of([who for who, *_ in rows], KINDS[kind][0]),
            "at": pa.array(at, pa.int64()).cast(pa.timestamp(unit, zone)),
            "touchpoint": pa.array(["t"] * len(rows)),
            "value": pa.array([value for *_, value in rows], pa.float64()),
        }
    )
    pq.write_table(typed, folder / "typed.parquet", row_group_size=group)
    texts = texts_of(rows)
    as_csv(texts, folder / "numbers.csv")
    pq.write_table(pa.table(texts), folder / "texts.parquet", use_dictionary=False)
    for name in ("typed.parquet", "numbers.csv", "texts.parquet"):
        load(folder / f"{name}.store", [folder / name], PLAIN)
    expected = outcome(folder / "texts.parquet.store")
    assert outcome(folder / "typed.parquet.store") == expected
    assert outcome(folder / "numbers.csv.store") == expected


def test_one_customer_whatever_form_her_number_has(tmp_path):
    typed = {"customer": [7, 8], "at": ["2024-01-01"] * 2, "touchpoint": ["a"] * 2}
    pq.write_table(pa.table(typed), tmp_path / "typed.parquet")
    head = "customer,at,touchpoint\n"
    (tmp_path / "numbers.csv").write_text(head + "8,2024-01-02,a\n9,2024-01-02,a\n")
    (tmp_path / "texts.csv").write_text(head + "007,2024-01-03,a\n9,2024-01-03,a\n7,2024-01-03,a\n")
    files = [tmp_path / name for name in ("typed.parquet", "numbers.csv", "texts.csv")]
    load(tmp_path / "at once", files)
    for file in files:
        load(tmp_path / "one by one", [file])
    for store in ("at once", "one by one"):
        rows = rows_of(tmp_path / store)
        assert [row["customer"] for row in rows] == ["7", "8", "8", "9", "007", "9", "7"]
        ids = Store.open(tmp_path / store)
        assert ids.read("identities", ids.version())["id"].to_pylist() == ["7", "8", "9", "007"]


@pytest.mark.parametrize("first", ["typed", "plain"])
def test_an_id_of_the_same_content_is_a_duplicate_in_either_form(tmp_path, first):
    rows = {"customer": [7, 8], "at": ["2024-01-01"] * 2, "touchpoint": ["a"] * 2, "id": ["x", "y"]}
    pq.write_table(pa.table(rows), tmp_path / "typed.parquet")
    (tmp_path / "plain.csv").write_text(
        "customer,at,touchpoint,id\n7,2024-01-01,a,x\n0008,2024-01-01,a,y\n"
    )
    files = [tmp_path / "typed.parquet", tmp_path / "plain.csv"]
    reports = [
        load(tmp_path / "store", [file]) for file in (files if first == "typed" else files[::-1])
    ]
    assert reports[0].accepted == 2
    assert (reports[1].duplicates, dict(reports[1].quarantined)) == (1, {"CONFLICTING_ID": 1})
