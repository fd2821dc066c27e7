"""What can be asked of a touchpoint beyond its fourfold table, and who stands behind each count.

Everything here is made from one list of who met what, and only if it is asked for. The hazard
ratio is of listed touchpoints alone, each a regression; all else is counted for all touchpoints
at once, because a rate of false discoveries needs them all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.statistics.exposures import Exposures, exposures_of
from journeygraph.statistics.loyalty import JudgedUnits, LoyaltyKind
from queries.contrasts import odds_ratio, risk_difference
from queries.customer_lists import CustomerList, customers_of_units
from queries.dose import DoseTables, dose_tables, early, first_days_tables
from queries.fourfold import FourfoldTables
from queries.hazard_ratios import HazardRatio, Hazards, hazards_of
from queries.intervals import SMALL_GROUP, Estimate, wilson
from queries.permutation import Permuted, permute, validate_permutations
from queries.strata import Pooled, PooledTables, no_strata, pool, strata_of
from queries.value_contrasts import ValueContrast, ValueContrasts, value_contrasts

if TYPE_CHECKING:
    from queries.loyalty_touchpoints import LoyaltyTouchpoints

__all__ = ["Details", "DoseTrend", "LoyaltyDose", "LoyaltyFirstDays", "details_of"]

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class LoyaltyDose:
    """Units that met a touchpoint so often, and the loyal among them.

    Attributes
    ----------
    times
        How often: "0", "1", "3-5", "6+".
    units, loyal, rate, interval
        The rate with Wilson's interval; None where nobody met it so often.
    small
        Fewer than 30 units.
    """

    times: str
    units: int
    loyal: int
    rate: float | None
    interval: Estimate
    small: bool
    customers: CustomerList
    loyal_customers: CustomerList


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseTrend:
    """Cochran and Armitage's test of a trend over doses, each a step from the one before.

    Attributes
    ----------
    z
        Above 0 where more goes with more loyalty.
    p_value, q_value
        Two-sided; the rate of false discoveries over all touchpoints.
    """

    z: float
    p_value: float
    q_value: float


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class LoyaltyFirstDays:
    """A touchpoint met in the first days of a customer, and loyalty.

    Attributes
    ----------
    days
        Met less than so many days after the customer's first interaction.
    exposed, exposed_loyal, exposed_rate, unexposed_rate, risk_difference, odds_ratio
        As of the touchpoint; who met it later is unexposed.
    p_value, q_value
        As of the touchpoint, over all touchpoints by so many days.
    """

    days: int
    exposed: int
    exposed_loyal: int
    exposed_rate: float | None
    exposed_interval: Estimate
    unexposed_rate: float | None
    risk_difference: Estimate
    odds_ratio: Estimate
    p_value: float | None
    q_value: float | None
    customers: CustomerList


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Details:
    """What was asked for beyond fourfold tables; None where it was not."""

    exposures: Exposures | None = None
    pooled: PooledTables | None = None
    adjusted_for: tuple[str, ...] = ()
    doses: DoseTables | None = None
    first_days: tuple[tuple[int, FourfoldTables], ...] = ()
    hazards: Hazards | None = None
    permuted: Permuted | None = None
    values: ValueContrasts | None = None

    def mean_value(self, item: int, confidence: float) -> ValueContrast | None:
        """What units brought, on average."""
        return None if self.values is None else self.values.contrast(item, confidence)

    def adjusted(self, item: int, confidence: float) -> Pooled | None:
        """Compared within strata."""
        if self.pooled is None or not self.adjusted_for:
            return None
        return self.pooled.pooled(item, confidence)

    def dose(self, item: int, confidence: float) -> tuple[LoyaltyDose, ...]:
        """By how often it was met, never first."""
        if self.doses is None or self.exposures is None:
            return ()
        doses, exposures = self.doses, self.exposures.of_judged
        return tuple(
            _dose(doses, exposures, item, dose, confidence) for dose in range(len(doses.least))
        )

    def dose_trend(self, item: int) -> DoseTrend | None:
        """Whether more of it goes with more loyalty; None where there is no trend to see."""
        if self.doses is None or np.isnan(self.doses.p_values[item]):
            return None
        return DoseTrend(
            z=float(self.doses.z_values[item]),
            p_value=float(self.doses.p_values[item]),
            q_value=float(self.doses.q_values[item]),
        )

    def in_first_days(self, item: int, confidence: float) -> tuple[LoyaltyFirstDays, ...]:
        """By in how many first days it was met."""
        if self.exposures is None:
            return ()
        exposures = self.exposures.of_judged
        return tuple(
            _first_days(tables, exposures, item, days, confidence)
            for days, tables in self.first_days
        )

    def hazard_ratio(self, item: int, confidence: float) -> HazardRatio | None:
        """How much sooner it happens."""
        return None if self.hazards is None else self.hazards.ratio(item, confidence)

    def permutation_p(self, item: int) -> float | None:
        """Adjusted for looking at all touchpoints."""
        if self.permuted is None or np.isnan(self.permuted.p_values[item]):
            return None
        return float(self.permuted.p_values[item])

    def permutation_limit(self, confidence: float) -> float | None:
        """The largest |z| that chance reaches in all but a few permutations."""
        return None if self.permuted is None else self.permuted.limit(confidence)


def details_of(question: LoyaltyTouchpoints, judged: JudgedUnits) -> Details:
    """What the question asks for beyond fourfold tables.

    Raises
    ------
    InvalidOptionError, UnknownColumnError, ConflictingOptionsError
        Where an option cannot be used.
    """
    validate_permutations(question.permutations, question.seed)
    by_value = judged.rule.kind is LoyaltyKind.VALUE
    asked = (question.strata, question.dose, question.first_days, question.hazard, by_value)
    if not any(asked) and not question.permutations:
        return Details()
    exposures = exposures_of(judged, with_censored=question.hazard)
    of_judged, names = exposures.of_judged, tuple(question.strata or ())
    strata = no_strata(judged.journeys.n_units)
    if names:
        strata = strata_of(names, question.strata_bins, exposures)
    pooled = pool(of_judged, strata) if names or question.permutations else None
    permuted = None
    if pooled is not None and question.permutations:
        permuted = permute(of_judged, strata, pooled, question.permutations, question.seed)
    return Details(
        exposures=exposures,
        pooled=pooled,
        adjusted_for=strata.names,
        doses=dose_tables(of_judged, question.dose) if question.dose else None,
        first_days=_curve(of_judged, question.first_days or ()),
        hazards=hazards_of(exposures, strata) if question.hazard else None,
        permuted=permuted,
        values=value_contrasts(of_judged) if by_value else None,
    )


def _curve(exposures: Exposures, days: Sequence[int]) -> tuple[tuple[int, FourfoldTables], ...]:
    return tuple(first_days_tables(exposures, days)) if days else ()


def _who(exposures: Exposures, find: Callable[[], BoolArray]) -> CustomerList:
    """The customers of the judged units that `find` marks."""
    journeys = exposures.judged.journeys
    return CustomerList(
        journeys,
        lambda: customers_of_units(journeys, np.flatnonzero(find() & exposures.are_judged)),
    )


def _dose(
    doses: DoseTables, exposures: Exposures, item: int, dose: int, confidence: float
) -> LoyaltyDose:
    units, loyal = int(doses.units[item, dose]), int(doses.loyal[item, dose])
    interval = wilson(loyal, units, confidence)

    def met_so_often() -> BoolArray:
        times = np.zeros(len(exposures.are_judged), np.int64)
        pairs = exposures.items == item
        times[exposures.units[pairs]] = exposures.times[pairs]
        levels = np.searchsorted(doses.least, times, side="right") - 1
        return np.asarray(levels == dose)

    return LoyaltyDose(
        times=doses.label(dose),
        units=units,
        loyal=loyal,
        rate=interval.value,
        interval=interval,
        small=units < SMALL_GROUP,
        customers=_who(exposures, met_so_often),
        loyal_customers=_who(exposures, lambda: met_so_often() & exposures.are_loyal),
    )


def _first_days(
    tables: FourfoldTables, exposures: Exposures, item: int, days: int, confidence: float
) -> LoyaltyFirstDays:
    exposed, loyal = int(tables.sizes[item]), int(tables.sizes_hit[item])
    others, others_loyal = tables.units - exposed, tables.hits - loyal
    interval = wilson(loyal, exposed, confidence)
    is_tested = not np.isnan(tables.p_values[item])

    def met_early() -> BoolArray:
        found = np.zeros(len(exposures.are_judged), np.bool_)
        found[early(exposures, days).units_of(item)] = True
        return found

    return LoyaltyFirstDays(
        days=days,
        exposed=exposed,
        exposed_loyal=loyal,
        exposed_rate=interval.value,
        exposed_interval=interval,
        unexposed_rate=others_loyal / others if others else None,
        risk_difference=risk_difference(loyal, exposed, others_loyal, others, confidence),
        odds_ratio=odds_ratio(loyal, exposed, others_loyal, others, confidence),
        p_value=float(tables.p_values[item]) if is_tested else None,
        q_value=float(tables.q_values[item]) if is_tested else None,
        customers=_who(exposures, met_early),
    )
