"""Mended rows come back: judged as their file was, and as the rows that they were.

A row that is taken keeps its load, file and number, and with them its place in the order of
arrival; it leaves the quarantine. The same mended file once more changes nothing.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa

from journeygraph.lake.errors import EmptyStoreError
from journeygraph.lake.store import Store
from journeygraph.lake.writer import StoreWriter
from journeygraph.loading.checks import RowChecker
from journeygraph.loading.dictionary import dictionary_after
from journeygraph.loading.identity import KnownIds, earlier_rows
from journeygraph.loading.known import Known, LoadedFile
from journeygraph.loading.ledger import leave_quarantine, ledger_rows
from journeygraph.loading.mended import MendedRow, Place, read_mended, whole_row
from journeygraph.loading.plans import FilePlan
from journeygraph.loading.quarantine import proof_of
from journeygraph.loading.readers import RawBatch
from journeygraph.loading.readers.batches import RAW, REST
from journeygraph.loading.report import FileReport, LoadReport, Progress
from journeygraph.loading.steps import unfit_steps
from journeygraph.loading.taking import stored_rows
from journeygraph.schema import TABLES

__all__ = ["retry_quarantine"]

_UNKNOWN = "NOT_IN_QUARANTINE"


def retry_quarantine(
    store_path: Path | str,
    file: Path | str,
    *,
    allow_future: bool = False,
    round_values: bool = False,
    dry_run: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> LoadReport:
    """Load the rows of a mended export again.

    Parameters
    ----------
    store_path
        The store.
    file
        What `export_quarantine` wrote, mended.
    allow_future, round_values
        Be less strict than the load was.
    dry_run
        Do everything but commit.
    progress
        Called after every file of the store that rows go back to.

    Returns
    -------
    LoadReport
        Rows that came back once already are duplicates; rows still bad stay in quarantine.

    Raises
    ------
    NotAQuarantineFileError
        Where the columns are missing that say which row is which.
    """
    began = time.perf_counter()
    path = Path(file)
    mended = read_mended(path)
    store = Store.open(store_path)
    with store.writer() as writer:
        if writer.base is None:
            raise EmptyStoreError(Path(store_path))
        known = Known(store, writer.base)
        run = _Retry(
            known=known, report=FileReport(name=path.name), columns=mended.columns,
            allow_future=allow_future, round_values=round_values,
        )  # fmt: skip
        for number, (place, rows) in enumerate(mended.rows.items(), 1):
            run.take_back(place, rows)
            if progress is not None:
                size = path.stat().st_size
                progress(
                    Progress(
                        file=path.name,
                        bytes_done=size * number // len(mended.rows),
                        bytes_total=size,
                        rows=run.report.read,
                    )
                )
        run.warn_of_kept_columns()
        version = None if dry_run else run.commit(writer)
    report = LoadReport.of_files([run.report], version=version, dry_run=dry_run)
    return replace(report, seconds=time.perf_counter() - began)


@dataclass(slots=True, kw_only=True)
class _Retry:
    """The rows that come back, gathered by load."""

    known: Known
    report: FileReport
    columns: frozenset[str]
    allow_future: bool
    round_values: bool
    _ids: dict[str, KnownIds] = field(default_factory=dict)
    _accepted: dict[tuple[int, str], list[pa.Table]] = field(default_factory=dict)
    _left: dict[int, dict[int, list[int]]] = field(default_factory=dict)
    _gone: dict[Place, Counter[str]] = field(default_factory=dict)
    _came: Counter[Place] = field(default_factory=Counter)
    _kept_columns: dict[str, None] = field(default_factory=dict)

    def take_back(self, place: Place, mended: list[MendedRow]) -> None:
        """Judge the mended rows of one file of one load."""
        load, number = place
        found = [file for file in self.known.files if (file.load, file.file) == place]
        if not found:
            self._refuse_strangers(mended, f"load {load} of the store has no such file")
            return
        mended = self._without_strangers(found[0], mended)
        waiting = self._waiting(place)
        # Whichever load of the same file they came with.
        accepted = set(earlier_rows(self.known, found[0].table, found[0].sha256).accepted.tolist())
        ready: list[MendedRow] = []
        seen: set[int] = set()
        for row in mended:
            if row.row in seen or row.row in accepted:
                self.report.duplicates += 1
            elif row.row not in waiting:
                self.report.quarantined[_UNKNOWN] += 1
            else:
                seen.add(row.row)
                code, raw = waiting[row.row]
                before = orjson.loads(raw or "{}")
                whole = whole_row(self._with_kept_columns(row, before), code, before)
                if whole is None:
                    self.report.quarantined[code] += 1
                else:
                    ready.append(whole)
        if ready:
            self._judge(found[0], sorted(ready, key=lambda row: row.row), waiting)

    def warn_of_kept_columns(self) -> None:
        """Say which columns the mended file lacks."""
        if self._kept_columns:
            names = ", ".join(map(repr, self._kept_columns))
            self.report.warnings.append(
                f"{self.report.name}: it lacks the columns {names}, which rows in quarantine have "
                "values in; these values are kept. To take them away, leave the column and empty it"
            )

    def _with_kept_columns(self, row: MendedRow, before: Mapping[str, str]) -> MendedRow:
        """The row with its former values in columns that the mended file lacks."""
        kept = {
            name: value
            for name, value in before.items()
            if name not in self.columns and name != RAW
        }
        self._kept_columns.update(dict.fromkeys(kept))
        return replace(row, values={**row.values, **kept})

    def _without_strangers(self, file: LoadedFile, mended: list[MendedRow]) -> list[MendedRow]:
        """Leave out rows that have the numbers of one of ours, but are rows of another file."""
        own: list[MendedRow] = []
        strangers: list[MendedRow] = []
        for row in mended:
            is_own = row.name == file.name and row.proof == proof_of(file.sha256, row.row)
            (own if is_own else strangers).append(row)
        self._refuse_strangers(
            strangers, f"its _name and _proof are not those of {file.name!r} (load {file.load})"
        )
        return own

    def _refuse_strangers(self, rows: list[MendedRow], problem: str) -> None:
        if rows:
            self.report.quarantined[_UNKNOWN] += len(rows)
            more = f" ({len(rows):,} rows)" if len(rows) > 1 else ""
            self.report.warnings.append(
                f"{self.report.name}:{rows[0].line}: not taken{more}: {problem}. "
                "Was it exported from another store? [NOT_IN_QUARANTINE]"
            )

    def commit(self, writer: StoreWriter) -> int | None:
        """Write what came back; None where nothing did."""
        if not self._left:
            return None
        for (load, table), parts in self._accepted.items():
            before = self.known.read(table, None, {load}).drop_columns(["load"])
            order = [("file", "ascending"), ("row", "ascending")]
            rows = pa.concat_tables([before, *parts]).sort_by(order)
            writer.replace_load(table, load, rows)
        for load, by_file in self._left.items():
            taken = {file: np.array(rows, np.int64) for file, rows in by_file.items()}
            leave_quarantine(self.known, writer, load, taken)
            self._correct_ledger(writer, load)
        for name, rows in self.known.additions().items():
            writer.append(name, rows)
        base = self.known.base
        assert base is not None
        dictionary = dictionary_after(base.dictionary, None, self.known.touchpoints())
        note = self.report.name
        return writer.commit(kind="retry", note=note, dictionary=dictionary).number

    def _waiting(self, place: Place) -> dict[int, tuple[str, str | None]]:
        """Code and source row, by number, of what is in quarantine of a file."""
        rows = self.known.read("quarantine", ["file", "row", "code", "raw"], {place[0]})
        return {
            row["row"]: (row["code"], row["raw"])
            for row in rows.to_pylist()
            if row["file"] == place[1]
        }

    def _judge(
        self, file: LoadedFile, rows: list[MendedRow], waiting: Mapping[int, tuple[str, str | None]]
    ) -> None:
        table = TABLES[file.table]
        checker = self._checker(file)
        names = dict.fromkeys(name for row in rows for name in row.values)
        batch = RawBatch(
            table=pa.table(
                {
                    name: pa.array([row.values.get(name) for row in rows], pa.string())
                    for name in names
                    if name not in {RAW, REST}
                }
            ),
            rows=np.array([row.row for row in rows], np.int64),
            lines=np.array([row.line for row in rows], np.int64),
        )
        checked = checker.check(batch)
        self.report.rounded += checked.n_rounded
        self.report.quarantined.update(checked.refused.codes.to_pylist())
        self._warn_of(batch, checked.refused.places.tolist(), checked.refused.reasons.to_pylist())
        unfit = unfit_steps(self.known, table, checked.values)
        if len(unfit):
            self.report.quarantined.update(unfit.codes.to_pylist())
            places = np.searchsorted(batch.rows, checked.rows[unfit.rows])
            self._warn_of(batch, places.tolist(), unfit.reasons.to_pylist())
            checked = checked.without(unfit.rows)
        if not len(checked.rows):
            return
        values, numbers, is_same = checked.values, checked.rows, np.zeros(0, np.bool_)
        if checker.plan.has_id:
            ids = self._ids.setdefault(table.name, KnownIds(self.known, table))
            is_same, is_other = ids.settle(values)
            self.report.quarantined["CONFLICTING_ID"] += int(is_other.sum())
            self.report.duplicates += int(is_same.sum())
            self._leave(file, numbers[is_same].tolist(), waiting)
            is_new = ~(is_same | is_other)
            values = {name: column.filter(pa.array(is_new)) for name, column in values.items()}
            numbers = numbers[is_new]
        self.report.quarantined = +self.report.quarantined
        if len(numbers):
            self.report.accepted += len(numbers)
            self._came[file.load, file.file] += len(numbers)
            stored = stored_rows(self.known, table, file.file, numbers, values)
            self._accepted.setdefault((file.load, table.name), []).append(stored)
            self._leave(file, numbers.tolist(), waiting)

    def _checker(self, file: LoadedFile) -> RowChecker:
        base = self.known.base
        assert base is not None
        plan = FilePlan.from_json(file.kept).allowing(
            future=self.allow_future, rounding=self.round_values
        )
        now_us = time.time_ns() // 1_000
        checker = RowChecker(plan, now_us=now_us, currency=base.currency, exponent=base.exponent)
        checker.expect_units(file.kept["units"])
        return checker

    def _leave(
        self, file: LoadedFile, rows: list[int], waiting: Mapping[int, tuple[str, str | None]]
    ) -> None:
        if rows:
            self._left.setdefault(file.load, {}).setdefault(file.file, []).extend(rows)
            codes = Counter(waiting[row][0] for row in rows)
            self._gone.setdefault((file.load, file.file), Counter()).update(codes)

    def _warn_of(self, batch: RawBatch, places: list[int], reasons: list[str]) -> None:
        """Say of the first few rows why they stay."""
        for place, reason in list(zip(places, reasons, strict=True))[:3]:
            line = int(batch.lines[place])
            self.report.warnings.append(f"{self.report.name}:{line}: still refused: {reason}")

    def _correct_ledger(self, writer: StoreWriter, load: int) -> None:
        """Let the book say of each file what is in the store of it now."""
        entries = []
        at_us = 0
        for row in self.known.read("loads", None, {load}).to_pylist():
            place = (load, row["file"])
            gone = self._gone.get(place, Counter())
            quarantined = Counter(orjson.loads(row["quarantined_json"] or "{}")) - gone
            came = self._came[place]
            at_us = int(row["at"].timestamp() * 1_000_000)
            entries.append(
                {
                    **row,
                    "accepted": row["accepted"] + came,
                    "duplicates": row["duplicates"] + gone.total() - came,
                    "quarantined": dict(quarantined),
                    "kept": orjson.loads(row["mapping_json"] or "{}"),
                }
            )
        writer.replace_load("loads", load, ledger_rows(entries, at_us))
