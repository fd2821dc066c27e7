"""One writer at a time: a lock that the operating system takes back when its holder dies."""

from __future__ import annotations

import fcntl
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from journeygraph.lake.errors import StoreBusyError

__all__ = ["exclusive_lock"]

_PAUSE_SECONDS = 0.05


@contextmanager
def exclusive_lock(path: Path, wait_us: int) -> Iterator[None]:
    """Hold the lock at `path`; StoreBusyError, saying who has it, after waiting for `wait_us`."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        _acquire(handle, path, wait_us)
        holder = f"process {os.getpid()} on {socket.gethostname()} since "
        holder += f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
        os.ftruncate(handle, 0)
        os.pwrite(handle, holder.encode(), 0)
        try:
            yield
        finally:
            os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def _acquire(handle: int, path: Path, wait_us: int) -> None:
    start = time.monotonic()
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            waited = time.monotonic() - start
            if waited * 1_000_000 >= wait_us:
                holder = os.pread(handle, 1000, 0).decode(errors="replace")
                raise StoreBusyError(path.parent, holder or "unknown", waited) from None
            time.sleep(_PAUSE_SECONDS)
