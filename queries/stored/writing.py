"""Puts the rows of a run into the tables of a store, in the place of those of the run before.

Rows of parts that are as they were stay where they are, in files that are not touched. Parts whose
end is over are written into files of their own, since those mostly stay; what is of all times or
of the current period comes anew with each run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from journeygraph.lake.tables import StoredTable
from journeygraph.lake.writer import StoreWriter
from queries.stored.ledger import PARTS, StoredPart, rows_of_parts
from queries.stored.parts import Part
from queries.stored.planned import RecomputePlan

__all__ = ["Written", "write_parts"]


class Written(NamedTuple):
    """A part as it will be: with its rows, or with the part that has them already."""

    part: Part
    stored: StoredPart
    rows: pa.Table | None = None
    known: StoredPart | None = None

    @property
    def stays(self) -> bool:
        """Whether its rows stay where they are."""
        return self.known == self.stored

    @property
    def is_settled(self) -> bool:
        """Whether its period is over."""
        return self.stored.as_of_us == self.stored.period_until_us


def write_parts(writer: StoreWriter, plan: RecomputePlan, parts: Sequence[Written]) -> None:
    """Stage all tables of a plan; rows of other plans stay."""
    writer.replace_rows(PARTS, _keeps(plan, []), [rows_of_parts([one.stored for one in parts])])
    for table in _tables(writer, plan, parts):
        mine = [one for one in parts if one.stored.table == table.name]
        staying = [one.stored for one in mine if one.stays]
        moving = [one for one in mine if not one.stays and one.stored.rows]
        old = _OldRows(writer, table)
        new = []
        for is_settled in (True, False):
            rows = [old.rows_of(one) for one in moving if one.is_settled is is_settled]
            new += [pa.concat_tables(rows)] if rows else []
        writer.replace_rows(table, _keeps(plan, staying), new)


def _tables(
    writer: StoreWriter, plan: RecomputePlan, parts: Sequence[Written]
) -> Iterator[StoredTable]:
    """The tables that the plan writes to, and those that it wrote to before."""
    mine = {entry.statistic.table.name: entry.statistic.table for entry in plan.entries}
    yield from (mine[name] for name in sorted({one.stored.table for one in parts}))
    base = writer.base
    if base is None or PARTS.name not in base.tables:
        return
    before = writer.store.read(PARTS.name, base, ["plan", "table"]).to_pylist()
    left = {row["table"] for row in before if row["plan"] == plan.name}
    for name in sorted(left - {one.stored.table for one in parts}):
        yield writer.store.table(name, base)


def _keeps(
    plan: RecomputePlan, staying: Sequence[StoredPart]
) -> Callable[[pa.Table], pa.ChunkedArray]:
    """Of rows, which stay: those of other plans, and of these parts as they were written."""
    names = pa.array([f"{part.plan_hash}{part.part}{part.entry}" for part in staying], pa.string())

    def keeps(rows: pa.Table) -> pa.ChunkedArray:
        named = pc.binary_join_element_wise(rows["plan_hash"], rows["part"], rows["entry"], "")
        is_mine = pc.equal(rows["plan"], plan.name)
        return pc.or_(pc.invert(is_mine), pc.is_in(named, names))

    return keeps


class _OldRows:
    """Gives parts their rows, read from the store once where they are there already."""

    def __init__(self, writer: StoreWriter, table: StoredTable) -> None:
        self._writer = writer
        self._table = table
        self._read: pa.Table | None = None

    def rows_of(self, one: Written) -> pa.Table:
        """The rows of a part, as they are to be written."""
        rows = one.rows if one.known is None else self._known(one.known)
        assert rows is not None
        common = one.stored.common()
        columns = [
            pa.repeat(pa.scalar(common[field.name], field.type), rows.num_rows)
            if field.name in common
            else rows[field.name]
            for field in self._table.columns
        ]
        return pa.table(columns, schema=self._table.columns)

    def _known(self, known: StoredPart) -> pa.Table:
        if self._read is None:
            assert self._writer.base is not None
            self._read = self._writer.store.read(self._table.name, self._writer.base)
        rows = self._read
        wanted = pc.and_(
            pc.and_(pc.equal(rows["plan"], known.plan), pc.equal(rows["entry"], known.entry)),
            pc.equal(rows["part"], known.part),
        )
        return rows.filter(wanted)
