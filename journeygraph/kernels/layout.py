"""Bring interactions into customer-major order: a counting sort, then a check within customers.

Files mostly come in order of time or customer by customer, so that after the counting sort,
which is stable, nearly every customer already stands in the total order and one comparison for
each interaction is all that is left. NumPy's lexsort would sort all three keys from scratch.

Rows that come later change nothing in the order of those that are there: merging is a search
for each new row and a copy of all that lies between two of them.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import read_only

__all__ = [
    "count_rows",
    "find_insertions",
    "insert_rows",
    "place_rows",
    "put_rows",
    "sort_within_customers",
    "take_customers",
    "warm",
]

_SMALL = 24
_AHEAD = 64


@numba.njit(nogil=True, cache=True)
def count_rows(customers, counts):
    """Count the rows of each customer.

    Parameters
    ----------
    customers
        (n,) customer indexes in [0, n_customers), in the order of arrival; checked before.
    counts
        (n_customers,) added to.
    """
    for row in range(len(customers)):
        counts[customers[row]] += 1


@numba.njit(nogil=True, cache=True)
def place_rows(customers, free):
    """Give rows their places in customer-major order, each customer's in the order of arrival.

    Parameters
    ----------
    customers
        (n,) customer indexes in [0, n_customers), in the order of arrival; checked before.
        Replaced by the places.
    free
        (n_customers,) the next free place of each customer; moved on.
    """
    for row in range(len(customers)):
        customer = customers[row]
        place = free[customer]
        customers[row] = place
        free[customer] = place + 1


@numba.njit(nogil=True, cache=True)
def put_rows(column, places, values):
    """Put values where they belong; NumPy's own way takes twice as long.

    Parameters
    ----------
    column
        Written to.
    places
        (m,) rows of the column, none of them twice, as `place_rows` gives them.
    values
        (m,) of the column's type.
    """
    for row in range(len(places)):
        column[places[row]] = values[row]


@numba.njit(nogil=True, cache=True)
def sort_within_customers(starts, at_us, sequence, order, from_customer, to_customer):
    """Sort the rows of each customer by (at, sequence, arrival), in place.

    Parameters
    ----------
    starts
        (n_customers + 1,) int64 row where each customer begins.
    at_us, order
        (n,) customer by customer, each one's in the order of arrival, and which arrival row it
        is; they are sorted together.
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
    for row in range(middle):  # as slices, this takes seconds to compile
        spare_at[row], spare_order[row] = at_us[row], order[row]
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


@numba.njit(nogil=True, cache=True)
def find_insertions(starts, at_us, sequence, customers, new_at_us, new_sequence, before):
    """Find where rows belong that came later: after all rows of the same customer and moment.

    Parameters
    ----------
    starts, at_us
        Of the rows that are there: where each customer begins, and (n,) int64 moments.
    sequence
        (n,) int64 in the same order, or empty where all are 0.
    customers, new_at_us, new_sequence
        (m,) of the rows that came, in the total order; a customer beyond `starts` is new;
        `new_sequence` may be empty as well.
    before
        (m,) int64 written: before which row each one belongs, ascending.
    """
    n_customers = len(starts) - 1
    for row in range(len(customers)):
        customer = customers[row]
        if customer >= n_customers:
            before[row] = starts[n_customers]
            continue
        at = new_at_us[row]
        turn = new_sequence[row] if len(new_sequence) > 0 else 0
        low, high = starts[customer], starts[customer + 1]
        middle = high - 1  # most come later than all that is there
        while low < high:
            there = sequence[middle] if len(sequence) > 0 else 0
            if at_us[middle] < at or (at_us[middle] == at and there <= turn):
                low = middle + 1
            else:
                high = middle
            middle = (low + high) // 2
        before[row] = low


@numba.njit(nogil=True, cache=True)
def insert_rows(old, new, before, width, merged):
    """Merge a column: old rows in their order, new ones before those that they belong before.

    Parameters
    ----------
    old, new, merged
        (n * width,), (m * width,) and ((n + m) * width,) uint8: the bytes of the columns, so
        that there is one kernel for all types.
    before
        (m,) int64, as `find_insertions` writes it.
    width
        Bytes of a row.
    """
    done = 0
    row, behind = 0, 0
    while row < len(before):
        while behind < len(before) and before[behind] == before[row]:
            behind += 1
        end, shift, size = before[row] * width, row * width, (behind - row) * width
        _copy(old[done:end], merged[done + shift : end + shift])
        _copy(new[shift : shift + size], merged[end + shift : end + shift + size])
        done, row = end, behind
    _copy(old[done:], merged[done + len(before) * width :])


@numba.njit(nogil=True, cache=True)
def take_customers(begins, own_starts, column, width, taken):
    """Take the rows of some customers out of a column.

    Parameters
    ----------
    begins
        (k,) int64 row of the column where each of these customers begins.
    own_starts
        (k + 1,) int64 row of what is taken where each begins, from some row on.
    column, taken
        (n * width,) uint8, and as many as the rows of these customers have: the bytes of the
        columns, so that there is one kernel for all types.
    width
        Bytes of a row.

    Returns
    -------
    touched
        Of no meaning, but made from what was looked at ahead.

    Notes
    -----
    Customers stand far from each other, and the processor waits for each of them unless it is
    shown some at once: so both ends of a few are looked at before any of these is copied.
    """
    touched = np.uint8(0)
    first = own_starts[0]
    for ahead in range(0, len(begins), _AHEAD):
        stop = min(ahead + _AHEAD, len(begins))
        for place in range(ahead, stop):
            n_rows = own_starts[place + 1] - own_starts[place]
            if n_rows:
                begin = begins[place] * width
                touched ^= column[begin] ^ column[begin + n_rows * width - 1]
        for place in range(ahead, stop):
            begin, to = begins[place] * width, (own_starts[place] - first) * width
            size = (own_starts[place + 1] - own_starts[place]) * width
            _copy(column[begin : begin + size], taken[to : to + size])
    return touched


@numba.njit(nogil=True, cache=True, inline="always")
def _copy(source, target):
    """Copy bytes: on slices that begin at 0 this becomes one block move, on offsets it does not."""
    for byte in range(len(source)):
        target[byte] = source[byte]


def warm() -> None:
    """Compile for the types met."""
    none = read_only([])
    customers, counts = np.zeros(1, np.uint32), np.zeros(1, np.uint32)
    count_rows(customers, counts)
    place_rows(customers, np.zeros(1, np.uint32))
    for kind in (np.uint8, np.uint32, np.int64):  # 300 touchpoints and more: when first met
        put_rows(np.zeros(1, kind), read_only([0], np.uint32), read_only([0], kind))
    order, at_us, starts = np.zeros(1, np.uint32), np.zeros(1, np.int64), np.array([0, 1])
    sort_within_customers(starts, at_us, none, order, 0, 1)
    one, before = read_only([0]), np.zeros(1, np.int64)
    find_insertions(read_only([0, 1]), one, none, one, one, none, before)
    row = one.view(np.uint8)
    insert_rows(row, row, read_only([0]), 8, np.zeros(16, np.uint8))
    take_customers(read_only([0]), read_only([0, 1]), row, 8, np.zeros(8, np.uint8))
