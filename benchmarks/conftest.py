"""One run of all peers for the whole session, and rounds handed to pytest-benchmark.

The rounds happen in the peers' own processes, in turns; the clock of pytest-benchmark is moved on
by what the process measured, so that pipes cost nothing, and its tables and JSON hold the rounds
as they were.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.bandwidth import measure_bandwidth
from benchmarks.files import Files, bytes_of_files
from benchmarks.machine import about_commit, about_machine
from benchmarks.make_journeys import make_journeys
from benchmarks.measuring import PEERS, Run, running
from benchmarks.workloads import OURS

Replay = Callable[[str, str], None]

RUNS: list[Run] = []
"""The run of this session, once it has begun."""

_HERE = Path(__file__).parent


class Clock:
    """Shows the seconds that the rounds took, and no others."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


CLOCK = Clock()


@pytest.fixture(scope="session")
def files() -> Files:
    """The data of the size that SIZE names."""
    return make_journeys(_HERE / "data", os.environ.get("SIZE", "1M"))


@pytest.fixture(scope="session")
def run(files: Files) -> Iterator[Run]:
    """The peers, those that PEERS names or all."""
    named = os.environ.get("PEERS", "")
    with running(files, named.split(",") if named else PEERS) as started:
        RUNS.append(started)
        yield started


@pytest.fixture
def replay(run: Run, benchmark: BenchmarkFixture) -> Replay:
    """Give the rounds of a peer to pytest-benchmark.

    A peer that fails is told in the report; only where we fail ourselves does the test.
    """

    def give(workload: str, peer: str) -> None:
        if peer not in run.offering(workload):
            pytest.skip(run.absent.get(peer, f"{peer} does not offer this"))
        measurement = run.measure(workload)[peer]
        if measurement.problem is not None and peer != OURS:
            pytest.skip(measurement.problem)
        assert measurement.problem is None, measurement.problem
        rounds = iter(measurement.rounds)

        def play() -> None:
            CLOCK.now += next(rounds)["wall"]

        fastest = min(measurement.rounds, key=lambda measured: measured["wall"])
        benchmark.group = workload
        benchmark.extra_info.update(
            workload=workload,
            peer=peer,
            cpu_seconds=min(measured["cpu"] for measured in measurement.rounds),
            peak_mib=max(measured["peak_mib"] for measured in measurement.rounds),
            parts=fastest["parts"],
            deviation=measurement.deviation,
        )
        benchmark.pedantic(play, rounds=len(measurement.rounds), iterations=1)

    return give


def pytest_benchmark_update_json(output_json: dict[str, Any]) -> None:
    """Who took part, who did not, who failed at what; how fast memory is."""
    output_json["bandwidth"] = measure_bandwidth()
    for run in RUNS:
        output_json["absent"] = run.absent
        output_json["problems"] = run.problems()
        output_json["peers"] = {
            peer: {
                "version": worker.about["version"],
                "import_seconds": worker.about["import_seconds"],
                "load_seconds": run.loads[peer]["wall"],
            }
            for peer, worker in run.workers.items()
        }
        output_json["bytes"] = {
            **run.loads.get(OURS, {}).get("column_bytes", {}),
            **bytes_of_files(run.files),
        }


def pytest_benchmark_update_machine_info(machine_info: dict[str, Any]) -> None:
    """What the table says of the machine."""
    machine_info.clear()
    machine_info.update(about_machine(), size=os.environ.get("SIZE", "1M"))


def pytest_benchmark_update_commit_info(commit_info: dict[str, Any]) -> None:
    """The commit, and whether the engine has changed since."""
    commit_info.clear()
    commit_info.update(about_commit())
