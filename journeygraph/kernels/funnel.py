"""Follow every unit through the steps of a funnel, in one pass over its interactions.

For each step one number is enough: the latest start of a choice of occurrences that came as far.
Later starts leave more of the window, so a step can be reached by some choice exactly if it can
be reached by that one; nothing is lost where a unit begins anew, repeats a step or has several
starts under way. When the steps were met is noted on the way; only where the window has made a
later start count, or where steps must follow directly, a second look at the same rows says it.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.buckets import bucket_of
from journeygraph.kernels.tiny import CODE_TYPES, read_only

__all__ = [
    "MAX_STEPS",
    "NO_WINDOW",
    "count_step_times",
    "follow_steps",
    "measure_steps",
    "step_slots",
    "warm",
]

MAX_STEPS = 30
"""Steps are counted in int8; nobody reads more."""

NO_WINDOW = 1 << 62
"""Microseconds; longer than any journey."""

_NO_START = np.iinfo(np.int64).min


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
        (n_slots,) int8: the first n_items slots hold the last step that the item serves, counted
        from 0, or n_steps + 1, which is never reached, where it serves none.
    next_slots
        (n_slots,) int64: the slot with an earlier step of the same item, -1 where there is none.
    """
    nowhere = len(steps) + 1
    slot_steps = [nowhere] * n_items
    next_slots = [-1] * n_items
    for step, codes in enumerate(steps):
        for code in set(codes):
            if slot_steps[code] != nowhere:
                slot_steps.append(slot_steps[code])
                next_slots.append(next_slots[code])
                next_slots[code] = len(slot_steps) - 1
            slot_steps[code] = step
    return np.array(slot_steps, np.int8), np.array(next_slots, np.int64)


@numba.njit(nogil=True, cache=True)
def follow_steps(
    item_codes,
    at_us,
    n_items,
    journey_starts,
    journey_ends,
    journey_units,
    journey_lo,
    journey_hi,
    unit_lo,
    unit_hi,
    slot_steps,
    next_slots,
    n_steps,
    window_us,
    strict,
):
    """Find how far each unit comes, and when its best choice of occurrences met each step.

    Parameters
    ----------
    item_codes
        (n_interactions,) item of each interaction; n_items and above are no items.
    at_us
        (n_interactions,) int64 microseconds, ascending within a journey.
    journey_starts, journey_ends, journey_units
        (n_journeys,) rows where each journey begins and ends, and its unit, ascending.
    journey_lo, journey_hi, unit_lo, unit_hi
        The journeys of this block, and the units whose journeys they are.
    slot_steps, next_slots
        See `step_slots`.
    n_steps
        At most MAX_STEPS.
    window_us
        From the first step to the last, inclusive; NO_WINDOW for none.
    strict
        Whether each next step must be the directly next item.

    Returns
    -------
    depths
        (n_units,) int8: how many steps the unit meets.
    latest_us
        (n_units,) int64: of all choices with that many steps, the latest start; undefined where
        the depth is 0, and where all steps were met.
    met_at_us
        (n units of depth 2 or more, n_steps) int64: when these met each of their steps, by the
        earliest start of all choices with that many steps, each later step at its earliest;
        undefined beyond the depth.

    Notes
    -----
    O(interactions x steps) at worst; an interaction of one step or of none costs one look-up.
    """
    depths = np.zeros(unit_hi - unit_lo, np.int8)
    latest_us = np.empty(unit_hi - unit_lo, np.int64)
    met_at_us = np.empty((unit_hi - unit_lo + 1, n_steps), np.int64)
    # Two more than steps: the one beyond has no start, so that the next is never reached.
    starts_us = np.empty(n_steps + 3, np.int64)
    places = np.empty(n_steps + 3, np.int64)
    n_deep = 0
    for journey in range(journey_lo, journey_hi):
        unit = journey_units[journey] - unit_lo
        best = depths[unit]
        if best == n_steps:
            continue
        begin, end = journey_starts[journey], journey_ends[journey]
        if strict:
            depth, start_us, last_row = _scan_strict(
                item_codes, at_us, n_items, begin, end, slot_steps, next_slots,
                n_steps, window_us, starts_us, places,
            )  # fmt: skip
        else:
            depth, start_us, last_row = _scan_ordered(
                item_codes, at_us, n_items, begin, end, slot_steps, next_slots,
                n_steps, window_us, starts_us, met_at_us, n_deep,
            )  # fmt: skip
        if depth == 0 or depth < best:
            continue
        latest_us[unit] = start_us
        if depth == best:
            continue
        depths[unit] = depth
        if depth >= 2:
            _settle_times(
                item_codes, at_us, n_items, begin, last_row, slot_steps, next_slots,
                depth, window_us, strict, met_at_us, n_deep, best >= 2,
            )  # fmt: skip
            n_deep += best < 2
    return depths, latest_us, met_at_us[:n_deep]


@numba.njit(nogil=True, cache=True)
def _scan_ordered(
    item_codes, at_us, n_items, begin, end, slot_steps, next_slots, n_steps, window_us,
    starts_us, met_at_us, deep,
):  # fmt: skip
    """How many steps a journey meets, the latest start, and the first row that meets so many.

    Leaves in row `deep` of `met_at_us` when each number of steps was first met. `starts_us` is
    scratch: by number of steps, the latest start that met so many.
    """
    for step in range(n_steps + 3):
        starts_us[step] = _NO_START
    depth = 0
    last_row = row = begin
    while row < end and depth < n_steps:
        slot = np.int64(item_codes[row])
        if slot >= n_items:
            slot = -1
        at = at_us[row]
        starts_us[0] = at
        # From the last step back: an interaction serves one step of a choice only.
        while slot >= 0:
            step = slot_steps[slot]
            if _take_step(step, at, window_us, starts_us) and step >= depth:
                depth = step + 1
                last_row = row
                met_at_us[deep, step] = at
            slot = next_slots[slot]
        row += 1
    return depth, starts_us[depth], last_row


@numba.njit(nogil=True, cache=True)
def _scan_strict(
    item_codes, at_us, n_items, begin, end, slot_steps, next_slots, n_steps, window_us,
    starts_us, places,
):  # fmt: skip
    """As `_scan_ordered`, where each next step must be the directly next item; leaves no times.

    In `places` stands which item of the journey was the last of a number of steps.
    """
    for step in range(n_steps + 3):
        starts_us[step] = _NO_START
    depth = place = 0
    last_row = row = begin
    while row < end and depth < n_steps:
        at = at_us[row]
        slot = np.int64(item_codes[row])
        if slot >= n_items:
            slot = -1
        else:
            starts_us[0] = at
            places[0] = place
            place += 1
        while slot >= 0:
            step = slot_steps[slot]
            if places[step] == place - 1 and _take_step(step, at, window_us, starts_us):
                places[step + 1] = place
                if step >= depth:
                    depth = step + 1
                    last_row = row
            slot = next_slots[slot]
        row += 1
    return depth, starts_us[depth], last_row


@numba.njit(nogil=True, cache=True)
def _take_step(step, at, window_us, starts_us):
    start = starts_us[step]
    if start < at - window_us:
        return False
    starts_us[step + 1] = start
    return True


@numba.njit(nogil=True, cache=True)
def _settle_times(
    item_codes, at_us, n_items, begin, last_row, slot_steps, next_slots,
    depth, window_us, strict, met_at_us, deep, has_row,
):  # fmt: skip
    """Put right what `_scan_ordered` or `_scan_strict` left in row `deep` of `met_at_us`.

    It becomes the row before where an earlier journey of the unit has left one.
    """
    if strict:
        _read_strict(item_codes, at_us, n_items, last_row, depth, met_at_us, deep)
    elif met_at_us[deep, 0] < at_us[last_row] - window_us:
        _read_ordered(
            item_codes, at_us, n_items, begin, last_row, slot_steps, next_slots,
            depth, window_us, met_at_us, deep,
        )  # fmt: skip
    if has_row:
        for step in range(depth):
            met_at_us[deep - 1, step] = met_at_us[deep, step]


@numba.njit(nogil=True, cache=True)
def _read_strict(item_codes, at_us, n_items, last_row, depth, met_at_us, deep):
    """When the `depth` items up to `last_row` were met."""
    row = last_row
    for step in range(depth - 1, -1, -1):
        while item_codes[row] >= n_items:
            row -= 1
        met_at_us[deep, step] = at_us[row]
        row -= 1


@numba.njit(nogil=True, cache=True)
def _read_ordered(
    item_codes, at_us, n_items, begin, last_row, slot_steps, next_slots,
    depth, window_us, met_at_us, deep,
):  # fmt: skip
    """When the earliest choice that meets `depth` steps met each of them.

    No choice of so many steps ends before `last_row`; one that starts within the window before
    it and takes every step as soon as it comes ends there.
    """
    row = begin
    while at_us[row] < at_us[last_row] - window_us:
        row += 1
    for step in range(depth - 1):
        while not _serves(item_codes[row], step, n_items, slot_steps, next_slots):
            row += 1
        met_at_us[deep, step] = at_us[row]
        row += 1
    met_at_us[deep, depth - 1] = at_us[last_row]


@numba.njit(nogil=True, cache=True)
def _serves(item, step, n_items, slot_steps, next_slots):
    if item >= n_items:
        return False
    slot = np.int64(item)
    while slot >= 0 and slot_steps[slot] != step:
        slot = next_slots[slot]
    return slot >= 0


@numba.njit(nogil=True, cache=True)
def count_step_times(depths, met_at_us, bucket_edges):
    """Count the times from the step before, and from the first step, by bucket.

    Parameters
    ----------
    depths, met_at_us
        As `follow_steps` returns them.
    bucket_edges
        See `buckets.bucket_of`.

    Returns
    -------
    histograms
        (2, n_steps, n_buckets) int64: since the step before, since the first; by the step that
        was met, none at the first.
    """
    n_steps = met_at_us.shape[1]
    histograms = np.zeros((2, n_steps, len(bucket_edges)), np.int64)
    deep = 0
    for depth in depths:
        if depth < 2:
            continue
        for step in range(1, depth):
            at = met_at_us[deep, step]
            histograms[0, step, bucket_of(at - met_at_us[deep, step - 1], bucket_edges)] += 1
            histograms[1, step, bucket_of(at - met_at_us[deep, 0], bucket_edges)] += 1
        deep += 1
    return histograms


@numba.njit(nogil=True, cache=True)
def measure_steps(depths, met_at_us, step, since_step):
    """Time from one step to a later one, of all units that met the later one.

    Parameters
    ----------
    depths, met_at_us
        As `follow_steps` returns them.
    step, since_step
        Counted from 1; since_step < step.

    Returns
    -------
    elapsed_us
        (n_units that met `step`,) int64, in the order of the units.
    """
    elapsed_us = np.empty(len(met_at_us), np.int64)
    deep = 0
    n_met = 0
    for unit in range(len(depths)):
        if depths[unit] < 2:
            continue
        if depths[unit] >= step:
            elapsed_us[n_met] = met_at_us[deep, step - 1] - met_at_us[deep, since_step - 1]
            n_met += 1
        deep += 1
    return elapsed_us[:n_met]


def warm() -> None:
    """Compile for the types that views have."""
    zero, two = read_only([0, 0]), read_only([2, 2])
    slot_steps, next_slots = step_slots([[0], [0]], 1)
    for item_type in CODE_TYPES:
        item_codes = read_only([0, 0], item_type)
        depths, _latest_us, met_at_us = follow_steps(
            item_codes, two, 1, zero, two, zero, 0, 1, 0, 1,
            slot_steps, next_slots, 2, NO_WINDOW, False,
        )  # fmt: skip
    measure_steps(depths, met_at_us, 2, 1)
    count_step_times(depths, met_at_us, read_only([0, 1, 2]))
