"""Moves of order 1 and sets of converting paths in one pass, where every row is an item.

Journeys are short, and the end of each short loop is guessed wrong, which costs more than its
work. So all neighbouring rows are counted first, whatever they belong to; then the pairs across
journeys, and those that no path holds, are taken out again. Only paths to an outcome are walked
for their sets.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.attribution import EACH_OUTCOME, WHOLE_JOURNEY, outcomes_before
from journeygraph.kernels.tiny import read_only

__all__ = ["MOST_SET_ITEMS", "survey_paths", "warm"]

MOST_SET_ITEMS = 16
"""With more there is no table of all sets."""

_TRIPLE_BITS = 4
"""A table of triples of larger items would leave the nearest cache."""

_NEVER_OPEN = np.iinfo(np.int64).max


@numba.njit(nogil=True, cache=True)
def _count_neighbours(codes, first, last, n_bits):
    """Count the pairs of neighbouring rows in a table of all pairs."""
    pairs = np.zeros(1 << (2 * n_bits), np.int64)
    of_rows = codes[first:last]
    shift = np.uint64(n_bits)
    before = np.uint64(of_rows[0]) if len(of_rows) else np.uint64(0)
    for row in range(np.uint64(1), np.uint64(len(of_rows))):
        item = np.uint64(of_rows[row])
        pairs[(before << shift) | item] += 1
        before = item
    return pairs


@numba.njit(nogil=True, cache=True)
def _count_triples(codes, first, last, n_bits):
    """What `_count_neighbours` counts, two pairs with each step, of few items."""
    pairs, triples = np.zeros(1 << (2 * n_bits), np.int64), np.zeros(1 << (3 * n_bits), np.uint32)
    of_rows = codes[first:last]
    shift, twice = np.uint64(n_bits), np.uint64(2 * n_bits)
    row, before = np.uint64(1), np.uint64(of_rows[0]) << twice
    for _ in range((len(of_rows) - 1) // 2):
        item, behind = np.uint64(of_rows[row]), np.uint64(of_rows[row + np.uint64(1)])
        triples[before | (item << shift) | behind] += np.uint32(1)
        before = behind << twice
        row += np.uint64(2)
    for triple in range(len(triples)):
        pairs[triple >> n_bits] += triples[triple]
        pairs[triple & (len(pairs) - 1)] += triples[triple]
    if len(of_rows) % 2 == 0:
        pairs[(before >> shift) | np.uint64(of_rows[len(of_rows) - 1])] += 1
    return pairs


@numba.njit(nogil=True, cache=True)
def _take_out(codes, pairs, n_bits, first, last):
    """Take out the pairs that end in the rows from `first` to before `last`."""
    if first >= last:
        return
    shift = np.uint64(n_bits)
    before = np.uint64(codes[np.uint64(first - 1)])
    for row in range(np.uint64(first), np.uint64(last)):
        item = np.uint64(codes[row])
        pairs[(before << shift) | item] -= 1
        before = item


@numba.njit(nogil=True, cache=True)
def _count_bounds(codes, starts, ends, lo, hi, pairs, n_bits, firsts, lasts):
    """Take every journey for a null path: count its ends, take out the pair before it."""
    shift = np.uint64(n_bits)
    before = np.uint64(0)
    for journey in range(np.uint64(lo), np.uint64(hi)):
        first = np.uint64(codes[np.uint64(starts[journey])])
        last = np.uint64(codes[np.uint64(ends[journey] - 1)])
        firsts[first] += 1
        lasts[last, 1] += 1
        pairs[(before << shift) | first] -= 1
        before = last
    pairs[codes[starts[lo]]] += 1  # before the first journey is nobody, not item 0


@numba.njit(nogil=True, cache=True)
def _set_of(codes, start, stop):
    items = np.uint64(0)
    for row in range(np.uint64(start), np.uint64(stop)):
        items |= np.uint64(1) << np.uint64(codes[row])
    return items


@numba.njit(nogil=True, cache=True)
def survey_paths(
    codes,
    n_items,
    n_bits,
    starts,
    ends,
    lo,
    hi,
    outcome_rows,
    at_us,
    closed_until_us,
    scope,
    with_outcome,
):
    """Count moves and sets of the paths of journeys that stand without a gap.

    Parameters
    ----------
    codes
        (n_interactions,) every one below n_items.
    n_bits
        Of an item.
    starts, ends, lo, hi
        Rows of journeys, each beginning where the one before ends, and which are meant.
    outcome_rows, at_us, closed_until_us, scope, with_outcome
        As in `kernels.attribution.cut_paths`.

    Returns
    -------
    pairs, firsts, lasts, sets
        Moves from item to item (2 ** (2 * n_bits)), to first items (n_items), from last items to
        the outcome and to nothing (n_items, 2), and paths to an outcome by the set of their
        items (2 ** n_items; none with more than MOST_SET_ITEMS).

    Notes
    -----
    O(interactions). Under a nanosecond for each, and some for each journey.
    """
    firsts, lasts = np.zeros(n_items, np.int64), np.zeros((n_items, 2), np.int64)
    has_sets = n_items <= MOST_SET_ITEMS
    sets = np.zeros(1 << n_items if has_sets else 0, np.int64)
    if lo >= hi:
        return np.zeros(1 << (2 * n_bits), np.int64), firsts, lasts, sets
    if n_bits <= _TRIPLE_BITS:
        pairs = _count_triples(codes, starts[lo], ends[hi - 1], n_bits)
    else:
        pairs = _count_neighbours(codes, starts[lo], ends[hi - 1], n_bits)
    _count_bounds(codes, starts, ends, lo, hi, pairs, n_bits, firsts, lasts)
    place = outcomes_before(outcome_rows, starts[lo])
    n_outcomes = outcomes_before(outcome_rows, ends[hi - 1])
    following = outcome_rows[place] if place < n_outcomes else _NEVER_OPEN
    is_asked = closed_until_us < _NEVER_OPEN
    for journey in range(np.uint64(lo), np.uint64(hi)):
        end = ends[journey]
        if following >= end and not (is_asked and at_us[np.uint64(end - 1)] > closed_until_us):
            continue
        start = starts[journey]
        lasts[codes[np.uint64(end - 1)], 1] -= 1
        firsts[codes[np.uint64(start)]] -= 1
        behind = start + 1
        is_first = True
        while following < end:
            stop = end if scope == WHOLE_JOURNEY else following + with_outcome
            if stop > start and (is_first or scope == EACH_OUTCOME):
                firsts[codes[np.uint64(start)]] += 1
                lasts[codes[np.uint64(stop - 1)], 0] += 1
                _take_out(codes, pairs, n_bits, behind, start + 1)
                behind = stop
                if has_sets:
                    sets[_set_of(codes, start, stop)] += 1
            is_first = False
            start = following + 1
            place += 1
            following = outcome_rows[np.uint64(place)] if place < n_outcomes else _NEVER_OPEN
        _take_out(codes, pairs, n_bits, behind, end)
    return pairs, firsts, lasts, sets


def warm() -> None:
    """Compile for the types that views have."""
    zero, one = read_only([0]), read_only([1])
    codes = read_only([0], np.uint8)  # with more items a table of all pairs is no gain
    survey_paths(codes, 1, 2, zero, one, 0, 1, zero, zero, 0, 0, 0)
