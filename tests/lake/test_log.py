"""Our reading of the log against the library's."""

from __future__ import annotations

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from journeygraph.lake import writer as writers
from journeygraph.lake.log import LogReader, digest_of_files
from journeygraph.lake.maintenance import compact, vacuum
from journeygraph.lake.store import Store
from tests.lake.rows import interactions, load


@pytest.fixture
def store(tmp_path, monkeypatch):
    """Appended, taken out, replaced and compacted, with checkpoints in between."""
    monkeypatch.setattr(writers, "_CHECKPOINT_EVERY", 4)
    store = Store.create_or_open(tmp_path)
    for value in range(20):
        load(store, range(value), [f"customer {value}"])
        if value % 5 == 4:
            with store.writer() as writer:
                writer.remove_load("interactions", value)
                writer.replace_load("interactions", value - 1, interactions([1, 2]))
                writer.commit(kind="unload", load=value)
        if value == 11:
            compact(store)
    return store


def files_by_library(folder, version):
    actions = pa.table(DeltaTable(folder, version=version).get_add_actions(flatten=True))
    return {
        (
            action["path"],
            action["partition.segment"],
            action["num_records"],
            action["size_bytes"],
            action.get("min.load"),
            action.get("max.load"),
        )
        for action in actions.to_pylist()
    }


def as_tuples(files):
    return {
        (file.name, file.segment, file.rows, file.size, file.first_load, file.last_load)
        for file in files
    }


def test_the_library_lists_the_same_files(store):
    n_compared = 0
    for version in store.versions():
        for table, number in version.tables.items():
            files = store.files(table, version)
            folder = store.table_folder(table)
            assert as_tuples(files) == files_by_library(folder, number)
            assert [file.segment for file in files] == sorted(file.segment for file in files)
            n_compared += 1
    assert n_compared == 2 * 24 - 1  # the first load has no interactions


def test_reading_forward_gives_what_reading_each_gives(store):
    for table in ("interactions", "identities"):
        reader = LogReader(store.table_folder(table))
        for version in store.versions():
            if table in version.tables:
                files = reader.files(version.tables[table], version.digests[table])
                assert files == store.files(table, version)
                assert digest_of_files(files) == version.digests[table]


def test_after_a_vacuum_too(store):
    vacuum(store, keep=6)
    for version in store.versions():
        folder = store.table_folder("interactions")
        listed = files_by_library(folder, version.tables["interactions"])
        assert as_tuples(store.files("interactions", version)) == listed
