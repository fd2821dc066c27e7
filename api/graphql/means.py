"""Means of ratings, and how far two of them differ, in GraphQL."""

from __future__ import annotations

import graphene

from api.graphql import fields

__all__ = ["Mean", "MeanDifference"]


class Mean(graphene.ObjectType):
    """A mean of ratings with its interval, which knows who rated more than once."""

    value = fields.number("The mean; null where nobody rated.")
    low = fields.number("Lower end of the interval; null where fewer than two units rated.")
    high = fields.number("Upper end of the interval; null where fewer than two units rated.")
    ratings = fields.count("Interactions with a rating; journeys, where the mean is over these.")
    units = fields.count("Units with a rating.")
    missing = fields.count("Interactions, or journeys, without a rating.")
    missing_share = fields.number("Their share of all of them.")


class MeanDifference(graphene.ObjectType):
    """How far one mean lies above another, and whether that may be chance."""

    value = fields.number("The difference; null where one of them is of nothing.")
    low = fields.number("Lower end of Welch's interval.")
    high = fields.number("Upper end of Welch's interval.")
    p_value = fields.number("Welch's p; null where one is of fewer than two units.")
