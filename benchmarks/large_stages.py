"""What `benchmarks.large` does, one stage in a process of its own, each step of it measured there.

    python -m benchmarks.large_stages STAGE FOLDER SIZE INTERACTIONS STORE LIMIT_GIB

Each step is a line of JSON; one that fails says why, and ends its stage unless the next ones do
not need it. The process may not claim more private memory than the limit: what needs more fails
here and now, instead of pushing the machine into swapping.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.files import Files
from benchmarks.process_memory import forget_peak, hold_to, peak_mib, watching

__all__ = ["STAGES", "Job", "main"]


@dataclass(frozen=True)
class Job:
    """What all stages are told."""

    files: Files
    n_interactions: int
    store: Path


@dataclass(frozen=True)
class Step:
    """Something to do: `facts` are told of its result, and a failure ends what `is_needed`."""

    title: str
    do: Callable[[], Any]
    is_needed: bool = True
    facts: Callable[[Any], dict[str, float]] | None = None


def _generate(job: Job) -> Iterator[Step]:
    from benchmarks.make_journeys import make_journeys

    files = job.files
    yield Step(
        "make the data, ten million interactions at a time",
        lambda: make_journeys(files.folder, files.size, job.n_interactions),
    )


def _load(job: Job) -> Iterator[Step]:
    from journeygraph.loading.load import load
    from journeygraph.loading.options import LoadOptions

    files = job.files
    others = {"customers": files.customers, "referrals": files.referrals}
    yield Step("load the interactions", lambda: load(job.store, files.interactions), facts=_loaded)
    for table, paths in others.items():
        options = LoadOptions(table=table)
        yield Step(
            f"load the {table}",
            lambda o=options, p=paths: load(job.store, p, o),  # type: ignore[misc]
            facts=_loaded,
        )


def _loaded(report: Any) -> dict[str, float]:
    return {"read": report.read, "accepted": report.accepted}


def _open(job: Job) -> Iterator[Step]:
    from journeygraph.graph_store import open_graph

    for title in ("open for the first time", "open again"):
        yield Step(title, lambda: open_graph(job.store), facts=_facts)


def _facts(graph: Any) -> dict[str, float]:
    columns = (
        graph.at_us, graph.touchpoint_codes, graph.channel_codes, graph.stage_codes,
        graph.value_minor,
    )  # fmt: skip
    return {
        "interactions": graph.n_interactions,
        "customers": graph.n_customers,
        "bytes_per_interaction": sum(column.nbytes for column in columns) / graph.n_interactions,
    }


def _ask(job: Job) -> Iterator[Step]:
    from benchmarks.every_question import every_question
    from journeygraph.graph_store import open_graph

    graph = open_graph(job.store)
    for title, ask in every_question():
        yield Step(title, lambda ask=ask: ask(graph), is_needed=False)  # type: ignore[misc]


def _append(job: Job) -> Iterator[Step]:
    from benchmarks.answers import CACHE_BYTES, QUESTIONS
    from journeygraph.graph_store import open_graph
    from journeygraph.loading.load import load
    from journeygraph.statistics.remembering import StatisticsCache

    remembered = StatisticsCache(CACHE_BYTES)
    older = remembered.journeys(open_graph(job.store))
    asked = [QUESTIONS[name] for name in ("transitions", "whole_paths")]
    newer: list[Any] = []
    yield Step("ask transitions and whole paths", lambda: [ask(older) for ask in asked])
    yield Step("load one per cent more", lambda: load(job.store, job.files.delta), facts=_loaded)
    yield Step(
        "open the new version",
        lambda: newer.append(remembered.journeys(open_graph(job.store))),
    )
    yield Step("ask the same of it, refreshed", lambda: [ask(newer[0]) for ask in asked])


STAGES: dict[str, Callable[[Job], Iterator[Step]]] = {
    "generate": _generate,
    "load": _load,
    "open": _open,
    "ask": _ask,
    "append": _append,
}
"""In their order; each needs those before it."""


def _measured(step: Step) -> dict[str, Any]:
    told: dict[str, Any] = {"step": step.title}
    forget_peak()
    wall, cpu = time.perf_counter(), time.process_time()
    with watching() as anonymous:
        try:
            result = step.do()
            if step.facts is not None:
                told["facts"] = step.facts(result)
        except Exception as error:  # noqa: BLE001  # why a step fails is its result
            traceback.print_exc()
            told["problem"] = f"{type(error).__name__}: {error}"
    told["wall"], told["cpu"] = time.perf_counter() - wall, time.process_time() - cpu
    told["peak_mib"], told["anonymous_mib"] = peak_mib(), anonymous.mib
    return told


def run(stage: str, job: Job, tell: Callable[[dict[str, Any]], None]) -> None:
    """Do the steps of a stage and tell of each, until one fails that the others need."""
    steps = STAGES[stage](job)
    try:
        for step in steps:
            told = _measured(step)
            tell(told)
            if "problem" in told and step.is_needed:
                return
    except Exception as error:  # noqa: BLE001  # what a stage begins with can fail, too
        traceback.print_exc()
        nothing = {"wall": 0.0, "cpu": 0.0, "peak_mib": peak_mib(), "anonymous_mib": None}
        tell({"step": "begin", "problem": f"{type(error).__name__}: {error}", **nothing})


def main() -> None:
    """Do a stage."""
    stage, folder, size, n_interactions, store, limit_gib = sys.argv[1:]
    replies = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what a library prints is no reply
    held = hold_to(float(limit_gib))
    replies.write(json.dumps({"held": held}) + "\n")
    job = Job(Files(Path(folder), size), int(n_interactions), Path(store))
    with suppress(BrokenPipeError):
        run(stage, job, lambda told: print(json.dumps(told), file=replies, flush=True))


if __name__ == "__main__":
    main()
