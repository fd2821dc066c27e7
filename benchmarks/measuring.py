"""Peers side by side: the same workload in turns, A B C A B C, the results compared first.

Ratios are within one run and one minute, so that what else the machine does hits all alike. The
first round of each peer warms it up and gives the result that is compared; it is not counted. A
peer whose result differs is not timed: a fast wrong answer is no answer. A peer that cannot be
started, cannot load or fails leaves its reason, and the others go on.
"""

from __future__ import annotations

import json
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
from benchmarks.normal import deviation, difference
from benchmarks.threads import environment
from benchmarks.workloads import OURS

__all__ = ["PEERS", "Measurement", "PeerError", "Run", "Worker", "running"]

PEERS = (
    OURS, "duckdb", "polars", "chdb", "pandas", "pm4py", "retentioneering", "r4pm", "networkx",
    "prefixspan", "channelattribution", "marketing_attribution_models",
)  # fmt: skip

_TIMEOUT = 900.0
_ROUNDS = 5
_ENOUGH_SECONDS = 10.0  # a peer that has run for so long, and three times, has run enough


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
                env=environment(),
            )
        self.about: dict[str, Any] = {}

    def start(self) -> None:
        """Wait until the peer has said what it offers."""
        self.about = self._reply()

    def ask(self, do: str, keep: Path | None = None) -> dict[str, Any]:
        """One round of a workload, or `load`."""
        assert self._process.stdin is not None
        request = {"do": do, "keep": None if keep is None else str(keep)}
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise PeerError("its process had ended before") from error
        return self._reply()

    def _reply(self) -> Any:
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], _TIMEOUT)
        line = self._process.stdout.readline() if ready else ""
        if not line:
            raise PeerError(self._end_of_process(bool(ready)))
        reply = json.loads(line)
        if "error" in reply:
            raise PeerError(reply["error"])
        return reply

    def _end_of_process(self, has_ended: bool) -> str:
        if not has_ended:
            self._process.kill()
            return f"no answer within {_TIMEOUT:.0f} s"
        return f"its process ended with status {self._process.wait()}; its log may say why"

    def end(self) -> None:
        """Let the process end, or end it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.close()
        except OSError:
            self._process.kill()  # it had ended with a request unread
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


@dataclass
class Measurement:
    """One peer and one workload: the rounds, or why there are none.

    Attributes
    ----------
    deviation
        By how much the floats of its result differ from ours, where that is let pass.
    """

    rounds: list[dict[str, Any]] = field(default_factory=list)
    problem: str | None = None
    deviation: float | None = None

    @property
    def is_enough(self) -> bool:
        """Whether there is nothing more to measure."""
        seconds = sum(measured["wall"] for measured in self.rounds)
        return self.problem is not None or (len(self.rounds) > 2 and seconds > _ENOUGH_SECONDS)


@dataclass
class Run:
    """All peers with their data loaded, and what was measured so far.

    Attributes
    ----------
    absent
        Peers that take no part, and why.
    """

    files: Files
    workers: dict[str, Worker]
    scratch: Path
    loads: dict[str, dict[str, Any]]
    absent: dict[str, str] = field(default_factory=dict)
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

    def problems(self) -> list[dict[str, str]]:
        """Who failed at what, and why."""
        return [
            {"workload": workload, "peer": peer, "problem": measurement.problem}
            for workload, measurements in self.found.items()
            for peer, measurement in measurements.items()
            if measurement.problem is not None
        ]

    def _measured(self, workload: str) -> dict[str, Measurement]:
        measurements = {peer: Measurement() for peer in self.offering(workload)}
        self._compare(workload, measurements)
        for _ in range(_ROUNDS):
            for peer, measurement in measurements.items():
                if not measurement.is_enough:
                    self._round(workload, peer, measurement)
        return measurements

    def _round(self, workload: str, peer: str, measurement: Measurement) -> None:
        try:
            measurement.rounds.append(self.workers[peer].ask(workload))
        except PeerError as error:
            measurement.problem = str(error)

    def _compare(self, workload: str, measurements: dict[str, Measurement]) -> None:
        results = {}
        kept = self.scratch / "result.pickle"
        for peer, measurement in measurements.items():
            try:
                self.workers[peer].ask(workload, kept)
                results[peer] = pickle.loads(kept.read_bytes())
            except PeerError as error:
                measurement.problem = str(error)
        ours = results.get(OURS, next(iter(results.values()), None))
        for peer, result in results.items():
            self._judge(measurements[peer], ours, result, self.workers[peer].about["tolerance"])

    @staticmethod
    def _judge(measurement: Measurement, ours: Any, result: Any, tolerance: float | None) -> None:
        if tolerance is None:
            differs = difference(ours, result)
        else:
            differs = difference(ours, result, tolerance=tolerance)
            measurement.deviation = None if differs else deviation(ours, result)
        if differs is not None:
            measurement.problem = f"differs from ours: {differs}"


@contextmanager
def running(files: Files, peers: Iterable[str] = PEERS) -> Iterator[Run]:
    """Start the peers, let each load the data, and end them."""
    with tempfile.TemporaryDirectory(prefix="run-", dir=files.folder) as scratch:
        run = Run(files, {}, Path(scratch), {})
        try:
            for peer in peers:
                _take_part(run, peer)
            yield run
        finally:
            for worker in run.workers.values():
                worker.end()


def _take_part(run: Run, peer: str) -> None:
    worker = Worker(peer, run.files, run.files.folder)
    try:
        worker.start()
        largest = worker.about["largest"]
        if largest is not None and SIZES.get(run.files.size, 0) > largest:
            raise PeerError(f"takes part up to {largest:,} interactions: more take it too long")
        run.loads[peer] = worker.ask("load")
    except PeerError as error:
        run.absent[peer] = str(error)
        worker.end()
    else:
        run.workers[peer] = worker
