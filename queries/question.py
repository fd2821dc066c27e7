"""What all questions have in common: an option of another type than it has is refused at once.

GraphQL knows the types of its arguments; in Python anything may be given, and what is no number
would come to light deep inside, in words that say nothing of the option. What options mean, and
which of them go together, is said where they are used.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import Any

from journeygraph.errors import InvalidOptionError
from journeygraph.given import is_list, is_number, is_whole, mapping_as

__all__ = ["Question", "refuse_other_type", "take_mappings"]


def _is_text(given: Any) -> bool:
    return isinstance(given, str)


def _are_each(is_one: Callable[[Any], bool], given: Any) -> bool:
    return is_list(given) and all(map(is_one, given))


def _are_texts(given: Any) -> bool:
    """A text alone is a list of one, wherever names are listed."""
    return _is_text(given) or _are_each(_is_text, given)


_KINDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "int": (is_whole, "a whole number"),
    "float": (is_number, "a number"),
    "bool": (lambda given: isinstance(given, bool), "true or false"),
    "str": (_is_text, "a text"),
    "None": (lambda given: given is None, "nothing"),
    "Sequence[str]": (_are_texts, "a list of texts"),
    "Sequence[int]": (partial(_are_each, is_whole), "a list of whole numbers"),
    "Sequence[float]": (partial(_are_each, is_number), "a list of numbers"),
    "Sequence[Duration]": (is_list, "a list of durations"),
}
"""What can be told of a type by itself, by how it is written where an option is declared."""


def refuse_other_type(name: str, kind: str, given: Any) -> None:
    """Refuse what is of another type than an option is declared with, as far as that can be told.

    Parameters
    ----------
    kind
        The type as it is written there.

    Raises
    ------
    InvalidOptionError
    """
    kinds = [_KINDS.get(one) for one in kind.split(" | ")]
    known = [one for one in kinds if one is not None]
    if len(known) == len(kinds) and not any(is_one(given) for is_one, _ in known):
        raise InvalidOptionError(name, given, known[0][1])


class Question:
    """What a question is asked with; a frozen dataclass.

    Raises
    ------
    InvalidOptionError
        Where an option is of another type than it has.
    """

    __slots__ = ()

    def __post_init__(self) -> None:
        for option in dataclasses.fields(self):  # type: ignore[arg-type]
            refuse_other_type(option.name, str(option.type), getattr(self, option.name))


def take_mappings(question: Question, **kinds: type) -> None:
    """Make the groups of options of a question that were given as mappings."""
    for name, kind in kinds.items():
        given = getattr(question, name)
        if given is not None:
            object.__setattr__(question, name, mapping_as(kind, given, name))
