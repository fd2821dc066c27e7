"""How units rate an item, against how satisfied they are overall. Mergeable.

A correlation of ranks needs to know how often each pair of ratings occurs, and nothing else: the
table of these pairs is exact however the units are cut into blocks. A unit's rating of an item is
the mean of those it gave there, as a fraction in lowest terms. An item is never set against its
own ratings.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.statistics.base import MergeableStatistic, blocks_or_nothing, merge
from journeygraph.statistics.finders import Finder
from journeygraph.statistics.item_rows import ItemRows
from journeygraph.statistics.ratings import Rating, ratings_of
from journeygraph.threads import on_threads

if TYPE_CHECKING:
    from journeygraph.journeys import Block, Journeys

__all__ = ["SATISFACTION", "UNITS_SATISFIED", "Overall"]

Int64Array = npt.NDArray[np.int64]


class Overall(Enum):
    """What overall satisfaction is."""

    STATED = "stated"
    """The mean of the ratings of stated items, which are not set against it."""
    MEAN = "mean"
    """The mean of the unit's ratings of all other items."""
    LAST = "last"
    """The unit's last rating, where that is one of another item."""


def partial(block: Block, rating: Rating, overall: Overall, stated: Sequence[int] = ()) -> pa.Table:
    """Units of one block by item, their rating of it, and their overall satisfaction.

    Parameters
    ----------
    rating
        What is rated.
    overall, stated
        What overall satisfaction is; the codes of the items that state it.
    """
    tables = [_table(*(np.zeros(0, np.int64),) * 5)]
    for part in block.parts():
        items, _units, own, whole = _pairs(part, rating, overall, stated)
        tables.append(merge(SATISFACTION, [_table(items, *own, *whole)]))
    return pa.concat_tables(tables)


_KEYS = ("item", "rating_sum", "ratings", "overall_sum", "overall_ratings")

SATISFACTION = MergeableStatistic(
    name="satisfaction",
    keys=_KEYS,
    measures={"units": "sum"},
    partial=partial,
)


def _table(*keys: Int64Array) -> pa.Table:
    columns = dict(zip(_KEYS, keys, strict=True))
    return pa.table({**columns, "units": np.ones(len(keys[0]), np.int64)})


_Fractions = tuple[Int64Array, Int64Array]


def _pairs(
    block: Block, rating: Rating, overall: Overall, stated: Sequence[int]
) -> tuple[Int64Array, Int64Array, _Fractions, _Fractions]:
    """Items, units, the unit's rating of the item, and its overall satisfaction."""
    rows, journeys = ItemRows.of(block), block.journeys
    values, is_rated = ratings_of(journeys, rows.rows, rating)
    values, units = values[is_rated], rows.units[is_rated] - block.unit_lo
    items = journeys.item_codes[rows.anchors[is_rated]].astype(np.int64)
    width, n_units = max(1, journeys.n_items), block.unit_hi - block.unit_lo
    pairs, places = np.unique(units * width + items, return_inverse=True)
    sums, counts = _added(places, values, len(pairs))
    of_unit, of_item = pairs // width, pairs % width
    if overall is Overall.STATED:
        is_stated = np.isin(items, stated)
        whole = _added(units[is_stated], values[is_stated], n_units)
        whole_sums, whole_counts = whole[0][of_unit], whole[1][of_unit]
        is_other = ~np.isin(of_item, stated)
    elif overall is Overall.MEAN:
        all_sums, all_counts = _added(units, values, n_units)
        whole_sums, whole_counts = all_sums[of_unit] - sums, all_counts[of_unit] - counts
        is_other = np.ones(len(pairs), np.bool_)
    else:
        lasts = np.zeros(n_units, np.int64)
        lasts[units] = np.arange(len(units))  # the last one is written last
        whole_sums = values[lasts[of_unit]] if len(values) else sums
        whole_counts = np.ones_like(counts)
        is_other = items[lasts[of_unit]] != of_item if len(items) else np.zeros(0, np.bool_)
    kept = is_other & (whole_counts > 0)
    return (
        of_item[kept],
        of_unit[kept] + block.unit_lo,
        _in_lowest_terms(sums[kept], counts[kept]),
        _in_lowest_terms(whole_sums[kept], whole_counts[kept]),
    )


def _added(places: Int64Array, values: Int64Array, n: int) -> _Fractions:
    sums = np.zeros(n, np.int64)
    np.add.at(sums, places, values)
    return sums, np.bincount(places, minlength=n).astype(np.int64)


def _in_lowest_terms(above: Int64Array, below: Int64Array) -> _Fractions:
    common = np.gcd(above, below)
    return above // common, below // common


def units_satisfied(
    journeys: Journeys, item: int, rating: Rating, overall: Overall, stated: Sequence[int] = ()
) -> Int64Array:
    """Units that rated an item and are known to be satisfied or not."""

    def find(block: Block) -> Int64Array:
        found = [np.zeros(0, np.int64)]
        for part in block.parts():
            items, units, _own, _whole = _pairs(part, rating, overall, stated)
            found.append(units[items == item])
        return np.concatenate(found)

    return np.concatenate(on_threads(find, blocks_or_nothing(journeys)))


UNITS_SATISFIED = Finder(name="units satisfied or not", units=units_satisfied)
