"""Who brings whom: chains of referrals, who starts them, and what they bring.

Trees are grown once, on the whole store, and are the same whatever is asked. `where` selects
whom to list and count: a customer counts once, in the chain's numbers of the whole store. So a
chain is listed where its root is selected, with all its members, selected or not; an advocate
where the advocate is; and what was cut counts where the referred customer is. Hence any division
of the customers adds up, and no filter makes a chain look shorter than it is.

Without a filter everything in the store counts, customers without an interaction included.

With credit SPLIT a customer has several referrers and there are no trees: who was referred is
counted, and what each referrer is credited with; what needs trees says that it cannot be had.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.graph import MISSING
from journeygraph.kernels.referrals import (
    CUT_CYCLE,
    CUT_SELF,
    FURTHER,
    OTHER_MEDIUM,
    OUTSIDE_WINDOW,
)
from journeygraph.statistics.referrals import ReferralForest
from queries.customer_lists import CustomerList
from queries.figures import Pictured
from queries.intervals import Estimate, wilson
from queries.paging import Page, page_bounds, page_info
from queries.referral_chains import (
    Advocate,
    AdvocateOrder,
    Chain,
    ChainOrder,
    page_of_advocates,
    page_of_chains,
)
from queries.referral_credit import (
    Credited,
    CreditRule,
    Referrals,
    WindowEnd,
    forest_for,
    is_root,
    selected_customers,
)
from queries.referral_links import ReferralLinks, links_of
from queries.referral_tree import ReferralTree, tree_below
from queries.referrer_credits import ReferrerCredit, page_of_credits

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = [
    "AdvocateOrder",
    "ChainOrder",
    "CreditRule",
    "CutReason",
    "CutReferral",
    "DepthCount",
    "Referrals",
    "ReferralsAnswer",
    "SizeCount",
    "WindowEnd",
    "referrals",
]

BoolArray = npt.NDArray[np.bool_]


class CutReason(StrEnum):
    """Why a referral is in no tree."""

    SELF_REFERRAL = "self-referral"
    CYCLE = "cycle"


_CUTS = {CUT_SELF: CutReason.SELF_REFERRAL, CUT_CYCLE: CutReason.CYCLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class DepthCount:
    """How many customers stand so many steps below the root of their chain."""

    depth: int
    count: int
    customers: CustomerList


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeCount:
    """How many chains have so many customers."""

    size: int
    chains: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CutReferral:
    """A referral that is in no tree, and why; `at_us` is None where the time is not said."""

    referrer: str
    referred: str
    at_us: int | None
    reason: CutReason


@dataclass(frozen=True, eq=False, kw_only=True)
class ReferralsAnswer(Pictured):
    """Chains of referrals among the customers selected.

    Attributes
    ----------
    customers
        Customers selected: all of the store where nothing is filtered.
    roots
        Of these, who was brought by nobody and brought at least one.
    referred, share, share_interval
        Of these, who was brought by a customer; as a share of `customers`.
    unattributed
        Of these, who was brought by nobody known, though word of mouth is recorded.
    unattributed_share
        The same as a share of `customers`.
    self_referrals_cut, cycles_cut
        Referrals of these customers that were cut: by oneself, and the latest of a cycle.
    further_referrals
        Referrals of these customers beside the one that counts; with credit SPLIT, repeated ones.
    other_medium, outside_window
        Referrals of these customers that do not count: by other media than asked for, or not
        within the window.
    """

    _question: Referrals
    _journeys: Journeys
    _selected: BoolArray
    _credited: Credited = field(repr=False)
    customers: int
    roots: int
    referred: int
    share: float | None
    share_interval: Estimate
    unattributed: int
    unattributed_share: Estimate
    self_referrals_cut: int
    cycles_cut: int
    further_referrals: int
    other_medium: int
    outside_window: int

    @property
    def max_depth(self) -> int:
        """Most steps below a root that one of these customers stands."""
        return max((row.depth for row in self.depths), default=0)

    @cached_property
    def depths(self) -> tuple[DepthCount, ...]:
        """Of the customers in chains, how many stand how many steps below their root."""
        return _depths(self._journeys, self._forest_for("depths"), self._selected)

    @cached_property
    def sizes(self) -> tuple[SizeCount, ...]:
        """How many of the chains whose roots are selected have how many customers."""
        return _sizes(self._forest_for("sizes"), self._selected)

    @property
    def all_customers(self) -> CustomerList:
        """The customers behind `customers`."""
        return self._list(self._selected)

    @property
    def root_customers(self) -> CustomerList:
        """The customers behind `roots`."""
        return self._list(self._selected & self._credited.is_root)

    @property
    def referred_customers(self) -> CustomerList:
        """The customers behind `referred`."""
        return self._list(self._selected & self._credited.is_referred)

    @property
    def unattributed_customers(self) -> CustomerList:
        """The customers behind `unattributed`."""
        return self._list(self._selected & self._credited.is_unattributed)

    def chains(
        self, first: int = 10, after: str | None = None, order: ChainOrder = ChainOrder.SIZE
    ) -> Page[Chain]:
        """The chains whose roots are selected, each with all its members."""
        forest = self._forest_for("chains")
        large = forest.downstream >= self._question.at_least
        roots = np.flatnonzero(self._selected & is_root(forest) & large)
        return page_of_chains(self._journeys, forest, roots, first, after, order)

    def tree(
        self, of: str | None = None, order: ChainOrder = ChainOrder.SIZE, most: int = 5_000
    ) -> ReferralTree | None:
        """One whole chain as a tree.

        Parameters
        ----------
        of
            A customer in it, selected or not; without one the chain that comes first.
        order
            What comes first.
        most
            List at most so many members, those nearest to the root.

        Returns
        -------
        tree
            None where no customer is named and no chain is selected.

        Raises
        ------
        UnknownCustomerError
            Where no customer has this id.
        """
        forest = self._forest_for("tree")
        graph = self._journeys.graph
        if of is None:
            page = self.chains(first=1, order=order)
            if not page.nodes:
                return None
            of = page.nodes[0].root
        root = int(forest.placement.roots[graph.customer_index(of)])
        return tree_below(graph, forest, root, most)

    def advocates(
        self,
        first: int = 10,
        after: str | None = None,
        order: AdvocateOrder = AdvocateOrder.BROUGHT,
        decay: float = 0.5,
    ) -> Page[Advocate]:
        """The selected customers who brought others; `decay` is the factor per further step."""
        forest = self._forest_for("advocates")
        many = np.flatnonzero(self._selected & (forest.brought >= self._question.at_least))
        return page_of_advocates(self._journeys, forest, many, first, after, order, decay)

    def credits(self, first: int = 10, after: str | None = None) -> Page[ReferrerCredit]:
        """What each selected referrer is credited with, by any rule; most credit first."""
        chosen = self._selected, self._question.at_least
        return page_of_credits(self._journeys, self._credited, *chosen, first, after)

    @property
    def question(self) -> Referrals:
        """What was asked."""
        return self._question

    @property
    def journeys(self) -> Journeys:
        """Whom it was asked about."""
        return self._journeys

    def cuts(self, first: int = 10, after: str | None = None) -> Page[CutReferral]:
        """The referrals that were cut, in the order of their arrival."""
        given, fates = self._journeys.graph.referrals, self._credited.edges.fates
        cut = np.flatnonzero((fates == CUT_SELF) | (fates == CUT_CYCLE))
        cut = cut[self._selected[given.referred[cut]]]
        start, end = page_bounds(len(cut), first, after)
        nodes = [self._cut(row) for row in cut[start:end].tolist()]
        return Page(nodes=tuple(nodes), page_info=page_info(len(cut), start, end))

    def referrals_of(self, customer: str) -> ReferralLinks:
        """Who brought a customer, and whom the customer brought, selected or not."""
        return links_of(self._journeys.graph, customer, self._forest_for("links"))

    def _forest_for(self, asked: str) -> ReferralForest:
        return forest_for(self._question, self._journeys, asked)

    def _list(self, are_listed: BoolArray) -> CustomerList:
        return CustomerList(self._journeys, lambda: np.flatnonzero(are_listed))

    def _cut(self, row: int) -> CutReferral:
        given = self._journeys.graph.referrals
        at_us = int(given.at_us[row])
        pair = np.array([given.referrers[row], given.referred[row]])
        referrer, referred = self._journeys.graph.customer_id(pair)
        return CutReferral(
            referrer=referrer,
            referred=referred,
            at_us=None if at_us == MISSING else at_us,
            reason=_CUTS[int(self._credited.edges.fates[row])],
        )


def referrals(question: Referrals, journeys: Journeys) -> ReferralsAnswer:
    """Answer the question about the customers that the journeys' `where` selects.

    Raises
    ------
    InvalidOptionError, InvalidDurationError, UnknownChannelError
        Where an option cannot be used or names a medium that is not there.
    """
    credited, selected = Credited.of(question, journeys), selected_customers(journeys)
    n_customers = int(np.count_nonzero(selected))
    n_referred = int(np.count_nonzero(selected & credited.is_referred))
    n_unattributed = int(np.count_nonzero(selected & credited.is_unattributed))
    share = wilson(n_referred, n_customers, journeys.confidence)
    counted = credited.edges.fates[selected[journeys.graph.referrals.referred]]
    fates = np.bincount(counted, minlength=OUTSIDE_WINDOW + 1).tolist()
    return ReferralsAnswer(
        _question=question,
        _journeys=journeys,
        _selected=selected,
        _credited=credited,
        customers=n_customers,
        roots=int(np.count_nonzero(selected & credited.is_root)),
        referred=n_referred,
        share=share.value,
        share_interval=share,
        unattributed=n_unattributed,
        unattributed_share=wilson(n_unattributed, n_customers, journeys.confidence),
        self_referrals_cut=fates[CUT_SELF],
        cycles_cut=fates[CUT_CYCLE],
        further_referrals=fates[FURTHER],
        other_medium=fates[OTHER_MEDIUM],
        outside_window=fates[OUTSIDE_WINDOW],
    )


def _depths(
    journeys: Journeys, forest: ReferralForest, selected: BoolArray
) -> tuple[DepthCount, ...]:
    depths = forest.depths
    in_chains = selected & ((forest.parents >= 0) | (forest.brought > 0))

    def at(depth: int) -> CustomerList:
        return CustomerList(journeys, lambda: np.flatnonzero(in_chains & (depths == depth)))

    counts = np.bincount(depths[in_chains]).tolist()
    return tuple(
        DepthCount(depth=depth, count=count, customers=at(depth))
        for depth, count in enumerate(counts)
        if count
    )


def _sizes(forest: ReferralForest, selected: BoolArray) -> tuple[SizeCount, ...]:
    sizes, chains = np.unique(forest.downstream[selected & is_root(forest)] + 1, return_counts=True)
    counted = zip(sizes.tolist(), chains.tolist(), strict=True)
    return tuple(SizeCount(size=size, chains=count) for size, count in counted)
