"""One peer in a process of its own, told through a pipe what to do, and measured there.

    python -m benchmarks.worker PEER FOLDER SIZE

A process for each peer keeps its memory and its threads apart from those of the others, and stays
alive with its data loaded, so that rounds of several peers can take turns.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pickle
import resource
import sys
import time
import traceback
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.files import Files
from benchmarks.workloads import FURTHER, WORKLOADS

__all__ = ["main"]

_STATUS = Path("/proc/self/status")
_FORGET_PEAK = Path("/proc/self/clear_refs")


def _peak_mib() -> float:
    """The most memory that the process held, since `_forget_peak` where the system offers that."""
    if _STATUS.exists():
        peak = next(line for line in _STATUS.read_text().splitlines() if "VmHWM" in line)
        return int(peak.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _forget_peak() -> None:
    if _FORGET_PEAK.exists():
        _FORGET_PEAK.write_text("5")


def _measured(work: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    gc.collect()
    _forget_peak()
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return result, {"wall": wall, "cpu": cpu, "peak_mib": _peak_mib()}


class Peer:
    """A module below `benchmarks.peers`, with what it has loaded."""

    def __init__(self, name: str, files: Files) -> None:
        self._module, measured = _measured(
            lambda: importlib.import_module(f"benchmarks.peers.{name}")
        )
        self._files = files
        self._state: Any = None
        known = (*WORKLOADS, *FURTHER)
        self.about = {
            "package": self._module.PACKAGE,
            "version": version(self._module.PACKAGE),
            "import_seconds": measured["wall"],
            "workloads": [workload for workload in known if hasattr(self._module, workload)],
            "largest": getattr(self._module, "LARGEST", None),
        }

    def load(self) -> dict[str, float]:
        self._state, measured = _measured(lambda: self._module.load(self._files))
        return measured

    def run(self, name: str, keep: str | None) -> dict[str, float]:
        """One round; its result in the normal form goes to the file `keep`."""
        workload = {**WORKLOADS, **FURTHER}[name]
        given = self._files if workload.from_files else self._state
        do = getattr(self._module, name)
        answer, measured = _measured(lambda: do(given))
        if keep is not None:
            Path(keep).write_bytes(pickle.dumps(answer.normal()))
        answer.forget()
        return {**measured, "wall": measured["wall"] / workload.per,
                "cpu": measured["cpu"] / workload.per}  # fmt: skip

    def leave(self) -> None:
        if self._state is not None and hasattr(self._module, "leave"):
            self._module.leave(self._state)


def _answer(peer: Peer, request: dict[str, Any]) -> dict[str, Any]:
    try:
        if request["do"] == "load":
            return peer.load()
        return peer.run(request["do"], request.get("keep"))
    except Exception as error:  # noqa: BLE001  # whatever a peer fails with is its result
        traceback.print_exc()
        return {"error": f"{type(error).__name__}: {error}"}


def main() -> None:
    """Answer requests, one JSON object on each line, until there are no more."""
    name, folder, size = sys.argv[1:]
    replies = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what a peer prints is no reply
    peer = Peer(name, Files(Path(folder), size))
    replies.write(json.dumps(peer.about) + "\n")
    for line in sys.stdin:
        replies.write(json.dumps(_answer(peer, json.loads(line))) + "\n")
    peer.leave()


if __name__ == "__main__":
    main()
