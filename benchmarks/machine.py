"""On what machine and of what commit figures are: a figure without that is worth nothing."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.threads import N_THREADS

__all__ = ["about_commit", "about_machine", "machine_in_words"]

_HERE = Path(__file__).parent


def about_machine() -> dict[str, Any]:
    """What the page says of the machine, now."""
    return {
        "processor": _processor(),
        "processors": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None,
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "numba": version("numba"),
        "numpy": version("numpy"),
        "threads": N_THREADS,
        "load_average": round(os.getloadavg()[1], 1),
        "date": datetime.now(UTC).date().isoformat(),
    }


def about_commit() -> dict[str, Any]:
    """The commit, and whether the engine has changed since."""
    changed = _git("status", "--porcelain", "--", "journeygraph", "queries", "benchmarks/*.py")
    return {"id": _git("rev-parse", "--short=12", "HEAD"), "changed": bool(changed)}


def machine_in_words(machine: dict[str, Any], commit: dict[str, Any]) -> str:
    """All of it in a line."""
    changed = ", with changes that are not committed" if commit["changed"] else ""
    busy = ""
    if machine["load_average"] > 1.25 * machine["threads"]:
        busy = (
            " **The machine was busy with other work**: read the ratios, and not even those too "
            "closely."
        )
    return (
        f"{machine['processor']}, {machine['processors']} processors, {machine['memory_gib']} GiB; "
        f"{machine['system']}; Python {machine['python']}, NumPy {machine['numpy']}, numba "
        f"{machine['numba']}. {machine['date']}, commit {commit['id']}{changed}. Threads: "
        f"{machine['threads']}. Load average at the end: {machine['load_average']}.{busy}"
    )


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
