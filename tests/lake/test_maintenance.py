"""Compact, vacuum and check: smaller, never different."""

from __future__ import annotations

import pyarrow as pa
import pytest

from journeygraph.errors import InvalidOptionError
from journeygraph.lake.errors import EmptyStoreError, UnknownVersionError
from journeygraph.lake.maintenance import check, compact, vacuum
from journeygraph.lake.store import Store
from tests.lake.rows import identities, load, names, values_of


@pytest.fixture
def store(tmp_path):
    return Store.create_or_open(tmp_path)


@pytest.fixture
def ten_loads(store):
    for value in range(10):
        load(store, [value, 100 + value], [f"customer {value}"])
    return store


def n_data_files(store):
    return len(list(store.path.rglob("tables/*/*.parquet")))


def test_compaction_changes_no_row_and_makes_no_version(ten_loads):
    before = ten_loads.versions()
    rows = [ten_loads.read("interactions", version) for version in before]
    compacted = compact(ten_loads)
    after = ten_loads.versions()
    assert [version.number for version in after] == list(range(1, 11))
    assert after[-1] == compacted
    assert len(ten_loads.files("interactions", compacted)) == 1
    assert [ten_loads.read("interactions", version) for version in after] == rows
    assert compacted.revisions == before[-1].revisions
    assert compacted.counts == before[-1].counts
    assert check(ten_loads) == []


def test_compacting_twice_does_nothing_the_second_time(ten_loads):
    assert compact(ten_loads) == compact(ten_loads)


def test_an_empty_store_has_nothing_to_compact(store):
    with pytest.raises(EmptyStoreError):
        compact(store)
    assert vacuum(store).files == 0
    assert check(store) == []


def test_vacuum_alone_removes_only_what_no_version_names(ten_loads):
    assert vacuum(ten_loads).files == 0
    stray = ten_loads.table_folder("interactions") / "stray.parquet"
    stray.write_bytes(b"left by a crash")
    removed = vacuum(ten_loads)
    assert (removed.versions, removed.files, removed.bytes) == ((), 1, 15)
    assert not stray.exists()
    assert [len(values_of(ten_loads, version)) for version in ten_loads.versions()] == [
        *range(2, 22, 2)
    ]


def test_vacuum_keeps_what_the_kept_versions_name(ten_loads):
    for value in (3, 5):
        with ten_loads.writer() as writer:
            writer.remove_load("interactions", value)
            writer.commit(kind="unload", load=value)
    rows = {version.number: values_of(ten_loads, version) for version in ten_loads.versions()}
    compact(ten_loads)
    n_before = n_data_files(ten_loads)
    removed = vacuum(ten_loads, keep=2)
    assert removed.versions == tuple(range(1, 11))
    assert removed.files == n_before - n_data_files(ten_loads) > 0
    for number in (11, 12):
        assert values_of(ten_loads, ten_loads.version(number)) == rows[number]
    with pytest.raises(UnknownVersionError, match="version=10 is not a version of this store"):
        ten_loads.version(10)
    assert check(ten_loads) == []
    assert load(ten_loads, [1]).number == 13
    assert check(ten_loads) == []


def test_an_unloaded_load_leaves_the_disk_with_the_vacuum(store):
    load(store, [1, 2])
    load(store, [424242])
    with store.writer() as writer:
        writer.remove_load("interactions", 2)
        writer.commit(kind="unload", load=2)
    assert values_of(store, store.version(2)) == [(1, 1), (1, 2), (2, 424242)]
    vacuum(store, keep=1)
    files = [path.read_bytes() for path in store.path.rglob("*") if path.is_file()]
    assert len(list(store.table_folder("interactions").glob("*.parquet"))) == 1
    assert not any(b"424242" in content for content in files)


def test_vacuum_empties_the_attic_and_drops_unused_dictionaries(store):
    for stage in ("inquiry", "purchase"):
        with store.writer() as writer:
            writer.commit(kind="dictionary", dictionary={"a": {"stage": stage}})
    load(store, [1])
    (store.path / "versions" / "00000003.json").unlink()
    load(store, [2])
    assert list((store.path / "attic").iterdir())
    removed = vacuum(store, keep=1)
    assert removed.versions == (1, 2)
    assert not list((store.path / "attic").iterdir())
    assert len(list((store.path / "versions").glob("dictionary-*"))) == 1
    assert store.version().dictionary == {"a": {"stage": "purchase"}}


def test_the_log_is_cleared_with_the_versions(ten_loads):
    log = ten_loads.table_folder("interactions") / "_delta_log"
    assert len(list(log.glob("*.json"))) == 10
    vacuum(ten_loads, keep=2)
    assert [path.name for path in sorted(log.glob("*.json"))] == [
        f"{number:020d}.json" for number in (8, 9)
    ]
    assert [len(values_of(ten_loads, version)) for version in ten_loads.versions()] == [18, 20]


@pytest.mark.parametrize("keep", [0, -1])
def test_at_least_one_version_is_kept(ten_loads, keep):
    with pytest.raises(InvalidOptionError, match=f"keep={keep}"):
        vacuum(ten_loads, keep=keep)


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("identities", identities(0, ["ada"])),
        ("identities", identities(2, ["eve"])),
        ("touchpoints", names(1, ["a"])),
    ],
)
def test_keys_that_are_given_twice_or_left_out_are_found(store, table, rows):
    load(store, [1], ["ada"])
    with store.writer() as writer:
        writer.append(table, rows)
        writer.commit(kind="load")
    (problem,) = check(store)
    assert problem.file == store.table_folder(table)
    assert "its keys are not 0, 1, 2" in problem.problem


def test_large_loads_are_left_as_they_are(store, monkeypatch):
    monkeypatch.setattr("journeygraph.lake.draft.ROWS_PER_FILE", 10)
    for size in (9, 2, 1, 9, 4):
        version = load(store, range(size))
    names_before = {file.name for file in store.files("interactions", version)}
    compacted = store.files("interactions", compact(store))
    assert [file.rows for file in compacted] == [9, 3, 9, 4]
    assert [file.name in names_before for file in compacted] == [True, False, True, True]


def test_problems_are_found_in_an_old_version_only(ten_loads):
    compact(ten_loads)
    old = ten_loads.files("interactions", ten_loads.version(9))[0]
    path = ten_loads.table_folder("interactions") / old.name
    path.write_bytes(b"PAR1")
    (problem,) = check(ten_loads)
    assert problem.file == path
    assert problem.versions == tuple(range(1, 10))
    assert pa.table(ten_loads.read("interactions", ten_loads.version())).num_rows == 20
