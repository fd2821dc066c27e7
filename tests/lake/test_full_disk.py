"""A disk without room: an error that says so, and a store as it was."""

from __future__ import annotations

import errno
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from journeygraph.lake.errors import StoreFullError
from journeygraph.lake.maintenance import check
from journeygraph.lake.store import Store
from tests.lake.rows import interactions, load, values_of

LOAD_MUCH = """
import resource, sys
import numpy as np
from journeygraph.lake.errors import StoreFullError
from journeygraph.lake.store import Store
from tests.lake.rows import load
store = Store.open(sys.argv[1])
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    load(store, np.random.default_rng(0).integers(0, 2**60, 50_000).tolist())
except StoreFullError as error:
    sys.exit(str(error))
"""


@pytest.fixture
def store(tmp_path):
    store = Store.create_or_open(tmp_path)
    load(store, [1])
    return store


@pytest.mark.parametrize("limit", [1_000, 200_000])
def test_no_room_for_a_data_file(store, limit):
    """No file of this process may grow beyond the limit."""
    ended = subprocess.run(
        [sys.executable, "-c", LOAD_MUCH, str(store.path), str(limit)],
        capture_output=True,
        check=False,
        cwd=Path.cwd(),
    )
    assert ended.returncode == 1, ended.stderr.decode()
    assert "There is no room for what is written" in ended.stderr.decode()
    assert "Traceback" not in ended.stderr.decode()
    assert values_of(store, load(store, [2])) == [(1, 1), (2, 2)]
    assert check(store) == []


@pytest.mark.parametrize(
    "step", ["delta.commit", "delta.checkpoint", "delta.sync_file", "writer.sync_all"]
)
def test_no_room_at_any_step(store, monkeypatch, step):
    def refuse(*_arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("journeygraph.lake.writer._CHECKPOINT_EVERY", 1)
        patch.setattr(f"journeygraph.lake.{step}", refuse)
        with pytest.raises(StoreFullError, match="No space left on device"):
            load(store, [2])
    left = "" if step == "delta.commit" else "commits after the last one (interactions)"
    assert all(left and left in problem.problem for problem in check(store))
    assert values_of(store, store.version()) == [(1, 1)]
    assert values_of(store, load(store, [3])) == [(1, 1), (2, 3)]
    assert check(store) == []


def test_a_file_that_cannot_be_closed_does_not_hide_why(store, monkeypatch):
    def refuse(*_arguments, **_options):
        raise OSError(errno.ENOSPC, "No space left on device")

    def load_some():
        with store.writer() as writer:
            writer.append("interactions", interactions(range(10)), load=2)
            raise ZeroDivisionError

    monkeypatch.setattr("journeygraph.lake.parquet._ROWS_PER_GROUP", 2)
    monkeypatch.setattr("pyarrow.parquet.ParquetWriter.close", refuse)
    with pytest.raises(ZeroDivisionError):
        load_some()


def test_the_limit_of_this_process_is_untouched():
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
