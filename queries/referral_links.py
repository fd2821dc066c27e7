"""Who brought one customer, and whom that customer brought: up and down the chain.

Links are those of the whole store: a filter selects whom an answer lists, and never takes a
customer's referrer away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.errors import InvalidOptionError
from journeygraph.graph import MISSING
from journeygraph.statistics.referrals import ReferralForest, forest_of
from queries.customer_lists import CustomerPage, page_of_customers
from queries.paging import Page, page_bounds, page_info

if TYPE_CHECKING:
    from journeygraph.graph import JourneyGraph

__all__ = ["ReferralLinks", "links_of"]


@dataclass(frozen=True, eq=False, slots=True)
class ReferralLinks:
    """The links of one customer; made by `links_of`.

    Parameters
    ----------
    graph
        Where the customer is.
    index
        Which one.
    forest
        By which trees.
    """

    graph: JourneyGraph
    index: int
    forest: ReferralForest

    @property
    def customer(self) -> str:
        """The customer's id."""
        return self._id(self.index)

    @property
    def referred_by(self) -> str | None:
        """Who brought the customer; None where nobody known did."""
        parent = int(self.forest.parents[self.index])
        return None if parent < 0 else self._id(parent)

    @property
    def referred_at_us(self) -> int | None:
        """When the customer was brought; None where nobody did, or the time is not said."""
        at_us = self._of_referral("at_us", MISSING)
        return None if at_us == MISSING else at_us

    @property
    def medium(self) -> str | None:
        """By what medium the customer was brought; None where not said."""
        code = self._of_referral("medium_codes", 0)
        return self.graph.channels[code] if code else None

    def _of_referral(self, column: str, otherwise: int) -> int:
        row = int(self.forest.parent_referrals[self.index])
        return otherwise if row < 0 else int(getattr(self.graph.referrals, column)[row])

    @property
    def root(self) -> str:
        """The customer at the top of the chain; the customer's own id where nobody brought."""
        return self._id(int(self.forest.placement.roots[self.index]))

    @property
    def depth(self) -> int:
        """How many steps below the root; 0 for a root."""
        return int(self.forest.depths[self.index])

    @property
    def brought(self) -> int:
        """How many customers the customer brought directly."""
        return int(self.forest.brought[self.index])

    @property
    def downstream(self) -> int:
        """How many customers the customer brought, and these, and so on."""
        return int(self.forest.downstream[self.index])

    @property
    def downstream_value_minor(self) -> int:
        """What all these brought in after each was referred, in minor units of money."""
        return int(self.forest.downstream_values_minor[self.index])

    def referred(self, first: int = 50, after: str | None = None) -> CustomerPage:
        """Whom the customer brought directly, in the order of their first appearance."""
        return page_of_customers(self.graph, self.forest.children(self.index), first, after)

    def all_downstream(
        self, first: int = 50, after: str | None = None, depth: int | None = None
    ) -> CustomerPage:
        """Whom the customer brought, directly or not, in the order of their first appearance.

        Parameters
        ----------
        depth
            Only those at most so many steps below the customer; 1 is who was brought directly.
        """
        below = self._within(self.forest.descendants(self.index), depth)
        return page_of_customers(self.graph, below, first, after)

    def downstream_within(self, depth: int | None) -> int:
        """How many customers stand at most so many steps below; all where None."""
        if depth is None:
            return self.downstream
        return len(self._within(self.forest.descendants(self.index), depth))

    def _within(self, below: npt.NDArray[np.int64], depth: int | None) -> npt.NDArray[np.int64]:
        if depth is None:
            return below
        if depth < 1:
            raise InvalidOptionError("depth", depth, "a whole number above 0")
        steps = self.forest.depths[below] - self.forest.depths[self.index]
        return np.asarray(below[steps <= depth])

    def upline(self, first: int = 50, after: str | None = None) -> Page[str]:
        """Who brought the customer, who brought that one, and so on up to the root."""
        above = self.forest.ancestors(self.index)
        start, end = page_bounds(len(above), first, after)
        ids = self.graph.customer_id(above[start:end])
        return Page(nodes=tuple(ids), page_info=page_info(len(above), start, end))

    def _id(self, index: int) -> str:
        return self.graph.customer_id(np.array([index]))[0]


def links_of(
    graph: JourneyGraph, customer: str, forest: ReferralForest | None = None
) -> ReferralLinks:
    """The links of a customer given by id, by the usual trees if no others are given.

    Raises
    ------
    UnknownCustomerError
        Where no customer has this id.
    """
    trees = forest_of(graph) if forest is None else forest
    return ReferralLinks(graph, graph.customer_index(customer), trees)
