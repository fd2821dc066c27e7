"""Crashes: at a chosen moment, with the loss of everything that was not flushed.

A crash is an exception that no cleaning up survives. Afterwards, as after a power cut, every file
below the folder that was written since it was last flushed is cut in half.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from journeygraph.lake.writer import StoreWriter


class Crash(BaseException):
    """The end of the process."""


class Disk:
    """Counts flushes and renames below a folder, and crashes before the one that it is told."""

    def __init__(self, folder: Path, crash_at: int | None = None) -> None:
        self.folder = folder
        self.crash_at = crash_at
        self.n_events = 0
        self._flushed = self._state()

    def _state(self) -> dict[int, tuple[int, int]]:
        return {
            (stat := path.stat()).st_ino: (stat.st_size, stat.st_mtime_ns)
            for path in self.folder.rglob("*")
            if path.is_file()
        }

    def happens(self) -> None:
        if self.crash_at is not None and self.n_events >= self.crash_at:
            raise Crash  # for every thread
        self.n_events += 1

    def flushed(self, handle: int) -> None:
        stat = os.fstat(handle)
        self._flushed[stat.st_ino] = (stat.st_size, stat.st_mtime_ns)

    def lose_what_was_not_flushed(self) -> list[Path]:
        lost = []
        for path in self.folder.rglob("*"):
            if path.is_file() and path.name != "lock":
                stat = path.stat()
                if self._flushed.get(stat.st_ino) != (stat.st_size, stat.st_mtime_ns):
                    os.truncate(path, stat.st_size // 2)
                    lost.append(path)
        return lost


@contextmanager
def crashing(disk: Disk) -> Iterator[None]:
    """Run a block on this disk, up to its crash."""
    fsync = os.fsync

    def flush(handle: int) -> None:
        disk.happens()
        fsync(handle)
        disk.flushed(handle)

    def before(action: Any) -> Any:
        def act(*arguments: Any, **options: Any) -> Any:
            disk.happens()
            return action(*arguments, **options)

        return act

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", flush)
        for name in ("replace", "rename", "unlink"):
            patch.setattr(os, name, before(getattr(os, name)))
        patch.setattr(StoreWriter, "discard", lambda _writer: None)
        try:
            yield
        except Crash:
            disk.lose_what_was_not_flushed()
