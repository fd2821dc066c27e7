"""The bar that moves while something takes long, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from journeygraph.loading.report import Progress
    from queries.stored.run import Progress as Recomputing

__all__ = ["loading_progress", "recompute_progress"]


@contextmanager
def loading_progress(files: Sequence[Path]) -> Iterator[Callable[[Progress], None]]:
    """Give what a load tells its progress to; nothing is shown where nobody looks."""
    if not sys.stderr.isatty():
        yield lambda _progress: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[rows]:,} rows"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        names = ", ".join(file.name for file in files)
        task = bar.add_task(f"Loading {names}", total=None, rows=0)
        yield lambda told: bar.update(
            task, completed=told.bytes_done, total=told.bytes_total or None, rows=told.rows
        )


@contextmanager
def recompute_progress() -> Iterator[Callable[[Recomputing], None]]:
    """Give what a run tells its progress to; nothing is shown where nobody looks."""
    if not sys.stderr.isatty():
        yield lambda _progress: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Computing", total=None)
        yield lambda told: bar.update(
            task, description=told.part, completed=told.done, total=told.total
        )
