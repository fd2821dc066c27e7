"""What a data file leaves out comes back as it was given, whoever reads it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeygraph.lake import parquet
from journeygraph.lake.maintenance import check, compact
from journeygraph.lake.parquet import (
    SegmentWriter,
    iterate_file,
    read_file,
    read_group,
    same_in_all_rows,
)
from journeygraph.lake.store import Store
from journeygraph.lake.tables import STORED_TABLES, StoredTable

TABLE = StoredTable(
    "customers",
    pa.schema(
        [
            pa.field("number", pa.int64(), nullable=False),
            pa.field("word", pa.int8()),
            pa.field("text", pa.string()),
            pa.field("at", pa.timestamp("us", tz="UTC")),
        ]
    ),
    by_load=False,
)
CELLS = st.tuples(st.none() | st.just(3), st.none() | st.just("x"), st.none() | st.just(5))


def table(cells: list[tuple[int | None, str | None, int | None]]) -> pa.Table:
    words, texts, times = ([row[place] for row in cells] for place in range(3))
    columns = [range(len(cells)), words, texts, times]
    return pa.table(
        [pa.array(given, field.type) for given, field in zip(columns, TABLE.columns, strict=True)],
        schema=TABLE.columns,
    )


def written(folder: Path, rows: pa.Table, *, at_once: bool = False) -> list[Path]:
    writer = SegmentWriter(folder, TABLE, 1, at_once=at_once)
    writer.append(rows)
    return [folder / file.name for file in writer.finish()]


def columns_of(path: Path) -> list[str]:
    return pq.read_schema(path).names


@pytest.mark.parametrize("columns", [None, ["text"], ["at", "number"], ["word", "text"], []])
def test_columns_that_say_nothing_are_left_out_and_come_back(tmp_path, columns):
    rows = table([(3, None, None), (4, None, None)])
    (path,) = written(tmp_path, rows)
    assert columns_of(path) == ["number", "word"]
    expected = rows if columns is None else rows.select(columns)
    assert read_file(path, columns).equals(expected)
    batches = list(iterate_file(path, columns, 1))
    assert [batch.num_rows for batch in batches] == [1, 1]
    assert pa.Table.from_batches(batches).equals(expected)
    assert read_group(path, 0).equals(rows)


def test_a_file_of_an_earlier_release_has_all_columns(tmp_path):
    rows = table([(None, None, None)])
    (path,) = written(tmp_path, rows, at_once=True)
    assert columns_of(path) == TABLE.columns.names
    assert pq.read_schema(path).metadata is None
    assert read_file(path).equals(rows)


@given(parts=st.lists(st.lists(CELLS, min_size=1, max_size=3), min_size=1, max_size=6))
def test_what_begins_to_speak_later_goes_into_another_file(tmp_path_factory, parts):
    folder = tmp_path_factory.mktemp("files")
    rows = table([cells for part in parts for cells in part])
    writer = SegmentWriter(folder, TABLE, 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet, "_ROWS_PER_GROUP", 3)
        writer.append(rows)
        files = writer.finish()
    assert len(files) <= 1 + len(TABLE.columns)
    assert [file.segment for file in files] == list(range(1, len(files) + 1))
    assert pa.concat_tables([read_file(folder / file.name) for file in files]).equals(rows)


def rows_of(numbers: range, emotions: list[int | None]) -> pa.Table:
    fields = STORED_TABLES["interactions"].columns
    said = {
        "file": [0] * len(numbers), "row": numbers, "customer": numbers, "at": numbers,
        "touchpoint": [0] * len(numbers), "stage": [0] * len(numbers), "emotion": emotions,
    }  # fmt: skip
    columns = [
        pa.array(said.get(field.name, [None] * len(numbers)), field.type) for field in fields
    ]
    return pa.table(columns, schema=fields)


def test_other_tools_compaction_and_check_see_the_same_rows(tmp_path):
    store = Store.create_or_open(tmp_path / "store")
    given = [rows_of(range(2), [None, None]), rows_of(range(2, 4), [5, None])]
    for load, rows in enumerate(given, 1):
        with store.writer() as writer:
            writer.append("interactions", rows, load)
            writer.commit(kind="load", load=load)
    paths = sorted(store.table_folder("interactions").glob("*.parquet"))
    assert ["emotion" in columns_of(path) for path in paths] == [False, True]

    def seen() -> pa.Table:
        return store.read("interactions", store.version()).drop_columns(["load"])

    assert seen().equals(pa.concat_tables(given))
    folder = str(store.table_folder("interactions"))
    others = pl.read_delta(folder).sort("row")
    assert others["emotion"].to_list() == [None, None, 5, None]
    assert others["cost"].to_list() == [None] * 4
    found = duckdb.sql(
        f"select emotion from read_parquet({[str(path) for path in paths]}, union_by_name = true) "
        "order by row"
    )
    assert found.fetchall() == [(None,), (None,), (5,), (None,)]
    compact(store)
    assert seen().equals(pa.concat_tables(given))
    assert len(store.files("interactions", store.version())) == 1
    assert check(store) == []


def test_what_all_rows_say_is_known_without_reading_them(tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "_ROWS_PER_GROUP", 2)
    words = {"same": [3, 3, 3], "other": [3, 3, 4], "null": [3, None, 3], "nobody": [None] * 3}
    found = {}
    for name, said in words.items():
        (tmp_path / name).mkdir()
        rows = table([(word, "x", 5) for word in said])
        (path,) = written(tmp_path / name, rows, at_once=True)
        assert pq.ParquetFile(path).num_row_groups == 2
        found[name] = same_in_all_rows(path, ["number", "word", "text", "at"], 3)
    assert found == {"same": {"word": 3}, "other": {}, "null": {}, "nobody": {}}
