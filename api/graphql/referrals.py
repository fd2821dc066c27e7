"""Referrals, in GraphQL."""

from __future__ import annotations

from typing import Any

import graphene

from api.graphql import (
    before_referral,
    cascades,
    fields,
    k_factor,
    referred_contrast,
    referrer_left,
)
from api.graphql.chains import (
    Advocate,
    AdvocateOrderEnum,
    Advocates,
    Chain,
    ChainOrderEnum,
    Chains,
    ReferralTree,
    ReferrerCredits,
)
from api.graphql.customer import customer_list
from api.graphql.scalars import Duration
from queries.before_referral import BeforeReferral
from queries.before_referral import before_referral as ask_before_referral
from queries.cascades import Cascades
from queries.cascades import cascades as ask_cascades
from queries.k_factor import KFactor
from queries.k_factor import k_factor as ask_k_factor
from queries.referral_chains import AdvocateOrder, ChainOrder
from queries.referrals import CreditRule, CutReason, WindowEnd
from queries.referred_contrast import referred_contrast as ask_referred_contrast
from queries.referrer_left import ReferrerLeft
from queries.referrer_left import referrer_left as ask_referrer_left

__all__ = ["ReferralsAnswer", "arguments"]

CreditRuleEnum = fields.choice(
    CreditRule,
    "CreditRule",
    "Who brought a customer whom several referred.",
    FIRST="The first by time, then by arrival.",
    LAST="The last by time, then by arrival.",
    SPLIT="Each referrer a part; there are no trees then.",
)
WindowEndEnum = fields.choice(
    WindowEnd,
    "WindowEnd",
    "What a referred customer has to do within the window.",
    INTERACTION="The first interaction.",
    OUTCOME="The first outcome, a purchase unless `journeys` says otherwise.",
)


def arguments() -> dict[str, Any]:
    """What the question takes."""
    return {
        "at_least": fields.at_least_argument("List no chain and no advocate that brought fewer."),
        "credit": fields.argument(
            CreditRuleEnum, CreditRule.FIRST, "Which of several referrals of a customer counts."
        ),
        "window": Duration(
            description="Count only referrals at most so long before `windowTo`, none after it."
        ),
        "window_to": fields.argument(
            WindowEndEnum, WindowEnd.INTERACTION, "The referred customer's first of these."
        ),
        "media": graphene.List(
            graphene.NonNull(graphene.String), description="Count only referrals by these."
        ),
    }


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


def _decay() -> graphene.Argument:
    what = "Factor of `decayedValue` for each step beyond the first, from 0 to 1."
    return fields.argument(graphene.Float, 0.5, what)


class ReferralsAnswer(graphene.ObjectType):
    """Who brings whom. Trees are grown on the whole store; `where` selects whom to count."""

    customers = fields.count("Customers selected; without a filter all of the store.")
    roots = fields.count("Of these, who was brought by nobody and brought at least one.")
    referred = fields.count("Of these, who was brought by a customer.")
    share = fields.number("`referred` of `customers`.")
    share_interval = fields.estimate("The same with its interval.")
    unattributed = fields.count("Of these, who came by word of mouth of unknown source only.")
    unattributed_share = fields.estimate("`unattributed` of `customers`.")
    self_referrals_cut = fields.count("Referrals of oneself, left out of the trees.")
    cycles_cut = fields.count("Cycles, each opened at its latest referral.")
    further_referrals = fields.count("Referrals of customers who had been brought already.")
    other_medium = fields.count("Referrals by other media than asked for: they do not count.")
    outside_window = fields.count("Referrals not within the window: they do not count.")
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
    tree = graphene.Field(
        ReferralTree,
        description="One whole chain as a tree; null where there is none.",
        of=graphene.ID(
            description="A customer in it, selected or not; without one the chain that comes first."
        ),
        order=_ordered(ChainOrderEnum, ChainOrder.SIZE),
        most=fields.argument(
            graphene.Int, 5_000, "List so many members, those nearest to the root. At most 50000."
        ),
    )
    advocates = fields.nodes(
        Advocate,
        "The customers who brought most; `advocatePages` pages through all of them.",
        first=fields.first_argument(10, "How many advocates."),
        order=_ordered(AdvocateOrderEnum, AdvocateOrder.BROUGHT),
        decay=_decay(),
    )
    advocate_pages = fields.one(
        Advocates,
        "All advocates, page by page.",
        first=fields.first_argument(10, "How many advocates."),
        after=fields.after_argument(),
        order=_ordered(AdvocateOrderEnum, AdvocateOrder.BROUGHT),
        decay=_decay(),
    )
    credits = fields.one(
        ReferrerCredits,
        "What each referrer is credited with, by any rule: it adds up to `referred`.",
        first=fields.first_argument(10, "How many referrers."),
        after=fields.after_argument(),
    )
    cuts = fields.one(
        CutReferrals,
        "The referrals behind `selfReferralsCut` and `cyclesCut`.",
        first=fields.first_argument(10, "How many referrals."),
        after=fields.after_argument(),
    )
    cascades = graphene.Field(
        cascades.CascadesAnswer,
        description="How referrals spread: the shapes of the trees.",
        **cascades.arguments(),
    )
    k_factor = graphene.Field(
        k_factor.KFactorAnswer,
        description="How many customers a customer brings, by cohort of inviters.",
        **k_factor.arguments(),
    )
    before_referral = graphene.Field(
        before_referral.BeforeReferralAnswer,
        description="What customers meet before they refer somebody, against others alike.",
        **before_referral.arguments(),
    )
    referrer_left = graphene.Field(
        referrer_left.ReferrerLeftAnswer,
        description="Active customers whose referrer has left.",
        **referrer_left.arguments(),
    )
    referred_contrast = graphene.Field(
        referred_contrast.ReferredContrastAnswer,
        description="What referred customers do, against customers alike whom nobody referred.",
        **referred_contrast.arguments(),
    )

    @staticmethod
    def resolve_chains(answer: Any, _info: graphene.ResolveInfo, **page: Any) -> Any:
        return answer.chains(**page).nodes

    @staticmethod
    def resolve_chain_pages(answer: Any, _info: graphene.ResolveInfo, **page: Any) -> Any:
        return answer.chains(**page)

    @staticmethod
    def resolve_tree(answer: Any, _info: graphene.ResolveInfo, **options: Any) -> Any:
        return answer.tree(**options)

    @staticmethod
    def resolve_advocates(answer: Any, _info: graphene.ResolveInfo, **page: Any) -> Any:
        return answer.advocates(**page).nodes

    @staticmethod
    def resolve_advocate_pages(answer: Any, _info: graphene.ResolveInfo, **page: Any) -> Any:
        return answer.advocates(**page)

    @staticmethod
    def resolve_cuts(answer: Any, _info: graphene.ResolveInfo, **page: Any) -> Any:
        return answer.cuts(**page)

    @staticmethod
    def resolve_credits(answer: Any, _info: graphene.ResolveInfo, **page: Any) -> Any:
        return answer.credits(**page)

    @staticmethod
    def resolve_cascades(answer: Any, _info: graphene.ResolveInfo, **options: Any) -> Any:
        return ask_cascades(Cascades(referrals=answer.question, **options), answer.journeys)

    @staticmethod
    def resolve_k_factor(answer: Any, _info: graphene.ResolveInfo, **options: Any) -> Any:
        return ask_k_factor(KFactor(referrals=answer.question, **options), answer.journeys)

    @staticmethod
    def resolve_before_referral(answer: Any, _info: graphene.ResolveInfo, **options: Any) -> Any:
        question = BeforeReferral(referrals=answer.question, **options)
        return ask_before_referral(question, answer.journeys)

    @staticmethod
    def resolve_referrer_left(answer: Any, _info: graphene.ResolveInfo, **options: Any) -> Any:
        question = ReferrerLeft(referrals=answer.question, **options)
        return ask_referrer_left(question, answer.journeys)

    @staticmethod
    def resolve_referred_contrast(answer: Any, _info: graphene.ResolveInfo, **options: Any) -> Any:
        question = referred_contrast.asked(answer.question, options)
        return ask_referred_contrast(question, answer.journeys)
