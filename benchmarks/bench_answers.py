"""What is asked of loaded data: the graph open, every round with a view and a forest of its own.

Run before `bench_loading`, so that the memory that loads leave behind is not counted here.
"""

from __future__ import annotations

import pytest

from benchmarks.conftest import CLOCK, Replay
from benchmarks.measuring import PEERS
from benchmarks.workloads import FURTHER, OURS, WORKLOADS

_ASKED = [name for name, workload in WORKLOADS.items() if not workload.from_files]
_ANSWERS = [name for name in FURTHER if name.startswith(("answer_", "again_"))]


@pytest.mark.benchmark(timer=CLOCK)
@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize("workload", [*_ASKED, "funnel_without_window"])
def test_question(replay: Replay, workload: str, peer: str) -> None:
    replay(workload, peer)


@pytest.mark.benchmark(timer=CLOCK)
@pytest.mark.parametrize("workload", _ANSWERS)
def test_answer(replay: Replay, workload: str) -> None:
    replay(workload, OURS)
