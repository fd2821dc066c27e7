from __future__ import annotations

import errno
import multiprocessing
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import journeygraph
from journeygraph import graph_cache, graph_patch
from journeygraph.graph_cache import ArrayCache, Arrays
from journeygraph.lake.maintenance import compact
from journeygraph.lake.store import Store
from tests.graph.stores import rows_of, write_load
from tests.strategies import World

WORLD = World(
    rows=[(f"c{number % 7}", number % 5, f"t{number % 3}", None, None, number)
          for number in range(60)],
    referrals=[("c1", "c2", 4, "web")],
)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Path:
    write_load(tmp_path / "store", WORLD)
    return tmp_path / "store"


def core_of(store: Path) -> Path:
    (core,) = store.glob("cache/graph-*/core")
    return core


def flip(path: Path, place: int = -1) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 0x10
    path.write_bytes(content)


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def replace_with_a_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("not a folder")


DAMAGES: dict[str, Callable[[Path], Any]] = {
    "a bit of the times": lambda core: flip(core / "at_us.npy"),
    "a bit of a header": lambda core: flip(core / "order.npy", 9),
    "a bit of the manifest": lambda core: flip(core / "manifest.json"),
    "a bit of the manifest's checksum": lambda core: flip(core / "manifest.json", 2),
    "a file cut short": lambda core: truncate(core / "value_minor.npy"),
    "a file of nothing": lambda core: (core / "stage_codes.npy").write_bytes(b""),
    "a file too long": lambda core: os.truncate(core / "at_us.npy", 4096),
    "a file gone": lambda core: (core / "customer_starts.npy").unlink(),
    "the manifest cut short": lambda core: truncate(core / "manifest.json"),
    "the manifest gone": lambda core: (core / "manifest.json").unlink(),
    "a manifest that is no JSON": lambda core: (core / "manifest.json").write_bytes(b"00000000\n"),
    "the trust gone": lambda core: (core / "trusted.json").unlink(),
    "a file in place of the folder": lambda core: replace_with_a_file(core),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_whatever_happens_to_the_cache_the_graph_is_right(store: Path, damage: str) -> None:
    expected = rows_of(journeygraph.open(store))
    DAMAGES[damage](core_of(store))
    assert rows_of(journeygraph.open(store)) == expected
    assert rows_of(journeygraph.open(store)) == expected


MORE = World(
    rows=[("c3", 2, "t1", "web", None, 5), ("new", 9, "t9", None, "purchase", None)],
    referrals=[("c1", "new", 4, "web")],
)  # fmt: skip


@pytest.fixture
def grown(store: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store whose second version is kept as a patch to the first one."""
    monkeypatch.setattr(graph_patch, "SHARE", 0)
    journeygraph.open(store)
    write_load(store, MORE)
    journeygraph.open(store)
    return store


def patch_of(store: Path) -> Path:
    (patch,) = store.glob("cache/graph-*/patch")
    return patch


PATCH_DAMAGES: dict[str, Callable[[Path], Any]] = {
    **{name: damage for name, damage in DAMAGES.items() if name != "a file gone"},
    "owners gone": lambda patch: (patch / "owners.npy").unlink(),
    "places cut short": lambda patch: truncate(patch / "before.npy"),
    "all that is kept of it": lambda patch: shutil.rmtree(patch.parent),
}


@pytest.mark.parametrize("is_looked_at_before", [False, True])
@pytest.mark.parametrize("damage", PATCH_DAMAGES)
def test_whatever_happens_to_a_patch_the_graph_is_right(
    grown: Path, damage: str, is_looked_at_before: bool
) -> None:
    graph = journeygraph.open(grown)
    if is_looked_at_before:  # what is mapped stays, whatever happens to the files
        graph.at_us.sum()
    expected = rows_of(graph)
    PATCH_DAMAGES[damage](patch_of(grown))
    for _ in range(2):
        assert rows_of(journeygraph.open(grown)) == expected


@pytest.mark.parametrize("damage", DAMAGES)
def test_whatever_happens_to_the_base_of_a_patch_the_graph_is_right(
    grown: Path, damage: str
) -> None:
    expected = rows_of(journeygraph.open(grown))
    DAMAGES[damage](core_of(grown))
    for version in (2, 1, 2):
        rows = rows_of(journeygraph.open(grown, version))
        assert rows == expected if version == 2 else len(rows) == len(WORLD.rows)


@pytest.mark.parametrize("name", ["before", "owners", "touchpoint_codes", "channel_codes"])
def test_wrong_places_and_codes_of_a_patch_that_were_trusted_are_noticed(
    grown: Path, name: str
) -> None:
    expected = rows_of(journeygraph.open(grown))
    file = patch_of(grown) / f"{name}.npy"
    status = file.stat()
    with file.open("r+b") as handle:
        handle.seek(-1, os.SEEK_END)
        handle.write(b"\xff")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert rows_of(journeygraph.open(grown)) == expected


def test_damage_is_mended_once(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = rows_of(journeygraph.open(store))
    flip(core_of(store) / "at_us.npy")
    journeygraph.open(store)
    monkeypatch.setattr(Store, "files", None)
    assert [row[:3] for row in rows_of(journeygraph.open(store))] == [r[:3] for r in expected]


def test_wrong_codes_that_were_trusted_are_noticed(store: Path) -> None:
    expected = rows_of(journeygraph.open(store))
    file = core_of(store) / "touchpoint_codes.npy"
    status = file.stat()
    with file.open("r+b") as handle:
        handle.seek(-1, os.SEEK_END)
        handle.write(b"\xff")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert rows_of(journeygraph.open(store)) == expected


def test_checksums_are_computed_once_and_again_after_a_move_or_a_reboot(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = []
    is_whole = graph_cache._is_whole

    def counting(folder: Path, name: str, size: int, checksum: int) -> bool:
        checked.append(name)
        return is_whole(folder, name, size, checksum)

    monkeypatch.setattr(graph_cache, "_is_whole", counting)
    journeygraph.open(store)
    journeygraph.open(store)
    assert checked == []
    shutil.copytree(store, tmp_path / "copy")
    expected = rows_of(journeygraph.open(store))
    assert rows_of(journeygraph.open(tmp_path / "copy")) == expected
    assert "at_us" in checked
    checked.clear()
    journeygraph.open(tmp_path / "copy")
    assert checked == []
    boot = tmp_path / "boot_id"
    boot.write_text("another boot")
    monkeypatch.setattr(graph_cache, "_BOOT", boot)
    journeygraph.open(store)
    assert "at_us" in checked


def test_a_store_that_moved_opens(store: Path, tmp_path: Path) -> None:
    expected = rows_of(journeygraph.open(store))
    store.rename(tmp_path / "elsewhere")
    assert rows_of(journeygraph.open(tmp_path / "elsewhere")) == expected


def test_a_store_without_room_for_a_cache_opens(store: Path) -> None:
    shutil.rmtree(store / "cache", ignore_errors=True)  # of what else is kept
    (store / "cache").write_text("not a folder")
    graph = journeygraph.open(store)
    assert sorted(rows_of(graph)) == sorted(WORLD.rows)
    assert graph.column("row").tolist() == graph.column("row").tolist()
    assert graph.customer_index("c3") >= 0
    with pytest.raises(ValueError, match="read-only"):
        graph.at_us[0] = 1


@pytest.mark.parametrize("made_before", [False, True])
def test_a_read_only_store_opens(
    store: Path, monkeypatch: pytest.MonkeyPatch, made_before: bool
) -> None:
    if made_before:
        journeygraph.open(store)
        (core_of(store) / "trusted.json").unlink()

    def refuse(*_: Any, **__: Any) -> Any:
        raise OSError(errno.EROFS, "Read-only file system")

    for function in ("tempfile.mkdtemp", "tempfile.mkstemp", "os.utime"):
        monkeypatch.setattr(function, refuse)
    graph = journeygraph.open(store)
    assert sorted(rows_of(graph)) == sorted(WORLD.rows)
    assert sorted(graph.column("row").tolist()) == list(range(60))


def open_and_count(store: Path, barrier: Any, answers: Any) -> None:
    barrier.wait()
    answers.put(len(rows_of(journeygraph.open(store))))


def test_processes_that_make_the_same_cache_at_once_do_no_harm(store: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    barrier, answers = spawn.Barrier(3), spawn.Queue()
    processes = [
        spawn.Process(target=open_and_count, args=(store, barrier, answers)) for _ in range(3)
    ]
    for process in processes:
        process.start()
    assert [answers.get(timeout=120) for _ in processes] == [60, 60, 60]
    for process in processes:
        process.join()
    assert {path.name for path in core_of(store).parent.glob("*")} == {
        "core", next(path.name for path in core_of(store).parent.glob("ids-*"))
    }  # fmt: skip
    assert list(core_of(store).parent.glob(".*")) == []


@pytest.mark.parametrize("is_made", [False, True])
def test_processes_that_open_a_patched_graph_at_once_do_no_harm(grown: Path, is_made: bool) -> None:
    if not is_made:
        shutil.rmtree(patch_of(grown).parent)
    spawn = multiprocessing.get_context("spawn")
    barrier, answers = spawn.Barrier(3), spawn.Queue()
    processes = [
        spawn.Process(target=open_and_count, args=(grown, barrier, answers)) for _ in range(3)
    ]
    for process in processes:
        process.start()
    assert [answers.get(timeout=120) for _ in processes] == [62, 62, 62]
    for process in processes:
        process.join()
    assert list(grown.glob("cache/graph-*/.*")) == []


def open_slowly(store: Path, started: Any) -> None:
    write = graph_cache._write_array

    def slow(path: Path, array: Any) -> tuple[int, int]:
        written = write(path, array)
        if path.name == "owners.npy":
            started.set()
            time.sleep(60)
        return written

    graph_cache._write_array = slow
    graph_patch.SHARE = 0
    journeygraph.open(store)


def test_a_maker_of_a_patch_that_is_killed_leaves_nothing_that_counts(grown: Path) -> None:
    expected = rows_of(journeygraph.open(grown))
    shutil.rmtree(patch_of(grown).parent)
    spawn = multiprocessing.get_context("spawn")
    started = spawn.Event()
    process = spawn.Process(target=open_slowly, args=(grown, started))
    process.start()
    assert started.wait(60)
    process.kill()
    process.join()
    assert list(grown.glob("cache/graph-*/patch")) == []
    assert rows_of(journeygraph.open(grown)) == expected


def make_slowly(folder: Path, started: Any) -> None:
    def make() -> Arrays:
        return Arrays({f"a{number}": np.arange(10) for number in range(5)})

    write = graph_cache._write_array

    def slow(path: Path, array: Any) -> tuple[int, int]:
        written = write(path, array)
        if path.name == "a3.npy":
            started.set()
            time.sleep(60)
        return written

    graph_cache._write_array = slow
    ArrayCache(folder, {}).get("core", make)


def test_a_killed_maker_leaves_nothing_that_counts(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    started = spawn.Event()
    process = spawn.Process(target=make_slowly, args=(tmp_path, started))
    process.start()
    assert started.wait(60)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    (left,) = tmp_path.glob("graph-*/.making-*")
    cache = ArrayCache(tmp_path, {})
    made = cache.get("core", lambda: Arrays({"whole": np.arange(3)}))
    assert made["whole"].tolist() == [0, 1, 2]
    os.utime(left, (1, 1))
    ArrayCache(tmp_path, {"another": 1}).get("core", lambda: Arrays({}))
    assert not left.exists()


def test_graphs_not_used_for_longest_go(tmp_path: Path) -> None:
    for number in range(9):
        cache = ArrayCache(tmp_path, {"number": number})
        cache.get("core", lambda: Arrays({"a": np.arange(3)}))
        os.utime(cache.folder, (number, number))
    assert len(list(tmp_path.glob("graph-*"))) == 4
    assert (ArrayCache(tmp_path, {"number": 8}).folder / "core").exists()


@pytest.mark.parametrize(
    "array",
    [np.zeros(0, np.uint8), np.zeros(0, np.int64), np.arange(5, dtype=np.uint32)[::2],
     np.array([-(2**63), 2**63 - 1])],
)  # fmt: skip
def test_an_array_comes_back_as_it_was(tmp_path: Path, array: Any) -> None:
    cache = ArrayCache(tmp_path, {})
    for _ in range(2):
        back = cache.get("group", lambda: Arrays({"it": array}, {"fact": ["ü", 1, None]}))
        assert back["it"].dtype == array.dtype
        assert back["it"].tolist() == array.tolist()
        assert back.facts == {"fact": ["ü", 1, None]}


def test_feedback_rebuilds_nothing(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = rows_of(journeygraph.open(store))
    with Store.open(store).writer() as writer:
        writer.commit(kind="feedback", note="other tables changed")
    monkeypatch.setattr(Store, "files", None)
    again = journeygraph.open(store)
    assert (again.version, rows_of(again)) == (2, expected)


def test_compaction_rebuilds_nothing(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        write_load(store, World(rows=[("c1", number, "t1", None, None, None)]))
    expected = rows_of(journeygraph.open(store))
    compact(Store.open(store))
    monkeypatch.setattr(Store, "files", None)
    assert rows_of(journeygraph.open(store)) == expected
