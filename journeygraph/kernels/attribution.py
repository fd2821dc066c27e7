"""From journeys to the paths that end in an outcome or in nothing, and what stands on them.

A path is a range of rows, so that cutting reads no interaction at all, and every way to give
credit is one pass over the items of the paths. Weights repeat a path without copying it: rows of
a table that stand for many customers, and the draws of a bootstrap.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import USUAL_CODE_TYPES, read_only

__all__ = [
    "EACH_OUTCOME",
    "EMPTY",
    "FIRST_OUTCOME",
    "WHOLE_JOURNEY",
    "count_moves",
    "count_sets",
    "cut_paths",
    "find_paths_with",
    "hash_moves",
    "mark_sets",
    "outcomes_before",
    "slot_of",
    "warm",
]

EMPTY = -1
"""What an open-addressing table holds where no key is."""

EACH_OUTCOME, FIRST_OUTCOME, WHOLE_JOURNEY = range(3)
"""Where a path ends."""

_NEVER_OPEN = np.iinfo(np.int64).max


@numba.njit(nogil=True, cache=True)
def outcomes_before(outcome_rows, row):
    """How many outcomes are before a row; NumPy's own search takes long to compile."""
    low, high = 0, len(outcome_rows)
    while low < high:
        middle = (low + high) // 2
        if outcome_rows[middle] < row:
            low = middle + 1
        else:
            high = middle
    return low


@numba.njit(nogil=True, cache=True)
def _next_outcome(outcome_rows, place, last, start):
    """The place of the first outcome at `start` or after it."""
    while place < last and outcome_rows[place] < start:
        place += 1
    return place


@numba.njit(nogil=True, cache=True)
def _is_open(at_us, end, closed_until_us):
    return closed_until_us < _NEVER_OPEN and at_us[end - 1] > closed_until_us


@numba.njit(nogil=True, cache=True)
def cut_paths(
    journey_starts,
    journey_ends,
    journey_lo,
    journey_hi,
    outcome_rows,
    at_us,
    closed_until_us,
    scope,
    with_outcome,
):
    """Cut journeys at their outcomes.

    Parameters
    ----------
    journey_starts, journey_ends
        (n_journeys,) rows where each journey begins and ends, ascending.
    journey_lo, journey_hi
        The journeys of this block.
    outcome_rows
        (n_outcomes,) rows that are the outcome, ascending.
    at_us
        (n_interactions,) microseconds since the epoch.
    closed_until_us
        A journey without outcome that ends later is open, and no path.
    scope
        EACH_OUTCOME ends a path at every outcome, FIRST_OUTCOME at the first of a journey;
        WHOLE_JOURNEY makes a journey one path, which converts if it holds an outcome.
    with_outcome
        1 where the outcome's own row ends its path, 0 where the row before does.

    Returns
    -------
    starts, ends, converts, journeys, n_open
        Of each path its rows, whether it ends in an outcome, and its journey; how many journeys
        are open.

    Notes
    -----
    O(journeys + outcomes).
    """
    first = last = 0
    if journey_lo < journey_hi:
        first = outcomes_before(outcome_rows, journey_starts[journey_lo])
        last = outcomes_before(outcome_rows, journey_ends[journey_hi - 1])
    most = journey_hi - journey_lo + last - first
    starts, ends = np.empty(most, np.int64), np.empty(most, np.int64)
    converts, journeys = np.zeros(most, np.bool_), np.empty(most, np.int64)
    n_paths = n_open = 0
    place = first
    for journey in range(journey_lo, journey_hi):
        start, end = journey_starts[journey], journey_ends[journey]
        place = _next_outcome(outcome_rows, place, last, start)
        ends_so = place < last and outcome_rows[place] < end
        if not ends_so and _is_open(at_us, end, closed_until_us):
            n_open += 1
            continue
        while True:
            starts[n_paths], ends[n_paths], journeys[n_paths] = start, end, journey
            converts[n_paths] = ends_so
            if ends_so and scope != WHOLE_JOURNEY:
                ends[n_paths] = outcome_rows[place] + with_outcome
                start = outcome_rows[place] + 1
            n_paths += 1
            place += ends_so
            if scope != EACH_OUTCOME or place >= last or outcome_rows[place] >= end:
                break
    return starts[:n_paths], ends[:n_paths], converts[:n_paths], journeys[:n_paths], n_open


@numba.njit(nogil=True, cache=True)
def count_moves(item_codes, n_items, starts, ends, converts, weights, order, n_bits):
    """Count the moves of paths from state to item, outcome or nothing, in a table of all.

    A state is the last `order` items side by side, `n_bits` each, the latest lowest; an item is
    its code + 1, so that 0 is where there is none yet, and the state 0 is the start.

    Parameters
    ----------
    item_codes
        (n_interactions,) item of each interaction; n_items and above are no items.
    starts, ends, converts
        (n_paths,) rows of each path, and whether it ends in an outcome.
    weights
        (n_paths,) int64, how often each path counts; empty where each counts once.

    Returns
    -------
    moves
        (2 ** (n_bits * (order + 1)),) int64 by state and then what comes next: an item + 1,
        n_items + 1 for the outcome, n_items + 2 for nothing.

    Notes
    -----
    O(interactions + moves). A path without an item makes no move.
    """
    moves = np.zeros(1 << (n_bits * (order + 1)), np.int64)
    mask = (1 << (n_bits * order)) - 1
    is_weighted = len(weights) > 0
    weight = np.int64(1)
    for path in range(len(starts)):
        if is_weighted:
            weight = weights[path]
        state = 0
        for row in range(np.uint64(starts[path]), np.uint64(ends[path])):
            item = np.int64(item_codes[row])
            if item < n_items:
                key = (state << n_bits) | (item + 1)
                moves[np.uint64(key)] += weight
                state = key & mask
        if state:
            moves[(state << n_bits) | (n_items + (1 if converts[path] else 2))] += weight
    return moves


@numba.njit(nogil=True, cache=True)
def slot_of(keys, key):
    """Where a key stands in an open-addressing table, or the empty place where it would."""
    last = len(keys) - 1
    slot = ((key ^ key >> 31) & 0x7FFFFFFF) * 0x9E3779B1 >> 20 & last  # stays below 2**63
    while keys[slot] != key and keys[slot] != EMPTY:
        slot = slot + 1 & last
    return slot


@numba.njit(nogil=True, cache=True)
def _grown(keys, counts):
    """The same table with twice the room."""
    new_keys = np.full(2 * len(keys), EMPTY, np.int64)
    new_counts = np.zeros(2 * len(keys), np.int64)
    for slot in range(len(keys)):
        if keys[slot] != EMPTY:
            place = slot_of(new_keys, keys[slot])
            new_keys[place], new_counts[place] = keys[slot], counts[slot]
    return new_keys, new_counts


@numba.njit(nogil=True, cache=True)
def _following(item_codes, n_items, row, end, converts):
    """What comes next, as `count_moves` has it; more than n_items + 2 where it is no item."""
    if row == end:
        return np.int64(n_items + (1 if converts else 2))
    item = np.int64(item_codes[row])
    return item + 1 if item < n_items else np.int64(n_items + 3)


@numba.njit(nogil=True, cache=True)
def hash_moves(item_codes, n_items, starts, ends, converts, weights, order, n_bits):
    """Count the moves of paths where a table of all would be too large; see `count_moves`.

    Returns
    -------
    keys, moves
        A key is a state and then what comes next; n_bits * (order + 1) is below 64.
    """
    keys, counts = np.full(1 << 12, EMPTY, np.int64), np.zeros(1 << 12, np.int64)
    n_keys = 0
    mask = (1 << (n_bits * order)) - 1
    weight = np.int64(1)
    for path in range(len(starts)):
        if len(weights):
            weight = weights[path]
        state = np.int64(0)
        for row in range(starts[path], ends[path] + 1):
            following = _following(item_codes, n_items, row, ends[path], converts[path])
            if following > n_items + 2 or (following > n_items and state == 0):
                continue
            key = (state << n_bits) | following
            slot = slot_of(keys, key)
            n_keys += keys[slot] == EMPTY
            keys[slot] = key
            counts[slot] += weight
            state = key & mask
            if 2 * n_keys > len(keys):
                keys, counts = _grown(keys, counts)
    found = keys != EMPTY
    return keys[found], counts[found]


@numba.njit(nogil=True, cache=True)
def count_sets(item_codes, n_items, starts, ends, converts, weights, values):
    """Count paths by the set of their items, in a table of all sets.

    Parameters
    ----------
    item_codes
        (n_interactions,) item of each interaction; n_items and above are no items.
    starts, ends, converts, weights
        As in `count_moves`.
    values
        (n_paths,) int64, what each path brought; empty where nobody asks.

    Returns
    -------
    sets
        (2 ** n_items, 3) int64 by set, item 0 the lowest bit: outcomes, null paths, value.
    """
    sets = np.zeros((1 << n_items, 3), np.int64)
    is_weighted = len(weights) > 0
    has_values = len(values) > 0
    weight = np.int64(1)
    for path in range(len(starts)):
        if is_weighted:
            weight = weights[path]
        items = 0
        for row in range(np.uint64(starts[path]), np.uint64(ends[path])):
            item = np.int64(item_codes[row])
            if item < n_items:
                items |= 1 << item
        sets[items, 0 if converts[path] else 1] += weight
        if has_values:
            sets[items, 2] += values[path]
    return sets


@numba.njit(nogil=True, cache=True)
def mark_sets(item_codes, n_items, starts, ends):
    """Write down the set of items of each path: (n_paths,) int64, item 0 the lowest bit of 63."""
    sets = np.zeros(len(starts), np.int64)
    for path in range(len(starts)):
        items = 0
        for row in range(starts[path], ends[path]):
            item = np.int64(item_codes[row])
            if item < n_items:
                items |= 1 << item
        sets[path] = items
    return sets


@numba.njit(nogil=True, cache=True)
def find_paths_with(item_codes, starts, ends, first_item, last_item):
    """Find the paths with one of the items from `first_item` to `last_item`: (n_paths,) bool."""
    found = np.zeros(len(starts), np.bool_)
    for path in range(len(starts)):
        for row in range(starts[path], ends[path]):
            if first_item <= item_codes[row] <= last_item:
                found[path] = True
                break
    return found


def warm() -> None:
    """Compile for the types that views have."""
    zero, one, none = read_only([0]), read_only([1]), np.zeros(0, np.int64)
    cut_paths(zero, one, 0, 1, zero, zero, 0, 0, 0)
    converts = np.ones(1, np.bool_)
    for item_type in USUAL_CODE_TYPES:
        codes = read_only([0], item_type)
        starts, ends = np.zeros(1, np.int64), np.ones(1, np.int64)
        count_moves(codes, 1, starts, ends, converts, none, 1, 2)
        hash_moves(codes, 1, starts, ends, converts, none, 1, 2)
        find_paths_with(codes, starts, ends, 0, 0)
        if item_type is np.uint8:  # no more items than a set has bits
            count_sets(codes, 1, starts, ends, converts, none, none)
            mark_sets(codes, 1, starts, ends)
