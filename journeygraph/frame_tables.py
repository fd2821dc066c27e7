"""Frames as the tables of a store, in memory: recognised and checked as files are."""

from __future__ import annotations

import re
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from journeygraph.errors import JourneyGraphError, RefusedRowsError
from journeygraph.lake.tables import STORED_TABLES
from journeygraph.lake.versions import StoreVersion
from journeygraph.loading.checks import CheckedBatch, RowChecker
from journeygraph.loading.dictionary import GivenDictionary, applied_to, given_dictionary
from journeygraph.loading.errors import DuplicateColumnsError, UnknownTargetError
from journeygraph.loading.identity import KnownIds
from journeygraph.loading.known import Known
from journeygraph.loading.mapping import targets_of
from journeygraph.loading.options import DEFAULT_EXPONENT, LoadOptions
from journeygraph.loading.plans import FilePlan, plan_file
from journeygraph.loading.readers.batches import RawBatch
from journeygraph.loading.taking import stored_rows
from journeygraph.schema import TABLES
from journeygraph.vocabulary import normalise_channel

__all__ = ["FrameTables"]

_BATCH_ROWS = 1 << 18
_SHOWN = 5
_LOAD = 1


@dataclass(kw_only=True)
class FrameTables:
    """The tables that frames make, as `store_rows.Tables`; options are those of `from_pandas`."""

    columns: Mapping[str, str]
    timezone: str
    time_unit: str | None
    time_format: str | None
    currency: str | None
    exponent: int | None
    round_values: bool
    allow_future: bool
    _known: Known = field(default_factory=lambda: Known(None, None))
    _parts: dict[str, list[pa.Table]] = field(default_factory=dict)
    _frames: list[str] = field(default_factory=list)

    def take(
        self,
        table: str,
        frame: pd.DataFrame,
        *,
        scales: Mapping[str, str] | None = None,
        key: Sequence[str] = (),
        properties: str | Sequence[str] = "all",
    ) -> None:
        """Check a frame and take all of its rows.

        Raises
        ------
        RefusedRowsError
            Where there are rows that cannot be taken.
        """
        self._frames.append(table)
        options = LoadOptions(
            table=table, timezone=self.timezone, time_unit=self.time_unit,
            time_format=self.time_format, currency=self.currency, exponent=self.exponent,
            round_values=self.round_values, allow_future=self.allow_future,
            scales=scales or {}, key=tuple(key), properties=properties,
        )  # fmt: skip
        with _in_python():
            self._take(table, _arrow_of(table, frame), options, frame.index)

    def check_columns(self) -> None:
        """Refuse a mapping to a column that no frame has."""
        known = {name: None for table in self._frames for name in targets_of(TABLES[table])}
        for target in self.columns:
            if target not in known:
                with _in_python():
                    raise UnknownTargetError(" and ".join(self._frames), target, list(known))

    def entry(self, dictionary: GivenDictionary) -> StoreVersion:
        """What stands for the version of a store; no rows are taken afterwards."""
        self._parts |= {name: [rows] for name, rows in self._known.additions().items()}
        said = given_dictionary(dictionary)
        return StoreVersion(
            number=1, at_us=0, kind="frames", load=_LOAD, note="",
            tables=dict.fromkeys(self._parts, 0), revisions={}, digests={},
            counts={name: sum(part.num_rows for part in parts)
                    for name, parts in self._parts.items()},
            next_load=_LOAD + 1, currency=self.currency, exponent=self._exponent,
            dictionary=applied_to(said, self._known.touchpoints()),
        )  # fmt: skip

    def read(
        self,
        table: str,
        version: StoreVersion,  # noqa: ARG002 - there is only one
        columns: Sequence[str] | None = None,
    ) -> pa.Table:
        """The rows of a table."""
        rows = pa.concat_tables(self._parts[table])
        if columns is None:
            return rows
        return rows.select([*(["load"] if STORED_TABLES[table].by_load else []), *columns])

    def batches(
        self, table: str, version: StoreVersion, columns: Sequence[str] | None = None
    ) -> Iterator[pa.RecordBatch]:
        """The same in batches."""
        return iter(self.read(table, version, columns).to_batches())

    @property
    def _exponent(self) -> int:
        return DEFAULT_EXPONENT if self.exponent is None else self.exponent

    def _take(self, table: str, rows: pa.Table, options: LoadOptions, index: pd.Index[Any]) -> None:
        said = self._said(table, rows.column_names)
        first = _batch(rows.slice(0, _BATCH_ROWS), 0)
        plan, doubts = plan_file(
            Path(table), rows.column_names, options, said,
            lambda plan, target: self._checker(plan).misfit(target, first),
        )  # fmt: skip
        for doubt in doubts:
            warnings.warn(_pythonic(doubt), UserWarning, stacklevel=5)
        self._number_categories(plan, rows)
        checker = self._checker(plan)
        ids = KnownIds(self._known, plan.table) if plan.has_id else None
        refusals = _Refusals(table, rows.num_rows, index)
        parts = self._parts.setdefault(table, [STORED_TABLES[table].arrow_schema.empty_table()])
        for begin in range(0, rows.num_rows, _BATCH_ROWS):
            checked = checker.check(_batch(rows.slice(begin, _BATCH_ROWS), begin))
            refusals.note(checked, begin)
            taken, values = _without_known(ids, checked, refusals, plan)
            parts.append(self._stored(plan, taken, values))
        refusals.raise_any()
        self.currency = checker.currency

    def _said(self, table: str, columns: Sequence[str]) -> dict[str, str]:
        """What was said of the columns, as far as this frame is concerned."""
        targets = targets_of(TABLES[table])
        return {
            target: source
            for target, source in self.columns.items()
            if target in targets and (table == "interactions" or not source or source in columns)
        }

    def _checker(self, plan: FilePlan) -> RowChecker:
        now_us = time.time_ns() // 1000
        return RowChecker(plan, now_us=now_us, currency=self.currency, exponent=self._exponent)

    def _number_categories(self, plan: FilePlan, rows: pa.Table) -> None:
        """Give the categories of touchpoints and channels their codes in their own order."""
        for target, names in (("touchpoint", "touchpoints"), ("channel", "channels")):
            source = plan.columns.sources.get(target)
            column = None if source is None else rows[source]
            if column is not None and pa.types.is_dictionary(column.type) and column.num_chunks:
                texts = column.chunk(0).dictionary.cast(pa.string()).to_pylist()
                if target == "channel":
                    texts = [normalise_channel(text) for text in texts]
                known = pa.array([text for text in texts if text.strip()], pa.string())
                self._known.names[names].encode(known)

    def _stored(
        self, plan: FilePlan, rows: npt.NDArray[np.int64], values: Mapping[str, pa.Array]
    ) -> pa.Table:
        stored = stored_rows(self._known, plan.table, 0, rows, values)
        load = pa.array(np.full(len(rows), _LOAD, np.int32))
        return stored.add_column(0, pa.field("load", pa.int32(), nullable=False), load)


class _Refusals:
    """The first rows that cannot be taken, in words, and how many there are."""

    def __init__(self, table: str, n_rows: int, index: pd.Index[Any]) -> None:
        self._table, self._n_rows, self._index = table, n_rows, index
        self._words: list[str] = []
        self._count = 0

    def note(self, checked: CheckedBatch, begin: int) -> None:
        """Note what a batch refuses."""
        refused = checked.refused
        rows = (refused.places + begin).tolist()
        columns, codes, reasons = (
            part.to_pylist() for part in (refused.columns, refused.codes, refused.reasons)
        )
        for row, column, code, reason in zip(rows, columns, codes, reasons, strict=True):
            self.add(row, column, code, reason)

    def add(self, row: int, column: str | None, code: str, reason: str) -> None:
        """Note one row."""
        self._count += 1
        if len(self._words) < _SHOWN:
            label = self._index[row]
            place = f"row {row}" if label == row else f"row {row} (index {label!r})"
            self._words.append(f"{place}, column {column!r}: {_pythonic(reason)} [{code}]")

    def raise_any(self) -> None:
        """Raise RefusedRowsError if there are any."""
        if self._count:
            raise RefusedRowsError(self._table, self._n_rows, self._count, self._words)


def _without_known(
    ids: KnownIds | None, checked: CheckedBatch, refusals: _Refusals, plan: FilePlan
) -> tuple[npt.NDArray[np.int64], Mapping[str, pa.Array]]:
    """Leave out the rows whose id is known already; other content under it is refused."""
    if ids is None or not len(checked.rows):
        return checked.rows, checked.values
    is_same, is_other = ids.settle(checked.values)
    names = checked.values["id"]
    for place in np.flatnonzero(is_other).tolist():
        reason = f"{names[place].as_py()!r} is the id of another row, with other content"
        refusals.add(int(checked.rows[place]), plan.id_source, "CONFLICTING_ID", reason)
    is_new = ~(is_same | is_other)
    mask = pa.array(is_new)
    values = {name: column.filter(mask) for name, column in checked.values.items()}
    return checked.rows[is_new], values


def _batch(rows: pa.Table, begin: int) -> RawBatch:
    numbers = np.arange(begin, begin + rows.num_rows)
    return RawBatch(table=rows, rows=numbers, lines=numbers + 1)


def _arrow_of(table: str, frame: pd.DataFrame) -> pa.Table:
    names = [str(name) for name in frame.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DuplicateColumnsError(Path(table), twice)
    return pa.table({name: _arrow_column(frame.iloc[:, place]) for place, name in enumerate(names)})


def _arrow_column(column: pd.Series[Any]) -> pa.Array | pa.ChunkedArray:
    """A column as Arrow has it; as texts where it holds things of several kinds."""
    try:
        return pa.array(column, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        texts = [None if missing else str(value)
                 for value, missing in zip(column, column.isna(), strict=True)]  # fmt: skip
        return pa.array(texts, pa.string())


@contextmanager
def _in_python() -> Iterator[None]:
    """Turn advice for the command line into advice for Python."""
    try:
        yield
    except JourneyGraphError as error:
        error.problem, error.remedy = _pythonic(error.problem), _pythonic(error.remedy)
        raise


def _pythonic(text: str) -> str:
    text = re.sub(r"--map ([^\s=]+=\S+(?: [^\s=]+=\S+)*)", _as_columns, text)
    return re.sub(r"--([a-z][a-z-]*)", lambda option: option[1].replace("-", "_"), text)


def _as_columns(options: re.Match[str]) -> str:
    pairs = (pair.partition("=") for pair in options[1].split(" "))
    return "columns={" + ", ".join(f"{ours!r}: {theirs!r}" for ours, _, theirs in pairs) + "}"
