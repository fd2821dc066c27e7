"""One chain of referrals as a picture needs it: all its members, and who stands below whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from journeygraph.errors import InvalidOptionError
from journeygraph.graph import MISSING
from journeygraph.statistics.referrals import ReferralForest
from queries.figures import Pictured

if TYPE_CHECKING:
    from journeygraph.graph import JourneyGraph

__all__ = ["MOST_MEMBERS", "ReferralTree", "tree_below"]

MOST_MEMBERS = 50_000
"""The most members that are listed at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralTree(Pictured):
    """A root, whom it brought, whom these brought, and so on.

    Attributes
    ----------
    root
        Id of the customer with whom the chain begins.
    size, depth
        Customers, the root included; steps from the root to the farthest.
    ids
        The members, the root first, then step by step down; each step by first appearance.
    referrers
        For each member the place in `ids` of who brought it; -1 for the root. It is always an
        earlier place.
    referred_at_us
        When each was brought; None where that is not said, and for the root.
    others
        Members farther down that are not listed: `ids` and these are `size`.
    """

    root: str
    size: int
    depth: int
    ids: tuple[str, ...]
    referrers: tuple[int, ...]
    referred_at_us: tuple[int | None, ...]
    others: int


def tree_below(graph: JourneyGraph, forest: ReferralForest, root: int, most: int) -> ReferralTree:
    """The tree below the customer `root`, an index, with at most so many members listed.

    Raises
    ------
    InvalidOptionError
        Where `most` is out of range.
    """
    if not 1 <= most <= MOST_MEMBERS:
        raise InvalidOptionError("most", most, f"a whole number from 1 to {MOST_MEMBERS}")
    members = forest.members(root)
    members = members[np.argsort(forest.depths[members], kind="stable")]
    shown = members[:most]
    places = np.full(graph.n_customers, -1, np.int64)
    places[shown] = np.arange(len(shown))
    referrals = forest.parent_referrals[shown[1:]]
    at_us = [None if at == MISSING else at for at in graph.referrals.at_us[referrals].tolist()]
    ids = tuple(graph.customer_id(shown))
    return ReferralTree(
        root=ids[0],
        size=len(members),
        depth=int(forest.heights[root]),
        ids=ids,
        referrers=(-1, *places[forest.parents[shown[1:]]].tolist()),
        referred_at_us=(None, *at_us),
        others=len(members) - len(shown),
    )
