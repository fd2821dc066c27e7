"""The forest of referrals: who was brought by whom, and what a customer's word was worth.

This is no mergeable statistic. A tree crosses every division of customers into blocks, so it is
grown once, of the whole graph, in time linear in customers and referrals. It is also the same
for every population: a filter selects whom to list, and never moves a customer in a tree.

One parent per customer: the first referral by time, then by arrival; a referral without a time
comes after all that have one. Self-referrals are cut, and a cycle loses its latest edge. Whom a
cycle thereby leaves without a parent stays without: such a customer was there, and brought
others, before being referred.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from journeygraph.graph import MISSING, JourneyGraph, Referrals
from journeygraph.kernels import referrals as kernels

__all__ = ["Placement", "ReferralForest", "forest_of"]

Int32Array = npt.NDArray[np.int32]
Int64Array = npt.NDArray[np.int64]

_FORESTS: WeakKeyDictionary[JourneyGraph, ReferralForest] = WeakKeyDictionary()


class _Interactions(NamedTuple):
    customer_starts: Int64Array
    at_us: Int64Array
    value_minor: Int64Array


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Placement:
    """Where everybody stands in the trees, by customer index; see `place_in_preorder`."""

    preorder: Int32Array
    places: Int32Array
    depths: Int32Array
    roots: Int32Array


@dataclass(frozen=True, eq=False, kw_only=True)
class ReferralForest:
    """The trees of a whole graph; made by `forest_of`.

    Attributes
    ----------
    given
        The referrals as they were loaded.
    interactions
        The graph's columns that say what everybody brought in.
    parents
        By customer index: who brought, -1 for nobody.
    parent_referrals
        By customer index: row of the referral by which the parent brought, -1 for none.
    fates
        By row of `given`: BROUGHT, UNATTRIBUTED, CUT_SELF, CUT_CYCLE or FURTHER of
        `journeygraph.kernels.referrals`.
    leaves_first
        Every customer once, all whom one brought before the one.
    brought, downstream, heights
        By customer index: brought directly, all descendants, generations of them.
    """

    given: Referrals
    interactions: _Interactions
    parents: Int32Array
    parent_referrals: Int64Array
    fates: npt.NDArray[np.uint8]
    leaves_first: Int32Array
    brought: Int32Array
    downstream: Int32Array
    heights: Int32Array

    def __repr__(self) -> str:
        n_brought = int(np.count_nonzero(self.parents >= 0))
        return f"<ReferralForest: {n_brought:,} of {len(self.parents):,} customers were brought>"

    @classmethod
    def of(cls, graph: JourneyGraph) -> ReferralForest:
        """Grow the forest of a graph."""
        given = graph.referrals
        chosen, fates = kernels.choose_first_referrals(
            given.referrers, given.referred, given.at_us, graph.n_customers
        )
        parents, leaves_first, brought, downstream, heights = kernels.grow_forest(
            chosen, fates, given.referrers, given.at_us
        )
        return cls(
            given=given,
            interactions=_Interactions(graph.customer_starts, graph.at_us, graph.value_minor),
            parents=parents,
            parent_referrals=chosen,
            fates=fates,
            leaves_first=leaves_first,
            brought=brought,
            downstream=downstream,
            heights=heights,
        )

    @cached_property
    def placement(self) -> Placement:
        """Preorder, depths and roots."""
        preorder, places, depths, roots = kernels.place_in_preorder(
            self.parents, self.leaves_first, self.downstream
        )
        return Placement(preorder=preorder, places=places, depths=depths, roots=roots)

    @cached_property
    def has_unattributed(self) -> npt.NDArray[np.bool_]:
        """By customer index: brought by nobody known, though somebody's word is recorded."""
        told = np.zeros(len(self.parents), np.bool_)
        told[self.given.referred[self.fates == kernels.UNATTRIBUTED]] = True
        return told & (self.parents < 0)

    @cached_property
    def values_minor(self) -> tuple[Int64Array, Int64Array]:
        """By customer index, in minor units: the value in all, and since the customer was brought.

        The second is 0 for whom nobody brought; a referral without a time counts everything.
        """
        was_brought = self.parents >= 0
        since_us = np.full(len(self.parents), MISSING, np.int64)
        since_us[was_brought] = self.given.at_us[self.parent_referrals[was_brought]]
        in_all, since = kernels.sum_values(*self.interactions, since_us)
        return in_all, np.where(was_brought, since, 0)

    @cached_property
    def downstream_values_minor(self) -> Int64Array:
        """By customer index: what all descendants brought in since each was brought."""
        _, since = self.values_minor
        return kernels.add_up_the_trees(self.parents, self.leaves_first, since)

    @cached_property
    def tree_values_minor(self) -> Int64Array:
        """By customer index: the whole value of the customer and of all descendants."""
        in_all, _ = self.values_minor
        below = kernels.add_up_the_trees(self.parents, self.leaves_first, in_all)
        return np.asarray(below + in_all)

    def descendants(self, customer: int) -> Int64Array:
        """All whom a customer brought, directly or not, ascending."""
        return np.sort(self._below(customer)).astype(np.int64)

    def members(self, customer: int) -> Int64Array:
        """A customer and all descendants, ascending."""
        return np.sort(np.append(self._below(customer), customer)).astype(np.int64)

    def children(self, customer: int) -> Int64Array:
        """Whom a customer brought directly, ascending."""
        below = self._below(customer)
        return np.sort(below[self.parents[below] == customer]).astype(np.int64)

    def _below(self, customer: int) -> Int32Array:
        start = int(self.placement.places[customer]) + 1
        return self.placement.preorder[start : start + int(self.downstream[customer])]

    def ancestors(self, customer: int) -> Int64Array:
        """Who brought a customer, who brought that one, and so on up to the root."""
        found = []
        above = int(self.parents[customer])
        while above >= 0:
            found.append(above)
            above = int(self.parents[above])
        return np.array(found, np.int64)


def forest_of(graph: JourneyGraph) -> ReferralForest:
    """The forest of a graph, grown when first asked for and kept as long as the graph is.

    A forest holds the graph's arrays and not the graph, which would keep both for ever.
    """
    forest = _FORESTS.get(graph)
    if forest is None:
        forest = _FORESTS[graph] = ReferralForest.of(graph)
    return forest
