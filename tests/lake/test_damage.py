"""Whatever happens to a file, the answer is right or it is an error that names the file."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys

import pyarrow.parquet as pq
import pytest

from journeygraph.errors import JourneyGraphError
from journeygraph.lake import writer as writers
from journeygraph.lake.errors import DamagedStoreError
from journeygraph.lake.maintenance import check, vacuum
from journeygraph.lake.store import Store
from tests.lake.rows import interactions, load, names, values_of


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """Five loads with checkpoints, one replaced, a dictionary."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writers, "_CHECKPOINT_EVERY", 3)
        store = Store.create_or_open(tmp_path_factory.mktemp("template"))
        for value in range(5):
            load(store, range(value * 10, value * 10 + 20), [f"customer {value}"])
        with store.writer() as writer:
            writer.replace_load("interactions", 2, interactions([5]))
            writer.append("touchpoints", names(0, ["a"]))
            writer.commit(kind="retry", dictionary={"a": {"stage": "purchase"}})
    return store


@pytest.fixture
def store(template, tmp_path):
    shutil.copytree(template.path, tmp_path / "store")
    return Store.open(tmp_path / "store")


def everything(path):
    store = Store.open(path)
    version = store.version()
    tables = [store.read(table, version).to_pydict() for table in version.tables]
    return tables, values_of(store, version), version


def data_files(store, table="interactions"):
    """The data files of the last version."""
    folder = store.table_folder(table)
    return [folder / file.name for file in store.files(table, store.version())]


def one_flip(chance, content):
    flipped = bytearray(content)
    flipped[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return bytes(flipped)


def test_flipped_bits_are_never_read_as_something_else(template, store, capfd):
    right = everything(template.path)
    chance = random.Random(1)
    paths = [path for path in store.path.rglob("*") if path.is_file() and path.stat().st_size]
    outcomes = {"right": 0, "refused": 0}
    for _ in range(250):
        path = chance.choice(paths)
        content = path.read_bytes()
        path.write_bytes(one_flip(chance, content))
        try:
            assert everything(store.path) == right
            outcomes["right"] += 1
        except JourneyGraphError:
            outcomes["refused"] += 1
        path.write_bytes(content)
    assert outcomes["refused"] > 50
    assert capfd.readouterr().err == ""


def test_every_flip_in_a_data_file_is_seen_by_the_check_and_named(store):
    chance = random.Random(2)
    (path,) = data_files(store, "touchpoints")
    content = path.read_bytes()
    for _ in range(50):
        path.write_bytes(one_flip(chance, content))
        (problem,) = check(store)
        assert problem.file == path
        assert problem.problem == "The store is damaged: this data file is not what was written."
        assert problem.versions == (6,)
    path.write_bytes(content)
    assert check(store) == []


def test_every_flip_in_the_footer_is_seen_by_a_reader(store):
    """Parquet itself does not see all of them."""
    chance = random.Random(3)
    (path,) = data_files(store, "touchpoints")
    content = path.read_bytes()
    size = int.from_bytes(content[-8:-4], "little") + 8
    for _ in range(100):
        path.write_bytes(content[:-size] + one_flip(chance, content[-size:]))
        with pytest.raises(DamagedStoreError) as caught:
            store.read("touchpoints", store.version())
        assert caught.value.file == str(path)


def test_pages_carry_checksums(store):
    for path in data_files(store):
        pq.ParquetFile(path, page_checksum_verification=True).read()
        content = bytearray(path.read_bytes())
        end_of_pages = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
        content[end_of_pages - 2] ^= 1
        path.write_bytes(content)
    with pytest.raises(DamagedStoreError, match="data file cannot be read .*CRC"):
        store.read("interactions", store.version())


@pytest.mark.parametrize("kept", [0, 1, 7, 0.5, 0.99])
def test_a_data_file_that_is_cut_short(store, kept):
    path = data_files(store)[0]
    content = path.read_bytes()
    path.write_bytes(content[: kept if isinstance(kept, int) else int(kept * len(content))])
    with pytest.raises(DamagedStoreError) as caught:
        store.read("interactions", store.version())
    assert caught.value.file == str(path)
    assert "Restore this file from a backup" in caught.value.remedy
    assert caught.value.code == "DAMAGED_STORE"
    assert str(caught.value).startswith(str(path))


def test_a_data_file_that_is_gone(store):
    path = data_files(store)[0]
    path.unlink()
    with pytest.raises(DamagedStoreError, match="this data file is missing"):
        store.read("interactions", store.version())
    with pytest.raises(DamagedStoreError, match="this data file is missing"):
        list(store.batches("interactions", store.version()))
    assert [problem.file for problem in check(store)] == [path]


def test_other_versions_can_still_be_read(store):
    """The rows of load 2 were replaced in version 6; its old file is damaged now."""
    old = store.files("interactions", store.version(2))[1]
    (store.table_folder("interactions") / old.name).write_bytes(b"")
    assert len(values_of(store, store.version(1))) == 20
    with pytest.raises(DamagedStoreError):
        values_of(store, store.version(2))
    assert len(values_of(store, store.version(6))) == 81
    (problem,) = check(store)
    assert problem.versions == (2, 3, 4, 5)


@pytest.mark.parametrize("content", [b"", b"{", b'{"commitInfo":{}}', b'{"commitInfo":{}}\n', None])
def test_the_last_commit_of_a_log_is_torn(store, content):
    version = store.version()
    log = store.table_folder("touchpoints") / "_delta_log"
    path = log / f"{version.tables['touchpoints']:020d}.json"
    whole = path.read_bytes()
    path.write_bytes(whole.partition(b"\n")[0] if content is None else content)
    with pytest.raises(DamagedStoreError) as caught:
        store.read("touchpoints", version)
    assert caught.value.file in (str(path), str(log))
    assert len(values_of(store, version)) == 81
    path.write_bytes(whole)
    assert store.read("touchpoints", version).num_rows == 1


def test_a_commit_of_a_log_is_gone(store):
    log = store.table_folder("touchpoints") / "_delta_log"
    (log / f"{0:020d}.json").unlink()
    with pytest.raises(DamagedStoreError, match="this commit of the table's log is missing"):
        store.read("touchpoints", store.version())


def test_a_table_is_gone(store):
    shutil.rmtree(store.table_folder("interactions"))
    with pytest.raises(DamagedStoreError):
        store.read("interactions", store.version())
    assert check(store) != []


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"version": {}, "sha256": ""}'])
def test_the_last_version_is_torn(store, content):
    path = store.path / "versions" / "00000006.json"
    path.write_bytes(content)
    for attempt in (store.latest, store.version, store.versions, lambda: load(store, [1])):
        with pytest.raises(DamagedStoreError, match="this version of the store") as caught:
            attempt()
        assert caught.value.file == str(path)
    assert len(values_of(store, store.version(5))) == 100
    (problem,) = check(store)
    assert problem.file == path


def test_a_version_in_between_is_gone(store):
    (store.path / "versions" / "00000003.json").unlink()
    (problem,) = check(store)
    assert problem.problem == "The store is damaged: this version of the store is missing."
    assert len(values_of(store, store.version())) == 81


def test_the_dictionary_is_altered_or_gone(store):
    (path,) = (store.path / "versions").glob("dictionary-*.json")
    path.write_bytes(path.read_bytes().replace(b"purchase", b"purchasf"))
    with pytest.raises(DamagedStoreError, match="dictionary of touchpoints is not what was"):
        store.version()
    path.unlink()
    with pytest.raises(DamagedStoreError, match="dictionary of touchpoints is missing"):
        store.version()


def test_a_checkpoint_is_altered(store, capfd):
    (path, *_) = (store.table_folder("interactions") / "_delta_log").glob("*.checkpoint.parquet")
    content = path.read_bytes()
    chance = random.Random(4)
    for _ in range(40):
        path.write_bytes(one_flip(chance, content))
        with pytest.raises(DamagedStoreError):
            [store.read("interactions", version) for version in store.versions()]
    assert capfd.readouterr().err == ""


def test_a_checkpoint_is_gone(store):
    for path in (store.table_folder("interactions") / "_delta_log").glob("*.checkpoint.parquet"):
        path.unlink()
    with pytest.raises(DamagedStoreError, match="this checkpoint of the log is missing"):
        store.read("interactions", store.version())


def test_a_checkpoint_without_seal_is_not_trusted(store, capfd):
    """A power cut while it was written may leave anything."""
    for path in (store.table_folder("interactions") / "_delta_log").glob("*.checkpoint.parquet"):
        path.with_name(f"{path.name}.sha256").unlink()
        path.write_bytes(b"")
    assert len(values_of(store, store.version())) == 81
    assert len(values_of(store, load(store, [1]))) == 82
    assert capfd.readouterr().err == ""


def test_a_damaged_store_is_not_vacuumed(store):
    path = store.path / "versions" / "00000002.json"
    path.write_bytes(b"")
    before = sorted(store.path.rglob("*.parquet"))
    with pytest.raises(DamagedStoreError):
        vacuum(store, keep=1)
    assert sorted(store.path.rglob("*.parquet")) == before


@pytest.mark.parametrize("lost", [(6,), (5, 6), (1, 2, 3, 4, 5, 6)])
def test_the_last_versions_are_gone(store, lost):
    for number in lost:
        (store.path / "versions" / f"{number:08d}.json").unlink()
    (problem,) = check(store)
    assert problem.file == store.path / "versions" / f"{lost[0]:08d}.json"
    assert problem.versions == (lost[0],)
    assert "tables hold commits after the last one (interactions" in problem.problem
    assert "restore the file before the next load" in problem.problem


def test_a_lost_last_version_does_not_lose_the_rows(store):
    """Whoever deletes a version file gets the version before; the commits go to the attic."""
    (store.path / "versions" / "00000006.json").unlink()
    files = data_files(store)
    version = load(store, [7])
    assert version.number == 6
    assert len(values_of(store, version)) == 101
    assert [path.name.partition("-")[0] for path in (store.path / "attic").iterdir()]
    assert all(path.exists() for path in files)
    assert check(store) == []


def test_reading_a_damaged_store_leaves_nothing_on_stderr(store):
    """In a process of its own, to its very end."""
    for path in data_files(store):
        path.write_bytes(path.read_bytes()[:-100])
    program = (
        "import sys\n"
        "from journeygraph.lake.store import Store\n"
        "store = Store.open(sys.argv[1])\n"
        "try:\n"
        "    store.read('interactions', store.version())\n"
        "except Exception as error:\n"
        "    sys.exit(error.code)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program, str(store.path)], capture_output=True, check=False
    )
    assert ended.stderr.decode() == "DAMAGED_STORE\n"
    assert ended.returncode == 1
