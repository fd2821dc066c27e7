"""Options that are one word of a few, as people write them: in capitals or not, with - or _.

All of them refuse what is no word of theirs in the same way: with the words that there are.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Self

from journeygraph.errors import InvalidOptionError

__all__ = ["Word"]


class Word(StrEnum):
    """One word of a closed set; `argument` is the name of the option that takes it.

    Raises
    ------
    InvalidOptionError
        Where something else is given; its remedy lists the words.
    """

    _argument: ClassVar[str]

    def __init_subclass__(cls, *, argument: str) -> None:
        cls._argument = argument

    @classmethod
    def _missing_(cls, value: object) -> Self:
        for word in cls:
            if isinstance(value, str) and value.lower().replace("-", "_") == word.value:
                return word
        *others, last = (word.name for word in cls)
        expected = f"{', '.join(others)} or {last}" if others else last
        raise InvalidOptionError(cls._argument, value, expected)
