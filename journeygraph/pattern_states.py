"""A pattern as a table: which set of places follows which, so that an item costs one look-up.

The sets that can come up are made one after the other (the subset construction), items that the
pattern does not tell apart taken together. Most patterns have a handful; where there would be too
many there is no table, and sets are followed as they come, which is slower and never too much.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from journeygraph.pattern_automaton import Automaton, bits_of

__all__ = ["ACCEPTED", "StateTable", "table_of"]

ACCEPTED = 0
"""The state in which a match is found, whatever comes."""

_MOST_STATES = 256
_MOST_CELLS = 1 << 14


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class StateTable:
    """States by number.

    Attributes
    ----------
    kind_of
        (n_items,) uint16: items of the same kind are the same to the pattern.
    next_states
        (n_states * n_kinds,) int16 the state after an item, by state and kind.
    accepts_at_end
        (n_states,) whether it is a match if the journey ends here.
    start
        The state before the first item.
    n_kinds
        Kinds of items.
    """

    kind_of: npt.NDArray[np.uint16]
    next_states: npt.NDArray[np.int16]
    accepts_at_end: npt.NDArray[np.bool_]
    start: int
    n_kinds: int


class _Sets:
    """The sets of places met so far, by number."""

    def __init__(self, automaton: Automaton) -> None:
        self.automaton = automaton
        self.follow = automaton.follow()
        self.numbers: dict[int, int] = {-1: ACCEPTED}

    def after(self, places: int) -> int:
        """Where a match may be after one more, whatever that is."""
        reached = self.automaton.first
        for place in bits_of(places):
            reached |= self.follow[place]
        return reached

    def number(self, places: int) -> int:
        if places & self.automaton.last:
            return ACCEPTED
        return self.numbers.setdefault(places, len(self.numbers))


def table_of(automaton: Automaton) -> StateTable | None:
    """The table of a pattern, its limits of time left aside; None where it would be too large."""
    kinds, kind_of = np.unique(automaton.item_places, return_inverse=True)
    n_kinds = len(kinds)
    sets = _Sets(automaton)
    start = sets.number(automaton.first & automaton.start_places)
    masks = [int(kind) for kind in kinds]
    rows: list[list[int]] = [[ACCEPTED] * n_kinds]
    at_end = [True]
    while len(rows) < len(sets.numbers):
        if len(sets.numbers) > _MOST_STATES or len(sets.numbers) * n_kinds > _MOST_CELLS:
            return None
        reached = sets.after(list(sets.numbers)[len(rows)])
        rows.append([sets.number(reached & mask) for mask in masks])
        at_end.append(bool(reached & automaton.end_places & automaton.last))
    return StateTable(
        kind_of=_sealed(kind_of.astype(np.uint16)),
        next_states=_sealed(np.array(rows, np.int16).reshape(-1)),
        accepts_at_end=_sealed(np.array(at_end, np.bool_)),
        start=start,
        n_kinds=n_kinds,
    )


def _sealed(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    array.flags.writeable = False
    return array
