"""What memory a process holds: at most since it was asked to forget, and how much of it anonymous.

Resident memory counts the pages of mapped files, which the system takes back when it needs them;
anonymous memory is what the process really claims. The system keeps the peak of the former only,
so that the latter is looked at every few milliseconds while something runs.
"""

from __future__ import annotations

import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["AnonymousPeak", "available_gib", "forget_peak", "hold_to", "peak_mib", "watching"]

_STATUS = Path("/proc/self/status")
_FORGET_PEAK = Path("/proc/self/clear_refs")
_MEMORY = Path("/proc/meminfo")
_EVERY_SECONDS = 0.01


def peak_mib() -> float:
    """The most that was resident, since `forget_peak` where the system offers that."""
    if _STATUS.exists():
        return _kib(_STATUS, "VmHWM") / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def forget_peak() -> None:
    """Begin anew with the peak."""
    if _FORGET_PEAK.exists():
        _FORGET_PEAK.write_text("5")


def available_gib() -> float | None:
    """What the machine can give without swapping; None where it does not say."""
    return _kib(_MEMORY, "MemAvailable") / 2**20 if _MEMORY.exists() else None


@dataclass
class AnonymousPeak:
    """The most anonymous memory that was seen; None where the system does not say."""

    mib: float | None = None

    def look(self) -> None:
        """Look once more."""
        if _STATUS.exists():
            self.mib = max(self.mib or 0.0, _kib(_STATUS, "RssAnon") / 1024)


@contextmanager
def watching() -> Iterator[AnonymousPeak]:
    """Look at the anonymous memory of this process as long as the block runs."""
    peak, ended = AnonymousPeak(), threading.Event()

    def watch() -> None:
        while not ended.wait(_EVERY_SECONDS):
            peak.look()

    peak.look()
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        ended.set()
        watcher.join()
        peak.look()


def _kib(table: Path, name: str) -> int:
    lines = table.read_text().splitlines()
    return int(next(line for line in lines if line.startswith(f"{name}:")).split()[1])


def hold_to(gib: float) -> bool:
    """Let this process claim no more private memory; False where the system does not keep to it."""
    if not _STATUS.exists():
        return False
    most = int(gib * 2**30)
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    return True
