"""Values that GraphQL has no name for: big counts, exact money, moments and lengths of time."""

from __future__ import annotations

import decimal
from typing import Any

import graphene
from graphql import FloatValueNode, GraphQLError, IntValueNode, Node, StringValueNode

from api.answers import moment

__all__ = ["BigInt", "DateTime", "Decimal", "Duration"]

_MOST_DIGITS = 30


class BigInt(graphene.Scalar):
    """A whole number of any size: counts pass 2^31."""

    @staticmethod
    def serialize(value: Any) -> int:
        return int(value)

    @staticmethod
    def parse_value(value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        raise GraphQLError(f"{value!r} is not a whole number.")

    @staticmethod
    def parse_literal(node: Node, _variables: object = None) -> int:
        if isinstance(node, IntValueNode) and len(node.value) <= _MOST_DIGITS:
            return int(node.value)
        raise GraphQLError("Expected a whole number.", node)


class Decimal(graphene.Scalar):
    """An amount in major units as decimal text, exact: "12.50". As input a number will do."""

    @staticmethod
    def serialize(value: object) -> str:
        return str(value)

    @staticmethod
    def parse_value(value: object) -> str:
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return _amount(str(value))
        raise GraphQLError(f"{value!r} is not an amount.")

    @staticmethod
    def parse_literal(node: Node, _variables: object = None) -> str:
        if isinstance(node, StringValueNode | IntValueNode | FloatValueNode):
            return _amount(node.value)
        raise GraphQLError("Expected an amount.", node)


def _amount(text: str) -> str:
    try:
        amount = decimal.Decimal(text)
    except decimal.InvalidOperation:
        amount = decimal.Decimal("nan")
    if not amount.is_finite():
        raise GraphQLError(f"{text!r} is not an amount such as '19.99'.")
    return text


class _Text(graphene.Scalar):
    """A value that is written as text."""

    class Meta:
        abstract = True

    @staticmethod
    def serialize(value: Any) -> str:
        return str(value)

    @staticmethod
    def parse_value(value: object) -> str:
        if isinstance(value, str):
            return value
        raise GraphQLError(f"{value!r} is not a text.")

    @staticmethod
    def parse_literal(node: Node, _variables: object = None) -> str:
        if isinstance(node, StringValueNode):
            return node.value
        raise GraphQLError("Expected a text in quotes.", node)


class DateTime(_Text):
    """A moment as ISO 8601: "2024-01-31T09:30:00Z", or "2024-01-31" where a date will do."""

    @staticmethod
    def serialize(value: Any) -> str:
        return str(moment(int(value)))


class Duration(_Text):
    """A length of time with its unit: "30m", "12h", "7d", "2w"."""
