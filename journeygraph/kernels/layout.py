"""Bring interactions into customer-major order: a counting sort, then a check within customers.

Files mostly come in order of time or customer by customer, so that after the counting sort,
which is stable, nearly every customer already stands in the total order and one comparison for
each interaction is all that is left. NumPy's lexsort would sort all three keys from scratch.
"""

from __future__ import annotations

import numba
import numpy as np

__all__ = ["group_by_customer", "is_in_order", "sort_within_customers"]

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
def group_by_customer(customers, n_customers, order):
    """Group rows by customer, each customer's in the order of arrival.

    Parameters
    ----------
    customers
        (n,) customer indexes in [0, n_customers), in the order of arrival; checked before.
    order
        (n,) written: order[k] is the arrival row of the k-th interaction.

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
        order[free[customer]] = row
        free[customer] += 1
    return starts


@numba.njit(nogil=True, cache=True)
def sort_within_customers(starts, at_us, sequence, order, from_customer, to_customer):
    """Sort the rows of each customer by (at, sequence, arrival), in place.

    Parameters
    ----------
    starts, order
        As `group_by_customer` made them.
    at_us, sequence
        By arrival row; `sequence` is empty where all are alike.
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
    spare = np.empty(0, order.dtype)
    n_sorted = 0
    for customer in range(from_customer, to_customer):
        begin, end = starts[customer], starts[customer + 1]
        if _stands(at_us, sequence, order, begin, end):
            continue
        n_sorted += 1
        if end - begin <= _SMALL:
            _insert(at_us, sequence, order, begin, end)
            continue
        if len(spare) < end - begin:
            spare = np.empty(end - begin, order.dtype)
        _merge(at_us, sequence, order, begin, end, spare)
    return n_sorted


@numba.njit(nogil=True, cache=True)
def _comes_after(at_us, sequence, one, other):
    if at_us[one] != at_us[other]:
        return at_us[one] > at_us[other]
    return len(sequence) > 0 and sequence[one] > sequence[other]


@numba.njit(nogil=True, cache=True)
def _stands(at_us, sequence, order, begin, end):
    for place in range(begin + 1, end):
        if _comes_after(at_us, sequence, order[place - 1], order[place]):
            return False
    return True


@numba.njit(nogil=True, cache=True)
def _insert(at_us, sequence, order, begin, end):
    for place in range(begin + 1, end):
        row = order[place]
        hole = place
        while hole > begin and _comes_after(at_us, sequence, order[hole - 1], row):
            order[hole] = order[hole - 1]
            hole -= 1
        order[hole] = row


@numba.njit(nogil=True, cache=True)
def _merge(at_us, sequence, order, begin, end, spare):
    for run in range(begin, end, _SMALL):
        _insert(at_us, sequence, order, run, min(run + _SMALL, end))
    width = _SMALL
    while width < end - begin:
        for left in range(begin, end, 2 * width):
            middle, right = min(left + width, end), min(left + 2 * width, end)
            if middle < right and _comes_after(at_us, sequence, order[middle - 1], order[middle]):
                _merge_two(at_us, sequence, order, left, middle, right, spare)
        width *= 2


@numba.njit(nogil=True, cache=True)
def _merge_two(at_us, sequence, order, left, middle, right, spare):
    size = middle - left
    spare[:size] = order[left:middle]
    one, other, place = 0, middle, left
    while one < size and other < right:
        if _comes_after(at_us, sequence, spare[one], order[other]):
            order[place] = order[other]
            other += 1
        else:
            order[place] = spare[one]
            one += 1
        place += 1
    order[place : place + size - one] = spare[one:size]
