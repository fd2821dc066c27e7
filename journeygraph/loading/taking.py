"""The rows of one file, batch after batch, sorted into taken, refused and known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from journeygraph.loading.checks import KEY_MARK, CheckedBatch, Refused, RowChecker
from journeygraph.loading.identity import EarlierRows, KnownIds
from journeygraph.loading.known import Known
from journeygraph.loading.mapping import recognised_late
from journeygraph.loading.money import Money
from journeygraph.loading.options import LoadOptions
from journeygraph.loading.plans import FilePlan
from journeygraph.loading.readers import RawBatch
from journeygraph.loading.readers.batches import IntArray
from journeygraph.loading.rejects import count_codes, quarantine_broken, quarantine_refused
from journeygraph.loading.report import FileReport
from journeygraph.loading.resemblance import Resemblance
from journeygraph.loading.sinks import Sink
from journeygraph.loading.steps import unfit_steps
from journeygraph.schema import Table

__all__ = ["LoadContext", "Taking", "stored_rows"]

_OF_STEPS = {"UNKNOWN_FEEDBACK": "feedback", "TIMES_OUT_OF_ORDER": "at"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadContext:
    """What the files of a load share.

    Parameters
    ----------
    options, said
        What the user said, and of it the mapping.
    known
        What is there already.
    sink, load
        Where rows go, and under which number.
    money
        The currency and exponent; the first file that names a currency sets it.
    now_us
        When the load began.
    """

    options: LoadOptions
    said: Mapping[str, str]
    known: Known
    sink: Sink
    load: int
    money: Money
    now_us: int

    @property
    def table(self) -> Table:
        """What the files hold."""
        return self.options.schema


@dataclass(slots=True, kw_only=True)
class Taking:
    """Takes the rows of one file and counts what becomes of them.

    Parameters
    ----------
    context, number
        The load, and which of its files this is.
    checker
        Checks its rows.
    earlier, ids
        Rows of the same file, and ids, that are there already; no `ids` where rows have none.
    report
        Counted up.
    resemblance
        Takes note of what is taken.
    """

    context: LoadContext
    number: int
    checker: RowChecker
    earlier: EarlierRows
    ids: KnownIds | None
    report: FileReport
    resemblance: Resemblance
    mended: list[int] = field(default_factory=list)
    n_new_quarantined: int = 0

    def take(self, batch: RawBatch) -> None:
        """Take a batch."""
        self._look_for_new_columns(batch)
        if len(self.earlier.accepted):
            batch = self._without_accepted(batch)
        checked = self.checker.check(batch)
        self.context.money.currency = self.checker.currency
        self.report.rounded += checked.n_rounded
        self._quarantine(batch, checked)
        values, rows = self._settle(batch, self._without_unfit_steps(batch, checked))
        self.report.accepted += len(rows)
        if len(rows):
            context = self.context
            stored = stored_rows(context.known, context.table, self.number, rows, values)
            self.resemblance.add(stored)
            context.sink.append(context.table.name, stored, context.load)
            self.mended += rows[self.earlier.are_quarantined(rows)].tolist()

    def _without_accepted(self, batch: RawBatch) -> RawBatch:
        """Leave out the rows that were accepted before; a broken one was when it was mended."""
        is_known = self.earlier.are_accepted(batch.rows)
        numbers = np.array([row.row for row in batch.broken], np.int64)
        is_mended = self.earlier.are_accepted(numbers)
        self.report.duplicates += int(is_known.sum()) + int(is_mended.sum())
        broken = tuple(
            row for row, is_in in zip(batch.broken, is_mended.tolist(), strict=True) if not is_in
        )
        return replace(batch.take(~is_known), broken=broken)

    def _look_for_new_columns(self, batch: RawBatch) -> None:
        """Columns that come late are properties; warn where they look like more."""
        plan = self.checker.plan
        known = set(plan.found)  # there may be many columns
        new = [name for name in batch.table.column_names if name not in known]
        if not new:
            return
        self.checker.plan = replace(plan, found=(*plan.found, *new))
        for target, name in recognised_late(new, plan.table, plan.columns).items():
            is_there = batch.table[name].is_valid().to_numpy()
            line = int(batch.lines[int(np.argmax(is_there))])
            self.report.warnings.append(
                f"{self.report.name}: the column {name!r} appears first at line {line}; it is "
                f"kept as a property. If it holds {target!r}, say --map {target}={name}"
            )

    def _settle(
        self, batch: RawBatch, checked: CheckedBatch
    ) -> tuple[Mapping[str, pa.Array], IntArray]:
        """Leave out the rows whose id is known."""
        if self.ids is None or not len(checked.rows):
            return checked.values, checked.rows
        is_same, is_other = self.ids.settle(checked.values)
        if not (is_same | is_other).any():
            return checked.values, checked.rows
        self.report.duplicates += int(is_same.sum())
        if is_other.any():
            conflicts = np.flatnonzero(is_other)
            places = np.searchsorted(batch.rows, checked.rows[conflicts])
            ids = checked.values["id"].take(pa.array(conflicts))
            self._keep_refused(batch, _conflicts(places, ids, self.checker.plan))
        is_new = ~(is_same | is_other)
        mask = pa.array(is_new)
        values = {name: column.filter(mask) for name, column in checked.values.items()}
        return values, checked.rows[is_new]

    def _without_unfit_steps(self, batch: RawBatch, checked: CheckedBatch) -> CheckedBatch:
        """Refuse steps that no feedback of the store can have."""
        context = self.context
        flaws = unfit_steps(context.known, context.table, checked.values)
        if not len(flaws):
            return checked
        sources = self.checker.plan.columns.sources
        columns = [sources[_OF_STEPS[code]] for code in flaws.codes.to_pylist()]
        self._keep_refused(
            batch,
            Refused(
                places=np.searchsorted(batch.rows, checked.rows[flaws.rows]),
                columns=pa.array(columns, pa.string()),
                codes=flaws.codes,
                reasons=flaws.reasons,
            ),
        )
        return checked.without(flaws.rows)

    def _quarantine(self, batch: RawBatch, checked: CheckedBatch) -> None:
        if batch.broken:
            self._keep(quarantine_broken(batch.broken, self.number, self.context.table.name))
        if len(checked.refused.places):
            self._keep_refused(batch, checked.refused)

    def _keep_refused(self, batch: RawBatch, refused: Refused) -> None:
        self._keep(quarantine_refused(batch, refused, self.number, self.context.table.name))

    def _keep(self, rows: pa.Table) -> None:
        """Put rows into quarantine, where they are not there already."""
        self.report.quarantined.update(count_codes(rows))
        self.report.first_reason = self.report.first_reason or _place_and_reason(rows)
        if len(self.earlier.quarantined):
            is_there = self.earlier.are_quarantined(rows["row"].to_numpy())
            rows = rows.filter(pa.array(~is_there))
        self.n_new_quarantined += rows.num_rows
        if rows.num_rows:
            self.context.sink.append("quarantine", rows, self.context.load)


def _conflicts(places: IntArray, ids: pa.Array, plan: FilePlan) -> Refused:
    remedy = "name more columns in --key" if plan.key else "say --map id="
    reason = f"' is the id of another row, with other content; {remedy} if it is no id"
    ids = pc.replace_substring(ids, KEY_MARK, ", ")
    return Refused(
        places=places,
        columns=pa.array([plan.id_source] * len(places), pa.string()),
        codes=pa.array(["CONFLICTING_ID"] * len(places), pa.string()),
        reasons=pc.binary_join_element_wise("'", ids, reason, ""),
    )


def stored_rows(
    known: Known,
    table: Table,
    file: int,
    rows: IntArray,
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
