"""Which interactions are a step of a funnel: found without a branch, written one after the other.

Most interactions are no step, and which are cannot be foreseen: a branch for each of them costs
more than all else. So each is written behind those that were found, and counted only if it is one.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import USUAL_CODE_TYPES, read_only

__all__ = ["ROW", "STEP", "collect_steps", "step_slots", "warm"]

ROW = 8
"""What was found is one number each: a row, so many bits up, above a mark and a step."""

STEP = 127
"""Those bits of it that are the step, counted from 0."""

_MARK = 128
_NO_ITEM = np.iinfo(np.uint8).max
_BEHIND_ALL = np.iinfo(np.int64).max


def step_slots(steps, n_items):
    """Turn steps of items round: from an item to the steps that it serves, the last one first.

    Parameters
    ----------
    steps
        For each step the codes of its items.
    n_items
        Above every code.

    Returns
    -------
    slot_steps
        (n_slots,) uint8: the first n_items slots hold the last step that the item serves, counted
        from 0, or n_steps + 1, which is never reached, where it serves none. Then comes one slot
        for what is no item.
    next_slots
        (n_slots,) int64: the slot with an earlier step of the same item, -1 where there is none.
    """
    nowhere = len(steps) + 1
    slot_steps = [nowhere] * n_items + [_NO_ITEM]
    next_slots = [-1] * (n_items + 1)
    for step, codes in enumerate(steps):
        for code in set(codes):
            if slot_steps[code] != nowhere:
                slot_steps.append(slot_steps[code])
                next_slots.append(next_slots[code])
                next_slots[code] = len(slot_steps) - 1
            slot_steps[code] = step
    return np.array(slot_steps, np.uint8), np.array(next_slots, np.int64)


@numba.njit(nogil=True, cache=True)
def collect_steps(item_codes, n_items, starts, ends, slot_steps, next_slots, limit):
    """Collect the interactions that are a step, in their order, an item's last step first.

    Parameters
    ----------
    starts, ends
        Rows where journeys begin and end, ascending; neighbours are read as one, because a short
        loop ends when nobody expects it.
    limit
        Steps below are collected: n_steps, or n_steps + 2 for items that serve none as well.

    Returns
    -------
    (n_found + 1,) int64: row and step, see `ROW`; the last is behind all rows.
    """
    size = 1
    for journey in range(len(starts)):
        size += (ends[journey] - starts[journey]) * (len(slot_steps) - n_items)
    found = np.empty(size, np.int64)
    marked = np.zeros(len(slot_steps), np.uint8)
    for slot in range(len(slot_steps)):
        if slot_steps[slot] < limit:
            marked[slot] = slot_steps[slot] | _MARK
    n_found = np.uint64(0)
    journey = 0
    while journey < len(starts):
        start = starts[journey]
        while journey + 1 < len(starts) and starts[journey + 1] == ends[journey]:
            journey += 1
        if len(slot_steps) == n_items + 1:
            n_found = _collect_one_each(item_codes, start, ends[journey], marked, found, n_found)
        else:
            n_found = _collect_several(
                item_codes, start, ends[journey], n_items, marked, next_slots, found, n_found
            )
        journey += 1
    found[n_found] = _BEHIND_ALL
    return found[: n_found + np.uint64(1)]


@numba.njit(nogil=True, cache=True)
def _collect_one_each(item_codes, start, end, marked, found, n_found):
    """Collect steps of rows where an item serves one step at most; how many there are by now."""
    no_item = np.uint64(len(marked) - 1)
    for row in range(np.uint64(start), np.uint64(end)):
        step = marked[min(np.uint64(item_codes[row]), no_item)]
        found[n_found] = np.int64(row) << ROW | np.int64(step)
        n_found += np.uint64(step >> np.uint8(7))
    return n_found


@numba.njit(nogil=True, cache=True)
def _collect_several(item_codes, start, end, n_items, marked, next_slots, found, n_found):
    """The same where an item may serve several steps, one after the other in its slots."""
    no_item = np.uint64(n_items)
    for row in range(np.uint64(start), np.uint64(end)):
        slot = np.int64(min(np.uint64(item_codes[row]), no_item))
        while slot >= 0:
            found[n_found] = np.int64(row) << ROW | np.int64(marked[slot])
            n_found += np.uint64(marked[slot] >> np.uint8(7))
            slot = next_slots[slot]
    return n_found


def warm() -> None:
    """Compile for the types that views have."""
    slot_steps, next_slots = step_slots([[0], [0]], 1)
    for item_type in USUAL_CODE_TYPES:
        item_codes = read_only([0, 0], item_type)
        collect_steps(item_codes, 1, read_only([0]), read_only([2]), slot_steps, next_slots, 2)
