"""The paths that credit is given along: what came before each outcome, and what came to nothing.

A path is a range of rows of a view, or a row of a table of paths that somebody else has counted:
the kernels do not know the difference. Journeys without an outcome are null paths once they are
closed; an open one may still convert, so it is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.graph import MISSING
from journeygraph.kernels import attribution as kernels
from journeygraph.labelling import By
from journeygraph.options import Word
from journeygraph.statistics.base import MergeableStatistic, blocks_or_nothing, merge
from journeygraph.statistics.set_members import rows_met
from journeygraph.threads import on_threads

if TYPE_CHECKING:
    from journeygraph.graph import IntArray
    from journeygraph.journeys import Block, Journeys

__all__ = [
    "PathRule",
    "PathScope",
    "Paths",
    "direct_rows",
    "paths_of",
    "paths_of_journeys",
    "total_of",
    "values_of_outcomes",
]

Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

NOTHING: Int64Array = np.zeros(0, np.int64)
NOBODY: BoolArray = np.zeros(0, np.bool_)
DIRECT = "direct"
"""The channel, in its normal form, that last non-direct credit passes over."""
_NEVER_OPEN = int(np.iinfo(np.int64).max)


class PathScope(Word, argument="paths"):
    """Where a path to an outcome begins and ends."""

    EACH_OUTCOME = "each_outcome"
    FIRST_OUTCOME = "first_outcome"
    WHOLE_JOURNEY = "whole_journey"


_SCOPES = {
    PathScope.EACH_OUTCOME: kernels.EACH_OUTCOME,
    PathScope.FIRST_OUTCOME: kernels.FIRST_OUTCOME,
    PathScope.WHOLE_JOURNEY: kernels.WHOLE_JOURNEY,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PathRule:
    """What makes a path.

    Attributes
    ----------
    scope
        A path to each outcome since the one before it, to the first outcome of a journey only, or
        the whole journey as one path that converts if it holds an outcome.
    with_outcome_item
        Whether the outcome's own item is the last of its path. A whole journey has it always.
    open_as_null
        Whether journeys that are still open count as null paths, as in most other tools.
    """

    scope: PathScope = PathScope.EACH_OUTCOME
    with_outcome_item: bool = False
    open_as_null: bool = False

    @property
    def code(self) -> int:
        """The scope as kernels know it."""
        return _SCOPES[self.scope]

    def closed_until_us(self, journeys: Journeys) -> int:
        """A journey that ends later is open."""
        if self.open_as_null:
            return _NEVER_OPEN
        return journeys.as_of_us - journeys.inactivity_us


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Paths:
    """Paths of one block, or of a table.

    Attributes
    ----------
    item_codes, n_items
        By row; a code of n_items or more is not an item.
    starts, ends, converts
        Rows of each path, and whether it ends in an outcome.
    weights
        How often each path counts; empty where each counts once.
    values
        What each path brought in minor units, as often as it counts; 0 for null paths.
    units
        Whose path it is, ascending: the unit of a view, the row of a table.
    at_us
        By row; empty where a table does not say.
    is_direct
        By row, whether it was met by the channel of that name; empty where nobody asks.
    n_open
        Open journeys, which are no paths.
    """

    item_codes: IntArray
    n_items: int
    starts: Int64Array
    ends: Int64Array
    converts: BoolArray
    weights: Int64Array
    values: Int64Array
    units: Int64Array
    at_us: Int64Array
    is_direct: BoolArray
    n_open: int = 0

    @property
    def converting(self) -> Paths:
        """Only the paths that end in an outcome."""
        return self.only(self.converts)

    def only(self, kept: BoolArray) -> Paths:
        """Some of the paths."""
        return replace(
            self,
            starts=self.starts[kept],
            ends=self.ends[kept],
            converts=self.converts[kept],
            weights=self.weights[kept] if len(self.weights) else self.weights,
            values=self.values[kept] if len(self.values) else self.values,
            units=self.units[kept],
        )

    def weighted(self, weights: Int64Array) -> Paths:
        """Each path as often as a draw of a bootstrap says; nobody asks what it brought."""
        return replace(self, weights=weights, values=NOTHING)


def direct_rows(journeys: Journeys) -> BoolArray:
    """Whether each row was met by the channel "direct"; where channels are items, their items."""
    if journeys.by is By.CHANNEL:
        names, codes = journeys.items, journeys.item_codes
    else:
        names, codes = journeys.graph.channels, journeys.graph.channel_codes
    found = [code for code, name in enumerate(names) if name == DIRECT]
    are_direct = codes == found[0] if found else np.zeros(len(codes), np.bool_)
    if journeys.sets is not None and journeys.by is not By.CHANNEL:
        are_direct &= ~rows_met(journeys, ~are_direct)  # a set is where all of it is
    return are_direct


def paths_of(
    block: Block | Paths, rule: PathRule | None = None, skip_direct: bool = False
) -> Paths:
    """The paths of a block of journeys; what is paths already stays as it is."""
    if isinstance(block, Paths):
        return block
    journeys, rule = block.journeys, rule or PathRule()
    graph = journeys.graph
    starts, ends, converts, of_journeys, n_open = kernels.cut_paths(
        journeys.journey_starts, journeys.journey_ends, block.journey_lo, block.journey_hi,
        _read_only(journeys.outcome_rows), graph.at_us, rule.closed_until_us(journeys), rule.code,
        int(rule.with_outcome_item),
    )  # fmt: skip
    return Paths(
        item_codes=journeys.item_codes,
        n_items=journeys.n_items,
        starts=starts,
        ends=ends,
        converts=converts,
        weights=NOTHING,
        values=_values(journeys, rule, starts, ends, converts),
        units=journeys.journey_units[of_journeys].astype(np.int64, copy=False),
        at_us=graph.at_us,
        is_direct=direct_rows(journeys) if skip_direct else NOBODY,
        n_open=n_open,
    )


def _values(
    journeys: Journeys, rule: PathRule, starts: Int64Array, ends: Int64Array, converts: BoolArray
) -> Int64Array:
    """What the outcome of each path brought; of a whole journey, all its outcomes."""
    if journeys.sets is not None:
        return _values_of_sets(journeys, rule, starts, ends, converts)
    rows, worth = journeys.outcome_rows, journeys.graph.value_minor
    values = np.zeros(len(starts), np.int64)
    if rule.scope is not PathScope.WHOLE_JOURNEY:
        last = worth[ends[converts] - int(rule.with_outcome_item)]
        values[converts] = np.where(last == MISSING, 0, last)
        return values
    sums = np.concatenate([[0], np.cumsum(np.where(worth[rows] == MISSING, 0, worth[rows]))])
    first, last = np.searchsorted(rows, starts), np.searchsorted(rows, ends)
    values[:] = sums[last] - sums[first]
    return values


def _values_of_sets(
    journeys: Journeys, rule: PathRule, starts: Int64Array, ends: Int64Array, converts: BoolArray
) -> Int64Array:
    """The same where outcomes of one set are one."""
    rows = journeys.outcome_rows
    sums = np.concatenate([[0], np.cumsum(values_of_outcomes(journeys))])
    if rule.scope is PathScope.WHOLE_JOURNEY:
        return np.asarray(sums[np.searchsorted(rows, ends)] - sums[np.searchsorted(rows, starts)])
    outcomes = np.searchsorted(rows, ends - int(rule.with_outcome_item))
    return np.asarray(np.where(converts, np.diff(sums, append=0)[outcomes], 0))


def values_of_outcomes(journeys: Journeys) -> Int64Array:
    """What each of the `outcome_rows` of a view with sets brought: all that are in one set."""
    values = journeys.graph.value_minor[journeys.every_outcome]
    values[values == MISSING] = 0
    places = np.searchsorted(
        journeys.outcome_rows, journeys.first_rows_of_sets(journeys.every_outcome)
    )
    sums = np.zeros(len(journeys.outcome_rows), np.int64)
    np.add.at(sums, places, values)
    return sums


def paths_of_journeys(journeys: Journeys, rule: PathRule, skip_direct: bool = False) -> list[Paths]:
    """The paths of all journeys, block by block."""
    blocks = blocks_or_nothing(journeys)
    return on_threads(lambda block: paths_of(block, rule, skip_direct), blocks)


def total_of(statistic: MergeableStatistic, parts: Sequence[Paths], **options: Any) -> pa.Table:
    """A statistic of paths that were cut before: see `total`, which cuts them itself."""
    return merge(statistic, on_threads(lambda part: statistic.partial(part, **options), parts))


def _read_only(array: Int64Array) -> Int64Array:
    view = array.view()
    view.flags.writeable = False
    return view
