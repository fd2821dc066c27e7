"""The absorbing chain of moves, solved exactly: who reaches the outcome, and who without an item.

The chain starts at nothing met, moves from state to state (the last items) and ends at the
outcome or at nothing. An item is removed by sending to nothing whoever would meet it, so the
outcomes without it are those of paths that never meet it:

    p(without x) = p - sum over states a in which x was just met of  h(a) b(a)

where b(a) is the chance of the outcome from a, and h(a) the chance that a is the first such state
that is met. With N = (I - Q)^-1, h solves  h N[A, A] = N[start, A]: one inverse answers for every
item, where the textbook solves one chain for each (Anderl et al. 2016,
doi:10.1016/j.ijresmar.2016.03.001). With many states, most of which lead to few others, everybody
is followed step by step instead, until nobody to speak of is under way: h is then where those end
who are stopped at x. Chains that go round for too long for that are solved by a sparse
factorisation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.statistics.attribution import bits_of
from journeygraph.threads import on_threads

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "FEW_STATES",
    "MOST_DENSE_STATES",
    "Chain",
    "Removals",
    "chain_of",
    "factorised",
    "matrix_of",
    "removals",
    "walked",
]

FloatArray = npt.NDArray[np.float64]
Int64Array = npt.NDArray[np.int64]

FEW_STATES = 200
"""Up to so many are solved as they stand sooner than step by step."""

MOST_DENSE_STATES = 3_000
_COLUMNS_AT_ONCE = 64
_ITEMS_AT_ONCE = 16
_MOST_STEPS = 1_000
_NOBODY = 1e-16
"""Of the one path that begins."""


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
    by_item = np.argsort(chain.last_items, kind="stable")[1:]  # the start comes first
    items, firsts = np.unique(chain.last_items[by_item], return_index=True)
    groups = np.split(by_item, firsts[1:])
    found = _step_by_step(chain, groups) if _is_sparse(chain, groups) else None
    if found is None:
        solve = _dense if chain.n_states <= MOST_DENSE_STATES else _sparse
        reach, lost = solve(chain)
        rate = float(reach[0])
        losses = [lost(states) for states in groups] if rate > 0 else []
    else:
        rate, losses = found
    if rate > 0:
        effects[items] = losses
        effects = np.clip(effects / rate, 0.0, 1.0)
    return Removals(outcome_rate=rate, effects=effects, n_states=chain.n_states)


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


def _is_sparse(chain: Chain, groups: Sequence[Int64Array]) -> bool:
    """Whether states are many for the items that there are, so that most lead to few others."""
    return chain.n_states > max(FEW_STATES, 2 * len(groups))


def _step_by_step(chain: Chain, groups: Sequence[Int64Array]) -> tuple[float, list[float]] | None:
    """The outcome rate, and what is lost without the item of each group of states.

    None where too many go round for too long.
    """
    moves = matrix_of(chain)
    reach = walked(moves, chain.to_outcome)
    if reach is None:
        return None
    backwards = moves.T.tocsr()
    parts = [
        groups[first : first + _ITEMS_AT_ONCE] for first in range(0, len(groups), _ITEMS_AT_ONCE)
    ]
    found = on_threads(lambda part: _first_met(backwards, part), parts)
    losses: list[float] = []
    for part, first_met in zip(parts, found, strict=True):
        if first_met is None:
            return None
        losses += [float(met @ reach[states]) for states, met in zip(part, first_met, strict=True)]
    return float(reach[0]), losses


def walked(moves: Any, begins: FloatArray) -> FloatArray | None:
    """What is there in the end of what begins, and moves on a step at a time: its sum over steps.

    Everything that is added up is positive, so that no digits are lost, and each step costs a
    look at the moves that there are. None where too much goes round for too long.

    Parameters
    ----------
    moves
        (n, n) sparse: what of each state comes to which; to go back from where it ends, that
        transposed.
    begins
        (n,) by state.
    """
    whole, under_way = np.zeros(len(begins)), begins
    for _ in range(_MOST_STEPS):
        whole += under_way
        under_way = moves @ under_way
        if under_way.sum() < _NOBODY:
            return whole
    return None


def _first_met(backwards: Any, groups: Sequence[Int64Array]) -> list[FloatArray] | None:
    """Of each group, the chance that each of its states is the first of them that is met."""
    under_way = np.zeros((backwards.shape[0], len(groups)))
    under_way[0] = 1.0
    rows, columns = np.concatenate(groups), np.repeat(np.arange(len(groups)), [*map(len, groups)])
    met = np.zeros(len(rows))
    for _ in range(_MOST_STEPS):
        under_way = backwards @ under_way
        met += under_way[rows, columns]
        under_way[rows, columns] = 0.0  # whoever is there goes no further
        if under_way.sum() < _NOBODY:
            return np.split(met, np.cumsum([*map(len, groups)])[:-1])
    return None


_Lost = Callable[[Int64Array], float]


def _dense(chain: Chain) -> tuple[FloatArray, _Lost]:
    matrix = np.eye(chain.n_states)
    np.subtract.at(matrix, (chain.sources, chain.targets), chain.chances)
    inverse: FloatArray = np.linalg.inv(matrix).astype(np.float64, copy=False)
    reach, visits = inverse @ chain.to_outcome, inverse[0]

    def lost(states: Int64Array) -> float:
        return _lost(inverse[np.ix_(states, states)], visits[states], reach[states])

    return reach, lost


def _sparse(chain: Chain) -> tuple[FloatArray, _Lost]:
    n, moves = chain.n_states, matrix_of(chain)
    solver = factorised(moves)
    start = np.zeros(n)
    start[0] = 1.0
    reach, visits = solver.solve(chain.to_outcome), solver.solve(start, trans="T")
    if len(np.unique(chain.last_items)) == n:  # each item is one state: only returns to it count
        met = visits * reach / _returns(moves)
        return reach, lambda states: float(met[states].sum())

    def lost(states: Int64Array) -> float:
        within = np.hstack([part[states] for part in _inverse_columns(solver, states, n)])
        return _lost(within, visits[states], reach[states])

    return reach, lost


def matrix_of(chain: Chain) -> Any:
    """The chances of moves from state to state, sparse: rows are where from."""
    from scipy.sparse import csr_array

    moves = (chain.chances, (chain.sources, chain.targets))
    return csr_array(moves, shape=(chain.n_states, chain.n_states))


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
