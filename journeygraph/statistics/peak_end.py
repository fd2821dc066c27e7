"""The peak and the end of journeys: what is remembered of an experience. Mergeable.

The peak is the largest absolute emotion of a journey, the earliest where several are as large; the
end is the last emotion that anybody rated. Both are taken by what became of the unit: an open one
may still have the outcome, so it is on neither side.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.kernels.ratings import sum_ratings
from journeygraph.statistics.base import MergeableStatistic, blocks_or_nothing
from journeygraph.statistics.exits import fates_of
from journeygraph.statistics.finders import Finder
from journeygraph.statistics.item_rows import ItemRows
from journeygraph.statistics.ratings import RATED_SUMS, Rating, ratings_of
from journeygraph.statistics.sequences import read_only
from journeygraph.threads import on_threads

if TYPE_CHECKING:
    from journeygraph.journeys import Block, Journeys

__all__ = ["PEAK_END", "UNITS_OF_MOMENT", "Fate", "Moment", "Mood", "RatedRows"]

Int64Array = npt.NDArray[np.int64]

_ALL = -1


class Moment(IntEnum):
    """Which emotion of a journey."""

    PEAK = 0
    END = 1


class Fate(IntEnum):
    """What became of a unit."""

    GONE = 0
    """Closed without the outcome."""
    OPEN = 1
    COMPLETED = 2
    """Closed with it."""


class Mood(IntEnum):
    """The sign of an emotion."""

    NEGATIVE = 0
    NEUTRAL = 1
    POSITIVE = 2


@dataclass(frozen=True, eq=False, slots=True)
class RatedRows:
    """Rated rows of a block in their order, and the first of each journey that has one.

    Attributes
    ----------
    rows, anchors, units
        As in `ItemRows`.
    emotions
        Thousandths.
    firsts
        Places in these arrays where a journey begins, ascending.
    """

    rows: Int64Array
    anchors: Int64Array
    units: Int64Array
    emotions: Int64Array
    firsts: Int64Array

    @classmethod
    def of(cls, block: Block) -> RatedRows:
        """Those of the journeys of a block."""
        journeys, found = block.journeys, ItemRows.of(block)
        emotions, is_rated = ratings_of(journeys, found.rows, Rating.EMOTION)
        rows = found.rows[is_rated]
        starts = journeys.journey_starts[block.journey_lo : block.journey_hi]
        numbers = np.searchsorted(starts, rows, side="right")
        firsts = np.flatnonzero(np.diff(numbers, prepend=-1))
        return cls(rows, found.anchors[is_rated], found.units[is_rated], emotions[is_rated], firsts)

    def place(self, moment: Moment) -> Int64Array:
        """The place of the peak or the end of each journey."""
        n_rows = len(self.rows)
        if moment is Moment.END or not n_rows:
            return np.append(self.firsts[1:], n_rows)[: len(self.firsts)] - 1
        earlier = np.arange(n_rows, 0, -1)
        ranked = np.abs(self.emotions) * (n_rows + 1) + earlier
        return n_rows - np.maximum.reduceat(ranked, self.firsts) % (n_rows + 1)


def partial(block: Block) -> pa.Table:
    """Sums of peaks and ends, over the units of one block.

    Of each moment and fate: its emotions, in thousandths, the mood -1. Of each moment and mood of
    closed units: the outcome, 1000 for who has it and 0 for who has not, the fate -1. `journeys`
    are all of these, rated or not, and 0 where a mood is told.
    """
    sums = np.zeros((len(Moment), len(Fate) + len(Mood), len(RATED_SUMS)), np.int64)
    journeys = np.zeros(len(Fate), np.int64)
    for part in block.parts():
        rated, fates = RatedRows.of(part), _fates(part)
        units = part.journeys.journey_units[part.journey_lo : part.journey_hi]
        journeys += np.bincount(fates[units - part.unit_lo], minlength=len(Fate))
        for moment in Moment:
            sums[moment] += _summed(part, rated, fates, moment)
    return pa.concat_tables([_table(moment, journeys, sums[moment]) for moment in Moment])


PEAK_END = MergeableStatistic(
    name="peak_end",
    keys=("moment", "fate", "mood"),
    measures={"journeys": "sum", **dict.fromkeys(RATED_SUMS, "sum")},
    partial=partial,
)


def _summed(part: Block, rated: RatedRows, fates: Int64Array, moment: Moment) -> Int64Array:
    places = rated.place(moment)
    units, emotions = rated.units[places], rated.emotions[places]
    became = fates[units - part.unit_lo]
    is_closed = became != Fate.OPEN
    by_fate = sum_ratings(read_only(became), read_only(emotions), read_only(units), len(Fate))
    by_mood = sum_ratings(
        read_only((np.sign(emotions) + 1)[is_closed]),
        read_only(1000 * (became == Fate.COMPLETED)[is_closed]),
        read_only(units[is_closed]),
        len(Mood),
    )
    return np.concatenate([by_fate, by_mood])


def _table(moment: Moment, journeys: Int64Array, sums: Int64Array) -> pa.Table:
    of_fates, of_moods = np.arange(len(Fate)), np.arange(len(Mood))
    return pa.table(
        {
            "moment": np.full(len(sums), moment, np.int64),
            "fate": np.append(of_fates, np.full(len(Mood), _ALL)),
            "mood": np.append(np.full(len(Fate), _ALL), of_moods),
            "journeys": np.append(journeys, np.zeros(len(Mood), np.int64)),
            **{name: sums[:, number] for number, name in enumerate(RATED_SUMS)},
        }
    )


def _fates(block: Block) -> Int64Array:
    """By unit of a block."""
    is_open, is_completed = fates_of(block, None)
    return np.where(is_open, Fate.OPEN, np.where(is_completed, Fate.COMPLETED, Fate.GONE))


def units_of_moment(
    journeys: Journeys, moment: Moment, fates: tuple[Fate, ...], mood: Mood | None = None
) -> Int64Array:
    """Units of some fates with a journey that has a peak or an end, of a mood if one is given."""

    def find(block: Block) -> Int64Array:
        found = [np.zeros(0, np.int64)]
        for part in block.parts():
            rated = RatedRows.of(part)
            places = rated.place(moment)
            units = rated.units[places]
            is_meant = np.isin(_fates(part)[units - part.unit_lo], fates)
            if mood is not None:
                is_meant &= np.sign(rated.emotions[places]) + 1 == mood
            found.append(np.unique(units[is_meant]))
        return np.concatenate(found)

    return np.concatenate(on_threads(find, blocks_or_nothing(journeys)))


UNITS_OF_MOMENT = Finder(name="units of a peak or an end", units=units_of_moment)
