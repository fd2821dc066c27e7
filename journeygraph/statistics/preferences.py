"""What customers choose and come back to, item by item. Mergeable.

An interaction is a choice where the customer had met an alternative: another item in the same stage
of the same journey. What the company or a third party began is nobody's choice. A unit comes back
to an item that it meets again after another item, or in a later journey.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.kernels.ratings import sum_tallies
from journeygraph.statistics.base import MergeableStatistic, blocks_or_nothing
from journeygraph.statistics.exits import fates_of
from journeygraph.statistics.finders import Finder
from journeygraph.statistics.item_rows import ItemRows
from journeygraph.statistics.ratings import RATED_SUMS
from journeygraph.statistics.sequences import read_only
from journeygraph.threads import on_threads
from journeygraph.vocabulary import INITIATORS, STAGES

if TYPE_CHECKING:
    from journeygraph.journeys import Block, Journeys

__all__ = ["PREFERENCES", "UNITS_THAT_PREFER", "Preferred"]

Int64Array = npt.NDArray[np.int64]
Tallies = tuple[Int64Array, Int64Array, Int64Array, Int64Array, Int64Array]
"""Items, units, counts, of these how many preferred it (in thousandths), and alternatives."""

_BY_CUSTOMER = INITIATORS.index("customer") + 1


class Preferred(IntEnum):
    """In what way."""

    INITIATED = 0
    """Interactions of which it is said who began them: those that the customer began."""
    CHOSEN = 1
    """Interactions where the item and an alternative were met: those at the item."""
    EVEN = 2
    """The same by how many items were met there; in sums over units there is nothing."""
    RETURNED = 3
    """Units that meet the item, without open ones that have not returned: those that did."""


def partial(block: Block) -> pa.Table:
    """Of each way and item: how many could, and how many did, over the units of one block.

    Of `EVEN` `items` says how many items were met in the place, and `ratings` how many
    interactions there were; of all else it is 0, and `rating_sum` counts 1000 for each that did.
    """
    tables = [_table(Preferred.EVEN, *(np.zeros(0, np.int64),) * 5)]
    for part in block.parts():
        tables += [_table(way, *_tallies(part, way)) for way in Preferred]
    return pa.concat_tables(tables)


PREFERENCES = MergeableStatistic(
    name="preferences",
    keys=("way", "item", "items"),
    measures=dict.fromkeys(RATED_SUMS, "sum"),
    partial=partial,
)


def _table(
    way: Preferred, items: Int64Array, units: Int64Array, counts: Int64Array, did: Int64Array,
    alternatives: Int64Array,
) -> pa.Table:  # fmt: skip
    width = int(alternatives.max(initial=0)) + 1
    pairs, groups = np.unique(items * width + alternatives, return_inverse=True)
    sums = sum_tallies(
        read_only(groups.astype(np.int64)), read_only(counts), read_only(did), read_only(units),
        len(pairs),
    )  # fmt: skip
    if way == Preferred.EVEN:
        sums[:, 1:] = 0
    keys = {
        "way": np.full(len(pairs), way, np.int64), "item": pairs // width, "items": pairs % width,
    }  # fmt: skip
    return pa.table({**keys, **{name: sums[:, place] for place, name in enumerate(RATED_SUMS)}})


def _tallies(block: Block, way: Preferred) -> Tallies:
    """Ascending by unit."""
    if way == Preferred.INITIATED:
        return _initiated(block)
    return _returned(block) if way == Preferred.RETURNED else _chosen(block, way == Preferred.EVEN)


def _initiated(block: Block) -> Tallies:
    rows, journeys = ItemRows.of(block), block.journeys
    initiators = journeys.graph.column("initiator")[rows.rows]
    is_said = initiators > 0
    items = journeys.item_codes[rows.anchors[is_said]].astype(np.int64)
    did = 1000 * (initiators[is_said] == _BY_CUSTOMER)
    return items, rows.units[is_said], np.ones(len(items), np.int64), did, np.zeros_like(items)


def _chosen(block: Block, by_alternatives: bool) -> Tallies:
    """Each item of each stage of a journey where another one was met as well."""
    rows, journeys = ItemRows.of(block), block.journeys
    graph = journeys.graph
    stages = graph.stage_codes[rows.rows].astype(np.int64)
    initiators = graph.column("initiator")[rows.rows]
    meant = (stages > 0) & ((initiators == 0) | (initiators == _BY_CUSTOMER))
    starts = journeys.journey_starts[block.journey_lo : block.journey_hi]
    numbers = np.searchsorted(starts, rows.rows[meant], side="right") - 1
    places = numbers * (len(STAGES) + 1) + stages[meant]
    items = journeys.item_codes[rows.anchors[meant]].astype(np.int64)
    width = max(1, journeys.n_items)
    pairs, at_item = np.unique(places * width + items, return_counts=True)
    of_pair = pairs // width
    _places, firsts, n_items = np.unique(of_pair, return_index=True, return_counts=True)
    in_place = np.add.reduceat(at_item, firsts) if len(firsts) else at_item
    could_choose = np.repeat(n_items > 1, n_items)
    journey = block.journey_lo + of_pair[could_choose] // (len(STAGES) + 1)
    alternatives = np.repeat(n_items, n_items)[could_choose]
    return (
        pairs[could_choose] % width,
        journeys.journey_units[journey].astype(np.int64),
        np.repeat(in_place, n_items)[could_choose].astype(np.int64),
        1000 * at_item[could_choose].astype(np.int64),
        alternatives.astype(np.int64) if by_alternatives else np.zeros(len(journey), np.int64),
    )


def _returned(block: Block) -> Tallies:
    rows, journeys = ItemRows.of(block), block.journeys
    is_item = rows.rows == rows.anchors
    at, units = rows.rows[is_item], rows.units[is_item]
    items = journeys.item_codes[at].astype(np.int64)
    starts = journeys.journey_starts[block.journey_lo : block.journey_hi]
    numbers = np.searchsorted(starts, at, side="right")
    is_new = (np.diff(items, prepend=-1) != 0) | (np.diff(numbers, prepend=-1) != 0)
    width = max(1, journeys.n_items)
    pairs, times = np.unique(units[is_new] * width + items[is_new], return_counts=True)
    came_back, of_unit = times > 1, pairs // width
    is_open, _completed = fates_of(block, None)
    is_known = came_back | ~is_open[of_unit - block.unit_lo]
    pairs, came_back = pairs[is_known], came_back[is_known]
    ones, zeros = np.ones(len(pairs), np.int64), np.zeros(len(pairs), np.int64)
    return pairs % width, pairs // width, ones, 1000 * came_back, zeros


def units_that_prefer(journeys: Journeys, way: Preferred, item: int) -> Int64Array:
    """Units that began at an item, chose it, or came back to it, at least once."""

    def find(block: Block) -> Int64Array:
        found = [np.zeros(0, np.int64)]
        for part in block.parts():
            items, units, _counts, did, _alternatives = _tallies(part, way)
            found.append(np.unique(units[(items == item) & (did > 0)]))
        return np.concatenate(found)

    return np.concatenate(on_threads(find, blocks_or_nothing(journeys)))


UNITS_THAT_PREFER = Finder(name="units that prefer", units=units_that_prefer)
