"""How much there is, in GraphQL."""

from __future__ import annotations

import graphene

from api.graphql import fields

__all__ = ["Summary"]


class Summary(graphene.ObjectType):
    """How much there is in these journeys."""

    customers = fields.count("Distinct customers.")
    journeys = fields.count("Journeys: one for each customer, or what the split made of them.")
    interactions = fields.count("Interactions that were kept.")
    touchpoints = fields.count("Distinct touchpoints among them.")
    channels = fields.count("Distinct channels among them, as far as they are said.")
    from_ = fields.moment("The first of these interactions.", "from_us", name="from")
    until = fields.moment("The last of these interactions.", "until_us")
