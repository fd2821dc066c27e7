"""The absorbing chain of moves, solved exactly: who reaches the outcome, and who without an item.

The chain starts at nothing met, moves from state to state (the last items) and ends at the
outcome or at nothing. An item is removed by sending to nothing whoever would meet it, so the
outcomes without it are those of paths that never meet it:

    p(without x) = p - sum over states a in which x was just met of  h(a) b(a)

where b(a) is the chance of the outcome from a, and h(a) the chance that a is the first such state
that is met. With N = (I - Q)^-1, h solves  h N[A, A] = N[start, A]: one inverse answers for every
item, where the textbook solves one chain for each (Anderl et al. 2016,
doi:10.1016/j.ijresmar.2016.03.001). Many states are solved by a sparse factorisation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.statistics.attribution import bits_of

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["MOST_DENSE_STATES", "Chain", "Removals", "chain_of", "factorised", "removals"]

FloatArray = npt.NDArray[np.float64]
Int64Array = npt.NDArray[np.int64]

MOST_DENSE_STATES = 3_000
_COLUMNS_AT_ONCE = 64


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Removals:
    """What the chain says.

    Attributes
    ----------
    outcome_rate
        The chance of the outcome from the start.
    effects
        By item: the share of the outcomes that is lost without it, 0 to 1; 0 where nobody
        meets it.
    n_states
        States of the chain, its start included.
    """

    outcome_rate: float
    effects: FloatArray
    n_states: int


@dataclass(frozen=True, eq=False, slots=True)
class Chain:
    """Moves between states as chances; the start is state 0.

    Attributes
    ----------
    states
        Codes of the states, ascending, as `MOVES` has them.
    sources, targets, chances
        Of each move from state to state.
    to_outcome, to_nothing
        By state: the chances to end there.
    last_items
        By state: the item just met, -1 at the start.
    moves, outcomes
        By state: how often it was left, and how often for the outcome.
    """

    states: Int64Array
    sources: Int64Array
    targets: Int64Array
    chances: FloatArray
    to_outcome: FloatArray
    to_nothing: FloatArray
    last_items: Int64Array
    moves: Int64Array
    outcomes: Int64Array

    @property
    def n_states(self) -> int:
        """States, the start included."""
        return len(self.last_items)


def removals(moves: pa.Table, n_items: int, order: int) -> Removals:
    """Solve the chain of a table of `MOVES`."""
    chain = chain_of(moves, n_items, order)
    effects = np.zeros(n_items)
    if chain.n_states < 2:
        return Removals(outcome_rate=0.0, effects=effects, n_states=chain.n_states)
    solve = _dense if chain.n_states <= MOST_DENSE_STATES else _sparse
    reach, visits, lost = solve(chain)
    if reach[0] > 0:
        by_item = np.argsort(chain.last_items, kind="stable")[1:]  # the start comes first
        items, firsts = np.unique(chain.last_items[by_item], return_index=True)
        effects[items] = [lost(states) for states in np.split(by_item, firsts[1:])]
        effects = np.clip(effects / reach[0], 0.0, 1.0)
    return Removals(outcome_rate=float(reach[0]), effects=effects, n_states=chain.n_states)


def chain_of(moves: pa.Table, n_items: int, order: int) -> Chain:
    """The chain of a table of `MOVES`."""
    n_bits = bits_of(n_items)
    state, following, count = (moves[name].to_numpy() for name in ("state", "next", "moves"))
    there = count > 0
    state, following, count = state[there], following[there], count[there]
    states = np.unique(np.append(state, 0))
    sources = np.searchsorted(states, state)
    left = np.bincount(sources, count, len(states)).astype(np.int64)
    chances = count / left[sources]
    goes_on = following <= n_items
    pushed = (state << n_bits | following) & ((1 << n_bits * order) - 1)
    converts = following == n_items + 1
    ends = ~goes_on & ~converts
    return Chain(
        states=states,
        sources=sources[goes_on],
        targets=np.searchsorted(states, pushed[goes_on]),
        chances=chances[goes_on],
        to_outcome=np.bincount(sources[converts], chances[converts], len(states)).astype(float),
        to_nothing=np.bincount(sources[ends], chances[ends], len(states)).astype(float),
        last_items=(states & ((1 << n_bits) - 1)) - 1,
        moves=left,
        outcomes=np.bincount(sources[converts], count[converts], len(states)).astype(np.int64),
    )


_Lost = Callable[[Int64Array], float]


def _dense(chain: Chain) -> tuple[FloatArray, FloatArray, _Lost]:
    matrix = np.eye(chain.n_states)
    np.subtract.at(matrix, (chain.sources, chain.targets), chain.chances)
    inverse: FloatArray = np.linalg.inv(matrix).astype(np.float64, copy=False)
    reach, visits = inverse @ chain.to_outcome, inverse[0]

    def lost(states: Int64Array) -> float:
        return _lost(inverse[np.ix_(states, states)], visits[states], reach[states])

    return reach, visits, lost


def _sparse(chain: Chain) -> tuple[FloatArray, FloatArray, _Lost]:
    from scipy.sparse import csr_array

    n = chain.n_states
    moves = csr_array((chain.chances, (chain.sources, chain.targets)), shape=(n, n))
    solver = factorised(moves)
    start = np.zeros(n)
    start[0] = 1.0
    reach, visits = solver.solve(chain.to_outcome), solver.solve(start, trans="T")
    if len(np.unique(chain.last_items)) == n:  # each item is one state: only returns to it count
        met = visits * reach / _returns(moves)
        return reach, visits, lambda states: float(met[states].sum())

    def lost(states: Int64Array) -> float:
        within = np.hstack([part[states] for part in _inverse_columns(solver, states, n)])
        return _lost(within, visits[states], reach[states])

    return reach, visits, lost


def factorised(moves: Any) -> Any:
    """I - Q of a sparse matrix of moves, ready to be solved."""
    from scipy.sparse import identity
    from scipy.sparse.linalg import splu

    return splu((identity(moves.shape[0], format="csc") - moves).tocsc())


def _inverse_columns(solver: Any, columns: Int64Array, n: int) -> Iterator[FloatArray]:
    """Columns of the inverse, some at once."""
    for first in range(0, len(columns), _COLUMNS_AT_ONCE):
        wanted = columns[first : first + _COLUMNS_AT_ONCE]
        units = np.zeros((n, len(wanted)))
        units[wanted, np.arange(len(wanted))] = 1.0
        yield solver.solve(units)


def _returns(moves: Any) -> FloatArray:
    """How often a state is met once it is met: the diagonal of N.

    Who comes back to a state has stayed among those that can reach each other, so that each such
    group is solved by itself; most states of a large chain are alone in theirs.
    """
    from scipy.sparse.csgraph import connected_components

    returns: FloatArray = 1 / (1 - moves.diagonal())
    _n_groups, groups = connected_components(moves, directed=True, connection="strong")
    order = np.argsort(groups, kind="stable")
    bounds = np.flatnonzero(np.diff(groups[order], prepend=-1, append=-1))
    for first, last in pairwise(bounds.tolist()):
        if last - first > 1:
            states = order[first:last]
            returns[states] = _returns_within(moves[states][:, states])
    return returns


def _returns_within(moves: Any) -> FloatArray:
    n = moves.shape[0]
    if n <= MOST_DENSE_STATES:
        inverse: FloatArray = np.linalg.inv(np.eye(n) - moves.toarray())
        return inverse.diagonal()
    solver, states = factorised(moves), np.arange(n)
    columns = _inverse_columns(solver, states, n)
    found = np.empty(n)
    for first, part in zip(range(0, n, _COLUMNS_AT_ONCE), columns, strict=True):
        found[first : first + part.shape[1]] = part[first:].diagonal()
    return found


def _lost(within: FloatArray, visits: FloatArray, reach: FloatArray) -> float:
    """Outcomes of those who meet one of some states; `within` is N among these states."""
    first_met = np.linalg.solve(within.T, visits) if len(visits) > 1 else visits / within[0]
    return float(first_met @ reach)
