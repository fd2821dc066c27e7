"""From the JSON of a run to benchmarks/README.md: the same text for the same run.

python -m benchmarks.report RESULT.json README.md
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measuring import OURS
from benchmarks.workloads import FURTHER, NOT_THERE_YET, WORKLOADS, Workload

__all__ = ["main", "report"]

_INTRODUCTION = """\
# Benchmark

Written by `make bench`; do not edit. `make bench SIZE=10M` makes the environment, the data and
this page; nothing but this repository is needed. `make_journeys.py` says what the data is like.

Each peer has a process of its own, with the data loaded in its best form (`peers/`), and all take
turns: A B C A B C. Results are compared for equality first; who differs or fails is not timed.
Times are those of the fastest round, in milliseconds of wall time; beside them the CPU seconds of
all threads, and the most memory that the process held in any round, what it had loaded included.
*Ratio* is the time of the fastest peer by that of journeygraph: above 1 we are faster.

What is timed of ours: the statistic behind the question, on an open graph, with a new view in
every round, hence nothing remembered. The loads are durable, validated and free of duplicates,
those of the peers stay in memory (chdb writes to the disk); only the columns that are asked for are
loaded, by all. Histories are of one customer, the average of 100.
"""


@dataclass(frozen=True)
class Cell:
    """What one peer needed for one workload."""

    peer: str
    seconds: float
    cpu_seconds: float
    peak_mib: float


def _number(number: float) -> str:
    """Three significant digits, never an exponent."""
    decimals = 0
    while decimals < 6 and abs(number) * 10**decimals < 100 and number:
        decimals += 1
    return f"{number:,.{decimals}f}"


def _milliseconds(seconds: float) -> str:
    return _number(seconds * 1_000)


def _cells(result: dict[str, Any]) -> dict[str, list[Cell]]:
    found: dict[str, list[Cell]] = {}
    for benchmark in result["benchmarks"]:
        info = benchmark["extra_info"]
        cell = Cell(info["peer"], benchmark["stats"]["min"], info["cpu_seconds"], info["peak_mib"])
        found.setdefault(info["workload"], []).append(cell)
    return found


def _ratio(cells: list[Cell]) -> tuple[float, Cell] | None:
    ours = [cell for cell in cells if cell.peer == OURS]
    peers = [cell for cell in cells if cell.peer != OURS]
    if not ours or not peers:
        return None
    fastest = min(peers, key=lambda cell: cell.seconds)
    return fastest.seconds / ours[0].seconds, fastest


def _summary(cells: dict[str, list[Cell]]) -> Iterator[str]:
    yield "| workload | journeygraph | fastest peer | | ratio | goal at 10M |"
    yield "|---|--:|---|--:|--:|--:|"
    for name, workload in {**WORKLOADS, **FURTHER}.items():
        compared = _ratio(cells.get(name, []))
        if compared is None:
            continue
        ratio, fastest = compared
        ours = next(cell for cell in cells[name] if cell.peer == OURS)
        goal = "" if workload.goal is None else f"{workload.goal:g}"
        yield (
            f"| {workload.title} | {_milliseconds(ours.seconds)} | {fastest.peer} "
            f"| {_milliseconds(fastest.seconds)} | **{_number(ratio)}** | {goal} |"
        )


def _details(cells: dict[str, list[Cell]]) -> Iterator[str]:
    for name, workload in WORKLOADS.items():
        if name in cells:
            yield from _detail(workload, cells[name])


def _detail(workload: Workload, cells: list[Cell]) -> Iterator[str]:
    yield f"| **{workload.title}** | | | |"
    for cell in sorted(cells, key=lambda cell: (cell.seconds, cell.peer)):
        yield (
            f"| {cell.peer} | {_milliseconds(cell.seconds)} | {_number(cell.cpu_seconds)} "
            f"| {cell.peak_mib:,.0f} |"
        )


def _answers(cells: dict[str, list[Cell]]) -> Iterator[str]:
    for name, workload in FURTHER.items():
        if name.startswith("answer_"):
            for cell in cells.get(name, []):
                yield (
                    f"| {workload.title} | {_milliseconds(cell.seconds)} "
                    f"| {_number(cell.cpu_seconds)} | {cell.peak_mib:,.0f} |"
                )


def _peers(result: dict[str, Any]) -> Iterator[str]:
    peers = {row["extra_info"]["peer"]: row["extra_info"] for row in result["benchmarks"]}
    for peer, info in sorted(peers.items()):
        yield (
            f"| {peer} | {info['version']} | {_number(info['import_seconds'])} "
            f"| {_number(info['load_seconds'])} |"
        )


def _caption(result: dict[str, Any]) -> str:
    machine, commit = result["machine_info"], result["commit_info"]
    changed = ", with changes that are not committed" if commit["changed"] else ""
    loaded = ""
    if machine["load_average"] > 0.5 * machine["processors"]:
        loaded = (
            " **The machine was busy with other work**: read the ratios, and not even those too "
            "closely."
        )
    return (
        f"{machine['size']} interactions. {machine['processor']}, {machine['processors']} "
        f"processors, {machine['memory_gib']} GiB; {machine['system']}; Python "
        f"{machine['python']}, NumPy {machine['numpy']}, numba {machine['numba']}. "
        f"{result['datetime'][:10]}, commit {commit['id']}{changed}. "
        f"Load average at the end: {machine['load_average']}.{loaded}"
    )


def report(result: dict[str, Any]) -> str:
    """The page of a run."""
    cells = _cells(result)
    lines = [
        _INTRODUCTION,
        _caption(result),
        "",
        "## Beside the fastest peer",
        "",
        *_summary(cells),
        "",
        "Not there yet: " + "; ".join(NOT_THERE_YET) + ".",
        "",
        "## Everybody",
        "",
        "| | wall, ms | CPU, s | peak, MiB |",
        "|---|--:|--:|--:|",
        *_details(cells),
        "",
        "## Our whole answers",
        "",
        "What the questions give on top: units, shares with intervals, medians and percentiles, "
        "outcomes, tests, lists of customers to page through.",
        "",
        "| | wall, ms | CPU, s | peak, MiB |",
        "|---|--:|--:|--:|",
        *_answers(cells),
        "",
        "## Peers",
        "",
        "Import and load once each, in seconds; the load is of all tables, and of ours also on "
        "the disk.",
        "",
        "| | version | import | load |",
        "|---|---|--:|--:|",
        *_peers(result),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the page."""
    source, target = (Path(given) for given in sys.argv[1:])
    target.write_text(report(json.loads(source.read_text())))


if __name__ == "__main__":
    main()
