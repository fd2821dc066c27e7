"""What customers felt, expected and found, by any column, and within it by a second one. Mergeable.

`ratings` sums one rating by stage and item; this sums everything that an interaction can say at
once, by whatever interactions have in common (a channel, a team, a level, a phase of the purchase)
and within it by a stretch of time, a label or a source. What is summed is the same, so that means
come with intervals that know who rated more than once.

Groups are the items of the view, as its rules name them, or the names of a column as they were
loaded, "unknown" first, where nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum
from functools import cache
from functools import partial as partial_of
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.statistics.base import MergeableStatistic, blocks_or_nothing
from journeygraph.statistics.coded_rows import codes_in_rows
from journeygraph.statistics.finders import Finder
from journeygraph.statistics.item_rows import ItemRows
from journeygraph.statistics.ratings import (
    RATED_SUMS,
    Rating,
    Ratings,
    gap_of,
    ratings_of,
    sum_of,
)
from journeygraph.threads import on_threads
from journeygraph.vocabulary import STAGES, UNKNOWN

if TYPE_CHECKING:
    from journeygraph.journeys import Block, Journeys

__all__ = [
    "FEELINGS",
    "ITEM",
    "PHASE",
    "PHASES",
    "TIME",
    "UNITS_THAT_SAY",
    "Said",
    "codes_of",
    "group_names",
    "said_in",
]

Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

ITEM = "item"
"""As a column: what paths are made of, cleaned."""

PHASE = "phase"
"""As a column: the stage of an interaction, read as before, during and after the purchase."""

PHASES = ("before", "during", "after")
_PHASE_OF_STAGE = np.array([0, 1, 1, 2, 3])  # by code: not said, inquiry, comparison, …
assert len(_PHASE_OF_STAGE) == len(STAGES) + 1

TIME = "time"
"""As a second column: the stretch of time that an interaction lies in."""

_MOST_DENSE = 1 << 13


class Said(IntEnum):
    """What an interaction may say, in thousandths."""

    ANYTHING = 0
    """Every interaction, as 0: how many there are, and of how many units."""
    EMOTION = 1
    EXPECTATION = 2
    EXPERIENCE = 3
    GAP = 4
    """Experience less expectation, where both are said."""
    MET = 5
    """1000 where the gap is not below 0, else 0."""


_RATINGS = {
    Said.EMOTION: Rating.EMOTION, Said.EXPECTATION: Rating.EXPECTATION,
    Said.EXPERIENCE: Rating.EXPERIENCE, Said.GAP: Rating.GAP, Said.MET: Rating.GAP,
}  # fmt: skip


def partial(
    block: Block,
    said: Sequence[Said] = tuple(Said),
    by: str | None = None,
    within: str | None = None,
    starts_us: Int64Array | None = None,
) -> pa.Table:
    """Of each group, and of each part of it: sums of what is said, over the units of one block.

    Parameters
    ----------
    said
        What is summed.
    by
        A column of the graph, `ITEM` or `PHASE`; all together where it is None. Groups are
        numbered as `group_names` names them.
    within
        A second column, or `TIME`; its numbers are those of `group_names`, too.
    starts_us
        Where within is `TIME`: the first moment of each stretch, ascending, the first one not
        behind any interaction.
    """
    tables = [_nothing()]
    for part in block.parts():
        rows = ItemRows.of(part)
        groups, of_group, of_part = _numbered(codes_of(rows, by), codes_of(rows, within, starts_us))
        ratings = cache(partial_of(ratings_of, part.journeys, rows.rows))
        for one in said:
            sums = sum_of(groups, _said_by(ratings, one, len(groups)), rows.units, len(of_group))
            some = np.flatnonzero(sums[:, 0])
            tables.append(_table(one, of_group[some], of_part[some], sums[some]))
    return pa.concat_tables(tables)


FEELINGS = MergeableStatistic(
    name="feelings",
    keys=("said", "group", "part"),
    measures=dict.fromkeys(RATED_SUMS, "sum"),
    partial=partial,
)


def _table(one: int, groups: Int64Array, parts: Int64Array, sums: Int64Array) -> pa.Table:
    return pa.table(
        {
            "said": np.full(len(groups), one, np.int64),
            "group": groups,
            "part": parts,
            **{name: sums[:, number] for number, name in enumerate(RATED_SUMS)},
        }
    )


def _nothing() -> pa.Table:
    none = np.zeros(0, np.int64)
    return _table(0, none, none, np.zeros((0, len(RATED_SUMS)), np.int64))


def _numbered(groups: Int64Array, parts: Int64Array) -> tuple[Int64Array, Int64Array, Int64Array]:
    """A number for each pair of a group and a part that is there, and what each number means."""
    width = int(parts.max(initial=0)) + 1
    pairs = groups * width + parts
    if int(pairs.max(initial=0)) < _MOST_DENSE:
        used = np.arange(int(pairs.max(initial=-1)) + 1)
    else:
        used, pairs = np.unique(pairs, return_inverse=True)
    return pairs, used // width, used % width


def said_in(journeys: Journeys, rows: Int64Array, one: Said) -> Ratings:
    """What rows say in thousandths, and which of them say it."""
    return _said_by(partial_of(ratings_of, journeys, rows), one, len(rows))


def _said_by(ratings: Callable[[Rating], Ratings], one: Said, n_rows: int) -> Ratings:
    if one == Said.ANYTHING:
        return np.zeros(n_rows, np.int64), np.ones(n_rows, np.bool_)
    if _RATINGS[one] is not Rating.GAP:
        return ratings(_RATINGS[one])
    values, is_said = gap_of(ratings(Rating.EXPERIENCE), ratings(Rating.EXPECTATION))
    return (1000 * (values >= 0), is_said) if one == Said.MET else (values, is_said)


def group_names(journeys: Journeys, by: str) -> Sequence[str]:
    """What the groups of a column are called, by their numbers."""
    if by == ITEM:
        return journeys.items
    if by == PHASE:
        return (UNKNOWN, *PHASES)
    if by == "touchpoint":
        return journeys.graph.touchpoints
    if by == "channel":
        return journeys.graph.channels
    return (UNKNOWN, *journeys.graph.coded(by).names)


def codes_of(rows: ItemRows, by: str | None, starts_us: Int64Array | None = None) -> Int64Array:
    """The group of each row by a column, as `group_names` numbers them; 0 without a column."""
    journeys = rows.journeys
    graph = journeys.graph
    if by is None:
        return np.zeros(len(rows.rows), np.int64)
    if by == TIME:
        assert starts_us is not None
        return np.searchsorted(starts_us, graph.at_us[rows.rows], side="right") - 1
    if by == ITEM:
        return journeys.item_codes[rows.anchors].astype(np.int64)
    if by == PHASE:
        return _PHASE_OF_STAGE[graph.stage_codes[rows.rows]]
    if by in ("touchpoint", "channel"):
        return graph.column(by)[rows.rows].astype(np.int64)
    return codes_in_rows(graph, by, rows.rows) + 1


def units_that_say(
    journeys: Journeys,
    said: Said,
    by: str | None = None,
    group: int = 0,
    within: str | None = None,
    part: int = 0,
    starts_us: Int64Array | None = None,
    met: bool = False,
) -> Int64Array:
    """Units that say something in a group and part of it.

    Parameters
    ----------
    said, by, within, starts_us
        As for the statistic.
    group, part
        Their numbers.
    met
        Only where what is said is above 0: of `Said.MET`, those whose expectation was met.
    """

    def find(block: Block) -> Int64Array:
        found = [np.zeros(0, np.int64)]
        for piece in block.parts():
            rows = ItemRows.of(piece)
            values, is_meant = said_in(journeys, rows.rows, said)
            is_meant &= codes_of(rows, by) == group
            is_meant &= codes_of(rows, within, starts_us) == part
            if met:
                is_meant &= values > 0
            found.append(np.unique(rows.units[is_meant]))
        return np.concatenate(found)

    return np.concatenate(on_threads(find, blocks_or_nothing(journeys)))


UNITS_THAT_SAY = Finder(name="units that say", units=units_that_say)
