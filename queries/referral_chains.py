"""Chains of referrals and the customers who start or carry them, as lists to page through.

All numbers are of the whole store's trees; which chains and advocates are listed is decided by
whoever asks.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from journeygraph.errors import InvalidOptionError
from journeygraph.options import Word
from journeygraph.statistics.referrals import ReferralForest
from queries.customer_lists import CustomerList
from queries.paging import Page, page_bounds, page_info
from queries.rankings import ranked

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = [
    "Advocate",
    "AdvocateOrder",
    "Chain",
    "ChainMember",
    "ChainOrder",
    "page_of_advocates",
    "page_of_chains",
]

Int64Array = npt.NDArray[np.int64]


class ChainOrder(Word, argument="order"):
    """By what chains are listed, largest first, equals by the root's id."""

    SIZE = "size"
    DEPTH = "depth"
    VALUE = "value"


class AdvocateOrder(Word, argument="order"):
    """By what advocates are listed, largest first, equals by id."""

    BROUGHT = "brought"
    DOWNSTREAM = "downstream"
    DOWNSTREAM_VALUE = "downstream_value"
    FIRST_HOP_VALUE = "first_hop_value"
    DECAYED_VALUE = "decayed_value"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainMember:
    """A customer in a chain; `referred_by` is None for the root."""

    customer: str
    depth: int
    referred_by: str | None


@dataclass(frozen=True, eq=False, kw_only=True)
class Chain:
    """A tree: a root, whom it brought, whom these brought, and so on.

    Attributes
    ----------
    root
        Id of the customer who was brought by nobody.
    size
        Customers, the root included.
    depth
        Steps from the root to the farthest member.
    value_minor
        What all members brought in, ever, the root included, in minor units of money.
    downstream_value_minor
        What the members below the root brought in after each was referred.
    customers
        All members, in the order of their first appearance.
    """

    _forest: ReferralForest = field(repr=False)
    root: str
    size: int
    depth: int
    value_minor: int
    downstream_value_minor: int
    customers: CustomerList

    def members(self, first: int = 50, after: str | None = None) -> Page[ChainMember]:
        """All members, the root first, then step by step down; each step by first appearance."""
        start, end = page_bounds(self.size, first, after)
        shown = self._members[start:end]
        graph = self.customers.journeys.graph
        forest = self._forest
        ids, above = graph.customer_id(shown), graph.customer_id(forest.parents[shown].clip(0))
        depths = forest.depths[shown].tolist()
        nodes = tuple(
            ChainMember(customer=customer, depth=depth, referred_by=parent if depth else None)
            for customer, parent, depth in zip(ids, above, depths, strict=True)
        )
        return Page(nodes=nodes, page_info=page_info(self.size, start, end))

    @cached_property
    def _members(self) -> Int64Array:
        depths = self._forest.depths
        return self.customers.indexes[np.argsort(depths[self.customers.indexes], kind="stable")]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Advocate:
    """A customer who brought others.

    Attributes
    ----------
    brought
        Customers brought directly.
    downstream
        All descendants: those brought, whom these brought, and so on.
    downstream_value_minor
        What all descendants brought in after each was referred, in minor units of money; not the
        advocate's own.
    first_hop_value_minor
        The same of those brought directly only.
    decayed_value_minor
        The same of all, each times the factor `decay` for every step beyond the first; in 64-bit
        floats, rounded to the minor unit.
    brought_customers, downstream_customers
        Who they are.
    """

    customer: str
    brought: int
    downstream: int
    downstream_value_minor: int
    first_hop_value_minor: int
    decayed_value_minor: int
    brought_customers: CustomerList
    downstream_customers: CustomerList


def page_of_chains(
    journeys: Journeys,
    forest: ReferralForest,
    roots: Int64Array,
    first: int,
    after: str | None,
    order: ChainOrder,
) -> Page[Chain]:
    """The chains of these roots."""
    start, end = page_bounds(len(roots), first, after)
    found = ranked(journeys.graph, roots, _extents(forest, ChainOrder(order)), start, end)
    nodes = tuple(
        Chain(
            _forest=forest,
            root=root,
            size=int(forest.downstream[index]) + 1,
            depth=int(forest.heights[index]),
            value_minor=int(forest.tree_values_minor[index]),
            downstream_value_minor=int(forest.downstream_values_minor[index]),
            customers=CustomerList(journeys, partial(forest.members, index)),
        )
        for index, root in found
    )
    return Page(nodes=nodes, page_info=page_info(len(roots), start, end))


def page_of_advocates(
    journeys: Journeys,
    forest: ReferralForest,
    advocates: Int64Array,
    first: int,
    after: str | None,
    order: AdvocateOrder,
    decay: float = 0.5,
) -> Page[Advocate]:
    """These customers as advocates.

    Raises
    ------
    InvalidOptionError
        Where `decay` is not from 0 to 1.
    """
    if isinstance(decay, bool | str) or not 0 <= decay <= 1:
        raise InvalidOptionError("decay", decay, "a number from 0 to 1, as 0.5")
    start, end = page_bounds(len(advocates), first, after)
    decayed = forest.decayed_values_minor(decay)
    merits = _merits(forest, AdvocateOrder(order), decayed)
    found = ranked(journeys.graph, advocates, merits, start, end)
    nodes = tuple(
        Advocate(
            customer=customer,
            brought=int(forest.brought[index]),
            downstream=int(forest.downstream[index]),
            downstream_value_minor=int(forest.downstream_values_minor[index]),
            first_hop_value_minor=int(forest.first_hop_values_minor[index]),
            decayed_value_minor=int(decayed[index]),
            brought_customers=CustomerList(journeys, partial(forest.children, index)),
            downstream_customers=CustomerList(journeys, partial(forest.descendants, index)),
        )
        for index, customer in found
    )
    return Page(nodes=nodes, page_info=page_info(len(advocates), start, end))


def _extents(forest: ReferralForest, order: ChainOrder) -> npt.NDArray[np.integer[Any]]:
    if order is ChainOrder.VALUE:
        return forest.tree_values_minor
    return forest.heights if order is ChainOrder.DEPTH else forest.downstream


def _merits(
    forest: ReferralForest, order: AdvocateOrder, decayed: Int64Array
) -> npt.NDArray[np.integer[Any]]:
    if order is AdvocateOrder.DECAYED_VALUE:
        return decayed
    if order is AdvocateOrder.FIRST_HOP_VALUE:
        return forest.first_hop_values_minor
    if order is AdvocateOrder.DOWNSTREAM_VALUE:
        return forest.downstream_values_minor
    return forest.downstream if order is AdvocateOrder.DOWNSTREAM else forest.brought
