r"""What the items of a view are called, and which of them a name means.

Without a tolerance an item has one name. With one, an item is a set of names, written in their
order with " + " between them. A "+" that stands by itself in a name gets a backslash (and one
more where there is one before it), so that the set of "a" and "b" is never taken for the name
"a + b": that is written "a \+ b" in such a view.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from journeygraph.errors import UnknownItemError

__all__ = ["ItemNames", "name_of_set"]

BoolArray = npt.NDArray[np.bool_]

_BETWEEN = " + "
_ONLY = "="
_ALONE = re.compile(r"(?<!\S)(\\*\+)(?!\S)")
_ALONE_ESCAPED = re.compile(r"(?<!\S)\\(\\*\+)(?!\S)")


def name_of_set(names: Iterable[str]) -> str:
    """What the set of some names is called."""
    return _BETWEEN.join(_ALONE.sub(r"\\\1", name) for name in sorted(names))


def _names_in(written: str) -> list[str]:
    """The names that a set was called by."""
    return [_ALONE_ESCAPED.sub(r"\1", part) for part in written.split(_BETWEEN)]


@dataclass(frozen=True, eq=False, kw_only=True)
class ItemNames:
    """The items of a view by name.

    Attributes
    ----------
    items
        What each is called, by code.
    same
        The normal form in which a name that is not known as it is written is looked for.
    names
        The names that sets are made of, by their codes; None where items are not sets.
    members
        By what an item is called the codes of its names; empty where items are not sets.
    """

    items: Sequence[str]
    same: Callable[[str], str]
    names: Sequence[str] | None = None
    members: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def knows(self, name: str) -> bool:
        """Whether an item is called, or holds, exactly this."""
        return name in self._codes or name in self._name_codes

    def codes(self, argument: str, name: str) -> tuple[int, ...]:
        """The codes of the items that a name means; at least one.

        Of sets, a name means all that hold it, several with " + " between them all that hold
        every one, and "=" before them the one set that holds nothing else.

        Parameters
        ----------
        argument
            The name of the argument that gave it.

        Raises
        ------
        UnknownItemError
            Where no item is meant.
        """
        if self.names is None:
            found = self._plain(self._codes, name)
            meant: Sequence[int] = () if found is None else (found,)
        else:
            meant = self._of_sets(name)
        if not meant:
            raise UnknownItemError(argument, name, self.items)
        return tuple(meant)

    def having(self, hits: Sequence[bool]) -> BoolArray:
        """Which items have one of some names; `hits` by code of a name."""
        if self.names is None:
            return np.array(hits, np.bool_)
        held = np.zeros(len(self.items), np.bool_)
        for code, hit in enumerate(hits):
            if hit:
                held[self._holders[code]] = True
        return held

    def members_of(self, name: str) -> frozenset[int]:
        """The codes of the names that what is asked for consists of; none where one is unknown.

        What an item is called comes before what a name is.
        """
        whole = self._whole(name)
        if whole is None and name.startswith(_ONLY):
            name = name[1:].removeprefix(" ")
            whole = self._whole(name)
        if whole is not None:
            return whole
        found = [self._plain(self._name_codes, part) for part in _names_in(name)]
        return frozenset(code for code in found if code is not None and None not in found)

    def _whole(self, name: str) -> frozenset[int] | None:
        if name in self.members:
            return frozenset(self.members[name])
        code = self._plain(self._name_codes, name)
        return None if code is None else frozenset((code,))

    def _of_sets(self, name: str) -> Sequence[int]:
        members = self.members_of(name)
        if not members:
            return ()
        holders = set.intersection(*(set(self._holders[code]) for code in members))
        if name.startswith(_ONLY) and self._whole(name) is None:
            size = len(members)
            return [code for code in holders if len(self.members[self.items[code]]) == size]
        return sorted(holders)

    def _plain(self, codes: Mapping[str, int], name: str) -> int | None:
        found = codes.get(name)
        return codes.get(self.same(name)) if found is None else found

    @cached_property
    def _codes(self) -> dict[str, int]:
        return {name: code for code, name in enumerate(self.items)}

    @cached_property
    def _name_codes(self) -> dict[str, int]:
        return {name: code for code, name in enumerate(self.names or ())}

    @cached_property
    def _holders(self) -> list[list[int]]:
        """By code of a name the items that hold it, ascending."""
        holders: list[list[int]] = [[] for _ in self.names or ()]
        for item, name in enumerate(self.items):
            for code in self.members.get(name, ()):
                holders[code].append(item)
        return holders
