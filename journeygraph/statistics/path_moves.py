"""Moves of paths that are drawn again and again: listed once, and added up for every draw.

What differs between the draws of a bootstrap is how often each path counts. So the moves are found
and numbered before, and a draw is one pass over them. It is exact: whole numbers are added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from journeygraph.errors import InvalidOptionError
from journeygraph.kernels import path_moves as kernels
from journeygraph.statistics.attribution import bits_of, highest_order
from journeygraph.statistics.paths_to_outcomes import Paths
from journeygraph.threads import on_threads

__all__ = ["PathMoves"]

Int64Array = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class _Listed:
    """The moves of one part, by number, and where those of each path end."""

    part: Paths
    numbers: npt.NDArray[np.int32]
    path_ends: Int64Array


@dataclass(frozen=True, eq=False, slots=True)
class PathMoves:
    """The moves of paths; made by `of`.

    Attributes
    ----------
    states, following
        Of each move that differs, ascending, as `MOVES` has them.
    """

    states: Int64Array
    following: Int64Array
    _parts: tuple[_Listed, ...]

    @classmethod
    def of(cls, parts: Sequence[Paths], n_items: int, order: int) -> PathMoves:
        """List the moves between states of the last `order` items.

        Raises
        ------
        InvalidOptionError
            Where a state cannot hold so many.
        """
        if order > highest_order(n_items):
            expected = f"at most {highest_order(n_items)} with {n_items} items"
            raise InvalidOptionError("order", order, expected)
        n_bits = bits_of(n_items)

        def keys_of(part: Paths) -> tuple[Int64Array, Int64Array]:
            keys, path_ends = kernels.list_moves(
                part.item_codes, n_items, part.starts, part.ends, part.converts, order, n_bits
            )
            return keys, path_ends

        listed = on_threads(keys_of, parts)
        known = np.unique(np.concatenate([np.unique(keys) for keys, _ends in listed]))
        numbered = on_threads(lambda one: np.searchsorted(known, one[0]).astype(np.int32), listed)
        return cls(
            known >> n_bits,
            known & ((1 << n_bits) - 1),
            tuple(
                _Listed(part, numbers, path_ends)
                for part, numbers, (_keys, path_ends) in zip(parts, numbered, listed, strict=True)
            ),
        )

    def total(self, weights: Sequence[Int64Array] | None = None) -> tuple[pa.Table, Int64Array]:
        """The table of `MOVES`, and what came with each move that is to the outcome.

        Parameters
        ----------
        weights
            How often each path of each part counts; None where each counts once.
        """
        if weights is None:
            weights = [np.ones(len(one.path_ends), np.int64) for one in self._parts]
        sums = on_threads(self._add, list(zip(self._parts, weights, strict=True)))
        moves, worth = np.sum(sums, axis=0)
        columns = {"state": self.states, "next": self.following, "moves": moves}
        return pa.table(columns), worth

    def _add(self, drawn: tuple[_Listed, Int64Array]) -> tuple[Int64Array, Int64Array]:
        listed, weights = drawn
        moves, worth = kernels.add_moves(
            listed.numbers, listed.path_ends, listed.part.converts, listed.part.values, weights,
            len(self.states),
        )  # fmt: skip
        return moves, worth
