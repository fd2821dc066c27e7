"""Referrals, in GraphQL."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import fields
from api.graphql.chains import (
    Advocate,
    AdvocateOrderEnum,
    Advocates,
    Chain,
    ChainOrderEnum,
    Chains,
)
from api.graphql.customer import customer_list
from queries.referral_chains import AdvocateOrder, ChainOrder
from queries.referrals import CutReason

__all__ = ["ReferralsAnswer"]

CutReasonEnum = fields.choice(
    CutReason,
    "CutReason",
    "Why a referral is in no chain.",
    SELF_REFERRAL="A referral of oneself.",
    CYCLE="The latest referral of a cycle.",
)


class DepthCount(graphene.ObjectType):
    """How many customers stand so far below the root of their chain."""

    depth = fields.count("Steps below the root.")
    count = fields.count("Customers at this depth.")
    customers = customer_list("The customers behind `count`.")


class SizeCount(graphene.ObjectType):
    """How many chains have so many customers."""

    size = fields.count("Customers in a chain, its root included.")
    chains = fields.count("Chains of this size.")


class CutReferral(graphene.ObjectType):
    """A referral that is in no chain, and why."""

    referrer = graphene.NonNull(graphene.ID, description="Who brought.")
    referred = graphene.NonNull(graphene.ID, description="Who was brought.")
    at = fields.moment("When; null where it is not said.", "at_us")
    reason = fields.word(CutReasonEnum, "Why it was cut.")


class CutReferrals(graphene.ObjectType):
    """A page of referrals that were cut."""

    nodes = fields.nodes(CutReferral, "The referrals in the order of their arrival.")
    page_info = fields.page_info()


def _ordered(kind: Any, default: Any) -> graphene.Argument:
    return fields.argument(kind, default, "What comes first.")


class ReferralsAnswer(graphene.ObjectType):
    """Who brings whom. Trees are grown on the whole store; `where` selects whom to count."""

    customers = fields.count("Customers selected; without a filter all of the store.")
    roots = fields.count("Of these, who was brought by nobody and brought at least one.")
    referred = fields.count("Of these, who was brought by a customer.")
    share = fields.number("`referred` of `customers`.")
    share_interval = fields.estimate("The same with its interval.")
    unattributed = fields.count("Of these, who came by word of mouth of unknown source only.")
    self_referrals_cut = fields.count("Referrals of oneself, left out of the trees.")
    cycles_cut = fields.count("Cycles, each opened at its latest referral.")
    further_referrals = fields.count("Referrals of customers who had been brought already.")
    max_depth = fields.count("Most steps below a root.")
    depths = fields.nodes(DepthCount, "How many customers stand how far below their root.")
    sizes = fields.nodes(SizeCount, "How many chains have how many customers.")
    all_customers = customer_list("The customers behind `customers`.", "all_customers")
    root_customers = customer_list("The customers behind `roots`.", "root_customers")
    referred_customers = customer_list("The customers behind `referred`.", "referred_customers")
    unattributed_customers = customer_list(
        "The customers behind `unattributed`.", "unattributed_customers"
    )
    chains = fields.nodes(
        Chain,
        "The largest or deepest chains; `chainPages` pages through all of them.",
        first=fields.first_argument(10, "How many chains."),
        order=_ordered(ChainOrderEnum, ChainOrder.SIZE),
    )
    chain_pages = fields.one(
        Chains,
        "All chains, page by page.",
        first=fields.first_argument(10, "How many chains."),
        after=fields.after_argument(),
        order=_ordered(ChainOrderEnum, ChainOrder.SIZE),
    )
    advocates = fields.nodes(
        Advocate,
        "The customers who brought most; `advocatePages` pages through all of them.",
        first=fields.first_argument(10, "How many advocates."),
        order=_ordered(AdvocateOrderEnum, AdvocateOrder.BROUGHT),
    )
    advocate_pages = fields.one(
        Advocates,
        "All advocates, page by page.",
        first=fields.first_argument(10, "How many advocates."),
        after=fields.after_argument(),
        order=_ordered(AdvocateOrderEnum, AdvocateOrder.BROUGHT),
    )
    cuts = fields.one(
        CutReferrals,
        "The referrals behind `selfReferralsCut` and `cyclesCut`.",
        first=fields.first_argument(10, "How many referrals."),
        after=fields.after_argument(),
    )

    @staticmethod
    def resolve_chains(answer: Any, _info: graphene.ResolveInfo, **page: Any) -> Any:
        return answer.chains(**page).nodes

    @staticmethod
    def resolve_chain_pages(answer: Any, _info: graphene.ResolveInfo, **page: Any) -> Any:
        return answer.chains(**page)

    @staticmethod
    def resolve_advocates(answer: Any, _info: graphene.ResolveInfo, **page: Any) -> Any:
        return answer.advocates(**page).nodes

    @staticmethod
    def resolve_advocate_pages(answer: Any, _info: graphene.ResolveInfo, **page: Any) -> Any:
        return answer.advocates(**page)

    @staticmethod
    def resolve_cuts(answer: Any, _info: graphene.ResolveInfo, **page: Any) -> Any:
        return answer.cuts(**page)
