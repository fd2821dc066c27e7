"""The moves of paths, listed once, and added up again for every draw of paths."""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import CODE_TYPES, read_only

__all__ = ["add_moves", "list_moves", "warm"]


@numba.njit(nogil=True, cache=True)
def list_moves(item_codes, n_items, starts, ends, converts, order, n_bits):
    """List the moves of paths: what `attribution.count_moves` counts, one after the other.

    Parameters
    ----------
    item_codes
        (n_interactions,) item of each interaction; n_items and above are no items.
    starts, ends, converts
        (n_paths,) rows of each path, and whether it ends in an outcome.
    order, n_bits
        As of `count_moves`.

    Returns
    -------
    keys
        (n_moves,) int64, a state and what comes next as one number.
    path_ends
        (n_paths,) int64, where the moves of each path end; none of a path without an item.
    """
    room = 0
    for path in range(len(starts)):
        is_met = False
        for row in range(starts[path], ends[path]):
            if item_codes[row] < n_items:
                room += 1
                is_met = True
        room += is_met
    keys, path_ends = np.empty(room, np.int64), np.empty(len(starts), np.int64)
    mask = (np.int64(1) << (n_bits * order)) - 1
    move = 0
    for path in range(len(starts)):
        state = np.int64(0)
        for row in range(starts[path], ends[path]):
            item = np.int64(item_codes[row])
            if item < n_items:
                keys[move] = (state << n_bits) | (item + 1)
                state = keys[move] & mask
                move += 1
        if state:
            keys[move] = (state << n_bits) | (n_items + (1 if converts[path] else 2))
            move += 1
        path_ends[path] = move
    return keys, path_ends


@numba.njit(nogil=True, cache=True)
def add_moves(numbers, path_ends, converts, values, weights, n_moves):
    """Add up the moves of paths, each as often as it was drawn.

    Parameters
    ----------
    numbers
        (n_moves of all paths,) each move's number among those that differ.
    path_ends, converts, values, weights
        (n_paths,) where its moves end; whether it ends in an outcome; what it brought; how often
        it counts.
    n_moves
        How many moves differ.

    Returns
    -------
    moves, worth
        (n_moves,) int64 how often each was made, and what came with it where it is to the outcome.
    """
    moves, worth = np.zeros(n_moves, np.int64), np.zeros(n_moves, np.int64)
    begin = 0
    for path in range(len(path_ends)):
        end, weight = path_ends[path], weights[path]
        if weight:
            for place in range(begin, end):
                moves[numbers[place]] += weight
            if converts[path] and end > begin:
                worth[numbers[end - 1]] += weight * values[path]
        begin = end
    return moves, worth


def warm() -> None:
    """Compile for the types that paths have."""
    zero, yes = np.zeros(1, np.int64), np.ones(1, np.bool_)
    for item_type in CODE_TYPES:
        list_moves(read_only([0], item_type), 1, zero, zero, yes, 1, 2)
    add_moves(np.zeros(1, np.int32), zero, yes, zero, zero, 1)
