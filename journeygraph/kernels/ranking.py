"""The first few of many lists in the order of dictionaries, without sorting them all."""

from __future__ import annotations

import numba
import numpy as np

__all__ = ["first_lists", "warm"]


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
def _sink(heap, size, place, list_starts, ranks):
    """Restore a heap whose last list is uppermost, after a change at one place."""
    while True:
        child = 2 * place + 1
        if child >= size:
            return
        if child + 1 < size and _is_before(list_starts, ranks, heap[child], heap[child + 1]):
            child += 1
        if not _is_before(list_starts, ranks, heap[place], heap[child]):
            return
        heap[place], heap[child] = heap[child], heap[place]
        place = child


@numba.njit(nogil=True, cache=True)
def first_lists(list_starts, ranks, n_first):
    """Find the first lists in order.

    Parameters
    ----------
    list_starts, ranks
        (n_lists + 1,) int64 where each list begins, and the elements of all.
    n_first
        How many, at most n_lists.

    Returns
    -------
    first
        (n_first,) int64 numbers of lists, in order.

    Notes
    -----
    O(n_lists * log(n_first)) comparisons, most of them of one element.
    """
    heap = np.arange(n_first)
    for place in range(n_first // 2 - 1, -1, -1):
        _sink(heap, n_first, place, list_starts, ranks)
    if n_first:
        for number in range(n_first, len(list_starts) - 1):
            if _is_before(list_starts, ranks, number, heap[0]):
                heap[0] = number
                _sink(heap, n_first, 0, list_starts, ranks)
    for size in range(n_first - 1, 0, -1):
        heap[0], heap[size] = heap[size], heap[0]
        _sink(heap, size, 0, list_starts, ranks)
    return heap


def warm() -> None:
    """Compile for the types met."""
    first_lists(np.array([0, 1, 2]), np.array([1, 0]), 1)
