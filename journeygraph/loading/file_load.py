"""One file on its way into the store: read, checked, told apart from what is there, written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from journeygraph.loading.checks import CheckedBatch, Refused, RowChecker
from journeygraph.loading.digests import FileDigest
from journeygraph.loading.errors import NoRowsError
from journeygraph.loading.formats import Source
from journeygraph.loading.identity import EarlierRows, KnownIds, earlier_rows
from journeygraph.loading.known import Known
from journeygraph.loading.mapping import recognised_late
from journeygraph.loading.money import Money
from journeygraph.loading.options import LoadOptions
from journeygraph.loading.plans import FilePlan, plan_file
from journeygraph.loading.readers import RawBatch, Reader, open_reader
from journeygraph.loading.readers.ahead import read_ahead
from journeygraph.loading.rejects import count_codes, quarantine_broken, quarantine_refused
from journeygraph.loading.report import FileReport
from journeygraph.loading.resemblance import Resemblance
from journeygraph.loading.sinks import Sink
from journeygraph.schema import Table

__all__ = ["FileLoad", "stored_rows"]


@dataclass(slots=True, kw_only=True)
class FileLoad:
    """What loading one file needs, and what it finds out.

    Parameters
    ----------
    source, columns, number
        The file, the columns seen in it, and which it is within the load.
    options, said
        What the user said, and of it the mapping.
    known, ids
        What is there already; `ids` None before the first file that has any.
    sink, load
        Where its rows go.
    """

    source: Source
    columns: tuple[str, ...]
    number: int
    options: LoadOptions
    said: Mapping[str, str]
    known: Known
    sink: Sink
    load: int
    money: Money
    now_us: int
    ids: KnownIds | None
    tell: Callable[[int, int], None]
    report: FileReport = field(init=False)
    sha256: str = field(init=False, default="")
    plan: FilePlan = field(init=False)
    earlier: EarlierRows = field(init=False)
    mended: list[int] = field(init=False, default_factory=list)
    n_new_quarantined: int = field(init=False, default=0)
    _checker: RowChecker = field(init=False)
    _resemblance: Resemblance = field(init=False)

    def __post_init__(self) -> None:
        self.report = FileReport(name=self.source.path.name)

    @property
    def table(self) -> Table:
        """What the file holds."""
        return self.options.schema

    def run(self) -> None:
        """Read the file to its end."""
        with closing(FileDigest(self.source)) as digest:
            may_be_known = any(
                file.kept.get("size") == self.source.size for file in self.known.files
            )
            self.earlier = earlier_rows(
                self.known, self.table.name, digest.result() if may_be_known else ""
            )
            with closing(self._open()) as reader, closing(read_ahead(reader.batches())) as batches:
                self._run_batches(reader, batches)
            self.sha256 = digest.result()
        self._look_back()

    def kept(self) -> dict[str, Any]:
        """What is kept about how the file was read."""
        return {
            **self.plan.to_json(),
            "has_id": self.plan.has_id,
            "units": self._checker.time_units(),
            "size": self.source.size,
            "format": self.source.format.value,
            "from_us": self._resemblance.from_us,
            "until_us": self._resemblance.until_us,
        }

    def _open(self) -> Reader:
        return open_reader(
            self.source, delimiter=self.options.delimiter, columns=self.options.columns
        )

    def _run_batches(self, reader: Reader, batches: Iterator[RawBatch]) -> None:
        first = next(batches, None)
        if first is None:
            raise NoRowsError(self.source.path, reader.columns)
        self._decide(reader, first)
        self._take(first)
        self.tell(reader.bytes_read, self.report.read)
        del first
        for batch in batches:
            self._look_for_new_columns(batch)
            self._take(batch)
            self.tell(reader.bytes_read, self.report.read)

    def _decide(self, reader: Reader, first: RawBatch) -> None:
        def fits(plan: FilePlan, target: str) -> bool:
            return self._new_checker(plan).fits(target, first)

        found = tuple(dict.fromkeys((*reader.columns, *self.columns)))
        self.plan, warnings = plan_file(self.source.path, found, self.options, self.said, fits)
        self.report.warnings += warnings
        self.report.mapping = dict(self.plan.columns.sources)
        self._checker = self._new_checker(self.plan)
        if self.plan.has_id and self.ids is None:
            self.ids = KnownIds(self.known, self.table)
        has_like = any(file.table == self.table.name for file in self.known.files)
        is_asked = has_like and not self.plan.has_id and not self.earlier.loads
        self._resemblance = Resemblance(self.table.name, is_asked=is_asked)

    def _look_for_new_columns(self, batch: RawBatch) -> None:
        """Columns that come late are properties; warn where they look like more."""
        new = [name for name in batch.table.column_names if name not in self.plan.found]
        if not new:
            return
        self.plan = replace(self.plan, found=(*self.plan.found, *new))
        for target, name in recognised_late(new, self.table, self.plan.columns).items():
            is_there = batch.table[name].is_valid().to_numpy()
            line = int(batch.lines[int(np.argmax(is_there))])
            self.report.warnings.append(
                f"{self.source.path.name}: the column {name!r} appears first at line {line}; it is "
                f"kept as a property. If it holds {target!r}, say --map {target}={name}"
            )

    def _new_checker(self, plan: FilePlan) -> RowChecker:
        return RowChecker(
            plan, now_us=self.now_us, currency=self.money.currency, exponent=self.money.exponent
        )

    def _take(self, batch: RawBatch) -> None:
        if len(self.earlier.accepted):
            is_known = self.earlier.are_accepted(batch.rows)
            self.report.duplicates += int(is_known.sum())
            batch = batch.take(~is_known)
        checked = self._checker.check(batch)
        self.money.currency = self._checker.currency
        self.report.rounded += checked.n_rounded
        self._quarantine(batch, checked)
        values, rows = checked.values, checked.rows
        if self.plan.has_id and len(rows):
            values, rows = self._settle(batch, checked)
        self.report.accepted += len(rows)
        if len(rows):
            stored = stored_rows(self.known, self.table, self.number, rows, values)
            self._resemblance.add(stored)
            self.sink.append(self.table.name, stored, self.load)
            self.mended += rows[self.earlier.are_quarantined(rows)].tolist()

    def _settle(
        self, batch: RawBatch, checked: CheckedBatch
    ) -> tuple[Mapping[str, pa.Array], np.ndarray[Any, np.dtype[np.int64]]]:
        """Leave out the rows whose id is known."""
        assert self.ids is not None
        is_same, is_other = self.ids.settle(checked.values)
        if not (is_same | is_other).any():
            return checked.values, checked.rows
        self.report.duplicates += int(is_same.sum())
        conflicts = np.flatnonzero(is_other)
        places = np.searchsorted(batch.rows, checked.rows[conflicts])
        ids = checked.values["id"].take(pa.array(conflicts))
        refused = Refused(
            places=places,
            columns=pa.array([self.plan.id_source] * len(places), pa.string()),
            codes=pa.array(["CONFLICTING_ID"] * len(places), pa.string()),
            reasons=pc.binary_join_element_wise(
                "'",
                ids,
                "' is the id of another row, with other content; say --map id= if it is no id",
                "",
            ),
        )
        self._keep(quarantine_refused(batch, refused, self.number, self.table.name))
        is_new = ~(is_same | is_other)
        mask = pa.array(is_new)
        values = {name: column.filter(mask) for name, column in checked.values.items()}
        return values, checked.rows[is_new]

    def _quarantine(self, batch: RawBatch, checked: CheckedBatch) -> None:
        if batch.broken:
            self._keep(quarantine_broken(batch.broken, self.number, self.table.name))
        if len(checked.refused.places):
            self._keep(quarantine_refused(batch, checked.refused, self.number, self.table.name))

    def _keep(self, refused: pa.Table) -> None:
        """Put rows into quarantine, where they are not there already."""
        if refused.num_rows == 0:
            return
        self.report.quarantined.update(count_codes(refused))
        self.report.first_reason = self.report.first_reason or _place_and_reason(refused)
        if len(self.earlier.quarantined):
            is_there = self.earlier.are_quarantined(refused["row"].to_numpy())
            refused = refused.filter(pa.array(~is_there))
        self.n_new_quarantined += refused.num_rows
        if refused.num_rows:
            self.sink.append("quarantine", refused, self.load)

    def _look_back(self) -> None:
        """Warn of what the numbers alone do not say."""
        report, name = self.report, self.source.path.name
        if report.accepted == 0 and report.duplicates == 0:
            report.warnings.append(f"{name}: no row could be taken; {report.first_reason}")
        if report.rounded:
            report.warnings.append(f"{name}: {report.rounded:,} amounts were rounded")
        if self.earlier.loads and self._is_read_otherwise():
            loads = ", ".join(str(load) for load in self.earlier.loads)
            report.warnings.append(
                f"{name}: it was loaded before (load {loads}) in another way; rows accepted then "
                f"stay as they are. To load it anew: journeygraph unload {self.earlier.loads[0]}"
            )
        found = self._resemblance.like(self.known)
        if found is not None:
            file, share = found
            report.warnings.append(
                f"{name}: {share:.0%} of its rows equal rows that are loaded already, as from "
                f"{file.name} (load {file.load}). They were taken; if they are the same: "
                f"journeygraph unload {self.load}"
            )

    def _is_read_otherwise(self) -> bool:
        """Whether no earlier load of the file read it as this one."""
        ours = orjson.loads(orjson.dumps(self.plan.to_json()))
        return not any(
            all(file.kept.get(part) == ours[part] for part in ("columns", "options", "key"))
            for file in self.known.files
            if file.sha256 == self.sha256 and file.table == self.table.name
        )


def stored_rows(
    known: Known,
    table: Table,
    file: int,
    rows: np.ndarray[Any, np.dtype[np.int64]],
    values: Mapping[str, pa.Array],
) -> pa.Table:
    """Accepted rows as the lake stores them; new customers and names get their keys."""
    columns = [known.encode(column, values[column.name]) for column in table.columns]
    return pa.table(
        [
            pa.array(np.full(len(rows), file, np.int32)),
            pa.array(rows),
            *columns,
            values["properties"],
        ],
        schema=table.arrow_schema,
    )


def _place_and_reason(refused: pa.Table) -> str:
    row = refused.slice(0, 1).to_pylist()[0]
    column = f", column {row['column']!r}" if row["column"] else ""
    return f"line {row['line']}{column}: {row['reason']} [{row['code']}]"
