"""What interactions brought and cost, by what they or their journeys have in common. Mergeable.

Every interaction that is an item or repeats one counts in one group, so that the groups of any
kind add up to the same whole. One that says no value, or no cost, is counted as that and not as 0.
What one customer brings resembles itself, so that squares of each customer's sums are added up as
well, in exact parts: a mean with an interval comes from them however the customers are cut into
blocks (`queries.amounts`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.conditions import ranks
from journeygraph.kernels.economics import sum_amounts
from journeygraph.statistics.base import MergeableStatistic, blocks_or_nothing
from journeygraph.statistics.feelings import codes_of
from journeygraph.statistics.finders import Finder
from journeygraph.statistics.item_rows import ItemRows
from journeygraph.statistics.sequences import read_only
from journeygraph.threads import on_threads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from journeygraph.journeys import Block, Journeys

__all__ = ["ECONOMICS", "UNITS_WITH_AMOUNTS", "units_with_amounts"]

Int64Array = npt.NDArray[np.int64]

_MOST_DENSE = 1 << 13
_MISSING = int(np.iinfo(np.int64).min)

_SUMS = (
    "interactions", "journeys", "units", "customers", "outcomes", "with_outcome",
    "values", "value_units", "value_minor", "costs", "cost_units", "cost_minor",
    "n_n", "value_n", "cost_n",
    *(f"{amount}_square_{part}" for amount in ("value", "cost", "margin") for part in range(4)),
)  # fmt: skip
"""What `kernels.economics.sum_amounts` gives, in its order."""


def partial(block: Block, by: str | None = None, groups: Int64Array | None = None) -> pa.Table:
    """Of each group: interactions, units, outcomes, and sums of value and cost.

    Parameters
    ----------
    by
        A column as of `feelings.FEELINGS`; all interactions together where neither is given.
    groups
        Instead: the group of each journey of the view, from 0 on.
    """
    tables = [_table(np.zeros(0, np.int64), np.zeros((0, len(_SUMS)), np.int64))]
    for part in _parts(block):
        rows = ItemRows.of(part)
        numbers, names = _numbered(_groups(rows, by, groups))
        journeys, within = part.journeys, slice(part.journey_lo, part.journey_hi)
        units = journeys.journey_units[within].astype(np.int64)
        sums = sum_amounts(
            read_only(numbers),
            read_only(journeys.graph.value_minor[rows.rows]),
            read_only(journeys.graph.column("cost")[rows.rows]),
            read_only(rows.numbers - part.journey_lo),
            read_only(units),
            read_only(journeys.unit_customers[units].astype(np.int64)),
            read_only(_outcomes(part)),
            len(names),
        )
        met = np.flatnonzero(sums[:, 0])
        tables.append(_table(names[met], sums[met]))
    return pa.concat_tables(tables)


ECONOMICS = MergeableStatistic(
    name="economics", keys=("group",), measures=dict.fromkeys(_SUMS, "sum"), partial=partial
)


def _table(groups: Int64Array, sums: Int64Array) -> pa.Table:
    columns = {name: sums[:, place] for place, name in enumerate(_SUMS)}
    return pa.table({"group": groups.astype(np.int64), **columns})


def _parts(block: Block) -> Iterator[Block]:
    """Parts of about so many rows, whole customers each: their sums are squared."""
    journeys = block.journeys
    first, parts = block.journey_lo, block.parts()
    for part, following in zip(parts, [*parts[1:], None], strict=True):
        customer = journeys.unit_customers[part.unit_hi - 1] if part.unit_hi else -1
        if following is None or journeys.unit_customers[following.unit_lo] != customer:
            whole = first < part.journey_hi
            yield journeys.block(first, part.journey_hi) if whole else part
            first = part.journey_hi


def _groups(rows: ItemRows, by: str | None, groups: Int64Array | None) -> Int64Array:
    return codes_of(rows, by) if groups is None else groups[rows.numbers]


def _numbered(groups: Int64Array) -> tuple[Int64Array, Int64Array]:
    """Groups numbered from 0 on, and which group each number is."""
    if int(groups.max(initial=0)) < _MOST_DENSE:
        return groups, np.arange(int(groups.max(initial=-1)) + 1)
    names, numbers = np.unique(groups, return_inverse=True)
    return numbers.astype(np.int64), names


def _outcomes(part: Block) -> Int64Array:
    """How often each journey has the outcome, filtered or not."""
    journeys, within = part.journeys, slice(part.journey_lo, part.journey_hi)
    first = ranks(journeys.outcome_rows, journeys.journey_starts[within])
    return np.asarray(ranks(journeys.outcome_rows, journeys.journey_ends[within]) - first)


def units_with_amounts(
    journeys: Journeys,
    says: str | None = None,
    by: str | None = None,
    groups: Int64Array | None = None,
    group: int = 0,
) -> Int64Array:
    """Units with an interaction in a group.

    Parameters
    ----------
    says
        Only interactions that say "value" or "cost", or with "outcome" those of journeys that
        have it.
    by, groups, group
        As for the statistic, and which group.
    """

    def find(block: Block) -> Int64Array:
        found = [np.zeros(0, np.int64)]
        for part in block.parts():
            rows = ItemRows.of(part)
            is_meant = (_groups(rows, by, groups) == group) & _say(part, rows, says)
            found.append(np.unique(rows.units[is_meant]))
        return np.concatenate(found)

    return np.concatenate(on_threads(find, blocks_or_nothing(journeys)))


UNITS_WITH_AMOUNTS = Finder(name="units with amounts", units=units_with_amounts)


def _say(part: Block, rows: ItemRows, says: str | None) -> npt.NDArray[Any]:
    if says is None:
        return np.ones(len(rows.rows), np.bool_)
    if says == "outcome":
        return _outcomes(part)[rows.numbers - part.journey_lo] > 0
    return np.asarray(part.journeys.graph.column(says)[rows.rows] != _MISSING)
