"""The chain behind what-if: changed at some items, and what it expects of the paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from journeygraph.options import Word
from journeygraph.statistics.absorbing import Chain, chain_of
from journeygraph.statistics.changed_chain import ended_in_outcome, fixed, removed, sped_up
from journeygraph.statistics.path_moves import PathMoves

__all__ = ["ChainChange", "ChangeKind", "Numbers", "WhatIfChain"]

Int64Array = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


class ChangeKind(Word, argument="kind"):
    """What is done to an item."""

    REMOVE = "remove"
    FIX = "fix"
    SPEED_UP = "speed_up"


class ChainChange(NamedTuple):
    """A change, with the codes of all items that its name means."""

    kind: ChangeKind
    item: str
    codes: tuple[int, ...]
    amount: float


class Numbers(NamedTuple):
    """Outcomes, outcomes per path, and value in minor units; the rate of no path is NaN."""

    outcomes: float
    outcome_rate: float
    value: float


@dataclass(frozen=True, eq=False, slots=True)
class WhatIfChain:
    """The chain of some paths.

    Attributes
    ----------
    chain
        As it is.
    worth
        By state: what all outcomes from there brought, in minor units.
    """

    chain: Chain
    worth: Int64Array

    @classmethod
    def of(
        cls, paths: PathMoves, n_items: int, order: int, weights: Sequence[Int64Array] | None = None
    ) -> WhatIfChain:
        """Count the moves of paths, and what those to an outcome brought.

        Parameters
        ----------
        weights
            How often each path of each part counts; None where each counts once.
        """
        table, brought = paths.total(weights)
        chain = chain_of(table, n_items, order)
        converts = (paths.following == n_items + 1) & (brought != 0)  # a draw may leave out a state
        worth = np.zeros(len(chain.states), np.int64)
        worth[np.searchsorted(chain.states, paths.states[converts])] = brought[converts]
        return cls(chain, worth)

    @property
    def paths(self) -> int:
        """Paths with an item."""
        return int(self.chain.moves[0])

    def times_at(self, codes: Sequence[int]) -> int:
        """How often somebody is at one of these items."""
        return int(self.chain.moves[np.isin(self.chain.last_items, codes)].sum())

    def numbers(self, changes: Sequence[ChainChange]) -> tuple[Numbers, Numbers]:
        """As it is, and as it would be with the changes."""
        chain = self.chain
        gone = [
            code for change in changes if change.kind is ChangeKind.REMOVE for code in change.codes
        ]
        changed = self.kept_with(changes)
        reached = ended_in_outcome(removed(changed, gone) if gone else changed) * self.paths
        return self._numbers(chain.outcomes.astype(np.float64)), self._numbers(reached)

    def kept_with(self, changes: Sequence[ChainChange]) -> Chain:
        """The chain with all changes but removals: their loss is nobody's drop-off."""
        chain = self.chain
        for change in changes:
            if change.kind is ChangeKind.FIX:
                chain = fixed(chain, change.codes, change.amount)
            elif change.kind is ChangeKind.SPEED_UP:
                chain = sped_up(chain, change.codes, change.amount)
        return chain

    def _numbers(self, outcomes: FloatArray) -> Numbers:
        """Of so many outcomes from each state."""
        known = self.chain.outcomes > 0
        each = np.divide(self.worth, self.chain.outcomes, out=np.zeros(len(known)), where=known)
        whole = float(outcomes.sum())
        rate = whole / self.paths if self.paths else float("nan")
        return Numbers(whole, rate, float(outcomes @ each))
