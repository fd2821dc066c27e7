"""Shares over time where not everybody was followed to the end: who is still out counts as that.

The product-limit estimate of Kaplan and Meier (1958, doi:10.2307/2281868) for one kind of event,
and that of Aalen and Johansen (1978, www.jstor.org/stable/4615704) where several compete: the one
is the other with a single kind. Events of a moment come before the units lost from sight at it.

Variances are Greenwood's, and the delta method's for competing events (Marubini and Valsecchi 1995,
p. 341), which is Greenwood's for a single kind and p(1 - p)/n without censoring. Intervals are made
on the scale of log(-log(1 - share)), so that they stay within 0 and 1 (Kalbfleisch and Prentice
1980), that is, log-log for the share without the event.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

__all__ = [
    "LifeTable",
    "LogRank",
    "life_table",
    "log_log_interval",
    "log_rank",
    "log_rank_of_clusters",
    "stratified",
]

Int64Array = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

_EXACT = 1e-12  # rounding must not tell a share from the half that it is


@dataclass(frozen=True, eq=False)
class LifeTable:
    """What happened by time, and the estimates from it.

    Attributes
    ----------
    times_us
        (n_times,) int64 ascending: when something happened or somebody was lost from sight.
    at_risk
        (n_times,) int64 units followed for at least so long, without an event before.
    events
        (n_times, n_kinds) int64 events at each time.
    """

    times_us: Int64Array
    at_risk: Int64Array
    events: Int64Array

    @cached_property
    def without_event(self) -> FloatArray:
        """(n_times,) share without any event after each time."""
        return np.cumprod(1 - self.events.sum(axis=1) / self.at_risk)

    @cached_property
    def _before(self) -> FloatArray:
        return np.concatenate([[1.0], self.without_event])[: len(self.times_us)]

    @cached_property
    def incidence(self) -> FloatArray:
        """(n_times, n_kinds) share with an event of each kind up to each time."""
        return np.cumsum(self._before[:, None] * self.events / self.at_risk[:, None], axis=0)

    @cached_property
    def _hazard_variance(self) -> FloatArray:
        all_events = self.events.sum(axis=1)
        left = self.at_risk - all_events
        # where nobody is left, no share changes any more
        return np.where(left > 0, all_events / (self.at_risk * np.maximum(left, 1.0)), 0.0)

    @cached_property
    def without_event_variance(self) -> FloatArray:
        """(n_times,) Greenwood's."""
        return self.without_event**2 * np.cumsum(self._hazard_variance)

    @cached_property
    def incidence_variance(self) -> FloatArray:
        """(n_times, n_kinds) of the delta method."""
        share, at_risk = self.incidence, self.at_risk[:, None].astype(np.float64)
        hazard, before = self._hazard_variance[:, None], self._before[:, None]
        own = before**2 * (at_risk - self.events) * self.events / at_risk**3
        joint = before * self.events / at_risk**2
        variance = (
            share**2 * np.cumsum(hazard, axis=0)
            - 2 * share * np.cumsum(hazard * share, axis=0)
            + np.cumsum(hazard * share**2, axis=0)
            + np.cumsum(own, axis=0)
            - 2 * (share * np.cumsum(joint, axis=0) - np.cumsum(joint * share, axis=0))
        )
        return np.maximum(variance, 0.0)

    def place(self, time_us: int) -> int:
        """Where the estimates after a time stand; -1 before the first of `times_us`."""
        return int(np.searchsorted(self.times_us, time_us, side="right")) - 1

    def followed(self, time_us: int) -> int:
        """Units followed for at least so long, without an event before."""
        place = int(np.searchsorted(self.times_us, time_us))
        return int(self.at_risk[place]) if place < len(self.at_risk) else 0

    def knows(self, time_us: int) -> bool:
        """Whether the shares at a time can be told: somebody was followed, or nobody is left."""
        if self.followed(time_us):
            return True
        return bool(len(self.times_us)) and float(self.without_event[-1]) < _EXACT

    def reached_us(self, shares: FloatArray, percent: float) -> int | None:
        """The first time at which a share that never falls is so large; None where it never is."""
        place = int(np.argmax(shares >= percent / 100 - _EXACT)) if len(shares) else 0
        if place >= len(shares) or not shares[place] >= percent / 100 - _EXACT:
            return None
        return int(self.times_us[place])


def life_table(
    elapsed_us: Int64Array, kinds: npt.NDArray[np.integer], n_kinds: int = 1
) -> LifeTable:
    """Count what happened by time.

    Parameters
    ----------
    elapsed_us
        (n_units,) how long each unit was followed.
    kinds
        (n_units,) which event ended that, from 1; 0 where the unit was lost from sight.
    """
    times_us, places = np.unique(elapsed_us, return_inverse=True)
    cells = np.bincount(places * (n_kinds + 1) + kinds, minlength=len(times_us) * (n_kinds + 1))
    counts = cells.astype(np.int64, copy=False).reshape(len(times_us), n_kinds + 1)
    gone = counts.sum(axis=1).cumsum()
    at_risk = len(elapsed_us) - np.concatenate([[0], gone])[: len(times_us)]
    return LifeTable(times_us, at_risk.astype(np.int64, copy=False), counts[:, 1:])


def log_log_interval(
    shares: FloatArray, variances: FloatArray, quantile: float
) -> tuple[FloatArray, FloatArray]:
    """Lower and upper ends of the interval of shares; NaN where a share is 0 or 1.

    Parameters
    ----------
    quantile
        Half width in standard errors.
    """
    rests = 1 - shares
    told = (shares > _EXACT) & (rests > _EXACT)
    inner = np.where(told, rests, 0.5)
    width = quantile * np.sqrt(variances) / np.abs(inner * np.log(inner))
    low = np.where(told, 1 - inner ** np.exp(-width), np.nan)
    high = np.where(told, 1 - inner ** np.exp(width), np.nan)
    return low, high


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRank:
    """Whether events come as soon in one group as in the other.

    Attributes
    ----------
    observed, expected
        Events of the first group, and how many there would be if both were alike.
    variance
        Of the observed, if both were alike.
    chi_square, p_value
        Of one degree of freedom; None where there is nothing to compare.
    """

    observed: int
    expected: float
    variance: float
    chi_square: float | None
    p_value: float | None


def log_rank(first: LifeTable, second: LifeTable, kind: int = 0) -> LogRank:
    """Compare events of one kind in two groups; other kinds count as lost from sight.

    Notes
    -----
    Mantel (1966) and Cox (1972), with the hypergeometric variance.
    """
    times_us = np.unique(np.concatenate([
        table.times_us[table.events[:, kind] > 0] for table in (first, second)
    ]))  # fmt: skip
    (events, risk), (others, other_risk) = (_at(table, times_us, kind) for table in (first, second))
    all_events, all_risk = events + others, risk + other_risk
    expected = float((all_events * risk / all_risk).sum())
    spread = all_events * risk * other_risk * (all_risk - all_events)
    variance = float((spread / (all_risk**2 * np.maximum(all_risk - 1, 1))).sum())
    return _tested(int(events.sum()), expected, variance)


def stratified(tests: Iterable[LogRank]) -> LogRank:
    """The tests of several strata as one: what is alike is compared, and all of it counts."""
    found = list(tests)
    return _tested(
        sum(test.observed for test in found),
        math.fsum(test.expected for test in found),
        math.fsum(test.variance for test in found),
    )


def log_rank_of_clusters(
    elapsed_us: Int64Array,
    are_events: npt.NDArray[np.bool_],
    are_first: npt.NDArray[np.bool_],
    clusters: Int64Array,
) -> LogRank:
    """Compare two groups of which somebody is in both: entries of one cluster are not strangers.

    Parameters
    ----------
    elapsed_us, are_events, are_first, clusters
        Side by side: how long, whether an event ended it, of which group, and of whom.

    Notes
    -----
    The log-rank score with a variance that sums what each cluster contributes (Lee, Wei and Amato
    1992).
    """
    times_us, places = np.unique(elapsed_us, return_inverse=True)
    n_times = len(times_us)
    sizes, firsts = (np.bincount(places, weights, n_times) for weights in (None, are_first))
    at_risk, first_at_risk = (np.cumsum(count[::-1])[::-1] for count in (sizes, firsts))
    events = np.bincount(places[are_events], minlength=n_times)
    share, hazard = first_at_risk / at_risk, events / at_risk
    by_group = np.cumsum(hazard), np.cumsum(hazard * share)
    own = are_first.astype(np.float64)
    scores = are_events * (own - share[places])
    scores = scores - (own * by_group[0][places] - by_group[1][places])
    per_cluster = np.bincount(np.unique(clusters, return_inverse=True)[1], scores)
    observed = int(np.count_nonzero(are_events & are_first))
    return _tested(observed, observed - float(scores.sum()), float((per_cluster**2).sum()))


def _tested(observed: int, expected: float, variance: float) -> LogRank:
    chi_square = (observed - expected) ** 2 / variance if variance else None
    return LogRank(
        observed=observed,
        expected=expected,
        variance=variance,
        chi_square=chi_square,
        p_value=None if chi_square is None else math.erfc(math.sqrt(chi_square / 2)),
    )


def _at(table: LifeTable, times_us: Int64Array, kind: int) -> tuple[FloatArray, FloatArray]:
    """Events and units at risk of a group at given times."""
    if not len(table.times_us):
        return np.zeros(len(times_us)), np.zeros(len(times_us))
    places = np.searchsorted(table.times_us, times_us)
    inside = places.clip(0, len(table.times_us) - 1)
    at_risk = np.where(places < len(table.times_us), table.at_risk[inside], 0)
    events = np.where(table.times_us[inside] == times_us, table.events[inside, kind], 0)
    return events.astype(np.float64), at_risk.astype(np.float64)
