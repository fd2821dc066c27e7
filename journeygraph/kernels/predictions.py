"""What is said of tested occasions by what followed the taught ones of the same prefix."""

from __future__ import annotations

import numba
import numpy as np

from journeygraph.kernels.tiny import CODE_TYPES

__all__ = ["LEFT_OUT", "TAUGHT", "place_occasions", "score_prefixes", "warm"]

TAUGHT = -1
"""The place of an occasion that is learnt from; those tested are numbered from 0."""

LEFT_OUT = -2
"""The place of one that is neither."""


@numba.njit(nogil=True, cache=True)
def place_occasions(rows, at_us, within_us, split_us, until_us, places):
    """Tell the occasions whose window is over before the cut from those that lie behind it.

    Parameters
    ----------
    rows
        (n_occasions,) row of each.
    at_us
        (n_interactions,) int64 microseconds.
    within_us, split_us, until_us
        The window; the cut; the last moment of which all is known.
    places
        (n_occasions,) filled here: `TAUGHT`, `LEFT_OUT` or the number among those tested.

    Returns
    -------
    How many are tested.
    """
    n_tested = 0
    for occasion in range(len(rows)):
        then_us = at_us[rows[occasion]]
        places[occasion] = LEFT_OUT
        if then_us + within_us < split_us:
            places[occasion] = TAUGHT
        elif then_us >= split_us and then_us + within_us <= until_us:
            places[occasion] = n_tested
            n_tested += 1
    return n_tested


@numba.njit(nogil=True, cache=True)
def _count_taught(occasions, units, next_items, places, counts):
    """How many are taught, of how many units, and how many are tested; counts what followed."""
    n_taught, n_units, n_tested, unit = 0, 0, 0, -1
    for occasion in occasions:
        if places[occasion] == TAUGHT:
            counts[next_items[occasion]] += 1
            n_taught += 1
            n_units += units[occasion] != unit
            unit = units[occasion]
        elif places[occasion] >= 0:
            n_tested += 1
    return n_taught, n_units, n_tested


@numba.njit(nogil=True, cache=True)
def score_prefixes(
    order, starts, units, next_items, places, at_least, popular, by_popularity,
    chances, ranks, confidence,
):  # fmt: skip
    """Score what is said of tested occasions at prefixes where enough units were taught.

    Parameters
    ----------
    order, starts
        Occasions by prefix; those of the p-th are order[starts[p]:starts[p + 1]], ascending.
    units, next_items, places
        (n_occasions,) whose each is, ascending; what followed; see `place_occasions`.
    at_least
        Units of taught occasions that there must be at a prefix, 1 or more.
    popular, by_popularity
        (n_outcomes,) what follows anything, one occasion more; the outcomes, most popular first,
        equals ascending.
    chances, ranks, confidence
        (n_tested,) written where something is said: how probable what came was, its place among
        all outcomes from 1, and how probable the most probable was.

    Returns
    -------
    Of how many tested occasions something is said.
    """
    n_said = 0
    counts, rank_of = np.zeros(len(popular), np.int64), np.zeros(len(popular), np.int64)
    for prefix in range(len(starts) - 1):
        occasions = order[starts[prefix] : starts[prefix + 1]]
        counts[:] = 0
        n_taught, n_units, n_tested = _count_taught(occasions, units, next_items, places, counts)
        if n_units < at_least or not n_tested:
            continue
        said = (counts + popular) / (n_taught + 1)
        ranking = by_popularity[np.argsort(-said[by_popularity], kind="mergesort")]
        for rank in range(len(ranking)):
            rank_of[ranking[rank]] = rank + 1
        for occasion in occasions:
            place = places[occasion]
            if place >= 0:
                came = next_items[occasion]
                chances[place], ranks[place] = said[came], rank_of[came]
                confidence[place] = said[ranking[0]]
        n_said += n_tested
    return n_said


def warm() -> None:
    """Compile for the types that occasions have."""
    order, one = np.zeros(1, np.int32), np.ones(1)
    at_us = np.zeros(1, np.int64)
    at_us.flags.writeable = False
    for item_type in CODE_TYPES:
        score_prefixes(
            order, np.array([0, 1]), order, np.zeros(1, item_type), order, 1, one,
            np.zeros(1, np.int64), one.copy(), order.copy(), one.copy(),
        )  # fmt: skip
    place_occasions(order, at_us, 1, 1, 1, order.copy())
