"""The names of a pattern, looked up: which items are meant at which of its places."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from journeygraph.errors import PatternMatchesNothingError
from journeygraph.item_names import ItemNames
from journeygraph.pattern_language import Boundary, Class, Name
from journeygraph.rules import matches_of_wildcards

__all__ = ["PatternItems"]

BoolArray = npt.NDArray[np.bool_]


class PatternItems:
    """Looks up which items are meant at a place."""

    def __init__(self, argument: str, names: ItemNames) -> None:
        self.argument = argument
        self.names = names

    def places(self, members: Sequence[Class | Boundary]) -> npt.NDArray[np.uint64]:
        """By item the places that it may be at."""
        known: dict[Class, BoolArray] = {}  # a repetition has the same at many places
        found = np.zeros(len(self.names.items), np.uint64)
        for place, member in enumerate(members):
            if isinstance(member, Class):
                if member not in known:
                    known[member] = self._meant(member)
                found[known[member]] |= np.uint64(1 << place)
        return found

    def _meant(self, member: Class) -> BoolArray:
        meant = np.zeros(len(self.names.items), np.bool_)
        for name in member.names:
            meant[self._of_name(name)] = True
        return ~meant if member.negated else meant

    def _of_name(self, name: Name) -> list[int] | BoolArray:
        argument = f"{self.argument} (character {name.place + 1})"
        if name.is_wildcard:
            known = self.names.items if self.names.names is None else self.names.names
            hits = matches_of_wildcards(name.text, known)
            if not any(hits):
                raise PatternMatchesNothingError(argument, name.text, known)
            return self.names.having(hits)
        return list(self.names.codes(argument, name.text))
