"""Rounds in turns: results compared first, and one who fails does not end the run."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from benchmarks.bandwidth import measure_bandwidth
from benchmarks.make_journeys import make_journeys
from benchmarks.measuring import Measurement, Run, Worker, running
from benchmarks.normal import deviation, difference
from benchmarks.threads import N_THREADS, environment


class Scripted(Worker):
    """A peer that gives what it is told to give."""

    def __init__(self, result: Any, tolerance: float | None = None) -> None:
        self._result = result
        self.about = {"workloads": ["transitions"], "tolerance": tolerance}

    def ask(self, do: str, keep: Path | None = None) -> dict[str, Any]:
        assert do == "transitions"
        if keep is not None:
            keep.write_bytes(pickle.dumps(self._result))
        return {"wall": 0.1, "cpu": 0.1, "peak_mib": 1.0, "parts": {}}


def measured(tmp_path: Path, **workers: Worker) -> dict[str, Measurement]:
    files = make_journeys(tmp_path, "tiny", 2_000)
    return Run(files, dict(workers), tmp_path, {}).measure("transitions")


def test_who_differs_is_not_timed(tmp_path: Path) -> None:
    found = measured(
        tmp_path, journeygraph=Scripted([1.0]), same=Scripted([1.0]), other=Scripted([1.001])
    )
    assert len(found["journeygraph"].rounds) == len(found["same"].rounds) == 5
    assert found["other"].rounds == []
    assert found["other"].problem == "differs from ours: result[0]: 1.0 and 1.001"


def test_who_simulates_is_let_pass_within_its_tolerance_and_that_is_told(tmp_path: Path) -> None:
    found = measured(
        tmp_path,
        journeygraph=Scripted([1.0]),
        near=Scripted([1.02], 0.05),
        far=Scripted([1.2], 0.05),
    )
    assert found["near"].deviation == pytest.approx(0.02)
    assert found["near"].rounds
    assert found["far"].problem is not None


def test_a_peer_that_cannot_be_started_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    files = make_journeys(tmp_path, "tiny", 2_000)
    with running(files, ["nobody", "journeygraph", "duckdb"]) as run:
        assert list(run.workers) == ["journeygraph", "duckdb"]
        assert run.absent == {
            "nobody": "ModuleNotFoundError: No module named 'benchmarks.peers.nobody'"
        }
        found = run.measure("transition_counts")
        assert [len(measurement.rounds) for measurement in found.values()] == [5, 5]
        run.workers["duckdb"]._process.kill()
        run.workers["duckdb"]._process.wait()
        after = run.measure("whole_paths")
        assert len(after["journeygraph"].rounds) == 5
        (problem,) = run.problems()
        assert (problem["workload"], problem["peer"]) == ("whole_paths", "duckdb")


def test_every_peer_has_as_many_threads() -> None:
    given = environment()
    for name in ("JOURNEYGRAPH_THREADS", "POLARS_MAX_THREADS", "OMP_NUM_THREADS"):
        assert given[name] == str(N_THREADS)


def test_bandwidth_is_of_one_thread_and_of_all() -> None:
    found = measure_bandwidth(100_000, 2)
    assert set(found) == {f"{what}_{n}" for what in ("read", "copy") for n in {1, N_THREADS}}
    assert all(speed > 0 for speed in found.values())


def test_differences_are_found_wherever_they_are() -> None:
    assert difference({2: [(1, ("a",))]}, {2: [(1, ("a",))]}) is None
    assert difference({2: [(1, ("a",))]}, {2: [(1, ("b",))]}) is not None
    assert difference([1.0], [1.0 + 1e-12]) is None
    assert difference([1.0], [1.0 + 1e-6]) is not None
    assert difference([1.0], [1.0, 2.0]) == "result: 1 and 2 of them"
    assert deviation([("a", 2.0)], [("a", 2.5)]) == 0.25
