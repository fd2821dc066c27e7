"""How referrals spread, in GraphQL."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.customer import customer_list
from api.graphql.scalars import BigInt
from queries.cascades import CascadeOrder

__all__ = ["CascadeOrderEnum", "CascadesAnswer", "arguments"]

CascadeOrderEnum = fields.choice(
    CascadeOrder,
    "CascadeOrder",
    "By what cascades are listed, largest first.",
    SIZE="Customers in the cascade.",
    DEPTH="Steps from the root to the farthest member.",
    BREADTH="Customers of the largest generation.",
    VIRALITY="The mean distance of two members.",
)


def arguments() -> dict[str, Any]:
    """What the question takes."""
    return {
        "order": fields.argument(CascadeOrderEnum, CascadeOrder.SIZE, "What comes first."),
        "first": fields.first_argument(10, "How many cascades."),
        "after": fields.after_argument(),
    }


class Cascade(graphene.ObjectType):
    """A customer whom nobody brought, all whom they brought, and so on, as a shape."""

    root = graphene.NonNull(graphene.ID, description="The customer with whom it begins.")
    size = fields.count("Customers in it, the root included.")
    depth = fields.count("Steps from the root to the farthest member.")
    breadth = fields.count("Customers of the largest generation.")
    generations = graphene.NonNull(
        graphene.List(graphene.NonNull(BigInt)),
        description="Customers of each generation, the root first; they add up to `size`.",
    )
    virality = fields.number("Structural virality: the mean distance of two members.")
    pair_distances = fields.count("The sum of the distances of all pairs of members.")
    timed = fields.count("Referrals in it of which it is known when both customers came.")
    median_generation_seconds = fields.number("The median time between these two.")
    customers = customer_list("The customers behind `size`.")


class CascadeCount(graphene.ObjectType):
    """How many cascades have a size, a depth or a breadth."""

    of = fields.count("The size, depth or breadth.")
    cascades = fields.count("Cascades that have it.")


class Generation(graphene.ObjectType):
    """All customers so many steps below the roots."""

    depth = fields.count("Steps below the root.")
    size = fields.count("Customers of this generation.")
    timed = fields.count("Of how many it is known when they and who brought them came.")
    median_seconds = fields.number("The median time between these two.")


class CascadesAnswer(graphene.ObjectType):
    """How referrals spread: cascades whose roots are selected, with all their members."""

    cascades = fields.count("Cascades whose roots are selected.")
    size = fields.count("Customers in them.")
    customers = fields.count("Customers selected.")
    organic = fields.count("Of these, who came by nobody's word: neither brought nor unattributed.")
    organic_share = fields.estimate("`organic` of `customers`.")
    mean_virality = fields.number("The mean structural virality of the cascades.")
    median_virality = fields.number("The median structural virality of the cascades.")
    max_virality = fields.number("The largest structural virality of a cascade.")
    timed = fields.count("Referrals of which it is known when both customers came.")
    median_generation_seconds = fields.number("The median time between these two.")
    sizes = fields.nodes(CascadeCount, "How many cascades have which size.")
    depths = fields.nodes(CascadeCount, "How many cascades have which depth.")
    breadths = fields.nodes(CascadeCount, "How many cascades have which breadth.")
    generations = fields.nodes(Generation, "All cascades together, without the roots.")
    nodes = fields.nodes(Cascade, "The cascades in the order asked for, equals by the root's id.")
    page_info = fields.page_info()
    all_customers = customer_list("The customers behind `customers`.", "all_customers")
    organic_customers = customer_list("The customers behind `organic`.", "organic_customers")
    cascade_customers = customer_list("The customers behind `size`.", "cascade_customers")
