"""Appending, taking out and replacing, against a store in plain Python."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journeygraph.lake import draft, parquet
from journeygraph.lake.errors import UnfitRowsError
from journeygraph.lake.maintenance import check, compact, vacuum
from journeygraph.lake.store import Store
from tests.lake.rows import identities, interactions, load, names, values_of
from tests.naive.lake import NaiveStore


@pytest.fixture
def store(tmp_path):
    return Store.create_or_open(tmp_path)


@pytest.fixture
def small_files(monkeypatch):
    """Three rows a group, six a file."""
    monkeypatch.setattr(parquet, "_ROWS_PER_GROUP", 3)
    monkeypatch.setattr(parquet, "ROWS_PER_FILE", 6)
    monkeypatch.setattr(draft, "ROWS_PER_FILE", 6)


def test_nothing_is_visible_before_the_commit(store):
    with store.writer() as writer:
        writer.append("interactions", interactions([1]), load=1)
        assert store.latest() is None
        writer.commit(kind="load", load=1)
        assert store.latest() is not None


def test_what_is_not_committed_is_discarded(store):
    first = load(store, [1])
    with store.writer() as writer:
        writer.append("interactions", interactions([2]), load=2)
        writer.remove_load("interactions", 1)
    assert store.latest() == first
    assert values_of(store, first) == [(1, 1)]
    assert not list((store.path / "staging").rglob("*"))
    assert check(store) == []


def test_an_error_in_the_block_discards_and_passes(store):

    def stumble():
        with store.writer() as writer:
            writer.append("interactions", interactions([2]), load=1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stumble()
    assert store.latest() is None
    assert values_of(store, load(store, [3])) == [(1, 3)]


def test_an_error_of_a_file_of_the_loader_is_not_taken_for_one_of_the_store(store):
    with pytest.raises(FileNotFoundError), store.writer():
        Path("nowhere.csv").read_bytes()


def test_numbers_of_loads_do_not_come_back(store):
    load(store, [1])
    load(store, [2])
    with store.writer() as writer:
        assert writer.next_load == 3
        writer.remove_load("interactions", 2)
        writer.commit(kind="unload", load=2)
        assert writer.next_load == 3
    with store.writer() as writer:
        assert writer.next_load == 3


def test_several_commits_in_one_block(store):
    with store.writer() as writer:
        for value in (1, 2):
            number = writer.next_load
            writer.append("interactions", interactions([value]), load=number)
            version = writer.commit(kind="load", load=number)
    assert values_of(store, version) == [(1, 1), (2, 2)]
    assert values_of(store, store.version(1)) == [(1, 1)]


@pytest.mark.usefixtures("small_files")
def test_a_stream_of_batches_becomes_few_files_in_order(store):
    with store.writer() as writer:
        for start in range(0, 20, 2):
            (batch,) = interactions([start, start + 1]).to_batches()
            writer.append("interactions", batch, load=1)
        version = writer.commit(kind="load", load=1)
    assert values_of(store, version) == [(1, value) for value in range(20)]
    sizes = [file.rows for file in store.files("interactions", version)]
    assert sum(sizes) == 20
    assert max(sizes) <= 6
    assert len(sizes) <= 7


@pytest.mark.usefixtures("small_files")
def test_one_large_append_is_split(store):
    version = load(store, list(range(20)))
    assert values_of(store, version) == [(1, value) for value in range(20)]
    assert [file.rows for file in store.files("interactions", version)] == [6, 6, 6, 2]


def test_a_load_in_the_middle_is_taken_out_and_remains_in_earlier_versions(store):
    for value in range(3):
        before = load(store, [value, 10 + value], [str(value)])
    with store.writer() as writer:
        writer.remove_load("interactions", 2)
        after = writer.commit(kind="unload", load=2)
    assert values_of(store, after) == [(1, 0), (1, 10), (3, 2), (3, 12)]
    assert values_of(store, before) == [(1, 0), (1, 10), (2, 1), (2, 11), (3, 2), (3, 12)]
    assert after.counts["interactions"] == 4
    assert before.revisions["interactions"] != after.revisions["interactions"]
    assert before.revisions["identities"] == after.revisions["identities"]


def test_taking_out_what_is_not_there_changes_no_table(store):
    before = load(store, [1])
    with store.writer() as writer:
        writer.remove_load("interactions", 7)
        writer.remove_load("feedback", 1)
        after = writer.commit(kind="unload", load=7)
    assert after.tables == before.tables
    assert after.number == 2


def test_the_last_load_is_taken_out(store):
    load(store, [1])
    with store.writer() as writer:
        writer.remove_load("interactions", 1)
        after = writer.commit(kind="unload", load=1)
    assert values_of(store, after) == []
    assert not store.has_rows("interactions", after)
    assert values_of(store, load(store, [5])) == [(2, 5)]


def test_a_replaced_load_keeps_its_place(store):
    for value in range(3):
        load(store, [value])
    with store.writer() as writer:
        writer.replace_load("interactions", 2, interactions([7, 8]))
        after = writer.commit(kind="retry", load=2)
    assert values_of(store, after) == [(1, 0), (2, 7), (2, 8), (3, 2)]


def test_replacing_within_merged_files(store):
    for value in range(40):
        load(store, [value])
    compact(store)
    with store.writer() as writer:
        writer.replace_load("interactions", 20, interactions([7, 8]))
        writer.remove_load("interactions", 1)
        writer.remove_load("interactions", 30)
        after = writer.commit(kind="retry")
    expected = [(value + 1, value) for value in range(40) if value not in (0, 19, 29)]
    assert values_of(store, after) == [*expected[:18], (20, 7), (20, 8), *expected[18:]]
    assert check(store) == []


def test_a_load_is_continued_by_a_later_commit(store):
    load(store, [1])
    with store.writer() as writer:
        writer.append("interactions", interactions([2], file=1), load=1)
        version = writer.commit(kind="load", load=1)
    assert values_of(store, version) == [(1, 1), (1, 2)]


def test_an_older_load_cannot_be_appended_to(store):
    load(store, [1])
    load(store, [2])
    with (
        pytest.raises(UnfitRowsError, match="load 1 would come after load 2"),
        store.writer() as writer,
    ):
        writer.append("interactions", interactions([2]), load=1)


def test_tables_without_loads_only_grow(store):
    load(store, [1], ["ada", "bob"])
    version = load(store, [1], ["eve"])
    assert store.read("identities", version).to_pydict() == {
        "customer": [0, 1, 2],
        "id": ["ada", "bob", "eve"],
    }


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (names(0, ["a"]).rename_columns(["code", "other"]), "columns"),
        (pa.table({"code": [1.7], "name": ["a"]}), "code is double instead of int32"),
        (pa.table({"code": [1], "name": ["a"]}), "code is int64 instead of int32"),
        (
            pa.table({"code": pa.array([None], pa.int32()), "name": ["a"]}),
            "code is missing in 1 of them",
        ),
    ],
)
def test_rows_that_do_not_fit_are_refused_and_not_converted(store, rows, words):
    with pytest.raises(UnfitRowsError, match=words), store.writer() as writer:
        writer.append("touchpoints", rows)


def test_a_load_where_none_belongs_and_none_where_one_does(store):
    with store.writer() as writer:
        with pytest.raises(UnfitRowsError, match="has no loads"):
            writer.append("touchpoints", names(0, ["a"]), load=1)
        with pytest.raises(UnfitRowsError, match="need a load"):
            writer.append("interactions", interactions([1]))


def test_kinds_of_text_are_one(store):
    words = pa.array(["ä", None, ""], pa.large_string())
    rows = interactions([1, 2, 3])
    rows = rows.set_column(rows.schema.get_field_index("session"), "session", words)
    with store.writer() as writer:
        writer.append("interactions", rows, load=1)
        version = writer.commit(kind="load", load=1)
    read = store.read("interactions", version, ["session"])["session"]
    assert read.to_pylist() == ["ä", None, ""]
    assert read.type == pa.string()


def test_the_same_rows_in_two_tables(store):
    with store.writer() as writer:
        writer.append("touchpoints", names(0, ["a"]))
        writer.append("channels", names(0, ["a"]))
        version = writer.commit(kind="load", load=1)
    for table in ("touchpoints", "channels"):
        assert store.read(table, version)["name"].to_pylist() == ["a"]


def test_many_small_loads_remain_few_files_and_quick_commits(store):
    for value in range(120):
        with store.writer() as writer:
            writer.append("identities", identities(value, [str(value)]))
            version = writer.commit(kind="load")
    assert store.read("identities", version)["id"].to_pylist() == [str(i) for i in range(120)]
    assert len(store.files("identities", version)) <= 2 * 16
    log = store.table_folder("identities") / "_delta_log"
    assert len(list(log.glob("*.checkpoint.parquet"))) == 120 // 20


steps = st.one_of(
    st.tuples(st.just("load"), st.lists(st.integers(0, 99), max_size=9)),
    st.tuples(st.just("remove"), st.integers(1, 6)),
    st.tuples(st.just("replace"), st.integers(1, 6), st.lists(st.integers(0, 99), max_size=9)),
    st.tuples(st.just("compact")),
    st.tuples(st.just("vacuum")),
    st.tuples(st.just("discard"), st.integers(1, 6)),
)


def take(step, store, naive):
    match step:
        case ["load", values]:
            number = load(store, values).load
            naive.loads[number] = values
            naive.commit()
        case ["compact"] if naive.versions:
            compact(store)
        case ["vacuum"]:
            vacuum(store)
        case ["discard", number]:
            with store.writer() as writer:
                writer.remove_load("interactions", number)
        case ["remove", number]:
            with store.writer() as writer:
                writer.remove_load("interactions", number)
                writer.commit(kind="unload", load=None)
            naive.loads.pop(number, None)
            naive.commit()
        case ["replace", number, values] if number in naive.loads:
            with store.writer() as writer:
                writer.replace_load("interactions", number, interactions(values))
                writer.commit(kind="retry", load=None)
            naive.loads[number] = values
            naive.commit()


@settings(max_examples=15)
@given(steps=st.lists(steps, min_size=2, max_size=9))
def test_any_sequence_of_steps_gives_what_plain_python_gives(steps):
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet, "_ROWS_PER_GROUP", 3)
        patch.setattr(parquet, "ROWS_PER_FILE", 6)
        patch.setattr(draft, "ROWS_PER_FILE", 6)
        patch.setattr(draft, "_FAN_IN", 2)
        store, naive = Store.create_or_open(folder), NaiveStore()
        for step in steps:
            take(step, store, naive)
        assert [values_of(store, version) for version in store.versions()] == naive.versions
        assert check(store) == []
