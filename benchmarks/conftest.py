"""One run of all peers for the whole session, and rounds handed to pytest-benchmark.

The rounds happen in the peers' own processes, in turns; the clock of pytest-benchmark is moved on
by what the process measured, so that pipes cost nothing, and its tables and JSON hold the rounds
as they were.
"""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.files import Files
from benchmarks.make_journeys import make_journeys
from benchmarks.measuring import PEERS, Run, running

Replay = Callable[[str, str], None]

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
        yield started


@pytest.fixture
def replay(run: Run, benchmark: BenchmarkFixture) -> Replay:
    """Give the rounds of a peer to pytest-benchmark."""

    def give(workload: str, peer: str) -> None:
        if peer not in run.offering(workload):
            pytest.skip(f"{peer} does not offer this at this size")
        measurement = run.measure(workload)[peer]
        assert measurement.problem is None, measurement.problem
        rounds = iter(measurement.rounds)

        def play() -> None:
            CLOCK.now += next(rounds)["wall"]

        about = run.workers[peer].about
        benchmark.group = workload
        benchmark.extra_info.update(
            workload=workload,
            peer=peer,
            version=about["version"],
            import_seconds=about["import_seconds"],
            load_seconds=run.loads[peer]["wall"],
            cpu_seconds=min(measured["cpu"] for measured in measurement.rounds),
            peak_mib=max(measured["peak_mib"] for measured in measurement.rounds),
        )
        benchmark.pedantic(play, rounds=len(measurement.rounds), iterations=1)

    return give


def pytest_benchmark_update_machine_info(machine_info: dict[str, Any]) -> None:
    """What the table says of the machine."""
    machine_info.clear()
    machine_info.update(
        processor=_processor(),
        processors=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None,
        memory_gib=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        numba=version("numba"),
        numpy=version("numpy"),
        load_average=round(os.getloadavg()[1], 1),
        size=os.environ.get("SIZE", "1M"),
    )


def pytest_benchmark_update_commit_info(commit_info: dict[str, Any]) -> None:
    """The commit, and whether the engine has changed since."""
    commit = _git("rev-parse", "--short=12", "HEAD")
    changed = _git("status", "--porcelain", "--", "journeygraph", "queries", "benchmarks/*.py")
    commit_info.clear()
    commit_info.update(id=commit, changed=bool(changed))


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], capture_output=True, text=True, check=False, cwd=_HERE.parent
    )
    return done.stdout.strip()
