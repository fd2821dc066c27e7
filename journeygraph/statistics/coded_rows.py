"""What a column of names says in some rows, at a cost that follows these rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.graph import WORDS

if TYPE_CHECKING:
    from journeygraph.graph import IntArray, JourneyGraph

__all__ = ["codes_in_rows"]


def codes_in_rows(graph: JourneyGraph, name: str, rows: IntArray) -> npt.NDArray[np.int64]:
    """The codes that `graph.coded(name)` has in some rows; -1 where nothing is said.

    Of closed sets and channels the graph keeps other codes, and makes those of all rows when it is
    asked for them: too much to be done for each part of the rows.
    """
    if name in WORDS or name == "channel":
        return graph.column(name)[rows].astype(np.int64) - 1
    return graph.coded(name).codes[rows].astype(np.int64)
