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
import sys
import time
import traceback
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.files import Files
from benchmarks.process_memory import forget_peak, peak_mib
from benchmarks.workloads import FURTHER, WORKLOADS

__all__ = ["main"]


def _measured(work: Callable[[], Any]) -> tuple[Any, dict[str, Any]]:
    gc.collect()
    forget_peak()
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return result, {"wall": wall, "cpu": cpu, "peak_mib": peak_mib()}


class Peer:
    """A module below `benchmarks.peers`, with what it has loaded."""

    def __init__(self, name: str, files: Files) -> None:
        self._module, measured = _measured(
            lambda: importlib.import_module(f"benchmarks.peers.{name}")
        )
        self._files = files
        self._state: Any = None
        self._offered = {**vars(self._module), **getattr(self._module, "MORE", {})}
        known = (*WORKLOADS, *FURTHER)
        self.about = {
            "package": self._module.PACKAGE,
            "version": version(self._module.PACKAGE),
            "import_seconds": measured["wall"],
            "workloads": [workload for workload in known if workload in self._offered],
            "largest": getattr(self._module, "LARGEST", None),
            "tolerance": getattr(self._module, "TOLERANCE", None),
        }

    def load(self) -> dict[str, Any]:
        self._state, measured = _measured(lambda: self._module.load(self._files))
        if hasattr(self._module, "column_bytes"):
            measured["column_bytes"] = self._module.column_bytes(self._state)
        return measured

    def run(self, name: str, keep: str | None) -> dict[str, Any]:
        """One round; its result in the normal form goes to the file `keep`.

        What a workload needs anew for every round is made before, and not timed.
        """
        workload = {**WORKLOADS, **FURTHER}[name]
        given = self._files if workload.from_files else self._state
        prepare = self._offered.get(f"prepare_{name}")
        if prepare is not None:
            given = prepare(given)
        answer, measured = _measured(lambda: self._offered[name](given))
        if keep is not None:
            Path(keep).write_bytes(pickle.dumps(answer.normal()))
        answer.forget()
        measured["wall"] /= workload.per
        measured["cpu"] /= workload.per
        return {**measured, "parts": answer.parts}

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
    try:
        peer = Peer(name, Files(Path(folder), size))
    except Exception as error:  # noqa: BLE001  # one that cannot be imported has its reason told
        traceback.print_exc()
        replies.write(json.dumps({"error": f"{type(error).__name__}: {error}"}) + "\n")
        return
    replies.write(json.dumps(peer.about) + "\n")
    for line in sys.stdin:
        replies.write(json.dumps(_answer(peer, json.loads(line))) + "\n")
    peer.leave()


if __name__ == "__main__":
    main()
