"""`make bench-large`: a hundred million interactions on one machine, within 16 GiB.

    python -m benchmarks.large 100M [--limit-gib 16] [--page benchmarks/LARGE.md]

Looks first whether disk and memory are enough and says so if not (status 2). Then makes the data,
loads it, opens it, asks every question and appends one per cent, each stage in a process of its
own which is held to the limit. The page is written whatever happens; the status is 1 where a step
failed or held more than the limit.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.files import SIZES, Files
from benchmarks.large_page import large_page
from benchmarks.large_stages import STAGES
from benchmarks.machine import about_commit, about_machine
from benchmarks.process_memory import available_gib
from benchmarks.threads import environment

__all__ = ["BYTES_PER_INTERACTION", "Wanted", "main", "missing", "run"]

BYTES_PER_INTERACTION = 120
"""On the disk, at most: the data, the store, what is staged while loading, and the open graph."""

_LEAST_BYTES = 1 << 28
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Wanted:
    """What is to be done, and where."""

    files: Files
    n_interactions: int
    limit_gib: float
    page: Path
    keep: bool = False

    @property
    def store(self) -> Path:
        """Where the data is loaded into; it goes in the end."""
        return self.files.folder / f"{self.files.size}.store"


@dataclass
class Outcome:
    """What came of it."""

    steps: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    held: bool = True
    store_bytes: int = 0


def missing(wanted: Wanted, free_bytes: int, memory_gib: float | None) -> list[str]:
    """What the machine lacks, in sentences."""
    need_bytes = wanted.n_interactions * BYTES_PER_INTERACTION + _LEAST_BYTES
    found = []
    if free_bytes < need_bytes:
        found.append(
            f"{wanted.files.folder} has {free_bytes / 2**30:.1f} GiB of free disk; "
            f"{wanted.n_interactions:,} interactions need {need_bytes / 2**30:.1f} GiB. "
            "Make room, or name another folder: --folder FOLDER"
        )
    if memory_gib is not None and memory_gib < wanted.limit_gib:
        found.append(
            f"{memory_gib:.1f} GiB of memory are available; a run that may take "
            f"{wanted.limit_gib:g} GiB needs as many. End other programs, or set a lower limit: "
            "--limit-gib GIB"
        )
    return found


def run(wanted: Wanted) -> Outcome:
    """Do all stages, one after the other, until one fails that the next needs."""
    outcome = Outcome()
    shutil.rmtree(wanted.store, ignore_errors=True)
    for stage in STAGES:
        before = len(outcome.problems)
        _do_stage(stage, wanted, outcome)
        if stage == "open":
            outcome.store_bytes = _bytes_below(wanted.store)
        if len(outcome.problems) > before and stage != "ask":
            break
    if not wanted.keep:
        shutil.rmtree(wanted.store, ignore_errors=True)
    return outcome


def _do_stage(stage: str, wanted: Wanted, outcome: Outcome) -> None:
    files = wanted.files
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.large_stages", stage, str(files.folder), files.size,
         str(wanted.n_interactions), str(wanted.store), str(wanted.limit_gib)],
        stdout=subprocess.PIPE, text=True, cwd=_HERE.parent, env=environment(),
    )  # fmt: skip
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            told = json.loads(line)
            if "held" in told:
                outcome.held = told["held"]
            else:
                _take(stage, told, wanted, outcome)
    status = process.wait()
    if status:
        outcome.problems.append(
            f"{stage}: its process ended with status {status}"
            + (" (killed; too much memory, most likely)" if status == -9 else "")
        )


def _take(stage: str, told: dict[str, Any], wanted: Wanted, outcome: Outcome) -> None:
    outcome.steps.append({"stage": stage, **told})
    print(f"{stage}: {told['step']}: {told['wall']:.1f} s, {told['peak_mib']:,.0f} MiB", flush=True)
    if "problem" in told:
        outcome.problems.append(f"{stage}: {told['step']}: {told['problem']}")
    facts = told.get("facts", {})
    if facts.get("accepted") != facts.get("read"):
        outcome.problems.append(
            f"{stage}: {told['step']}: {facts['accepted']:,} of {facts['read']:,} rows were taken"
        )
    if told["peak_mib"] > wanted.limit_gib * 1024:
        outcome.problems.append(
            f"{stage}: {told['step']}: held {told['peak_mib'] / 1024:.1f} GiB, "
            f"more than {wanted.limit_gib:g}"
        )


def _bytes_below(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _wanted(arguments: list[str] | None) -> Wanted:
    parser = argparse.ArgumentParser(prog="benchmarks.large", description="See the module.")
    parser.add_argument("size", nargs="?", default="100M", help="one of " + ", ".join(SIZES))
    parser.add_argument("--interactions", type=int, help="how many, for a size of another name")
    parser.add_argument("--folder", type=Path, default=_HERE / "data")
    parser.add_argument("--page", type=Path, default=_HERE / "LARGE.md")
    parser.add_argument("--limit-gib", type=float, default=16.0)
    parser.add_argument("--keep", action="store_true", help="leave the store behind")
    given = parser.parse_args(arguments)
    n_interactions = given.interactions or SIZES.get(given.size)
    if n_interactions is None:
        parser.error(f"{given.size} is none of {', '.join(SIZES)}: say --interactions NUMBER")
    files = Files(given.folder, given.size)
    return Wanted(files, n_interactions, given.limit_gib, given.page, given.keep)


def main(arguments: list[str] | None = None) -> int:
    """Look, run, write the page; the exit status."""
    wanted = _wanted(arguments)
    wanted.files.folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(wanted.files.folder).free
    lacking = missing(wanted, free, available_gib())
    if lacking:
        print(*lacking, sep="\n", file=sys.stderr)
        return 2
    outcome = run(wanted)
    facts = {
        "size": wanted.files.size,
        "interactions": wanted.n_interactions,
        "limit_gib": wanted.limit_gib,
        "machine": about_machine(),
        "commit": about_commit(),
    }
    wanted.page.write_text(large_page({**facts, **vars(outcome)}))
    print(*(f"Failed: {problem}" for problem in outcome.problems), sep="\n", file=sys.stderr)
    print(f"Written: {wanted.page}")
    return 1 if outcome.problems else 0


if __name__ == "__main__":
    sys.exit(main())
