"""Occasions put in the order of their prefixes, by counting, and the prefixes numbered.

A prefix is what is before its last item, as a number, and that item. Occasions that are in the
order of their items already are put in that of what is before, one after the other: so they are in
the order of both. Nothing is sorted by comparing, and no number is wider than it has to be.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import CODE_TYPES

__all__ = ["number_prefixes", "order_by_item", "order_by_prefix", "warm"]


@numba.njit(nogil=True, cache=True)
def order_by_item(items, n_items, order):
    """Put all occasions in the order of their items, those of one item in their own.

    Parameters
    ----------
    items
        (n_occasions,) codes in [0, n_items).
    order
        (n_occasions,) filled here.
    """
    places = np.zeros(n_items + 1, np.int64)
    for occasion in range(len(items)):
        places[items[occasion] + np.int64(1)] += 1
    for item in range(n_items):
        places[item + 1] += places[item]
    for occasion in range(len(items)):
        item = items[occasion]
        order[places[item]] = occasion
        places[item] += 1


@numba.njit(nogil=True, cache=True)
def order_by_prefix(by_item, before, n_before, positions, length, order):
    """Put the occasions that have a prefix of a length in its order.

    Parameters
    ----------
    by_item
        (n_occasions,) as of `order_by_item`.
    before, n_before
        (n_occasions,) each occasion's prefix that is one shorter, and how many these are: what is
        before an occasion is the prefix of the one before it.
    positions
        (n_occasions,) the position in the journey, from 0.
    length
        2 or more.
    order
        (n_occasions,) filled here from its begin.

    Returns
    -------
    How many have it.
    """
    places = np.zeros(n_before + 1, np.int64)
    for occasion in range(len(by_item)):
        if positions[occasion] >= length - 1:
            places[before[occasion - 1] + np.int64(1)] += 1
    for prefix in range(n_before):
        places[prefix + 1] += places[prefix]
    n_having = places[n_before]
    for place in range(len(by_item)):
        occasion = by_item[place]
        if positions[occasion] >= length - 1:
            prefix = before[occasion - 1]
            order[places[prefix]] = occasion
            places[prefix] += 1
    return n_having


@numba.njit(nogil=True, cache=True)
def _key(occasion, items, n_items, before):
    """Of a prefix; `before` is empty where there is nothing before."""
    if len(before):
        return before[occasion - 1] * np.int64(n_items) + np.int64(items[occasion])
    return np.int64(items[occasion])


@numba.njit(nogil=True, cache=True)
def number_prefixes(order, items, n_items, before, of_occasions):
    """Number the prefixes of occasions that are in their order.

    Parameters
    ----------
    order
        (n_having,) the occasions that have one.
    before
        As of `order_by_prefix`; empty for prefixes of one item.
    of_occasions
        (n_occasions,) each one's number is written here.

    Returns
    -------
    keys
        (n_prefixes,) int64: what is before the last item, times n_items, plus that; ascending.
    starts
        (n_prefixes + 1,) int64, where each prefix begins in `order`.
    """
    n_prefixes, last = 0, np.int64(-1)
    for place in range(len(order)):
        key = _key(order[place], items, n_items, before)
        n_prefixes += key != last
        last = key
    keys, starts = np.empty(n_prefixes, np.int64), np.empty(n_prefixes + 1, np.int64)
    prefix, last = -1, np.int64(-1)
    for place in range(len(order)):
        key = _key(order[place], items, n_items, before)
        if key != last:
            prefix += 1
            keys[prefix], starts[prefix] = key, place
            last = key
        of_occasions[order[place]] = prefix
    starts[n_prefixes] = len(order)
    return keys, starts


def warm() -> None:
    """Compile for the types that occasions have."""
    order, positions = np.zeros(1, np.int32), np.zeros(1, np.uint8)
    for item_type in CODE_TYPES:
        items = np.zeros(1, item_type)
        order_by_item(items, 1, order)
        number_prefixes(order, items, 1, order[:0], order.copy())
    order_by_prefix(order, order, 1, positions, 2, order.copy())
