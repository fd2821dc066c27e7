"""What each referrer is credited with, by any rule: customers, whole or in part, and their value.

Credits add up to the customers referred, and values to what these brought in since: nothing is
counted twice, unlike what stands downstream of an advocate.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.statistics.referral_credit import CreditRule, choose_referrals
from journeygraph.statistics.referrals import values_since
from queries.customer_lists import CustomerList
from queries.paging import Page, page_bounds, page_info
from queries.rankings import ranked
from queries.referral_credit import Credited

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["ReferrerCredit", "page_of_credits"]

Int64Array = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class ReferrerCredit:
    """A referrer, and what they are credited with.

    Attributes
    ----------
    brought
        Customers of whom at least a part is credited.
    credit
        These customers, each divided by the number of referrers who share them.
    value_minor
        What they brought in since each was first referred, divided alike, in minor units of money;
        in 64-bit floats, rounded.
    customers
        The customers behind `brought`.
    """

    customer: str
    brought: int
    credit: float
    value_minor: int
    customers: CustomerList


def page_of_credits(
    journeys: Journeys,
    credited: Credited,
    selected: npt.NDArray[np.bool_],
    at_least: int,
    first: int,
    after: str | None,
) -> Page[ReferrerCredit]:
    """The selected referrers who brought so many, most credit first, equals by id."""
    edges, n_customers = credited.edges, journeys.graph.n_customers
    brought = np.bincount(edges.referrers, minlength=n_customers)
    credit = np.bincount(edges.referrers, 1 / edges.parts, n_customers)
    values = _values_since(journeys, credited)[edges.referred] / edges.parts
    worth = np.bincount(edges.referrers, values, n_customers)
    listed = np.flatnonzero(selected & (brought >= at_least))
    start, end = page_bounds(len(listed), first, after)
    ranks = np.unique(credit.round(9), return_inverse=True)[1]  # sums of thirds must tie
    nodes = tuple(
        ReferrerCredit(
            customer=customer,
            brought=int(brought[index]),
            credit=float(credit[index]),
            value_minor=round(float(worth[index])),
            customers=CustomerList(journeys, partial(_brought_by, credited, index)),
        )
        for index, customer in ranked(journeys.graph, listed, ranks, start, end)
    )
    return Page(nodes=nodes, page_info=page_info(len(listed), start, end))


def _brought_by(credited: Credited, referrer: int) -> Int64Array:
    edges = credited.edges
    return np.unique(edges.referred[edges.referrers == referrer])


def _values_since(journeys: Journeys, credited: Credited) -> Int64Array:
    """By customer: what they brought in since the referral that counts, the first where split."""
    graph, recipe = journeys.graph, credited.recipe
    if recipe.credit is CreditRule.SPLIT:
        chosen, _ = choose_referrals(graph, replace(recipe, credit=CreditRule.FIRST))
    else:
        chosen = np.full(graph.n_customers, -1, np.int64)
        chosen[credited.edges.referred] = credited.edges.rows
    return values_since(graph, chosen)
