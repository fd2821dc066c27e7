"""Arrays that can be made again, kept beside a store as files that are memory-mapped.

What is kept is named by a digest of what it was made from, so that nothing ever has to be
invalidated. It is made in a folder of its own and appears by one rename: two processes that make
the same at once do no harm, nor does one that is killed. A file counts only if its checksum is
right; that is computed once, when a file is first met (or after a reboot), and afterwards taken
on the word of its size, inode and time. Whatever is wrong with a kept file, or with the folder
(read-only, full), the answer is to make the arrays again, in memory if need be: a cache can
cost time, never correctness.

Arrow's memory-mapped files were rejected: a flipped bit ends the process.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import logging
import mmap
import os
import re
import shutil
import tempfile
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from journeygraph.threads import on_threads

__all__ = ["ArrayCache", "Arrays", "NoCache"]

_LAYOUT = 2
_CHUNK = 1 << 24
_KEPT_GRAPHS = 4
_ABANDONED_SECONDS = 3600
_BEFORE_HEADER = 10
_HEADER = re.compile(
    rb"\x93NUMPY\x01\x00(?P<length>..)\{'descr': '(?P<kind>[<>|=]?[a-z]\d+)', "
    rb"'fortran_order': False, 'shape': \((?P<size>\d+),\), \} *\n",
    re.DOTALL,
)
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False, slots=True)
class Arrays:
    """Named arrays, and facts about them that JSON can hold."""

    arrays: Mapping[str, npt.NDArray[Any]]
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        return self.arrays[name]


class NoCache:
    """Makes every group, and keeps none."""

    def get(
        self,
        group: str,  # noqa: ARG002 - as ArrayCache has it
        make: Callable[[], Arrays],
        key: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> Arrays:
        """A group of arrays."""
        return make()

    def keep_latest(self, group: str, n: int) -> None:
        """Nothing is kept."""


class ArrayCache:
    """Groups of arrays made from the same thing.

    Parameters
    ----------
    folder
        Where groups of all things are kept.
    key
        What these were made from; anything that JSON can hold.
    """

    def __init__(self, folder: Path, key: Mapping[str, Any]) -> None:
        self._all = folder
        self.folder = folder / f"graph-{_digest(key)}"

    def get(
        self,
        group: str,
        make: Callable[[], Arrays],
        key: Mapping[str, Any] | None = None,
    ) -> Arrays:
        """A group of arrays, made if it is not there.

        Parameters
        ----------
        group
            Its name, of letters, digits and hyphens.
        make
            How to make it.
        key
            What it was made from beyond the key of the cache.
        """
        path = self._path(group, key)
        there = _opened(path)
        if there is None:
            made = make()
            there = self._kept(path, made) or made
        with contextlib.suppress(OSError):  # only the order in which old graphs go
            os.utime(self.folder)
        return there

    def peek(self, group: str, key: Mapping[str, Any] | None = None) -> Arrays | None:
        """A group of arrays if it is there."""
        there = _opened(self._path(group, key))
        if there is not None:
            with contextlib.suppress(OSError):  # only the order in which old graphs go
                os.utime(self.folder)
        return there

    def forget(self, group: str) -> None:
        """Have a group made again by the next `get`: its content turned out to be wrong."""
        shutil.rmtree(self.folder / group, ignore_errors=True)

    def keep_latest(self, group: str, n: int) -> None:
        """Keep what was made last of a group that is known by keys, so many of them."""
        with contextlib.suppress(OSError):  # only room is lost
            made = {path: path.stat().st_mtime_ns for path in self.folder.glob(f"{group}-*")}
            for path in sorted(made, key=lambda path: made[path])[:-n]:
                shutil.rmtree(path, ignore_errors=True)

    def _path(self, group: str, key: Mapping[str, Any] | None) -> Path:
        return self.folder / (group if key is None else f"{group}-{_digest(key)}")

    def _kept(self, path: Path, made: Arrays) -> Arrays | None:
        """The same arrays, memory-mapped; None where they cannot be kept."""
        temporary: str | None = None
        try:
            self._make_folder()
            temporary = tempfile.mkdtemp(prefix=".making-", dir=self.folder)
            _write(Path(temporary), made)
            _put(Path(temporary), path)
        except OSError as error:
            _log.info("cannot keep %s: %s", path, error)
        finally:
            if temporary is not None:
                shutil.rmtree(temporary, ignore_errors=True)
        return _opened(path)

    def _make_folder(self) -> None:
        if not self.folder.is_dir():
            self.folder.mkdir(parents=True, exist_ok=True)
            _prune(self._all, keep=self.folder)


def _digest(key: Mapping[str, Any]) -> str:
    content = orjson.dumps([_LAYOUT, key], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(content).hexdigest()[:32]


def _put(made: Path, path: Path) -> None:
    """Move a finished folder to its place, unless somebody was there first."""
    if path.exists():
        if _opened(path) is not None:
            return
        damaged = tempfile.mkdtemp(prefix=".damaged-", dir=path.parent)
        try:
            path.rename(damaged)
        finally:  # somebody else may have moved it
            shutil.rmtree(damaged, ignore_errors=True)
    made.rename(path)


def _write(folder: Path, made: Arrays) -> None:
    sums = on_threads(
        lambda item: (item[0], _write_array(folder / f"{item[0]}.npy", item[1])),
        sorted(made.arrays.items(), key=lambda item: -item[1].nbytes),  # so that all end together
    )
    content = orjson.dumps({"files": dict(sums), "facts": made.facts})
    (folder / "manifest.json").write_bytes(b"%08x\n%s" % (zlib.crc32(content), content))
    _trust(folder, [name for name, _ in sums])


def _write_array(path: Path, array: npt.NDArray[Any]) -> tuple[int, int]:
    """Write a file that `numpy.load` reads; its size and checksum."""
    plain = np.ascontiguousarray(array)
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": plain.dtype.str, "fortran_order": False, "shape": plain.shape}
    )
    data = plain.reshape(-1).view(np.uint8).data
    checksum, size = 0, 0
    with path.open("wb", buffering=0) as file:
        for part in (header.getbuffer(), *_chunks(data)):
            file.write(part)
            checksum, size = zlib.crc32(part, checksum), size + len(part)
    return size, checksum


def _chunks(data: memoryview) -> list[memoryview]:
    return [data[begin : begin + _CHUNK] for begin in range(0, len(data), _CHUNK)]


def _opened(folder: Path) -> Arrays | None:
    """The arrays of a folder, memory-mapped; None where it is missing or not what was written."""
    try:
        manifest = _manifest(folder)
        files: dict[str, tuple[int, int]] = manifest["files"]
        if not _is_trusted(folder, list(files)):
            if not all(on_threads(lambda name: _is_whole(folder, name, *files[name]), [*files])):
                _log.warning("%s is damaged and is made again", folder)
                return None
            with contextlib.suppress(OSError):  # read-only: verified again next time
                _trust(folder, list(files))
        return Arrays({name: _mapped(folder, name) for name in files}, manifest["facts"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        _log.warning("%s cannot be used and is made again: %s", folder, error)
        return None


def _manifest(folder: Path) -> dict[str, Any]:
    checksum, _, content = (folder / "manifest.json").read_bytes().partition(b"\n")
    if int(checksum, 16) != zlib.crc32(content):
        raise ValueError("the manifest is damaged")
    manifest: dict[str, Any] = orjson.loads(content)
    return manifest


def _mapped(folder: Path, name: str) -> npt.NDArray[Any]:
    """A file of `_write_array`; NumPy's way, for any header, takes ten times as long."""
    path = folder / f"{name}.npy"
    with path.open("rb", buffering=0) as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    found = _HEADER.match(mapped)
    if found is None:  # more than one dimension
        return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    kind, n_values = np.dtype(found["kind"].decode()), int(found["size"])
    begin = _BEFORE_HEADER + int.from_bytes(found["length"], "little")
    if len(mapped) != begin + n_values * kind.itemsize:
        raise ValueError(f"{name} is not as long as it says")
    if not n_values:
        return _read_only(np.zeros(0, kind))
    return np.frombuffer(mapped, kind, n_values, begin)


def _read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    array.flags.writeable = False
    return array


def _is_whole(folder: Path, name: str, size: int, checksum: int) -> bool:
    found = length = 0
    with (folder / f"{name}.npy").open("rb", buffering=0) as file:
        while part := file.read(_CHUNK):
            found, length = zlib.crc32(part, found), length + len(part)
    return (length, found) == (size, checksum)


def _is_trusted(folder: Path, names: list[str]) -> bool:
    try:
        return (folder / "trusted.json").read_bytes() == _state(folder, names)
    except FileNotFoundError:
        return False


def _trust(folder: Path, names: list[str]) -> None:
    """Note that these files, as they are now, have the right checksums."""
    handle, temporary = tempfile.mkstemp(prefix=".trusted-", dir=folder)
    with os.fdopen(handle, "wb") as file:
        file.write(_state(folder, names))
    Path(temporary).replace(folder / "trusted.json")


def _state(folder: Path, names: list[str]) -> bytes:
    """What would change if a file were written again, and at a reboot.

    A crash of the machine can leave files of the right size without their content, so that
    trust ends with the boot; that spares an fsync of everything.
    """
    files = {}
    for name in names:
        status = (folder / f"{name}.npy").stat()
        files[name] = [status.st_size, status.st_mtime_ns, status.st_ino]
    boot = _BOOT.read_text().strip() if _BOOT.exists() else ""
    return orjson.dumps({"boot": boot, "files": files}, option=orjson.OPT_SORT_KEYS)


def _prune(folder: Path, keep: Path) -> None:
    """Remove the graphs not used for longest, and what a killed process left."""
    used = {path: path.stat().st_mtime for path in folder.glob("graph-*") if path != keep}
    oldest = sorted(used, key=lambda path: used[path])
    for path in oldest[: max(0, len(oldest) - _KEPT_GRAPHS + 1)]:
        shutil.rmtree(path, ignore_errors=True)
    for path in folder.glob("graph-*/.*-*"):
        with contextlib.suppress(FileNotFoundError):  # its maker has just finished
            if path.stat().st_mtime < time.time() - _ABANDONED_SECONDS:
                shutil.rmtree(path, ignore_errors=True)
