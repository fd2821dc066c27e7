"""Peers side by side: the same workload in turns, A B C A B C, the results compared first.

Ratios are within one run and one minute, so that what else the machine does hits all alike. The
first round of each peer warms it up and gives the result that is compared; it is not counted. A
peer whose result differs is not timed: a fast wrong answer is no answer.
"""

from __future__ import annotations

import json
import os
import pickle
import select
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.files import SIZES, Files
from benchmarks.normal import difference

__all__ = ["OURS", "PEERS", "Measurement", "Run", "Worker", "running"]

OURS = "journeygraph"
PEERS = (
    OURS, "duckdb", "polars", "chdb", "pandas", "pm4py", "retentioneering", "r4pm", "networkx",
)  # fmt: skip

_TIMEOUT = 900.0
_ROUNDS = 5
_ENOUGH_SECONDS = 20.0  # a peer that has run for so long has run enough
_ENVIRONMENT = {"RETENTIONEERING_NO_TRACK": "1", "DO_NOT_TRACK": "1"}


class PeerError(Exception):
    """A peer failed, or did not answer in time."""


class Worker:
    """A peer's process."""

    def __init__(self, peer: str, files: Files, logs: Path) -> None:
        self.peer = peer
        with (logs / f"{peer}.log").open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.worker", peer, str(files.folder), files.size],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=Path(__file__).parent.parent,
                env={**os.environ, **_ENVIRONMENT},
            )
        self.about = self._reply()

    def ask(self, do: str, keep: Path | None = None) -> dict[str, float]:
        """One round of a workload, or `load`."""
        assert self._process.stdin is not None
        request = {"do": do, "keep": None if keep is None else str(keep)}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return self._reply()

    def _reply(self) -> Any:
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], _TIMEOUT)
        line = self._process.stdout.readline() if ready else ""
        if not line:
            self._process.kill()
            raise PeerError(f"{self.peer} ended, or said nothing for {_TIMEOUT:.0f} s; see its log")
        reply = json.loads(line)
        if "error" in reply:
            raise PeerError(f"{self.peer}: {reply['error']}")
        return reply

    def end(self) -> None:
        """Let the process end, or end it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


@dataclass
class Measurement:
    """One peer and one workload: the rounds, or why there are none."""

    rounds: list[dict[str, float]] = field(default_factory=list)
    problem: str | None = None

    @property
    def seconds(self) -> float:
        """How long all rounds took together."""
        return sum(measured["wall"] for measured in self.rounds)


@dataclass
class Run:
    """All peers with their data loaded, and what was measured so far."""

    files: Files
    workers: dict[str, Worker]
    scratch: Path
    loads: dict[str, dict[str, float]]
    found: dict[str, dict[str, Measurement]] = field(default_factory=dict)

    def offering(self, workload: str) -> list[str]:
        """The peers that offer a workload."""
        return [
            peer for peer, worker in self.workers.items() if workload in worker.about["workloads"]
        ]

    def measure(self, workload: str) -> dict[str, Measurement]:
        """All rounds of all peers of a workload; once in a run."""
        if workload not in self.found:
            self.found[workload] = self._measured(workload)
        return self.found[workload]

    def _measured(self, workload: str) -> dict[str, Measurement]:
        measurements = {peer: Measurement() for peer in self.offering(workload)}
        self._compare(workload, measurements)
        for _ in range(_ROUNDS):
            for peer, measurement in measurements.items():
                if measurement.problem is None and measurement.seconds < _ENOUGH_SECONDS:
                    self._round(workload, peer, measurement)
        return measurements

    def _round(self, workload: str, peer: str, measurement: Measurement) -> None:
        try:
            measurement.rounds.append(self.workers[peer].ask(workload))
        except PeerError as error:
            measurement.problem = str(error)

    def _compare(self, workload: str, measurements: dict[str, Measurement]) -> None:
        results = {}
        for peer, measurement in measurements.items():
            kept = self.scratch / "result.pickle"
            try:
                self.workers[peer].ask(workload, kept)
                results[peer] = pickle.loads(kept.read_bytes())
            except PeerError as error:
                measurement.problem = str(error)
        for peer, result in results.items():
            differs = difference(results.get(OURS, result), result)
            if differs is not None:
                measurements[peer].problem = f"differs from ours: {differs}"


@contextmanager
def running(files: Files, peers: Iterable[str] = PEERS) -> Iterator[Run]:
    """Start the peers, let each load the data, and end them."""
    workers: dict[str, Worker] = {}
    with tempfile.TemporaryDirectory(prefix="run-", dir=files.folder) as scratch:
        try:
            for peer in peers:
                workers[peer] = Worker(peer, files, files.folder)
                largest = workers[peer].about["largest"]
                if largest is not None and SIZES[files.size] > largest:
                    workers.pop(peer).end()
            loads = {peer: worker.ask("load") for peer, worker in workers.items()}
            yield Run(files, workers, Path(scratch), loads)
        finally:
            for worker in workers.values():
                worker.end()
