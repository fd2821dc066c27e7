"""Which sets hold an interaction that meets something: conditions are about interactions.

A set is one item at its first row, so what is asked of interactions, their channel or their value,
is asked of every row of the set and carried to its first one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.threads import evenly, on_threads

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["first_rows_met", "pairs_meant", "rows_met"]

Int64Array = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_ROWS_AT_ONCE = 1 << 20


def pairs_meant(journeys: Journeys, names: Sequence[str]) -> tuple[int, ...]:
    """What asks for some items, and something of their interactions, may look at: ascending.

    A number for each item that is meant and each name of it that it is meant by, so that a set
    of "cart" and "call" does not meet "cart by phone" by its call: `item * names + name`.
    """
    assert journeys.sets is not None
    known, n_names = journeys.item_names, len(journeys.sets.names)
    meant = {
        item * n_names + code
        for name in names
        for item in known.codes("items", name)
        for code in known.members_of(name)
    }
    return tuple(sorted(meant))


def first_rows_met(
    journeys: Journeys,
    part: slice,
    meets: Callable[[slice], BoolArray],
    pairs: Sequence[int] | None = None,
) -> Int64Array:
    """The first rows of sets that hold an interaction that meets something, ascending.

    Parameters
    ----------
    part
        Which journeys.
    meets
        Which of some rows of the graph do.
    pairs
        By what names interactions of which items count, see `pairs_meant`; None for all.
    """
    sets = journeys.sets
    assert sets is not None
    starts, ends = journeys.journey_starts[part], journeys.journey_ends[part]
    if not len(starts):
        return np.zeros(0, np.int64)
    first_of = sets.every_first_row(starts, ends, journeys.graph.at_us)
    rows = np.flatnonzero((first_of >= 0) & meets(slice(int(starts[0]), int(ends[-1]))))
    first_rows = first_of[rows]
    items = journeys.item_codes[first_rows].astype(np.int64)
    chosen = items < journeys.n_items
    if pairs is not None:
        keys = items * len(sets.names) + sets.name_codes[rows + int(starts[0])]
        chosen &= np.isin(keys, np.array(pairs, np.int64))
    return np.unique(first_rows[chosen])


def rows_met(journeys: Journeys, meets: BoolArray, pairs: Sequence[int] | None = None) -> BoolArray:
    """By row of the graph whether a set begins there that holds a row that meets something."""
    sizes = journeys.journey_ends - journeys.journey_starts
    parts = evenly(sizes, int(sizes.sum()) // _ROWS_AT_ONCE + 1)
    found = np.zeros(len(meets), np.bool_)
    for rows in on_threads(
        lambda part: first_rows_met(journeys, part, lambda piece: meets[piece], pairs), parts
    ):
        found[rows] = True
    return found
