"""What customers did, laid against what was planned."""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import read_only

__all__ = ["align_plan", "warm"]


@numba.njit(nogil=True, cache=True)
def align_plan(symbols, unit_starts, matches, costs, repeats, are_open):
    """Align each unit's items with the steps of a plan, at the least cost.

    An item is taken up by a step that it matches, or left over (cost 1). Steps are taken in their
    order, each by one item or, where it repeats, by several; a step that nothing takes costs what
    `costs` says. Behind the last item of an open unit steps cost nothing: they may still come. Of
    several alignments of the least cost, the one whose first item goes to the earliest step it
    can, being left over only if it must; and so on with the second.

    Parameters
    ----------
    symbols
        (n_rows,) int64 what each item is, in [0, n_symbols).
    unit_starts
        (n_units + 1,) int64 rows where each unit begins; the last is n_rows.
    matches
        (n_symbols, n_steps) bool which steps a symbol can be taken up by.
    costs, repeats
        (n_steps,) int64 and bool of each step; at most 127 steps.
    are_open
        (n_units,) bool.

    Returns
    -------
    steps, unit_costs
        (n_rows,) int64 step that takes up each item, -1 for none; and (n_units,) int64 the cost.

    Notes
    -----
    O(n_rows x n_steps) time, and as many bytes for the longest unit, doubled. An alignment of a
    trace and a process model: van der Aalst, Adriansyah and van Dongen 2012,
    doi:10.1002/widm.1045; that of a prefix: van Zelst et al. 2019, doi:10.1007/s41060-017-0078-6.
    """
    n_steps = len(costs)
    longest = 0
    for unit in range(len(unit_starts) - 1):
        longest = max(longest, unit_starts[unit + 1] - unit_starts[unit])
    # by the next step, and whether the one before may be repeated: what to do with an item
    choices = np.empty((longest, n_steps + 1, 2), np.int8)
    steps = np.empty(len(symbols), np.int64)
    unit_costs = np.empty(len(unit_starts) - 1, np.int64)
    later = np.empty((n_steps + 1, 2), np.int64)
    here = np.empty((n_steps + 1, 2), np.int64)
    for unit in range(len(unit_starts) - 1):
        first, last = unit_starts[unit], unit_starts[unit + 1]
        _end_with(later, costs, are_open[unit])
        for row in range(last - 1, first - 1, -1):
            _choose(here, later, choices[row - first], matches[symbols[row]], costs, repeats)
            here, later = later, here
        unit_costs[unit] = later[0, 0]
        step, may_repeat = 0, 0
        for row in range(first, last):
            steps[row] = choices[row - first, step, may_repeat]
            if steps[row] >= 0:
                step = steps[row] + 1
                may_repeat = np.int64(repeats[steps[row]])
    return steps, unit_costs


@numba.njit(nogil=True, cache=True)
def _end_with(later, costs, is_open):
    """What is still to be paid behind the last item, by the next step."""
    later[len(costs)] = 0
    for step in range(len(costs) - 1, -1, -1):
        later[step] = 0 if is_open else later[step + 1, 0] + costs[step]


@numba.njit(nogil=True, cache=True)
def _choose(here, later, choices, fits, costs, repeats):
    """Put an item before what comes `later`: the least cost and the choice, by the next step."""
    n_steps = len(costs)
    for step in range(n_steps, -1, -1):
        least, choice = later[step, 0] + 1, -1
        if step < n_steps:
            skipped = costs[step] + here[step + 1, 0]
            if skipped < least or (skipped == least and choices[step + 1, 0] >= 0):
                least, choice = skipped, choices[step + 1, 0]
            taken = later[step + 1, np.int64(repeats[step])]
            if fits[step] and taken <= least:
                least, choice = taken, step
        here[step, 0], choices[step, 0] = least, choice
        if step > 0 and repeats[step - 1]:
            if later[step, 1] + 1 < least or (later[step, 1] + 1 == least and choice < 0):
                least, choice = later[step, 1] + 1, -1
            if fits[step - 1] and later[step, 1] <= least:
                least, choice = later[step, 1], step - 1
        here[step, 1], choices[step, 1] = least, choice


def warm() -> None:
    """Compile for the types that plans have."""
    bounds, costs = read_only([0, 1]), read_only([1])
    yes = np.ones((1, 1), np.bool_)
    align_plan(read_only([0]), bounds, yes, costs, yes[0], yes[0])
