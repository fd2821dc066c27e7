"""Parquet: types as they are, ids as exact texts, damage seen."""

from contextlib import closing
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from journeygraph.lake.store import Store
from journeygraph.loading.arrow_text import as_texts, words_of
from journeygraph.loading.errors import DamagedFileError, DuplicateColumnsError, NoRowsError
from journeygraph.loading.formats import identify
from journeygraph.loading.load import load
from journeygraph.loading.readers import open_reader, parquet
from tests.loading.reading import write


def batches_of(path):
    with closing(open_reader(identify(path))) as reader:
        return list(reader.batches())


def stored(folder, table, **options):
    path = folder / "data.parquet"
    pq.write_table(table, path, **options)
    return path


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([7, None, -1, 2**63 - 1], pa.int64(), ["7", "", "-1", "9223372036854775807"]),
        ([7, 255], pa.uint8(), ["7", "255"]),
        ([2**64 - 1], pa.uint64(), ["18446744073709551615"]),
        ([7.0, 7.5, None, float("nan"), 1e15, 2.0**60, 1e20, -0.0], pa.float64(),
         ["7", "7.5", "", "", "1000000000000000", "1152921504606846976", "1e+20", "0"]),
        ([7.0, 0.1], pa.float32(), ["7", "0.1"]),
        (["007", "7", "NA", "null", "", None], pa.string(), ["007", "7", "NA", "null", "", ""]),
        (["007", None], pa.large_string(), ["007", ""]),
        (["x", None], pa.string_view(), ["x", ""]),
        (["b", "a", "b", None], pa.dictionary(pa.int8(), pa.string()), ["b", "a", "b", ""]),
        ([True, False, None], pa.bool_(), ["true", "false", ""]),
        ([Decimal("7.10"), None], pa.decimal128(12, 2), ["7.10", ""]),
        ([date(2024, 5, 6)], pa.date32(), ["2024-05-06"]),
        ([datetime(2024, 5, 6, 7, tzinfo=UTC)], pa.timestamp("us", "UTC"),
         ["2024-05-06 07:00:00.000000Z"]),
        ([b"abc", b"\xff\x00", None], pa.binary(), ["abc", "/wA=", ""]),
        ([b"ab"], pa.binary(2), ["ab"]),
        ([[1, 2], None], pa.list_(pa.int64()), ["[1,2]", ""]),
        ([{"a": 1, "b": None}], pa.struct({"a": pa.int64(), "b": pa.string()}),
         ['{"a":1,"b":null}']),
        ([None, None], pa.null(), ["", ""]),
    ],
)  # fmt: skip
def test_values_of_every_type_as_texts(tmp_path, values, kind, expected):
    path = stored(tmp_path, pa.table({"a": pa.array(values, kind)}))
    (batch,) = batches_of(path)
    assert as_texts(batch.table["a"]).to_pylist() == expected


def test_rows_are_numbered_over_batches_and_row_groups(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "_MOST_ROWS", 64)
    monkeypatch.setattr(parquet, "_FEWEST_ROWS", 1)
    path = stored(tmp_path, pa.table({"a": range(1000)}), row_group_size=150)
    found = batches_of(path)
    assert len(found) > 10
    assert [row for batch in found for row in batch.rows.tolist()] == list(range(1000))
    assert [line for batch in found for line in batch.lines.tolist()] == list(range(1, 1001))
    assert [value for batch in found for value in batch.table["a"].to_pylist()] == list(range(1000))


def test_two_columns_of_one_name_are_refused(tmp_path):
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    with pytest.raises(DuplicateColumnsError):
        batches_of(stored(tmp_path, table))


def test_a_table_without_rows_is_refused(tmp_path):
    with pytest.raises(NoRowsError, match="'a'"):
        batches_of(stored(tmp_path, pa.table({"a": pa.array([], pa.int64())})))


@pytest.mark.parametrize("kept", [4, 20, -1, -20])
def test_a_file_that_was_cut_is_refused(tmp_path, kept):
    path = stored(tmp_path, pa.table({"a": range(1000)}))
    whole = path.read_bytes()
    with pytest.raises(DamagedFileError):
        batches_of(write(tmp_path, whole[:kept], "cut.parquet"))


def test_a_flipped_bit_is_seen_where_pages_have_checksums(tmp_path):
    path = stored(tmp_path, pa.table({"a": range(1000)}), write_page_checksum=True)
    damaged = bytearray(path.read_bytes())
    damaged[len(damaged) // 3] ^= 1
    with pytest.raises(DamagedFileError):
        batches_of(write(tmp_path, bytes(damaged), "damaged.parquet"))


@pytest.mark.parametrize("row_group_size", [2, 100])
def test_texts_of_few_words_are_not_looked_up_row_by_row(tmp_path, monkeypatch, row_group_size):
    words = ["ad", None, "shop", "", "ad", " ", "shop"]
    table = pa.table({"few": words, "many": [f"{number:030}" for number in range(len(words))]})
    path = stored(tmp_path, table, row_group_size=row_group_size, compression="none")
    monkeypatch.setattr(parquet, "_WORDS_BYTES", 60)
    found = pa.concat_tables([batch.table for batch in batches_of(path)]).combine_chunks()
    assert pa.types.is_dictionary(found["few"].type)
    if row_group_size == 100:
        assert pa.types.is_string(found["many"].type)
    expected = [word or "" for word in words]
    assert as_texts(found["few"]).to_pylist() == expected
    assert words_of(found["few"]).to_pylist() == expected


def test_nested_texts_are_read_as_they_are(tmp_path):
    kind = pa.struct({"b": pa.string()})
    path = stored(tmp_path, pa.table({"a": pa.array([{"b": "x"}, None], kind)}))
    (batch,) = batches_of(path)
    assert batch.table.schema.field("a").type == kind


def test_names_with_blanks_and_nulls_are_stored_alike_from_words_and_texts(tmp_path):
    rows = {
        "customer": ["c1", "c1", "c2", "c2"],
        "at": ["2024-01-01"] * 4,
        "touchpoint": ["ad", "shop", "ad", None],
        "channel": [None, "Website", " ", "web"],
    }
    loaded = []
    for use_dictionary in (True, False):
        folder = tmp_path / str(use_dictionary)
        folder.mkdir()
        path = stored(folder, pa.table(rows), use_dictionary=use_dictionary)
        report = load(folder / "store", [path])
        assert (report.accepted, report.quarantined) == (3, {"MISSING_VALUE": 1})
        store = Store.open(folder / "store")
        tables = ("interactions", "touchpoints", "channels", "quarantine")
        loaded.append([store.read(table, store.version()) for table in tables])
    assert loaded[0] == loaded[1]
    assert loaded[0][0]["channel"].to_pylist() == [None, 0, None]
