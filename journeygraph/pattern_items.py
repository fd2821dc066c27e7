"""The names of a pattern, looked up: which items are meant at which of its places."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from journeygraph.errors import PatternMatchesNothingError, UnknownItemError
from journeygraph.pattern_language import Boundary, Class, Name
from journeygraph.rules import matches_of_wildcards

__all__ = ["PatternItems"]

BoolArray = npt.NDArray[np.bool_]


class PatternItems:
    """Looks up which items are meant at a place."""

    def __init__(self, argument: str, items: Sequence[str], same: Callable[[str], str]) -> None:
        self.argument = argument
        self.items = items
        self.same = same
        self.codes = {name: code for code, name in enumerate(items)}

    def places(self, members: Sequence[Class | Boundary]) -> npt.NDArray[np.uint64]:
        """By item the places that it may be at."""
        known: dict[Class, BoolArray] = {}  # a repetition has the same at many places
        found = np.zeros(len(self.items), np.uint64)
        for place, member in enumerate(members):
            if isinstance(member, Class):
                if member not in known:
                    known[member] = self._meant(member)
                found[known[member]] |= np.uint64(1 << place)
        return found

    def _meant(self, member: Class) -> BoolArray:
        meant = np.zeros(len(self.items), np.bool_)
        for name in member.names:
            meant[self._of_name(name)] = True
        return ~meant if member.negated else meant

    def _of_name(self, name: Name) -> int | BoolArray:
        argument = f"{self.argument} (character {name.place + 1})"
        if name.is_wildcard:
            hits = matches_of_wildcards(name.text, self.items)
            if not any(hits):
                raise PatternMatchesNothingError(argument, name.text, self.items)
            return np.array(hits, np.bool_)
        code = self.codes.get(name.text)
        if code is None:
            code = self.codes.get(self.same(name.text))
        if code is None:
            raise UnknownItemError(argument, name.text, self.items)
        return code
