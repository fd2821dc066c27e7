"""Which touchpoints go with loyalty: shares of those who met one and of those who did not.

It says "associated with", and means it: whoever was around for longer met more, and nothing is
adjusted for but what `strata` name. What is kept clean is: exposure ends before the first outcome,
loyalty is observed after it, whoever was not watched for the whole horizon is set apart, every
touchpoint that could be tested is tested, and the q values say how many of the discoveries are
false.

Touchpoints come by their p value, the smallest first; where p values are equal, and those of large
data are often too small to tell apart, by chi-square, the largest first; then by name. Those
that cannot be tested come last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from journeygraph.errors import InvalidOptionError
from journeygraph.kernels.loyalty import CENSORED, LOYAL, NOT_ELIGIBLE, NOT_LOYAL
from journeygraph.statistics.base import total
from journeygraph.statistics.loyalty import (
    UNITS_JUDGED,
    UNITS_JUDGED_AND_EXPOSED,
    JudgedUnits,
    LoyaltyKind,
    judge_units,
    loyalty_exposures,
)
from queries.contrasts import lift, odds_ratio, phi, risk_difference
from queries.customer_lists import CustomerList
from queries.fourfold import FourfoldTables, fourfold_tables
from queries.hazard_ratios import HazardRatio
from queries.intervals import SMALL_GROUP, Estimate, wilson
from queries.loyalty import Loyalty, compile_loyalty, loyalty_wording
from queries.loyalty_details import (
    Details,
    DoseTrend,
    LoyaltyDose,
    LoyaltyFirstDays,
    details_of,
)
from queries.outcomes import outcome_warnings
from queries.paging import PageInfo, page_bounds, page_info
from queries.strata import Pooled
from queries.value_contrasts import ValueContrast

if TYPE_CHECKING:
    from journeygraph.durations import Duration
    from journeygraph.journeys import Journeys

__all__ = [
    "NEARLY_EVERYBODY",
    "SO_MUCH_LONGER",
    "LoyaltyAnswer",
    "LoyaltyTouchpoint",
    "LoyaltyTouchpoints",
    "loyalty_touchpoints",
]

NEARLY_EVERYBODY = 0.95
"""A touchpoint that at least this share of the units met is flagged `forced`."""

SO_MUCH_LONGER = 2.0
"""A touchpoint whose exposed had this many times longer to meet anything is flagged `survivors`."""

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoyaltyTouchpoints:
    """Which touchpoints go with loyalty.

    Attributes
    ----------
    loyalty
        What loyal means.
    exposure_window
        Only what was met so long before the first outcome counts as exposure; all history
        otherwise.
    strata
        Compare like with like: "tenure" (from the customer's first interaction to the end of
        exposure), "exposure" (how many items were met), "channel" (of the first interaction), any
        attribute of customers, or any column, of the unit's first interaction.
    strata_bins
        Into how many bins of about equally many units tenure and exposure are cut.
    dose
        Shares by how often a touchpoint was met: the least number of times of each dose above 0,
        as (1, 2, 3, 6).
    first_days
        Count as exposure only what was met in so many first days of the customer; one number or
        several.
    hazard
        Cox's hazard ratio of the time to the event, within strata if there are any.
    permutations
        How often to permute who is loyal, within strata if there are any; 0 for not.
    seed
        Of the permutations.
    first, after
        How many touchpoints, and behind which cursor.
    at_least
        Hide touchpoints that fewer units met; it changes no q value.
    """

    loyalty: Loyalty
    exposure_window: Duration | None = None
    strata: Sequence[str] | None = None
    strata_bins: int = 5
    dose: Sequence[int] | None = None
    first_days: Sequence[int] | None = None
    hazard: bool = False
    permutations: int = 0
    seed: int = 0
    first: int = 10
    after: str | None = None
    at_least: int = 1


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
class LoyaltyAnswer:
    """Which touchpoints go with loyalty.

    Attributes
    ----------
    units, loyal
        Units that were judged, and the loyal among them.
    base_rate, base_rate_interval
        The loyal among the judged; None where nobody was judged.
    censored
        Units with the index event whose horizon is not over at `asOf`: judged neither way.
    not_eligible
        Units without the index event, or of whom the column says nothing.
    tested
        Touchpoints with a p value: over so many the q values control the false discoveries.
    loyalty
        What loyal means, in a sentence.
    wording
        How a finding is to be read.
    adjusted_for
        What else was held equal: the strata, in words.
    permutation_limit
        The largest |z| of any touchpoint that chance alone reaches in at most 1 - confidence of
        the permutations.
    warnings
        What to be careful about in this answer.
    customers, loyal_customers, censored_customers, not_eligible_customers
        Who stands behind the counts.
    """

    units: int
    loyal: int
    base_rate: float | None
    base_rate_interval: Estimate
    censored: int
    not_eligible: int
    tested: int
    loyalty: str
    wording: str = "associated with"
    adjusted_for: tuple[str, ...] = ()
    permutation_limit: float | None = None
    warnings: tuple[str, ...]
    nodes: tuple[LoyaltyTouchpoint, ...]
    page_info: PageInfo
    customers: CustomerList = field(repr=False)
    loyal_customers: CustomerList = field(repr=False)
    censored_customers: CustomerList = field(repr=False)
    not_eligible_customers: CustomerList = field(repr=False)


def loyalty_touchpoints(question: LoyaltyTouchpoints, journeys: Journeys) -> LoyaltyAnswer:
    """Answer the question, the surest association first.

    The unit is that of the journeys. A journey is judged on all that its customer does after it.
    Who met what is no question of order: a tolerance makes no sets here.

    Raises
    ------
    InvalidOptionError, ConflictingOptionsError, UnknownColumnError, UnknownValueError
        Where the definition of loyalty cannot be used.
    """
    if question.at_least < 0:
        raise InvalidOptionError("at_least", question.at_least, "a whole number, 0 or more")
    journeys = journeys.apart()
    rule = compile_loyalty(question.loyalty, question.exposure_window, journeys)
    judged = judge_units(journeys, rule)
    counts = judged.count_states()
    met = total(loyalty_exposures, journeys, judged=judged)
    tables = fourfold_tables(
        counts[LOYAL] + counts[NOT_LOYAL],
        counts[LOYAL],
        met["exposed"].to_numpy(),
        met["exposed_loyal"].to_numpy(),
    )
    seconds = met["exposed_seconds"].to_numpy()
    found = _Found(tables=tables, judged=judged, counts=counts, seconds=seconds,
                   details=details_of(question, judged))  # fmt: skip
    ranking = tables.ranking(journeys.items, question.at_least)
    start, end = page_bounds(len(ranking), question.first, question.after)
    base = wilson(tables.hits, tables.units, journeys.confidence)
    return LoyaltyAnswer(
        units=tables.units,
        loyal=tables.hits,
        base_rate=base.value,
        base_rate_interval=base,
        censored=counts[CENSORED],
        not_eligible=counts[NOT_ELIGIBLE],
        tested=tables.n_tested,
        loyalty=loyalty_wording(question.loyalty, rule, journeys),
        adjusted_for=found.details.adjusted_for,
        permutation_limit=found.details.permutation_limit(journeys.confidence),
        warnings=tuple(_warnings(found)),
        nodes=tuple(_touchpoint(found, item) for item in ranking[start:end].tolist()),
        page_info=page_info(len(ranking), start, end),
        customers=_customers(judged, NOT_LOYAL, LOYAL),
        loyal_customers=_customers(judged, LOYAL),
        censored_customers=_customers(judged, CENSORED),
        not_eligible_customers=_customers(judged, NOT_ELIGIBLE),
    )


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class _Found:
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


def _customers(judged: JudgedUnits, *states: int) -> CustomerList:
    return CustomerList.of(judged.journeys, UNITS_JUDGED, judged=judged, states=states)


def _touchpoint(found: _Found, item: int) -> LoyaltyTouchpoint:
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


def _warnings(found: _Found) -> Iterator[str]:
    tables, judged, censored = found.tables, found.judged, found.counts[CENSORED]
    journeys, kind = judged.journeys, judged.rule.kind
    if kind is LoyaltyKind.COLUMN:
        yield (
            "The exposure may follow the outcome: the column does not say since when it holds, "
            "so everything that a customer met counts as exposure."
        )
    else:
        yield from outcome_warnings(journeys)
    if kind is LoyaltyKind.CHURN:
        yield (
            "What is counted as loyal are those who left: an odds ratio above 1 goes with leaving."
        )
    if kind is LoyaltyKind.ACTIVE and not journeys.graph.says("initiator"):
        yield "No interaction says who began it, so all count as begun by the customer."
    if min(tables.hits, tables.units - tables.hits) < SMALL_GROUP:
        yield (
            f"Of the {tables.units} units judged, {tables.hits} are loyal: fewer than "
            f"{SMALL_GROUP} on one side cannot tell touchpoints apart."
        )
    if censored > tables.units:
        yield (
            f"More units are censored ({censored}) than judged ({tables.units}): those "
            "judged are the early ones. Ask for a shorter horizon."
        )
    yield from _warnings_of_touchpoints(found)


def _warnings_of_touchpoints(found: _Found) -> Iterator[str]:
    tables = found.tables
    forced = np.flatnonzero(tables.sizes >= max(1.0, NEARLY_EVERYBODY * tables.units))
    if len(forced):
        yield (
            f"Nearly everybody met {_largest(found, forced)}: a step that is forced, or nearly "
            "so, leaves hardly anybody to compare with."
        )
    survivors = np.flatnonzero(found.of_survivors)
    if len(survivors):
        yield (
            f"Who met {_largest(found, survivors)} had at least twice as long to meet anything: "
            "perhaps only those who stay meet it. Compare like with like: strata tenure."
        )


def _largest(found: _Found, items: npt.NDArray[np.intp]) -> str:
    """The names of the three that most units met, and how many more there are."""
    names = found.judged.journeys.items
    ranked = sorted(items.tolist(), key=lambda item: (-found.tables.sizes[item], names[item]))
    more = f" and {len(ranked) - 3} more" if len(ranked) > 3 else ""
    return ", ".join(repr(names[item]) for item in ranked[:3]) + more
