"""The rows of a batch checked against their table: who is taken, and why the others are not.

A row is refused for its first flaw, in the order of the table's columns: one mended value
after another would be found out otherwise too, but one reason is easier to read than five.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from journeygraph.loading.arrow_text import as_texts, distinct
from journeygraph.loading.columns import ColumnReader, empty_column, without_blanks
from journeygraph.loading.flaws import Flaws, shorten
from journeygraph.loading.mapping import CURRENCY
from journeygraph.loading.objects import write_objects
from journeygraph.loading.plans import FilePlan
from journeygraph.loading.readers.batches import IntArray, RawBatch
from journeygraph.loading.readers.csv_table import CsvTable
from journeygraph.loading.time_order import order_flaws
from journeygraph.schema import Kind

__all__ = ["KEY_MARK", "CheckedBatch", "Refused", "RowChecker"]

_DAY_US = 86_400_000_000
_MAY_LIE_AHEAD = {"due_at"}
_SAMPLE = 10_000
KEY_MARK = "\x1f"
"""Between the parts of an id of several columns; no text that a person typed has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Rows that cannot be taken, one entry each; `places` are rows of the batch, ascending."""

    places: IntArray
    columns: pa.Array
    codes: pa.Array
    reasons: pa.Array


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedBatch:
    """What is taken of a batch, and what is not.

    `values` are by column of the table, customers and names as texts, and `properties`;
    `rows` are the numbers of the taken rows within the file.
    """

    values: Mapping[str, pa.Array]
    rows: IntArray
    refused: Refused
    n_rounded: int

    def without(self, places: IntArray) -> CheckedBatch:
        """The same less some of the taken rows, given by their places among these."""
        is_kept = np.ones(len(self.rows), np.bool_)
        is_kept[places] = False
        mask = pa.array(is_kept)
        values = {name: column.filter(mask) for name, column in self.values.items()}
        return replace(self, values=values, rows=self.rows[is_kept])


class RowChecker:
    """Checks the rows of one file.

    Parameters
    ----------
    plan
        How its columns are read.
    now_us
        When it is loaded.
    currency, exponent
        Of the store; None where its first amount decides.
    """

    def __init__(self, plan: FilePlan, *, now_us: int, currency: str | None, exponent: int) -> None:
        self.plan = plan
        self.currency = currency
        self._exponent = exponent
        self._latest_us = now_us + _DAY_US
        self._readers = {
            column.name: ColumnReader(column, plan.options, exponent)
            for column in plan.table.columns
        }

    def check(self, batch: RawBatch) -> CheckedBatch:
        """Read and check the rows of a batch."""
        n_rows = batch.table.num_rows
        values: dict[str, pa.Array] = {}
        found: list[tuple[str, Flaws]] = []
        n_rounded = 0
        for column in self.plan.table.columns:
            source = self.plan.columns.sources.get(column.name)
            if column.name == "id" and self.plan.key:
                values["id"] = _key(batch, self.plan.key)
            elif source is None:
                values[column.name] = empty_column(column, n_rows)
            else:
                given = _source(batch, source, column.kind)
                read = self._readers[column.name].read(given)
                values[column.name] = read.values
                n_rounded += read.n_rounded
                found.append((source, read.flaws))
                found += self._more_flaws(column.name, source, read.values)
        found += self._currency_flaws(batch, values)
        found += order_flaws(self.plan.table, self.plan.columns.sources, values)
        values["properties"] = self._properties(batch)
        return _sorted_out(batch, values, found, n_rounded)

    def time_units(self) -> dict[str, str]:
        """The units of times that are numbers, as far as they were decided."""
        units = {name: reader.times.unit for name, reader in self._readers.items()}
        return {name: unit for name, unit in units.items() if unit is not None}

    def expect_units(self, units: Mapping[str, str]) -> None:
        """Take units as decided, as `time_units` gave them for the file."""
        for name, unit in units.items():
            self._readers[name].times.unit = unit

    def misfit(self, target: str, batch: RawBatch) -> str | None:
        """Why the first rows of a batch do not hold what one of our columns is to hold.

        None where they do. The reason is that of the first value that cannot be read. A number
        with too many decimals is a number: it speaks against its row, not against the column.
        """
        name = self.plan.columns.sources[target]
        kind = None if target == CURRENCY else self.plan.table[target].kind
        source = _source(batch, name, kind).slice(0, _SAMPLE)
        if target == CURRENCY:
            words = [word for word in distinct(as_texts(source))[0] if word.strip()]
            wrong = next((word for word in words if not _is_currency(word)), None)
            return None if wrong is None else f"{shorten(wrong)!r} is no currency of three letters"
        column = self.plan.table[target]
        flaws = ColumnReader(column, self.plan.options, self._exponent).read(source).flaws
        if column.kind is Kind.MONEY:
            flaws = flaws.of_code("BAD_AMOUNT")
        at_most = 0
        if column.kind is not Kind.WORD:
            at_most = (len(source) - without_blanks(as_texts(source)).null_count) // 2
        if len(flaws) <= at_most:
            return None
        return f"line {batch.lines[flaws.rows[0]]}: {flaws.reasons[0].as_py()}"

    def _more_flaws(self, target: str, source: str, values: pa.Array) -> list[tuple[str, Flaws]]:
        column = self.plan.table[target]
        flaws = []
        if column.required and (column.kind is Kind.WORD or values.null_count):
            is_missing = _is_missing(values, column.kind)
            flaws.append((source, Flaws.of_rows(is_missing, "MISSING_VALUE", "it is empty")))
        is_past = column.kind is Kind.TIME and target not in _MAY_LIE_AHEAD
        if is_past and not self.plan.options.allow_future:
            flaws.append((source, self._too_late(values)))
        return flaws

    def _too_late(self, values: pa.Array) -> Flaws:
        at_us = values.cast(pa.int64())
        last_us = pc.max(at_us).as_py()
        if last_us is None or last_us <= self._latest_us:
            return Flaws.none()
        is_later = pc.fill_null(at_us, 0).to_numpy() > self._latest_us
        reason = "is later than a day from now; --allow-future takes it"
        return Flaws.of_rows(is_later, "FUTURE_TIME", reason, values.cast(pa.string()))

    def _currency_flaws(
        self, batch: RawBatch, values: Mapping[str, pa.Array]
    ) -> list[tuple[str, Flaws]]:
        source = self.plan.columns.sources.get(CURRENCY)
        if source is None:
            return []
        words, places = distinct(as_texts(_source(batch, source)))
        names = [word.strip().upper() for word in words]
        has_amount = np.zeros(len(places), np.bool_)
        for column in self.plan.table.columns:
            if column.kind is Kind.MONEY:
                has_amount |= values[column.name].is_valid().to_numpy(zero_copy_only=False)
        used = places[has_amount].tolist()
        if self.currency is None:
            said = (names[place] for place in used if _is_currency(names[place]))
            self.currency = next(said, None)
        reason = f"is not the currency of the store, {self.currency}"
        refused = {
            place: reason for place, name in enumerate(names) if name not in {"", self.currency}
        }
        flaws = Flaws.of_words(places, words, "OTHER_CURRENCY", refused)
        keep = has_amount[flaws.rows]
        chosen = pa.array(keep)
        return [
            (
                source,
                Flaws(
                    rows=flaws.rows[keep],
                    codes=flaws.codes.filter(chosen),
                    reasons=flaws.reasons.filter(chosen),
                ),
            )
        ]

    def _properties(self, batch: RawBatch) -> pa.StringArray:
        # In the order of their names, so that a file with its columns moved has the same content.
        kept = {
            name: as_texts(batch.table[name])
            for name in sorted(batch.table.column_names)
            if self.plan.is_property(name)
        }
        return write_objects(kept, batch.table.num_rows)


def _source(batch: RawBatch, name: str, kind: Kind | None = None) -> pa.ChunkedArray | pa.Array:
    """A column of the file; nulls where these rows come from a part of it without the column.

    In the form that is best for the kind of column that is read from it.
    """
    if name in batch.table.column_names:
        if kind is Kind.NAME and isinstance(batch.table, CsvTable):
            return batch.table.words(name)
        if kind is Kind.CUSTOMER and isinstance(batch.table, CsvTable):
            return batch.table.numbers(name)
        return batch.table[name]
    return pa.nulls(batch.table.num_rows, pa.string())


def _key(batch: RawBatch, names: tuple[str, ...]) -> pa.Array:
    """The id that several columns make: their texts, and a mark between them."""
    parts = [as_texts(_source(batch, name)) for name in names]
    if len(parts) == 1:
        return without_blanks(parts[0])
    is_there = np.zeros(len(parts[0]), np.bool_)
    escaped = []
    for part in parts:
        is_there |= without_blanks(part).is_valid().to_numpy(zero_copy_only=False)
        part = pc.replace_substring(part, "\\", "\\\\")
        escaped.append(pc.replace_substring(part, KEY_MARK, "\\" + KEY_MARK))
    joined = pc.binary_join_element_wise(*escaped, KEY_MARK)
    return pc.if_else(pa.array(is_there), joined, pa.scalar(None, pa.string()))


def _is_currency(word: str) -> bool:
    return len(word.strip()) == 3 and word.strip().isalpha() and word.isascii()


def _is_missing(values: pa.Array, kind: Kind) -> npt.NDArray[np.bool_]:
    missing = pc.equal(values, 0) if kind is Kind.WORD else values.is_null()
    is_missing: npt.NDArray[np.bool_] = missing.to_numpy(zero_copy_only=False)
    return is_missing


def _sorted_out(
    batch: RawBatch,
    values: Mapping[str, pa.Array],
    found: list[tuple[str, Flaws]],
    n_rounded: int,
) -> CheckedBatch:
    """Part the rows into those without a flaw and the others, each with its first."""
    found = [(source, flaws) for source, flaws in found if len(flaws)]
    if not found:
        nothing = pa.array([], pa.string())
        none = Refused(
            places=np.zeros(0, np.int64), columns=nothing, codes=nothing, reasons=nothing
        )
        return CheckedBatch(values=values, rows=batch.rows, refused=none, n_rounded=n_rounded)
    first = np.full(batch.table.num_rows, -1, np.int32)
    for number, (_, flaws) in reversed(list(enumerate(found))):
        first[flaws.rows] = number
    parts = [
        (flaws.rows[first[flaws.rows] == number], source, flaws, first[flaws.rows] == number)
        for number, (source, flaws) in enumerate(found)
    ]
    places = np.concatenate([rows for rows, *_ in parts])
    order = pa.array(np.argsort(places, kind="stable"))
    refused = Refused(
        places=np.sort(places),
        columns=pa.array(
            [source for rows, source, *_ in parts for _ in range(len(rows))], pa.string()
        ).take(order),
        codes=pa.concat_arrays([flaws.codes.filter(pa.array(m)) for *_, flaws, m in parts]).take(
            order
        ),
        reasons=pa.concat_arrays(
            [flaws.reasons.filter(pa.array(m)) for *_, flaws, m in parts]
        ).take(order),
    )
    is_taken = first < 0
    mask = pa.array(is_taken)
    return CheckedBatch(
        values={name: column.filter(mask) for name, column in values.items()},
        rows=batch.rows[is_taken],
        refused=refused,
        n_rounded=n_rounded,
    )
