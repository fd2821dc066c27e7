"""A stretch of many lists in the order of dictionaries, without sorting them all."""

from __future__ import annotations

import numba
import numpy as np

__all__ = ["ordered_lists", "warm"]


@numba.njit(nogil=True, cache=True)
def _is_before(list_starts, ranks, one, other):
    """Whether one list comes before another; a list comes before its continuations."""
    place, end = list_starts[one], list_starts[one + 1]
    other_place, other_end = list_starts[other], list_starts[other + 1]
    while place < end and other_place < other_end:
        if ranks[place] != ranks[other_place]:
            return ranks[place] < ranks[other_place]
        place += 1
        other_place += 1
    return end - place < other_end - other_place


@numba.njit(nogil=True, cache=True)
def _divide(order, low, high, list_starts, ranks):
    """Bring what is before one of order[low:high] to its left, the rest to its right."""
    middle = low + (high - low) // 2
    if _is_before(list_starts, ranks, order[middle], order[low]):
        order[low], order[middle] = order[middle], order[low]
    if _is_before(list_starts, ranks, order[high - 1], order[low]):
        order[low], order[high - 1] = order[high - 1], order[low]
    if _is_before(list_starts, ranks, order[high - 1], order[middle]):
        order[middle], order[high - 1] = order[high - 1], order[middle]
    pivot = order[middle]
    left, right = low, high - 1
    while left <= right:
        while _is_before(list_starts, ranks, order[left], pivot):
            left += 1
        while _is_before(list_starts, ranks, pivot, order[right]):
            right -= 1
        if left <= right:
            order[left], order[right] = order[right], order[left]
            left += 1
            right -= 1
    return left, right


@numba.njit(nogil=True, cache=True)
def ordered_lists(list_starts, ranks, start, end):
    """Find the lists that stand from place `start` to place `end` in order.

    Parameters
    ----------
    list_starts, ranks
        (n_lists + 1,) int64 where each list begins, and the elements of all.
    start, end
        Places in the order, at most n_lists.

    Returns
    -------
    ordered
        (end - start,) int64 numbers of lists.

    Notes
    -----
    Quicksort of what overlaps the stretch only: about 3 * n_lists comparisons, most of them of
    one element, and those of sorting the stretch.
    """
    order = np.arange(len(list_starts) - 1)
    rest = [(0, len(order))]
    while rest:
        low, high = rest.pop()
        if high - low < 2 or low >= end or high <= start:
            continue
        left, right = _divide(order, low, high, list_starts, ranks)
        rest.append((low, right + 1))
        rest.append((left, high))
    return order[start:end].copy()


def warm() -> None:
    """Compile for the types met."""
    ordered_lists(np.array([0, 1, 2]), np.array([1, 0]), 0, 1)
