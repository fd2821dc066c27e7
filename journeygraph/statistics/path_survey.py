"""Moves and sets of paths together, in one pass: what Markov chains and Shapley values stand on.

The plain case, in which every row of the journeys is an item and they stand without a gap, is the
usual one by channel, and has a kernel of its own; all others are counted path by path. Both give
the same tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.cutting import leave_no_gap
from journeygraph.errors import InvalidOptionError
from journeygraph.kernels import attribution as kernels
from journeygraph.kernels.path_survey import MOST_SET_ITEMS, survey_paths
from journeygraph.statistics.base import MergeableStatistic, total
from journeygraph.statistics.paths_to_outcomes import NOTHING, PathRule, Paths, paths_of

if TYPE_CHECKING:
    from journeygraph.journeys import Block, Journeys

__all__ = ["MOST_SET_ITEMS", "PATH_SURVEY", "bits_of", "is_plain", "moves_and_sets", "plain_moves"]

Int64Array = npt.NDArray[np.int64]

_MOVES, _SETS = 0, 1


def bits_of(n_items: int) -> int:
    """Bits of an item in a state: its code + 1, and two more for how a path can end."""
    return int(n_items + 2).bit_length()


def is_plain(block: Block | Paths) -> bool:
    """Whether every row of a block is an item of at most 254, and no row is between journeys."""
    if isinstance(block, Paths) or block.journey_lo == block.journey_hi:
        return False
    journeys, within = block.journeys, slice(block.journey_lo, block.journey_hi)
    starts, ends = journeys.journey_starts[within], journeys.journey_ends[within]
    codes = journeys.item_codes[starts[0] : ends[-1]]
    return (
        codes.dtype == np.uint8
        and int(codes.max()) < journeys.n_items
        and leave_no_gap(starts, ends)
    )


def plain_moves(block: Block, rule: PathRule) -> tuple[Int64Array, Int64Array]:
    """Moves of order 1 by state and next, in a table of all, and sets, of a plain block."""
    journeys, n = block.journeys, block.journeys.n_items
    n_bits = bits_of(n)
    outcome_rows = journeys.outcome_rows.view()
    outcome_rows.flags.writeable = False
    pairs, firsts, lasts, sets = survey_paths(
        journeys.item_codes, n, n_bits, journeys.journey_starts, journeys.journey_ends,
        block.journey_lo, block.journey_hi, outcome_rows, journeys.graph.at_us,
        rule.closed_until_us(journeys), rule.code, int(rule.with_outcome_item),
    )  # fmt: skip
    moves = np.zeros((1 << n_bits, 1 << n_bits), np.int64)
    moves[1 : n + 1, 1 : n + 1] = pairs.reshape(moves.shape)[:n, :n]
    moves[0, 1 : n + 1] = firsts
    moves[1 : n + 1, n + 1 : n + 3] = lasts
    return moves.reshape(-1), sets


def _path_survey(block: Block | Paths, rule: PathRule | None = None) -> pa.Table:
    """Moves of order 1, and paths to an outcome by the set of their items; few items only."""
    n_items = block.n_items if isinstance(block, Paths) else block.journeys.n_items
    if n_items > MOST_SET_ITEMS:
        raise InvalidOptionError("items", n_items, f"at most {MOST_SET_ITEMS}, or MOVES, ITEMS_MET")
    if not isinstance(block, Paths) and is_plain(block):
        moves, sets = plain_moves(block, rule or PathRule())
    else:
        paths = paths_of(block, rule)
        moves = kernels.count_moves(
            paths.item_codes, paths.n_items, paths.starts, paths.ends, paths.converts,
            paths.weights, 1, bits_of(paths.n_items),
        )  # fmt: skip
        sets = kernels.count_sets(
            paths.item_codes, paths.n_items, paths.starts, paths.ends, paths.converts,
            paths.weights, NOTHING,
        )[:, 0]  # fmt: skip
        sets[0] = 0
    moved, met = np.flatnonzero(moves), np.flatnonzero(sets)
    kinds = np.repeat([_MOVES, _SETS], [len(moved), len(met)])
    cells, counts = np.concatenate([moved, met]), np.concatenate([moves[moved], sets[met]])
    return pa.table({"kind": kinds, "cell": cells, "paths": counts})


PATH_SURVEY = MergeableStatistic(
    name="path_survey", keys=("kind", "cell"), measures={"paths": "sum"}, partial=_path_survey
)


def moves_and_sets(journeys: Journeys, rule: PathRule) -> tuple[pa.Table, pa.Table]:
    """Tables like `MOVES` of order 1 and `ITEM_SETS` (outcomes only), of at most 16 items.

    Raises
    ------
    InvalidOptionError
        Where there are more items: count `MOVES` and `ITEMS_MET` then.
    """
    survey = total(PATH_SURVEY, journeys, rule=rule)
    kind, cell, paths = (survey[name].to_numpy() for name in ("kind", "cell", "paths"))
    n_bits = bits_of(journeys.n_items)
    moved, met = kind == _MOVES, kind == _SETS
    moves = {
        "state": cell[moved] >> n_bits,
        "next": cell[moved] & ((1 << n_bits) - 1),
        "moves": paths[moved],
    }
    return pa.table(moves), pa.table({"items": cell[met], "outcomes": paths[met]})
