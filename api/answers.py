"""Answers as JSON, under the names that GraphQL gives to them.

One rule for all: `snake_case` becomes `camelCase`, `…_minor` becomes a decimal text in major
units, `…_us` a moment in ISO 8601. Lists of customers are left out, and so is what an answer only
holds to find them; GraphQL pages through them.
"""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from queries.customer_lists import CustomerList

__all__ = ["camel_case", "moment", "money", "parts_of", "to_json", "to_plain"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def camel_case(name: str) -> str:
    """Spell a name the way that GraphQL and JSON do."""
    head, *rest = name.rstrip("_").split("_")
    return head + "".join(part.capitalize() for part in rest)


def money(minor: int | None, exponent: int) -> str | None:
    """An amount as a decimal text in major units, exact."""
    if minor is None:
        return None
    return format(Decimal(int(minor)).scaleb(-exponent), "f")


def moment(at_us: int | None) -> str | None:
    """A moment as ISO 8601 in UTC."""
    if at_us is None:
        return None
    return (_EPOCH + timedelta(microseconds=int(at_us))).isoformat().replace("+00:00", "Z")


def to_plain(answer: Any, exponent: int) -> Any:
    """An answer, or a dict of parts of one, as dicts, lists and plain values."""
    if dataclasses.is_dataclass(answer) and not isinstance(answer, type):
        answer = parts_of(answer)
    if isinstance(answer, dict):
        shown = {name: value for name, value in answer.items() if _is_shown(name, value)}
        return dict(_entry(name, value, exponent) for name, value in shown.items())
    if isinstance(answer, (list, tuple)):
        return [to_plain(part, exponent) for part in answer]
    if isinstance(answer, Enum):
        return answer.name
    return answer


def parts_of(answer: Any) -> dict[str, Any]:
    """The fields of an answer by name."""
    return {field.name: getattr(answer, field.name) for field in dataclasses.fields(answer)}


def _is_shown(name: str, value: object) -> bool:
    return not (name.startswith("_") or isinstance(value, CustomerList))


def _entry(name: str, value: Any, exponent: int) -> tuple[str, Any]:
    if name.endswith("_minor"):
        return camel_case(name.removesuffix("_minor")), money(value, exponent)
    if name.endswith("_us"):
        moments = [moment(at) for at in value] if isinstance(value, tuple) else moment(value)
        return camel_case(name.removesuffix("_us")), moments
    return camel_case(name), to_plain(value, exponent)


def to_json(answer: object, exponent: int) -> str:
    """An answer, or a dict of parts of one, as indented JSON."""
    import orjson

    options = orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY
    return orjson.dumps(to_plain(answer, exponent), option=options).decode()
