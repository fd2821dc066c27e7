"""Which referrals count, and which of several brought a customer.

The first by time, then by arrival; or the last; or each of them a part. A window leaves out what
was said too long before the customer came, or after; media leave out what was said elsewhere.
What is left out here is in nobody's count, and its fate says why.

With the last referral taken, one without a time still gives way to all that have one: nobody
knows that it was later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from journeygraph.conditions import ranks
from journeygraph.graph import MISSING, JourneyGraph, Referrals
from journeygraph.kernels.referrals import (
    BROUGHT,
    CUT_SELF,
    FURTHER,
    OTHER_MEDIUM,
    OUTSIDE_WINDOW,
    UNATTRIBUTED,
    choose_first_referrals,
)
from journeygraph.options import Word
from journeygraph.outcome import Outcome
from journeygraph.statistics.elsewhere import GraphElsewhere

__all__ = [
    "CreditRule",
    "CreditedReferrals",
    "ReferralRecipe",
    "WindowEnd",
    "choose_referrals",
    "credited_rows",
    "first_interactions",
    "first_outcomes",
    "split_referrals",
]

BoolArray = npt.NDArray[np.bool_]
Int64Array = npt.NDArray[np.int64]
Fates = npt.NDArray[np.uint8]


class CreditRule(Word, argument="credit"):
    """Who brought a customer whom several referred."""

    FIRST = "first"
    LAST = "last"
    SPLIT = "split"


class WindowEnd(Word, argument="window_to"):
    """What the referred customer has to do within the window."""

    INTERACTION = "interaction"
    OUTCOME = "outcome"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralRecipe:
    """Which referrals count, and how; two that are equal give the same trees of one graph.

    Attributes
    ----------
    credit
        Which of several referrals of a customer counts.
    window_us
        Only referrals at most so long before the referred customer's first `window_to`.
    outcome
        What `WindowEnd.OUTCOME` means; None where it is not asked for.
    medium_codes
        Only referrals by these.
    """

    credit: CreditRule = CreditRule.FIRST
    window_us: int | None = None
    outcome: Outcome | None = None
    medium_codes: tuple[int, ...] | None = None

    @property
    def _key(self) -> tuple[Any, ...]:
        rule = None if self.outcome is None else repr(self.outcome.rule)
        return (self.credit, self.window_us, rule, self.medium_codes)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ReferralRecipe) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class CreditedReferrals:
    """Referrals that are credited with a customer, wholly or in part.

    Attributes
    ----------
    rows
        Of the graph's referrals, ascending.
    referrers, referred
        Customer indexes.
    parts
        Among how many referrers the referred customer is split.
    fates
        By row of the graph's referrals, as `choose_first_referrals` says them.
    """

    fates: Fates
    rows: Int64Array
    referrers: Int64Array
    referred: Int64Array
    parts: Int64Array


def choose_referrals(graph: JourneyGraph, recipe: ReferralRecipe) -> tuple[Int64Array, Fates]:
    """The referral that brought each customer, -1 for none, and the fate of each referral."""
    given = graph.referrals
    left_out = _left_out(graph, recipe)
    columns = (given.referrers, given.referred, given.at_us)
    if recipe.credit is CreditRule.FIRST and left_out is None:
        chosen, fates = choose_first_referrals(*columns, graph.n_customers)
        return chosen, fates
    rows = np.arange(len(given)) if left_out is None else np.flatnonzero(left_out == 0)
    if recipe.credit is CreditRule.LAST:
        rows = rows[::-1]
    referrers, referred, at_us = (_read_only(column[rows]) for column in columns)
    if recipe.credit is CreditRule.LAST:
        at_us = _read_only(np.where(at_us == MISSING, MISSING, -at_us))
    places, some_fates = choose_first_referrals(referrers, referred, at_us, graph.n_customers)
    chosen = np.where(places < 0, -1, rows[places] if len(rows) else -1)
    fates = np.zeros(len(given), np.uint8) if left_out is None else left_out
    fates[rows] = some_fates
    return chosen, fates


def split_referrals(graph: JourneyGraph, recipe: ReferralRecipe) -> CreditedReferrals:
    """Every referrer of every customer once, by the pair's first referral, self-referrals cut."""
    given = graph.referrals
    left_out = _left_out(graph, recipe)
    fates = np.full(len(given), FURTHER, np.uint8) if left_out is None else left_out
    if left_out is not None:
        fates[fates == 0] = FURTHER
    fates[(fates == FURTHER) & (given.referrers == given.referred)] = CUT_SELF
    fates[(fates == FURTHER) & (given.referrers < 0)] = UNATTRIBUTED
    fates[_first_of_pairs(given, np.flatnonzero(fates == FURTHER))] = BROUGHT
    return credited_rows(given, fates, graph.n_customers)


def credited_rows(given: Referrals, fates: Fates, n_customers: int) -> CreditedReferrals:
    """The referrals whose fate is BROUGHT."""
    rows = np.flatnonzero(fates == BROUGHT)
    referred = given.referred[rows]
    return CreditedReferrals(
        fates=fates,
        rows=rows,
        referrers=given.referrers[rows],
        referred=referred,
        parts=np.bincount(referred, minlength=n_customers)[referred],
    )


def _first_of_pairs(given: Referrals, rows: Int64Array) -> Int64Array:
    """Of the referrals of each pair of customers the first by time, then by arrival."""
    at_us = given.at_us[rows]
    keys = (at_us, at_us == MISSING, given.referrers[rows], given.referred[rows])
    rows = rows[np.lexsort(keys)]
    pairs = np.stack([given.referred[rows], given.referrers[rows]])
    is_new = np.ones(len(rows), np.bool_)
    is_new[1:] = (pairs[:, 1:] != pairs[:, :-1]).any(axis=0)
    return rows[is_new]


def _left_out(graph: JourneyGraph, recipe: ReferralRecipe) -> Fates | None:
    """By referral: 0 where it counts, else the fate of what is left out; None for all count."""
    if recipe.window_us is None and recipe.medium_codes is None:
        return None
    given = graph.referrals
    left_out = np.zeros(len(given), np.uint8)
    if recipe.window_us is not None:
        outcome = recipe.outcome
        first = first_interactions(graph) if outcome is None else first_outcomes(graph, outcome)
        came = first[given.referred]
        known = (came != MISSING) & (given.at_us != MISSING)
        wait = np.where(known, came, 0) - np.where(known, given.at_us, 0)
        left_out[~known | (wait < 0) | (wait > recipe.window_us)] = OUTSIDE_WINDOW
    if recipe.medium_codes is not None:
        left_out[~np.isin(given.medium_codes, recipe.medium_codes)] = OTHER_MEDIUM
    return left_out


def first_interactions(graph: JourneyGraph) -> Int64Array:
    """By customer index: when first seen, MISSING for who never was."""
    if isinstance(graph, GraphElsewhere):
        return graph.first_interactions()
    return _at_rows(graph, graph.customer_starts[:-1], graph.customer_starts[1:])


def first_outcomes(graph: JourneyGraph, outcome: Outcome) -> Int64Array:
    """By customer index: when the outcome came first, MISSING for whom it never did."""
    if isinstance(graph, GraphElsewhere):
        return graph.first_outcomes(outcome)
    rows = outcome.rows(graph)
    places = ranks(rows, graph.customer_starts[:-1])
    ends = np.append(rows, graph.n_interactions)
    return _at_rows(graph, ends[places], graph.customer_starts[1:])


def _at_rows(graph: JourneyGraph, rows: Int64Array, ends: Int64Array) -> Int64Array:
    if not graph.n_interactions:
        return np.full(len(rows), MISSING, np.int64)
    at_us = graph.at_us[rows.clip(0, graph.n_interactions - 1)]
    return np.where(rows < ends, at_us, MISSING)


def _read_only(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    made = np.ascontiguousarray(array)
    made.flags.writeable = False
    return made
