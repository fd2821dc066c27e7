"""From files to each peer's own form, and to the first answer."""

from __future__ import annotations

import pytest

from benchmarks.conftest import CLOCK, Replay
from benchmarks.measuring import PEERS
from benchmarks.workloads import WORKLOADS


@pytest.mark.benchmark(timer=CLOCK)
@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize(
    "workload", [name for name, workload in WORKLOADS.items() if workload.from_files]
)
def test_loading(replay: Replay, workload: str, peer: str) -> None:
    replay(workload, peer)
