"""Options as people write them: a dict in a notebook, a dataclass in code, JSON from outside.

Every group of options is a frozen dataclass. Wherever one is expected, a mapping does as well;
its keys may be written in snake_case or camelCase, and a key that means nothing is an error.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from numbers import Integral, Real
from typing import Any, TypeVar

from journeygraph.errors import InvalidOptionError, UnknownOptionError

__all__ = [
    "Amount", "Names", "amount_minor", "flag", "is_list", "is_number", "is_whole", "mapping_as",
    "mappings_as", "names", "text",
]  # fmt: skip

Names = tuple[str, ...]
Amount = Decimal | int | float | str

_Options = TypeVar("_Options")


def is_whole(given: Any) -> bool:
    """Whether it is a whole number, and not merely equal to one, as true is to 1."""
    return isinstance(given, Integral) and not isinstance(given, bool)


def is_number(given: Any) -> bool:
    """Whether it is a real number, and no flag."""
    return isinstance(given, Real) and not isinstance(given, bool)


def is_list(given: Any) -> bool:
    """Whether it is a list of things, which may be looked at more than once."""
    return isinstance(given, Collection) and not isinstance(given, Mapping | str | bytes)


def mapping_as(kind: type[_Options], given: Any, argument: str) -> _Options:
    """Make the dataclass `kind` of a mapping; what is one already stays as it is.

    Parameters
    ----------
    argument
        The name that errors give to it, such as "where.customers".

    Raises
    ------
    UnknownOptionError
        Where a key is not a field of `kind`.
    InvalidOptionError
        Where it is neither.
    """
    if isinstance(given, kind):
        return given
    if not isinstance(given, Mapping):
        raise InvalidOptionError(argument, given, "a mapping of options")
    known = {
        spelling: field.name
        for field in dataclasses.fields(kind)  # type: ignore[arg-type]
        for spelling in _spellings(field.name)
    }
    unknown = [key for key in given if key not in known]
    if unknown:
        wrong = str(unknown[0])
        fields = dataclasses.fields(kind)  # type: ignore[arg-type]
        shown = [_spellings(field.name)["_" not in wrong] for field in fields]
        raise UnknownOptionError(argument, wrong, shown)
    return kind(**{known[key]: value for key, value in given.items() if value is not None})


def mappings_as(kind: type[_Options], given: Any, argument: str) -> list[_Options]:
    """The same of a list of them; none where nothing is given."""
    if given is None:
        return []
    if not is_list(given):
        raise InvalidOptionError(argument, given, "a list of mappings of options")
    return [mapping_as(kind, one, argument) for one in given]


def _spellings(field: str) -> tuple[str, str, str]:
    """`not_touched`: itself, `notTouched`; `from_`: `from`, which Python keeps for itself."""
    plain = field.rstrip("_")
    first, *rest = plain.split("_")
    return plain, first + "".join(word.capitalize() for word in rest), field


def names(given: Any, argument: str) -> Names | None:
    """Names as a tuple; one text is one name, None stays None.

    Raises
    ------
    InvalidOptionError
        Where it is empty or holds something that is not a text.
    """
    if given is None:
        return None
    if not isinstance(given, str | Iterable) or isinstance(given, Mapping | bytes):
        raise InvalidOptionError(argument, given, "a list of names")
    listed = (given,) if isinstance(given, str) else tuple(given)
    if not listed or not all(isinstance(name, str) for name in listed):
        raise InvalidOptionError(argument, list(listed), "at least one name, or to be left out")
    return listed


def text(given: Any, argument: str) -> str:
    """A text that is not empty and that can be written as UTF-8."""
    if not isinstance(given, str) or not given or not _is_unicode(given):
        raise InvalidOptionError(argument, given, "a text")
    return given


def _is_unicode(given: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in given)


def flag(given: Any, argument: str) -> bool:
    """True or false, and nothing that merely looks like it."""
    if not isinstance(given, bool):
        raise InvalidOptionError(argument, given, "true or false")
    return given


def amount_minor(given: Any, argument: str, exponent: int) -> Decimal:
    """An amount of money, given in major units, in minor units, fractions of them kept.

    Raises
    ------
    InvalidOptionError
        Where it is not a finite number.
    """
    try:
        amount = Decimal("nan") if isinstance(given, bool) else Decimal(str(given).strip())
    except InvalidOperation:
        amount = Decimal("nan")
    if not amount.is_finite() or amount.adjusted() > 18:
        raise InvalidOptionError(argument, given, "an amount such as '19.99'")
    return amount.scaleb(exponent)
