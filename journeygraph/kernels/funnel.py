"""Follow every unit through the steps of a funnel, in one pass over its interactions.

For each step one number is enough: the latest start of a choice of occurrences that came as far.
Later starts leave more of the window, so a step can be reached by some choice exactly if it can
be reached by that one; nothing is lost where a unit begins anew, repeats a step or has several
starts under way. When the steps were met is noted on the way; only where the window has made a
later start count, or where steps must follow directly, a second look at the same rows says it.

Most interactions are no step, and which are cannot be foreseen: a branch for each of them costs
more than all else. So the steps are collected first, without a branch, and their times alone are
read. The part that follows them never sees an item's code, and is compiled once.
"""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.buckets import bucket_of
from journeygraph.kernels.funnel_steps import ROW, STEP, collect_steps
from journeygraph.kernels.tiny import read_only

__all__ = [
    "MAX_STEPS",
    "NO_WINDOW",
    "count_walks",
    "follow_collected",
    "follow_steps",
    "measure_steps",
    "warm",
]

MAX_STEPS = 30
"""Steps are counted in int8; nobody reads more."""

NO_WINDOW = 1 << 62
"""Microseconds; longer than any journey."""

_NO_START = np.iinfo(np.int64).min
_ROW = np.uint64(ROW)  # unsigned: what may be negative is checked each time


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
        See `funnel_steps.step_slots`.
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
    O(interactions + steps found). Each interaction takes 8 bytes, so whoever follows many units
    does so a few thousand at a time.
    """
    starts, ends = journey_starts[journey_lo:journey_hi], journey_ends[journey_lo:journey_hi]
    units = journey_units[journey_lo:journey_hi]
    limit = n_steps + 2 if strict else n_steps
    found = collect_steps(item_codes, n_items, starts, ends, slot_steps, next_slots, limit)
    return follow_collected(found, at_us, ends, units, unit_lo, unit_hi, n_steps, window_us, strict)


@numba.njit(nogil=True, cache=True)
def follow_collected(found, at_us, ends, units, unit_lo, unit_hi, n_steps, window_us, strict):
    """Follow the units of some journeys through the steps that were found.

    Parameters
    ----------
    found, ends
        As of `funnel_steps.collect_steps`; `units` belong to the journeys.

    Returns
    -------
    depths, latest_us, met_at_us
        As of `follow_steps`.
    """
    depths = np.zeros(unit_hi - unit_lo, np.int8)
    latest_us = np.empty(unit_hi - unit_lo, np.int64)
    met_at_us = np.empty((unit_hi - unit_lo, n_steps), np.int64)
    # Two more than steps: the one beyond has no start, so that the next is never reached.
    starts_us = np.empty(2 * (n_steps + 3), np.int64)
    places = np.empty(n_steps + 3, np.int64)
    met_us = np.empty(2 * (n_steps + 3), np.int64)
    lasts = np.empty(2, np.uint64)
    n_deep = 0
    entry = 0
    for journey in range(np.uint64(len(ends))):
        end = ends[journey] << ROW
        first = entry
        for number in range(np.uint64(n_steps + 2)):
            starts_us[2 * number + 1] = _NO_START
        if strict:
            depth, last, entry = _scan_strict(
                found, at_us, entry, end, window_us, starts_us, places
            )
        else:
            depth, last, entry = _scan_ordered(
                found, at_us, entry, end, window_us, starts_us, met_us, lasts
            )
        unit = units[journey] - unit_lo
        best = depths[unit]
        if depth >= best:
            latest_us[unit] = starts_us[2 * depth + 1]
        depths[unit] = max(depth, best)
        if depth >= 2 and depth > best:
            if strict or met_us[1] < _at(found, last, at_us) - window_us:
                _read_times(found, at_us, first, last, depth, window_us, strict, met_us)
            n_deep += best < 2
            for step in range(np.uint64(n_steps)):
                met_at_us[n_deep - 1, step] = met_us[2 * step + 1]
    return depths, latest_us, met_at_us[:n_deep]


@numba.njit(nogil=True, cache=True, inline="always")
def _at(found, entry, at_us):
    """When a step that was found happened."""
    return at_us[np.uint64(found[entry]) >> _ROW]


@numba.njit(nogil=True, cache=True, inline="always")
def _scan_ordered(found, at_us, entry, end, window_us, starts_us, met_us, lasts):
    """How many steps a journey meets, the first entry that meets so many, and the entry behind.

    Leaves in `starts_us`, by number of steps, the latest start that met so many, and in `met_us`
    when each step of a choice that came further than any before was met. These and `lasts` have
    two places for each thing, the first for what is of no use: so nothing branches but the end
    of the journey (a value chosen by a condition is made a branch again by the compiler).
    """
    one, two = np.uint64(1), np.uint64(2)
    depth = np.uint64(0)
    here = lasts[1] = np.uint64(entry)
    while found[here] < end:
        step = np.uint64(found[here] & STEP)
        at = _at(found, here, at_us)
        starts_us[1] = at
        start = starts_us[two * step + one]
        is_met = np.uint64(start >= at - window_us)
        starts_us[two * (step + one) + is_met] = start
        is_deeper = is_met & np.uint64(step == depth)
        met_us[two * step + is_deeper] = at
        lasts[is_deeper] = here
        depth += is_deeper
        here += one
    return np.int64(depth), np.int64(lasts[1]), np.int64(here)


@numba.njit(nogil=True, cache=True)
def _scan_strict(found, at_us, entry, end, window_us, starts_us, places):
    """As `_scan_ordered`, where each next step must be the directly next item; leaves no times.

    In `places` stands which item of the journey was the last of a number of steps.
    """
    depth = place = 0
    last = entry
    before = -1
    n_steps = len(places) - 3
    while found[entry] < end:
        step = found[entry] & STEP
        row = found[entry] >> ROW
        at = at_us[row]
        if row != before:
            starts_us[1] = at
            places[0] = place
            place += 1
            before = row
        start = starts_us[2 * step + 1]
        if step < n_steps and places[step] == place - 1 and start >= at - window_us:
            starts_us[2 * step + 3] = start
            places[step + 1] = place
            if step >= depth:
                depth = step + 1
                last = entry
        entry += 1
    return depth, last, entry


@numba.njit(nogil=True, cache=True)
def _read_times(found, at_us, first, last, depth, window_us, strict, met_us):
    """When the earliest choice that meets `depth` steps, which ends at `last`, met each of them."""
    if not strict:
        _read_ordered(found, at_us, first, last, depth, window_us, met_us)
        return
    entry = last
    for step in range(depth - 1, -1, -1):
        row = found[entry] >> ROW
        met_us[2 * step + 1] = at_us[row]
        while entry > 0 and found[entry] >> ROW == row:
            entry -= 1


@numba.njit(nogil=True, cache=True)
def _read_ordered(found, at_us, first, last, depth, window_us, met_us):
    """When the earliest choice that meets `depth` steps met each of them.

    No choice of so many steps ends before `last`; one that starts within the window before it
    and takes every step as soon as it comes ends there. An interaction serves one step only: its
    later steps stand before its earlier ones.
    """
    entry = first
    last_at = _at(found, last, at_us)
    while _at(found, entry, at_us) < last_at - window_us:
        entry += 1
    for step in range(depth - 1):
        while found[entry] & STEP != step:
            entry += 1
        met_us[2 * step + 1] = _at(found, entry, at_us)
        entry += 1
    met_us[2 * depth - 1] = last_at


@numba.njit(nogil=True, cache=True)
def count_walks(depths, could_go_on, met_at_us, bucket_edges, stopped, still, histograms):
    """Count units by how far they came, and the times between their steps by bucket.

    Parameters
    ----------
    depths, met_at_us
        As `follow_steps` returns them.
    could_go_on
        (n_units,) bool.
    bucket_edges
        See `buckets.bucket_of`.
    stopped, still
        (n_steps + 1,) int64, added to: units by depth, and those that could go on.
    histograms
        (2, n_steps, n_buckets) int64, added to: times since the step before, and since the
        first; by the step that was met, none at the first. At the second both would be the
        same, so the latter are left out.
    """
    deep = 0
    for unit in range(len(depths)):
        depth = depths[unit]
        stopped[depth] += 1
        still[depth] += could_go_on[unit]
        if depth < 2:
            continue
        for step in range(1, depth):
            at = met_at_us[deep, step]
            histograms[0, step, bucket_of(at - met_at_us[deep, step - 1], bucket_edges)] += 1
            if step > 1:
                histograms[1, step, bucket_of(at - met_at_us[deep, 0], bucket_edges)] += 1
        deep += 1


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
    found = np.array([0, 1 << ROW | 1, np.iinfo(np.int64).max])
    depths, latest_us, met_at_us = follow_collected(
        found, read_only([0, 0]), read_only([2]), read_only([0], np.int32), 0, 1, 2, NO_WINDOW,
        False,
    )  # fmt: skip
    measure_steps(depths, met_at_us, 2, 1)
    histograms = np.zeros((2, 2, 3), np.int64)
    count_walks(
        depths, latest_us > 0, met_at_us, read_only([0, 1, 2]),
        np.zeros(3, np.int64), np.zeros(3, np.int64), histograms,
    )  # fmt: skip
