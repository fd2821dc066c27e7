"""Who brings whom: chains of referrals, who starts them, and what they bring.

Trees are grown once, on the whole store, and are the same whatever is asked. `where` selects
whom to list and count: a customer counts once, in the chain's numbers of the whole store. So a
chain is listed where its root is selected, with all its members, selected or not; an advocate
where the advocate is; and what was cut counts where the referred customer is. Hence any division
of the customers adds up, and no filter makes a chain look shorter than it is.

Without a filter everything in the store counts, customers without an interaction included.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.errors import InvalidOptionError
from journeygraph.graph import MISSING
from journeygraph.kernels.referrals import CUT_CYCLE, CUT_SELF, FURTHER
from journeygraph.statistics.referrals import ReferralForest, forest_of
from queries.customer_lists import CustomerList
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
from queries.referral_links import ReferralLinks, links_of

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = [
    "AdvocateOrder",
    "ChainOrder",
    "CutReason",
    "CutReferral",
    "DepthCount",
    "Referrals",
    "ReferralsAnswer",
    "SizeCount",
    "referrals",
]

BoolArray = npt.NDArray[np.bool_]


class CutReason(StrEnum):
    """Why a referral is in no tree."""

    SELF_REFERRAL = "self-referral"
    CYCLE = "cycle"


_CUTS = {CUT_SELF: CutReason.SELF_REFERRAL, CUT_CYCLE: CutReason.CYCLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Referrals:
    """Chains of referrals.

    Attributes
    ----------
    at_least
        Hide chains that brought, and advocates who brought directly, fewer customers than this.
    """

    at_least: int = 1


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
class ReferralsAnswer:
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
    self_referrals_cut, cycles_cut
        Referrals of these customers that were cut: by oneself, and the latest of a cycle.
    further_referrals
        Referrals of these customers that came after their first.
    max_depth
        Most steps below a root that one of these customers stands.
    depths
        Of the customers in chains, how many stand how many steps below their root.
    sizes
        How many of the chains whose roots are among these customers have how many customers.
    """

    _question: Referrals
    _journeys: Journeys
    _selected: BoolArray
    customers: int
    roots: int
    referred: int
    share: float | None
    share_interval: Estimate
    unattributed: int
    self_referrals_cut: int
    cycles_cut: int
    further_referrals: int
    max_depth: int
    depths: tuple[DepthCount, ...]
    sizes: tuple[SizeCount, ...]

    @property
    def all_customers(self) -> CustomerList:
        """The customers behind `customers`."""
        return self._list(self._selected)

    @property
    def root_customers(self) -> CustomerList:
        """The customers behind `roots`."""
        return self._list(self._selected & _is_root(self._forest))

    @property
    def referred_customers(self) -> CustomerList:
        """The customers behind `referred`."""
        return self._list(self._selected & (self._forest.parents >= 0))

    @property
    def unattributed_customers(self) -> CustomerList:
        """The customers behind `unattributed`."""
        return self._list(self._selected & self._forest.has_unattributed)

    def chains(
        self, first: int = 10, after: str | None = None, order: ChainOrder = ChainOrder.SIZE
    ) -> Page[Chain]:
        """The chains whose roots are selected, each with all its members."""
        large = self._forest.downstream >= self._question.at_least
        roots = np.flatnonzero(self._selected & _is_root(self._forest) & large)
        return page_of_chains(self._journeys, roots, first, after, order)

    def advocates(
        self,
        first: int = 10,
        after: str | None = None,
        order: AdvocateOrder = AdvocateOrder.BROUGHT,
    ) -> Page[Advocate]:
        """The selected customers who brought others."""
        many = np.flatnonzero(self._selected & (self._forest.brought >= self._question.at_least))
        return page_of_advocates(self._journeys, many, first, after, order)

    def cuts(self, first: int = 10, after: str | None = None) -> Page[CutReferral]:
        """The referrals that were cut, in the order of their arrival."""
        given, fates = self._forest.given, self._forest.fates
        cut = np.flatnonzero((fates == CUT_SELF) | (fates == CUT_CYCLE))
        cut = cut[self._selected[given.referred[cut]]]
        start, end = page_bounds(len(cut), first, after)
        nodes = [self._cut(row) for row in cut[start:end].tolist()]
        return Page(nodes=tuple(nodes), page_info=page_info(len(cut), start, end))

    def referrals_of(self, customer: str) -> ReferralLinks:
        """Who brought a customer, and whom the customer brought, selected or not."""
        return links_of(self._journeys.graph, customer)

    @property
    def _forest(self) -> ReferralForest:
        return forest_of(self._journeys.graph)

    def _list(self, are_listed: BoolArray) -> CustomerList:
        return CustomerList(self._journeys, lambda: np.flatnonzero(are_listed))

    def _cut(self, row: int) -> CutReferral:
        given, at_us = self._forest.given, int(self._forest.given.at_us[row])
        pair = np.array([given.referrers[row], given.referred[row]])
        referrer, referred = self._journeys.graph.customer_id(pair)
        return CutReferral(
            referrer=referrer,
            referred=referred,
            at_us=None if at_us == MISSING else at_us,
            reason=_CUTS[int(self._forest.fates[row])],
        )


def _is_root(forest: ReferralForest) -> BoolArray:
    return np.asarray((forest.parents < 0) & (forest.brought > 0))


def _selected(journeys: Journeys) -> BoolArray:
    """By customer index whom the journeys' `where` selects.

    A condition on interactions selects the customers of the journeys; one on customers only, all
    whom it means, with interactions or without; none at all, everybody.
    """
    where = journeys.where
    given = {field.name for field in fields(where) if getattr(where, field.name) is not None}
    if given - {"customers"}:
        selected = np.zeros(journeys.graph.n_customers, np.bool_)
        selected[journeys.unit_customers] = True
        return selected
    if journeys.kept_customers is not None:
        return journeys.kept_customers
    return np.ones(journeys.graph.n_customers, np.bool_)


def referrals(question: Referrals, journeys: Journeys) -> ReferralsAnswer:
    """Answer the question about the customers that the journeys' `where` selects.

    Raises
    ------
    InvalidOptionError
        Where `at_least` is below 1.
    """
    if question.at_least < 1:
        raise InvalidOptionError("at_least", question.at_least, "a whole number above 0")
    forest, selected = forest_of(journeys.graph), _selected(journeys)
    n_customers = int(np.count_nonzero(selected))
    n_referred = int(np.count_nonzero(selected & (forest.parents >= 0)))
    share = wilson(n_referred, n_customers, journeys.confidence)
    given = journeys.graph.referrals
    fates = np.bincount(forest.fates[selected[given.referred]], minlength=FURTHER + 1)
    depths = _depths(journeys, forest, selected)
    return ReferralsAnswer(
        _question=question,
        _journeys=journeys,
        _selected=selected,
        customers=n_customers,
        roots=int(np.count_nonzero(selected & _is_root(forest))),
        referred=n_referred,
        share=share.value,
        share_interval=share,
        unattributed=int(np.count_nonzero(selected & forest.has_unattributed)),
        self_referrals_cut=int(fates[CUT_SELF]),
        cycles_cut=int(fates[CUT_CYCLE]),
        further_referrals=int(fates[FURTHER]),
        max_depth=max((row.depth for row in depths), default=0),
        depths=depths,
        sizes=_sizes(forest, selected),
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
    sizes, chains = np.unique(
        forest.downstream[selected & _is_root(forest)] + 1, return_counts=True
    )
    counted = zip(sizes.tolist(), chains.tolist(), strict=True)
    return tuple(SizeCount(size=size, chains=count) for size, count in counted)
