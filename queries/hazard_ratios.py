"""How much sooner it happens to those who met a touchpoint: Cox's hazard ratio, exactly.

Cox's partial likelihood of one yes-or-no exposure is, at each event, the chance that whoever it
happens to is one of the exposed: p = n1 r / (n1 r + n0), n1 and n0 being those still watched, r
the hazard ratio. That is a logistic regression with one number to find and the offset log(n1/n0),
a row for each event. So statsmodels' GLM solves it on counts, however many units there are, and
gives what its PHReg gives in minutes. Of d events at one moment, the k-th is taken from n - k d1/d
(Efron 1977, doi:10.1080/01621459.1977.10480613). With strata each has risk sets of its own.

Exposure is over when the watch begins, so it does not change with time; and who was watched for a
part of the horizon counts for that part.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journeygraph.errors import ConflictingOptionsError
from journeygraph.statistics.exposures import Exposures, follow_up
from journeygraph.statistics.loyalty import LoyaltyKind
from queries.intervals import normal_quantile
from queries.strata import Strata

__all__ = ["HazardRatio", "Hazards", "hazards_of"]

Int64Array = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]

EVENTS = {
    LoyaltyKind.REPEAT_PURCHASE: "the next outcome",
    LoyaltyKind.NO_CHURN: "being away for longer than the inactivity limit",
    LoyaltyKind.CHURN: "being away for longer than the inactivity limit",
}
"""What is waited for, by definition of loyalty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardRatio:
    """The hazard of the event for those who met a touchpoint, over that of the others.

    Attributes
    ----------
    value, low, high, p_value
        Wald's, on the logarithm; None where one side saw no event while the other was watched.
    units, exposed
        Units that were watched, and those of them that met it.
    events, exposed_events
        Of these, those to whom it happened.
    """

    value: float | None
    low: float | None
    high: float | None
    p_value: float | None
    units: int
    exposed: int
    events: int
    exposed_events: int


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Hazards:
    """All units in the order of stratum and time, so that risk sets are differences of places.

    Attributes
    ----------
    exposures
        Of everybody who was watched.
    ranks
        By unit, the place of its stratum and time among the distinct ones; -1 if not watched.
    sorted_ranks
        Ascending.
    stratum_ends
        By rank, the first rank of the next stratum.
    event_counts
        By rank.
    """

    exposures: Exposures
    are_events: npt.NDArray[np.bool_]
    ranks: Int64Array
    sorted_ranks: Int64Array
    stratum_ends: Int64Array
    event_counts: Int64Array

    def ratio(self, item: int, confidence: float) -> HazardRatio:
        """The hazard ratio of one item."""
        units = self.exposures.units_of(item)
        units = units[self.ranks[units] >= 0]
        happened = self.ranks[units[self.are_events[units]]]
        fit = self._fit(np.sort(self.ranks[units]), happened)
        value = low = high = p_value = None
        if fit is not None:
            logarithm, deviation, p_value = fit
            value, half = float(np.exp(logarithm)), normal_quantile(confidence) * deviation
            low, high = float(np.exp(logarithm - half)), float(np.exp(logarithm + half))
        return HazardRatio(
            value=value, low=low, high=high, p_value=p_value, units=len(self.sorted_ranks),
            exposed=len(units), events=int(self.event_counts.sum()), exposed_events=len(happened),
        )  # fmt: skip

    def _fit(self, exposed_ranks: Int64Array, happened: Int64Array) -> tuple[float, ...] | None:
        """Logarithm, its standard error, and p."""
        shares, offsets = self._rows(exposed_ranks, happened)
        if not 0 < shares.sum() < len(shares):
            return None
        from statsmodels.genmod.families import Binomial
        from statsmodels.genmod.generalized_linear_model import GLM

        model = GLM(shares, np.ones((len(shares), 1)), family=Binomial(), offset=offsets)
        found = model.fit(maxiter=100, tol=1e-12)
        return float(found.params[0]), float(found.bse[0]), float(found.pvalues[0])

    def _rows(
        self, exposed_ranks: Int64Array, happened: Int64Array
    ) -> tuple[FloatArray, FloatArray]:
        """A row for each event: the exposed among those of its moment, and log(n1 / n0)."""
        ranks = np.flatnonzero(self.event_counts)
        ends = self.stratum_ends[ranks]
        all_at_risk = _between(self.sorted_ranks, ranks, ends)
        exposed_at_risk = _between(exposed_ranks, ranks, ends)
        events = self.event_counts[ranks]
        exposed = np.bincount(happened, minlength=len(self.event_counts))[ranks]
        place = np.repeat(np.arange(len(ranks)), events)
        earlier = np.arange(len(place)) - np.repeat(np.cumsum(events) - events, events)
        gone = earlier / events[place]
        among = exposed_at_risk[place] - gone * exposed[place]
        others = (all_at_risk - exposed_at_risk)[place] - gone * (events - exposed)[place]
        both = (among > 0) & (others > 0)
        return (exposed / events)[place][both], np.log(among[both] / others[both])


def _between(ascending: Int64Array, starts: Int64Array, ends: Int64Array) -> Int64Array:
    """How many lie in [start, end)."""
    places = np.searchsorted(ascending, ends) - np.searchsorted(ascending, starts)
    return places.astype(np.int64)


def hazards_of(exposures: Exposures, strata: Strata) -> Hazards:
    """Order everybody who was watched by stratum and time.

    Raises
    ------
    ConflictingOptionsError
        Where loyalty is no event that happens at a time.
    """
    judged = exposures.judged
    if judged.rule.kind not in EVENTS:
        raise ConflictingOptionsError("hazard", f"loyalty by {judged.rule.kind}")
    durations_us, are_events = follow_up(judged)
    watched = np.flatnonzero(durations_us >= 0)
    order = watched[np.lexsort((durations_us[watched], strata.codes[watched]))]
    codes, times = strata.codes[order], durations_us[order]
    is_next = (np.diff(codes, prepend=-1) != 0) | (np.diff(times, prepend=-1) != 0)
    sorted_ranks = np.cumsum(is_next) - 1
    ranks = np.full(len(durations_us), -1, np.int64)
    ranks[order] = sorted_ranks
    n_ranks = int(sorted_ranks[-1]) + 1 if len(order) else 0
    codes_of_ranks = codes[is_next]
    return Hazards(
        exposures=exposures, are_events=are_events, ranks=ranks,
        sorted_ranks=sorted_ranks,
        stratum_ends=np.searchsorted(codes_of_ranks, codes_of_ranks, side="right"),
        event_counts=np.bincount(ranks[watched[are_events[watched]]], minlength=n_ranks),
    )  # fmt: skip
