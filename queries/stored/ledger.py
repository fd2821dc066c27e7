"""Which parts of a plan a store has, and of what: the table `statistics_parts`.

It has a row for every part, also for one whose answer is empty, so that the next run knows what
need not be computed again, and everybody what there is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import pyarrow as pa

from journeygraph.lake.store import Store
from journeygraph.lake.tables import STATISTICS, StoredTable
from journeygraph.lake.versions import StoreVersion
from queries.stored.parts import Part
from queries.stored.planned import RecomputePlan

__all__ = ["PARTS", "StoredPart", "read_parts", "rows_of_parts"]

_FIELDS = {
    "plan": (pa.string(), False),
    "plan_hash": (pa.string(), False),
    "entry": (pa.string(), False),
    "statistic": (pa.string(), False),
    "table": (pa.string(), False),
    "period": (pa.string(), True),
    "period_from_us": (pa.int64(), True),
    "period_until_us": (pa.int64(), True),
    "segment_by": (pa.string(), True),
    "segment_value": (pa.string(), True),
    "store_version": (pa.int64(), False),
    "computed_at_us": (pa.int64(), False),
    "as_of_us": (pa.int64(), False),
    "part": (pa.string(), False),
    "meaning": (pa.string(), False),
    "data": (pa.string(), False),
    "rows": (pa.int64(), False),
}

PARTS = StoredTable(
    f"{STATISTICS}parts",
    pa.schema([pa.field(name, kind, nullable=null) for name, (kind, null) in _FIELDS.items()]),
    False,
)
"""Where they are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPart:
    """A part as a version of the store has it; names as of the columns of every statistic.

    Attributes
    ----------
    table
        Where its rows are.
    part
        Digest of all that they depend on; `meaning` of what is asked, `data` of the data.
    rows
        How many there are.
    """

    plan: str
    plan_hash: str
    entry: str
    statistic: str
    table: str
    period: str | None
    period_from_us: int | None
    period_until_us: int | None
    segment_by: str | None
    segment_value: str | None
    store_version: int
    computed_at_us: int
    as_of_us: int
    part: str
    meaning: str
    data: str
    rows: int

    @property
    def place(self) -> tuple[str, str | None, str | None, str | None]:
        """Where it stands among the parts of its plan."""
        return self.entry, self.period, self.segment_by, self.segment_value

    @classmethod
    def of(
        cls, plan: RecomputePlan, part: Part, store_version: int, computed_at_us: int, rows: int
    ) -> StoredPart:
        """A part that was computed."""
        name, period, by, value = part.place
        return cls(
            plan=plan.name,
            plan_hash=plan.hash,
            entry=name,
            statistic=part.entry.statistic.name,
            table=part.entry.statistic.table.name,
            period=period,
            period_from_us=None if part.period is None else part.period.from_us,
            period_until_us=None if part.period is None else part.period.until_us,
            segment_by=by,
            segment_value=value,
            store_version=store_version,
            computed_at_us=computed_at_us,
            as_of_us=part.as_of_us,
            part=part.key,
            meaning=part.meaning,
            data=part.data,
            rows=rows,
        )

    def common(self) -> dict[str, Any]:
        """What each of its rows says beside its numbers."""
        return {
            name: getattr(self, name)
            for name in (
                "plan", "plan_hash", "entry", "period", "period_from_us", "period_until_us",
                "segment_by", "segment_value", "store_version", "computed_at_us", "as_of_us",
                "part",
            )
        }  # fmt: skip


def read_parts(store: Store, version: StoreVersion) -> list[StoredPart]:
    """The parts of all plans in a version; none where nothing was computed."""
    if PARTS.name not in version.tables:
        return []
    return [StoredPart(**row) for row in store.read(PARTS.name, version).to_pylist()]


def rows_of_parts(parts: list[StoredPart]) -> pa.Table:
    """Parts as rows of the table."""
    rows: list[Mapping[str, Any]] = [
        {field.name: getattr(part, field.name) for field in fields(StoredPart)} for part in parts
    ]
    return pa.Table.from_pylist(rows, schema=PARTS.columns)
