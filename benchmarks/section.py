"""One size's section of the report: beside the fastest peer, everybody, our answers, who took part.

Every row of a run is told: who was measured with figures, who failed with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.machine import machine_in_words
from benchmarks.workloads import FURTHER, OURS, WORKLOADS, Goal, Workload

__all__ = ["Cell", "Result", "section"]


@dataclass(frozen=True)
class Cell:
    """What one peer needed for one workload."""

    peer: str
    seconds: float
    cpu_seconds: float
    peak_mib: float
    parts: dict[str, float]
    deviation: float | None


class Result:
    """A run, by workload and peer."""

    def __init__(self, result: dict[str, Any]) -> None:
        self.all = result
        self.size: str = result["machine_info"]["size"]
        self._cells: dict[str, dict[str, Cell]] = {}
        for benchmark in result["benchmarks"]:
            info = benchmark["extra_info"]
            cell = Cell(
                info["peer"], benchmark["stats"]["min"], info["cpu_seconds"], info["peak_mib"],
                info["parts"], info["deviation"],
            )  # fmt: skip
            self._cells.setdefault(info["workload"], {})[cell.peer] = cell

    def cells(self, workload: str) -> list[Cell]:
        """All of a workload, the fastest first."""
        cells = self._cells.get(workload, {}).values()
        return sorted(cells, key=lambda cell: (cell.seconds, cell.peer))

    def ours(self, workload: str) -> Cell | None:
        """What we needed."""
        return self._cells.get(workload, {}).get(OURS)

    def other(self, workload: str, peer: str | None = None) -> Cell | None:
        """What a peer needed, or the fastest."""
        if peer is not None:
            return self._cells.get(workload, {}).get(peer)
        return next((cell for cell in self.cells(workload) if cell.peer != OURS), None)

    def problems(self, workload: str) -> list[tuple[str, str]]:
        """Who failed, and why."""
        rows = self.all["problems"]
        return sorted((row["peer"], row["problem"]) for row in rows if row["workload"] == workload)

    def limit_seconds(self, workload: Workload) -> tuple[float, float] | None:
        """Megabytes that must be read, and how long that takes; None where that says nothing."""
        sizes, threads = self.all["bytes"], self.all["machine_info"]["threads"]
        if not workload.reads or any(name not in sizes for name in workload.reads):
            return None
        whole = ("files", "csv", "delta")
        must = sum(sizes[name] * (name in whole or workload.part) for name in workload.reads)
        return must / 1e6, must / 1e9 / self.all["bandwidth"][f"read_{threads}"]


def section(result: dict[str, Any]) -> str:
    """The section of a run."""
    run = Result(result)
    return "\n".join(
        [
            f"## {run.size} interactions",
            "",
            _caption(result),
            "",
            "### Beside the fastest peer",
            "",
            *_summary(run),
            "",
            *_notes(run),
            "### Everybody",
            "",
            "| | wall, ms | CPU, s | peak, MiB |",
            "|---|--:|--:|--:|",
            *_details(run),
            "",
            "### Our whole answers",
            "",
            "What the questions give on top: units, shares with intervals, medians and "
            "percentiles, outcomes, tests, lists of customers to page through. *Again* is the same "
            "asked a second time of a view whose statistics are remembered.",
            "",
            "| | wall, ms | again, ms | CPU, s | peak, MiB |",
            "|---|--:|--:|--:|--:|",
            *_answers(run),
            "",
            "### Peers",
            "",
            "Import and load once each, in seconds; the load is of all tables, and of ours also "
            "on the disk.",
            "",
            "| | version | import | load |",
            "|---|---|--:|--:|",
            *_peers(result),
        ]
    )


def _number(number: float) -> str:
    """Three significant digits, never an exponent."""
    decimals = 0
    while decimals < 6 and abs(number) * 10**decimals < 100 and number:
        decimals += 1
    return f"{number:,.{decimals}f}"


def _milliseconds(seconds: float) -> str:
    return _number(seconds * 1_000)


def _caption(result: dict[str, Any]) -> str:
    speed = result["bandwidth"]
    speeds = ", ".join(
        f"{name.split('_')[0]} {speed[name]:.1f} GB/s on {_threads(name)}" for name in sorted(speed)
    )
    return f"{machine_in_words(result['machine_info'], result['commit_info'])} Memory: {speeds}."


def _threads(name: str) -> str:
    n_threads = name.split("_")[1]
    return "one thread" if n_threads == "1" else f"{n_threads} threads"


def _summary(run: Result) -> Iterator[str]:
    yield (
        "| workload | journeygraph | fastest peer | | ratio | goal | reached "
        "| must read, MB | limit, ms | × |"
    )
    yield "|---|--:|---|--:|--:|--:|---|--:|--:|--:|"
    for name, workload in {**WORKLOADS, **FURTHER}.items():
        ours, fastest = run.ours(name), run.other(name)
        if ours is not None and (fastest is not None or workload.goals):
            yield "| " + " | ".join(_summary_row(run, workload, ours, fastest)) + " |"


def _summary_row(
    run: Result, workload: Workload, ours: Cell, fastest: Cell | None
) -> Iterator[str]:
    yield workload.title
    yield _milliseconds(ours.seconds)
    yield from (
        ("", "", "")
        if fastest is None
        else (
            fastest.peer,
            _milliseconds(fastest.seconds),
            f"**{_number(fastest.seconds / ours.seconds)}**",
        )
    )
    yield ", ".join(f"{goal} at {goal.size}" for goal in workload.goals)
    yield ", ".join(filter(None, (_verdict(run, workload, goal) for goal in workload.goals)))
    limit = run.limit_seconds(workload)
    yield from (
        ("", "", "")
        if limit is None
        else (
            _number(limit[0]),
            _milliseconds(limit[1]),
            _number(ours.seconds / limit[1]),
        )
    )


def _verdict(run: Result, workload: Workload, goal: Goal) -> str:
    """Whether a goal of this size is reached, and what is missing."""
    ours = run.ours(workload.name)
    if goal.size != run.size or ours is None:
        return ""
    if goal.seconds is not None:
        return "hit" if ours.seconds <= goal.seconds else f"miss ({_milliseconds(ours.seconds)} ms)"
    other = run.other(goal.workload or workload.name, goal.peer)
    if other is None:
        return f"not measured beside {goal.peer or 'anybody'}"
    ratio = other.seconds / ours.seconds
    return f"{'hit' if ratio >= goal.times else 'miss'} ({_number(ratio)}×)"


def _notes(run: Result) -> Iterator[str]:
    for name, workload in WORKLOADS.items():
        ours = run.ours(name)
        if ours is not None and ours.parts:
            parts = ", ".join(f"{part} {_milliseconds(s)} ms" for part, s in ours.parts.items())
            yield f"*{workload.title}*, ours in parts: {parts}."
            yield ""
        if ours is not None and workload.note:
            yield f"*{workload.title}*: {workload.note}"
            yield ""


def _details(run: Result) -> Iterator[str]:
    for name, workload in {**WORKLOADS, **FURTHER}.items():
        cells, problems = run.cells(name), run.problems(name)
        if not problems and all(cell.peer == OURS for cell in cells):
            continue
        yield f"| **{workload.title}** | | | |"
        for cell in cells:
            off = "" if cell.deviation is None else f" (up to {cell.deviation:.1%} off)"
            yield (
                f"| {cell.peer}{off} | {_milliseconds(cell.seconds)} "
                f"| {_number(cell.cpu_seconds)} | {cell.peak_mib:,.0f} |"
            )
        for peer, problem in problems:
            yield f"| {peer}: {_in_a_cell(problem)} | | | |"


def _in_a_cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")[:300]


def _answers(run: Result) -> Iterator[str]:
    for name, workload in FURTHER.items():
        ours = run.ours(name)
        if not name.startswith("answer_") or ours is None:
            continue
        again = run.ours(name.replace("answer_", "again_"))
        yield (
            f"| {workload.title} | {_milliseconds(ours.seconds)} "
            f"| {'' if again is None else _milliseconds(again.seconds)} "
            f"| {_number(ours.cpu_seconds)} | {ours.peak_mib:,.0f} |"
        )


def _peers(result: dict[str, Any]) -> Iterator[str]:
    for peer, info in sorted(result["peers"].items()):
        yield (
            f"| {peer} | {info['version']} | {_number(info['import_seconds'])} "
            f"| {_number(info['load_seconds'])} |"
        )
    for peer, reason in sorted(result["absent"].items()):
        yield f"| {peer} | took no part: {_in_a_cell(reason)} | | |"
