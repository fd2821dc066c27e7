"""Who brought whom, as a forest: one parent each, cycles cut, sizes and depths in linear time.

Every customer points at one parent at most, so the pointers form a functional graph: trees, and
cycles with trees hanging off them. Peeling customers who brought nobody (any more) leaves exactly
the customers on cycles; each cycle is walked once, loses its latest edge, and is a path then.
Nothing recurses and nothing is sorted: a path of a million customers costs what a star of a
million costs, and the order of peeling serves everything that runs from the leaves to the roots.
Most customers neither bring nor are brought. So it is referrals that are peeled, each for whom it
brought: there are few of them, they stay in a near cache, and what is theirs is read in order.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import read_only

__all__ = [
    "BROUGHT",
    "CUT_CYCLE",
    "CUT_SELF",
    "FURTHER",
    "OTHER_MEDIUM",
    "OUTSIDE_WINDOW",
    "UNATTRIBUTED",
    "add_up_the_trees",
    "choose_first_referrals",
    "count_descendants",
    "grow_forest",
    "measure_depths",
    "measure_heights",
    "place_in_preorder",
    "sum_values_since",
    "warm",
]

BROUGHT = 0
UNATTRIBUTED = 1
CUT_SELF = 2
CUT_CYCLE = 3
FURTHER = 4
OTHER_MEDIUM = 5
OUTSIDE_WINDOW = 6

_NO_TIME = np.iinfo(np.int64).min
_NO_VALUE = np.iinfo(np.int64).min


def choose_first_referrals(referrers, referred, at_us, n_customers):
    """Choose one referral for each customer: the first by time, then by arrival.

    Parameters
    ----------
    referrers
        (n_referrals,) int64 customer index, -1 where nobody knows who brought.
    referred
        (n_referrals,) int64 customer index.
    at_us
        (n_referrals,) int64 microseconds; the smallest int64 where there is no time: these come
        after all that have one. Rows are in order of arrival.
    n_customers
        Indexes are below it; checked when a graph is made.

    Returns
    -------
    chosen
        (n_customers,) int64 row of the chosen referral, -1 where there is none.
    fates
        (n_referrals,) uint8: BROUGHT where chosen, UNATTRIBUTED, CUT_SELF, or FURTHER.
    """
    # NumPy asks the system for large pages where arrays are large; a page fault costs more than
    # all else that happens to most customers.
    chosen = np.full(n_customers, -1, np.int64)
    return chosen, _choose(referrers, referred, at_us, chosen)


@numba.njit(nogil=True, cache=True)
def _choose(referrers, referred, at_us, chosen):
    """Fill in what is chosen, which comes as -1; give the fates."""
    fates = np.empty(len(referred), np.uint8)
    for referral in range(len(referred)):
        referrer, customer = referrers[referral], referred[referral]
        if referrer < 0:
            fates[referral] = UNATTRIBUTED
        elif referrer == customer:
            fates[referral] = CUT_SELF
        else:
            before = chosen[customer]
            if before < 0:
                chosen[customer] = referral
                fates[referral] = BROUGHT
            elif _is_earlier(at_us[referral], at_us[before]):
                chosen[customer] = referral
                fates[referral] = BROUGHT
                fates[before] = FURTHER
            else:
                fates[referral] = FURTHER
    return fates


@numba.njit(nogil=True, cache=True)
def _is_earlier(at, than):
    if at == _NO_TIME:
        return False
    return than == _NO_TIME or at < than


@numba.njit(nogil=True, cache=True)
def grow_forest(chosen, fates, referrers, referred, at_us):
    """Make trees of the chosen referrals, each cycle losing its latest edge.

    Parameters
    ----------
    chosen, fates
        As from `choose_first_referrals`; both are changed where an edge is cut: the referral's
        fate becomes CUT_CYCLE, and the customer has none any more.
    referrers, referred, at_us
        As there.

    Returns
    -------
    edges
        (n_brought,) int32 rows of the referrals that brought somebody, leaves first: all by
        which a customer brought somebody before the one by which the customer was brought.
    above
        (n_brought,) int32 place in `edges` of the one by which each referrer was brought, which
        is a later place; -1 where nobody brought the referrer.

    Notes
    -----
    O(n_referrals), which are fewer than 2 ** 31. Of edges of the same time that with the later
    arrival is the latest; edges without a time are later than all others.
    """
    n_referrals = len(fates)
    # By referral: which one brought its referrer, and for how many it waits: for those whom its
    # customer brought, who are not yet peeled. The last place of `waiting` is that of -1, no
    # referral, which waits for ever.
    up, waiting = np.empty(n_referrals, np.int32), np.zeros(n_referrals + 1, np.int32)
    n_brought = _link(chosen, fates, referrers, up, waiting)
    waiting[-1] += 1
    edges = np.empty(n_referrals + 1, np.int32)
    peeled = _peel(up, waiting, edges, 0, _list_leaves(fates, waiting, edges))
    for referral in range(n_referrals):
        if peeled == n_brought:
            break
        if fates[referral] == BROUGHT and waiting[referral] > 0:
            last = _find_latest_edge(referral, up, at_us)
            fates[last] = CUT_CYCLE
            chosen[referred[last]] = -1
            waiting[last] += 1  # for ever
            n_brought -= 1
            waiting[up[last]] -= 1
            edges[peeled] = up[last]
            peeled = _peel(up, waiting, edges, peeled, peeled + 1)
    places, above = np.full(n_referrals + 1, -1, np.int32), np.empty(peeled, np.int32)
    for place in range(peeled):
        places[edges[place]] = place
    for place in range(peeled):
        above[place] = places[up[edges[place]]]
    return edges[:peeled], above


@numba.njit(nogil=True, cache=True)
def _link(chosen, fates, referrers, up, waiting):
    """Point each referral at that which brought its referrer; count those that brought somebody."""
    n_brought = 0
    for referral in range(len(fates)):
        up[referral] = -1
        if fates[referral] == BROUGHT:
            up[referral] = chosen[referrers[referral]]
            waiting[up[referral]] += 1
            n_brought += 1
    return n_brought


@numba.njit(nogil=True, cache=True)
def _list_leaves(fates, waiting, edges):
    """List the referrals of those who brought nobody; a branch would be guessed wrong."""
    n_leaves = 0
    for referral in range(len(fates)):
        edges[n_leaves] = referral
        n_leaves += (fates[referral] == BROUGHT) & (waiting[referral] == 0)
    return n_leaves


@numba.njit(nogil=True, cache=True)
def _peel(up, waiting, edges, first, last):
    """Peel the referrals in a queue, and all above that then wait for nobody; give its new end.

    First come, first served: what stands side by side in the queue has nothing to do with each
    other, so that a processor fetches the one while it waits for the other.
    """
    while first < last:
        above = up[edges[first]]
        waiting[above] -= 1
        edges[last] = above
        last += waiting[above] == 0
        first += 1
    return last


@numba.njit(nogil=True, cache=True)
def _find_latest_edge(start, up, at_us):
    latest = start
    referral = up[start]
    while referral != start:
        if at_us[referral] == at_us[latest]:
            is_later = referral > latest
        else:
            is_later = _is_earlier(at_us[latest], at_us[referral])
        if is_later:
            latest = referral
        referral = up[referral]
    return latest


@numba.njit(nogil=True, cache=True)
def count_descendants(referrers, edges, above, downstream):
    """Count all whom each customer brought, directly or not.

    Parameters
    ----------
    referrers, edges, above
        As for `grow_forest`, and from it.
    downstream
        (n_customers,) int32, comes as zeros; written.
    """
    sizes = np.ones(len(above) + 1, np.int32)
    for place in range(len(above)):
        sizes[above[place]] += sizes[place]
        downstream[referrers[edges[place]]] += sizes[place]


@numba.njit(nogil=True, cache=True)
def measure_heights(referrers, edges, above, heights):
    """Count the generations below each customer.

    Parameters
    ----------
    referrers, edges, above
        As for `grow_forest`, and from it.
    heights
        (n_customers,) int32, comes as zeros; written.
    """
    below = np.ones(len(above) + 1, np.int32)
    for place in range(len(above)):
        below[above[place]] = max(below[above[place]], below[place] + 1)
        referrer = referrers[edges[place]]
        heights[referrer] = max(heights[referrer], below[place])


@numba.njit(nogil=True, cache=True)
def measure_depths(above):
    """Count the steps up to the root.

    Parameters
    ----------
    above
        As from `grow_forest`.

    Returns
    -------
    (n_brought,) int32 of who was brought, in their order.
    """
    depths = np.zeros(len(above) + 1, np.int32)
    for place in range(len(above) - 1, -1, -1):
        depths[place] = depths[above[place]] + 1
    return depths[: len(above)]


@numba.njit(nogil=True, cache=True)
def place_in_preorder(parents, brought, downstream):
    """Lay the trees out so that all descendants of a customer stand directly behind the customer.

    Parameters
    ----------
    parents
        (n_customers,) int32 customer index, -1 for who was brought by nobody.
    brought
        (n_brought,) int32 everybody with a parent, all that one brought before the one.
    downstream
        As from `count_descendants`.

    Returns
    -------
    preorder
        (n_customers,) int32 customer indexes.
    places
        (n_customers,) int32 where in `preorder` each customer stands: the customer and all
        descendants are `preorder[places[c] : places[c] + downstream[c] + 1]`.
    roots
        (n_customers,) int32 the root above each customer, oneself where there is none.
    """
    n_customers = len(parents)
    preorder = np.empty(n_customers, np.int32)
    places = np.empty(n_customers, np.int32)
    free = np.empty(n_customers, np.int32)
    roots = np.empty(n_customers, np.int32)
    next_tree = np.int32(0)
    for customer in range(n_customers):
        if parents[customer] < 0:
            places[customer] = next_tree
            preorder[next_tree] = customer
            free[customer] = next_tree + 1
            roots[customer] = customer
            next_tree += downstream[customer] + 1
    for step in range(len(brought) - 1, -1, -1):
        customer = brought[step]
        parent = parents[customer]
        place = free[parent]
        free[parent] = place + downstream[customer] + 1
        places[customer] = place
        preorder[place] = customer
        free[customer] = place + 1
        roots[customer] = roots[parent]
    return preorder, places, roots


@numba.njit(nogil=True, cache=True)
def sum_values_since(customer_starts, at_us, value_minor, chosen, referral_at_us, sums):
    """Sum what customers brought in since each was brought; nobody else's rows are read.

    Parameters
    ----------
    customer_starts
        (n_some + 1,) int64 row where each of some customers begins.
    at_us, value_minor
        (n_interactions,) int64; the smallest int64 is "no value".
    chosen
        (n_some,) int64 row of the referral by which a customer was brought, -1 for nobody.
    referral_at_us
        (n_referrals,) int64; the smallest int64 takes everything.
    sums
        (n_referrals,) int64 minor units, by the referral that brought; written.
    """
    brought, n_brought = np.empty(len(chosen), np.int32), 0
    for customer in range(len(chosen)):
        brought[n_brought] = customer
        n_brought += chosen[customer] >= 0
    for place in range(n_brought):
        customer = brought[place]
        referral = chosen[customer]
        since = referral_at_us[referral]
        total = np.int64(0)
        first, last = np.uint64(customer_starts[customer]), np.uint64(customer_starts[customer + 1])
        if since == _NO_TIME:
            for row in range(first, last):
                total += value_minor[row] if value_minor[row] != _NO_VALUE else 0
        else:
            for row in range(first, last):
                if value_minor[row] != _NO_VALUE and at_us[row] >= since:
                    total += value_minor[row]
        sums[referral] = total


@numba.njit(nogil=True, cache=True)
def add_up_the_trees(referrers, edges, above, values, sums):
    """Sum over all descendants, without the customer's own.

    Parameters
    ----------
    referrers, edges, above
        As for `grow_forest`, and from it.
    values
        (n_referrals,) int64 what each customer hands up, by the referral that brought.
    sums
        (n_customers,) int64, comes as zeros; written.
    """
    handed_up = np.zeros(len(above) + 1, np.int64)
    for place in range(len(above)):
        referral = edges[place]
        handed_up[place] += values[referral]
        handed_up[above[place]] += handed_up[place]
        sums[referrers[referral]] += handed_up[place]


def warm() -> None:
    """Compile for the types that a graph has."""
    referrers, referred, at_us = read_only([0]), read_only([1]), read_only([0])
    chosen, fates = choose_first_referrals(referrers, referred, at_us, 2)
    edges, above = grow_forest(chosen, fates, referrers, referred, at_us)
    parents, downstream = np.full(2, -1, np.int32), np.zeros(2, np.int32)
    count_descendants(referrers, edges, above, downstream)
    measure_heights(referrers, edges, above, downstream)
    measure_depths(above)
    place_in_preorder(parents, np.zeros(0, np.int32), downstream)
    sums = np.zeros(2, np.int64)
    sum_values_since(read_only([0, 1, 1]), at_us, at_us, chosen, at_us, sums)
    add_up_the_trees(referrers, edges, above, sums, sums)
