"""The forest of referrals: who was brought by whom, and what a customer's word was worth.

This is no mergeable statistic. A tree crosses every division of customers into blocks, so it is
grown once, of the whole graph, in time linear in customers and referrals. It is also the same
for every population: a filter selects whom to list, and never moves a customer in a tree.

One parent per customer: the first referral by time, then by arrival; a referral without a time
comes after all that have one. A recipe may take the last instead, and leave some referrals out
(`referral_credit`). Self-referrals are cut, and a cycle loses its latest edge. Whom a
cycle thereby leaves without a parent stays without: such a customer was there, and brought
others, before being referred.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from journeygraph.graph import MISSING, JourneyGraph, Referrals
from journeygraph.kernels import cascades as cascade_kernels
from journeygraph.kernels import referrals as kernels
from journeygraph.kernels.units import sum_values
from journeygraph.statistics.cascades import CascadeShapes, measure_shapes, times_of_coming
from journeygraph.statistics.elsewhere import GraphElsewhere
from journeygraph.statistics.referral_credit import ReferralRecipe, choose_referrals
from journeygraph.threads import goals, how_many, on_threads

__all__ = ["Placement", "ReferralForest", "forest_of", "values_since"]

Int32Array = npt.NDArray[np.int32]
Int64Array = npt.NDArray[np.int64]

_FORESTS: WeakKeyDictionary[JourneyGraph, dict[ReferralRecipe, ReferralForest]] = (
    WeakKeyDictionary()
)
_USUAL = ReferralRecipe()
_KEPT = 4  # forests by other recipes, for each graph


class _Interactions(NamedTuple):
    """The columns of a graph that say what everybody brought in."""

    customer_starts: Int64Array
    at_us: Int64Array
    value_minor: Int64Array

    def first_interactions(self) -> Int64Array:
        """By customer index: when first seen, MISSING for who never was."""
        came = np.full(len(self.customer_starts) - 1, MISSING, np.int64)
        seen = np.flatnonzero(self.customer_starts[1:] > self.customer_starts[:-1])
        came[seen] = self.at_us[self.customer_starts[seen]]
        return came

    def customer_values(self) -> Int64Array:
        """By customer index: what the customer brought in, in minor units of money."""
        starts = self.customer_starts

        def of(part: slice) -> Int64Array:
            sums: Int64Array = sum_values(starts[:-1][part], starts[1:][part], self.value_minor)
            return sums

        return np.concatenate([np.zeros(0, np.int64), *on_threads(of, self._parts)])

    def values_since(self, chosen: Int64Array, referral_at_us: Int64Array) -> Int64Array:
        """By referral: what the customer whom it brought brought in since, 0 for others."""
        sums = np.zeros(len(referral_at_us), np.int64)

        def write(part: slice) -> None:
            some = self.customer_starts[part.start : part.stop + 1]
            kernels.sum_values_since(
                some, self.at_us, self.value_minor, chosen[part], referral_at_us, sums
            )

        on_threads(write, self._parts)
        return sums

    @property
    def _parts(self) -> list[slice]:
        """Customers with about as many interactions, for each thread."""
        starts = self.customer_starts
        if len(starts) == 1:
            return []
        total = int(starts[-1])
        inner = np.searchsorted(starts[1:], goals(total, how_many(total)), side="right")
        cuts = [0, *inner.tolist(), len(starts) - 1]
        return [slice(first, last) for first, last in pairwise(cuts) if first < last]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Placement:
    """Where everybody stands in the trees, by customer index; see `place_in_preorder`."""

    preorder: Int32Array
    places: Int32Array
    roots: Int32Array


@dataclass(frozen=True, eq=False, kw_only=True)
class ReferralForest:
    """The trees of a whole graph; made by `forest_of`.

    Attributes
    ----------
    given
        The referrals as they were loaded.
    interactions
        What says when everybody came and what they brought in: columns here, or an engine.
    parent_referrals
        By customer index: row of the referral by which somebody brought, -1 for none.
    fates
        By row of `given`: BROUGHT, UNATTRIBUTED, CUT_SELF, CUT_CYCLE, FURTHER, OTHER_MEDIUM or
        OUTSIDE_WINDOW of `journeygraph.kernels.referrals`.
    edges
        Rows of `given` that are BROUGHT, leaves first: all by which a customer brought somebody
        before the one by which the customer was brought.
    above
        Where in `edges` that stands by which each referrer was brought, -1 where none did.
    """

    given: Referrals
    interactions: _Interactions | GraphElsewhere
    parent_referrals: Int64Array
    fates: npt.NDArray[np.uint8]
    edges: Int32Array
    above: Int32Array

    def __repr__(self) -> str:
        return (
            f"<ReferralForest: {len(self.edges):,} of {self.n_customers:,} customers were brought>"
        )

    @classmethod
    def of(cls, graph: JourneyGraph, recipe: ReferralRecipe = _USUAL) -> ReferralForest:
        """Grow the forest of a graph."""
        given = graph.referrals
        chosen, fates = choose_referrals(graph, recipe)
        edges, above = kernels.grow_forest(
            chosen, fates, given.referrers, given.referred, given.at_us
        )
        return cls(
            given=given,
            interactions=_interactions_of(graph),
            parent_referrals=chosen,
            fates=fates,
            edges=edges,
            above=above,
        )

    @property
    def n_customers(self) -> int:
        """How many customers the graph has."""
        return len(self.parent_referrals)

    @cached_property
    def parents(self) -> Int32Array:
        """By customer index: who brought, -1 for nobody."""
        parents = np.full(self.n_customers, -1, np.int32)
        parents[self.leaves_first] = self.given.referrers[self.edges]
        return parents

    @cached_property
    def leaves_first(self) -> Int32Array:
        """Everybody with a parent once, all whom one brought before the one."""
        return self.given.referred[self.edges].astype(np.int32)

    @cached_property
    def brought(self) -> Int32Array:
        """By customer index: how many were brought directly."""
        counts = np.bincount(self.given.referrers[self.edges], minlength=self.n_customers)
        return counts.astype(np.int32)

    @cached_property
    def downstream(self) -> Int32Array:
        """By customer index: how many descendants there are."""
        counts = np.zeros(self.n_customers, np.int32)
        kernels.count_descendants(self.given.referrers, self.edges, self.above, counts)
        return counts

    @cached_property
    def heights(self) -> Int32Array:
        """By customer index: generations of descendants."""
        heights = np.zeros(self.n_customers, np.int32)
        kernels.measure_heights(self.given.referrers, self.edges, self.above, heights)
        return heights

    @cached_property
    def depths(self) -> Int32Array:
        """By customer index: steps up to the root."""
        depths = np.zeros(self.n_customers, np.int32)
        depths[self.leaves_first] = kernels.measure_depths(self.above)
        return depths

    @cached_property
    def generations(self) -> Int64Array:
        """How many customers stand at each depth, 0 for those whom nobody brought."""
        counts = np.bincount(kernels.measure_depths(self.above), minlength=1)
        counts[0] = self.n_customers - len(self.edges)
        return np.asarray(counts, np.int64)

    @cached_property
    def advocates(self) -> Int64Array:
        """Who brought somebody, ascending."""
        return np.flatnonzero(self.downstream > 0)

    @cached_property
    def chains(self) -> Int64Array:
        """Who brought somebody and was brought by nobody, ascending: the roots of the trees."""
        return self.advocates[self.parent_referrals[self.advocates] < 0]

    @cached_property
    def placement(self) -> Placement:
        """Preorder and roots."""
        preorder, places, roots = kernels.place_in_preorder(
            self.parents, self.leaves_first, self.downstream
        )
        return Placement(preorder=preorder, places=places, roots=roots)

    @cached_property
    def shapes(self) -> CascadeShapes:
        """How each of `chains` spreads."""
        return measure_shapes(
            self.leaves_first, self.downstream, self.heights, self.depths, self.placement.roots,
            self.chains,
        )  # fmt: skip

    @cached_property
    def came_at_us(self) -> Int64Array:
        """By customer index: the first interaction, else when brought, else MISSING."""
        first_at_us = self.interactions.first_interactions()
        return times_of_coming(first_at_us, self.parent_referrals, self.given.at_us)

    @cached_property
    def has_unattributed(self) -> npt.NDArray[np.bool_]:
        """By customer index: brought by nobody known, though somebody's word is recorded."""
        told = np.zeros(self.n_customers, np.bool_)
        told[self.given.referred[self.fates == kernels.UNATTRIBUTED]] = True
        return told & (self.parent_referrals < 0)

    @cached_property
    def values_minor(self) -> Int64Array:
        """By customer index, in minor units: the value in all."""
        return self.interactions.customer_values()

    @cached_property
    def values_since_minor(self) -> Int64Array:
        """By customer index: the value since the customer was brought, 0 for whom nobody brought.

        A referral without a time counts everything.
        """
        return _by_customer(self.parent_referrals, self._values_by_referral)

    @cached_property
    def _values_by_referral(self) -> Int64Array:
        return _sum_by_referral(self.interactions, self.given, self.parent_referrals)

    @cached_property
    def downstream_values_minor(self) -> Int64Array:
        """By customer index: what all descendants brought in since each was brought."""
        return self._add_up(self._values_by_referral)

    @cached_property
    def tree_values_minor(self) -> Int64Array:
        """By customer index: the whole value of the customer and of all descendants."""
        return self._add_up(self.values_minor[self.given.referred]) + self.values_minor

    @cached_property
    def first_hop_values_minor(self) -> Int64Array:
        """By customer index: what those brought directly brought in since."""
        sums: Int64Array = cascade_kernels.hand_to_parents(
            self.parents, self.leaves_first, self.values_since_minor
        )
        return sums

    def decayed_values_minor(self, factor: float) -> Int64Array:
        """By customer index: what descendants brought in, times the factor for each further step.

        In 64-bit floats, rounded to the minor unit, halves to even.
        """
        sums = cascade_kernels.add_up_decayed(
            self.parents, self.leaves_first, self.values_since_minor, float(factor)
        )
        return np.asarray(np.rint(sums), np.int64)

    def _add_up(self, values: Int64Array) -> Int64Array:
        """By customer index the sum over all descendants, each by the referral that brought."""
        sums = np.zeros(self.n_customers, np.int64)
        kernels.add_up_the_trees(self.given.referrers, self.edges, self.above, values, sums)
        return sums

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


def _interactions_of(graph: JourneyGraph) -> _Interactions | GraphElsewhere:
    if isinstance(graph, GraphElsewhere):
        return graph
    return _Interactions(graph.customer_starts, graph.at_us, graph.value_minor)


def values_since(graph: JourneyGraph, chosen: Int64Array) -> Int64Array:
    """By customer index: the value since a referral of each (its row, -1 for none), else 0."""
    by_referral = _sum_by_referral(_interactions_of(graph), graph.referrals, chosen)
    return _by_customer(chosen, by_referral)


def _by_customer(chosen: Int64Array, by_referral: Int64Array) -> Int64Array:
    values = np.zeros(len(chosen), np.int64)
    brought = np.flatnonzero(chosen >= 0)
    values[brought] = by_referral[chosen[brought]]
    return values


def _sum_by_referral(
    interactions: _Interactions | GraphElsewhere, given: Referrals, chosen: Int64Array
) -> Int64Array:
    """By referral: what the customer whom it brought brought in since, 0 for others."""
    if not isinstance(interactions, GraphElsewhere):
        return interactions.values_since(chosen, given.at_us)
    brought = np.flatnonzero(chosen >= 0)
    since_us = given.at_us[chosen[brought]]
    values = np.zeros(len(given), np.int64)
    values[chosen[brought]] = interactions.customer_values_since(brought, since_us)[brought]
    return values


def forest_of(graph: JourneyGraph, recipe: ReferralRecipe = _USUAL) -> ReferralForest:
    """The forest of a graph, grown when first asked for and kept as long as the graph is.

    Of forests by other recipes than the usual one only the latest few are kept. A forest holds
    the graph's arrays and not the graph, which would keep both for ever; those of an engine's
    graph hold it, and it holds them.
    """
    if isinstance(graph, GraphElsewhere):
        return _grown(graph, recipe, graph.forests)
    return _grown(graph, recipe, _FORESTS.setdefault(graph, {}))


def _grown(
    graph: JourneyGraph, recipe: ReferralRecipe, forests: dict[ReferralRecipe, ReferralForest]
) -> ReferralForest:
    """The forest of a recipe, of those that are kept."""
    forest = forests.get(recipe)
    if forest is None:
        forest = ReferralForest.of(graph, recipe)
        unusual = [kept for kept in list(forests) if kept != _USUAL]
        if recipe != _USUAL and len(unusual) >= _KEPT:
            forests.pop(unusual[0], None)
        forests[recipe] = forest
    return forest
