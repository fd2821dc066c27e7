"""The batch job: compute stored statistics, at night, without anybody looking.

Exit statuses are those of sysexits.h, which schedulers know: 75 is worth another try, the others
want somebody to look. What happens is logged on standard error; what was done is told on standard
output.
"""

from __future__ import annotations

import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.engine_options import (
    DatabaseOption,
    EngineOption,
    MasterOption,
    PasswordFileOption,
    UriOption,
    UserOption,
)
from api.cli.population import StoreOption
from api.cli.showing import print_plain_json
from api.cli.tables import count, print_table, warn
from journeygraph.errors import JourneyGraphError

if TYPE_CHECKING:
    from journeygraph.backends.opening import EngineOptions
    from queries.stored.run import Progress, Recomputed

__all__ = ["EXIT_STATUSES", "add_to"]

EXIT_STATUSES = {
    "DAMAGED_STORE": 65,
    "STORE_NOT_FOUND": 66,
    "NOT_A_STORE": 66,
    "EMPTY_STORE": 66,
    "NEWER_STORE": 66,
    "ENGINE_UNAVAILABLE": 69,
    "STORE_FULL": 74,
    "WORK_BUSY": 75,
    "STORE_BUSY": 75,
    "STORE_ACCESS": 77,
    "BAD_PLAN": 78,
}
"""By the code of the error; every other error is 1."""

_LEFT_OUT = 3
_INTERRUPTED = 130
_TERMINATED = 143
_LOG_EVERY_SECONDS = 10.0


def add_to(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("recompute")(recompute)


def recompute(
    store: StoreOption,
    plan: Annotated[
        Path | None, typer.Option(help="YAML file that says what; docs/recompute.md if not given.")
    ] = None,
    engine: EngineOption = "local",
    master: MasterOption = None,
    uri: UriOption = None,
    user: UserOption = None,
    password_file: PasswordFileOption = None,
    database: DatabaseOption = None,
    wait: Annotated[
        str, typer.Option(help="How long to wait for another run or writer, as 10m.")
    ] = "10s",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be computed, and why.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Say what was done as JSON.")] = False,
    log_json: Annotated[
        bool, typer.Option("--log-json", help="Log as a JSON object a line.")
    ] = False,
) -> None:
    """Compute the statistics of a plan, as far as they changed, and store them in one version."""
    from api.logs import log_to_stderr
    from journeygraph.backends.opening import EngineOptions

    log_to_stderr(as_json=log_json)
    try:
        with _ending_in_order():
            options = EngineOptions(
                engine=engine, store=store, master=master, uri=uri, user=user,
                password_file=password_file, database=database,
            )  # fmt: skip
            done = _run(store, plan, options, wait, dry_run)
    except JourneyGraphError as error:
        status = _status_of(error.code)
        cause = error.__cause__  # what nobody foresaw goes to the log whole
        trace = cause if isinstance(cause, AttributeError | TypeError | ValueError) else None
        _log().error(
            "recompute failed", code=error.code, status=status, place=error.place, exc_info=trace
        )
        warn(str(error))
        sys.exit(status)
    except KeyboardInterrupt:
        _log().warning("recompute interrupted", status=_INTERRUPTED)
        warn("Interrupted; the next run goes on where this one stopped.")
        sys.exit(_INTERRUPTED)
    _print(done, dry_run, as_json)
    if done.unsupported:
        sys.exit(_LEFT_OUT)


def _status_of(code: str) -> int:
    is_engine = code.startswith(("ENGINE_", "SPARK_", "NEO4J_")) or code == "NOT_NEO4J"
    return EXIT_STATUSES["ENGINE_UNAVAILABLE"] if is_engine else EXIT_STATUSES.get(code, 1)


def _log() -> Any:
    import structlog

    return structlog.get_logger("journeygraph.recompute")


def _run(
    store: Path, plan: Path | None, engine: EngineOptions, wait: str, dry_run: bool
) -> Recomputed:
    from api.cli.progress import recompute_progress
    from queries.stored.engines import engine_of
    from queries.stored.plan import plan_of, read_plan
    from queries.stored.run import recompute as run

    asked = plan_of() if plan is None else read_plan(plan)
    log = _log().bind(store=str(store), plan=asked.name, plan_hash=asked.hash[:12])
    log.info("recompute started", engine=engine.engine, dry_run=dry_run)
    with recompute_progress() as show:
        tell = _telling(log, show)
        done = run(
            store, asked, engine=engine_of(engine), dry_run=dry_run, wait=wait, progress=tell
        )
    log.info(
        "recompute finished", data_version=done.data_version, version=done.version,
        computed=done.computed, resumed=done.resumed, kept=done.kept, removed=done.removed,
        left_out=len(done.unsupported), seconds=round(done.seconds, 3),
    )  # fmt: skip
    return done


def _telling(log: Any, show: Callable[[Progress], None]) -> Callable[[Progress], None]:
    """Show every part on a terminal, and log one every ten seconds."""
    logged_at = time.monotonic()

    def tell(progress: Progress) -> None:
        nonlocal logged_at
        show(progress)
        if time.monotonic() - logged_at >= _LOG_EVERY_SECONDS:
            logged_at = time.monotonic()
            log.info("computing", done=progress.done, total=progress.total, part=progress.part)

    return tell


@contextmanager
def _ending_in_order() -> Iterator[None]:
    """Let what was finished be kept when a scheduler ends us."""

    def end(_signal: int, _frame: FrameType | None) -> None:
        raise SystemExit(_TERMINATED)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _print(done: Recomputed, dry_run: bool, as_json: bool) -> None:
    if as_json:
        print_plain_json(_as_plain(done, dry_run))
        return
    reasons: Counter[tuple[str, str]] = Counter(
        (one.part.entry.name, one.reason.value) for one in done.parts
    )
    print_table(
        _outcome(done, dry_run),
        ["statistic", "why", "parts"],
        [[name, reason, count(n)] for (name, reason), n in sorted(reasons.items())],
        texts=2,
    )
    for name, reason in done.unsupported:
        warn(f"Left out: {name}: {reason}")


def _outcome(done: Recomputed, dry_run: bool) -> str:
    parts = f"{count(done.computed)} of {count(len(done.parts))} parts"
    if dry_run:
        return f"Dry run: {parts} would be computed of version {done.data_version}"
    if done.version is None:
        return f"Nothing new: the statistics of version {done.data_version} are there"
    return f"Store version {done.version}: {parts} computed of version {done.data_version}"


def _as_plain(done: Recomputed, dry_run: bool) -> dict[str, Any]:
    return {
        "plan": done.plan.name,
        "planHash": done.plan.hash,
        "dryRun": dry_run,
        "dataVersion": done.data_version,
        "version": done.version,
        "computed": done.computed,
        "resumed": done.resumed,
        "kept": done.kept,
        "removed": done.removed,
        "seconds": round(done.seconds, 3),
        "leftOut": [{"entry": name, "reason": reason} for name, reason in done.unsupported],
        "parts": [
            {
                "entry": one.part.entry.name,
                "period": None if one.part.period is None else one.part.period.name,
                "segmentBy": None if one.part.segment is None else one.part.segment.by,
                "segment": None if one.part.segment is None else one.part.segment.value,
                "reason": one.reason.value,
                "isComputed": one.reason.is_computed,
            }
            for one in done.parts
        ],
    }
