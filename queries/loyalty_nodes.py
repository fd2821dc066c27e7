"""One touchpoint and loyalty: its fourfold table in every form, and who stands behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from journeygraph.kernels.loyalty import LOYAL, NOT_LOYAL
from journeygraph.statistics.loyalty import UNITS_JUDGED, UNITS_JUDGED_AND_EXPOSED, JudgedUnits
from queries.contrasts import lift, odds_ratio, phi, risk_difference
from queries.customer_lists import CustomerList
from queries.fourfold import FourfoldTables
from queries.hazard_ratios import HazardRatio
from queries.intervals import SMALL_GROUP, Estimate, wilson
from queries.loyalty_details import Details, DoseTrend, LoyaltyDose, LoyaltyFirstDays
from queries.strata import Pooled
from queries.value_contrasts import ValueContrast

__all__ = [
    "NEARLY_EVERYBODY",
    "SO_MUCH_LONGER",
    "LoyaltyFound",
    "LoyaltyTouchpoint",
    "customers_of",
    "touchpoint_of",
]

NEARLY_EVERYBODY = 0.95
"""A touchpoint that at least this share of the units met is flagged `forced`."""

SO_MUCH_LONGER = 2.0
"""A touchpoint whose exposed had this many times longer to meet anything is flagged `survivors`."""

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class LoyaltyTouchpoint:
    """One touchpoint: who met it before the first outcome, who did not, and who became loyal.

    Attributes
    ----------
    exposed, exposed_loyal, unexposed, unexposed_loyal
        Units.
    exposed_rate, unexposed_rate
        The loyal among them, with Wilson's interval in `…_interval`; None where there are none.
    lift
        The exposed rate over the base rate; its interval in `lift_interval`.
    risk_difference
        The exposed rate less the unexposed one, with Newcombe's interval.
    odds_ratio
        With Wald's interval on the logarithm.
    phi
        The correlation of having met it with being loyal.
    p_value
        Of Pearson's chi-square without correction, or of Fisher's exact test where a cell is
        expected to hold less than 5; None where there is nothing to compare.
    test
        "chi-square" or "exact"; None without a p value.
    untested
        Why there is no p value.
    q_value
        The false discovery rate at which it is still found, over all touchpoints with a p value.
    forced
        Nearly every unit met it: it may be a step that nobody can avoid.
    survivors
        Who met it had at least twice as long, on average, to meet anything: longer stays may be
        why they met it.
    small
        Fewer than 30 met it, or did not.
    adjusted
        Compared within strata; None where none are asked for.
    dose, dose_trend, first_days, hazard_ratio
        As asked for.
    mean_value
        Where loyalty is judged by value: means compared.
    permutation_p
        The share of permutations in which some touchpoint goes with loyalty as closely.
    customers, exposed_loyal_customers, unexposed_customers, unexposed_loyal_customers
        Who stands behind the counts.
    """

    touchpoint: str
    exposed: int
    exposed_loyal: int
    unexposed: int
    unexposed_loyal: int
    exposed_rate: float | None
    exposed_interval: Estimate
    unexposed_rate: float | None
    unexposed_interval: Estimate
    lift: float | None
    lift_interval: Estimate
    risk_difference: Estimate
    odds_ratio: Estimate
    phi: Estimate
    p_value: float | None
    test: str | None
    untested: str | None
    q_value: float | None
    forced: bool
    survivors: bool
    small: bool
    adjusted: Pooled | None
    dose: tuple[LoyaltyDose, ...]
    dose_trend: DoseTrend | None
    first_days: tuple[LoyaltyFirstDays, ...]
    hazard_ratio: HazardRatio | None
    permutation_p: float | None
    mean_value: ValueContrast | None
    customers: CustomerList
    exposed_loyal_customers: CustomerList
    unexposed_customers: CustomerList
    unexposed_loyal_customers: CustomerList


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class LoyaltyFound:
    """What was counted; `seconds` by item, how long its exposed could meet anything."""

    tables: FourfoldTables
    judged: JudgedUnits
    counts: list[int]
    seconds: npt.NDArray[np.int64]
    details: Details

    @property
    def of_survivors(self) -> BoolArray:
        """By item, whether who met it had so much longer to meet anything."""
        exposed = self.tables.sizes
        others = self.tables.units - exposed
        others_seconds = self.judged.sum_seconds() - self.seconds
        is_large = (exposed >= SMALL_GROUP) & (others >= SMALL_GROUP) & (self.seconds > 0)
        means = self.seconds / np.maximum(exposed, 1), others_seconds / np.maximum(others, 1)
        return is_large & (means[0] >= SO_MUCH_LONGER * means[1])


def customers_of(judged: JudgedUnits, *states: int) -> CustomerList:
    """Who stands behind units of some states."""
    return CustomerList.of(judged.journeys, UNITS_JUDGED, judged=judged, states=states)


def touchpoint_of(found: LoyaltyFound, item: int) -> LoyaltyTouchpoint:
    """What the answer shows of one item."""
    tables, judged, details = found.tables, found.judged, found.details
    confidence = judged.journeys.confidence
    exposed, exposed_loyal = int(tables.sizes[item]), int(tables.sizes_hit[item])
    unexposed, unexposed_loyal = tables.units - exposed, tables.hits - exposed_loyal
    rate = wilson(exposed_loyal, exposed, confidence)
    other_rate = wilson(unexposed_loyal, unexposed, confidence)
    cells = (exposed_loyal, exposed, unexposed_loyal, unexposed, confidence)
    lifted = lift(*cells)
    untested = _untested(tables, exposed, unexposed)
    is_tested = untested is None

    def who(is_exposed: bool, *states: int) -> CustomerList:
        return CustomerList.of(
            judged.journeys, UNITS_JUDGED_AND_EXPOSED, judged=judged, item=item,
            is_exposed=is_exposed, states=states,
        )  # fmt: skip

    return LoyaltyTouchpoint(
        touchpoint=judged.journeys.items[item],
        exposed=exposed,
        exposed_loyal=exposed_loyal,
        unexposed=unexposed,
        unexposed_loyal=unexposed_loyal,
        exposed_rate=rate.value,
        exposed_interval=rate,
        unexposed_rate=other_rate.value,
        unexposed_interval=other_rate,
        lift=lifted.value,
        lift_interval=lifted,
        risk_difference=risk_difference(*cells),
        odds_ratio=odds_ratio(*cells),
        phi=phi(*cells),
        p_value=float(tables.p_values[item]) if is_tested else None,
        test=("exact" if tables.are_exact[item] else "chi-square") if is_tested else None,
        untested=untested,
        q_value=float(tables.q_values[item]) if is_tested else None,
        forced=exposed > 0 and exposed >= NEARLY_EVERYBODY * tables.units,
        survivors=bool(found.of_survivors[item]),
        small=min(exposed, unexposed) < SMALL_GROUP,
        adjusted=details.adjusted(item, confidence),
        dose=details.dose(item, confidence),
        dose_trend=details.dose_trend(item),
        first_days=details.in_first_days(item, confidence),
        hazard_ratio=details.hazard_ratio(item, confidence),
        permutation_p=details.permutation_p(item),
        mean_value=details.mean_value(item, confidence),
        customers=who(True, NOT_LOYAL, LOYAL),
        exposed_loyal_customers=who(True, LOYAL),
        unexposed_customers=who(False, NOT_LOYAL, LOYAL),
        unexposed_loyal_customers=who(False, LOYAL),
    )


def _untested(tables: FourfoldTables, exposed: int, unexposed: int) -> str | None:
    reasons = (
        (tables.units == 0, "nobody was judged"),
        (exposed == 0, "nobody met it"),
        (unexposed == 0, "everybody met it"),
        (tables.hits == 0, "nobody was loyal"),
        (tables.hits == tables.units, "everybody was loyal"),
    )
    return next((reason for holds, reason in reasons if holds), None)
