"""What customers felt, expected and found, by what interactions have in common. Mergeable.

Ratings of one customer resemble each other, so an interval that takes each for a stranger's is
too narrow. What is summed is therefore, beside the ratings, the products of each unit's own sums:
a mean with an interval that knows who rated more than once comes from them exactly, in integers,
however the units are cut into blocks (`queries.means`).

An interaction that a collapsed run took in counts with the item that it repeats.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.graph import MISSING_SCALE
from journeygraph.kernels.ratings import sum_ratings
from journeygraph.statistics.base import MergeableStatistic, blocks_or_nothing
from journeygraph.statistics.item_rows import ItemRows
from journeygraph.statistics.sequences import read_only
from journeygraph.threads import on_threads
from journeygraph.vocabulary import STAGES

if TYPE_CHECKING:
    from journeygraph.journeys import Block, Journeys

__all__ = [
    "RATED_SUMS",
    "RATINGS",
    "Rating",
    "Ratings",
    "gap_of",
    "ratings_of",
    "ratings_of_units",
    "sum_of",
]

Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Ratings = tuple[Int64Array, BoolArray]
"""Thousandths, one for each row, and which rows have one."""


RATED_SUMS = (
    "ratings", "rated_units", "rating_sum", "count_count", "sum_count", "high_high", "high_low",
    "low_low",
)  # fmt: skip
"""What `kernels.ratings.sum_ratings` gives, in its order."""


class Rating(Enum):
    """What is rated, in thousandths."""

    EMOTION = "emotion"
    EXPECTATION = "expectation"
    EXPERIENCE = "experience"
    GAP = "gap"
    """Experience less expectation, where both are said."""


def partial(block: Block, rating: Rating, by: Sequence[str] = ()) -> pa.Table:
    """Of each group: interactions, ratings, and sums over the units of one block.

    Parameters
    ----------
    by
        What the interactions of a group have in common: "stage", "item", both, or nothing. A key
        that is not asked for is -1; a stage that is not said is 0.
    """
    n_items = block.journeys.n_items if "item" in by else 1
    n_groups = n_items * (len(STAGES) + 1 if "stage" in by else 1)
    sums = np.zeros((n_groups, len(RATED_SUMS)), np.int64)
    interactions = np.zeros(n_groups, np.int64)
    for part in block.parts(at_least=n_groups):
        rows = ItemRows.of(part)
        groups = _groups(rows, by, n_items)
        rated = ratings_of(part.journeys, rows.rows, rating)
        sums += sum_of(groups, rated, rows.units, n_groups)
        interactions += np.bincount(groups, minlength=n_groups)
    met = np.flatnonzero(interactions)
    nothing = np.full(len(met), -1)
    return pa.table(
        {
            "stage": met // max(1, n_items) if "stage" in by else nothing,
            "item": met % max(1, n_items) if "item" in by else nothing,
            "interactions": interactions[met],
            **{name: sums[met, number] for number, name in enumerate(RATED_SUMS)},
        }
    )


RATINGS = MergeableStatistic(
    name="ratings",
    keys=("stage", "item"),
    measures={"interactions": "sum", **dict.fromkeys(RATED_SUMS, "sum")},
    partial=partial,
)


def _groups(rows: ItemRows, by: Sequence[str], n_items: int) -> Int64Array:
    journeys = rows.journeys
    groups = np.zeros(len(rows.rows), np.int64)
    if "stage" in by:
        groups += journeys.graph.stage_codes[rows.anchors].astype(np.int64) * n_items
    if "item" in by:
        groups += journeys.item_codes[rows.anchors]
    return groups


def ratings_of(journeys: Journeys, rows: Int64Array, rating: Rating) -> Ratings:
    """The ratings of rows in thousandths, and which rows have one."""
    if rating is not Rating.GAP:
        values = journeys.graph.column(rating.value)[rows].astype(np.int64)
        return values, values != MISSING_SCALE
    parts = (ratings_of(journeys, rows, one) for one in (Rating.EXPERIENCE, Rating.EXPECTATION))
    return gap_of(*parts)


def gap_of(found: Ratings, expected: Ratings) -> Ratings:
    """Experience less expectation, and which rows have both."""
    return found[0] - expected[0], found[1] & expected[1]


def sum_of(groups: Int64Array, ratings: Ratings, units: Int64Array, n_groups: int) -> Int64Array:
    """What `sum_ratings` gives of the rows that have a rating."""
    values, is_rated = ratings
    columns = [groups, values, units]
    if not is_rated.all():
        rated = np.flatnonzero(is_rated)
        columns = [column[rated] for column in columns]
    of_groups, values, of_units = map(read_only, columns)
    sums: Int64Array = sum_ratings(of_groups, values, of_units, n_groups)
    return sums


def ratings_of_units(
    journeys: Journeys, chosen: BoolArray, rating: Rating
) -> tuple[Int64Array, Int64Array, Int64Array]:
    """What some units said: unit, item and rating in thousandths of each time that they did.

    Parameters
    ----------
    chosen
        By unit.
    """

    def of(block: Block) -> list[tuple[Int64Array, Int64Array, Int64Array]]:
        found = []
        for part in block.parts():
            rows = ItemRows.of(part)
            values, is_rated = ratings_of(journeys, rows.rows, rating)
            kept = is_rated & chosen[rows.units]
            items = journeys.item_codes[rows.anchors[kept]].astype(np.int64)
            found.append((rows.units[kept], items, values[kept]))
        return found

    parts = [part for found in on_threads(of, blocks_or_nothing(journeys)) for part in found]
    nothing = [(np.zeros(0, np.int64),) * 3]
    units, items, values = (np.concatenate(column) for column in zip(*nothing, *parts, strict=True))
    return units, items, values
