"""Who brought whom, as a forest: one parent each, cycles cut, sizes and depths in linear time.

Every customer points at one parent at most, so the pointers form a functional graph: trees, and
cycles with trees hanging off them. Peeling customers who brought nobody (any more) leaves exactly
the customers on cycles; each cycle is walked once, loses its latest edge, and is a path then.
Nothing recurses and nothing is sorted: a path of a million customers costs what a star of a
million costs, and the order of peeling serves everything that runs from the leaves to the roots.
Most customers neither bring nor are brought; what is theirs costs nothing but the arrays.
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
    "grow_forest",
    "measure_depths",
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


@numba.njit(nogil=True, cache=True)
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
    chosen = np.full(n_customers, -1, np.int64)
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
    return chosen, fates


@numba.njit(nogil=True, cache=True)
def _is_earlier(at, than):
    if at == _NO_TIME:
        return False
    return than == _NO_TIME or at < than


def grow_forest(chosen, fates, referrers, at_us):
    """Make trees of the chosen referrals, each cycle losing its latest edge.

    Parameters
    ----------
    chosen, fates
        As from `choose_first_referrals`; both are changed where an edge is cut: the referral's
        fate becomes CUT_CYCLE, and the customer has none any more.
    referrers, at_us
        As there.

    Returns
    -------
    parents
        (n_customers,) int32 customer index, -1 for who was brought by nobody.
    leaves_first
        (n_brought,) int32: everybody with a parent once, all that one brought before the one.
    brought, downstream, heights
        (n_customers,) int32 customers brought directly, all descendants, and how many
        generations of them there are.

    Notes
    -----
    O(n_customers). Of edges of the same time that with the
    later arrival is the latest; edges without a time are later than all others.
    """
    n_customers = len(chosen)
    # NumPy asks the system for large pages where arrays are large; a page fault costs more than
    # all else that happens to most customers.
    parents, brought, waiting, downstream, heights = np.zeros((5, n_customers), np.int32)
    leaves_first = _grow(
        chosen, fates, referrers, at_us, parents, brought, waiting, downstream, heights
    )
    return parents, leaves_first, brought, downstream, heights


@numba.njit(nogil=True, cache=True)
def _grow(chosen, fates, referrers, at_us, parents, brought, waiting, downstream, heights):
    """Fill the arrays of `grow_forest`, which come as zeros; give the customers leaves first."""
    n_customers = len(chosen)
    linked = np.empty(min(n_customers, len(fates)), np.int32)  # who has a parent, ascending
    n_edges = 0
    for customer in range(n_customers):
        parents[customer] = -1
        if chosen[customer] >= 0:
            parent = referrers[chosen[customer]]
            parents[customer] = parent
            brought[parent] += 1
            waiting[parent] += 1
            linked[n_edges] = customer
            n_edges += 1

    # waiting: of whom one brought, how many are not yet peeled; -1: peeled oneself
    leaves_first = np.empty(n_edges, np.int32)
    peeled = 0
    for customer in linked[:n_edges]:
        if waiting[customer] == 0:
            peeled = _peel_upwards(
                customer, parents, waiting, leaves_first, peeled, downstream, heights
            )
    for customer in linked[:n_edges]:
        if peeled == n_edges:
            break
        if waiting[customer] > 0:
            last = _find_latest_edge(customer, parents, chosen, at_us)
            above = parents[last]
            fates[chosen[last]] = CUT_CYCLE
            chosen[last] = -1
            parents[last] = -1
            brought[above] -= 1
            waiting[above] -= 1
            n_edges -= 1
            peeled = _peel_upwards(
                above, parents, waiting, leaves_first, peeled, downstream, heights
            )
    return leaves_first[:peeled]


@numba.njit(nogil=True, cache=True)
def _peel_upwards(start, parents, waiting, leaves_first, peeled, downstream, heights):
    """Peel a customer who waits for nobody, and all above who then wait for nobody."""
    customer = start
    while True:
        parent = parents[customer]
        if parent < 0:
            return peeled
        leaves_first[peeled] = customer
        peeled += 1
        waiting[customer] = -1
        downstream[parent] += downstream[customer] + 1
        heights[parent] = max(heights[parent], heights[customer] + 1)
        waiting[parent] -= 1
        if waiting[parent] != 0:
            return peeled
        customer = parent


@numba.njit(nogil=True, cache=True)
def _find_latest_edge(start, parents, chosen, at_us):
    latest = start
    customer = parents[start]
    while customer != start:
        at, latest_at = at_us[chosen[customer]], at_us[chosen[latest]]
        if at == latest_at:
            is_later = chosen[customer] > chosen[latest]
        else:
            is_later = _is_earlier(latest_at, at)
        if is_later:
            latest = customer
        customer = parents[customer]
    return latest


@numba.njit(nogil=True, cache=True)
def measure_depths(parents, leaves_first):
    """Count the steps up to the root.

    Parameters
    ----------
    parents, leaves_first
        As from `grow_forest`.

    Returns
    -------
    (n_customers,) int32.
    """
    depths = np.zeros(len(parents), np.int32)
    for step in range(len(leaves_first) - 1, -1, -1):
        customer = leaves_first[step]
        depths[customer] = depths[parents[customer]] + 1
    return depths


@numba.njit(nogil=True, cache=True)
def place_in_preorder(parents, leaves_first, downstream):
    """Lay the trees out so that all descendants of a customer stand directly behind the customer.

    Parameters
    ----------
    parents, leaves_first, downstream
        As from `grow_forest`.

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
    for step in range(len(leaves_first) - 1, -1, -1):
        customer = leaves_first[step]
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
        (n_some,) int64 minor units, written; 0 for whom nobody brought.
    """
    for customer in range(len(chosen)):
        total = np.int64(0)
        if chosen[customer] >= 0:
            since = referral_at_us[chosen[customer]]
            for row in range(customer_starts[customer], customer_starts[customer + 1]):
                if value_minor[row] != _NO_VALUE and at_us[row] >= since:
                    total += value_minor[row]
        sums[customer] = total


@numba.njit(nogil=True, cache=True)
def add_up_the_trees(parents, leaves_first, values):
    """Sum over all descendants, without the customer's own.

    Parameters
    ----------
    parents, leaves_first
        As from `grow_forest`.
    values
        (n_customers,) int64 what each customer hands up.

    Returns
    -------
    (n_customers,) int64.
    """
    sums = np.zeros_like(values)
    for customer in leaves_first:
        sums[parents[customer]] += sums[customer] + values[customer]
    return sums


def warm() -> None:
    """Compile for the types that a graph has."""
    referrers, referred, at_us = read_only([0]), read_only([1]), read_only([0])
    chosen, fates = choose_first_referrals(referrers, referred, at_us, 2)
    grown = grow_forest(chosen, fates, referrers, at_us)
    parents, leaves_first, _, downstream, _ = grown
    measure_depths(parents, leaves_first)
    place_in_preorder(parents, leaves_first, downstream)
    sums = np.zeros(2, np.int64)
    sum_values_since(read_only([0, 1, 1]), at_us, at_us, chosen, at_us, sums)
    add_up_the_trees(parents, leaves_first, sums)
