"""Where feelings turn: the item at which a journey's ratings are best cut in two. Mergeable.

A journey turns at the earliest item that leaves the least squared error within the ratings before
it and those from it on. Ratings always fluctuate, so that every journey turns somewhere: how far
that is chance is told by the same ratings, shuffled within their journeys. What a shuffle hangs on
is the customer and the journey, so that it is the same however the customers are cut into blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.kernels.ratings import sum_ratings
from journeygraph.kernels.turns import find_turns
from journeygraph.statistics.base import MergeableStatistic, blocks_or_nothing
from journeygraph.statistics.finders import Finder
from journeygraph.statistics.peak_end import RatedRows
from journeygraph.statistics.ratings import RATED_SUMS
from journeygraph.statistics.sequences import read_only
from journeygraph.threads import on_threads

if TYPE_CHECKING:
    from journeygraph.journeys import Block, Journeys

__all__ = ["FEWEST_RATINGS", "TURNS", "UNITS_THAT_TURN"]

Int64Array = npt.NDArray[np.int64]

FEWEST_RATINGS = 3
"""Of fewer, every cut is as good as any shuffle of it."""

_ALL = -1
_STEP = np.uint64(0x9E3779B97F4A7C15)


def partial(
    block: Block, permutations: int = 0, seed: int = 0, as_large_at_most: int = -1
) -> pa.Table:
    """Of each item: journeys that turn there, and by how much, over the units of one block.

    Of the item -1: all journeys with ratings enough, and those of them whose ratings differ
    (`improved` and `sure` are 0). Of each permutation from 0 on: journeys that turn at the item
    when ratings are shuffled, and nothing else. Of the permutation -1: journeys as they are, in
    how many of them feelings improve, how many are sure, and the sums of the change, in
    thousandths: the mean from the turn on less the mean before it, rounded half up.

    Parameters
    ----------
    permutations, seed
        How often ratings are shuffled, and what the shuffles hang on.
    as_large_at_most
        A journey is sure where at most so many of its shuffles leave no larger error.
    """
    tables = [_table(_ALL, np.array([_ALL]), np.zeros((1, 3 + len(RATED_SUMS)), np.int64))]
    for part in block.parts():
        turned = _Turned.of(part, permutations, seed)
        tables += turned.tables(as_large_at_most)
    return pa.concat_tables(tables)


_COUNTS = ("journeys", "improved", "sure")

TURNS = MergeableStatistic(
    name="turns",
    keys=("item", "permutation"),
    measures={**dict.fromkeys(_COUNTS, "sum"), **dict.fromkeys(RATED_SUMS, "sum")},
    partial=partial,
)


def units_that_turn(journeys: Journeys, item: int) -> Int64Array:
    """Units with a journey that turns at an item."""

    def find(block: Block) -> Int64Array:
        found = [np.zeros(0, np.int64)]
        for part in block.parts():
            turned = _Turned.of(part, 0, 0)
            found.append(np.unique(turned.units[turned.items == item]))
        return np.concatenate(found)

    return np.concatenate(on_threads(find, blocks_or_nothing(journeys)))


UNITS_THAT_TURN = Finder(name="units that turn", units=units_that_turn)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class _Turned:
    """Journeys of a block that turn, and what chance makes of them.

    Attributes
    ----------
    n_journeys
        Journeys with ratings enough.
    items, units, changes, as_large
        Of each that turns: where, whose it is, by how many thousandths, and the shuffles that
        leave no larger error.
    known_items, by_chance
        Items with a rating, and (known items, permutations) journeys that turn there.
    """

    n_journeys: int
    items: Int64Array
    units: Int64Array
    changes: Int64Array
    as_large: Int64Array
    known_items: Int64Array
    by_chance: Int64Array

    @classmethod
    def of(cls, block: Block, permutations: int, seed: int) -> _Turned:
        rated = RatedRows.of(block)
        lengths = np.diff(np.append(rated.firsts, len(rated.rows)))
        is_long = lengths >= FEWEST_RATINGS
        kept = np.flatnonzero(np.repeat(is_long, lengths))
        starts = np.append(0, np.cumsum(lengths[is_long]))
        seeds = _seeds(block.journeys, rated.rows[rated.firsts[is_long]], seed)
        codes = block.journeys.item_codes[rated.anchors[kept]].astype(np.int64)
        known, places = np.unique(codes, return_inverse=True)
        emotions = rated.emotions[kept]
        with np.errstate(over="ignore"):  # random numbers wrap around
            turns, as_large, by_chance = find_turns(
                read_only(starts), read_only(emotions), read_only(places.astype(np.int64)),
                read_only(seeds), len(known), permutations,
            )  # fmt: skip
        turned = np.flatnonzero(turns >= 0)
        return cls(
            n_journeys=len(starts) - 1,
            items=codes[turns[turned]],
            units=rated.units[kept][turns[turned]],
            changes=_changes(emotions, starts[turned], turns[turned], starts[turned + 1]),
            as_large=as_large[turned],
            known_items=known,
            by_chance=by_chance,
        )

    def tables(self, as_large_at_most: int) -> list[pa.Table]:
        known, places = np.unique(self.items, return_inverse=True)
        sums = sum_ratings(
            read_only(places.astype(np.int64)), read_only(self.changes),
            read_only(self.units), len(known),
        )  # fmt: skip
        counts = [
            np.bincount(places[is_meant], minlength=len(known))
            for is_meant in (
                np.ones(len(places), np.bool_), self.changes > 0, self.as_large <= as_large_at_most,
            )
        ]  # fmt: skip
        everything = np.zeros((1, 3 + len(RATED_SUMS)), np.int64)
        everything[0, 0], everything[0, 3] = self.n_journeys, len(self.items)
        items, permutations = np.nonzero(self.by_chance)
        chance = np.zeros((len(items), 3 + len(RATED_SUMS)), np.int64)
        chance[:, 0] = self.by_chance[items, permutations]
        return [
            _table(_ALL, np.array([_ALL]), everything),
            _table(_ALL, known, np.column_stack([*counts, sums])),
            _table(permutations, self.known_items[items], chance),
        ]


def _table(permutations: Int64Array | int, items: Int64Array, measures: Int64Array) -> pa.Table:
    keys = {"item": items, "permutation": np.zeros(len(items), np.int64) + permutations}
    columns = {name: measures[:, place] for place, name in enumerate(TURNS.measures)}
    return pa.table({**keys, **columns})


def _changes(
    emotions: Int64Array, starts: Int64Array, turns: Int64Array, ends: Int64Array
) -> Int64Array:
    sums = np.append(0, np.cumsum(emotions))
    n_before, n_behind = turns - starts, ends - turns
    before, behind = sums[turns] - sums[starts], sums[ends] - sums[turns]
    above, below = behind * n_before - before * n_behind, n_before * n_behind
    return (2 * above + below) // (2 * below)


def _seeds(journeys: Journeys, rows: Int64Array, seed: int) -> npt.NDArray[np.uint64]:
    """What the shuffles of journeys hang on: their first rated rows, within their customers."""
    starts = journeys.graph.customer_starts
    customers = np.searchsorted(starts, rows, side="right") - 1
    parts = (np.full(len(rows), seed), customers, rows - starts[customers])
    mixed = np.zeros(len(rows), np.uint64)
    with np.errstate(over="ignore"):
        for part in parts:
            mixed = _mixed((mixed ^ part.astype(np.uint64)) + _STEP)
    return mixed


def _mixed(state: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """splitmix64's, as in `kernels.turns`."""
    mixed = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
