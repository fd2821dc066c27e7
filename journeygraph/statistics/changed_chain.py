"""The absorbing chain of moves with some of its chances changed: who would reach the outcome then.

An item is removed by sending to nothing whoever would meet it. What leaves at an item is changed by
scaling its chances to end in nothing, and those of all that comes otherwise so that they add up;
whoever is kept goes on as the others do. Nothing else changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from journeygraph.statistics.absorbing import (
    FEW_STATES,
    MOST_DENSE_STATES,
    Chain,
    factorised,
    matrix_of,
    walked,
)

__all__ = ["drop_off_at", "ended_in_outcome", "fixed", "removed", "sped_up"]

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


def removed(chain: Chain, items: Sequence[int]) -> Chain:
    """Whoever would meet one of these items comes to nothing."""
    return _only(chain, ~np.isin(chain.last_items[chain.targets], items))


def fixed(chain: Chain, items: Sequence[int], drop_off: float) -> Chain:
    """Of those at these items only so many end there in nothing; unchanged where fewer do.

    With states of several items the chances of each are scaled alike.
    """
    now = drop_off_at(chain, items)
    if now is None or now <= drop_off:
        return chain
    lost = np.where(_at(chain, items), chain.to_nothing * (drop_off / now), chain.to_nothing)
    return _losing(chain, lost)


def sped_up(chain: Chain, items: Sequence[int], factor: float) -> Chain:
    """What follows these items comes after `factor` of the time.

    Going on and leaving compete at constant rates: with c the chance to leave and the rate of
    going on 1 / factor of what it was, that chance becomes factor c / (factor c + 1 - c).
    """
    lost = chain.to_nothing
    with np.errstate(invalid="ignore"):  # 0 / 0 where everybody leaves, who are kept as they are
        quicker = factor * lost / (factor * lost + 1 - lost)
    return _losing(chain, np.where(_at(chain, items) & (lost < 1), quicker, lost))


def drop_off_at(chain: Chain, items: Sequence[int]) -> float | None:
    """The share of times at these items after which nothing came, as often as they were met.

    None where nobody was there. Of a changed chain: as often as they were met before.
    """
    moves = chain.moves[_at(chain, items)]
    if not moves.sum():
        return None
    return float(moves @ chain.to_nothing[_at(chain, items)] / moves.sum())


def ended_in_outcome(chain: Chain) -> FloatArray:
    """By state: the chance that a path goes from there to the outcome, seen from the start."""
    if chain.n_states < 2:
        return np.zeros(chain.n_states)
    visits = _visits(_only(chain, _ends(chain)[chain.targets]))
    return np.asarray(visits * chain.to_outcome, np.float64)


def _visits(chain: Chain) -> FloatArray:
    """How often each state is met."""
    start = np.zeros(chain.n_states)
    start[0] = 1.0
    if chain.n_states > FEW_STATES:
        visits = walked(matrix_of(chain).T.tocsr(), start)
        if visits is not None:
            return visits
    if chain.n_states <= MOST_DENSE_STATES:
        matrix = np.eye(chain.n_states)
        np.subtract.at(matrix, (chain.targets, chain.sources), chain.chances)
        return np.asarray(np.linalg.solve(matrix, start), np.float64)
    return np.asarray(factorised(matrix_of(chain)).solve(start, trans="T"), np.float64)


def _at(chain: Chain, items: Sequence[int]) -> BoolArray:
    return np.isin(chain.last_items, items)


def _only(chain: Chain, kept: BoolArray) -> Chain:
    """Only some of the moves from state to state; the others end in nothing."""
    lost = np.bincount(chain.sources[~kept], chain.chances[~kept], chain.n_states)
    return replace(
        chain,
        sources=chain.sources[kept],
        targets=chain.targets[kept],
        chances=chain.chances[kept],
        to_nothing=chain.to_nothing + lost,
    )


def _losing(chain: Chain, lost: FloatArray) -> Chain:
    """The chain in which so many of each state end in nothing; who all did, still do."""
    goes_on = 1 - chain.to_nothing
    is_alive = chain.to_nothing < 1
    scale = np.divide(1 - lost, goes_on, out=np.ones(chain.n_states), where=is_alive)
    return replace(
        chain,
        chances=chain.chances * scale[chain.sources],
        to_outcome=chain.to_outcome * scale,
        to_nothing=np.where(is_alive, lost, chain.to_nothing),
    )


def _ends(chain: Chain) -> BoolArray:
    """From which states a path can end at all: nobody goes round in a circle for ever."""
    ends = (chain.to_outcome > 0) | (chain.to_nothing > 0)
    while True:
        leads = np.zeros(chain.n_states, np.bool_)
        leads[chain.sources[ends[chain.targets]]] = True
        if (leads | ends).sum() == ends.sum():
            return ends
        ends |= leads
