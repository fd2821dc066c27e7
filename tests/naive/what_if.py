"""A chain with changed chances, in fractions, as docs/what-if.md words it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction

from tests.naive.attribution import Path, State, chain, eliminate

__all__ = ["expected"]

Ends = dict[str | bool, Fraction]


def expected(
    paths: Sequence[Path],
    order: int,
    removed: set[str],
    fixed: Mapping[str, Fraction],
    sped_up: Mapping[str, Fraction],
) -> tuple[Fraction, Fraction]:
    """Outcomes and value of all paths with these changes."""
    moves = chain(paths, order)
    chances = {state: changed(state, moves, fixed, sped_up) for state in moves}
    worth = worth_of_states(paths, order)
    n = sum(moves[()].values()) if () in moves else 0
    reached = visits(chances, order, removed)
    ends = {
        state: n * visited * chances[state].get(True, Fraction(0))
        for state, visited in reached.items()
    }
    return sum(ends.values(), Fraction(0)), sum(
        (outcomes * worth[state] for state, outcomes in ends.items() if outcomes), Fraction(0)
    )


def changed(
    state: State,
    moves: Mapping[State, Counter[str | bool]],
    fixed: Mapping[str, Fraction],
    sped_up: Mapping[str, Fraction],
) -> Ends:
    whole = sum(moves[state].values())
    chances: Ends = {to: Fraction(count, whole) for to, count in moves[state].items()}
    lost, item = chances.get(False, Fraction(0)), state[-1] if state else ""
    then = lost
    if item in fixed:
        there = [of for other, of in moves.items() if other and other[-1] == item]
        rate = Fraction(sum(of[False] for of in there), sum(sum(of.values()) for of in there))
        then = lost * min(Fraction(1), fixed[item] / rate) if rate else lost
    elif item in sped_up and lost < 1:
        then = sped_up[item] * lost / (sped_up[item] * lost + 1 - lost)
    if lost == 1:
        return chances
    scaled: Ends = {to: chance * (1 - then) / (1 - lost) for to, chance in chances.items()}
    return {**scaled, False: then}


def worth_of_states(paths: Sequence[Path], order: int) -> dict[State, Fraction]:
    """What an outcome brings on average, by the last items before it."""
    found: dict[State, list[int]] = {}
    for path in paths:
        if path.converts and path.items:
            found.setdefault(path.names[-order:], []).append(path.value)
    return {state: Fraction(sum(values), len(values)) for state, values in found.items()}


def visits(chances: Mapping[State, Ends], order: int, removed: set[str]) -> dict[State, Fraction]:
    """How often a path is in each state, by elimination; nobody goes round for ever."""
    states = sorted(ending(chances, order, removed))
    place = {state: number for number, state in enumerate(states)}
    rows = [
        [*(Fraction(int(here == there)) for there in states), Fraction(int(here == ()))]
        for here in states
    ]
    for state in states:
        for to, chance in chances[state].items():
            if isinstance(to, str) and to not in removed:
                behind = (*state, to)[-order:]
                if behind in place:
                    rows[place[behind]][place[state]] -= chance
    eliminate(rows)
    return {state: rows[place[state]][-1] for state in states}


def ending(chances: Mapping[State, Ends], order: int, removed: set[str]) -> set[State]:
    """States from which a path can come to an end."""
    found = {
        state
        for state, ends in chances.items()
        if ends.get(True) or ends.get(False) or any(to in removed for to in ends)
    }
    while True:
        leading = {
            state
            for state, ends in chances.items()
            for to, chance in ends.items()
            if isinstance(to, str) and chance and (*state, to)[-order:] in found
        }
        if leading <= found:
            return found
        found |= leading
