"""Fields that every answer has: counts, shares, money, moments, intervals, and their lists.

A resolver does no arithmetic. It reads an attribute of the answer; only names and units differ:
`value_minor` is shown as `value` in major units, `at_us` as the moment `at`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import Enum
from typing import Any

import graphene

from api.answers import money as in_major_units
from api.graphql.scalars import BigInt, DateTime, Decimal

__all__ = [
    "Estimate",
    "PageInfo",
    "after_argument",
    "amount",
    "argument",
    "at_least_argument",
    "choice",
    "count",
    "estimate",
    "exact_argument",
    "first_argument",
    "flag",
    "moment",
    "nodes",
    "number",
    "one",
    "page_info",
    "text",
    "texts",
    "word",
]

_Resolver = Callable[..., Any]


def count(description: str) -> graphene.NonNull:
    """A count, never null."""
    return graphene.NonNull(BigInt, description=description)


class _Number(graphene.Field):
    """A number that GraphQL can say: it has no infinity and nothing that is not a number."""

    def wrap_resolve(self, parent_resolver: _Resolver) -> _Resolver:
        resolve = super().wrap_resolve(parent_resolver)

        def finite(answer: Any, info: graphene.ResolveInfo, **arguments: Any) -> float | None:
            value = resolve(answer, info, **arguments)
            return value if value is not None and math.isfinite(value) else None

        return finite


def number(description: str) -> graphene.Field:
    """A share, rate, ratio or length in seconds; null where nothing is there to divide by."""
    return _Number(graphene.Float, description=description)


def flag(description: str) -> graphene.NonNull:
    """Yes or no."""
    return graphene.NonNull(graphene.Boolean, description=description)


def text(description: str) -> graphene.NonNull:
    """A name, never null."""
    return graphene.NonNull(graphene.String, description=description)


def texts(description: str) -> graphene.NonNull:
    """Names, none of them null."""
    names = graphene.List(graphene.NonNull(graphene.String))
    return graphene.NonNull(names, description=description)


def word(kind: Any, description: str) -> graphene.Field:
    """A word of a closed set, never null."""
    return graphene.Field(graphene.NonNull(kind), description=description)


def amount(description: str, attribute: str = "value_minor") -> graphene.Field:
    """An amount of money, read from an attribute in minor units."""

    def resolve(answer: Any, info: graphene.ResolveInfo) -> str | None:
        return in_major_units(getattr(answer, attribute), info.context.exponent)

    return graphene.Field(Decimal, description=description, resolver=resolve)


def moment(description: str, attribute: str, **options: Any) -> graphene.Field:
    """A moment, read from an attribute in microseconds."""
    return graphene.Field(DateTime, description=description, source=attribute, **options)


def one(kind: Any, description: str, **arguments: Any) -> graphene.Field:
    """An object, never null."""
    return graphene.Field(graphene.NonNull(kind), description=description, **arguments)


def nodes(kind: Any, description: str, **arguments: Any) -> graphene.Field:
    """A list of objects, none of them null; bounded by its field's `first`."""
    listed = graphene.NonNull(graphene.List(graphene.NonNull(kind)))
    return graphene.Field(listed, description=description, **arguments)


class Estimate(graphene.ObjectType):
    """A value with its interval, at the confidence that `journeys` was asked with."""

    value = number("The estimate; null where there is nothing to estimate from.")
    low = number("Lower end of the interval.")
    high = number("Upper end of the interval.")
    successes = count("The count above the line.")
    of = count("The count below the line.")


def estimate(description: str) -> graphene.Field:
    """A value with its interval."""
    return one(Estimate, description)


class PageInfo(graphene.ObjectType):
    """Whether more follow, and where to go on."""

    has_next_page = flag("Whether there are more behind this page.")
    end_cursor = graphene.String(description="What to give as `after` for the next page.")


def page_info() -> graphene.Field:
    """How to go on."""
    return one(PageInfo, "How to go on behind this page.")


def choice(members: type[Enum], name: str, description: str, **meanings: str) -> Any:
    """A GraphQL enum of a Python one; `meanings` describe its members by their names."""

    def describe(member: Any) -> str:
        return description if member is None else meanings[member.name]

    return graphene.Enum.from_enum(members, name=name, description=describe)


def argument(kind: Any, default: Any, description: str) -> graphene.Argument:
    """An argument that has a default, so that it is never null."""
    return graphene.Argument(graphene.NonNull(kind), default_value=default, description=description)


def first_argument(default: int, description: str) -> graphene.Argument:
    """How long a page is."""
    return argument(graphene.Int, default, f"{description} At most 1000.")


def after_argument() -> graphene.String:
    """Where a page begins."""
    return graphene.String(description="The `endCursor` of an earlier page, to go on behind it.")


def at_least_argument(description: str) -> graphene.Argument:
    """From which size on something is listed."""
    return argument(graphene.Int, 1, description)


def exact_argument() -> graphene.Argument:
    """Whether lengths of time are to be exact."""
    return argument(graphene.Boolean, False, "Exact lengths of time instead of within 2.2 %.")
