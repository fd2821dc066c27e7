"""Sessions as documents show them: commands behind `$`, and below each what it prints.

`…` in what is shown stands for any text, for what is never twice the same: times and rates.
"""

import io
import os
import re
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import structlog

from api.cli import main
from journeygraph import lean_arrow, lean_numba

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Step:
    """A command, and what it is said to print."""

    command: str
    shown: str


def steps_of(document: str) -> list[Step]:
    """The steps of all sessions in a document, in order."""
    steps = []
    for block in _BLOCK.findall(document):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            steps.append(Step(command, shown))
    return steps


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command as a user would, with the environment's programs first.

    It costs the start of an interpreter; `journeygraph` does where one of our commands is all.
    """
    programs = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    environment.pop("PYTHONWARNINGS", None)
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True,
        check=False, timeout=300,
    )  # fmt: skip


def journeygraph(*words: object, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run one of our commands as `run` would, but in this process, where all is imported."""
    arguments = ["journeygraph", *map(str, words)]
    out, problems = io.StringIO(), io.StringIO()
    with (
        chdir(folder),
        patch.object(sys, "argv", arguments),
        patch.object(lean_arrow, "leave_pandas_out"),  # the tests' own process needs them
        patch.object(lean_numba, "leave_blas_out"),
        redirect_stdout(out),
        redirect_stderr(problems),
    ):
        try:
            main()
            status = 0
        except SystemExit as left:
            status = left.code if isinstance(left.code, int) else int(left.code is not None)
        finally:
            structlog.reset_defaults()  # a command may have sent the logs to what is closed now
    return subprocess.CompletedProcess(arguments, status, out.getvalue(), problems.getvalue())


def assert_prints(step: Step, printed: str) -> None:
    """What was printed is what is shown, line by line, trailing blanks apart."""
    shown = [line.rstrip() for line in step.shown.rstrip().splitlines()]
    found = [line.rstrip() for line in printed.rstrip().splitlines()]
    for expected, line in zip(shown, found, strict=False):
        # a figure to the right has more or fewer blanks before it
        pattern = r"\s*.*\s*".join(re.escape(part.strip()) for part in expected.split("…"))
        pattern = pattern if "…" in expected else re.escape(expected)
        assert re.fullmatch(pattern, line), f"$ {step.command}\nshown: {expected}\nfound: {line}"
    assert len(found) == len(shown), f"$ {step.command}\n{printed}"
