"""What units do next, of those who stay away and of those who convert, over equal budgets.

Whoever converts goes on for longer, so that everything is commoner among them if whole journeys
are compared. Both groups are therefore looked at for as many items, or for as long, behind the
same step; a unit whose budget is not over yet is in neither group. Mergeable.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.kernels.after_drop import count_within_budgets, find_budget_ends
from journeygraph.statistics.base import MergeableStatistic, blocks_or_nothing
from journeygraph.statistics.conversion_times import conversions_behind, first_behind
from journeygraph.threads import on_threads

if TYPE_CHECKING:
    from journeygraph.journeys import Block, Journeys

__all__ = ["AFTER_DROP", "Budget", "Side", "Sides", "sides", "units_that_meet"]

Int64Array = npt.NDArray[np.int64]

_ENDLESS = int(np.iinfo(np.int64).max)


class Side(IntEnum):
    """What became of a unit that took all steps."""

    NOT_HERE = -1
    DROPPED = 0
    CONVERTED = 1
    UNDECIDED = 2
    UNOBSERVED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Which steps were taken, what converts, and how far is looked; items by their codes.

    Attributes
    ----------
    steps
        Each any of these items, one after the other.
    goals
        Any of these converts; None for the outcome.
    n_next, within_us
        So many items, or so long behind the last step; one of the two.
    """

    steps: tuple[tuple[int, ...], ...]
    goals: tuple[int, ...] | None = None
    n_next: int | None = None
    within_us: int | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Sides:
    """By unit, where it took the last step, where its budget ends, and its side.

    Attributes
    ----------
    anchors, goals, ends
        Rows of the last step and of the conversion, -1 where there is none, and the row behind
        the last item in the budget.
    found
        How many items are in the budget.
    sides
        A `Side`.
    """

    anchors: Int64Array
    goals: Int64Array
    ends: Int64Array
    found: Int64Array
    sides: npt.NDArray[np.int8]

    def units(self, side: Side) -> Int64Array:
        """Units of a side, ascending."""
        return np.flatnonzero(self.sides == side)


def sides(journeys: Journeys, budget: Budget, at_most: int | None = None) -> Sides:
    """Of all units of a view."""
    blocks = blocks_or_nothing(journeys, at_most)
    parts = on_threads(lambda block: _sides(block, budget), blocks)
    names = ("anchors", "goals", "ends", "found", "sides")
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return Sides(**columns)


def partial(block: Block, budget: Budget) -> pa.Table:
    """Of each item: units of one block on either side that meet it in their budget."""
    journeys, found = block.journeys, _sides(block, budget)
    counts = count_within_budgets(
        journeys.item_codes, journeys.n_items, journeys.journey_starts, journeys.journey_ends,
        journeys.journey_units, block.journey_lo, block.journey_hi, block.unit_lo, found.anchors,
        found.ends, found.sides,
    )  # fmt: skip
    [items] = np.nonzero(counts.sum(axis=1))
    return pa.table({
        "item": items.astype(np.int64, copy=False),
        "droppers": counts[items, Side.DROPPED],
        "converters": counts[items, Side.CONVERTED],
    })  # fmt: skip


AFTER_DROP = MergeableStatistic(
    name="after_drop",
    keys=("item",),
    measures={"droppers": "sum", "converters": "sum"},
    partial=partial,
)


def units_that_meet(journeys: Journeys, found: Sides, item: int, side: Side) -> Int64Array:
    """Units of a side that meet an item in their budget."""

    def find(block: Block) -> Int64Array:
        units = slice(block.unit_lo, block.unit_hi)
        anchors = found.anchors[units]
        behind = np.where(anchors < 0, _ENDLESS - 1, anchors)
        rows = first_behind(block, (item,), behind)
        meets = (rows >= 0) & (rows < found.ends[units]) & (found.sides[units] == side)
        return np.flatnonzero(meets) + block.unit_lo

    return np.concatenate(on_threads(find, blocks_or_nothing(journeys)))


def _sides(block: Block, budget: Budget) -> Sides:
    journeys, at_us = block.journeys, block.journeys.graph.at_us
    units = slice(block.unit_lo, block.unit_hi)
    anchors = np.full(block.unit_hi - block.unit_lo, -1)
    for number, step in enumerate(budget.steps):
        behind = anchors if number == 0 else np.where(anchors < 0, _ENDLESS - 1, anchors)
        anchors = first_behind(block, step, behind)
    is_here = anchors >= 0
    goals = conversions_behind(block, budget.goals, np.where(is_here, anchors, _ENDLESS - 1))
    ends, found = find_budget_ends(
        journeys.item_codes, journeys.n_items, at_us, journeys.journey_starts,
        journeys.journey_ends, journeys.journey_units, block.journey_lo, block.journey_hi,
        block.unit_lo, block.unit_hi, anchors,
        _ENDLESS if budget.n_next is None else budget.n_next,
        _ENDLESS if budget.within_us is None else budget.within_us,
    )  # fmt: skip
    is_open = journeys.unit_is_open()[units]
    if budget.within_us is None:
        is_over = (found == budget.n_next) | ~is_open
    else:
        is_over = np.zeros(len(anchors), np.bool_)
        is_over[is_here] = at_us[anchors[is_here]] + budget.within_us <= journeys.as_of_us
    taken = np.where(goals >= 0, Side.CONVERTED, np.where(is_open, Side.UNDECIDED, Side.DROPPED))
    taken = np.where(is_over | (taken == Side.UNDECIDED), taken, Side.UNOBSERVED)
    taken = np.where(is_here, taken, Side.NOT_HERE).astype(np.int8)
    return Sides(anchors=anchors, goals=goals, ends=ends, found=found, sides=taken)
