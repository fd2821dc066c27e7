"""Bring interactions into customer-major order: a counting sort, then a check within customers.

Files mostly come in order of time or customer by customer, so that after the counting sort,
which is stable, nearly every customer already stands in the total order and one comparison for
each interaction is all that is left. NumPy's lexsort would sort all three keys from scratch.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import read_only

__all__ = ["group_by_customer", "is_in_order", "sort_within_customers", "warm"]

_SMALL = 24


@numba.njit(nogil=True, cache=True)
def is_in_order(customers, at_us, sequence):
    """Whether interactions already stand by (customer, at, sequence).

    Parameters
    ----------
    customers
        (n,) integers.
    at_us
        (n,) int64.
    sequence
        (n,) int64, or empty where all are alike.
    """
    with_sequence = len(sequence) > 0
    for row in range(1, len(customers)):
        if customers[row] != customers[row - 1]:
            if customers[row] < customers[row - 1]:
                return False
        elif at_us[row] < at_us[row - 1] or (
            with_sequence and at_us[row] == at_us[row - 1] and sequence[row] < sequence[row - 1]
        ):
            return False
    return True


@numba.njit(nogil=True, cache=True)
def group_by_customer(customers, at_us, n_customers, order, grouped_at_us):
    """Group rows by customer, each customer's in the order of arrival.

    Parameters
    ----------
    customers
        (n,) customer indexes in [0, n_customers), in the order of arrival; checked before.
    at_us
        (n,) int64, in the order of arrival.
    order
        (n,) written: order[place] is the arrival row of an interaction of the graph.
    grouped_at_us
        (n,) int64 written: at_us[order].

    Returns
    -------
    customer_starts
        (n_customers + 1,) int64.
    """
    starts = np.zeros(n_customers + 1, np.int64)
    for row in range(len(customers)):
        starts[customers[row] + 1] += 1
    for customer in range(n_customers):
        starts[customer + 1] += starts[customer]
    free = starts[:-1].copy()
    for row in range(len(customers)):
        customer = customers[row]
        place = free[customer]
        order[place] = row
        grouped_at_us[place] = at_us[row]
        free[customer] = place + 1
    return starts


@numba.njit(nogil=True, cache=True)
def sort_within_customers(starts, at_us, sequence, order, from_customer, to_customer):
    """Sort the rows of each customer by (at, sequence, arrival), in place.

    Parameters
    ----------
    starts
        As `group_by_customer` gives it.
    at_us, order
        As `group_by_customer` wrote them; they are sorted together.
    sequence
        (n,) int64 by arrival row, or empty where all are alike.
    from_customer, to_customer
        The customers to sort: threads take a range each.

    Returns
    -------
    n_sorted
        How many customers were out of order.

    Notes
    -----
    O(n) where customers are in order. Insertion sort for the short, a bottom-up merge sort for
    the long: one customer can hold every interaction of a file.
    """
    spare_at, spare_order = np.empty(0, at_us.dtype), np.empty(0, order.dtype)
    n_sorted = 0
    for customer in range(from_customer, to_customer):
        begin, end = starts[customer], starts[customer + 1]
        if _stands(at_us[begin:end], order[begin:end], sequence):
            continue
        n_sorted += 1
        if end - begin > len(spare_at):
            spare_at, spare_order = (
                np.empty(end - begin, at_us.dtype),
                np.empty(end - begin, order.dtype),
            )
        _sort(at_us[begin:end], order[begin:end], sequence, spare_at, spare_order)
    return n_sorted


@numba.njit(nogil=True, cache=True)
def _comes_after(at, row, other_at, other_row, sequence):
    if at != other_at:
        return at > other_at
    return len(sequence) > 0 and sequence[row] > sequence[other_row]


@numba.njit(nogil=True, cache=True)
def _stands(at_us, order, sequence):
    for place in range(1, len(order)):
        before = place - 1
        if _comes_after(at_us[before], order[before], at_us[place], order[place], sequence):
            return False
    return True


@numba.njit(nogil=True, cache=True)
def _sort(at_us, order, sequence, spare_at, spare_order):
    size = len(order)
    for run in range(0, size, _SMALL):
        end = min(run + _SMALL, size)
        _insert(at_us[run:end], order[run:end], sequence)
    width = _SMALL
    while width < size:
        for left in range(0, size - width, 2 * width):
            right = min(left + 2 * width, size)
            _merge(at_us[left:right], order[left:right], width, sequence, spare_at, spare_order)
        width *= 2


@numba.njit(nogil=True, cache=True)
def _insert(at_us, order, sequence):
    for place in range(1, len(order)):
        at, row = at_us[place], order[place]
        hole = place
        while hole > 0 and _comes_after(at_us[hole - 1], order[hole - 1], at, row, sequence):
            at_us[hole], order[hole] = at_us[hole - 1], order[hole - 1]
            hole -= 1
        at_us[hole], order[hole] = at, row


@numba.njit(nogil=True, cache=True)
def _merge(at_us, order, middle, sequence, spare_at, spare_order):
    """Merge the sorted rows before and from `middle`; equal ones keep their order."""
    if not _comes_after(
        at_us[middle - 1], order[middle - 1], at_us[middle], order[middle], sequence
    ):
        return
    spare_at[:middle], spare_order[:middle] = at_us[:middle], order[:middle]
    one, other, place = 0, middle, 0
    while one < middle:
        if other < len(order) and _comes_after(
            spare_at[one], spare_order[one], at_us[other], order[other], sequence
        ):
            at_us[place], order[place] = at_us[other], order[other]
            other += 1
        else:
            at_us[place], order[place] = spare_at[one], spare_order[one]
            one += 1
        place += 1


def warm() -> None:
    """Compile for the types met."""
    customers, sequence = read_only([0]), read_only([0])
    order, at_us = np.zeros(1, np.uint32), np.zeros(1, np.int64)
    starts = group_by_customer(customers, customers, 1, order, at_us)
    is_in_order(customers, customers, sequence)
    sort_within_customers(starts, at_us, sequence, order, 0, 1)
