"""Transitions between items, in GraphQL."""

from __future__ import annotations

import graphene

from api.graphql import fields
from api.graphql.customer import customer_list

__all__ = ["TransitionsAnswer"]


class Transition(graphene.ObjectType):
    """One item directly after another."""

    source = fields.text("The item before.")
    target = fields.text("The item directly after it.")
    units = fields.count("Distinct units that went so: a strict funnel of the two steps.")
    share = fields.number("`units` of all units of these journeys.")
    share_interval = fields.estimate("The same with its interval.")
    count = fields.count("How often it was gone.")
    median_seconds = fields.number(
        "Median time from the beginning of the one to that of the other."
    )
    p95_seconds = fields.number("95 % of these times are no longer.")
    mean_seconds = fields.number("Mean of these times, exact.")
    exact = fields.flag(
        "Whether median and 95th percentile are exact; otherwise they are within 2.2 %."
    )
    small = fields.flag("Whether fewer than 30 units stand behind it: read with care.")
    customers = customer_list("The customers behind `units`.")


class TransitionsAnswer(graphene.ObjectType):
    """The most frequent transitions, what they cover, and what is left."""

    units = fields.count("All units of these journeys: the denominator of every share.")
    count = fields.count("Occurrences of all transitions.")
    coverage = fields.number("Share of all occurrences that the transitions listed make up.")
    covered_count = fields.count("Occurrences of the transitions listed.")
    other_count = fields.count("Occurrences of the transitions not listed.")
    other_edges = fields.count("How many transitions are not listed.")
    nodes = fields.nodes(Transition, "The transitions, most units first, then by count and name.")
    page_info = fields.page_info()
