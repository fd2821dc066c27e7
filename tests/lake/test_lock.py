"""One writer at a time, and readers who do not wait for it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest

from journeygraph.errors import InvalidDurationError
from journeygraph.lake.errors import StoreBusyError
from journeygraph.lake.maintenance import compact, vacuum
from journeygraph.lake.store import Store
from tests.lake.rows import load, values_of
from tests.lake.test_crash import look_at_loads

HOLD = """
import sys
from journeygraph.lake.store import Store
with Store.create_or_open(sys.argv[1]).writer() as writer:
    print("holding", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def store(tmp_path):
    return Store.create_or_open(tmp_path)


@pytest.fixture
def holder(store):
    """Another process that holds the lock until its standard input is closed."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(store.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"holding\n"
        yield process
        process.kill()


def test_a_second_writer_waits_and_then_learns_who_it_is(store, holder):
    started = time.monotonic()
    with pytest.raises(StoreBusyError) as caught, store.writer(wait="300ms"):
        pytest.fail("two writers at once")
    assert 0.3 <= time.monotonic() - started < 5
    assert f"process {holder.pid} on " in caught.value.problem
    assert "UTC" in caught.value.problem
    assert caught.value.code == "STORE_BUSY"
    for maintain in (compact, vacuum):
        with pytest.raises(StoreBusyError):
            maintain(store, wait="1ms")


def test_a_second_writer_goes_on_when_the_first_has_finished(store, holder):
    threading.Timer(0.3, holder.stdin.close).start()
    assert load(store, [1]).number == 1


def test_a_second_writer_goes_on_when_the_first_was_killed(store, holder):
    threading.Timer(0.3, holder.kill).start()
    assert load(store, [1]).number == 1


def test_two_threads_are_two_writers(store):
    with store.writer(), pytest.raises(StoreBusyError) as caught, store.writer(wait="1ms"):
        pytest.fail("two writers at once")
    assert f"process {os.getpid()} on " in caught.value.problem


def test_the_lock_is_free_afterwards_and_says_nothing(store):
    load(store, [1])
    assert (store.path / "lock").read_bytes() == b""
    with store.writer(wait="1ms") as writer:
        assert writer.next_load == 2


def test_a_wait_needs_a_unit(store):
    with pytest.raises(InvalidDurationError), store.writer(wait="10"):
        pytest.fail("a bare number was taken")


def test_readers_see_whole_versions_beside_a_writer(store):
    """Another process loads as fast as it can, this one compacts nothing and only reads."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.lake.load_again_and_again", str(store.path)],
        stderr=subprocess.PIPE,
    )
    seen = set()
    deadline = time.monotonic() + 60
    while len(seen) < 15 and time.monotonic() < deadline:
        assert process.poll() is None
        if store.latest() is not None:
            seen.add(look_at_loads(store))
    process.kill()
    assert process.communicate()[1] == b""
    assert len(seen) == 15


def test_a_reader_keeps_its_version_through_compaction_and_vacuum(store):
    for value in range(4):
        version = load(store, [value])
    compact(store)
    vacuum(store, keep=1)
    assert version != store.version()
    assert values_of(store, version) == [(1, 0), (2, 1), (3, 2), (4, 3)]
    assert sum(batch.num_rows for batch in store.batches("interactions", version)) == 4
