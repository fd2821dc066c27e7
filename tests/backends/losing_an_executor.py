"""Counts on two executors of their own, one of which is killed meanwhile. Run by test_spark.py.

It prints the table, and how many executors were killed, as JSON.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

_PATIENCE_SECONDS = 240
_PARTITIONS = 14
_QUICKLY = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # compiling costs more than these few rows


def executors() -> list[int]:
    """Process ids of the executors that this driver started."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and _is_ours(folder):
            found.append(int(folder.name))
    return found


def _is_ours(folder: Path) -> bool:
    try:
        command = (folder / "cmdline").read_bytes()
    except OSError:  # it has just ended
        return False
    mine = f"spark.driver.port={os.environ['DRIVER_PORT']}".encode()
    return b"CoarseGrainedExecutorBackend" in command and mine in command


def main(store: str) -> None:
    from journeygraph.backends.spark import SparkEngine
    from journeygraph.backends.spark_session import session_of
    from journeygraph.statistics.base import total
    from journeygraph.statistics.transitions import TRANSITIONS

    session = session_of(
        "local-cluster[2,1,1024]", spark__sql__shuffle__partitions="4",
        spark__sql__adaptive__enabled="false", spark__executor__memory="512m",
        spark__sql__execution__arrow__maxRecordsPerBatch="100",
        spark__driver__extraJavaOptions=_QUICKLY, spark__executor__extraJavaOptions=_QUICKLY,
    )  # fmt: skip
    session.sparkContext.setLogLevel("OFF")
    os.environ["DRIVER_PORT"] = session.conf.get("spark.driver.port")
    view = SparkEngine(store, session=session, partitions=_PARTITIONS).journeys()
    killed: list[int] = []

    def kill_one() -> None:
        tracker, until = session.sparkContext.statusTracker(), time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < until and not killed:
            for stage in tracker.getActiveStageIds():
                info = tracker.getStageInfo(stage)
                if info and info.numTasks == _PARTITIONS and 2 <= info.numCompletedTasks <= 10:
                    killed.extend(executors()[:1])
                    for process in killed:
                        os.kill(process, signal.SIGKILL)
            time.sleep(0.005)

    killer = threading.Thread(target=kill_one)
    killer.start()
    table = total(TRANSITIONS, view)
    killer.join()
    sys.stdout.write(json.dumps({"killed": len(killed), "table": table.to_pydict()}))
    session.stop()


if __name__ == "__main__":
    main(sys.argv[1])
