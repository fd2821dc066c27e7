"""Opening stores, their versions, and what is at a path that is not one."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager

import orjson
import pyarrow as pa
import pytest

from journeygraph.lake.errors import (
    DamagedStoreError,
    EmptyStoreError,
    NewerStoreError,
    NotAStoreError,
    StoreAccessError,
    StoreNotFoundError,
    UnknownVersionError,
)
from journeygraph.lake.store import Store
from journeygraph.lake.tables import STORED_TABLES
from tests.lake.rows import identities, interactions, load, names, values_of


@pytest.fixture
def store(tmp_path):
    return Store.create_or_open(tmp_path / "new" / "store")


@contextmanager
def as_nobody(*paths):
    """Without the rights of the superuser, who may read and write everything."""
    if os.geteuid():
        yield
        return
    for path in paths:
        for parent in path.parents:
            if not parent.stat().st_mode & stat.S_IXOTH:
                parent.chmod(parent.stat().st_mode | stat.S_IXGRP | stat.S_IXOTH)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@contextmanager
def with_mode(mode, *paths):
    before = [path.stat().st_mode for path in paths]
    for path in paths:
        path.chmod(mode)
    try:
        yield
    finally:
        for path, old in zip(paths, before, strict=True):
            path.chmod(old)


def everything_below(path):
    return sorted(
        (str(file), file.read_bytes() if file.is_file() else b"") for file in path.rglob("*")
    )


def test_a_new_store_has_no_versions(store):
    assert store.versions() == []
    assert store.latest() is None
    with pytest.raises(EmptyStoreError, match="Nothing has been loaded"):
        store.version(None)


def test_opening_does_not_change_anything(store):
    load(store, [1, 2])
    before = everything_below(store.path)
    again = Store.create_or_open(store.path)
    values_of(again, again.version(None))
    assert everything_below(store.path) == before


def test_what_was_loaded_is_read_back_in_order(store):
    load(store, [5, 3, 9])
    version = load(store, [4, 1])
    assert values_of(store, version) == [(1, 5), (1, 3), (1, 9), (2, 4), (2, 1)]
    rows = store.read("interactions", version)
    assert rows.schema.equals(STORED_TABLES["interactions"].arrow_schema)
    expected = pa.concat_tables([interactions([5, 3, 9]), interactions([4, 1])])
    assert rows.drop_columns(["load"]).equals(expected)
    batches = pa.Table.from_batches(store.batches("interactions", version))
    assert batches.equals(rows)


def test_a_reader_of_a_version_does_not_see_later_ones(store):
    first = load(store, [1])
    second = load(store, [2, 3])
    assert values_of(store, first) == [(1, 1)]
    assert values_of(store, store.version(1)) == [(1, 1)]
    assert values_of(store, second) == [(1, 1), (2, 2), (2, 3)]
    assert store.versions() == [first, second]
    assert store.latest() == second


def test_only_the_columns_and_loads_that_are_asked_for(store):
    for value in range(3):
        version = load(store, [value, 10 + value])
    rows = store.read("interactions", version, ["value", "row"], loads=[1, 3])
    assert rows.column_names == ["load", "value", "row"]
    assert rows["value"].to_pylist() == [0, 10, 2, 12]
    assert store.read("interactions", version, ["value"], loads=[]).num_rows == 0
    assert store.read("interactions", version, ["load"])["load"].to_pylist() == [1, 1, 2, 2, 3, 3]


def test_a_table_without_rows_has_its_columns(store):
    version = load(store, [1])
    for name in ("referrals", "touchpoints", "loads", "quarantine"):
        rows = store.read(name, version)
        assert rows.num_rows == 0
        assert rows.schema.equals(STORED_TABLES[name].arrow_schema)
        assert list(store.batches(name, version)) == []
        assert not store.has_rows(name, version)
    assert store.has_rows("interactions", version)


def test_a_version_says_what_it_is(store):
    words = {"pricing page": {"stage": "comparison"}}
    with store.writer() as writer:
        writer.append("touchpoints", names(0, ["a", "b"]))
        first = writer.commit(
            kind="load", load=1, note="n", currency="EUR", exponent=3, dictionary=words
        )
    with store.writer() as writer:
        second = writer.commit(kind="dictionary")
    assert (first.number, first.kind, first.load, first.note) == (1, "load", 1, "n")
    assert (second.number, second.kind, second.load, second.note) == (2, "dictionary", None, "")
    for version in store.versions():
        assert (version.currency, version.exponent) == ("EUR", 3)
        assert version.dictionary == words
        assert version.counts == {"touchpoints": 2}
        assert version.revisions == first.revisions
    with store.writer() as writer:
        assert writer.commit(kind="dictionary", dictionary={}).dictionary == {}
    assert store.version(2).dictionary == words


def test_an_unknown_version_is_named_with_those_that_there_are(store):
    load(store, [1])
    load(store, [1])
    with pytest.raises(UnknownVersionError) as caught:
        store.version(7)
    assert caught.value.problem == "version=7 is not a version of this store."
    assert "It has 1 to 2" in caught.value.remedy
    assert caught.value.code == "UNKNOWN_VERSION"


def test_nothing_at_the_path(tmp_path):
    with pytest.raises(StoreNotFoundError, match="There is no store here"):
        Store.open(tmp_path / "nowhere")


@pytest.mark.parametrize("opening", [Store.open, Store.create_or_open])
def test_a_file_at_the_path(tmp_path, opening):
    path = tmp_path / "data.csv"
    path.write_text("a,b\n")
    with pytest.raises(NotAStoreError, match="This is a file, not a store"):
        opening(path)
    assert path.read_text() == "a,b\n"


@pytest.mark.parametrize("opening", [Store.open, Store.create_or_open])
def test_some_other_folder_at_the_path_is_left_alone(tmp_path, opening):
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(NotAStoreError, match="some other folder"):
        opening(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_store_below_a_file(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(NotAStoreError, match=r"below .*, which is a file, not a store"):
        Store.create_or_open(tmp_path / "file" / "store")
    with pytest.raises(StoreNotFoundError):
        Store.open(tmp_path / "file" / "store")


def test_what_an_interrupted_creation_leaves_is_no_obstacle(tmp_path):
    (tmp_path / ".store.json.123").write_bytes(b"{")
    assert Store.create_or_open(tmp_path).versions() == []


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (b"", DamagedStoreError, "the mark of the store cannot be read"),
        (b'{"format": "journ', DamagedStoreError, "the mark of the store cannot be read"),
        (b'{"format": "other"}', NotAStoreError, "a folder of another program"),
        (b"[]", NotAStoreError, "a folder of another program"),
        (b'{"format": "journeygraph", "layout": 2}', NewerStoreError, "layout 2"),
    ],
)
def test_another_mark(store, content, error, words):
    (store.path / "store.json").write_bytes(content)
    for opening in (Store.open, Store.create_or_open):
        with pytest.raises(error, match=words):
            opening(store.path)
    assert (store.path / "store.json").read_bytes() == content


def test_a_lost_mark_is_damage_and_not_an_invitation(store):
    load(store, [1])
    (store.path / "store.json").unlink()
    for opening in (Store.open, Store.create_or_open):
        with pytest.raises(DamagedStoreError, match=r"the mark of the store is missing"):
            opening(store.path)


def test_a_folder_that_cannot_be_read(store):
    load(store, [1])
    words = "The store cannot be read: Permission denied"
    with (
        with_mode(0o000, store.path),
        as_nobody(store.path.parent),
        pytest.raises(StoreAccessError, match=words),
    ):
        Store.open(store.path)


def test_a_folder_that_cannot_be_written_can_be_read(store):
    version = load(store, [1, 2])
    folders = [store.path, *(path for path in store.path.rglob("*") if path.is_dir())]
    lock = store.path / "lock"
    with with_mode(0o555, *folders), with_mode(0o444, lock), as_nobody(store.path):
        reopened = Store.open(store.path)
        assert values_of(reopened, reopened.version(None)) == [(1, 1), (1, 2)]
        with (
            pytest.raises(StoreAccessError, match="cannot be written: Permission denied"),
            reopened.writer(),
        ):
            pytest.fail("the writer was opened")
    assert store.latest() == version


def test_a_data_file_that_cannot_be_read(store):
    version = load(store, [1, 2])
    (path,) = store.table_folder("interactions").glob("*.parquet")
    with (
        with_mode(0o000, path),
        as_nobody(store.path),
        pytest.raises(StoreAccessError) as caught,
    ):
        store.read("interactions", version)
    assert caught.value.file == str(path)


def test_no_store_can_be_made_where_nothing_may_be_written(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir()
    with (
        with_mode(0o555, closed),
        as_nobody(closed),
        pytest.raises(StoreAccessError, match="cannot be created: Permission denied"),
    ):
        Store.create_or_open(closed / "store")


def test_the_tables_can_be_read_by_other_tools(store):
    import duckdb
    import polars
    from deltalake import DeltaTable

    load(store, [5, 3])
    load(store, [4])
    folder = store.table_folder("interactions")
    assert sorted(polars.read_delta(str(folder))["value"].to_list()) == [3, 4, 5]
    table = DeltaTable(folder)
    assert table.metadata().partition_columns == ["segment"]
    files = [str(folder / path) for path in pa.table(table.get_add_actions())["path"].to_pylist()]
    query = 'SELECT "load", sum("value") FROM read_parquet($1) GROUP BY "load" ORDER BY "load"'
    assert duckdb.execute(query, [files]).fetchall() == [(1, 8), (2, 4)]


def test_no_text_of_a_customer_is_in_the_log_or_in_statistics(store):
    import pyarrow.parquet as pq

    with store.writer() as writer:
        writer.append("identities", identities(0, ["ada@example.org", "bob@example.org"]))
        writer.commit(kind="load", load=1)
    load(store, [1], ["eve@example.org"])
    for path in store.path.rglob("*"):
        if path.is_file() and path.suffix != ".parquet":
            assert b"@example.org" not in path.read_bytes()
    for path in store.table_folder("identities").glob("*.parquet"):
        column = pq.read_metadata(path).row_group(0).column(1)
        assert column.path_in_schema == "id"
        assert column.statistics is None


def test_the_files_of_versions_are_readable_by_people(store):
    load(store, [1])
    document = orjson.loads((store.path / "versions" / "00000001.json").read_bytes())
    assert document["version"]["kind"] == "load"
    assert document["version"]["counts"] == {"interactions": 1}
