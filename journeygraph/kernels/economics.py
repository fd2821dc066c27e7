"""Sums of value and cost by group, with what an interval needs that knows whose they are."""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import read_only

__all__ = ["LIMB_BITS", "N_SUMS", "sum_amounts", "warm"]

_MISSING = np.iinfo(np.int64).min

LIMB_BITS = 31
_LIMB_MASK = (1 << LIMB_BITS) - 1

N_SUMS = 27

# places in the sums of a group
_INTERACTIONS, _JOURNEYS, _UNITS, _CUSTOMERS, _OUTCOMES, _WITH_OUTCOME = range(6)
_VALUE, _COST = 6, 9  # of each: how many interactions say it, their units, the total
_UNITS_UNITS, _VALUE_UNITS, _COST_UNITS = 12, 13, 14
_VALUE_SQUARES, _COST_SQUARES, _MARGIN_SQUARES = 15, 19, 23

# places in what is known of the last journey, unit and customer of a group
_LAST_JOURNEY, _LAST_UNIT, _LAST_CUSTOMER, _HAS_OUTCOME, _HAS_VALUE, _HAS_COST = range(6)
_OF_CUSTOMER, _OWN_VALUE, _OWN_COST = 6, 7, 8


@numba.njit(nogil=True, cache=True)
def sum_amounts(
    groups, value_minor, cost_minor, journeys, journey_units, journey_customers, outcomes, n_groups
):
    """Count and sum by group, and square the sums of each customer within a group.

    Parameters
    ----------
    groups
        (n_interactions,) int64 group of each, in [0, n_groups).
    value_minor, cost_minor
        (n_interactions,) int64 minor units; the smallest int64 where nothing is said.
    journeys
        (n_interactions,) int64 journey of each, counted from 0, ascending.
    journey_units, journey_customers
        (n_journeys,) int64 whose each is, ascending.
    outcomes
        (n_journeys,) int64 how often each has the outcome.

    Returns
    -------
    sums
        (n_groups, N_SUMS) int64. Of each group: interactions, journeys, units, customers; outcomes
        in these journeys, and units that have one in them; of value, and then of cost, the
        interactions that say it, their units, and the total. Over its customers, with n units of
        value v and cost c: the sums of n x n, v x n, c x n, and of the squares of v, c and v - c,
        in four parts each: of 2^0, 2^31, 2^62 and 2^93.

    Notes
    -----
    O(interactions + groups). Squares in parts are exact for amounts below 2^62 of up to 2^29
    customers, whatever is merged.
    """
    sums = np.zeros((n_groups, N_SUMS), np.int64)
    states = np.full((n_groups, 9), -1, np.int64)
    states[:, _OF_CUSTOMER:] = 0
    for place in range(len(groups)):
        group, journey = groups[place], journeys[place]
        of_group, state = sums[group], states[group]
        if state[_LAST_JOURNEY] != journey:
            state[_LAST_JOURNEY] = journey
            unit, customer = journey_units[journey], journey_customers[journey]
            _begin_journey(of_group, state, unit, customer, outcomes[journey])
        of_group[_INTERACTIONS] += 1
        _add_amount(of_group, state, value_minor[place], _VALUE, _HAS_VALUE, _OWN_VALUE)
        _add_amount(of_group, state, cost_minor[place], _COST, _HAS_COST, _OWN_COST)
    for group in range(n_groups):
        _add_customer(sums[group], states[group])
    return sums


@numba.njit(nogil=True, cache=True)
def _begin_journey(sums, state, unit, customer, n_outcomes):
    if state[_LAST_CUSTOMER] != customer:
        _add_customer(sums, state)
        state[_LAST_CUSTOMER] = customer
        state[_OF_CUSTOMER:] = 0
        sums[_CUSTOMERS] += 1
    if state[_LAST_UNIT] != unit:
        state[_LAST_UNIT] = unit
        state[_HAS_OUTCOME] = state[_HAS_VALUE] = state[_HAS_COST] = 0
        state[_OF_CUSTOMER] += 1
        sums[_UNITS] += 1
    sums[_JOURNEYS] += 1
    sums[_OUTCOMES] += n_outcomes
    if n_outcomes > 0 and state[_HAS_OUTCOME] == 0:
        state[_HAS_OUTCOME] = 1
        sums[_WITH_OUTCOME] += 1


@numba.njit(nogil=True, cache=True)
def _add_amount(sums, state, amount, place, has_place, own_place):
    if amount == _MISSING:
        return
    sums[place] += 1
    if state[has_place] == 0:
        state[has_place] = 1
        sums[place + 1] += 1
    sums[place + 2] += amount
    state[own_place] += amount


@numba.njit(nogil=True, cache=True)
def _add_customer(sums, state):
    units, value, cost = state[_OF_CUSTOMER], state[_OWN_VALUE], state[_OWN_COST]
    sums[_UNITS_UNITS] += units * units
    sums[_VALUE_UNITS] += value * units
    sums[_COST_UNITS] += cost * units
    _add_square(sums, _VALUE_SQUARES, value)
    _add_square(sums, _COST_SQUARES, cost)
    _add_square(sums, _MARGIN_SQUARES, value - cost)


@numba.njit(nogil=True, cache=True)
def _add_square(sums, place, amount):
    size = abs(amount)
    high, low = size >> LIMB_BITS, size & _LIMB_MASK
    lows, crossed, highs = low * low, high * low, high * high
    sums[place] += lows & _LIMB_MASK
    sums[place + 1] += (lows >> LIMB_BITS) + 2 * (crossed & _LIMB_MASK)
    sums[place + 2] += 2 * (crossed >> LIMB_BITS) + (highs & _LIMB_MASK)
    sums[place + 3] += highs >> LIMB_BITS


def warm() -> None:
    """Compile for the types that views have."""
    zero = read_only([0])
    sum_amounts(zero, zero, zero, zero, zero, zero, zero, 1)
