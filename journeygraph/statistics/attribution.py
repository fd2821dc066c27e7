"""What stands on the way to outcomes, counted in whole numbers: the ground of every attribution.

All of these merge exactly. Touches are counted by path length, met items by how many others were
met, so that shares of a path are taken at the very end; decayed credit is rounded on each path, to
parts of 2^-30 that add up to the path. What needs the whole at once (removal effects, Shapley
values of rates, the choice of an order) is `finish` on these tables: see `absorbing`, `shapley`
and `path_orders`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.errors import InvalidOptionError
from journeygraph.kernels import attribution as kernels
from journeygraph.kernels import touches as touch_kernels
from journeygraph.statistics.base import MergeableStatistic
from journeygraph.statistics.path_survey import bits_of, is_plain, plain_moves
from journeygraph.statistics.paths_to_outcomes import NOBODY, PathRule, Paths, paths_of

if TYPE_CHECKING:
    from journeygraph.graph import IntArray
    from journeygraph.journeys import Block

__all__ = [
    "DECAYED_TOUCHES",
    "ITEMS_MET",
    "ITEM_SETS",
    "MOST_SET_ITEMS",
    "MOVES",
    "TOUCHES",
    "bits_of",
    "highest_order",
]

MOST_SET_ITEMS = 63
"""A set of items is a whole number, one bit for each."""

Int64Array = npt.NDArray[np.int64]

_DENSE_BITS = 20
_DENSE_SET_ITEMS = 16


def highest_order(n_items: int) -> int:
    """The most items that a state may hold: with what follows they are one whole number."""
    return min(10, 63 // bits_of(n_items) - 1)


def _moves(block: Block | Paths, rule: PathRule | None = None, order: int = 1) -> pa.Table:
    """Moves between states of the last `order` items; see `kernels.attribution.count_moves`."""
    n_items = block.n_items if isinstance(block, Paths) else block.journeys.n_items
    if order > highest_order(n_items):
        expected = f"at most {highest_order(n_items)} with {n_items} items"
        raise InvalidOptionError("order", order, expected)
    n_bits = bits_of(n_items)
    if order == 1 and not isinstance(block, Paths) and is_plain(block):
        table, _sets = plain_moves(block, rule or PathRule())
        keys = np.flatnonzero(table)
        counts = table[keys]
    else:
        keys, counts = _moves_of(paths_of(block, rule), order, n_bits)
    columns = {"state": keys >> n_bits, "next": keys & ((1 << n_bits) - 1), "moves": counts}
    return pa.table(columns)


def _moves_of(paths: Paths, order: int, n_bits: int) -> tuple[Int64Array, Int64Array]:
    """A state and what comes next as one number, and how often it is so."""
    if n_bits * (order + 1) > _DENSE_BITS:
        keys, counts = kernels.hash_moves(
            paths.item_codes, paths.n_items, paths.starts, paths.ends, paths.converts,
            paths.weights, order, n_bits,
        )  # fmt: skip
        return keys, counts
    table = kernels.count_moves(
        paths.item_codes, paths.n_items, paths.starts, paths.ends, paths.converts,
        paths.weights, order, n_bits,
    )  # fmt: skip
    keys = np.flatnonzero(table)
    return keys, table[keys]


def _touches(
    block: Block | Paths, rule: PathRule | None = None, skip_direct: bool = False
) -> pa.Table:
    """How often an item is first, last and there at all on paths of a length to an outcome.

    Where direct items are skipped, the last is the last other one, if there is one.
    """
    paths = paths_of(block, rule, skip_direct).converting
    keys, sums = touch_kernels.count_touches(
        _of_two_widths(paths.item_codes), paths.n_items, paths.starts, paths.ends,
        paths.weights, paths.values,
        paths.is_direct if skip_direct else NOBODY,
    )  # fmt: skip
    return _by_item_and(paths.n_items, "length", keys, sums, TOUCHES)


def _items_met(block: Block | Paths, rule: PathRule | None = None) -> pa.Table:
    """How many paths meet an item, by how many different items they meet."""
    paths = paths_of(block, rule)
    keys, sums = touch_kernels.count_met(
        _of_two_widths(paths.item_codes), paths.n_items, paths.starts, paths.ends,
        paths.converts, paths.weights,
        paths.values, paths.units,
    )  # fmt: skip
    return _by_item_and(paths.n_items, "size", keys, sums, ITEMS_MET)


def _of_two_widths(codes: IntArray) -> IntArray:
    """Codes of 8 or 32 bits: a third width would be a third of the time to compile kernels."""
    if codes.dtype != np.uint16:
        return codes
    wide = codes.astype(np.uint32)
    wide.flags.writeable = False
    return wide


def _by_item_and(
    n_items: int,
    other: str,
    keys: npt.NDArray[np.int64],
    sums: npt.NDArray[np.int64],
    statistic: MergeableStatistic,
) -> pa.Table:
    n_items = max(n_items, 1)
    columns = {"item": keys % n_items, other: keys // n_items + 1}
    named = {name: sums[:, place].copy() for place, name in enumerate(statistic.measures)}
    return pa.table({**columns, **named})


def _decayed_touches(
    block: Block | Paths, rule: PathRule | None = None, half_life_us: int = 1
) -> pa.Table:
    """Credit and value by the age of items, in parts: see `kernels.touches.spread_decayed`."""
    paths = paths_of(block, rule).converting
    parts = touch_kernels.spread_decayed(
        _of_two_widths(paths.item_codes), paths.n_items, paths.starts, paths.ends,
        paths.weights, paths.values,
        paths.at_us, half_life_us,
    )  # fmt: skip
    found = np.flatnonzero(parts.any(axis=1))
    credit, value = parts[found, 0].copy(), parts[found, 1].copy()
    return pa.table({"item": found, "credit_parts": credit, "value_parts": value})


def _item_sets(block: Block | Paths, rule: PathRule | None = None) -> pa.Table:
    """Paths by the set of their items; item 0 is the lowest bit."""
    paths = paths_of(block, rule)
    if paths.n_items > MOST_SET_ITEMS:
        expected = f"at most {MOST_SET_ITEMS}: ask by CHANNEL, or group the items"
        raise InvalidOptionError("items", paths.n_items, expected)
    if paths.n_items <= _DENSE_SET_ITEMS:
        sets = kernels.count_sets(
            paths.item_codes, paths.n_items, paths.starts, paths.ends, paths.converts,
            paths.weights, paths.values,
        )  # fmt: skip
        items = np.flatnonzero(sets.any(axis=1))
        outcomes, nulls, values = sets[items].T.copy()
    else:
        items = kernels.mark_sets(paths.item_codes, paths.n_items, paths.starts, paths.ends)
        weights = paths.weights if len(paths.weights) else np.ones(len(items), np.int64)
        outcomes, nulls = weights * paths.converts, weights * ~paths.converts
        values = paths.values if len(paths.values) else np.zeros(len(items), np.int64)
    some = items > 0
    columns = {"items": items, "outcomes": outcomes, "nulls": nulls, "value_minor": values}
    return pa.table({name: column[some] for name, column in columns.items()})


MOVES = MergeableStatistic(
    name="moves", keys=("state", "next"), measures={"moves": "sum"}, partial=_moves
)

TOUCHES = MergeableStatistic(
    name="touches",
    keys=("item", "length"),
    measures={
        "first": "sum", "last": "sum", "any": "sum",
        "first_value": "sum", "last_value": "sum", "any_value": "sum",
    },
    partial=_touches,
)  # fmt: skip

ITEMS_MET = MergeableStatistic(
    name="items_met",
    keys=("item", "size"),
    measures={"outcomes": "sum", "nulls": "sum", "value_minor": "sum", "units": "sum"},
    partial=_items_met,
)

DECAYED_TOUCHES = MergeableStatistic(
    name="decayed_touches",
    keys=("item",),
    measures={"credit_parts": "sum", "value_parts": "sum"},
    partial=_decayed_touches,
)

ITEM_SETS = MergeableStatistic(
    name="item_sets",
    keys=("items",),
    measures={"outcomes": "sum", "nulls": "sum", "value_minor": "sum"},
    partial=_item_sets,
)
