"""Recommendations for everybody, as a table for a marketing tool.

Customers are taken some at a time, and what is written is written, so that memory hangs on the view
and not on what is recommended. Only what can be recommended is: contacts with a gain above 0 that
are in time and within the limits, the best first. A file is there whole, or not at all.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.errors import ConflictingOptionsError, InvalidOptionError, JourneyGraphError
from queries.contact_limits import LimitRules
from queries.next_best import NextBest, compile_next_best
from queries.next_gains import Gain
from queries.next_model import Decision, NextModel
from queries.next_times import Spans, contacts_so_far
from queries.paging import validate_first

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["SCHEMA", "BatchReport", "OutputNotWritableError", "recommendations", "write_all"]

Int64Array = npt.NDArray[np.int64]

_CHUNK = 20_000  # customers at a time, and
_ROOM = 2_000_000  # at most so many contacts of theirs
_MOMENT = pa.timestamp("us", tz="UTC")

SCHEMA = pa.schema(
    [
        ("customer", pa.string()), ("rank", pa.int32()), ("touchpoint", pa.string()),
        ("channel", pa.string()), ("probability", pa.float64()), ("gain", pa.float64()),
        ("gain_low", pa.float64()), ("gain_high", pa.float64()), ("units", pa.int64()),
        ("compared_with", pa.int64()), ("prefix", pa.list_(pa.string())),
        ("since", _MOMENT), ("send_from", _MOMENT), ("send_until", _MOMENT),
    ]
)  # fmt: skip
"""The columns of the table."""

_PREFIX_SIGN = " > "


class OutputNotWritableError(JourneyGraphError):
    """A file of recommendations that could not be written."""

    code = "OUTPUT_NOT_WRITABLE"

    def __init__(self, file: Path, error: OSError) -> None:
        super().__init__(
            f"The recommendations cannot be written: {error.strerror or error}.",
            "Name a file in a folder that is there and has room; nothing was left behind.",
            file=file,
        )


@dataclass(slots=True, kw_only=True)
class BatchReport:
    """What a batch came to.

    Attributes
    ----------
    customers
        All with a journey in the view.
    recommended
        Those to whom something is recommended.
    unsupported
        Those of whose prefix there is not enough to say.
    without_gain
        Those for whom no contact has a gain above 0.
    too_late, held_back
        Those for whom the time of every such contact is over, or is before the limits allow it.
    rows
        Recommendations written.
    """

    customers: int = 0
    recommended: int = 0
    unsupported: int = 0
    without_gain: int = 0
    too_late: int = 0
    held_back: int = 0
    rows: int = 0
    seconds: float = 0.0


def recommendations(
    question: NextBest, journeys: Journeys, report: BatchReport | None = None
) -> Iterator[pa.RecordBatch]:
    """The table, some customers at a time, in the order of the graph's customers.

    Parameters
    ----------
    question
        What is asked of each; `first` are recommended at most.
    report
        Counts what is given; it is whole when all is read.

    Raises
    ------
    JourneyGraphError
        As of `next_best`; and where the question is about somebody.
    """
    for name in ("prefix", "customer"):
        if getattr(question, name) is not None:
            raise ConflictingOptionsError(name, "all")
    validate_first(question.first)
    model, limits = compile_next_best(question, journeys)
    batch = _Batch(model, limits, question.first, BatchReport() if report is None else report)
    customers, latest = model.standings
    n_together = min(_CHUNK, max(1, _ROOM // max(1, len(model.candidates))))
    for start in range(0, len(customers), n_together):
        part = slice(start, start + n_together)
        yield batch.of(customers[part], latest[part])


@dataclass(frozen=True, eq=False, slots=True)
class _Batch:
    model: NextModel
    limits: LimitRules
    first: int
    report: BatchReport

    def of(self, customers: Int64Array, latest: Int64Array) -> pa.RecordBatch:
        """The recommendations of some customers."""
        numbers, decisions = self._decisions(latest)
        lists = [_worth_it(decision) for decision in decisions]
        sizes = np.array([*(len(gains) for gains in lists), 0], np.int64)
        counts = sizes[numbers]
        of = np.repeat(np.arange(len(customers)), counts)
        places = np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts, counts)
        gains = [lists[n][p] for n, p in zip(numbers[of].tolist(), places.tolist(), strict=True)]
        since_us = self.model.occasions.at_us(latest)
        spans = Spans.of(since_us[of], gains, self.model.journeys.as_of_us)
        spans = spans.limited(self.limits, *contacts_so_far(self.model, customers), of)
        kept = np.flatnonzero(spans.are_in_time)
        ranks = _ranks(of[kept])
        kept, ranks = kept[ranks <= self.first], ranks[ranks <= self.first]
        self._count(numbers, counts, of, spans, of[kept])
        chosen = [gains[place] for place in kept.tolist()]
        by_number = [decisions[number] for number in numbers[of[kept]].tolist()]
        return self._table(customers[of[kept]], ranks, chosen, by_number, since_us[of[kept]],
                           spans.from_us[kept], spans.until_us[kept])  # fmt: skip

    def _decisions(self, latest: Int64Array) -> tuple[Int64Array, list[Decision]]:
        """The decision of each, a number into a list; -1 where nothing can be said."""
        numbers = np.full(len(latest), -1, np.int64)
        found: list[Decision] = []
        for length in range(self.model.options.length, 0, -1):
            undecided = np.flatnonzero(numbers < 0)
            level = self.model.prefixes.level(length)
            prefixes, which = np.unique(level.of_occasions[latest[undecided]], return_inverse=True)
            known = np.full(len(prefixes), -1, np.int64)
            for place, prefix in enumerate(prefixes.tolist()):
                decision = self.model.decision(length, prefix)
                if decision is not None:
                    known[place] = len(found)
                    found.append(decision)
            numbers[undecided] = known[which]
        return numbers, found

    def _count(
        self,
        numbers: Int64Array,
        counts: Int64Array,
        of: Int64Array,
        spans: Spans,
        given_to: Int64Array,
    ) -> None:
        report, n = self.report, len(numbers)
        has_rows, is_allowed = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
        has_rows[given_to] = True
        is_allowed[of[~spans.are_too_late]] = True
        report.customers += n
        report.recommended += int(np.count_nonzero(has_rows))
        report.unsupported += int(np.count_nonzero(numbers < 0))
        report.without_gain += int(np.count_nonzero((numbers >= 0) & (counts == 0)))
        report.too_late += int(np.count_nonzero((counts > 0) & ~is_allowed))
        report.held_back += int(np.count_nonzero(is_allowed & ~has_rows))
        report.rows += len(given_to)

    def _table(
        self,
        customers: Int64Array,
        ranks: Int64Array,
        gains: list[Gain],
        decisions: list[Decision],
        *moments: Int64Array,
    ) -> pa.RecordBatch:
        journeys = self.model.journeys
        measured = [gain.measured for gain in gains]
        since, send_from, send_until = (pa.array(us).cast(_MOMENT) for us in moments)
        columns: list[Any] = [
            journeys.graph.customer_id(customers), ranks.astype(np.int32),
            [journeys.items[gain.item] for gain in gains], [gain.channel for gain in gains],
            [
                self.model.probability(decision, gain.item).value
                for decision, gain in zip(decisions, gains, strict=True)
            ],
            [one.difference for one in measured], [one.low for one in measured],
            [one.high for one in measured], [gain.units for gain in gains],
            [one.others.units for one in measured],
            [self.model.prefix_of(decision) for decision in decisions],
            since, send_from, send_until,
        ]  # fmt: skip
        arrays = [
            pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)
        ]
        return pa.record_batch(arrays, schema=SCHEMA)


def _worth_it(decision: Decision) -> list[Gain]:
    return [gain for gain in decision.gains if (gain.measured.difference or 0.0) > 0]


def _ranks(of: Int64Array) -> Int64Array:
    """The place of each entry among those of its number, from 1; numbers ascend."""
    is_first = np.diff(of, prepend=-1) != 0
    firsts = np.flatnonzero(is_first)
    return np.arange(len(of)) - np.repeat(firsts, np.diff(np.append(firsts, len(of)))) + 1


def write_all(
    question: NextBest,
    journeys: Journeys,
    file: Path,
    tell: Callable[[BatchReport], None] = lambda _report: None,
) -> BatchReport:
    """Write the table to a file, CSV or Parquet by its name.

    Parameters
    ----------
    tell
        Told what is done so far, after each piece.

    Raises
    ------
    JourneyGraphError
        As of `recommendations`; InvalidOptionError where the name ends otherwise;
        OutputNotWritableError where the file cannot be written. A file that was there stays then.
    """
    began, report = time.perf_counter(), BatchReport()
    opened = _writer(file)
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with unfinished.open("wb") as out, opened(out) as writer:
            for batch in recommendations(question, journeys, report):
                writer.write_batch(batch if file.suffix == ".parquet" else _flat_rows(batch))
                tell(report)
        unfinished.replace(file)
    except OSError as error:
        raise OutputNotWritableError(file, error) from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    report.seconds = time.perf_counter() - began
    return report


def _writer(file: Path) -> Callable[[Any], Any]:
    if file.suffix == ".parquet":
        import pyarrow.parquet

        return lambda out: pyarrow.parquet.ParquetWriter(out, SCHEMA)
    if file.suffix == ".csv":
        import pyarrow.csv

        flat = _flat_rows(
            pa.record_batch([pa.array([], field.type) for field in SCHEMA], schema=SCHEMA)
        )
        return lambda out: pyarrow.csv.CSVWriter(out, flat.schema)
    raise InvalidOptionError("output", str(file), "a file that ends with .csv or .parquet")


def _flat_rows(batch: pa.RecordBatch) -> pa.RecordBatch:
    """As CSV has it: the items of a prefix as one text, moments as ISO 8601 with a Z."""
    import pyarrow.compute as pc

    columns = {}
    for name in batch.schema.names:
        column = batch[name]
        if pa.types.is_list(column.type):
            column = pc.binary_join(column, _PREFIX_SIGN)
        elif pa.types.is_timestamp(column.type):
            column = pc.strftime(column, format="%Y-%m-%dT%H:%M:%SZ")
        columns[name] = column
    return pa.record_batch(columns)
