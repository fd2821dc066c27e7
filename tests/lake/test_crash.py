"""Whatever moment a writer dies at, the store holds the whole load or nothing of it."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import time

import pytest

from journeygraph.lake import writer as writers
from journeygraph.lake.maintenance import check, compact, vacuum
from journeygraph.lake.store import Store
from tests.lake.crashes import Crash, Disk, crashing
from tests.lake.load_again_and_again import customers_of, values_of_load
from tests.lake.rows import load, values_of

BEFORE = [(1, 1), (1, 2), (2, 3)]


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    store = Store.create_or_open(tmp_path_factory.mktemp("template") / "store")
    load(store, [1, 2], ["ada"])
    load(store, [3], ["bob"])
    return store.path


def copy_of(template, folder):
    shutil.copytree(template, folder)
    return Store.open(folder)


def third_load(store):
    load(store, [4, 5], ["eve"])


def unload(store):
    with store.writer() as writer:
        writer.remove_load("interactions", 1)
        writer.commit(kind="unload", load=1)


def whole_states(act, store):
    """What the store may show afterwards: nothing done, or all."""
    act(store)
    return {tuple(BEFORE), tuple(values_of(store, store.version()))}


@pytest.mark.parametrize("act", [third_load, unload, compact])
def test_a_power_cut_at_every_flush_and_rename(template, tmp_path, monkeypatch, act):
    monkeypatch.setattr(writers, "_CHECKPOINT_EVERY", 3)
    whole = whole_states(act, copy_of(template, tmp_path / "unhurt"))
    crash_at, seen = 0, set()
    while True:
        store = copy_of(template, tmp_path / str(crash_at))
        disk = Disk(store.path, crash_at)
        with crashing(disk):
            act(store)
        shown = tuple(values_of(store, store.version()))
        assert shown in whole
        seen.add(shown)
        after = load(store, [6], ["zoe"])
        assert tuple(values_of(store, after)) == (*shown, (after.load, 6))
        assert check(store) == []
        assert not list((store.path / "staging").rglob("*"))
        if disk.n_events < crash_at:
            break
        crash_at += 1
    assert seen == whole
    assert crash_at > 10


def test_a_power_cut_in_the_first_load(tmp_path):
    for crash_at in range(100):
        folder = tmp_path / str(crash_at)
        folder.mkdir()
        disk = Disk(folder, crash_at)
        with crashing(disk):
            load(Store.create_or_open(folder), [1], ["ada"])
        store = Store.create_or_open(folder)
        n_before = len(store.versions())
        expected = [(1, 1), (2, 2)] if n_before else [(1, 2)]
        assert values_of(store, load(store, [2])) == expected
        assert check(store) == []
        if disk.n_events < crash_at:
            return
    pytest.fail("it never came to an end")


def test_a_power_cut_in_a_vacuum(template, tmp_path):
    for crash_at in range(100):
        store = copy_of(template, tmp_path / str(crash_at))
        unload(store)
        disk = Disk(store.path, crash_at)
        with crashing(disk):
            vacuum(store, keep=1)
        assert values_of(store, store.version()) == [(2, 3)]
        vacuum(store, keep=1)
        assert [version.number for version in store.versions()] == [3]
        assert check(store) == []
        if disk.n_events < crash_at:
            return
    pytest.fail("it never came to an end")


def test_the_crashes_are_crashes(tmp_path):
    """Without flushing, the same power cut is seen."""
    store = Store.create_or_open(tmp_path)
    disk = Disk(store.path, crash_at=None)
    (tmp_path / "written").write_bytes(b"not flushed")
    assert [path.name for path in disk.lose_what_was_not_flushed()] == ["written"]
    with pytest.raises(Crash):
        Disk(store.path, crash_at=0).happens()


def test_killed_at_random_moments(tmp_path):
    """At least one load each time, then somewhere within the next ones."""
    store = Store.create_or_open(tmp_path)
    chance = random.Random(20240501)
    for _ in range(5):
        n_before = look_at_loads(store)
        with subprocess.Popen(
            [sys.executable, "-m", "tests.lake.load_again_and_again", str(store.path)],
            stderr=subprocess.PIPE,
        ) as process:
            while len(store.version_numbers()) == n_before and process.poll() is None:
                time.sleep(0.01)
            time.sleep(chance.uniform(0, 0.2))
            process.kill()
            assert process.communicate()[1] == b""
        assert look_at_loads(store) > n_before
    assert values_of(store, load(store, [])) == values_of(store, store.version())
    assert check(store) == []


def look_at_loads(store):
    """Every version is a number of whole loads, one more than the version before."""
    versions = store.versions()
    for number, version in enumerate(versions, start=1):
        assert version.number == version.load == number
    loads = range(1, len(versions) + 1)
    if versions:
        rows = values_of(store, versions[-1])
        assert rows == [(number, value) for number in loads for value in values_of_load(number)]
        ids = store.read("identities", versions[-1])["id"].to_pylist()
        assert ids == [customer for number in loads for customer in customers_of(number)]
    return len(versions)
