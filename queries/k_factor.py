"""How many customers a customer brings: K by cohort of inviters, and how fast it goes round.

A member counts once the whole window after their first interaction is over: whoever had less time
brought less, and would make the latest cohorts look weak. What members bring is far from even, so
that the interval is a bootstrap over members. Where nobody brought anybody it would have no width;
there the upper end is that of a Poisson rate of which nothing was seen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.durations import Duration, parse_duration
from journeygraph.errors import InvalidOptionError
from journeygraph.graph import MISSING
from journeygraph.moments import time_zone
from journeygraph.statistics.cascades import median_of
from journeygraph.statistics.referral_credit import first_interactions
from queries.calendar_periods import Period, periods_of
from queries.customer_lists import CustomerList
from queries.figures import Pictured
from queries.intervals import SMALL_GROUP
from queries.paging import PageInfo, page_bounds, page_info
from queries.question import Question, take_mappings
from queries.referral_credit import Referrals, credited_referrals, selected_customers

if TYPE_CHECKING:
    from journeygraph.journeys import Journeys

__all__ = ["MOST_REPLICATES", "CohortFactor", "KFactor", "KFactorAnswer", "Period", "k_factor"]

Int64Array = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

MOST_REPLICATES = 20_000
"""The most draws of members for an interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KFactor(Question):
    """How many customers a customer brings within a window.

    Attributes
    ----------
    referrals
        Which referrals count.
    period
        Cohorts are of the month or the ISO week of the first interaction.
    within
        How long a member has to bring somebody, from their first interaction on.
    replicates, seed
        Draws of members for the intervals, and of what they are drawn.
    first, after
        How many cohorts, and behind which cursor.
    """

    referrals: Referrals = Referrals()
    period: Period = Period.MONTH
    within: Duration = "30d"
    replicates: int = 2000
    seed: int = 0
    first: int = 100
    after: str | None = None

    def __post_init__(self) -> None:
        Question.__post_init__(self)
        take_mappings(self, referrals=Referrals)


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Factor:
    """K of some members.

    Attributes
    ----------
    members
        Customers whose first interaction made them members.
    observed
        Of these, whose whole window is over at `asOf`: below the line of K.
    inviters
        Of these, who brought somebody within the window.
    brought
        Customers whom they brought within the window.
    credit
        The same, each divided by the number of referrers who share them: above the line of K.
    k, low, high
        `credit` / `observed`, with its interval; None where nobody was observed.
    interval
        "bootstrap", or "poisson" where nothing was brought; None without an interval.
    timed, cycle_seconds
        Pairs of an inviter and a customer brought whose first interactions are both known, and the
        median time between these.
    small
        Fewer than 30 were observed.
    customers, observed_customers, inviter_customers, brought_customers
        Who stands behind the counts.
    """

    members: int
    observed: int
    inviters: int
    brought: int
    credit: float
    k: float | None
    low: float | None
    high: float | None
    interval: str | None
    timed: int
    cycle_seconds: float | None
    small: bool
    customers: CustomerList
    observed_customers: CustomerList
    inviter_customers: CustomerList
    brought_customers: CustomerList


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class CohortFactor(Factor):
    """K of the members of one cohort, named as 2024-03 or 2024-W09."""

    cohort: str


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class KFactorAnswer(Pictured):
    """How many customers a customer brings within a window.

    Attributes
    ----------
    within_seconds
        The window.
    overall
        Of all members together.
    without_interaction
        Customers selected who never interacted before the end: in no cohort.
    outside_window
        Credited referrals by members that are before their first interaction or after the window.
    undated
        Credited referrals by members of which nobody knows when.
    nodes
        The cohorts, the earliest first.
    without_interaction_customers
        Who stands behind the count.
    """

    within_seconds: float
    overall: Factor
    without_interaction: int
    outside_window: int
    undated: int
    nodes: tuple[CohortFactor, ...]
    page_info: PageInfo
    without_interaction_customers: CustomerList = field(repr=False)


@dataclass(frozen=True, eq=False, slots=True)
class _Brought:
    """Members and whom they brought within the window.

    `members`, `cohorts` and `observed` stand side by side; the others are one for each pair.
    """

    journeys: Journeys
    members: Int64Array
    cohorts: Int64Array
    observed: npt.NDArray[np.bool_]
    referrers: Int64Array
    referred: Int64Array
    weights: FloatArray
    cycles_us: Int64Array
    pair_cohorts: Int64Array
    credit: FloatArray  # by customer index

    def among(self, cohort: int | None) -> _Brought:
        """Of one cohort, or of all."""
        if cohort is None:
            return self
        mine, pairs = self.cohorts == cohort, self.pair_cohorts == cohort
        return _Brought(
            self.journeys, self.members[mine], self.cohorts[mine], self.observed[mine],
            self.referrers[pairs], self.referred[pairs], self.weights[pairs],
            self.cycles_us[pairs], self.pair_cohorts[pairs], self.credit,
        )  # fmt: skip


def k_factor(question: KFactor, journeys: Journeys) -> KFactorAnswer:
    """Answer the question about the inviters whom `where` selects.

    A customer is brought at the time of the referral; where none is said, at their own first
    interaction.

    Raises
    ------
    InvalidOptionError, InvalidDurationError, UnknownChannelError
        Where an option cannot be used.
    """
    within_us = parse_duration(question.within, "within")
    replicates = question.replicates
    if not 1 <= replicates <= MOST_REPLICATES:
        expected = f"a whole number from 1 to {MOST_REPLICATES}"
        raise InvalidOptionError("replicates", replicates, expected)
    graph, selected = journeys.graph, selected_customers(journeys)
    first = first_interactions(graph)
    is_member = selected & (first != MISSING) & (first <= journeys.as_of_us)
    members = np.flatnonzero(is_member)
    zone = time_zone(journeys.timezone)
    cohorts, names = periods_of(first[members], Period(question.period), zone)
    observed = is_member & (first <= journeys.as_of_us - within_us)
    edges = credited_referrals(question.referrals, journeys)
    mine = observed[edges.referrers]
    referrers, referred = edges.referrers[mine], edges.referred[mine]
    at_us = graph.referrals.at_us[edges.rows[mine]]
    at_us = np.where(at_us == MISSING, first[referred], at_us)
    lags = np.where(at_us == MISSING, -1, at_us - first[referrers])
    inside = (at_us != MISSING) & (lags >= 0) & (lags <= within_us)
    known = first[referred] != MISSING
    weights = 1 / edges.parts[mine][inside]
    credit = np.bincount(referrers[inside], weights, graph.n_customers)
    brought = _Brought(
        journeys=journeys,
        members=members,
        cohorts=cohorts,
        observed=observed[members],
        referrers=referrers[inside],
        referred=referred[inside],
        weights=weights,
        cycles_us=np.where(known, first[referred] - first[referrers], MISSING)[inside],
        credit=credit.astype(np.float64),
        pair_cohorts=cohorts[np.searchsorted(members, referrers[inside])],
    )
    start, end = page_bounds(len(names), question.first, question.after)
    without = selected & ~is_member
    return KFactorAnswer(
        within_seconds=within_us / 1e6,
        overall=_factor(brought, question),
        without_interaction=int(np.count_nonzero(without)),
        outside_window=int(np.count_nonzero((at_us != MISSING) & ~inside)),
        undated=int(np.count_nonzero(at_us == MISSING)),
        nodes=tuple(
            _cohort_factor(brought.among(cohort), names[cohort], question)
            for cohort in range(start, end)
        ),
        page_info=page_info(len(names), start, end),
        without_interaction_customers=CustomerList(journeys, partial(np.flatnonzero, without)),
    )


def _cohort_factor(brought: _Brought, name: str, question: KFactor) -> CohortFactor:
    factor = _factor(brought, question)
    parts = {part.name: getattr(factor, part.name) for part in fields(factor)}
    return CohortFactor(cohort=name, **parts)


def _factor(brought: _Brought, question: KFactor) -> Factor:
    journeys = brought.journeys
    observed = brought.members[brought.observed]
    inviters = observed[brought.credit[observed] > 0]
    credit = brought.credit[inviters]
    low, high, interval = _interval(credit, len(observed), journeys.confidence, question)
    is_brought = np.zeros(journeys.graph.n_customers, np.bool_)
    is_brought[brought.referred] = True
    referred = np.flatnonzero(is_brought)
    total = math.fsum(brought.weights)
    cycles = brought.cycles_us[brought.cycles_us != MISSING]

    def listed(customers: Int64Array) -> CustomerList:
        return CustomerList(journeys, lambda: customers)

    return Factor(
        members=len(brought.members),
        observed=len(observed),
        inviters=len(inviters),
        brought=len(referred),
        credit=total,
        k=total / len(observed) if len(observed) else None,
        low=low,
        high=high,
        interval=interval,
        timed=len(cycles),
        cycle_seconds=median_of(cycles),
        small=len(observed) < SMALL_GROUP,
        customers=listed(brought.members),
        observed_customers=listed(observed),
        inviter_customers=listed(inviters),
        brought_customers=listed(referred),
    )


def _interval(
    credit: FloatArray, n_observed: int, confidence: float, question: KFactor
) -> tuple[float | None, float | None, str | None]:
    """Percentiles of the mean over members drawn with replacement.

    Members who brought equally much are drawn together: the same distribution, at the cost of as
    many numbers as members may have brought. `credit` is of those who brought somebody.
    """
    if not n_observed:
        return None, None, None
    tail = (1 - confidence) / 2
    if not len(credit):
        return 0.0, -math.log(tail) / n_observed, "poisson"
    values, counts = np.unique(credit, return_counts=True)
    values, counts = np.append(values, 0), np.append(counts, n_observed - len(credit))
    random = np.random.default_rng(question.seed)
    drawn = random.multinomial(n_observed, counts / n_observed, question.replicates)
    low, high = np.quantile(drawn @ values / n_observed, [tail, 1 - tail])
    return float(low), float(high), "bootstrap"
