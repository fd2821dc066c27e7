"""Chains of referrals and those who carry them, in GraphQL."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.customer import customer_list
from api.graphql.scalars import BigInt, DateTime
from queries.referral_chains import AdvocateOrder, ChainOrder

__all__ = [
    "Advocate",
    "AdvocateOrderEnum",
    "Advocates",
    "Chain",
    "ChainOrderEnum",
    "Chains",
    "ReferralTree",
    "ReferrerCredits",
]

ChainOrderEnum = fields.choice(
    ChainOrder,
    "ChainOrder",
    "By what chains are listed, largest first.",
    SIZE="Customers in the chain.",
    DEPTH="Steps from the root to the farthest member.",
    VALUE="What all members brought in.",
)
AdvocateOrderEnum = fields.choice(
    AdvocateOrder,
    "AdvocateOrder",
    "By what advocates are listed, largest first.",
    BROUGHT="Customers brought directly.",
    DOWNSTREAM="All descendants.",
    DOWNSTREAM_VALUE="What all descendants brought in after each was referred.",
    FIRST_HOP_VALUE="What those brought directly brought in after each was referred.",
    DECAYED_VALUE="The same of all, less for each further step.",
)


class ChainMember(graphene.ObjectType):
    """A customer in a chain."""

    customer = graphene.NonNull(graphene.ID, description="The customer's id.")
    depth = fields.count("Steps below the root.")
    referred_by = graphene.ID(description="Who brought the customer; null for the root.")


class ChainMembers(graphene.ObjectType):
    """A page of the members of a chain."""

    nodes = fields.nodes(ChainMember, "The root first, then step by step down.")
    page_info = fields.page_info()


class Chain(graphene.ObjectType):
    """A customer whom nobody brought, all whom they brought, and so on."""

    root = graphene.NonNull(graphene.ID, description="The customer with whom it begins.")
    size = fields.count("Customers in it, the root included.")
    depth = fields.count("Steps from the root to the farthest member.")
    value = fields.amount("What all members brought in, ever, the root included.")
    downstream_value = fields.amount(
        "What those below the root brought in after each was referred.", "downstream_value_minor"
    )
    customers = customer_list("The customers behind `size`.")
    members = fields.one(
        ChainMembers,
        "The same, and where they stand in the chain.",
        first=fields.first_argument(50, "How many members."),
        after=fields.after_argument(),
    )

    @staticmethod
    def resolve_members(
        chain: Any, _info: graphene.ResolveInfo, first: int, after: str | None = None
    ) -> Any:
        return chain.members(first, after)


class Chains(graphene.ObjectType):
    """A page of chains."""

    nodes = fields.nodes(Chain, "The chains in the order asked for, equals by the root's id.")
    page_info = fields.page_info()


def _listed(kind: Any) -> graphene.NonNull:
    return graphene.NonNull(graphene.List(kind))


class ReferralTree(graphene.ObjectType):
    """One chain with all who are in it and who stands below whom, for a picture of it."""

    root = graphene.NonNull(graphene.ID, description="The customer with whom it begins.")
    size = fields.count("Customers in it, the root included.")
    depth = fields.count("Steps from the root to the farthest member.")
    ids = graphene.Field(
        _listed(graphene.NonNull(graphene.ID)),
        description="The members, the root first, then step by step down.",
    )
    referrers = graphene.Field(
        _listed(graphene.NonNull(BigInt)),
        description="For each member the place in `ids` of who brought it; -1 for the root.",
    )
    referred_at = graphene.Field(
        _listed(DateTime),
        description="When each was brought; null where it is not said, and for the root.",
        source="referred_at_us",
    )
    others = fields.count("Members farther down that are not listed.")


class Advocate(graphene.ObjectType):
    """A customer who brought others."""

    customer = graphene.NonNull(graphene.ID, description="The customer's id.")
    brought = fields.count("Customers brought directly.")
    downstream = fields.count("All descendants: those brought, whom these brought, and so on.")
    downstream_value = fields.amount(
        "What all descendants brought in after each was referred; not the advocate's own.",
        "downstream_value_minor",
    )
    first_hop_value = fields.amount(
        "The same of those brought directly only.", "first_hop_value_minor"
    )
    decayed_value = fields.amount(
        "The same of all, times the factor `decay` for each step beyond the first.",
        "decayed_value_minor",
    )
    brought_customers = customer_list("The customers behind `brought`.", "brought_customers")
    downstream_customers = customer_list(
        "The customers behind `downstream`.", "downstream_customers"
    )


class Advocates(graphene.ObjectType):
    """A page of advocates."""

    nodes = fields.nodes(Advocate, "The advocates in the order asked for, equals by id.")
    page_info = fields.page_info()


class ReferrerCredit(graphene.ObjectType):
    """A referrer, and what they are credited with."""

    customer = graphene.NonNull(graphene.ID, description="The referrer's id.")
    brought = fields.count("Customers of whom at least a part is credited.")
    credit = fields.number("These customers, each divided by the referrers who share them.")
    value = fields.amount("What they brought in since each was first referred, divided alike.")
    customers = customer_list("The customers behind `brought`.")


class ReferrerCredits(graphene.ObjectType):
    """A page of referrers and their credit."""

    nodes = fields.nodes(ReferrerCredit, "The referrers, most credit first, equals by id.")
    page_info = fields.page_info()
