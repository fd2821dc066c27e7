"""One file on its way into the store: opened, planned, taken to its end, and looked back upon."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import orjson

from journeygraph.loading.checks import RowChecker
from journeygraph.loading.digests import FileDigest
from journeygraph.loading.errors import NoRowsError
from journeygraph.loading.formats import Source
from journeygraph.loading.identity import EarlierRows, KnownIds, earlier_rows
from journeygraph.loading.looking import LookedAt
from journeygraph.loading.plans import FilePlan, plan_file
from journeygraph.loading.readers import RawBatch, Reader, open_reader
from journeygraph.loading.readers.ahead import batches_ahead
from journeygraph.loading.report import FileReport
from journeygraph.loading.resemblance import Resemblance
from journeygraph.loading.taking import LoadContext, Taking

__all__ = ["FileLoad", "load_file"]

_DOUBTFUL = 0.01
"""Share of rows with the id of another one, above which it is doubtful that it is an id."""

Tell = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLoad:
    """A file that was read to its end.

    Parameters
    ----------
    source, number, sha256
        The file, which it is within the load, and its digest.
    report
        What became of its rows.
    kept
        What is kept about how it was read.
    mended
        Numbers of rows that were in quarantine and are taken now.
    n_new_quarantined
        Rows that went into quarantine and were not there yet.
    ids
        The ids that are known now; None where none were asked for.
    """

    source: Source
    number: int
    sha256: str
    report: FileReport
    kept: dict[str, Any]
    mended: list[int]
    n_new_quarantined: int
    ids: KnownIds | None


def load_file(
    context: LoadContext, looked: LookedAt, number: int, ids: KnownIds | None, tell: Tell
) -> FileLoad:
    """Read a file to its end, its rows into the sink.

    Parameters
    ----------
    context
        The load.
    looked, number
        The file, and which it is within the load.
    ids
        Those that earlier files of the load asked for.
    tell
        Called with bytes and rows read, batch by batch.
    """
    source, options, known = looked.source, context.options, context.known
    with closing(FileDigest(source)) as digest:
        may_be_known = any(file.kept.get("size") == source.size for file in known.files)
        sha256 = digest.result() if may_be_known else ""
        earlier = earlier_rows(known, context.table.name, sha256)
        with (
            closing(
                open_reader(source, delimiter=options.delimiter, columns=options.columns)
            ) as reader,
            closing(batches_ahead(reader)) as batches,
        ):
            taking = _take_all(context, looked, number, ids, earlier, reader, batches, tell)
        sha256 = digest.result()
    _look_back(context, taking, sha256)
    return FileLoad(
        source=source,
        number=number,
        sha256=sha256,
        report=taking.report,
        kept=_kept(source, taking),
        mended=taking.mended,
        n_new_quarantined=taking.n_new_quarantined,
        ids=taking.ids or ids,
    )


def _take_all(
    context: LoadContext,
    looked: LookedAt,
    number: int,
    ids: KnownIds | None,
    earlier: EarlierRows,
    reader: Reader,
    batches: Iterator[RawBatch],
    tell: Tell,
) -> Taking:
    first = next(batches, None)
    if first is None:
        raise NoRowsError(looked.source.path, reader.columns)
    report = FileReport(name=looked.source.path.name)
    checker = _checker(context, looked, reader, first, report)
    if checker.plan.has_id:
        ids = ids or KnownIds(context.known, context.table)
    has_like = any(file.table == context.table.name for file in context.known.files)
    is_asked = has_like and not checker.plan.has_id and not earlier.loads
    taking = Taking(
        context=context,
        number=number,
        checker=checker,
        earlier=earlier,
        ids=ids if checker.plan.has_id else None,
        report=report,
        resemblance=Resemblance(context.table.name, is_asked=is_asked),
    )
    taking.take(first)
    tell(reader.bytes_read, report.read)
    del first
    for batch in batches:
        taking.take(batch)
        tell(reader.bytes_read, report.read)
    return taking


def _checker(
    context: LoadContext, looked: LookedAt, reader: Reader, first: RawBatch, report: FileReport
) -> RowChecker:
    """Decide how the file is read, by its columns and first rows."""

    def checker_of(plan: FilePlan) -> RowChecker:
        money = context.money
        return RowChecker(
            plan, now_us=context.now_us, currency=money.currency, exponent=money.exponent
        )

    def misfit(plan: FilePlan, target: str) -> str | None:
        return checker_of(plan).misfit(target, first)

    found = tuple(dict.fromkeys((*reader.columns, *looked.columns)))
    plan, warnings = plan_file(looked.source.path, found, context.options, context.said, misfit)
    report.warnings += warnings
    report.mapping = dict(plan.columns.sources)
    return checker_of(plan)


def _kept(source: Source, taking: Taking) -> dict[str, Any]:
    plan = taking.checker.plan
    return {
        **plan.to_json(),
        "has_id": plan.has_id,
        "units": taking.checker.time_units(),
        "size": source.size,
        "format": source.format.value,
        "from_us": taking.resemblance.from_us,
        "until_us": taking.resemblance.until_us,
    }


def _look_back(context: LoadContext, taking: Taking, sha256: str) -> None:
    """Warn of what the numbers alone do not say."""
    report, name = taking.report, taking.report.name
    if report.accepted == 0 and report.duplicates == 0:
        report.warnings.append(f"{name}: no row could be taken; {report.first_reason}")
    if report.rounded:
        report.warnings.append(f"{name}: {report.rounded:,} amounts were rounded")
    if _is_id_doubtful(taking):
        plan = taking.checker.plan
        report.warnings.append(
            f"{name}: {report.quarantined['CONFLICTING_ID']:,} of {report.read:,} rows have the id "
            f"of another row in {plan.id_source!r}, which was taken for the id because of its "
            "name. If it is none, say --map id= (rows are then known by their file and place), or "
            "name the columns that together are one: --key COLUMN COLUMN"
        )
    loads = taking.earlier.loads
    if loads and _is_read_otherwise(context, taking.checker.plan, sha256):
        report.warnings.append(
            f"{name}: it was loaded before (load {', '.join(map(str, loads))}) in another way; "
            f"rows accepted then stay as they are. To load it anew: journeygraph unload {loads[0]}"
        )
    found = taking.resemblance.like(context.known)
    if found is not None:
        file, share = found
        report.warnings.append(
            f"{name}: {share:.0%} of its rows equal rows that are loaded already, as from "
            f"{file.name} (load {file.load}). They were taken; if they are the same: "
            f"journeygraph unload {context.load}"
        )


def _is_id_doubtful(taking: Taking) -> bool:
    """Whether an id that nobody named makes many conflicts."""
    plan, report = taking.checker.plan, taking.report
    is_guessed = "id" in plan.columns.sources and not plan.key and "id" not in plan.columns.named
    return is_guessed and report.quarantined["CONFLICTING_ID"] > _DOUBTFUL * report.read


def _is_read_otherwise(context: LoadContext, plan: FilePlan, sha256: str) -> bool:
    """Whether no earlier load of the file read it as this one."""
    ours = orjson.loads(orjson.dumps(plan.to_json()))
    return not any(
        all(file.kept.get(part) == ours[part] for part in ("columns", "options", "key"))
        for file in context.known.files
        if file.sha256 == sha256 and file.table == context.table.name
    )
